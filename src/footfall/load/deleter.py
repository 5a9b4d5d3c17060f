"""The deleter carries out deletes while loading continues, which it interrupts only to swap drafts.

prepare   list the rows to delete, and write the first pass of the drafts
finish    on the loader's thread: the last pass, then, behind the website's gate, the swap
clean     remove the journals' bytes and the replaced parts from the disk

The caller runs one deletion at a time. A failure before the swap changes nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from footfall.load.batch import SEQ_PER_BATCH
from footfall.load.deleted_rows import (
    LOSE_SOME_EVENTS,
    GoalsToDelete,
    changes,
    choose_goals,
    choose_goals_of_payments,
    choose_payments,
    choose_visitor,
    count_events,
    count_website_events,
    is_goal,
    is_of_payments,
    payments_of_chosen,
    recount_sessions,
)
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.load.draft import (
    Change,
    Drafts,
    create_recounted,
    drop_drafts,
    put_in_place,
    swaps_of_recounted,
)
from footfall.load.loader import Loader
from footfall.load.marking import unmark_after_recount
from footfall.load.old_rows import Values, rows_before, rows_of_website, rows_received_before
from footfall.load.refuse import Refused, drop_refused
from footfall.model.errors import Unavailable
from footfall.store.engine import Engine, EngineError

MAX_ROUNDS = 3
"""How often to look for months that got rows to delete while drafts were being written."""
RETRY_AFTER_S = 60
_MB = 1024 * 1024

T = TypeVar("T")
Gate = Callable[[], AbstractContextManager[None]]
Step = Callable[[], object]


class OnLoader(Protocol):
    """Runs a job on the loader's thread, between two batches, and returns its result."""

    def __call__(self, job: Callable[[], T], /) -> T: ...


class Prepared:
    """A deletion whose drafts are written by the first pass."""

    def __init__(self, deletion: Deletion, loaded: int) -> None:
        self.deletion = deletion
        self.loaded = loaded  # the newest batch's number when it began
        self.found = 0
        self.drafts = Drafts([], {}, loaded)
        self.goals: GoalsToDelete | None = None
        self.is_refused: Callable[[Refused], bool] | None = None
        """Which of the refused rows are also deleted."""


def at_once(job: Callable[[], T]) -> T:
    """`OnLoader` for a loader that has no thread of its own."""
    return job()


