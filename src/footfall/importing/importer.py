"""Importing one file into one website: every line once, however often it is begun."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from os import O_CREAT, O_RDWR, close
from os import open as os_open
from pathlib import Path

import msgspec

from footfall.catalog import Catalog, ImportJob, Salts
from footfall.clock import Clock
from footfall.enrich.pipeline import Enricher
from footfall.importing.accesslog.format import Format, find_format
from footfall.importing.accesslog.line import Line, Request, parse_line
from footfall.importing.detect import detect_format
from footfall.importing.salt import JobSalts
from footfall.importing.source import Content, OnBytes, examine, read_lines
from footfall.importing.window import Sorted, sort_lines
from footfall.journal.job import JobWriter
from footfall.journal.segment import take_lock
from footfall.model.address import plain_address
from footfall.model.errors import Conflict, Unavailable
from footfall.model.event import MAX_AHEAD_MS, Dropped, Event
from footfall.model.hit import Hit
from footfall.model.key import cookieless_visitor_key
from footfall.model.record import EventsRecord, Record
from footfall.model.website import Website

CHUNK_LINES = 500
_FAULT_OF = {"timestamp": "future", "ip": "client", "url": "address"}


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file's lines. `counts` sum to `lines`."""

    website: str  # domain
    lines: int
    counts: dict[str, int]  # accepted, bot, or the reason for which a line was left out
    lines_before: int  # imported by earlier runs: all of them where the file was done already
    format: str = ""  # name; '' for a file without lines
    unreadable: dict[str, int] = {}  # why lines are `invalid`; not known of a file that was done

    @property
    def lines_added(self) -> int:
        return self.lines - self.lines_before


class Watch(msgspec.Struct, frozen=True):
    """Whom a run tells how far it is, and whom it asks what to do when the journal is full."""

    examined: OnBytes = lambda _: None  # bytes of the first reading
    read: OnBytes = lambda _: None  # bytes of the second
    appended: Callable[[int], None] = lambda _: None  # lines done, after each chunk is on disk
    unavailable: Callable[[Unavailable], None] = lambda _: None  # returns to try again, or raises


class Importer:
    """Writes access logs to the journal of one data folder."""

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        clock: Clock,
        *,
        enricher: Enricher,
        max_bytes: int,
        min_free_bytes: int,
    ) -> None:
        self._catalog = catalog
        self._folder = folder
        self._clock = clock
        self._bounds = {"max_bytes": max_bytes, "min_free_bytes": min_free_bytes}
        self._enricher = enricher

    def run(self, path: Path, website: Website, watch: Watch, format_name: str = "") -> Summary:
        """Import a file, or the rest of it after an earlier run. Without `format_name`, the
        format is detected.

        Raises BadRequest for a file that cannot be read, or almost none of whose lines can be,
        Conflict where another import runs, and what `watch.unavailable` raises. Run again, it
        goes on where it stopped.
        """
        wanted = find_format(format_name) if format_name else None
        with import_lock(self._folder):
            content = examine(path, watch.examined)
            format_ = detect_format(read_lines(path, content, _ignore), path, wanted)
            job = self._catalog.import_job(website.id, content.digest)
            with closing(self._writer(job)) as writer:
                lines = partial(_parsed, path, content, format_)
                is_again = job.is_done and self._is_readable_now(job, website, lines(_ignore))
                if job.is_done and not is_again:
                    return self._end(job, website, writer, format_)
                done = 0 if is_again else max(job.emitted, writer.recover())
                self._catalog.set_job_progress(job.id, done, done=False)
                writer.finish_earlier()
                chunks = self._chunks(job, website)
                for chunk, count in chunks.of(sort_lines(lines(watch.read)), done, self._clock()):
                    self._append(writer, chunk, watch)
                    watch.appended(count)
                    self._catalog.set_job_progress(job.id, count, False, chunks.counts)
                self._catalog.set_job_progress(job.id, chunks.lines, False, chunks.counts)
                writer.finish()
                self._catalog.set_job_progress(job.id, chunks.lines, True, chunks.counts)
                self._catalog.drop_import_salts(job.id)
        return Summary(
            website=website.domain,
            lines=chunks.lines,
            counts=dict(chunks.counts),
            lines_before=done,
            format=format_.name if format_ else "",
            unreadable=dict(chunks.faults),
        )

    def _is_readable_now(self, job: ImportJob, website: Website, lines: Iterator[Line]) -> bool:
        """Whether an earlier version, which knew fewer formats, could not read a single line of
        this file, and this version can."""
        if job.counts.keys() != {"invalid"}:
            return False
        chunks = self._chunks(job, website)
        return any(
            chunks.counts.keys() != {"invalid"}
            for _ in chunks.of(sort_lines(lines), 0, self._clock())
        )

    def _chunks(self, job: ImportJob, website: Website) -> "_Chunks":
        return _Chunks(self._enricher, website, JobSalts(self._catalog, job.id, self._clock))

    def _writer(self, job: ImportJob) -> JobWriter:
        return JobWriter(self._folder / "journal", str(job.id), **self._bounds)

    def _end(
        self, job: ImportJob, website: Website, writer: JobWriter, format_: Format | None
    ) -> Summary:
        """The job was done already; it may have been killed before it had put its salts away."""
        writer.finish_earlier()
        self._catalog.drop_import_salts(job.id)
        return Summary(
            website=website.domain,
            lines=job.emitted,
            counts=job.counts,
            lines_before=job.emitted,
            format=format_.name if format_ else "",
        )

    @staticmethod
    def _append(writer: JobWriter, chunk: Record, watch: Watch) -> None:
        while True:
            try:
                writer.append([chunk])
                return
            except Unavailable as error:
                watch.unavailable(error)


