"""Deletes that a crash or an error interrupted: finished after the next start, or tried again."""

import asyncio
from functools import partial

import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.load.deleter import Deleter
from footfall.load.deletion import Deletion
from footfall.model.errors import FootfallError
from footfall.serve.deletions.runner import DeletionRunner
from footfall.store.engine import EngineError

log = structlog.get_logger()


class Unfinished:
    """The deletions that have begun, which are those with a file."""

    def __init__(
        self, deleter: Deleter, runner: DeletionRunner, catalog: Catalog, clock: Clock
    ) -> None:
        self._deleter = deleter
        self._runner = runner
        self._catalog = catalog
        self._clock = clock

    async def finish(self) -> None:
        """Complete the ledger's part of deletes that a crash interrupted, before anything is read.
        `resume` does the rest."""
        for deletion in await asyncio.to_thread(self._deleter.files.all):
            if deletion.phase == "swapped":
                try:
                    await self._runner.settle_ledger(deletion)
                except (EngineError, OSError, FootfallError) as error:
                    log.error("a delete could not be finished; it is tried again", error=str(error))

    async def resume(self) -> None:
        """Carry out the deletes that were killed or failed half-way. If one fails again, the next
        one is tried."""
        for number in [begun.number for begun in await asyncio.to_thread(self._deleter.files.all)]:
            async with self._runner.turn:
                await self._resume_one(number)

    async def _resume_one(self, number: int) -> None:
        """By its number, because it may have been finished while this waited for its turn."""
        begun = await asyncio.to_thread(self._deleter.files.all)
        for deletion in [each for each in begun if each.number == number]:
            self._runner.current = number
            try:
                await self._resume(deletion)
                self._runner.errors.pop(number, None)
            except (EngineError, OSError, FootfallError) as error:
                log.error("a delete could not be finished; it is tried again", error=str(error))
                self._runner.errors[number] = str(error)
            finally:
                self._runner.current = 0

    def sentences(self) -> list[str]:
        """One for each delete that waits to be carried out again."""
        return [
            f"{_action(deletion)} of website {deletion.website_id:08x} has begun and is not"
            f" finished: {error or 'it was interrupted'}"
            for deletion in self._deleter.files.all()
            if deletion.number != self._runner.current
            and (
                (error := self._runner.errors.get(deletion.number, deletion.error))
                or deletion.what != "purge"
            )
        ]

    async def _resume(self, deletion: Deletion) -> None:
        if deletion.phase == "swapping":
            return  # the loader finishes it before the next batch
        if deletion.phase == "waiting":
            if deletion.what == "purge":  # old rows are looked for every day
                await asyncio.to_thread(self._deleter.files.remove, deletion)
                return
            with self._runner.without_imports(deletion.what):
                events = await self._runner.run(
                    await asyncio.to_thread(self._deleter.prepare, deletion)
                )
        else:
            events = 0
            await self._runner.settle_ledger(deletion)
            await self._runner.catch_up()
            await asyncio.to_thread(self._deleter.clean, deletion)
        if deletion.what == "purge":
            return
        counts = {"events": events}
        if deletion.what == "payments":
            counts = {"payments": len(deletion.transaction_ids)}
        done = f"{_action(deletion)} (killed)"
        add = partial(
            self._catalog.audit.add, deletion.website_id, deletion.actor, done, now_ms=self._clock()
        )
        await asyncio.to_thread(add, filters={}, counts=counts)
        await asyncio.to_thread(self._catalog.wipe_freed_pages)


def _action(deletion: Deletion) -> str:
    names = {
        "events": "delete goals",
        "payments": "delete payments",
        "visitor": "delete visitor",
        "website": "delete all data",
    }
    return names.get(deletion.what, "removing old data")
