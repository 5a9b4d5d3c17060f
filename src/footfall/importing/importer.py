"""Importing one file into one website: every row once, however often the run is repeated."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from os import O_CREAT, O_RDWR, close
from os import open as os_open
from pathlib import Path

import msgspec

from footfall.catalog import Catalog, ImportJob
from footfall.clock import Clock
from footfall.enrich.pipeline import Enricher
from footfall.importing.detect import detect_format
from footfall.importing.format import Format, Formats, Row
from footfall.importing.job import Chunk, Job, Watch
from footfall.importing.salt import JobSalts
from footfall.importing.source import Content, LogFile, OnBytes
from footfall.importing.window import Sorted, sort_rows
from footfall.journal.job import JobWriter
from footfall.journal.segment import take_lock
from footfall.load.deletion import DeletionFiles
from footfall.model.errors import Conflict
from footfall.model.event import MAX_AHEAD_MS, Dropped, Event
from footfall.model.hit import Hit
from footfall.model.record import EventsRecord
from footfall.model.website import Website

CHUNK_ROWS = 500
_FAULT_OF = {"timestamp": "future", "ip": "client", "url": "address"}


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file's rows. `counts` sum to `lines`."""

    website: str  # domain
    lines: int
    counts: dict[str, int]  # accepted, bot, or the reason for which a row was left out
    lines_before: int  # imported by earlier runs: all of them where the file was done already
    format: str = ""  # name; '' for a file without rows
    unreadable: dict[str, int] = {}  # why rows are `invalid`; not known of a file that was done

    @property
    def lines_added(self) -> int:
        return self.lines - self.lines_before


class Importer:
    """Writes files of one kind to the journal of one data folder."""

    def __init__(
        self,
        formats: Formats,
        catalog: Catalog,
        folder: Path,
        clock: Clock,
        *,
        enricher: Enricher,
        max_bytes: int,
        min_free_bytes: int,
    ) -> None:
        self._formats = formats
        self._catalog = catalog
        self._folder = folder
        self._clock = clock
        self._bounds = {"max_bytes": max_bytes, "min_free_bytes": min_free_bytes}
        self._enricher = enricher

    def run(self, log: LogFile, website: Website, watch: Watch, format_name: str = "") -> Summary:
        """Import a file, or the rest of it after an earlier run. Without `format_name`, the
        format is detected.

        Raises BadRequest for a file that cannot be read, or almost none of whose rows can be,
        Conflict where another import or a reset runs or a reset of the website is not finished,
        and what `watch.unavailable` raises. A second run continues where the first one stopped.
        """
        wanted = self._formats.find(format_name) if format_name else None
        with import_lock(self._folder):
            _check_no_reset(self._folder, website)
            content = log.examine(watch.examined)
            lines = log.lines(content, _ignore)
            format_ = detect_format(lines, log.path, self._formats, wanted)
            state = self._catalog.import_job(website.id, content.digest)
            rows = partial(_read_rows, log, content, format_)
            with closing(self._job(state, watch)) as job:
                is_again = state.is_done and self._is_readable_now(state, website, rows(_ignore))
                if state.is_done and not is_again:
                    job.clean()
                    return _summary(website, format_, state.emitted, state.counts, state.emitted)
                done = job.begin(is_again=is_again)
                chunks = self._chunks(state, website)
                for chunk in chunks.of(sort_rows(rows(watch.read)), done, self._clock()):
                    job.append(chunk)
                job.finish(chunks.rows, chunks.counts)
        return _summary(website, format_, chunks.rows, chunks.counts, done, chunks.faults)

    def _is_readable_now(self, state: ImportJob, website: Website, rows: Iterator[Row]) -> bool:
        """Whether an earlier version, which knew fewer formats, could not read a single row of
        this file, and this version can."""
        if state.counts.keys() != {"invalid"}:
            return False
        chunks = self._chunks(state, website)
        return any(
            chunks.counts.keys() != {"invalid"}
            for _ in chunks.of(sort_rows(rows), 0, self._clock())
        )

    def _job(self, state: ImportJob, watch: Watch) -> Job:
        return Job(self._catalog, self._folder, state, watch, **self._bounds)

    def _chunks(self, state: ImportJob, website: Website) -> "_Chunks":
        return _Chunks(self._enricher, website, JobSalts(self._catalog, state.id, self._clock))


