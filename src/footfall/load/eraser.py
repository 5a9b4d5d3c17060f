"""The eraser: carries out deletes beside the loader, which it holds up only to swap drafts.

prepare   the loader settles, then: choose what goes, write the first pass of the drafts
finish    on the loader's thread: the last pass; behind the website's gate: the swap
clean     the journals' bytes and the replaced parts are taken off the disk

One erasure at a time: the caller sees to it. Whatever fails before the swap changes nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from footfall.load.batch import SEQ_PER_BATCH
from footfall.load.draft import (
    Change,
    Drafts,
    create_recounted,
    drop_drafts,
    put_in_place,
    swaps_of_recounted,
)
from footfall.load.erase import (
    GoalsToErase,
    changes,
    choose_goals,
    choose_goals_of_payments,
    choose_payments,
    choose_visitor,
    count_events,
    is_goal,
    is_of_payments,
    payments_of_chosen,
    recount_sessions,
)
from footfall.load.erasure import Erasure, ErasureFiles
from footfall.load.loader import Loader
from footfall.load.purge import old_rows, received_before
from footfall.load.refuse import Refused, drop_refused
from footfall.model.errors import Unavailable
from footfall.store.engine import Engine, EngineError

MAX_ROUNDS = 3
"""How often months are looked for that got chosen rows while drafts were written."""
RETRY_AFTER_S = 60
_MB = 1024 * 1024

T = TypeVar("T")
Gate = Callable[[], AbstractContextManager[None]]


class OnLoader(Protocol):
    """Runs a job on the loader's thread, between two batches, and answers what it answers."""

    def __call__(self, job: Callable[[], T], /) -> T: ...


class Prepared:
    """An erasure whose drafts have had their first pass."""

    def __init__(self, erasure: Erasure, loaded: int) -> None:
        self.erasure = erasure
        self.loaded = loaded  # the newest batch's number when it began
        self.found = 0
        self.drafts = Drafts([], {}, loaded)
        self.goals: GoalsToErase | None = None
        self.is_refused: Callable[[Refused], bool] | None = None
        """Which of the rows that were set aside go, too."""


def at_once(job: Callable[[], T]) -> T:
    """For a loader that has no thread of its own."""
    return job()


