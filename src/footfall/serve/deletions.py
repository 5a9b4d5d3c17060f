"""Deletes: complete when the response is sent, and never half visible."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from footfall.catalog import Catalog
from footfall.clock import Clock
from footfall.load.deleted_rows import GoalsToDelete, count_events, count_goals
from footfall.load.deleter import Deleter, Prepared
from footfall.load.deletion import Deletion
from footfall.load.loader import Loader
from footfall.model.errors import FootfallError, Unavailable
from footfall.model.website import Token, Website
from footfall.money.ledger import Ledger
from footfall.money.service import PaymentService
from footfall.serve.gate import Gates
from footfall.store.engine import Engine, EngineError
from footfall.store.movement import transactions_of_visitor

log = structlog.get_logger()
T = TypeVar("T")
RETRY_AFTER_S = 10


class Loading(Protocol):
    """The thread of the store's only writer."""

    def call(self, job: Callable[[], T]) -> "Future[T]":
        """Run a job between two batches."""


class PaymentsToDelete(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that match every field that is set; from_ms ≤ their own time < to_ms."""

    transaction_id: str = ""
    visitor_id: int = 0
    from_ms: int | None = None
    to_ms: int | None = None


class DeleteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a delete, and with which filters. Values that name a person are kept hashed."""

    website: Website
    token: Token
    filters: Mapping[str, str]
    people: Mapping[str, str] = {}
    is_dry: bool = False


class Deletions:
    """Runs deletes, one at a time, and writes them to the audit log. Loading continues meanwhile;
    the website's gate is closed only for the swap."""

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
        self._reader = engine.reader("deletes")
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="deletes")
        self._catalog = catalog
        self._ledger = ledger
        self._payment_service = payment_service
        self._gates = gates
        self._loader = loader
        self._loading = loading
        self._clock = clock
        self.deleter = Deleter(
            engine,
            folder,
            loader,
            lambda job: loading.call(job).result(),
            min_free_bytes=min_free_bytes,
        )
        self.turn = asyncio.Lock()
        """Held while drafts are written."""
        self._current = 0  # the number of the deletion that is running
        self._errors: dict[int, str] = {}  # by the number of a deletion that has begun
        self._failed: dict[int, str] = {}  # by website
        self._running: set[asyncio.Task[int]] = set()

    async def finish(self) -> None:
        """Complete the ledger's part of deletes that a crash interrupted, before anything is read.
        `resume` does the rest."""
        for deletion in await asyncio.to_thread(self.deleter.files.all):
            if deletion.phase == "swapped":
                try:
                    await self._settle_ledger(deletion)
                except (EngineError, OSError, FootfallError) as error:
                    log.error("a delete could not be finished; it is tried again", error=str(error))

    async def resume(self) -> None:
        """Carry out the deletes that were killed or failed half-way. If one fails again, the next
        one is tried."""
        for number in [begun.number for begun in await asyncio.to_thread(self.deleter.files.all)]:
            async with self.turn:
                await self._resume_one(number)

    async def _resume_one(self, number: int) -> None:
        """By its number, because it may have been finished while this waited for its turn."""
        begun = await asyncio.to_thread(self.deleter.files.all)
        for deletion in [each for each in begun if each.number == number]:
            self._current = number
            try:
                await self._resume(deletion)
                self._errors.pop(number, None)
            except (EngineError, OSError, FootfallError) as error:
                log.error("a delete could not be finished; it is tried again", error=str(error))
                self._errors[number] = str(error)
            finally:
                self._current = 0

    def unfinished(self) -> list[str]:
        """One sentence for each delete that waits to be carried out again, and for the last one
        that failed of each website."""
        waiting = [
            f"{_action(deletion)} of website {deletion.website_id:08x} has begun and is not"
            f" finished: {error or 'it was interrupted'}"
            for deletion in self.deleter.files.all()
            if deletion.number != self._current
            and (
                (error := self._errors.get(deletion.number, deletion.error))
                or deletion.what != "purge"
            )
        ]
        return waiting + list(self._failed.values())

    async def catch_up(self) -> None:
        """Wait until everything that was acknowledged is in the store. Raises EngineError,
        OSError."""
        await asyncio.wrap_future(self._loading.call(self._loader.catch_up))

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
                found = await self._carry_out(await asyncio.to_thread(prepare))
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
                    actor=_actor(request),
                )
                await self._carry_out(await asyncio.to_thread(self.deleter.prepare, deletion))
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
                    actor=_actor(request),
                )
                found = await self._carry_out(
                    await asyncio.to_thread(self.deleter.prepare, deletion)
                )
        after = await self._read(website_id, theirs)
        await self._write_down(request, "delete visitor", events=found, before=before, after=after)
        if not request.is_dry:
            await asyncio.to_thread(self._catalog.wipe_freed_pages)
        return found

    async def _carry_out(self, prepared: Prepared) -> int:
        """The number of deleted events, goals or movements."""
        deletion = prepared.deletion
        self._current = deletion.number
        try:
            match deletion.what:
                case "payments":
                    found = await self._swap_payments(prepared)
                case "visitor":
                    found = await self._swap_visitor(prepared)
                case "events" if deletion.movement_ids:
                    found = await self._swap_goals_of_payments(prepared)
                case _:
                    found = await self._swap(prepared, lambda: None)
            await asyncio.to_thread(self.deleter.clean, deletion)
        except BaseException as error:
            await asyncio.to_thread(self.deleter.abandon, prepared)
            # Not in its file, because the loader may be writing another phase there.
            self._errors[deletion.number] = str(error)
            raise
        finally:
            self._current = 0
        return found

    async def _swap_payments(self, prepared: Prepared) -> int:
        deletion, ledger = prepared.deletion, self._ledger
        website_id, names = deletion.website_id, deletion.transaction_ids
        async with self._payment_service.changing:
            await self._payment_service.flush()
            # There may be new refunds of them since they were listed.
            known = await asyncio.to_thread(ledger.movement_ids, website_id, names)
            deletion.movement_ids = sorted({*deletion.movement_ids, *known})
            await asyncio.to_thread(self.deleter.files.write, deletion)
            found = await self._swap(prepared, lambda: None)
            await asyncio.to_thread(ledger.delete, website_id, names)
            await self._payment_service.flush()
        await self.catch_up()  # another payment of a subscription may be its first one now
        return found

    async def _swap_goals_of_payments(self, prepared: Prepared) -> int:
        await self.catch_up()  # so that little is left to load while the ledger is locked
        async with self._payment_service.changing:
            # what is posted again later knows that the goal was deleted
            await self._payment_service.flush()
            found = await self._swap(prepared, lambda: None)
            await self._forget_goals(prepared.deletion)
        return found

    async def _forget_goals(self, deletion: Deletion) -> None:
        forget = self._ledger.forget_goals
        await asyncio.to_thread(forget, deletion.website_id, deletion.movement_ids)

    async def _swap_visitor(self, prepared: Prepared) -> int:
        deletion = prepared.deletion
        website_id, visitor_id = deletion.website_id, deletion.visitor_id
        await self.catch_up()  # so that little is left to load while the ledger is locked
        async with self._payment_service.changing:
            await asyncio.to_thread(self.deleter.files.write, deletion)
            await self._in_thread(partial(self._forget_in_ledger, website_id, visitor_id))
            await self._payment_service.flush()
            forget = partial(self._catalog.profiles.delete, website_id, visitor_id)
            return await self._swap(prepared, forget)

    async def _swap(self, prepared: Prepared, inside: Callable[[], object]) -> int:
        gate = partial(self._gates.closed, prepared.deletion.website_id)
        return await asyncio.to_thread(self.deleter.finish, prepared, gate, inside)

    async def _resume(self, deletion: Deletion) -> None:
        if deletion.phase == "swapping":
            return  # the loader finishes it before the next batch
        if deletion.phase == "waiting":
            if deletion.what == "purge":  # old rows are looked for every day
                await asyncio.to_thread(self.deleter.files.remove, deletion)
                return
            events = await self._carry_out(await asyncio.to_thread(self.deleter.prepare, deletion))
        else:
            events = 0
            await self._settle_ledger(deletion)
            await self.catch_up()
            await asyncio.to_thread(self.deleter.clean, deletion)
        if deletion.what == "purge":
            return
        counts = {"events": events}
        if deletion.what == "payments":
            counts = {"payments": len(deletion.transaction_ids)}
        done = f"{_action(deletion)} (killed)"
        await self._add_to_audit(deletion.website_id, deletion.actor, done, counts)
        await asyncio.to_thread(self._catalog.wipe_freed_pages)

    async def _settle_ledger(self, deletion: Deletion) -> None:
        """The catalog's part of a delete that is done in the store. Can be done again."""
        website_id = deletion.website_id
        if deletion.what == "visitor":
            await asyncio.to_thread(self._catalog.profiles.delete, website_id, deletion.visitor_id)
        elif deletion.what == "payments":
            async with self._payment_service.changing:
                names = deletion.transaction_ids
                await asyncio.to_thread(self._ledger.delete, website_id, names)
                await self._payment_service.flush()
        elif deletion.what == "events" and deletion.movement_ids:
            async with self._payment_service.changing:
                await self._forget_goals(deletion)

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
        named, by_session = set(found), self._paid_by(website_id, payments.visitor_id)
        return found + [name for name in find() if name in by_session and name not in named]

    def _forget_in_ledger(self, website_id: int, visitor_id: int) -> None:
        by_session = self._paid_by(website_id, visitor_id)
        self._ledger.forget_visitor(website_id, visitor_id, by_session)

    def _paid_by(self, website_id: int, visitor_id: int) -> set[str]:
        return transactions_of_visitor(self._reader, website_id, visitor_id)

    async def _write_down(self, request: DeleteRequest, action: str, **counts: int) -> None:
        done = f"{action} (dry run)" if request.is_dry else action
        filters, people = request.filters, request.people
        await self._add_to_audit(request.website.id, _actor(request), done, counts, filters, people)

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
        return await self._gates.read(website_id, lambda: self._in_thread(work))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Queries have a thread of their own, so that a slow one does not delay payments."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _to_the_end(self, request: DeleteRequest, work: Coroutine[Any, Any, int]) -> int:
        """Continue even if the caller is cancelled. Raises Unavailable if the disk is full or
        broken, or the store fails."""
        task = asyncio.create_task(self._watched(request.website, work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _watched(self, website: Website, work: Coroutine[Any, Any, int]) -> int:
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


def _actor(request: DeleteRequest) -> str:
    return f"token {request.token.prefix}…"


def _action(deletion: Deletion) -> str:
    names = {"visitor": "delete visitor", "payments": "delete payments", "events": "delete goals"}
    return names.get(deletion.what, "removing old data")
