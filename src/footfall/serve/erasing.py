"""Deletes: complete when they answer, and never half seen."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Protocol, TypeVar

import msgspec

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.load.erase import GoalsToErase, count_events, count_goals
from footfall.load.loader import Loader
from footfall.model.website import Token, Website
from footfall.payments.books import Books
from footfall.serve.gate import Gates
from footfall.store.engine import Engine

T = TypeVar("T")


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


class Erasing:
    """Runs deletes on the loader's thread behind the website's gate, and writes them down."""

    def __init__(
        self,
        *,
        engine: Engine,
        catalog: Catalog,
        books: Books,
        gates: Gates,
        loader: Loader,
        loading: Loading,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._books = books
        self._gates = gates
        self._loader = loader
        self._loading = loading
        self._clock = clock

    async def catch_up(self) -> None:
        """Wait until all that was acknowledged is in the store. Raises EngineError, OSError."""
        await self._on_loader(self._loader.catch_up)

    async def goals(self, deletion: Deletion, goals: GoalsToErase) -> int:
        """How many completions went, or would go. Raises Unavailable, EngineError, OSError."""
        website_id = deletion.website.id
        await self.catch_up()
        if deletion.is_dry:
            found = await asyncio.to_thread(count_goals, self._engine, website_id, goals)
        else:
            async with self._gates.closed(website_id):
                found = await self._on_loader(lambda: self._loader.erase_goals(website_id, goals))
        await self._write_down(deletion, "delete goals", completions=found)
        return found

    async def payments(self, deletion: Deletion, payments: PaymentsToErase) -> int:
        """How many payments went, or would go, with their refunds and goals. Raises as `goals`."""
        website_id, ledger = deletion.website.id, self._catalog.ledger
        async with self._books.changing:
            await self._books.flush()
            if payments.visitor_id:
                await self.catch_up()
            chosen = await asyncio.to_thread(self._find_payments, website_id, payments)
            if chosen and not deletion.is_dry:
                movements = await asyncio.to_thread(ledger.movement_ids, website_id, chosen)
                async with self._gates.closed(website_id):
                    # reports first: asked again after a crash, the books still know what to delete
                    await self._on_loader(
                        lambda: self._loader.erase_payments(website_id, movements)
                    )
                    await asyncio.to_thread(ledger.delete, website_id, chosen)
                await asyncio.to_thread(self._catalog.erase_deleted)
        await self._write_down(deletion, "delete payments", payments=len(chosen))
        return len(chosen)

    async def visitor(self, deletion: Deletion, visitor_id: int) -> int:
        """Erase a person everywhere; answers how many events they had. Their payments stay without
        them. Raises as `goals`."""
        website_id = deletion.website.id
        if deletion.is_dry:
            found = await asyncio.to_thread(count_events, self._engine, website_id, visitor_id)
            await self._write_down(deletion, "delete visitor", events=found)
            return found
        async with self._books.changing:
            await self._books.flush()
            await self.catch_up()
            async with self._gates.closed(website_id):
                await asyncio.to_thread(self._forget_in_books, website_id, visitor_id)
                await self._books.flush()
                found = await self._on_loader(
                    lambda: self._loader.erase_visitor(website_id, visitor_id)
                )
            await asyncio.to_thread(self._catalog.profiles.delete, website_id, visitor_id)
        await self._write_down(deletion, "delete visitor", events=found)
        return found

    def _find_payments(self, website_id: int, payments: PaymentsToErase) -> list[str]:
        ledger = self._catalog.ledger
        found = ledger.find_transactions(
            website_id,
            transaction_id=payments.transaction_id,
            from_ms=payments.from_ms,
            to_ms=None if payments.to_ms is None else payments.to_ms - 1,
        )
        if not payments.visitor_id:
            return found
        theirs = {
            *ledger.find_transactions(website_id, visitor_id=payments.visitor_id),
            *self._tied_by_session(website_id, payments.visitor_id),
        }
        return [transaction_id for transaction_id in found if transaction_id in theirs]

    def _forget_in_books(self, website_id: int, visitor_id: int) -> None:
        by_session = self._tied_by_session(website_id, visitor_id)
        self._catalog.ledger.forget_visitor(website_id, visitor_id, by_session)

    def _tied_by_session(self, website_id: int, visitor_id: int) -> list[str]:
        """Payments that reports count for a visitor: of some the books know only the session."""
        theirs = (
            "SELECT movement_id FROM payments FINAL WHERE website_id = {website_id:UInt32}"
            " AND visitor_id = {visitor_id:UInt64} AND kind != 'refund'"
        )
        values = {"website_id": website_id, "visitor_id": visitor_id}
        return [name for (name,) in self._engine.query(theirs, values).rows]

    async def _write_down(self, deletion: Deletion, action: str, **counts: int) -> None:
        await asyncio.to_thread(
            self._catalog.audit.add,
            deletion.website.id,
            f"token {deletion.token.prefix}…",
            f"{action} (dry run)" if deletion.is_dry else action,
            filters=deletion.filters,
            people=deletion.people,
            counts=counts,
            now_ms=self._clock(),
        )

    async def _on_loader(self, job: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._loading.call(job))
