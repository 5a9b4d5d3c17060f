"""The demo's traffic as it happens: visitors come and go while the demo runs."""

from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.demo.fill import BOUNDS, JOB
from footfall.demo.generator import DAY_MS, demo_requests
from footfall.enrich.pipeline import Enricher
from footfall.importing.job import Chunk, Job, Watch
from footfall.model.errors import FootfallError, Unavailable
from footfall.model.website import Website

TRY_AGAIN_S = 5.0

_log = structlog.get_logger()


class LiveTraffic:
    """A thread that goes on where `fill` ended and writes each request at its time.

    `start` may be called once, after `fill`. `stop` returns when the thread has ended.
    """

    def __init__(self, catalog: Catalog, folder: Path, website: Website, clock: Clock) -> None:
        self._catalog, self._folder = catalog, folder
        self._website, self._clock = website, clock
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._write()
        except FootfallError as error:
            _log.warning("the demo has no more live visitors", error=str(error))

    def _write(self) -> None:
        state = self._catalog.import_job(self._website.id, JOB)
        watch = Watch(unavailable=self._wait_for_room)
        with closing(Job(self._catalog, self._folder, state, watch, **BOUNDS)) as job:
            done = job.begin()
            # further than anyone lets the demo run; each record is made when it is due
            end = done + 3650 * DAY_MS
            for record in demo_requests(self._website, Enricher(), done, end, is_live=True):
                if self._is_over.wait(max(0, record.received_at - self._clock()) / 1000):
                    break
                done = record.lines_done or done
                job.append(Chunk([record], done))
            job.pause(done)

    def _wait_for_room(self, error: Unavailable) -> None:
        """The journal or the disk is full."""
        if self._is_over.wait(TRY_AGAIN_S):
            raise error