def _ignore(_bytes: int) -> None: ...


def _parsed(
    path: Path, content: Content, format_: Format | None, on_bytes: OnBytes
) -> Iterator[Line]:
    if format_ is None:
        return
    reader = format_.new_reader()
    for raw in read_lines(path, content, on_bytes):
        if (line := parse_line(raw, reader)) is not None:
            yield line


class _Chunks:
    """Lines in order → records, and what has become of all lines so far."""

    def __init__(self, enricher: Enricher, website: Website, salts: JobSalts) -> None:
        self._enricher = enricher
        self._website = website
        self._salts = salts
        self.lines = 0
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def of(
        self, lines: Iterator[Sorted], done: int, now_ms: int
    ) -> Iterator[tuple[EventsRecord, int]]:
        """Records of the lines after the first `done`, each with the count of lines up to it."""
        events: list[Event] = []
        dropped: Counter[str] = Counter()
        for line in lines:
            result = self._enrich(line, now_ms)
            self.lines += 1
            self.counts[_outcome(result)] += 1
            if isinstance(result, Dropped) and result.reason == "invalid":
                self.faults[line.fault or _FAULT_OF.get(result.field, "request")] += 1
            if self.lines <= done:
                continue
            if isinstance(result, Event):
                events.append(result)
            else:
                dropped[result.reason] += 1
            if len(events) + dropped.total() == CHUNK_LINES:
                yield self._record(events, dropped, now_ms), self.lines
                events, dropped = [], Counter()
        if events or dropped:
            yield self._record(events, dropped, now_ms), self.lines

    def _record(self, events: list[Event], dropped: Counter[str], now_ms: int) -> EventsRecord:
        counts = [(self._website.id, reason, hits) for reason, hits in sorted(dropped.items())]
        return EventsRecord(
            received_at=now_ms, via="import", events=events, lines_done=self.lines, counts=counts
        )

    def _enrich(self, line: Sorted, now_ms: int) -> Event | Dropped:
        request = line.outcome
        if not isinstance(request, Request):
            return Dropped(request)
        if line.occurred_at > now_ms + MAX_AHEAD_MS:
            return Dropped("invalid", "timestamp", "the line's time has not come yet")
        if request.address in (self._website.domain, f"www.{self._website.domain}"):
            return Dropped("invalid", "ip", "the website's own host is not a client")
        salts = self._salts.of(line.occurred_at)

        def decode() -> Hit:
            return self._hit(request, line.occurred_at, salts)

        return self._enricher.decode_and_enrich(decode, self._website, salts)

    def _hit(self, request: Request, occurred_at: int, salts: Salts) -> Hit:
        address = plain_address(request.address)
        is_known = request.user_agent is not None and bool(address)
        return Hit(
            url=f"https://{request.host or self._website.domain}{request.target}",
            referrer=request.referrer,
            occurred_at=occurred_at,
            is_cookieless=is_known,
            visitor_uid="" if is_known else self._uid_by_host(request, salts),
            client_address=address,
            user_agent=request.user_agent,
        )

    def _uid_by_host(self, request: Request, salts: Salts) -> str:
        """A log without user agents, or with hosts' names for addresses, knows people for a day."""
        agent = request.user_agent or ""
        key = cookieless_visitor_key(self._website.id, salts.today, request.address, agent)
        return f"{key:x}"


def _outcome(result: Event | Dropped) -> str:
    if isinstance(result, Dropped):
        return result.reason
    return "bot" if result.bot else "accepted"


@contextmanager
def import_lock(folder: Path) -> Iterator[None]:
    """Hold the right to import into a data folder. Raises Conflict where another process has it.

    One at a time: two runs of the same file would otherwise both believe that it is new.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os_open(folder / "import.lock", O_RDWR | O_CREAT, 0o600)
    try:
        if not take_lock(handle):
            raise Conflict("another import is running on this data folder; wait until it ends")
        yield
    finally:
        close(handle)
