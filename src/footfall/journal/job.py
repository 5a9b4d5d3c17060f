"""A job's journal: a one-off writer that continues exactly where a killed run stopped."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from footfall.journal.reader import FINISHED, ONE_OFF_PREFIX
from footfall.journal.segment import (
    frame,
    read_frames,
    segment_numbers,
    segment_path,
    writer_folders,
    writer_lock,
)
from footfall.journal.writer import SegmentWriter
from footfall.model.errors import Conflict
from footfall.model.json_text import MALFORMED
from footfall.model.record import CountsRecord, Record, decode_record, encode_record


class JobWriter:
    """Appends one run's records. Every run writes to a folder of its own.

    The order of work that makes a job exactly-once: `recover` → note its result in the catalog →
    `finish_earlier` → for every chunk `append`, then note its `lines_done` → `finish`.
    """

    def __init__(self, journal: Path, job: str, *, max_bytes: int, min_free_bytes: int) -> None:
        """`journal` is the folder of all writers. `job` names the job permanently and contains no
        dash."""
        self._journal = journal
        self._prefix = f"{ONE_OFF_PREFIX}{job}-"
        self._earlier = writer_folders(journal, self._prefix)
        self._folder = journal / f"{self._prefix}{token_hex(6)}"
        self._bounds = {"max_bytes": max_bytes, "min_free_bytes": min_free_bytes}
        self._writer: SegmentWriter | None = None

    def recover(self) -> int:
        """The greatest `lines_done` that killed runs left in the journal; 0 for none.

        Removes incomplete records of theirs. Raises Conflict if one is still running.
        """
        return max(map(_recover_folder, self._earlier), default=0)

    def finish_earlier(self) -> None:
        """Let the loader remove the killed runs' folders, because the catalog contains their
        results."""
        for folder in self._earlier:
            _mark_finished(folder)

    def append(self, records: Sequence[Record]) -> None:
        """Write records to disk with one fsync. Raises Unavailable; then none of them is kept."""
        if self._writer is None:
            self._writer = SegmentWriter(self._folder, **self._bounds)
        self._writer.append(b"".join(frame(encode_record(record)) for record in records))

    def finish(self) -> None:
        """End the run. Everything is in the journal, and the catalog contains the result."""
        self.close()
        if self._folder.exists():
            _mark_finished(self._folder)

    def close(self) -> None:
        """Stop. The next run continues after the last record. Can be called twice."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _recover_folder(folder: Path) -> int:
    with writer_lock(folder) as is_free:
        if not is_free:
            if not folder.exists():  # it was loaded and removed just now
                return 0
            raise Conflict("this is being imported right now; wait until it ends")
        for number in reversed(segment_numbers(folder)):
            path = segment_path(folder, number)
            size = path.stat().st_size
            frames = read_frames(path, 0, size)
            if frames.end < size:
                os.truncate(path, frames.end)
            for record in reversed(frames.records):
                with suppress(*MALFORMED):  # the loader reports records of unknown types
                    decoded = decode_record(record)
                    return 0 if isinstance(decoded, CountsRecord) else decoded.lines_done
    return 0


def _mark_finished(folder: Path) -> None:
    with suppress(FileNotFoundError):  # it was loaded and removed just now
        (folder / FINISHED).touch()
