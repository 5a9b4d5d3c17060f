"""Segments: append-only files of framed records.

A frame is a 4-byte length, a 4-byte CRC-32 of the record (both little-endian), and the record.
A reader accepts every complete frame. At an incomplete one, it looks for the next complete one: if
it finds one, the bytes between are damaged; otherwise a crash truncated the file there. A writer
never appends to an existing file; it opens the next number.

Next to every segment, a small file says how much of it was acknowledged, so that a segment
that was truncated later is noticed.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zlib import crc32

from footfall.model.record import RECORD_START

FRAME = struct.Struct("<II")
_MARK = struct.Struct("<QI")
MAX_RECORD_BYTES = 64 * 1024 * 1024


class Position(NamedTuple):
    """A place in one writer's journal: everything before it has been read."""

    segment: int
    offset: int


START = Position(0, 0)


def frame(record: bytes) -> bytes:
    return FRAME.pack(len(record), crc32(record)) + record


def segment_path(folder: Path, number: int) -> Path:
    return folder / f"{number:012}.log"


def mark_path(folder: Path, number: int) -> Path:
    return folder / f"{number:012}.acknowledged"


def encode_mark(end: int) -> bytes:
    """The content of a segment's mark: how many of its bytes were acknowledged."""
    return _MARK.pack(end, crc32(end.to_bytes(8, "little")))


def read_mark(folder: Path, number: int) -> int | None:
    """How many bytes of a segment were acknowledged; None if its mark is missing or damaged.

    After a power cut this may be less than what was acknowledged, never more.
    """
    return _read_mark(mark_path(folder, number))


def _read_mark(path: Path) -> int | None:
    try:
        content = path.read_bytes()
        end, _ = _MARK.unpack(content)
    except (FileNotFoundError, struct.error):
        return None
    return end if encode_mark(end) == content else None


def writer_folders(journal: Path, prefix: str = "") -> list[Path]:
    """The folders of writers with this prefix, sorted, without the files beside them."""
    return sorted(path for path in journal.glob(f"{prefix}*") if path.is_dir())


def begun_path(folder: Path) -> Path:
    """A file beside a writer's folder with the number of its newest segment. Without it, a folder
    that was deleted before it was loaded would not be missed."""
    return folder.with_name(f"{folder.name}.begun")


def newest_begun(folder: Path) -> int:
    """The number of the newest segment that a writer has ever begun; 0 if unknown."""
    return _read_mark(begun_path(folder)) or 0


def segment_numbers(folder: Path) -> list[int]:
    """Numbers of a writer's segments, ascending; [] if there is no such folder."""
    return _numbers(folder, {".log"})


def known_numbers(folder: Path) -> list[int]:
    """Like `segment_numbers`, with segments that are missing but have a mark."""
    return _numbers(folder, {".log", ".acknowledged"})


def newest_number(folder: Path) -> int:
    """The greatest of `known_numbers`; 0 if there are none."""
    return max(known_numbers(folder), default=0)


def _numbers(folder: Path, suffixes: set[str]) -> list[int]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix in suffixes]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted({int(path.stem) for path in paths if path.stem.isdecimal()})


@contextmanager
def writer_lock(folder: Path) -> Iterator[bool]:
    """Lock a writer's folder; False if another process has locked it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        yield take_lock(handle)
    finally:
        os.close(handle)


def take_lock(handle: int) -> bool:
    """Lock an open file or folder for this process until the handle is closed."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Frames(NamedTuple):
    """The records that were read from a segment."""

    records: list[bytes]
    offsets: list[int]  # where each record's frame begins
    damaged: list[tuple[int, int]]  # ranges without a complete record, each followed by one
    end: int  # the offset after the last record


def read_frames(path: Path, offset: int, limit_bytes: int) -> Frames:
    """Complete records from `offset` on, about `limit_bytes`.

    Unreadable bytes are skipped if a complete record follows. Otherwise they are the tail of an
    interrupted write, and `end` is before them. Raises FileNotFoundError, OSError.
    """
    frames = Frames([], [], [], offset)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while frames.end < size and frames.end - offset < limit_bytes:
            before = frames.end
            frames = _read_run(file, frames, limit_bytes - (before - offset))
            if frames.end == before:
                following = _find_record(file, before + 1)
                if following is None:
                    break
                frames.damaged.append((before, following))
                frames = frames._replace(end=following)
    return frames


def _read_run(file: BinaryIO, frames: Frames, limit_bytes: int) -> Frames:
    """Add the complete records that directly follow the end of `frames`."""
    file.seek(frames.end)
    data = file.read(max(limit_bytes, FRAME.size))  # less would look like the segment's end
    if len(data) >= FRAME.size:
        length, _ = FRAME.unpack_from(data)
        missing = FRAME.size + length - len(data)
        if 0 < missing <= MAX_RECORD_BYTES:
            data += file.read(missing)
    at = 0
    while (record := _record_at(data, at)) is not None:
        frames.records.append(record)
        frames.offsets.append(frames.end + at)
        at += FRAME.size + len(record)
    return frames._replace(end=frames.end + at)


def _find_record(file: BinaryIO, offset: int) -> int | None:
    """Where the frame of the next complete record begins, regardless of the lengths before it."""
    file.seek(offset)
    data = file.read()
    for match in RECORD_START.finditer(data, FRAME.size):
        at = match.start() - FRAME.size
        if _record_at(data, at) is not None:
            return offset + at
    return None


def _record_at(data: bytes, at: int) -> bytes | None:
    """The record whose frame begins there; None if it is incomplete."""
    if at + FRAME.size > len(data):
        return None
    length, checksum = FRAME.unpack_from(data, at)
    if not length or at + FRAME.size + length > len(data):
        return None  # no record is empty: a power cut leaves zeros
    record = data[at + FRAME.size : at + FRAME.size + length]
    return record if crc32(record) == checksum else None
