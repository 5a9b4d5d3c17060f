"""Salts of an import: one per UTC day of the log, gone when the import ends."""

from functools import lru_cache

from footfall.catalog import Catalog, Salts
from footfall.catalog.registry import DAY_MS, day_name
from footfall.clock import Clock


class JobSalts:
    """The salts by the lines' own days, so that yesterday's visitor is not today's."""

    def __init__(self, catalog: Catalog, job_id: int, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._job_id = job_id
        # a window of lines spans few days; memory stays bounded when a log does not
        self._of_day = lru_cache(64)(self._read)

    def of(self, occurred_at: int) -> Salts:
        return self._of_day(occurred_at // DAY_MS)

    def _read(self, day: int) -> Salts:
        return Salts(day, self._read_one(day), self._read_one(day - 1))

    def _read_one(self, day: int) -> bytes:
        return self._catalog.import_salt(self._job_id, day_name(day), self._clock())
