"""Drafts: months of tables as they will be after a delete, written beside the tables.

Loading continues meanwhile, so a draft is written in two passes. The first one copies the rows that
no batch changes any more, however long that takes. The last one runs between two batches and copies
the few rows that are new or may have been removed. Then the drafts replace their months.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from footfall.load.batch import SEQ_PER_BATCH
from footfall.load.work import Work
from footfall.model.event import RESERVED_GOALS

PREFIX = "draft_"
_VOLATILE = "_volatile"
RECOUNTED = f"{PREFIX}recounted"
"""Newer versions of sessions, which are added to their table."""
_RESERVED = ", ".join(f"'{name}'" for name in sorted(RESERVED_GOALS))
IS_GOAL_OF_PAYMENT = f"(is_server_side = 1 AND type = 'track' AND name IN ({_RESERVED}))"
_LATE_SESSIONS = (
    "(SELECT session_id FROM sessions WHERE _partition_id IN {months:Array(String)}"
    " AND version > {loaded:UInt64})"
)
_OF_DRAFT = f"SELECT website_id, started_at, session_id FROM {PREFIX}visits"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a delete does to a table. Of the selected `rows`, those for which `removed` holds are
    removed; the others get new values for some columns. All conditions are SQL."""

    table: str
    rows: str
    removed: str = "1"
    becomes: Mapping[str, str] = {}


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """One step of putting drafts in place. Doing it twice changes nothing."""

    table: str
    month: str  # a partition's id
    draft: str
    is_added: bool = False  # the month keeps its own rows
    is_empty: bool = False  # the whole month is removed


class _Passes(NamedTuple):
    """Which rows each pass copies. A row that exists before the first pass, and stays, is copied by
    exactly one of them. So is a row that arrives before the last pass."""

    first: str
    last: str
    volatile: str = ""
    """Rows that may be removed meanwhile. The first pass copies them to a table of their own; the
    last one takes those that still exist, by their `seq`."""


_ALL_AT_LAST = _Passes("", "1")
_PASSES = {
    # A payment that is posted again removes its older goal.
    "events": _Passes(
        f"seq < {{late_seq:UInt64}} AND NOT {IS_GOAL_OF_PAYMENT}",
        "seq >= {late_seq:UInt64}",
        volatile=f"seq < {{late_seq:UInt64}} AND {IS_GOAL_OF_PAYMENT}",
    ),
    "sessions": _Passes("version <= {loaded:UInt64}", "version > {loaded:UInt64}"),
    # A visit's row is written with the first version of its session.
    "visits": _Passes(
        "1",
        f"session_id IN {_LATE_SESSIONS} AND (website_id, started_at, session_id) NOT IN"
        f" ({_OF_DRAFT} WHERE session_id IN {_LATE_SESSIONS})",
    ),
    # The newest receipt of an eventId counts, so a row that is copied twice does no harm.
    "event_ids": _Passes("1", "received_at >= fromUnixTimestamp64Milli({late_since:Int64})"),
    "payments": _ALL_AT_LAST,
    "ingestion": _ALL_AT_LAST,  # the engine adds up older and newer rows
    "quarantine": _ALL_AT_LAST,
}


