"""All that is stored about one visitor, a page at a time in the tables' own order, so that every
page continues where the last one ended."""

import msgspec

from footfall.model.fact import FACT_NAMES
from footfall.model.question import Asked
from footfall.query.sql.covered import Covered
from footfall.query.sql.statement import Statement, Values
from footfall.query.sql.visitor import sessions_of

EVENT_COLUMNS = (
    *("type", "name", "path", "title", "link", "properties", "engaged_ms", "address"),
    *("is_server_side", "bot"),
)
SESSION_COLUMNS = (
    *("bot", "pageviews", "counted_events", "engaged_ms", "entry_page", "exit_page", "exit_link"),
)
_FACTS = f"[{', '.join(f'toString({name})' for name in FACT_NAMES)}]"


class EventPlace(msgspec.Struct, frozen=True):
    """An event's place in its table; times in ms."""

    report_at: int
    session_id: int
    occurred_at: int
    seq: int


class SessionPlace(msgspec.Struct, frozen=True):
    started_at: int
    session_id: int


def sessions_page(
    asked: Asked, visitor_id: int, after: SessionPlace | None, size: int
) -> Statement:
    """Sessions after a place: start (ms), session_id, last event (ms), SESSION_COLUMNS, facts as
    a list."""
    values = Values()
    later = ""
    if after:
        at = values.bind("Int64", after.started_at)
        later = (
            f"started_at >= fromUnixTimestamp64Milli({at})"
            " AND (toUnixTimestamp64Milli(started_at), session_id)"
            f" > ({at}, {values.bind('UInt64', after.session_id)})"
        )
    where = sessions_of(Covered(asked, values), values, visitor_id, later)
    return values.statement(f"""
SELECT toUnixTimestamp64Milli(started_at), session_id, toUnixTimestamp64Milli(last_event_at),
    {", ".join(SESSION_COLUMNS)}, {_FACTS}
FROM sessions FINAL
WHERE {where}
ORDER BY started_at, session_id
LIMIT {values.bind("UInt64", size)}""")


def events_page(asked: Asked, visitor_id: int, after: EventPlace | None, size: int) -> Statement:
    """Events after a place, by their session's start: the place (report_at and occurred_at in ms),
    EVENT_COLUMNS, and for events without a session their facts as a list."""
    values = Values()
    covered = Covered(asked, values)
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    later = ""
    if after:
        at = values.bind("Int64", after.report_at)
        ids = values.bind("UInt64", after.session_id), values.bind("UInt64", after.seq)
        later = (
            f"report_at >= fromUnixTimestamp64Milli({at})"
            " AND (toUnixTimestamp64Milli(report_at), session_id,"
            " toUnixTimestamp64Milli(occurred_at), seq)"
            f" > ({at}, {ids[0]}, {values.bind('Int64', after.occurred_at)}, {ids[1]})"
        )
    return values.statement(f"""
SELECT toUnixTimestamp64Milli(report_at), session_id, toUnixTimestamp64Milli(occurred_at), seq,
    {", ".join(EVENT_COLUMNS)}, if(session_id = 0, {_FACTS}, emptyArrayString())
FROM events
WHERE {covered.ever("report_at", theirs, later)}
ORDER BY website_id, events.report_at, session_id, events.occurred_at, seq
LIMIT {values.bind("UInt64", size)}""")


def movements_statement(asked: Asked, visitor_id: int) -> Statement:
    """Payments and refunds, the oldest first: movement_id, kind, time (ms), amount, original
    amount, original currency, rate, is_converted, is_rate_estimated."""
    values = Values()
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    return values.statement(f"""
SELECT movement_id, toString(kind), toUnixTimestamp64Milli(report_at), amount, original_amount,
    original_currency, rate, is_converted, is_rate_estimated
FROM payments FINAL
WHERE {Covered(asked, values).ever("report_at", theirs)}
ORDER BY payments.report_at, movement_id""")
