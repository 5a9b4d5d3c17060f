"""One import, started or resumed: what it appends is in the journal exactly once.

Every importer is a source of chunks for this job: files (importer.py) and the demo's generator.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from footfall.catalog import Catalog, ImportJob
from footfall.importing.source import OnBytes
from footfall.journal.job import JobWriter
from footfall.model.errors import Unavailable
from footfall.model.record import Record


class Chunk(NamedTuple):
    """Records that are written together or not at all.

    `done` says how far the source has been read, as the last of the records does: in rows, or in
    any other number that only grows. A later run begins there.
    """

    records: Sequence[Record]
    done: int
    counts: Mapping[str, int] | None = None  # what has become of all rows so far


class Watch(msgspec.Struct, frozen=True):
    """What a run calls to report its progress, and when the journal is full."""

    examined: OnBytes = lambda _: None  # bytes of the first reading
    read: OnBytes = lambda _: None  # bytes of the second
    appended: Callable[[int], None] = lambda _: None  # `done` of each chunk that is on disk
    unavailable: Callable[[Unavailable], None] = lambda _: None  # returns to try again, or raises


class Job:
    """The order of work that makes an import exactly-once: `begin` → `append` each chunk that is
    after the position that it returned → `finish`, or `pause` if the source will have more later.
    The next run after a kill does the same, and continues. Always `close` it.
    """

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        state: ImportJob,
        watch: Watch,
        *,
        max_bytes: int,
        min_free_bytes: int,
    ) -> None:
        """`folder` is the data folder, `state` what the catalog knows of the job."""
        self._catalog = catalog
        self._state = state
        self._watch = watch
        self._writer = JobWriter(
            folder / "journal", str(state.id), max_bytes=max_bytes, min_free_bytes=min_free_bytes
        )

    def begin(self, *, first: int = 0, is_again: bool = False) -> int:
        """How far earlier runs have got, or `first`. `is_again` begins a finished job once more.

        Raises Conflict if another run of this job is still writing.
        """
        known = 0 if is_again else max(self._state.emitted, self._writer.recover())
        done = known or first
        self._note(done)
        self._writer.finish_earlier()
        return done

    def append(self, chunk: Chunk) -> None:
        """Put a chunk on disk. Raises what `unavailable` raises: then none of it is kept."""
        while True:
            try:
                self._writer.append(chunk.records)
                break
            except Unavailable as error:
                self._watch.unavailable(error)
        self._watch.appended(chunk.done)
        self._note(chunk.done, chunk.counts)

    def pause(self, done: int, counts: Mapping[str, int] | None = None) -> None:
        """End the run: everything up to `done` is in the journal."""
        self._note(done, counts)
        self._writer.finish()

    def finish(self, done: int, counts: Mapping[str, int]) -> None:
        """End the job: the source has no more."""
        self.pause(done, counts)
        self._note(done, counts, is_done=True)
        self._catalog.drop_import_salts(self._state.id)

    def clean(self) -> None:
        """Of a job that is done: remove what it left if it was killed at its very end."""
        self._writer.finish_earlier()
        self._catalog.drop_import_salts(self._state.id)

    def close(self) -> None:
        self._writer.close()

    def _note(
        self, done: int, counts: Mapping[str, int] | None = None, *, is_done: bool = False
    ) -> None:
        known = None if counts is None else dict(counts)
        self._catalog.set_job_progress(self._state.id, done, is_done, known)
