"""`footfall skill`: the skill for assistants, put where their programs look for it."""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from footfall.durable import write_whole
from footfall.model.errors import BadRequest, FootfallError, NotFound
from footfall.serve.openapi.skill import FOLDER, is_address, skill_text

app = App(name="skill", help="Teach an assistant to use a server, without MCP.")
console = Console(highlight=False)

NAME = "footfall"
RECORD = ".installed.json"


class _Installed(msgspec.Struct, frozen=True):
    """What the file RECORD remembers of a folder."""

    url: str = ""  # the server's address that was filled in
    sums: dict[str, str] = {}  # checksums by file: other content was changed by somebody


Program = Literal["claude", "codex", "openclaw"]
_SKILLS: Mapping[Program, tuple[str, ...]] = {
    "claude": (".claude", "skills"),
    "codex": (".agents", "skills"),
    "openclaw": (".openclaw", "skills"),
}
"""Where each program looks for skills, below the home folder."""
_HOMES: Mapping[Program, str] = {"claude": ".claude", "codex": ".codex", "openclaw": ".openclaw"}
"""The folder that shows that a program is used."""


@app.command
def install(
    *,
    program: Annotated[
        list[Program] | None,
        Parameter(
            name="--for",
            negative=(),
            help="The assistant's program. [default: every one that has a folder in your home]",
        ),
    ] = None,
    to: Annotated[Path | None, Parameter(help="A folder of skills, for any other program.")] = None,
    url: Annotated[
        str | None,
        Parameter(help="The server's address, to be filled in. [default: that of the last time]"),
    ] = None,
    dry_run: Annotated[
        bool, Parameter(negative=(), help="Only print what would be written.")
    ] = False,
    force: Annotated[
        bool, Parameter(negative=(), help="Also overwrite files that were changed.")
    ] = False,
) -> None:
    """Write the skill to the folders in which programs look for skills.

    Run it again after an update of Footfall. Files that somebody has changed are left alone,
    unless you pass --force.
    """
    if url is not None and not is_address(url.rstrip("/")):
        raise BadRequest(f"--url {url!r} is not an address such as https://stats.example.com")
    copies = [_copy(each / NAME, (url or "").rstrip("/")) for each in _folders(program or [], to)]
    if not force and (changed := [name for each in copies for name in each.changed()]):
        listed = "\n".join(f"  {name}" for name in changed)
        raise FootfallError(f"these files were changed; --force overwrites them:\n{listed}")
    for copy in copies:
        if not dry_run:
            copy.write()
        for name in copy.files:
            console.print(f"{copy.folder / name}", soft_wrap=True)
    if dry_run:
        console.print("Nothing was written.")


class _Copy(msgspec.Struct, frozen=True):
    """The skill in one folder, as it is to be written."""

    folder: Path
    url: str
    files: dict[str, bytes]
    before: _Installed

    def changed(self) -> Iterator[Path]:
        """The files that are neither what would be written nor what was installed."""
        for name, content in self.files.items():
            path, known = self.folder / name, (_sum(content), self.before.sums.get(name))
            if path.exists() and _sum(path.read_bytes()) not in known:
                yield path

    def write(self) -> None:
        for name, content in self.files.items():
            _write(self.folder / name, content)
        sums = {name: _sum(content) for name, content in self.files.items()}
        _write(self.folder / RECORD, msgspec.json.encode(_Installed(self.url, sums)))


def _copy(folder: Path, url: str) -> _Copy:
    """Without `url`, with the address that the folder's files have."""
    before = _installed(folder)
    url = url or before.url
    return _Copy(folder, url, dict(_files(url)), before)


def _installed(folder: Path) -> _Installed:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=_Installed)
    except (OSError, msgspec.MsgspecError):
        return _Installed()


def _folders(programs: list[Program], to: Path | None) -> list[Path]:
    """The folders of skills to write to."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 – Path.home() ignores an empty HOME
    if to is not None:
        return [to, *(home.joinpath(*_SKILLS[each]) for each in programs)]
    found = programs or [each for each in get_args(Program) if (home / _HOMES[each]).is_dir()]
    if not found:
        raise NotFound(
            f"none of {', '.join(get_args(Program))} has a folder in {home}: say which with --for,"
            " or where with --to"
        )
    return [home.joinpath(*_SKILLS[each]) for each in found]


def _files(address: str) -> Iterator[tuple[str, bytes]]:
    """The skill's files by their path in its folder."""
    yield "SKILL.md", skill_text(address).encode()
    for file in sorted((FOLDER / "references").iterdir(), key=_name):
        yield f"references/{file.name}", file.read_bytes()


def _name(file: Traversable) -> str:
    return file.name


def _sum(content: bytes) -> str:
    return sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)  # half a file would be taken for one that somebody has changed
