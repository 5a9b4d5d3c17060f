"""The file: its content's digest and its lines, plain or packed, in bounded memory."""

import codecs
import zlib
from bz2 import BZ2File
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from hashlib import sha256
from io import BufferedReader, RawIOBase
from lzma import LZMADecompressor, LZMAError
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, BinaryIO, NamedTuple, cast

import zstandard

from footfall.model.errors import BadRequest

MAX_LINE_BYTES = 128 * 1024
_BLOCK_BYTES = 1024 * 1024
_DAMAGED = (EOFError, OSError, zlib.error, LZMAError, zstandard.ZstdError)

OnBytes = Callable[[int], None]
"""Called with how many bytes of the file have been read so far."""


class Content(NamedTuple):
    """What a file holds, unpacked: a log and the same log gzipped have one digest."""

    digest: str  # SHA-256, hex
    size: int


class _Packing(NamedTuple):
    """A compression format, recognized by its first bytes."""

    name: str
    magic: bytes
    unpack: Callable[[BinaryIO], Iterator[bytes]] | None  # None: we do not read it


class _Pieces(RawIOBase):
    """Pieces of bytes as a file that can be read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count


def file_size(path: Path) -> int:
    """In bytes. Raises BadRequest for what is not a regular file: opening a pipe could block for
    ever, and the file is read twice."""
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    if S_ISREG(status.st_mode):
        return status.st_size
    kind = "a folder" if S_ISDIR(status.st_mode) else "a pipe or a device"
    raise BadRequest(
        f"cannot read {path}: it is {kind}, and the file is read twice; give a regular file",
        field="file",
    )


class LogFile:
    """A log that is read several times, and stays open between: a log rotation may put another file
    in its place meanwhile. Only one reading at a time."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file

    def examine(self, on_bytes: OnBytes) -> Content:
        """Read the whole file once. Raises BadRequest where it cannot be read to its end."""
        digest = sha256()
        size = 0
        for piece in self._pieces():
            digest.update(piece)
            size += len(piece)
            on_bytes(self._file.tell())
        return Content(digest.hexdigest(), size)

    def lines(self, content: Content, on_bytes: OnBytes) -> Iterator[bytes]:
        """The lines of what `examine` saw, as UTF-8 without line ends, even if the file has grown.

        A line longer than MAX_LINE_BYTES comes as its beginning. Raises BadRequest at the end if
        the content has changed.
        """
        text = _as_utf8(_same_bytes(self._pieces(), content, self.path))
        stream = BufferedReader(_Pieces(text), _BLOCK_BYTES)
        while line := stream.readline(MAX_LINE_BYTES):
            rest = line
            while not rest.endswith(b"\n") and (rest := stream.readline(MAX_LINE_BYTES)):
                pass
            on_bytes(self._file.tell())
            yield line.rstrip(b"\r\n")

    def _pieces(self) -> Iterator[bytes]:
        """The unpacked content."""
        self._file.seek(0)
        begin = _read(self._file, 8, self.path)
        self._file.seek(0)
        packing = next((row for row in _PACKINGS if begin.startswith(row.magic)), None)
        if packing is None:
            return _plain(self._file, self.path)
        if packing.unpack is None:
            raise BadRequest(
                f"{self.path} is a {packing.name} file; unpack it and import the log in it",
                field="file",
            )
        return _whole(packing.unpack(self._file), self.path, packing.name)


