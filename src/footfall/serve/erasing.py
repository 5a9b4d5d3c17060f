"""Deletes: complete when they answer, and never half seen."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.load.erase import GoalsToErase, count_events, count_goals
from footfall.load.loader import Loader
from footfall.load.plan_file import PlanFile
from footfall.model.errors import FootfallError, Unavailable
from footfall.model.website import Token, Website
from footfall.payments.books import Books
from footfall.serve.gate import Gates
from footfall.store.engine import Engine, EngineError

log = structlog.get_logger()
T = TypeVar("T")
RETRY_AFTER_S = 10


class Loading(Protocol):
    """Where the store's single writer works."""

    def call(self, job: Callable[[], T]) -> "Future[T]":
        """Run a job between two batches."""


class PaymentsToErase(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that pass everything that is set; from_ms ≤ their own time < to_ms."""

    transaction_id: str = ""
    visitor_id: int = 0
    from_ms: int | None = None
    to_ms: int | None = None


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a deletion, and in which words; those that name a person are kept hashed."""

    website: Website
    token: Token
    filters: Mapping[str, str]
    people: Mapping[str, str] = {}
    is_dry: bool = False


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What is being deleted from catalog and store, on disk until it is gone from both: payments
    with their movements, or a person (0: none)."""

    website_id: int
    actor: str
    transaction_ids: list[str] = []
    movement_ids: list[str] = []
    visitor_id: int = 0

    @property
    def action(self) -> str:
        return "delete visitor" if self.visitor_id else "delete payments"


class Erasing:
    """Runs deletes on the loader's thread behind the website's gate, and writes them down."""

    def __init__(
        self,
        *,
        folder: Path,
        engine: Engine,
        catalog: Catalog,
        books: Books,
        gates: Gates,
        loader: Loader,
        loading: Loading,
        clock: Clock,
    ) -> None:
        """`folder` is the data folder."""
        self._engine = engine
        self._catalog = catalog
        self._books = books
        self._gates = gates
        self._loader = loader
        self._loading = loading
        self._clock = clock
        self._begun = PlanFile(folder / "deleting.json", Begun)
        self._running: set[asyncio.Task[int]] = set()

    async def finish(self) -> None:
        """Carry out a delete that was killed or failed half-way, before anybody reads. Where that
        is not possible, the next delete tries it again."""
        async with self._books.changing:
            try:
                await self._finish_earlier()
            except (EngineError, OSError, FootfallError) as error:
                log.error("a delete that had begun could not be finished", error=str(error))

    async def catch_up(self) -> None:
        """Wait until all that was acknowledged is in the store. Raises EngineError, OSError."""
        await self._on_loader(self._loader.catch_up)

    async def goals(self, deletion: Deletion, goals: GoalsToErase) -> int:
        """How many completions went, or would go. Raises Unavailable, EngineError, OSError."""
        return await self._to_the_end(self._goals(deletion, goals))

    async def payments(self, deletion: Deletion, payments: PaymentsToErase) -> int:
        """How many payments went, or would go, with their refunds and goals. Raises as `goals`."""
        return await self._to_the_end(self._payments(deletion, payments))

    async def visitor(self, deletion: Deletion, visitor_id: int) -> int:
        """Erase a person everywhere; answers how many events they had. Their payments stay without
        them. Raises as `goals`."""
        return await self._to_the_end(self._visitor(deletion, visitor_id))

    async def _goals(self, deletion: Deletion, goals: GoalsToErase) -> int:
        website_id = deletion.website.id
        await self.catch_up()
        every = partial(count_goals, self._engine, website_id, GoalsToErase())
        before = await self._read(website_id, every)
        if deletion.is_dry:
            count = partial(count_goals, self._engine, website_id, goals)
            found = await self._read(website_id, count)
        else:
            async with self._gates.closed(website_id):
                found = await self._on_loader(lambda: self._loader.erase_goals(website_id, goals))
        after = await self._read(website_id, every)
        await self._write_down(
            deletion, "delete goals", completions=found, before=before, after=after
        )
        return found

    async def _payments(self, deletion: Deletion, payments: PaymentsToErase) -> int:
        website_id, ledger = deletion.website.id, self._catalog.ledger
        async with self._books.changing:
            await self._finish_earlier()
            await self._books.flush()
            await self.catch_up()
            every = partial(ledger.find_transactions, website_id)
            before = len(await asyncio.to_thread(every))
            chosen = await self._read(website_id, lambda: self._find_payments(website_id, payments))
            if chosen and not deletion.is_dry:
                movements = await asyncio.to_thread(ledger.movement_ids, website_id, chosen)
                begun = Begun(
                    website_id=website_id,
                    actor=_actor(deletion),
                    transaction_ids=chosen,
                    movement_ids=movements,
                )
                await self._carry_out(begun)
            after = len(await asyncio.to_thread(every))
        await self._write_down(
            deletion, "delete payments", payments=len(chosen), before=before, after=after
        )
        if not deletion.is_dry:
            await asyncio.to_thread(self._catalog.erase_deleted)
        return len(chosen)

    async def _visitor(self, deletion: Deletion, visitor_id: int) -> int:
        website_id = deletion.website.id
        await self.catch_up()
        theirs = partial(count_events, self._engine, website_id, visitor_id)
        before = await self._read(website_id, theirs)
        if deletion.is_dry:
            found = before
        else:
            async with self._books.changing:
                await self._finish_earlier()
                actor = _actor(deletion)
                begun = Begun(website_id=website_id, actor=actor, visitor_id=visitor_id)
                found = await self._carry_out(begun)
        after = await self._read(website_id, theirs)
        await self._write_down(deletion, "delete visitor", events=found, before=before, after=after)
        if not deletion.is_dry:
            await asyncio.to_thread(self._catalog.erase_deleted)
        return found

    async def _finish_earlier(self) -> None:
        """Carry out, and write down, a delete that was killed or failed half-way."""
        begun = await asyncio.to_thread(self._begun.read)
        if begun is None:
            return
        events = await self._carry_out(begun)
        counts = (
            {"events": events} if begun.visitor_id else {"payments": len(begun.transaction_ids)}
        )
        await self._add_to_audit(begun.website_id, begun.actor, f"{begun.action} (killed)", counts)
        await asyncio.to_thread(self._catalog.erase_deleted)

    async def _carry_out(self, begun: Begun) -> int:
        """How many events of a person went."""
        found = 0
        await asyncio.to_thread(self._begun.write, begun)
        await self._books.flush()
        async with self._gates.closed(begun.website_id):
            if begun.visitor_id:
                found = await self._erase_person(begun.website_id, begun.visitor_id)
            else:
                await self._erase_payments(begun)
            await asyncio.to_thread(self._begun.remove)
        return found

    async def _erase_payments(self, begun: Begun) -> None:
        website_id, names, ledger = begun.website_id, begun.transaction_ids, self._catalog.ledger
        # Where it failed half-way before, more may have been given back of them since.
        known = await asyncio.to_thread(ledger.movement_ids, website_id, names)
        ids = sorted({*begun.movement_ids, *known})
        await self._on_loader(lambda: self._loader.erase_payments(website_id, ids))
        await asyncio.to_thread(ledger.delete, website_id, names)
        # Another payment of a subscription may be its new one now.
        await self._books.flush()
        await self.catch_up()

    async def _erase_person(self, website_id: int, visitor_id: int) -> int:
        await self.catch_up()
        await asyncio.to_thread(self._forget_in_books, website_id, visitor_id)
        await self._books.flush()

        def erase() -> int:
            found = self._loader.erase_visitor(website_id, visitor_id)
            self._catalog.profiles.delete(website_id, visitor_id)
            return found

        return await self._on_loader(erase)

    def _find_payments(self, website_id: int, payments: PaymentsToErase) -> list[str]:
        """A visitor's are those that the books or the reports say are theirs."""
        find = partial(
            self._catalog.ledger.find_transactions,
            website_id,
            transaction_id=payments.transaction_id,
            from_ms=payments.from_ms,
            to_ms=None if payments.to_ms is None else payments.to_ms - 1,
        )
        found = find(visitor_id=payments.visitor_id)
        if not payments.visitor_id:
            return found
        named, by_session = set(found), self._paid_by(website_id, payments.visitor_id)
        return found + [name for name in find() if name in by_session and name not in named]

    def _forget_in_books(self, website_id: int, visitor_id: int) -> None:
        by_session = self._paid_by(website_id, visitor_id)
        self._catalog.ledger.forget_visitor(website_id, visitor_id, by_session)

    def _paid_by(self, website_id: int, visitor_id: int) -> set[str]:
        """Transactions that reports show as a visitor's, be it only by their session."""
        theirs = (
            "SELECT movement_id FROM payments FINAL WHERE website_id = {website_id:UInt32}"
            " AND visitor_id = {visitor_id:UInt64} AND kind != 'refund'"
        )
        values = {"website_id": website_id, "visitor_id": visitor_id}
        return {name for (name,) in self._engine.query(theirs, values).rows}

    async def _write_down(self, deletion: Deletion, action: str, **counts: int) -> None:
        done = f"{action} (dry run)" if deletion.is_dry else action
        filters, people = deletion.filters, deletion.people
        await self._add_to_audit(
            deletion.website.id, _actor(deletion), done, counts, filters, people
        )

    async def _add_to_audit(
        self,
        website_id: int,
        actor: str,
        action: str,
        counts: Mapping[str, int],
        filters: Mapping[str, str] = {},
        people: Mapping[str, str] = {},
    ) -> None:
        add = partial(self._catalog.audit.add, website_id, actor, action, now_ms=self._clock())
        await asyncio.to_thread(add, filters=filters, people=people, counts=counts)

    async def _read(self, website_id: int, work: Callable[[], T]) -> T:
        async with self._gates.reading(website_id):
            return await asyncio.to_thread(work)

    async def _on_loader(self, job: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._loading.call(job))

    async def _to_the_end(self, work: Coroutine[Any, Any, int]) -> int:
        """Go on where the caller is given up: the gate stays closed until it is done. Raises
        Unavailable where the disk is full or broken: what has begun is finished later."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except OSError as error:
            log.error("a delete could not be carried out", error=str(error))
            raise Unavailable(
                "The delete cannot be written to disk now: ask again in a moment",
                retry_after_s=RETRY_AFTER_S,
            ) from error


def _actor(deletion: Deletion) -> str:
    return f"token {deletion.token.prefix}…"
