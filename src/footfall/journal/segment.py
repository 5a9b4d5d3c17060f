"""Segments: append-only files of framed records.

A frame is a 4-byte length, a 4-byte CRC-32 of the record (both little-endian), and the record.
A reader takes every whole frame and stops at the first torn one: that is where a crash cut the
file. A writer never appends to a file that it found; it opens the next number.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

FRAME = struct.Struct("<II")
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


def segment_numbers(folder: Path) -> list[int]:
    """Numbers of a writer's segments, ascending; [] where there is no such folder."""
    try:
        return sorted(int(path.stem) for path in folder.iterdir() if path.suffix == ".log")
    except FileNotFoundError:
        return []


@contextmanager
def writer_lock(folder: Path) -> Iterator[bool]:
    """Hold a writer's folder: True where no other process holds it."""
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
    """Lock an open file or folder for this process; it is given back when the handle closes."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_frames(path: Path, offset: int, limit_bytes: int) -> tuple[list[bytes], int]:
    """Whole records from `offset` on, about `limit_bytes`, and the offset after the last."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(max(limit_bytes, FRAME.size))  # less would look like the segment's end
        if len(data) >= FRAME.size:
            length, _ = FRAME.unpack_from(data)
            missing = FRAME.size + length - len(data)
            if 0 < missing <= MAX_RECORD_BYTES:
                data += file.read(missing)
    records = []
    taken = 0
    for record in _whole_records(data):
        records.append(record)
        taken += FRAME.size + len(record)
    return records, offset + taken


def _whole_records(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + FRAME.size <= len(data):
        length, checksum = FRAME.unpack_from(data, at)
        if not length:  # no record is empty: these are zeros that a power cut left
            return
        record = data[at + FRAME.size : at + FRAME.size + length]
        if len(record) < length or crc32(record) != checksum:
            return
        yield record
        at += FRAME.size + length
