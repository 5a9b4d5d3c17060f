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
from footfall.importing.job import Chunk, Job, Watch
from footfall.model.errors import NotFound, Unavailable
from footfall.model.website import Website

DAYS = 90
JOB = "demo"
_CHUNK_RECORDS = 1_000
_LOAD_EVERY_CHUNKS = 25
BOUNDS = {"max_bytes": 1024 * 1024 * 1024, "min_free_bytes": 64 * 1024 * 1024}

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


def fill(
    catalog: Catalog,
    folder: Path,
    load: Callable[[], int],
    clock: Clock,
    progress: Progress,
    days: int = DAYS,
) -> Website:
    """Create the demo website if it is missing, and bring its traffic up to now.

    `folder` is the data folder; `load` loads some of what its journals hold and returns how much
    (`Loader.step`), or 0 if another thread loads. If it is killed at any moment and called again,
    it continues and doubles nothing. Only one call at a time. The first call makes `days` of
    history. Raises Unavailable if the disk is full.
    """
    now = clock()
    begin = (now // DAY_MS - days) * DAY_MS
    website = _website(catalog, begin)
    watch = Watch(unavailable=_load_or_raise(load))
    state = catalog.import_job(website.id, JOB)
    with closing(Job(catalog, folder, state, watch, **BOUNDS)) as job:
        start = job.begin(first=begin)
        records = demo_requests(website, Enricher(), start, now)
        for number, chunk in enumerate(_chunks(records), start=1):
            job.append(chunk)
            if number % _LOAD_EVERY_CHUNKS == 0:
                load()
            progress((chunk.done - start) / (now - start))
        job.pause(max(start, now))
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


def _load_or_raise(load: Callable[[], int]) -> Callable[[Unavailable], None]:
    """Make room in a full journal by loading what it holds."""

    def make_room(error: Unavailable) -> None:
        if not load():
            raise error

    return make_room


def _chunks(records: Iterator[DemoRecord]) -> Iterator[Chunk]:
    while chunk := list(islice(records, _CHUNK_RECORDS)):
        yield Chunk(chunk, chunk[-1].lines_done)
