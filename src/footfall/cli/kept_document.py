"""The OpenAPI document, kept from one `footfall report` to the next.

The options of reports derive from it, and to make it imports the whole server: a second of a core.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

import footfall
from footfall.durable import write_whole
from footfall.model.json_text import MALFORMED
from footfall.serve.mcp.schema import made_document, take_document_from

MAX_KEPT = 4  # of other versions, which may be used in turn


def keep_document() -> None:
    """Let reports in this process use the document that was kept."""
    take_document_from(lambda: kept_document(cache_folder()))


def kept_document(folder: Path) -> Any:
    """The document of exactly this program: from the folder or, if it is not there, made and
    kept. A folder that cannot be used is no error."""
    file = folder / f"openapi-{_fingerprint()}.json"
    with suppress(OSError, *MALFORMED):
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    content = msgspec.json.encode(made_document())
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for older in sorted(folder.glob("openapi-*.json"), key=_changed_at)[:-MAX_KEPT]:
            older.unlink()
        write_whole(file, content)
    return msgspec.json.decode(content)


def cache_folder() -> Path:
    """The folder for what can be made again, by the XDG rules."""
    folder = os.environ.get("XDG_CACHE_HOME", "")
    # the specification says to ignore a relative path
    base = folder if folder.startswith("/") else os.path.expanduser("~/.cache")  # noqa: PTH111
    return Path(base) / "footfall"


def _fingerprint() -> str:
    """Another one after any change of the program's files."""
    files = "\n".join(sorted(_files(str(Path(footfall.__file__).parent))))
    text = f"{footfall.__version__} {sys.version}\n{files}"
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".tsv")):  # the registries, too
                known = entry.stat()
                yield f"{entry.path} {known.st_size} {known.st_mtime_ns}"


def _changed_at(file: Path) -> int:
    return file.stat().st_mtime_ns