class Eraser:
    """Deletes for good, from the store and from the files beside it."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        loader: Loader,
        on_loader: OnLoader = at_once,
        *,
        min_free_bytes: int = 0,
    ) -> None:
        """`folder` is the data folder. So many bytes stay free on the disk."""
        self._engine = engine
        self._aside = engine.aside
        self._loader = loader
        self._on_loader = on_loader
        self._refused = folder / "refused.jsonl"
        self._min_free_bytes = min_free_bytes
        self.files = ErasureFiles(folder)

    # All at once, for callers that need no gate. Each raises as `prepare` and `finish`.

    def erase_goals(self, website_id: int, goals: GoalsToErase) -> int:
        """Erase completions, everywhere; answers how many."""
        return self._carry_out(self.prepare_goals(website_id, goals))

    def erase_payments(self, website_id: int, movement_ids: Sequence[str]) -> int:
        """Erase movements of money and the goals that they recorded; answers how many."""
        return self._carry_out(self.prepare_payments(website_id, movement_ids))

    def erase_visitor(self, website_id: int, visitor_id: int) -> int:
        """Erase all of one person, whose payments stay as nobody's; answers how many events they
        had."""
        return self._carry_out(self.prepare_visitor(website_id, visitor_id))

    def purge(self, website_id: int, before_ms: int | None = None) -> None:
        """Remove a website's rows from every table, or only those placed before a time."""
        for step in self.purging(website_id, before_ms):
            step()

    def _carry_out(self, prepared: Prepared) -> int:
        try:
            found = self.finish(prepared)
        except BaseException:
            self.abandon(prepared)
            raise
        self.clean(prepared.erasure)
        return found

    # The steps

    def prepare_goals(self, website_id: int, goals: GoalsToErase) -> Prepared:
        """Completions that were acknowledged before this call. Raises EngineError, OSError,
        Unavailable; then nothing has changed."""
        prepared = self._begin(Erasure(number=0, website_id=website_id, what="events"))
        prepared.goals = goals
        prepared.is_refused = lambda row: row.website_id == website_id and is_goal(row, goals)
        return self._prepare(prepared)

    def prepare_payments(self, website_id: int, movement_ids: Sequence[str]) -> Prepared:
        """As `prepare_goals`."""
        erasure = Erasure(
            number=0, website_id=website_id, what="payments", movement_ids=list(movement_ids)
        )
        return self.prepare(erasure)

    def prepare_visitor(self, website_id: int, visitor_id: int) -> Prepared:
        """As `prepare_goals`; what comes of the visitor until the swap goes, too."""
        erasure = Erasure(number=0, website_id=website_id, what="visitor", visitor_id=visitor_id)
        return self.prepare(erasure)

    def prepare(self, erasure: Erasure) -> Prepared:
        """An erasure that was put aside, from its beginning; or a new one. As `prepare_goals`."""
        prepared = self._begin(erasure)
        website_id, ids = erasure.website_id, set(erasure.movement_ids)
        person = website_id, erasure.visitor_id
        if erasure.what == "payments":
            prepared.is_refused = lambda row: (
                row.website_id == website_id and is_of_payments(row, ids)
            )
        elif erasure.what == "visitor":
            prepared.is_refused = lambda row: (row.website_id, row.visitor_id) == person
        return self._prepare(prepared)

    def finish(
        self,
        prepared: Prepared,
        gate: Gate = nullcontext,
        inside: Callable[[], object] = lambda: None,
    ) -> int:
        """Swap; answers how many went. `inside` runs while the gate is closed, and may run again.
        Raises as `prepare_goals`: what has begun then is in `files`."""
        return self._on_loader(lambda: self._finish(prepared, gate, inside))

    def abandon(self, prepared: Prepared) -> None:
        """Remove the drafts of what is not going to be finished."""
        self._loader.end_drafts()
        if not self.files.is_swapping():
            with suppress(EngineError):
                drop_drafts(self._aside)
                if not any(each.number == prepared.erasure.number for each in self.files.all()):
                    self._forget_chosen(prepared.erasure)

    def clean(self, erasure: Erasure) -> None:
        """Take off the disk what the swap has replaced, and the erasure itself. May be done again.
        Raises as `finish`."""
        self._on_loader(self._loader.blank)
        drop_drafts(self._aside)
        self._drop_replaced(*sorted({swap.table for swap in erasure.swaps}))
        self._forget_chosen(erasure)
        self.files.remove(erasure)

    # Old rows

    def purging(self, website_id: int, before_ms: int | None = None) -> list[Callable[[], object]]:
        """The steps that remove a website's rows, or those placed before a time: each a month of a
        table. Raises as `prepare_goals`, and so do the steps."""

        def is_old(row: Refused) -> bool:
            is_past = before_ms is None or row.placed_at < before_ms
            return row.website_id == website_id and is_past

        self._on_loader(lambda: drop_refused(self._refused, is_old))
        rows, values = old_rows(website_id, before_ms)
        steps = [step for change in rows for step in self._removing(change, values)]
        if not steps:
            return []
        drop = partial(self._drop_replaced, *(change.table for change in rows))
        return [*steps, drop, partial(self._on_loader, self._loader.blank)]

    def forgetting(self, table: str, before_ms: int) -> list[Callable[[], object]]:
        """The steps that remove what a table received before a time. As `purging`."""
        change, values = received_before(table, before_ms)
        return self._removing(change, values)

    def _removing(self, change: Change, values: dict[str, object]) -> list[Callable[[], object]]:
        months = Drafts([change], values, 0).find_months(self._aside)
        return [partial(self._remove, change, month, values) for _, month in months]

    def _remove(self, change: Change, month: str, values: dict[str, object]) -> None:
        in_month = f"_partition_id = '{month}' AND {change.rows}"
        prepared = self._begin(Erasure(number=0, what="purge"))
        try:
            change = Change(table=change.table, rows=in_month)
            self._write_drafts(prepared, [change], values)
            self.finish(prepared)
        except BaseException:
            self.abandon(prepared)
            raise
        drop_drafts(self._aside)
        self.files.remove(prepared.erasure)

    # Inside

    def _begin(self, erasure: Erasure) -> Prepared:
        def settle() -> int:
            self._loader.catch_up()
            loaded = self._loader.settle()
            self._loader.begin_drafts()
            return loaded

        loaded = self._on_loader(settle)
        try:
            erasure.number = erasure.number or loaded
            drop_drafts(self._aside)
        except BaseException:
            self._loader.end_drafts()
            raise
        return Prepared(erasure, loaded)

    def _prepare(self, prepared: Prepared) -> Prepared:
        try:
            self._choose(prepared)
            erasure = prepared.erasure
            assert erasure.what != "purge"
            self._write_drafts(prepared, changes(erasure.what), erasure.values)
            if erasure.what == "events":
                create_recounted(self._aside)
                recount_sessions(
                    self._aside, erasure.number, erasure.website_id, version=prepared.loaded
                )
        except BaseException:
            self.abandon(prepared)
            raise
        return prepared

    def _choose(self, prepared: Prepared) -> None:
        erasure, work = prepared.erasure, self._aside
        number, website_id = erasure.number, erasure.website_id
        before_seq = (prepared.loaded + 1) * SEQ_PER_BATCH
        if erasure.what == "events" and prepared.goals is None:
            return  # put aside: it was chosen then
        self._forget_chosen(erasure)
        if prepared.goals:
            prepared.found = choose_goals(work, number, website_id, prepared.goals, before_seq)
            erasure.movement_ids = payments_of_chosen(work, number, website_id)
        elif erasure.what == "payments":
            choose_payments(work, number, website_id, erasure.movement_ids)
        else:
            choose_visitor(work, number, erasure.visitor_id)

    def _write_drafts(
        self, prepared: Prepared, wanted: list[Change], values: dict[str, object]
    ) -> None:
        drafts = prepared.drafts = Drafts(wanted, values, prepared.loaded)
        for _ in range(MAX_ROUNDS):
            months = drafts.find_months(self._aside)
            if not months:
                return
            self._check_room(drafts.bytes_needed(self._aside, months))
            drafts.write(self._aside, months)

    def _check_room(self, needed: int) -> None:
        [[free]] = self._aside.query("SELECT min(free_space) FROM system.disks").rows
        if int(free) < needed + self._min_free_bytes:
            wanted, kept, there = (size / _MB for size in (needed, self._min_free_bytes, int(free)))
            raise Unavailable(
                f"This delete needs {wanted:,.0f} MB of disk space for a while, beside the"
                f" {kept:,.0f} MB that are kept free, and {there:,.0f} MB are free. Nothing was"
                " deleted: make room and send it again",
                retry_after_s=RETRY_AFTER_S,
            )

    def _finish(self, prepared: Prepared, gate: Gate, inside: Callable[[], object]) -> int:
        erasure, loader = prepared.erasure, self._loader
        loader.catch_up()
        newest = loader.settle()
        self._choose_late(prepared)
        erasure.swaps = prepared.drafts.complete(self._engine, loader.oldest_receipt)
        if erasure.what == "events":
            recount_sessions(
                self._engine,
                erasure.number,
                erasure.website_id,
                version=newest + 1,
                newer_than=prepared.loaded,
            )
            erasure.swaps += swaps_of_recounted(self._engine)
        if prepared.is_refused:
            drop_refused(self._refused, prepared.is_refused)
        with loader.rewriting():
            erasure.phase = "swapping"
            self.files.write(erasure)
            with gate():
                put_in_place(self._engine, erasure.swaps)
                inside()
            erasure.phase = "swapped"
            self.files.write(erasure)
        loader.end_drafts()
        loader.forget_sessions()
        return prepared.found

    def _choose_late(self, prepared: Prepared) -> None:
        erasure, work = prepared.erasure, self._engine
        website_id = erasure.website_id
        if erasure.what == "payments":
            ids = erasure.movement_ids
            prepared.found = choose_payments(work, erasure.number, website_id, ids)
        elif erasure.what == "events" and erasure.movement_ids:  # they may be booked again since
            ids = erasure.movement_ids
            choose_goals_of_payments(work, erasure.number, website_id, ids)
        elif erasure.what == "visitor":
            prepared.found = count_events(work, website_id, erasure.visitor_id)

    def _drop_replaced(self, *tables: str) -> None:
        self._on_loader(self._loader.keeper.begin_cleaning)
        try:
            self._engine.drop_replaced_parts(*tables)
        finally:
            self._on_loader(self._loader.keeper.end_cleaning)

    def _forget_chosen(self, erasure: Erasure) -> None:
        """Empty the table of what was chosen, unless an erasure that was put aside needs it."""
        others = [each for each in self.files.all() if each.number != erasure.number]
        if not any(each.what == "events" for each in others):
            self._aside.command("TRUNCATE TABLE erased")
