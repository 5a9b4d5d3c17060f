"""Blanking: overwriting the loaded records of a segment that is still being written."""

import os
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from footfall.journal.reader import ONE_OFF_PREFIX, Positions
from footfall.journal.segment import FRAME, Frames, read_frames, segment_path, writer_lock
from footfall.model.json_text import MALFORMED
from footfall.model.record import CountsRecord, EventsRecord, decode_record, encode_record


def blank_read(folder: Path, positions: Positions) -> None:
    """Overwrite the records before `positions` with zeros, in place. Raises OSError.

    Frames keep their place and get the zeros' checksum, so that the segment can still be read from
    its start. A job's last record keeps its `lines_done`, which says where the job continues.
    """
    for writer, position in positions.items():
        with (
            suppress(FileNotFoundError),  # it was loaded and removed just now
            writer_lock(folder / writer),  # a job that is resumed reads its last record
        ):
            _blank(
                segment_path(folder / writer, position.segment),
                position.offset,
                keeps_last=writer.startswith(ONE_OFF_PREFIX),
            )


def _blank(path: Path, end: int, *, keeps_last: bool) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        frames = read_frames(path, 0, end) if end else Frames([], [], [], 0)
        for start, after in frames.damaged:
            _overwrite(file, start, bytes(after - start - FRAME.size))
        for at, record in zip(frames.offsets, frames.records, strict=True):
            if at < end:
                keeps = keeps_last and at + FRAME.size + len(record) >= end
                _overwrite(file, at, _emptied(record) if keeps else bytes(len(record)))
        if (cut_off := min(end, os.fstat(file).st_size) - frames.end) > 0:
            os.pwrite(file, bytes(cut_off), frames.end)
        os.fsync(file)
    finally:
        os.close(file)


def _overwrite(file: int, at: int, record: bytes) -> None:
    os.pwrite(file, FRAME.pack(len(record), crc32(record)) + record, at)


def _emptied(encoded: bytes) -> bytes:
    """A record of the same length without events."""
    try:
        record = decode_record(encoded)
    except MALFORMED:
        return bytes(len(encoded))
    if isinstance(record, CountsRecord):
        return encoded
    empty = encode_record(
        EventsRecord(
            received_at=record.received_at,
            via="import",
            events=[],
            lines_done=record.lines_done,
        )
    )
    return _lengthened(empty, len(encoded)) if len(empty) <= len(encoded) else encoded


def _lengthened(record: bytes, length: int) -> bytes:
    """A MessagePack array of at most 14 values with zeros as an additional value, which is
    ignored."""
    room = length - len(record)
    if not room:
        return record
    more = bytes([record[0] + 1]) + record[1:]
    if room == 1:
        return more + b"\xc0"
    if room < 258:
        return more + b"\xc4" + (room - 2).to_bytes(1, "big") + bytes(room - 2)
    return more + b"\xc6" + (room - 5).to_bytes(4, "big") + bytes(room - 5)
