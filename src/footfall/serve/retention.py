"""Removes old rows and the rows of removed websites while the server is running."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import structlog

from footfall.catalog import Catalog
from footfall.catalog.registry import DAY_MS
from footfall.clock import Clock
from footfall.model.errors import FootfallError, Unavailable
from footfall.money.ledger import Ledger
from footfall.serve.deletions import Deletions
from footfall.store.engine import EngineError

LOOK_EVERY_S = 1.0
EVERY_MS = 60_000
REMOVED_FOR_MS = 10_000  # until every collector has noticed, and its earlier hits are loaded
QUARANTINED_FOR_MS = 14 * DAY_MS

log = structlog.get_logger()
Steps = list[Callable[[], object]]


class Retention:
    """Once a minute, remove the rows of removed websites; once a day, purge old rows."""

    def __init__(
        self, catalog: Catalog, ledger: Ledger, deletions: Deletions, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._ledger = ledger
        self._deletions = deletions
        self._clock = clock
        self._kept_at = 0
        self._day_kept = -1
        self._task: asyncio.Task[None] | None = None
        self._working = asyncio.Lock()
        self.error = ""
        """Why the last run failed, '' if it did not."""

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self, timeout_s: float) -> None:
        """Wait briefly for the step that is running. The rest is done after the next start."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._working.acquire()
        except TimeoutError:
            log.info("old data is removed after the next start")
        self._task.cancel()

    def unfinished(self) -> list[str]:
        """One sentence for each deletion that could not be carried out yet."""
        return [*self._deletions.unfinished(), *filter(None, [self.error])]

    async def keep(self) -> None:
        """Do what is due. If it fails, it is tried again in a minute."""
        now = self._clock()
        if abs(now - self._kept_at) < EVERY_MS:
            return
        async with self._working:
            self._kept_at = now
            try:
                await self._deletions.resume()
                self.error = await self._keep(now)
            except Exception as error:  # the task's edge: it must neither end nor be silent
                self.error = _failed(error)

    async def _run(self) -> None:
        while True:
            await self.keep()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _keep(self, now: int) -> str:
        """The errors, '' if there were none. A job that fails does not stop the others."""
        removed = self._catalog.removed_websites
        websites = await asyncio.to_thread(removed, now - REMOVED_FOR_MS)
        errors = [await self._do(partial(self._forget_website, website)) for website in websites]
        if now // DAY_MS != self._day_kept:
            failed = [error for job in self._of_day(now) if (error := await self._do(job))]
            errors += failed
            if not failed:
                self._day_kept = now // DAY_MS
        return "; ".join(filter(None, errors))

    def _of_day(self, now: int) -> Iterator[Callable[[], Steps]]:
        for website in self._catalog.websites():
            if website.retain_days:
                # a whole second, since marks have no finer ones
                before = now // 1000 * 1000 - website.retain_days * DAY_MS
                yield partial(self._purge, website.id, before)
            # also if the purge failed, or began before the retention was taken away
            yield partial(self._forget_purged, website.id)
        purge_table = self._deletions.deleter.steps_to_purge_table
        yield partial(purge_table, "event_ids", now - 2 * DAY_MS)
        yield partial(purge_table, "quarantine", now - QUARANTINED_FOR_MS)

    def _forget_website(self, website_id: int) -> Steps:
        find = partial(self._deletions.deleter.steps_to_remove, website_id)

        def forget() -> None:
            if find():
                raise Unavailable(
                    f"rows of the removed website {website_id:08x} have arrived meanwhile: they are"
                    " removed in a minute"
                )
            self._deletions.forget_imports(website_id)
            self._catalog.forget_website(website_id)

        return [*find(), forget]

    def _purge(self, website_id: int, before: int) -> Steps:
        self._ledger.purge(website_id, before)
        self._catalog.profiles.purge(website_id, before)
        return self._deletions.deleter.steps_to_purge(website_id, before)

    def _forget_purged(self, website_id: int) -> Steps:
        return [partial(self._deletions.deleter.forget_purged, website_id)]

    async def _do(self, find: Callable[[], Steps]) -> str:
        """The error of a job, '' if it was done. Each step waits for its turn, so that a delete
        never waits for a whole job."""
        try:
            for step in await asyncio.to_thread(find):
                async with self._deletions.turn:
                    await asyncio.to_thread(step)
        except (EngineError, OSError, FootfallError) as error:
            return _failed(error)
        return ""


def _failed(error: Exception) -> str:
    log.error("old data could not be removed; it is tried again", error=str(error))
    return f"old data could not be removed: {error}"