class Drafts:
    """The drafts of one delete."""

    def __init__(
        self, changes: Iterable[Change], values: Mapping[str, object], loaded: int
    ) -> None:
        """`loaded`: the newest batch's number, which no row has. `values`: those of the
        conditions."""
        self._changes = list(changes)
        self._values = {
            **values,
            "loaded": loaded,
            "late_seq": (loaded + 1) * SEQ_PER_BATCH,
            "late_since": 0,
        }
        self._months: dict[str, set[str]] = {}

    def find_months(self, work: Work) -> list[tuple[Change, str]]:
        """Months with rows to delete that have no draft yet. Raises EngineError."""
        return [
            (change, month)
            for change in self._changes
            for (month,) in work.query(
                f"SELECT DISTINCT _partition_id AS month FROM {change.table} WHERE {change.rows}"
                " ORDER BY month",
                self._values,
            ).rows
            if month not in self._months.get(change.table, ())
        ]

    def write(self, work: Work, months: Iterable[tuple[Change, str]]) -> None:
        """The first pass for some months. Raises EngineError."""
        for change, month in months:
            draft, passes = PREFIX + change.table, _PASSES[change.table]
            if change.table not in self._months:
                work.command(f"CREATE TABLE {draft} AS {change.table}", keeps_rows=True)
                if passes.volatile:
                    volatile = f"{draft}{_VOLATILE} AS {change.table}"
                    work.command(f"CREATE TABLE {volatile}", keeps_rows=True)
            self._months.setdefault(change.table, set()).add(month)
            if passes.first:
                self._copy(work, change, [month], draft, passes.first)
            if passes.volatile:
                self._copy(work, change, [month], draft + _VOLATILE, passes.volatile)

    def complete(self, work: Work, late_since: int) -> list[Swap]:
        """The last pass; returns what puts the drafts in place. No batch may be inserted between
        the two. `late_since`: no record that was loaded since the first pass was received before
        it. Raises EngineError."""
        self._values["late_since"] = late_since
        self.write(work, self.find_months(work))  # of rows that arrived in the last moment
        swaps: list[Swap] = []
        for change in self._changes:
            months = sorted(self._months.get(change.table, ()))
            if not months:
                continue
            draft, passes = PREFIX + change.table, _PASSES[change.table]
            self._copy(work, change, months, draft, passes.last)
            if passes.volatile:
                self._copy_volatile(work, change, months, passes.volatile)
            filled = {month for (month,) in work.query(months_of(draft)).rows}
            swaps += [
                Swap(table=change.table, month=month, draft=draft, is_empty=month not in filled)
                for month in months
            ]
        return swaps

    def bytes_needed(self, work: Work, months: Iterable[tuple[Change, str]]) -> int:
        """The size of some months. Raises EngineError."""
        size = (
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = {table:String}"
            " AND database = currentDatabase() AND partition_id = {month:String}"
        )
        return sum(
            int(work.query(size, {"table": change.table, "month": month}).rows[0][0])
            for change, month in months
        )

    def _copy(self, work: Work, change: Change, months: list[str], draft: str, which: str) -> None:
        values = {**self._values, "months": months}
        work.command(f"INSERT INTO {draft} {_select(change, which)}", values, keeps_rows=True)

    def _copy_volatile(self, work: Work, change: Change, months: list[str], which: str) -> None:
        there = (
            f"SELECT seq FROM {change.table} PREWHERE {which}"
            " WHERE _partition_id IN {months:Array(String)}"
        )
        left = f"seq IN ({there})" + ("" if change.becomes else f" AND NOT ({change.rows})")
        draft = PREFIX + change.table
        work.command(
            f"INSERT INTO {draft} SELECT * FROM {draft}{_VOLATILE} WHERE {left}",
            {**self._values, "months": months},
            keeps_rows=True,
        )


def create_recounted(work: Work) -> None:
    """An empty table for newer versions of sessions. Raises EngineError."""
    work.command(f"CREATE TABLE {RECOUNTED} AS sessions", keeps_rows=True)


def swaps_of_recounted(work: Work) -> list[Swap]:
    """The swaps that add them to their table. Raises EngineError."""
    months = work.query(months_of(RECOUNTED)).rows
    return [
        Swap(table="sessions", month=month, draft=RECOUNTED, is_added=True) for (month,) in months
    ]


def put_in_place(work: Work, swaps: Iterable[Swap]) -> None:
    """Replace months with their drafts. Can be done again until the next batch is inserted. Raises
    EngineError."""
    for table, steps in groupby(swaps, attrgetter("table")):
        work.command(f"ALTER TABLE {table} " + ", ".join(map(_step, steps)))


def _step(swap: Swap) -> str:
    if swap.is_added:
        return f"ATTACH PARTITION ID '{swap.month}' FROM {swap.draft}"
    if swap.is_empty:
        return f"DROP PARTITION ID '{swap.month}'"
    return f"REPLACE PARTITION ID '{swap.month}' FROM {swap.draft}"


def drop_drafts(work: Work) -> None:
    """Remove all drafts. Raises EngineError."""
    drafts = (
        "SELECT name FROM system.tables WHERE database = currentDatabase()"
        " AND startsWith(name, {prefix:String})"
    )
    for (name,) in work.query(drafts, {"prefix": PREFIX}).rows:
        work.command(f"DROP TABLE {name} SYNC", keeps_rows=True)


def months_of(table: str) -> str:
    return f"SELECT DISTINCT _partition_id AS month FROM {table} ORDER BY month"


def _select(change: Change, which: str) -> str:
    # PREWHERE: otherwise the engine reads all columns of the month to find the few rows of a last
    # pass
    wanted = f"PREWHERE {which} WHERE _partition_id IN {{months:Array(String)}}"
    if not change.becomes:
        return f"SELECT * FROM {change.table} {wanted} AND NOT ({change.rows})"
    changed = ", ".join(
        f"if(is_chosen, {new}, {old}) AS {old}" for old, new in change.becomes.items()
    )
    # in a subquery, so that the conditions never see a changed column
    chosen = (
        f"SELECT *, ({change.rows}) AS is_chosen, is_chosen AND ({change.removed}) AS is_removed"
        f" FROM {change.table} {wanted} AND NOT is_removed"
    )
    return f"SELECT * EXCEPT (is_chosen, is_removed) REPLACE ({changed}) FROM ({chosen})"
