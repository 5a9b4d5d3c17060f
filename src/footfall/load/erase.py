"""Erasing chosen rows for good: goals, payments, a person.

What is to go stands in the table `erased` under a number. A plan on disk says what has begun, so
that a killed erasure is finished at the next start.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from footfall.load.batch import SEQ_PER_BATCH, Batch
from footfall.load.join import TRANSACTION_ID
from footfall.load.refuse import Refused
from footfall.load.rewrite import delete_rows, update_rows
from footfall.load.time_text import read_time
from footfall.model.event import NOT_COUNTED, RESERVED_GOALS
from footfall.model.fact import FACT_NAMES
from footfall.store.engine import Engine

_CHOSEN = "(SELECT key FROM erased WHERE number = {number:UInt64})"
_PLACES = "(SELECT at, session_id FROM erased WHERE number = {number:UInt64})"
_STATE = (
    "website_id, started_at, session_id, visitor_id, version, is_deleted, bot, last_event_at,"
    " pageviews, counted_events, engaged_ms, entry_page, exit_page, exit_page_at, exit_link,"
    " exit_link_at"
)
_FACTS = ", ".join(FACT_NAMES)
_NOT_COUNTED = ", ".join(f"'{name}'" for name in sorted(NOT_COUNTED))
_RESERVED = ", ".join(f"'{name}'" for name in sorted(RESERVED_GOALS))
_OF_NOBODY = {"visitor_id": "0", "session_id": "0", **dict.fromkeys(FACT_NAMES, "''")}
_PAID_BY_NOBODY = {
    **_OF_NOBODY,
    "session_started_at": "toDateTime64(0, 3)",
    **dict.fromkeys(("entry_page", "exit_page", "exit_link"), "''"),
}
_IS_GOAL_OF_PAYMENT = f"is_server_side = 1 AND type = 'track' AND name IN ({_RESERVED})"
_GOALS_OF_PAYMENTS = (
    "seq, report_at, session_id, '' FROM events WHERE website_id = {website_id:UInt32}"
    f" AND {_IS_GOAL_OF_PAYMENT}"
    f" AND JSONExtractString(properties, '{TRANSACTION_ID}') IN {{ids:Array(String)}}"
)

ErasedThing = Literal["events", "payments", "visitor"]


class GoalsToErase(msgspec.Struct, frozen=True, kw_only=True):
    """Completions that pass everything that is set; from_ms ≤ their own time < to_ms."""

    name: str = ""
    visitor_id: int = 0
    from_ms: int | None = None
    to_ms: int | None = None


class Plan(msgspec.Struct, frozen=True):
    number: int  # in `erased`
    website_id: int
    what: ErasedThing

    @property
    def values(self) -> dict[str, object]:
        return {"number": self.number, "website_id": self.website_id}


def count_goals(engine: Engine, website_id: int, goals: GoalsToErase) -> int:
    """How many completions would go. Raises EngineError."""
    where, values = _where_goals(website_id, goals)
    [[count]] = engine.query(f"SELECT count() FROM events WHERE {where}", values).rows
    return int(count)


def count_events(engine: Engine, website_id: int, visitor_id: int) -> int:
    """How many events of a person would go: all but the goals of what they paid. Raises
    EngineError."""
    theirs = (
        "website_id = {website_id:UInt32} AND visitor_id = {visitor_id:UInt64}"
        f" AND NOT ({_IS_GOAL_OF_PAYMENT})"
    )
    values = {"website_id": website_id, "visitor_id": visitor_id}
    [[count]] = engine.query(f"SELECT count() FROM events WHERE {theirs}", values).rows
    return int(count)


def choose_goals(engine: Engine, plan: Plan, goals: GoalsToErase) -> int:
    """Note which completions go; answers how many. Raises EngineError."""
    where, values = _where_goals(plan.website_id, goals)
    return _choose(
        engine, plan, f"seq, report_at, session_id, '' FROM events WHERE {where}", values
    )


def choose_payments(engine: Engine, plan: Plan, movement_ids: Sequence[str]) -> int:
    """Note which movements of money go, and the goals that they recorded; answers how many
    movements. Raises EngineError."""
    values = {**plan.values, "ids": list(movement_ids)}
    before = _choose(engine, plan, _GOALS_OF_PAYMENTS, values)
    _add(
        engine,
        "0, report_at, 0, movement_id FROM payments FINAL"
        " WHERE website_id = {website_id:UInt32} AND movement_id IN {ids:Array(String)}",
        values,
    )
    return _count(engine, plan) - before


def choose_visitor(engine: Engine, plan: Plan, visitor_id: int) -> int:
    """Note whose rows go; answers how many events of theirs there are. Raises EngineError."""
    values = {**plan.values, "visitor_id": visitor_id}
    _choose(engine, plan, "{visitor_id:UInt64}, 0, 0, ''", values)
    return count_events(engine, plan.website_id, visitor_id)


def drop_retold(engine: Engine, batch: Batch, *, is_alone: bool) -> None:
    """Take away the goals of payments that the batch tells anew, before its rows come. May be
    done again. `is_alone`: nothing is chosen for an erasure that failed. Raises EngineError."""
    if is_alone:
        engine.command("TRUNCATE TABLE erased")
    by_website: dict[int, list[str]] = {}
    for website_id, movement_id in batch.retold:
        by_website.setdefault(website_id, []).append(movement_id)
    for website_id, ids in by_website.items():
        plan = Plan(batch.number, website_id, "events")
        values = {**plan.values, "ids": ids, "seq": batch.number * SEQ_PER_BATCH}
        _add(engine, f"{_GOALS_OF_PAYMENTS} AND seq < {{seq:UInt64}}", values)
        if _count(engine, plan):
            _delete(engine, plan, "events", f"seq IN {_CHOSEN}")
    if is_alone:
        engine.command("TRUNCATE TABLE erased")


def apply(engine: Engine, plan: Plan, version: int) -> None:
    """Do what was chosen; `version` is newer than any session's. May be done again from the start.
    Raises EngineError."""
    match plan.what:
        case "events":
            changed = _delete(engine, plan, "events", f"seq IN {_CHOSEN}")
            _work_out_sessions(engine, plan, version)
        case "payments":
            texts = "(SELECT text FROM erased WHERE number = {number:UInt64})"
            changed = _delete(engine, plan, "events", f"seq IN {_CHOSEN}")
            changed += _delete(engine, plan, "payments", f"movement_id IN {texts}")
        case "visitor":
            changed = _erase_visitor(engine, plan)
    for table in changed:
        engine.drop_replaced_parts(table)
    engine.command("TRUNCATE TABLE erased")


def _erase_visitor(engine: Engine, plan: Plan) -> list[str]:
    """What they did goes; what they paid, and that it was, stays as nobody's."""
    theirs = f"visitor_id IN {_CHOSEN}"
    changed = _delete(engine, plan, "sessions", theirs) + _delete(engine, plan, "visits", theirs)
    rows = f"website_id = {{website_id:UInt32}} AND {theirs}"
    removed = f"NOT ({_IS_GOAL_OF_PAYMENT})"
    if update_rows(engine, "events", rows, plan.values, _OF_NOBODY, removed=removed):
        changed.append("events")
    if update_rows(engine, "payments", rows, plan.values, _PAID_BY_NOBODY):
        changed.append("payments")
    return changed