def _ignore(_bytes: int) -> None: ...


def _check_no_reset(folder: Path, website: Website) -> None:
    """Raises Conflict if a killed or failed reset of the website starts again later: it would
    delete what is imported now."""
    for begun in DeletionFiles(folder).all():
        is_reset = begun.what == "website" and begun.website_id == website.id
        if is_reset and begun.phase == "waiting":
            raise Conflict(
                "A reset of this website is not finished: start the server and wait until it is"
            )


def _read_rows(
    log: LogFile, content: Content, format_: Format | None, on_bytes: OnBytes
) -> Iterator[Row]:
    if format_ is None:
        return
    reader = format_.new_reader()
    for raw in log.lines(content, on_bytes):
        if (row := reader(raw)) is not None:
            yield row


def _summary(
    website: Website,
    format_: Format | None,
    rows: int,
    counts: dict[str, int],
    rows_before: int,
    faults: dict[str, int] | None = None,
) -> Summary:
    return Summary(
        website=website.domain,
        lines=rows,
        counts=dict(counts),
        lines_before=rows_before,
        format=format_.name if format_ else "",
        unreadable=dict(faults or {}),
    )


class _Chunks:
    """Rows in order → chunks of events, and what has become of all rows so far."""

    def __init__(self, enricher: Enricher, website: Website, salts: JobSalts) -> None:
        self._enricher = enricher
        self._website = website
        self._salts = salts
        self.rows = 0
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def of(self, rows: Iterator[Sorted], done: int, now_ms: int) -> Iterator[Chunk]:
        """The rows after the first `done`."""
        events: list[Event] = []
        dropped: Counter[str] = Counter()
        for row in rows:
            result = self._enrich(row, now_ms)
            self.rows += 1
            self.counts[_outcome(result)] += 1
            if isinstance(result, Dropped) and result.reason == "invalid":
                self.faults[row.fault or _FAULT_OF.get(result.field, "request")] += 1
            if self.rows <= done:
                continue
            if isinstance(result, Event):
                events.append(result)
            else:
                dropped[result.reason] += 1
            if len(events) + dropped.total() == CHUNK_ROWS:
                yield self._chunk(events, dropped, now_ms)
                events, dropped = [], Counter()
        if events or dropped:
            yield self._chunk(events, dropped, now_ms)

    def _chunk(self, events: list[Event], dropped: Counter[str], now_ms: int) -> Chunk:
        counts = [(self._website.id, reason, hits) for reason, hits in sorted(dropped.items())]
        record = EventsRecord(
            received_at=now_ms, via="import", events=events, lines_done=self.rows, counts=counts
        )
        return Chunk([record], self.rows, self.counts)

    def _enrich(self, row: Sorted, now_ms: int) -> Event | Dropped:
        content = row.outcome
        if isinstance(content, str):
            return Dropped(content)
        if row.occurred_at > now_ms + MAX_AHEAD_MS:
            return Dropped("invalid", "timestamp", "the row's time is in the future")
        salts = self._salts.of(row.occurred_at)

        def decode() -> Hit:
            hit = content.to_hit(self._website, salts)
            hit.occurred_at = row.occurred_at
            return hit

        return self._enricher.decode_and_enrich(decode, self._website, salts)


def _outcome(result: Event | Dropped) -> str:
    if isinstance(result, Dropped):
        return result.reason
    return "bot" if result.bot else "accepted"


def forget_runs(folder: Path, jobs: Iterable[ImportJob]) -> None:
    """Let the loader remove what killed runs of these jobs have left in the journal, so that the
    same files can be imported from their beginning. Call this under the `import_lock`."""
    for job in jobs:
        JobWriter(folder / "journal", str(job.id), max_bytes=0, min_free_bytes=0).finish_earlier()


@contextmanager
def import_lock(folder: Path) -> Iterator[None]:
    """Hold the right to import into a data folder, or to reset one of its websites. Raises Conflict
    where somebody else has it.

    One at a time: otherwise two runs of the same file would both find it new.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os_open(folder / "import.lock", O_RDWR | O_CREAT, 0o600)
    try:
        if not take_lock(handle):
            raise Conflict(
                "an import or a reset is running on this data folder; wait until it ends"
            )
        yield
    finally:
        close(handle)
