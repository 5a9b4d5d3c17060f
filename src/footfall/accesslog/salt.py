"""Salts of an import: one per UTC day of the log, gone when the import ends."""

from functools import lru_cache

from footfall.catalog import Catalog, Salts
from footfall.catalog.registry import DAY_MS, day_name


class JobSalts:
    """The salts by the lines' own days, so that yesterday's visitor is not today's."""

    def __init__(self, catalog: Catalog, job_id: int) -> None:
        self._catalog = catalog
        self._job_id = job_id
        # a window of lines spans few days; memory stays bounded when a log does not
        self._of_day = lru_cache(64)(self._read)

    def of(self, occurred_at: int) -> Salts:
        return self._of_day(occurred_at // DAY_MS)

    def _read(self, day: int) -> Salts:
        return Salts(
            day,
            self._catalog.import_salt(self._job_id, day_name(day)),
            self._catalog.import_salt(self._job_id, day_name(day - 1)),
        )