def is_goal(row: Refused, goals: GoalsToErase) -> bool:
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


def _where_goals(website_id: int, goals: GoalsToErase) -> tuple[str, dict[str, object]]:
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


def _choose(engine: Engine, plan: Plan, rows: str, values: Mapping[str, object]) -> int:
    engine.command("TRUNCATE TABLE erased")  # of an erasure that was killed before it began
    _add(engine, rows, {**values, **plan.values})
    return _count(engine, plan)


def _add(engine: Engine, rows: str, values: Mapping[str, object]) -> None:
    engine.command(f"INSERT INTO erased SELECT {{number:UInt64}}, {rows}", values)


def _count(engine: Engine, plan: Plan) -> int:
    chosen = "SELECT count() FROM erased WHERE number = {number:UInt64}"
    return int(engine.query(chosen, plan.values).rows[0][0])


def _delete(engine: Engine, plan: Plan, table: str, rows: str) -> list[str]:
    """The table, where it held such rows."""
    of_website = f"website_id = {{website_id:UInt32}} AND {rows}"
    return [table] if delete_rows(engine, table, of_website, plan.values) else []


def _work_out_sessions(engine: Engine, plan: Plan, version: int) -> None:
    """Sessions that lost events, counted again from what is left; start, facts and pages stay."""
    theirs = f"website_id = {{website_id:UInt32}} AND {{place}} IN {_PLACES}"
    left = theirs.replace("{place}", "(report_at, session_id)")
    touched = theirs.replace("{place}", "(started_at, session_id)")
    state = _STATE.replace("version", "{version:UInt64}").replace(
        "last_event_at", "greatest(started_at, rest.last_at)"
    )
    state = state.replace("counted_events", "rest.counted")
    engine.command(
        f"""
        INSERT INTO sessions ({_STATE}, {_FACTS})
        SELECT {state}, {_FACTS}
        FROM (SELECT * FROM sessions FINAL WHERE {touched}) AS session
        LEFT JOIN (
            SELECT
                session_id,
                max(occurred_at) AS last_at,
                countIf(type NOT IN ({_NOT_COUNTED})) AS counted
            FROM events
            WHERE {left} AND is_server_side = 0
            GROUP BY session_id
        ) AS rest USING (session_id)
        """,
        {**plan.values, "version": version},
    )