@contextmanager
def open_log(path: Path) -> Iterator[LogFile]:
    """Raises BadRequest for what is not a regular file or cannot be opened."""
    file_size(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield LogFile(path, file)


def _same_bytes(pieces: Iterator[bytes], content: Content, path: Path) -> Iterator[bytes]:
    """As many bytes as there were. Raises BadRequest if they are other ones."""
    digest, size = sha256(), content.size
    while size > 0:
        piece = next(pieces, b"")[:size]
        if not piece:
            raise BadRequest(f"{path} got shorter while it was read; run the import again")
        size -= len(piece)
        digest.update(piece)
        yield piece
    if digest.hexdigest() != content.digest:
        raise BadRequest(f"{path} was changed while it was read; run the import again")


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The text without a byte order mark; UTF-16, which some Windows servers write, as UTF-8."""
    first = next(pieces, b"")
    while 0 < len(first) < 4 and (more := next(pieces, b"")):
        first += more
    if first.startswith(codecs.BOM_UTF8):
        first = first.removeprefix(codecs.BOM_UTF8)
    elif encoding := _utf_16(first):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        yield decoder.decode(first).removeprefix("\ufeff").encode("utf-8", "replace")
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
        return
    yield first
    yield from pieces


def _utf_16(begin: bytes) -> str:
    """Its byte order by the mark or, of ASCII text, by the zeros; '' if it is not UTF-16."""
    zeros = [byte == 0 for byte in begin[:4]]
    if begin.startswith(codecs.BOM_UTF16_LE) or zeros == [False, True, False, True]:
        return "utf-16-le"
    if begin.startswith(codecs.BOM_UTF16_BE) or zeros == [True, False, True, False]:
        return "utf-16-be"
    return ""


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK_BYTES):
        yield block


def _plain(file: BinaryIO, path: Path) -> Iterator[bytes]:
    while block := _read(file, _BLOCK_BYTES, path):
        yield block


def _read(file: BinaryIO, size: int, path: Path) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> BadRequest:
    return BadRequest(f"cannot read {path}: {error.strerror}", field="file")


def _ungzip(file: BinaryIO) -> Iterator[bytes]:
    with GzipFile(fileobj=file) as stream:
        yield from _blocks(cast(BinaryIO, stream))


def _unbzip2(file: BinaryIO) -> Iterator[bytes]:
    with BZ2File(file) as stream:
        yield from _blocks(cast(BinaryIO, stream))


def _unxz(file: BinaryIO) -> Iterator[bytes]:
    """Every stream of an xz file. Behind a stream there may be zeros, as xz's format allows."""
    return _unpack_frames(file, "stream", LZMADecompressor, padding=b"\0")


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor()
    return _unpack_frames(file, "frame", unpacker.decompressobj)


def _unpack_frames(
    file: BinaryIO, name: str, new_unpacker: Callable[[], Any], padding: bytes = b""
) -> Iterator[bytes]:
    """Every packed part of a file. Raises EOFError where the last one is cut off."""
    unpacker = new_unpacker()
    is_begun = False
    while block := file.read(_BLOCK_BYTES // 8):
        while block := block if is_begun or not padding else block.lstrip(padding):
            is_begun = True
            if piece := unpacker.decompress(block):
                yield piece
            block = unpacker.unused_data if unpacker.eof else b""
            if unpacker.eof:
                unpacker, is_begun = new_unpacker(), False
    if is_begun:
        raise EOFError(f"the file ended before the end of its last {name}")


_PACKINGS = (
    _Packing("gzip", b"\x1f\x8b", _ungzip),
    _Packing("bzip2", b"BZh", _unbzip2),
    _Packing("xz", b"\xfd7zXZ\0", _unxz),
    _Packing("zstd", b"\x28\xb5\x2f\xfd", _unzstd),
    _Packing("zstd", b"\x50\x2a\x4d\x18", _unzstd),  # begins with a frame that holds no data
    _Packing("zip", b"PK\x03\x04", None),
    _Packing("7z", b"7z\xbc\xaf\x27\x1c", None),
    _Packing("rar", b"Rar!\x1a\x07", None),
    _Packing("lz4", b"\x04\x22\x4d\x18", None),
    _Packing("compress (.Z)", b"\x1f\x9d", None),
)


def _whole(pieces: Iterator[bytes], path: Path, packing: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except _DAMAGED as error:
        raise BadRequest(
            f"{path} is a damaged or unfinished {packing} file ({error}); nothing was imported",
            field="file",
        ) from error
