"""Runs one deletion in the store, the ledger, the profiles and what is known of imports."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from footfall.catalog import Catalog
from footfall.importing.importer import forget_runs, import_lock
from footfall.load.deleted_rows import DeletionKind
from footfall.load.deleter import Deleter, Prepared
from footfall.load.deletion import Deletion
from footfall.load.loader import Loader
from footfall.money.ledger import Ledger
from footfall.money.service import PaymentService
from footfall.serve.gate import Gates
from footfall.store.engine import Engine
from footfall.store.movement import transactions_of_visitor

T = TypeVar("T")


def nothing() -> None:
    """A step that does nothing."""


class Loading(Protocol):
    """The thread of the store's only writer."""

    def call(self, job: Callable[[], T]) -> "Future[T]":
        """Run a job between two batches."""


class DeletionRunner:
    """Runs one deletion at a time. Loading continues meanwhile; the website's gate is closed only
    for the swap."""

    def __init__(
        self,
        *,
        folder: Path,
        engine: Engine,
        deleter: Deleter,
        catalog: Catalog,
        ledger: Ledger,
        payment_service: PaymentService,
        gates: Gates,
        loader: Loader,
        loading: Loading,
    ) -> None:
        """`folder` is the data folder."""
        self._folder = folder
        self.reader = engine.reader("deletes")
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="deletes")
        self._deleter = deleter
        self._catalog = catalog
        self._ledger = ledger
        self._payment_service = payment_service
        self._gates = gates
        self._loader = loader
        self._loading = loading
        self.turn = asyncio.Lock()
        """Held while drafts are written."""
        self.current = 0
        """The number of the deletion that is running."""
        self.errors: dict[int, str] = {}
        """By the number of a deletion that has begun."""

    def without_imports(
        self, what: DeletionKind | Literal["purge"]
    ) -> AbstractContextManager[None]:
        """To be held while a deletion is prepared and run: an import would go on at its middle if
        all data of its website went meanwhile. Raises Conflict while one runs."""
        return import_lock(self._folder) if what == "website" else nullcontext()

    async def catch_up(self) -> None:
        """Wait until everything that was acknowledged is in the store. Raises EngineError,
        OSError."""
        await asyncio.wrap_future(self._loading.call(self._loader.catch_up))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Queries have a thread of their own, so that a slow one does not delay payments."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def paid_by(self, website_id: int, visitor_id: int) -> set[str]:
        """The transactions that are the visitor's in the reports."""
        return transactions_of_visitor(self.reader, website_id, visitor_id)

    async def run(self, prepared: Prepared, before_swap: Callable[[], object] = nothing) -> int:
        """The number of deleted events, goals or movements. The caller has the `turn`, and is
        `without_imports`. For a website's data, `before_swap` runs when nothing more can come. If
        that fails, nothing is deleted, neither now nor later."""
        deletion = prepared.deletion
        self.current = deletion.number
        try:
            found = await self._swap_as_needed(prepared, before_swap)
            await asyncio.to_thread(self._deleter.clean, deletion)
        except BaseException as error:
            await asyncio.to_thread(self._deleter.abandon, prepared)
            begun = await asyncio.to_thread(self._deleter.files.all)
            if any(each.number == deletion.number for each in begun):
                # Not in its file, because the loader may be writing another phase there.
                self.errors[deletion.number] = str(error)
            raise
        finally:
            self.current = 0
        return found

    async def _swap_as_needed(self, prepared: Prepared, before_swap: Callable[[], object]) -> int:
        match prepared.deletion.what:
            case "payments":
                return await self._swap_payments(prepared)
            case "visitor":
                return await self._swap_visitor(prepared)
            case "website":
                return await self._swap_website(prepared, before_swap)
            case "events" if prepared.deletion.movement_ids:
                return await self._swap_goals_of_payments(prepared)
            case _:
                return await self._swap(prepared)

    async def _swap_payments(self, prepared: Prepared) -> int:
        deletion, ledger = prepared.deletion, self._ledger
        website_id, names = deletion.website_id, deletion.transaction_ids
        async with self._payment_service.changing:
            await self._payment_service.flush()
            # There may be new refunds of them since they were listed.
            known = await asyncio.to_thread(ledger.movement_ids, website_id, names)
            deletion.movement_ids = sorted({*deletion.movement_ids, *known})
            await asyncio.to_thread(self._deleter.files.write, deletion)
            found = await self._swap(prepared)
            await asyncio.to_thread(ledger.delete, website_id, names)
            await self._payment_service.flush()
        await self.catch_up()  # another payment of a subscription may be its first one now
        return found

    async def _swap_goals_of_payments(self, prepared: Prepared) -> int:
        await self.catch_up()  # so that little is left to load while the ledger is locked
        async with self._payment_service.changing:
            # what is posted again later knows that the goal was deleted
            await self._payment_service.flush()
            found = await self._swap(prepared)
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
            await asyncio.to_thread(self._deleter.files.write, deletion)
            await self.in_thread(partial(self._forget_in_ledger, website_id, visitor_id))
            await self._payment_service.flush()
            forget = partial(self._catalog.profiles.delete, website_id, visitor_id)
            return await self._swap(prepared, forget)

    async def _swap_website(self, prepared: Prepared, before_swap: Callable[[], object]) -> int:
        website_id = prepared.deletion.website_id
        await self.catch_up()  # so that little is left to load while the ledger is locked
        async with self._payment_service.changing:
            await asyncio.to_thread(self._deleter.files.write, prepared.deletion)
            await self._payment_service.flush()
            with ExitStack() as until_swapped:

                def forget() -> None:
                    # no report reads the store with the ledger of afterwards
                    until_swapped.enter_context(self._gates.closed(website_id))
                    try:
                        before_swap()
                    except BaseException:  # nothing has gone, and then nothing may go later
                        self._deleter.files.remove(prepared.deletion)
                        raise
                    forget_runs(self._folder, self._catalog.import_jobs(website_id))
                    self._catalog.forget_data(website_id)

                # First: were it done after a kill, it would also forget what came since.
                return await self._swap(prepared, first=forget)

    async def _swap(
        self,
        prepared: Prepared,
        inside: Callable[[], object] = nothing,
        first: Callable[[], object] = nothing,
    ) -> int:
        gate = partial(self._gates.closed, prepared.deletion.website_id)
        return await asyncio.to_thread(self._deleter.finish, prepared, gate, inside, first)

    async def settle_ledger(self, deletion: Deletion) -> None:
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

    def _forget_in_ledger(self, website_id: int, visitor_id: int) -> None:
        by_session = self.paid_by(website_id, visitor_id)
        self._ledger.forget_visitor(website_id, visitor_id, by_session)
