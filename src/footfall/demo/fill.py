"""Filling a data folder with the demo website, and topping it up to now."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.demo import world
from footfall.demo.generator import DAY_MS, DemoRecord, demo_requests
from footfall.enrich.pipeline import Enricher
from footfall.journal.job import JobWriter
from footfall.model.errors import NotFound, Unavailable
from footfall.model.record import Record
from footfall.model.website import Website

DAYS = 90
JOB = "demo"
_CHUNK_RECORDS = 1_000
_LOAD_EVERY_CHUNKS = 25
_MAX_JOURNAL_BYTES = 1024 * 1024 * 1024
_MIN_FREE_BYTES = 64 * 1024 * 1024

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


def fill(
    catalog: Catalog,
    folder: Path,
    load: Callable[[], int],
    clock: Clock,
    progress: Progress,
    days: int = DAYS,
) -> Website:
    """Make the demo website where it is missing, and bring its traffic up to now.

    `folder` is the data folder; `load` loads some of what its journals hold and answers how much
    (`Loader.step`), or 0 where another thread loads. Killed at any moment and called again, it
    goes on and doubles nothing. One call at a time. `days` of history are made at the first call.
    Raises Unavailable where the disk is full.
    """
    now = clock()
    begin = (now // DAY_MS - days) * DAY_MS
    website = _website(catalog, begin)
    job = catalog.import_job(website.id, JOB)
    bounds = {"max_bytes": _MAX_JOURNAL_BYTES, "min_free_bytes": _MIN_FREE_BYTES}
    with closing(JobWriter(folder / "journal", str(job.id), **bounds)) as writer:
        start = max(job.emitted, writer.recover()) or begin
        catalog.set_job_progress(job.id, start, done=False)
        writer.finish_earlier()
        records = demo_requests(website, Enricher(), start, now)
        for number, chunk in enumerate(_chunks(records), start=1):
            _append(writer, chunk, load)
            until = chunk[-1].lines_done
            catalog.set_job_progress(job.id, until, done=False)
            if number % _LOAD_EVERY_CHUNKS == 0:
                load()
            progress((until - start) / (now - start))
        catalog.set_job_progress(job.id, max(start, now), done=False)
        writer.finish()
    while load():
        pass
    progress(1.0)
    return website


def _website(catalog: Catalog, created_at: int) -> Website:
    try:
        return catalog.find_website(world.DOMAIN)
    except NotFound:
        return catalog.add_website(
            world.DOMAIN,
            name=world.NAME,
            timezone=world.TIMEZONE,
            currency=world.CURRENCY,
            kpi=world.KPI,
            now_ms=created_at,
        )


def _append(writer: JobWriter, chunk: list[DemoRecord], load: Callable[[], int]) -> None:
    records: list[Record] = list(chunk)
    try:
        writer.append(records)
    except Unavailable:
        if not load():
            raise
        writer.append(records)


def _chunks(records: Iterator[DemoRecord]) -> Iterator[list[DemoRecord]]:
    while chunk := list(islice(records, _CHUNK_RECORDS)):
        yield chunk