class Deleter:
    """Deletes rows permanently, from the store and from the files beside it."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        loader: Loader,
        on_loader: OnLoader = at_once,
        *,
        min_free_bytes: int = 0,
    ) -> None:
        """`folder` is the data folder. A delete leaves `min_free_bytes` free on the disk."""
        self._engine = engine
        self._aside = engine.aside
        self._loader = loader
        self._on_loader = on_loader
        self._refused = folder / "refused.jsonl"
        self._min_free_bytes = min_free_bytes
        self.files = DeletionFiles(folder)

    def prepare_goals(self, website_id: int, goals: GoalsToDelete) -> Prepared:
        """Prepare to delete completions that were acknowledged before this call. Raises
        EngineError, OSError, Unavailable; then nothing has changed."""
        prepared = self._begin(Deletion(number=0, website_id=website_id, what="events"))
        prepared.goals = goals
        prepared.is_refused = lambda row: row.website_id == website_id and is_goal(row, goals)
        return self._prepare(prepared)

    def prepare(self, deletion: Deletion) -> Prepared:
        """Prepare to delete payments, a visitor or all data of a website, or start any unfinished
        deletion again.

        Rows of the visitor or website that arrive before the swap are deleted too. Raises as
        `prepare_goals`.
        """
        prepared = self._begin(deletion)
        website_id, ids = deletion.website_id, set(deletion.movement_ids)
        person = website_id, deletion.visitor_id
        if deletion.what == "payments":
            prepared.is_refused = lambda row: (
                row.website_id == website_id and is_of_payments(row, ids)
            )
        elif deletion.what == "visitor":
            prepared.is_refused = lambda row: (row.website_id, row.visitor_id) == person
        elif deletion.what == "website":
            prepared.is_refused = lambda row: row.website_id == website_id
        return self._prepare(prepared)

    def finish(
        self,
        prepared: Prepared,
        gate: Gate = nullcontext,
        inside: Step = lambda: None,
        first: Step = lambda: None,
    ) -> int:
        """Swap; returns how many went. `first` runs before it: if that fails, nothing is swapped.
        `inside` runs after it, while the gate is closed. Both may run again. Raises as
        `prepare_goals`: what has begun then is in `files`."""
        return self._on_loader(lambda: self._finish(prepared, gate, inside, first))

    def abandon(self, prepared: Prepared) -> None:
        """Remove the drafts of a deletion that will not be finished."""
        self._loader.end_drafts()
        if not self.files.is_swapping():
            with suppress(EngineError):
                drop_drafts(self._aside)
                if not any(each.number == prepared.deletion.number for each in self.files.all()):
                    self._forget_chosen(prepared.deletion)

    def clean(self, deletion: Deletion) -> None:
        """Remove what the swap has replaced from the disk, and the deletion's files. Can be done
        again. Raises as `finish`."""
        self._on_loader(self._loader.blank)
        drop_drafts(self._aside)
        self._drop_replaced(*sorted({swap.table for swap in deletion.swaps}))
        self._forget_chosen(deletion)
        self.files.remove(deletion)

    # Old rows

    def steps_to_remove(self, website_id: int) -> list[Step]:
        """The steps that remove all rows of a website, each a month of a table; none if nothing
        is left to remove. Raises as `prepare_goals`, and so do the steps."""
        self._on_loader(self._loader.catch_up)
        self._on_loader(
            lambda: drop_refused(self._refused, lambda row: row.website_id == website_id)
        )
        return self._removing_from_tables(*rows_of_website(website_id))

    def steps_to_purge(self, website_id: int, before_ms: int) -> list[Step]:
        """The steps that remove a website's rows placed before a time. As `steps_to_remove`."""

        def is_old(row: Refused) -> bool:
            return row.website_id == website_id and row.placed_at < before_ms

        self._on_loader(lambda: drop_refused(self._refused, is_old))
        return self._removing_from_tables(*rows_before(website_id, before_ms))

    def forget_purged(self, website_id: int) -> None:
        """Let no mark depend on sessions that a purge has removed, completely or not. Raises as
        `prepare_goals`."""
        self._on_loader(partial(self._loader.forget_purged, website_id))

    def steps_to_purge_table(self, table: str, before_ms: int) -> list[Step]:
        """The steps that remove what a table received before a time. As `steps_to_remove`."""
        change, values = rows_received_before(table, before_ms)
        return self._removing(change, values)

    def _removing_from_tables(self, rows: list[Change], values: Values) -> list[Step]:
        steps = [step for change in rows for step in self._removing(change, values)]
        if not steps and not self.files.is_removal_unfinished():
            return []
        drop = partial(self._drop_replaced, *(change.table for change in rows))
        blank = partial(self._on_loader, self._loader.blank)
        return [self.files.begin_removal, *steps, drop, blank, self.files.end_removal]

    def _removing(self, change: Change, values: Values) -> list[Step]:
        months = Drafts([change], values, 0).find_months(self._aside)
        return [partial(self._remove, change, month, values) for _, month in months]

    def _remove(self, change: Change, month: str, values: Values) -> None:
        in_month = f"_partition_id = '{month}' AND {change.rows}"
        prepared = self._begin(Deletion(number=0, what="purge"))
        try:
            change = Change(table=change.table, rows=in_month)
            self._write_drafts(prepared, [change], values)
            self.finish(prepared)
        except BaseException:
            self.abandon(prepared)
            raise
        drop_drafts(self._aside)
        self.files.remove(prepared.deletion)

    # Inside

    def _begin(self, deletion: Deletion) -> Prepared:
        def settle() -> int:
            self._loader.catch_up()
            loaded = self._loader.settle()
            self._loader.begin_drafts()
            return loaded

        loaded = self._on_loader(settle)
        try:
            deletion.number = deletion.number or loaded
            drop_drafts(self._aside)
        except BaseException:
            self._loader.end_drafts()
            raise
        return Prepared(deletion, loaded)

    def _prepare(self, prepared: Prepared) -> Prepared:
        try:
            self._choose(prepared)
            deletion = prepared.deletion
            assert deletion.what != "purge"
            self._write_drafts(prepared, changes(deletion.what), deletion.values)
            if deletion.what in LOSE_SOME_EVENTS:
                create_recounted(self._aside)
                recount_sessions(
                    self._aside, deletion.number, deletion.website_id, version=prepared.loaded
                )
        except BaseException:
            self.abandon(prepared)
            raise
        return prepared

    def _choose(self, prepared: Prepared) -> None:
        deletion, work = prepared.deletion, self._aside
        number, website_id = deletion.number, deletion.website_id
        before_seq = (prepared.loaded + 1) * SEQ_PER_BATCH
        if deletion.what == "events" and prepared.goals is None:
            return  # an unfinished deletion: its rows are listed already
        self._forget_chosen(deletion)
        if prepared.goals:
            prepared.found = choose_goals(work, number, website_id, prepared.goals, before_seq)
            deletion.movement_ids = payments_of_chosen(work, number, website_id)
        elif deletion.what == "payments":
            choose_payments(work, number, website_id, deletion.movement_ids)
        elif deletion.what == "visitor":
            choose_visitor(work, number, deletion.visitor_id)

    def _write_drafts(self, prepared: Prepared, wanted: list[Change], values: Values) -> None:
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
                f"This delete temporarily needs {wanted:,.0f} MB of disk space, in addition to the"
                f" {kept:,.0f} MB that stay free, but only {there:,.0f} MB are free. Nothing was"
                " deleted: make room and send it again",
                retry_after_s=RETRY_AFTER_S,
            )

    def _finish(self, prepared: Prepared, gate: Gate, inside: Step, first: Step) -> int:
        deletion, loader = prepared.deletion, self._loader
        loader.catch_up()
        newest = loader.settle()
        self._choose_late(prepared)
        deletion.swaps = prepared.drafts.complete(self._engine, loader.oldest_receipt)
        if deletion.what in LOSE_SOME_EVENTS:
            recount_sessions(
                self._engine,
                deletion.number,
                deletion.website_id,
                version=newest + 1,
                newer_than=prepared.loaded,
            )
            unmark_after_recount(self._engine, deletion.website_id, newest + 1)
            deletion.swaps += swaps_of_recounted(self._engine)
        with loader.changing_months():
            first()
            if prepared.is_refused:
                drop_refused(self._refused, prepared.is_refused)
            deletion.phase = "swapping"
            self.files.write(deletion)
            with gate():
                put_in_place(self._engine, deletion.swaps)
                inside()
            deletion.phase = "swapped"
            self.files.write(deletion)
        loader.end_drafts()
        loader.forget_sessions()
        return prepared.found

    def _choose_late(self, prepared: Prepared) -> None:
        deletion, work = prepared.deletion, self._engine
        website_id = deletion.website_id
        if deletion.what == "payments":
            ids = deletion.movement_ids
            prepared.found = choose_payments(work, deletion.number, website_id, ids)
        # they may have been posted again since
        elif deletion.what == "events" and deletion.movement_ids:
            ids = deletion.movement_ids
            choose_goals_of_payments(work, deletion.number, website_id, ids)
        elif deletion.what == "visitor":
            prepared.found = count_events(work, website_id, deletion.visitor_id)
        elif deletion.what == "website":
            prepared.found = count_website_events(work, website_id)

    def _drop_replaced(self, *tables: str) -> None:
        self._on_loader(self._loader.keeper.begin_cleaning)
        try:
            self._engine.drop_replaced_parts(*tables)
        finally:
            self._on_loader(self._loader.keeper.end_cleaning)

    def _forget_chosen(self, deletion: Deletion) -> None:
        """Empty the table of rows to delete, unless an unfinished deletion needs it."""
        others = [each for each in self.files.all() if each.number != deletion.number]
        if not any(each.what == "events" for each in others):
            self._aside.command("TRUNCATE TABLE erased", keeps_rows=True)
