"""Restores payments that a damaged store has lost: at the start, once a day, and after damage."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.damage import DamageLog
from footfall.load.deletion import Deletion
from footfall.load.inspection import DAY_MS, Inspection
from footfall.model.errors import FootfallError
from footfall.model.website import Website
from footfall.money.service import PaymentService
from footfall.store.engine import Engine, EngineError

TURN_S = 1.0
RETRY_S = 60.0

log = structlog.get_logger()


class Restoring:
    """Compares the ledger with the store's payments on a task of its own."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        payment_service: PaymentService,
        engine: Engine,
        inspection: Inspection,
        damage: DamageLog,
        clock: Clock,
        begun: Callable[[], list[Deletion]],
    ) -> None:
        """`begun`: the deletes that are not finished."""
        self._catalog = catalog
        self._payment_service = payment_service
        self._engine = engine
        self._inspection = inspection
        self._damage = damage
        self._clock = clock
        self._begun = begun
        self._task: asyncio.Task[None] | None = None
        self._failed: list[str] = []

    def failed(self) -> list[str]:
        """One sentence for each website whose payments could not be compared the last time."""
        return self._failed

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        done_on = -1
        while True:
            day = self._clock() // DAY_MS
            if day == done_on and not self._inspection.has_found:
                await asyncio.sleep(TURN_S)
                continue
            self._inspection.has_found = False
            try:
                await self.restore()
                done_on = day
            except Exception as error:  # the task's edge: it must neither end nor be silent
                log.error("payments could not be compared with the ledger", error=str(error))
                done_on = -1
                await asyncio.sleep(RETRY_S)

    async def restore(self) -> None:
        """All websites' payments. If one website's fail, those of the others are restored first.
        Raises EngineError, OSError, FootfallError."""
        await self._payment_service.arrive()
        failed, first = list[str](), None
        for website in await asyncio.to_thread(self._catalog.websites):
            try:
                await self._restore(website)
            except (EngineError, OSError, FootfallError) as error:
                what = f"payments of {website.domain} could not be compared with the ledger"
                failed.append(f"{what}: {error}")
                first = first or error
        self._failed = failed
        if first:
            raise first

    async def _restore(self, website: Website) -> None:
        is_deleting = partial(self._is_deleting, website.id)
        count = await self._payment_service.restore(self._engine, website.id, is_deleting)
        if count:
            message = (
                f"{website.domain}: {count:,} movements of money were missing or changed in the"
                " store; they were restored from the ledger, and revenue is complete again"
            )
            place = f"payments {website.id} {self._clock()}"
            await asyncio.to_thread(self._damage.add, "store", "engine", place, message)

    def _is_deleting(self, website_id: int) -> bool:
        begun = [each for each in self._begun() if each.website_id == website_id]
        return any(deletion.movement_ids for deletion in begun)
