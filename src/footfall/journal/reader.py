"""Reads every writer's records that are not yet loaded, and removes those that are."""

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from footfall.durable import write_whole
from footfall.journal.segment import (
    START,
    Frames,
    Position,
    begun_path,
    encode_mark,
    known_numbers,
    mark_path,
    newest_begun,
    newest_number,
    read_frames,
    read_mark,
    segment_numbers,
    segment_path,
    writer_folders,
    writer_lock,
)

ONE_OFF_PREFIX = "import-"
"""Names of writers that write once, under a name that is never used again."""
FINISHED = "finished"
"""A file that a one-off writer creates in its folder when no later run needs its records to
continue."""

Positions = dict[str, Position]
"""How far each writer's journal has been read, by the writer's name."""


CHANGED = "the bytes were changed"
CUT_OFF = "the end was truncated or changed"
OLDER = "the journal is missing or an older copy: events acknowledged since then are lost"
MISSING = "the file is missing"
UNMARKED = "its mark is missing: the file may have been truncated too"


class Lost(NamedTuple):
    """Bytes of a segment that no longer contain a complete record, and why. They are skipped.

    `end` is 0 if their number is unknown.
    """

    writer: str
    segment: int
    start: int
    end: int
    reason: str

    @property
    def file(self) -> str:
        """The path below the data folder."""
        return f"journal/{self.writer}/{segment_path(Path(), self.segment)}"


class Tail(msgspec.Struct, frozen=True):
    """The next records of one writer, what was lost, and the position after both."""

    writer: str
    records: list[bytes]
    places: list[Position]  # where each record's frame begins
    position: Position
    lost: list[Lost] = []


def read_tails(folder: Path, positions: Positions, limit_bytes: int) -> list[Tail]:
    """The records that each writer has appended since `positions`, about `limit_bytes` at most."""
    tails = []
    for writer_folder in writer_folders(folder):
        position = positions.get(writer_folder.name, START)
        tail = _read_writer(writer_folder, position, limit_bytes)
        if tail.position != position:
            tails.append(tail)
    return tails


def read_bytes(folder: Path, writer: str, segment: int, start: int, end: int) -> bytes:
    """A range of a segment's bytes; shorter if the file is. Raises OSError."""
    with suppress(FileNotFoundError), segment_path(folder / writer, segment).open("rb") as file:
        file.seek(start)
        return file.read(end - start)
    return b""


def mark_older_segments(folder: Path) -> None:
    """Write marks for segments of earlier versions, which had none, so that they do not count as
    damaged. Those versions could also skip a number. Raises OSError."""
    for writer_folder in writer_folders(folder):
        numbers = segment_numbers(writer_folder)
        if not numbers or any(mark_path(writer_folder, number).exists() for number in numbers):
            continue
        for number in range(numbers[0], numbers[-1] + 1):
            path, end = segment_path(writer_folder, number), 0
            if number in numbers:
                end = read_frames(path, 0, path.stat().st_size).end
            write_whole(mark_path(writer_folder, number), encode_mark(end))


class Newest(NamedTuple):
    """A writer's newest segment: that in its folder, and that it has ever begun; 0 for none."""

    here: int
    begun: int


def newest_segments(folder: Path) -> dict[str, Newest]:
    """Each writer's newest segment."""
    writers = {each.name for each in writer_folders(folder)} | _begun_writers(folder)
    return {
        writer: Newest(newest_number(folder / writer), newest_begun(folder / writer))
        for writer in writers
    }


def skip_loaded_numbers(
    folder: Path, positions: Positions, at_start: dict[str, Newest]
) -> tuple[list[Lost], Positions]:
    """Make writers continue after `positions` if a journal is missing or an older copy.

    The records of an older copy are in the store already. Segments that were begun after
    `at_start`, the newest ones when the server started, are new, whatever their numbers: they are
    read from the first one on. Returns what was lost, and where to continue. Raises OSError.
    """
    lost, found = [], dict(positions)
    for writer in sorted(positions.keys() | at_start.keys()):
        is_one_off = writer.startswith(ONE_OFF_PREFIX)
        loaded = 0 if is_one_off else positions.get(writer, START).segment
        here, begun = at_start.get(writer, Newest(0, 0))
        newest = max(loaded, begun)
        if here >= newest:
            continue
        lost.append(Lost(writer, newest, 0, 0, OLDER))
        if is_one_off and not (folder / writer).exists():
            begun_path(folder / writer).unlink(missing_ok=True)  # its name is never used again
        elif newest_number(folder / writer) > here:
            found[writer] = Position(here + 1, 0)
        else:
            (folder / writer).mkdir(mode=0o700, parents=True, exist_ok=True)
            segment_path(folder / writer, newest).touch(mode=0o600)
            at_start[writer] = Newest(newest, newest)  # for a start that is tried again
    return lost, found


