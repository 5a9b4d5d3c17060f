"""Payments in a running server: written to the ledger first, then sent to reports."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import structlog

from footfall.catalog import Registry
from footfall.catalog.profile import Profiles
from footfall.clock import Clock
from footfall.journal.writer import Journal
from footfall.model.errors import Unavailable
from footfall.model.notice import Notice
from footfall.model.payment import Movement, Payment, Refund
from footfall.model.record import MovementRecord, encode_record
from footfall.model.website import Website
from footfall.money.connection import Outcome
from footfall.money.ledger import Ledger
from footfall.money.posting import post_notice
from footfall.money.rate import Rates
from footfall.money.restore import find_differences
from footfall.store.engine import Engine, EngineError

CATCH_UP_TIMEOUT_S = 2.0
FLUSH_AGAIN_S = 2.0
CatchUp = Callable[[], Awaitable[None]]
"""Waits until what was acknowledged is loaded. Raises EngineError, OSError, Unavailable."""

_log = structlog.get_logger()


class PaymentService:
    """When a call returns, the payment is on disk and on its way to reports. After a crash the
    outbox still has what is not sent yet."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        profiles: Profiles,
        registry: Registry,
        journal: Journal,
        rates: Rates,
        clock: Clock,
        catch_up: CatchUp,
    ) -> None:
        """`catch_up` is awaited if events that are not loaded yet may identify the payer."""
        self._ledger = ledger
        self._profiles = profiles
        self._registry = registry
        self._journal = journal
        self._rates = rates
        self._clock = clock
        self._catch_up = catch_up
        self._flushing: asyncio.Task[None] | None = None
        self.changing = asyncio.Lock()
        """Held by a deletion, so that nothing is written to the ledger meanwhile."""

    async def add_payment(self, payment: Payment, website: Website) -> None:
        """Raises Conflict, BadRequest, Unavailable as `Ledger.add_payment`."""
        await self._load_payers([payment])
        async with self.changing:
            await asyncio.to_thread(self._add_payment, payment, website)
            await self._send_to_reports()

    async def add_refund(self, refund: Refund) -> bool:
        """Whether it is new. Raises NotFound, BadRequest, Conflict as `Ledger.add_refund`."""
        async with self.changing:
            now = self._clock()
            is_new = await asyncio.to_thread(self._ledger.add_refund, refund, now_ms=now)
            await self._send_to_reports()
        return is_new

    async def post_notice(self, notice: Notice) -> Outcome:
        """Post a provider's notice. Raises Unavailable, BadRequest as `posting.post_notice`."""
        website = self._registry.website_by_id(notice.website_id)
        assert website is not None  # it was found a moment ago
        await self._load_payers([entry for entry in notice.entries if isinstance(entry, Payment)])
        async with self.changing:
            outcome = await asyncio.to_thread(
                post_notice,
                notice,
                website,
                ledger=self._ledger,
                rates=self._rates,
                now_ms=self._clock(),
            )
            await self._send_to_reports()
        return outcome

    async def flush(self) -> None:
        """Write the outbox to the journal. Raises Unavailable; then it is written later."""
        while waiting := await asyncio.to_thread(self._ledger.outbox):
            now = self._clock()
            for _, movement in waiting[:-1]:
                self._append(movement, now)
            await self._append(waiting[-1][1], now)
            await asyncio.to_thread(self._ledger.drop_outbox, waiting[-1][0])

    async def arrive(self) -> None:
        """Wait until all payments are in the store. Raises EngineError, OSError, Unavailable."""
        await self._catch_up()

    async def restore(
        self, engine: Engine, website_id: int, is_deleting: Callable[[], bool]
    ) -> int:
        """Send again what a damaged store has lost of a website's payments; answers how many
        movements. `is_deleting`: whether a delete of some of them has begun, which the store may
        know and the ledger may not. Raises EngineError, OSError, Unavailable."""
        find = partial(find_differences, self._ledger, engine, website_id)
        if not await asyncio.to_thread(find):
            return 0
        async with self.changing:
            if await asyncio.to_thread(is_deleting):
                raise Unavailable("a delete of payments has begun and is not finished")
            await self.flush()  # else what has not arrived yet would be sent twice
            await self._catch_up()
            lost = await asyncio.to_thread(find)
            now = self._clock()
            sent = [self._append(movement, now, is_restored=True) for movement in lost]
            await asyncio.gather(*sent)
        return len(lost)

    async def start(self) -> None:
        """Send what a crash left in the outbox. If the journal is full, it is sent when there is
        room: loading, which starts later, makes room."""
        await self._send_to_reports()

    async def close(self) -> None:
        """Stop flushing: what is left in the outbox is sent at the next start."""
        if self._flushing:
            self._flushing.cancel()
            with suppress(asyncio.CancelledError):
                await self._flushing

    async def _send_to_reports(self) -> None:
        """The ledger is on disk. If the journal is full, the outbox is sent when there is room."""
        try:
            await self.flush()
        except Unavailable as error:
            _log.warning("payment recorded; reports get it later", error=error.message)
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._flush_later())

    async def _flush_later(self) -> None:
        is_flushed = False
        while not is_flushed:
            await asyncio.sleep(FLUSH_AGAIN_S)
            with suppress(Unavailable):
                async with self.changing:
                    await self.flush()
                    is_flushed = True

    async def _load_payers(self, payments: list[Payment]) -> None:
        """Load what was acknowledged, if a payer's e-mail or customer id is not known: they may
        have identified themselves a moment ago. A payment does not wait long for it."""
        if not await asyncio.to_thread(lambda: any(map(self._has_unknown_payer, payments))):
            return
        try:
            async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
                await self._catch_up()
        except (EngineError, OSError, Unavailable) as error:  # TimeoutError is an OSError
            _log.warning(
                "payment recorded before loading caught up", error=str(error) or "too slow"
            )

    def _has_unknown_payer(self, payment: Payment) -> bool:
        profile = payment.profile
        if payment.visitor_id or not (profile.email or profile.customer_id):
            return False
        find = self._profiles.find_visitor
        return not find(payment.website_id, email=profile.email, customer_id=profile.customer_id)

    def _append(
        self, movement: Movement, now: int, *, is_restored: bool = False
    ) -> "asyncio.Future[None]":
        # shielded: others wait for the same commit
        record = MovementRecord(received_at=now, movement=movement, is_restored=is_restored)
        return asyncio.shield(self._journal.append(encode_record(record)))

    def _add_payment(self, payment: Payment, website: Website) -> None:
        day = datetime.fromtimestamp(payment.occurred_at / 1000, UTC).date()
        converted = self._rates.convert(
            payment.amount, payment.currency, website.currency, day, given=payment.rate
        )
        self._ledger.add_payment(payment, converted, now_ms=self._clock())
