"""Which rows of the store a delete removes: goals, payments, a person, a website's data.

The rows are listed in the table `erased` under a number, so that no statement names a person.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from footfall.load.batch import SEQ_PER_BATCH, Batch
from footfall.load.draft import IS_GOAL_OF_PAYMENT, RECOUNTED, Change
from footfall.load.old_rows import OF_WEBSITE
from footfall.load.refuse import Refused
from footfall.load.remove_rows import remove_rows
from footfall.load.time_text import read_time
from footfall.load.work import Work
from footfall.model.event import NOT_COUNTED, RESERVED_GOALS
from footfall.model.fact import FACT_NAMES
from footfall.model.payment import TRANSACTION_ID
from footfall.store.engine import Engine
from footfall.store.reader import Reader

_CHOSEN = "(SELECT key FROM erased WHERE number = {number:UInt64})"
_TEXTS = "(SELECT text FROM erased WHERE number = {number:UInt64})"
_SESSIONS = "(SELECT session_id FROM erased WHERE number = {number:UInt64} AND session_id != 0)"
_STATE = (
    "website_id, started_at, session_id, visitor_id, version, is_deleted, bot, last_event_at,"
    " pageviews, counted_events, engaged_ms, entry_page, exit_page, exit_page_at, exit_link,"
    " exit_link_at"
)
_FACTS = ", ".join(FACT_NAMES)
_NOT_COUNTED = ", ".join(f"'{name}'" for name in sorted(NOT_COUNTED))
_OF_NOBODY = {"visitor_id": "0", "session_id": "0", **dict.fromkeys(FACT_NAMES, "''")}
_PAID_BY_NOBODY = {
    **_OF_NOBODY,
    "session_started_at": "toDateTime64(0, 3)",
    **dict.fromkeys(("entry_page", "exit_page", "exit_link"), "''"),
}
_OF_WEBSITE = "website_id = {website_id:UInt32}"
PAYMENT_OF_GOAL = f"JSONExtractString(properties, '{TRANSACTION_ID}')"
_GOALS_OF_PAYMENTS = (
    f"{_OF_WEBSITE} AND {IS_GOAL_OF_PAYMENT} AND {PAYMENT_OF_GOAL} IN {{ids:Array(String)}}"
)

DeletionKind = Literal["events", "payments", "visitor", "website"]
LOSE_SOME_EVENTS: tuple[DeletionKind, ...] = ("events", "payments")
"""Deletions after which sessions stay that had more events."""


class GoalsToDelete(msgspec.Struct, frozen=True, kw_only=True):
    """Completions that pass everything that is set; from_ms ≤ their own time < to_ms."""

    name: str = ""
    visitor_id: int = 0
    from_ms: int | None = None
    to_ms: int | None = None


def count_goals(reader: Reader, website_id: int, goals: GoalsToDelete) -> int:
    """How many completions would be deleted. Raises EngineError."""
    where, values = _where_goals(website_id, goals)
    [[count]] = reader.query(f"SELECT count() FROM events WHERE {where}", values).rows
    return int(count)


def count_events(reader: Reader, website_id: int, visitor_id: int) -> int:
    """How many events of a person would be deleted: all except the goals of their payments. Raises
    EngineError."""
    theirs = f"{_OF_WEBSITE} AND visitor_id = {{visitor_id:UInt64}} AND NOT {IS_GOAL_OF_PAYMENT}"
    values = {"website_id": website_id, "visitor_id": visitor_id}
    [[count]] = reader.query(f"SELECT count() FROM events WHERE {theirs}", values).rows
    return int(count)


def count_website_events(reader: Reader, website_id: int) -> int:
    """How many events a website has. Raises EngineError."""
    wanted = f"SELECT count() FROM events WHERE {_OF_WEBSITE}"
    [[count]] = reader.query(wanted, {"website_id": website_id}).rows
    return int(count)


def count_sessions(reader: Reader, website_id: int) -> int:
    """How many sessions a website has, also those of bots. Raises EngineError."""
    wanted = f"SELECT count() FROM sessions FINAL WHERE {_OF_WEBSITE}"
    [[count]] = reader.query(wanted, {"website_id": website_id}).rows
    return int(count)


def choose_goals(
    work: Work, number: int, website_id: int, goals: GoalsToDelete, before_seq: int
) -> int:
    """List the completions in the store that are to be deleted; returns how many. Raises
    EngineError."""
    where, values = _where_goals(website_id, goals)
    values |= {"number": number, "before_seq": before_seq}
    _add(
        work,
        f"seq, report_at, session_id, '' FROM events WHERE {where} AND seq < {{before_seq:UInt64}}",
        values,
    )
    return _count(work, number)


def payments_of_chosen(work: Work, number: int, website_id: int) -> list[str]:
    """The payments whose goals are to be deleted. Raises EngineError."""
    chosen = f"{_OF_WEBSITE} AND {IS_GOAL_OF_PAYMENT} AND seq IN {_CHOSEN}"
    wanted = f"SELECT DISTINCT {PAYMENT_OF_GOAL} AS id FROM events WHERE {chosen} ORDER BY id"
    values: dict[str, object] = {"number": number, "website_id": website_id}
    return [id_ for (id_,) in work.query(wanted, values).rows]


def choose_goals_of_payments(
    work: Work, number: int, website_id: int, movement_ids: Sequence[str]
) -> None:
    """List the goals that these payments recorded for deletion. Can be called again. Raises
    EngineError."""
    values = {"number": number, "website_id": website_id, "ids": list(movement_ids)}
    _add(work, f"seq, report_at, session_id, '' FROM events WHERE {_GOALS_OF_PAYMENTS}", values)


def choose_payments(work: Work, number: int, website_id: int, movement_ids: Sequence[str]) -> int:
    """List movements of money for deletion, and the goals that they recorded; returns how many
    movements are listed. Can be called again with more. Raises EngineError."""
    choose_goals_of_payments(work, number, website_id, movement_ids)
    values = {"number": number, "website_id": website_id, "ids": list(movement_ids)}
    _add(
        work,
        "0, report_at, 0, movement_id FROM payments FINAL"
        f" WHERE {_OF_WEBSITE} AND movement_id IN {{ids:Array(String)}}",
        values,
    )
    return _count(work, number, "uniqExactIf(text, text != '')")


def choose_visitor(work: Work, number: int, visitor_id: int) -> None:
    """List the visitor whose rows are to be deleted. Raises EngineError."""
    _add(work, "{visitor_id:UInt64}, 0, 0, ''", {"number": number, "visitor_id": visitor_id})


def changes(what: DeletionKind) -> list[Change]:
    """What a deletion does to the tables; the conditions use `number` and `website_id`."""
    events = f"{_OF_WEBSITE} AND seq IN {_CHOSEN}"
    theirs = f"{_OF_WEBSITE} AND visitor_id IN {_CHOSEN}"
    match what:
        case "events":
            return [Change(table="events", rows=events)]
        case "payments":
            paid = f"{_OF_WEBSITE} AND movement_id IN {_TEXTS}"
            return [Change(table="events", rows=events), Change(table="payments", rows=paid)]
        case "visitor":  # payments and their goals stay, without the person
            removed = f"NOT {IS_GOAL_OF_PAYMENT}"
            return [
                Change(table="sessions", rows=theirs),
                Change(table="visits", rows=theirs),
                Change(table="events", rows=theirs, removed=removed, becomes=_OF_NOBODY),
                Change(table="payments", rows=theirs, removed="0", becomes=_PAID_BY_NOBODY),
            ]
        case "website":
            return OF_WEBSITE


def recount_sessions(
    work: Work, number: int, website_id: int, *, version: int, newer_than: int | None = None
) -> None:
    """Write the sessions that lose events to the drafts, counted again from the other events, and
    without a walk. Start, facts and pages stay. `newer_than`: only sessions with a newer version.
    Raises EngineError."""
    touched = f"{_OF_WEBSITE} AND session_id IN {_SESSIONS}"
    places = f"SELECT started_at, session_id FROM sessions WHERE {touched}"
    left = f"{_OF_WEBSITE} AND (report_at, session_id) IN ({places})"
    if newer_than is not None:
        touched += " AND version > {newer_than:UInt64}"
    state = _STATE.replace("version", "{version:UInt64}").replace(
        "last_event_at", "greatest(started_at, rest.last_at)"
    )
    state = state.replace("counted_events", "rest.counted")
    values = {"number": number, "website_id": website_id, "version": version}
    work.command(
        f"""
        INSERT INTO {RECOUNTED} ({_STATE}, {_FACTS})
        SELECT {state}, {_FACTS}
        FROM (SELECT * FROM sessions FINAL WHERE {touched}) AS session
        LEFT JOIN (
            SELECT
                session_id,
                max(occurred_at) AS last_at,
                countIf(type NOT IN ({_NOT_COUNTED})) AS counted
            FROM events
            WHERE {left} AND is_server_side = 0 AND seq NOT IN {_CHOSEN}
            GROUP BY session_id
        ) AS rest USING (session_id)
        """,
        {**values, "newer_than": newer_than or 0},
        keeps_rows=True,
    )


def drop_reposted(engine: Engine, batch: Batch) -> None:
    """Remove the older goals of payments that the batch posts again, before its rows are inserted.
    Can be done again. Raises EngineError."""
    by_website: dict[int, list[str]] = {}
    for website_id, movement_id in batch.reposted:
        by_website.setdefault(website_id, []).append(movement_id)
    for website_id, ids in by_website.items():
        seq = batch.number * SEQ_PER_BATCH
        values = {"website_id": website_id, "ids": ids, "seq": seq}
        remove_rows(engine, "events", f"{_GOALS_OF_PAYMENTS} AND seq < {{seq:UInt64}}", values)


def is_goal(row: Refused, goals: GoalsToDelete) -> bool:
    """Whether a row that was set aside is such a completion."""
    if row.table != "events":
        return False
    occurred_at = read_time(row.values[4])
    type_, name = row.values[6:8]
    return (
        type_ == "track"
        and goals.name in ("", name)
        and goals.visitor_id in (0, row.visitor_id)
        and (goals.from_ms is None or goals.from_ms <= occurred_at)
        and (goals.to_ms is None or occurred_at < goals.to_ms)
    )


def is_of_payments(row: Refused, movement_ids: set[str]) -> bool:
    """Whether a row that was set aside is one of these movements, or the goal of one."""
    if row.table == "payments":
        return row.values[2] in movement_ids
    if row.table != "events" or row.values[7] not in RESERVED_GOALS:
        return False
    properties = msgspec.json.decode(row.values[11] or "{}", type=dict[str, object])
    return properties.get(TRANSACTION_ID) in movement_ids


def _where_goals(website_id: int, goals: GoalsToDelete) -> tuple[str, dict[str, object]]:
    tests = ["website_id = {website_id:UInt32}", "type = 'track'"]
    values: dict[str, object] = {"website_id": website_id}
    for column, kind, sign, value in (
        ("name", "String", "=", goals.name or None),
        ("visitor_id", "UInt64", "=", goals.visitor_id or None),
        ("toUnixTimestamp64Milli(occurred_at)", "Int64", ">=", goals.from_ms),
        ("toUnixTimestamp64Milli(occurred_at)", "Int64", "<", goals.to_ms),
    ):
        if value is not None:
            name = f"v{len(values)}"
            tests.append(f"{column} {sign} {{{name}:{kind}}}")
            values[name] = value
    return " AND ".join(tests), values


def _add(work: Work, rows: str, values: Mapping[str, object]) -> None:
    chosen = f"INSERT INTO erased SELECT {{number:UInt64}}, {rows}"
    work.command(chosen, values, keeps_rows=True)


def _count(work: Work, number: int, what: str = "count()") -> int:
    chosen = f"SELECT {what} FROM erased WHERE number = {{number:UInt64}}"
    return int(work.query(chosen, {"number": number}).rows[0][0])
