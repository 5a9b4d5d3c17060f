"""Blanking: making unreadable what the store has of a segment that is still being written."""

import os
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from footfall.journal.reader import ONE_OFF_PREFIX, Positions
from footfall.journal.segment import FRAME, segment_path


def blank_read(folder: Path, positions: Positions) -> None:
    """Overwrite the records before `positions` with zeros, in place. Raises OSError.

    Frames keep their place and get the zeros' checksum, so that whoever reads from the start still
    finds the way. A job's last record stays: it says where the job goes on.
    """
    for writer, position in positions.items():
        with suppress(FileNotFoundError):  # loaded and removed just now
            _blank(
                segment_path(folder / writer, position.segment),
                position.offset,
                keeps_last=writer.startswith(ONE_OFF_PREFIX),
            )


def _blank(path: Path, end: int, *, keeps_last: bool) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        at = 0
        while at < end:
            length, _ = FRAME.unpack(os.pread(file, FRAME.size, at))
            after = at + FRAME.size + length
            if after < end or not keeps_last:
                zeros = bytes(length)
                os.pwrite(file, FRAME.pack(length, crc32(zeros)) + zeros, at)
            at = after
        os.fsync(file)
    finally:
        os.close(file)
