"""The file: its content's digest and its lines, plain or gzip, in bounded memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from footfall.model.errors import BadRequest

MAX_LINE_BYTES = 32 * 1024
_BLOCK_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"

OnBytes = Callable[[int], None]
"""Told how many bytes of the file have been read so far."""


class Content(NamedTuple):
    """What a file holds, unpacked: a log and the same log gzipped have one digest."""

    digest: str  # SHA-256, hex
    size: int


def examine(path: Path, on_bytes: OnBytes) -> Content:
    """Read the whole file once. Raises BadRequest where it cannot be read to its end."""
    digest = sha256()
    size = 0
    with _open(path) as (file, stream):
        try:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
                size += len(block)
                on_bytes(file.tell())
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadRequest(
                f"{path} is a damaged or unfinished gzip file ({error}); nothing was imported",
                field="file",
            ) from error
    return Content(digest.hexdigest(), size)


def read_lines(path: Path, content: Content, on_bytes: OnBytes) -> Iterator[bytes]:
    """The lines of what `examine` saw, without line ends, even if the file has grown since.

    A line longer than MAX_LINE_BYTES comes as its beginning.
    """
    left = content.size
    with _open(path) as (file, stream):
        while left > 0 and (line := stream.readline(min(MAX_LINE_BYTES, left))):
            left -= len(line)
            rest = line
            while not rest.endswith(b"\n") and left > 0:
                rest = stream.readline(min(MAX_LINE_BYTES, left))
                if not rest:
                    break
                left -= len(rest)
            on_bytes(file.tell())
            yield line.rstrip(b"\r\n")
    if left > 0:
        raise BadRequest(f"{path} got shorter while it was read; run the import again")


@contextmanager
def _open(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file itself (for its position) and its unpacked content."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}", field="file") from error
    with file:
        magic = file.read(len(_GZIP_MAGIC))
        file.seek(0)
        if magic != _GZIP_MAGIC:
            yield file, file
            return
        with gzip.open(file) as stream:
            yield file, cast(BinaryIO, stream)
