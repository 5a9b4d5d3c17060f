"""Reading: every writer's records that are not yet loaded, and dropping what is."""

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec

from footfall.journal.segment import (
    START,
    Position,
    read_frames,
    segment_numbers,
    segment_path,
    writer_lock,
)

ONE_OFF_PREFIX = "import-"
"""Names of writers that write once, under a name that is never used again."""
FINISHED = "finished"
"""A file that a one-off writer leaves in its folder once nobody needs its records to go on from."""

Positions = dict[str, Position]
"""How far each writer's journal has been read, by the writer's name."""


class Tail(msgspec.Struct, frozen=True):
    """What was read of one writer: its records and the position after the last."""

    writer: str
    records: list[bytes]
    position: Position


def read_tails(folder: Path, positions: Positions, limit_bytes: int) -> list[Tail]:
    """What each writer has appended since `positions`, about `limit_bytes` of each at most."""
    tails = []
    for writer_folder in sorted(path for path in folder.glob("*") if path.is_dir()):
        position = positions.get(writer_folder.name, START)
        records, after = _read_writer(writer_folder, position, limit_bytes)
        if after != position:
            tails.append(Tail(writer_folder.name, records, after))
    return tails


def drop_read(folder: Path, positions: Positions) -> None:
    """Remove the segments before `positions`: everything in them is in the store."""
    for writer, position in positions.items():
        for number in segment_numbers(folder / writer):
            if number < position.segment:
                segment_path(folder / writer, number).unlink(missing_ok=True)


def drop_finished(folder: Path, positions: Positions) -> None:
    """Remove one-off writers (imports) that have finished and are read to the end.

    Their names are never used again, so `positions` forgets them too. A killed import's folder
    stays: its last record is where the import goes on.
    """
    for writer in [name for name in positions if name.startswith(ONE_OFF_PREFIX)]:
        if not (folder / writer).exists():
            del positions[writer]
            continue
        if not (folder / writer / FINISHED).exists():
            continue
        with writer_lock(folder / writer) as is_free:
            if is_free and not unread_bytes_of(folder / writer, positions[writer]):
                shutil.rmtree(folder / writer, ignore_errors=True)
                del positions[writer]


def unread_bytes(folder: Path, positions: Positions) -> int:
    """Bytes acknowledged and not yet loaded, of all writers."""
    return sum(
        unread_bytes_of(writer_folder, positions.get(writer_folder.name, START))
        for writer_folder in folder.glob("*")
        if writer_folder.is_dir()
    )


def ends(folder: Path) -> Positions:
    """Where each writer's journal ends now: what is acknowledged lies before."""
    found = {}
    for writer_folder in folder.glob("*"):
        for number in segment_numbers(writer_folder)[-1:]:
            with suppress(FileNotFoundError):  # just loaded and removed
                size = segment_path(writer_folder, number).stat().st_size
                found[writer_folder.name] = Position(number, size)
    return found


def unread_bytes_of(writer_folder: Path, position: Position) -> int:
    total = 0
    for number in segment_numbers(writer_folder):
        if number < position.segment:
            continue
        try:
            size = segment_path(writer_folder, number).stat().st_size
        except FileNotFoundError:
            continue  # just loaded and removed
        total += size - (position.offset if number == position.segment else 0)
    return max(total, 0)


def _read_writer(
    folder: Path, position: Position, limit_bytes: int
) -> tuple[list[bytes], Position]:
    records: list[bytes] = []
    taken = 0
    for number in segment_numbers(folder):
        if number < position.segment or taken >= limit_bytes:
            continue
        if number > position.segment:
            # only now: a writer appends to its newest segment alone, so the one before is final
            position = Position(number, 0)
        while taken < limit_bytes:
            path = segment_path(folder, number)
            found, after = read_frames(path, position.offset, limit_bytes - taken)
            if not found:
                break
            records += [record for record in found if record[0]]  # else blanked
            taken += after - position.offset
            position = Position(number, after)
    return records, position
