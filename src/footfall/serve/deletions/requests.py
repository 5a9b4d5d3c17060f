"""Requests to delete goals, payments, a visitor or all data of a website."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.importing.importer import forget_runs, import_lock
from footfall.load.deleted_rows import (
    GoalsToDelete,
    count_events,
    count_goals,
    count_sessions,
    count_website_events,
)
from footfall.load.deleter import Deleter
from footfall.load.deletion import Deletion
from footfall.load.loader import Loader
from footfall.model.errors import Unavailable
from footfall.model.website import Token, Website
from footfall.money.ledger import Ledger
from footfall.money.service import PaymentService
from footfall.serve.deletions.runner import DeletionRunner, Loading
from footfall.serve.deletions.unfinished import Unfinished
from footfall.serve.gate import Gates
from footfall.store.engine import Engine, EngineError

log = structlog.get_logger()
T = TypeVar("T")
RETRY_AFTER_S = 10


class PaymentsToDelete(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that match every field that is set; from_ms ≤ their own time < to_ms."""

    transaction_id: str = ""
    visitor_id: int = 0
    from_ms: int | None = None
    to_ms: int | None = None


class WebsiteData(msgspec.Struct, frozen=True, kw_only=True):
    """How much a website has, or had before a reset."""

    events: int
    sessions: int  # also those of bots
    payments: int
    people: int  # who identified themselves


class DeleteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a delete, and with which filters. Values that name a person are kept hashed."""

    website: Website
    token: Token
    filters: Mapping[str, str]
    people: Mapping[str, str] = {}
    is_dry: bool = False


class Deletions:
    """Answers requests to delete, one at a time, and writes them to the audit log."""

    def __init__(
        self,
        *,
        folder: Path,
        engine: Engine,
        catalog: Catalog,
        ledger: Ledger,
        payment_service: PaymentService,
        gates: Gates,
        loader: Loader,
        loading: Loading,
        clock: Clock,
        min_free_bytes: int = 0,
    ) -> None:
        """`folder` is the data folder. A delete leaves `min_free_bytes` free on the disk."""
        self._folder = folder
        self._catalog = catalog
        self._ledger = ledger
        self._payment_service = payment_service
        self._gates = gates
        self._clock = clock
        self.deleter = Deleter(
            engine,
            folder,
            loader,
            lambda job: loading.call(job).result(),
            min_free_bytes=min_free_bytes,
        )
        self._runner = DeletionRunner(
            folder=folder,
            engine=engine,
            deleter=self.deleter,
            catalog=catalog,
            ledger=ledger,
            payment_service=payment_service,
            gates=gates,
            loader=loader,
            loading=loading,
        )
        self._reader = self._runner.reader
        self.turn = self._runner.turn
        """Held while drafts are written."""
        self.catch_up = self._runner.catch_up
        self._unfinished = Unfinished(self.deleter, self._runner, catalog, clock)
        self.finish = self._unfinished.finish
        self.resume = self._unfinished.resume
        self._failed: dict[int, str] = {}  # by website
        self._running: set[asyncio.Task[Any]] = set()

    def forget_imports(self, website_id: int) -> None:
        """Let the loader remove what killed imports into a website have left in the journal. Raises
        Conflict while an import is running."""
        if jobs := self._catalog.import_jobs(website_id):
            with import_lock(self._folder):
                forget_runs(self._folder, jobs)

    def unfinished(self) -> list[str]:
        """One sentence for each delete that waits to be carried out again, and for the last one
        that failed of each website."""
        return self._unfinished.sentences() + list(self._failed.values())

    async def goals(self, request: DeleteRequest, goals: GoalsToDelete) -> int:
        """The number of completions that were, or would be, deleted. Raises Unavailable."""
        return await self._to_the_end(request, self._goals(request, goals))

    async def payments(self, request: DeleteRequest, payments: PaymentsToDelete) -> int:
        """The number of payments that were, or would be, deleted, with their refunds and goals.
        Raises as `goals`."""
        return await self._to_the_end(request, self._payments(request, payments))

    async def visitor(self, request: DeleteRequest, visitor_id: int) -> int:
        """Delete a person everywhere; returns how many events they had. Their payments stay without
        them. Raises as `goals`."""
        return await self._to_the_end(request, self._visitor(request, visitor_id))

    async def website(self, request: DeleteRequest) -> WebsiteData:
        """Delete everything that a website has received; it keeps its settings. Returns what was,
        or would be, deleted. Raises as `goals`, and Conflict while an import runs."""
        return await self._to_the_end(request, self._website(request))

    async def _goals(self, request: DeleteRequest, goals: GoalsToDelete) -> int:
        website_id = request.website.id
        await self.catch_up()
        every = partial(count_goals, self._reader, website_id, GoalsToDelete())
        before = await self._read(website_id, every)
        if request.is_dry:
            count = partial(count_goals, self._reader, website_id, goals)
            found = await self._read(website_id, count)
        else:
            async with self.turn:
                prepare = partial(self.deleter.prepare_goals, website_id, goals)
                found = await self._runner.run(await asyncio.to_thread(prepare))
        after = await self._read(website_id, every)
        await self._write_down(
            request, "delete goals", completions=found, before=before, after=after
        )
        return found

    async def _payments(self, request: DeleteRequest, payments: PaymentsToDelete) -> int:
        website_id, ledger = request.website.id, self._ledger
        every = partial(ledger.find_transactions, website_id)
        async with nullcontext() if request.is_dry else self.turn:
            async with self._payment_service.changing:
                await self._payment_service.flush()
            await self.catch_up()
            before = len(await asyncio.to_thread(every))
            chosen = await self._read(website_id, lambda: self._find_payments(website_id, payments))
            if chosen and not request.is_dry:
                deletion = Deletion(
                    number=0,
                    website_id=website_id,
                    what="payments",
                    transaction_ids=chosen,
                    movement_ids=await asyncio.to_thread(ledger.movement_ids, website_id, chosen),
                    actor=request.token.actor,
                )
                await self._runner.run(await asyncio.to_thread(self.deleter.prepare, deletion))
            after = len(await asyncio.to_thread(every))
        await self._write_down(
            request, "delete payments", payments=len(chosen), before=before, after=after
        )
        if not request.is_dry:
            await asyncio.to_thread(self._catalog.wipe_freed_pages)
        return len(chosen)

    async def _visitor(self, request: DeleteRequest, visitor_id: int) -> int:
        website_id = request.website.id
        await self.catch_up()
        theirs = partial(count_events, self._reader, website_id, visitor_id)
        before = await self._read(website_id, theirs)
        if request.is_dry:
            found = before
        else:
            async with self.turn:
                deletion = Deletion(
                    number=0,
                    website_id=website_id,
                    what="visitor",
                    visitor_id=visitor_id,
                    actor=request.token.actor,
                )
                found = await self._runner.run(
                    await asyncio.to_thread(self.deleter.prepare, deletion)
                )
        after = await self._read(website_id, theirs)
        await self._write_down(request, "delete visitor", events=found, before=before, after=after)
        if not request.is_dry:
            await asyncio.to_thread(self._catalog.wipe_freed_pages)
        return found

    async def _website(self, request: DeleteRequest) -> WebsiteData:
        if request.is_dry:
            found = await self._count_data(request.website.id)
        else:
            async with self.turn:
                with self._runner.without_imports("website"):
                    found = await self._reset(request)
        await self._write_down(request, "delete all data", **msgspec.structs.asdict(found))
        if not request.is_dry:
            await asyncio.to_thread(self._catalog.wipe_freed_pages)
        return found

    async def _reset(self, request: DeleteRequest) -> WebsiteData:
        """What arrives while drafts are written goes too, so that counting comes last."""
        website_id, found = request.website.id, list[WebsiteData]()
        deletion = Deletion(
            number=0, website_id=website_id, what="website", actor=request.token.actor
        )
        prepared = await asyncio.to_thread(self.deleter.prepare, deletion)
        await self._runner.run(prepared, lambda: found.append(self._counted(website_id)))
        return found[-1]

    async def _count_data(self, website_id: int) -> WebsiteData:
        """What has been acknowledged until now."""
        async with self._payment_service.changing:
            await self._payment_service.flush()
        await self.catch_up()
        return await self._read(website_id, partial(self._counted, website_id))

    def _counted(self, website_id: int) -> WebsiteData:
        return WebsiteData(
            events=count_website_events(self._reader, website_id),
            sessions=count_sessions(self._reader, website_id),
            payments=len(self._ledger.find_transactions(website_id)),
            people=self._catalog.profiles.count(website_id),
        )

    def _find_payments(self, website_id: int, payments: PaymentsToDelete) -> list[str]:
        """A visitor's payments are those that are theirs in the ledger or in the reports."""
        find = partial(
            self._ledger.find_transactions,
            website_id,
            transaction_id=payments.transaction_id,
            from_ms=payments.from_ms,
            to_ms=None if payments.to_ms is None else payments.to_ms - 1,
        )
        found = find(visitor_id=payments.visitor_id)
        if not payments.visitor_id:
            return found
        named, by_session = set(found), self._runner.paid_by(website_id, payments.visitor_id)
        return found + [name for name in find() if name in by_session and name not in named]

    async def _write_down(self, request: DeleteRequest, action: str, **counts: int) -> None:
        done = f"{action} (dry run)" if request.is_dry else action
        filters, people = request.filters, request.people
        add = partial(
            self._catalog.audit.add,
            request.website.id,
            request.token.actor,
            done,
            now_ms=self._clock(),
        )
        await asyncio.to_thread(add, filters=filters, people=people, counts=counts)

    async def _read(self, website_id: int, work: Callable[[], T]) -> T:
        return await self._gates.read(website_id, lambda: self._runner.in_thread(work))

    async def _to_the_end(self, request: DeleteRequest, work: Coroutine[Any, Any, T]) -> T:
        """Continue even if the caller is cancelled. Raises Unavailable if the disk is full or
        broken, or the store fails."""
        task = asyncio.create_task(self._watched(request.website, work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _watched(self, website: Website, work: Coroutine[Any, Any, T]) -> T:
        try:
            found = await work
        except (EngineError, OSError, Unavailable) as error:
            log.error("a delete could not be carried out", error=str(error))
            begun = await asyncio.to_thread(self.deleter.files.all)
            if any(deletion.website_id == website.id for deletion in begun):
                what = (
                    "The delete has begun but could not be finished: it is tried again every minute"
                )
            elif isinstance(error, Unavailable):
                what = error.message
            else:
                what = (
                    "The delete could not be carried out, and nothing was deleted: see the server's"
                    " log, and send it again"
                )
            self._failed[website.id] = f"a delete of {website.domain} failed: {error}"
            raise Unavailable(what, retry_after_s=RETRY_AFTER_S) from error
        self._failed.pop(website.id, None)
        return found