def _begun_writers(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob(f"*{begun_path(folder).suffix}")}


def drop_read(folder: Path, positions: Positions) -> None:
    """Remove the segments before `positions`, which are completely in the store."""
    for writer, position in positions.items():
        for number in known_numbers(folder / writer):
            if number < position.segment:
                mark_path(folder / writer, number).unlink(missing_ok=True)
                segment_path(folder / writer, number).unlink(missing_ok=True)


def drop_finished(folder: Path, positions: Positions) -> None:
    """Remove one-off writers (imports) that have finished and are read to the end.

    Their names are never used again, so `positions` forgets them too. A killed import's folder
    stays: its last record is where the import continues.
    """
    for writer in [name for name in positions if name.startswith(ONE_OFF_PREFIX)]:
        if not (folder / writer).exists():
            del positions[writer]
            continue
        if not (folder / writer / FINISHED).exists():
            continue
        with writer_lock(folder / writer) as is_free:
            if is_free and not unread_bytes_of(folder / writer, positions[writer]):
                # first, so that its absence is not reported
                begun_path(folder / writer).unlink(missing_ok=True)
                shutil.rmtree(folder / writer, ignore_errors=True)
                if not (folder / writer).exists():  # otherwise it would be loaded again
                    del positions[writer]


def unread_bytes(folder: Path, positions: Positions) -> int:
    """Bytes of all writers that are acknowledged and not yet loaded."""
    return sum(
        unread_bytes_of(writer_folder, positions.get(writer_folder.name, START))
        for writer_folder in writer_folders(folder)
    )


def ends(folder: Path) -> Positions:
    """The current end of each writer's journal, after everything acknowledged."""
    found = {}
    for writer_folder in writer_folders(folder):
        for number in segment_numbers(writer_folder)[-1:]:
            with suppress(FileNotFoundError):  # it was loaded and removed just now
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
            continue  # it was loaded and removed just now
        read = position.offset if number == position.segment else 0
        total += max(size - read, 0)  # less than was read: it was truncated since
    return total


def _read_writer(folder: Path, position: Position, limit_bytes: int) -> Tail:
    tail = Tail(folder.name, [], [], position)
    taken = 0
    known = known_numbers(folder)
    for number in range(position.segment or min(known, default=1), max(known, default=0) + 1):
        if taken >= limit_bytes:
            break
        if number > tail.position.segment:
            # only now: a writer appends only to its newest segment, so the one before is final
            tail = msgspec.structs.replace(tail, position=Position(number, 0))
        while taken < limit_bytes:
            before = tail.position.offset
            tail = _read_segment(folder, number, tail, limit_bytes - taken)
            if tail.position.offset == before:
                break
            taken += tail.position.offset - before
    return tail


def _read_segment(folder: Path, number: int, tail: Tail, limit_bytes: int) -> Tail:
    """Add the next records of one segment to the tail."""
    acknowledged = read_mark(folder, number)  # first: the segment may grow meanwhile
    offset = tail.position.offset
    lost = partial(Lost, folder.name, number)
    try:
        frames = read_frames(segment_path(folder, number), offset, limit_bytes)
    except FileNotFoundError:
        frames = Frames([], [], [], offset)
        if acknowledged is None:
            return msgspec.structs.replace(tail, lost=[*tail.lost, lost(0, 0, MISSING)])
    found = [lost(start, end, CHANGED) for start, end in frames.damaged]
    if acknowledged is None and frames.records:
        found.append(lost(0, 0, UNMARKED))
    end = frames.end
    if acknowledged is not None and end < acknowledged and end - offset < limit_bytes:
        found.append(lost(end, acknowledged, CUT_OFF))
        end = acknowledged
    kept = [index for index, record in enumerate(frames.records) if record[0]]  # otherwise blanked
    return msgspec.structs.replace(
        tail,
        records=tail.records + [frames.records[index] for index in kept],
        places=tail.places + [Position(number, frames.offsets[index]) for index in kept],
        position=Position(number, end),
        lost=tail.lost + found,
    )
