"""One visitor's visits, and their events of all types."""

from collections.abc import Sequence

from footfall.model.question import Asked
from footfall.query.sql.covered import Covered
from footfall.query.sql.statement import Statement, Values
from footfall.query.sql.visitor import (
    NO_GOAL_OF_PAYMENT,
    Position,
    before_position,
    sessions_of,
)

SESSION_FACTS = (
    *("hostname", "referrer", "channel", "utm_source", "utm_campaign", "source", "ref", "via"),
    *("country", "region", "city", "device", "browser", "os", "language", "screen"),
)


def visits_page_statement(
    asked: Asked, visitor_id: int, *, is_bot: bool, before: Position | None, limit: int
) -> Statement:
    """The newest visits before a position: id, start and last event (ms), engaged ms, pageviews,
    counted events, entry page, exit page, exit link, SESSION_FACTS."""
    values = Values()
    covered = Covered(asked, values)
    conditions = [
        "counted_events > 0",
        "bot != ''" if is_bot else "bot = ''",
        before_position(before, values, "started_at", 0, "session_id"),
    ]
    return values.statement(f"""
SELECT session_id, toUnixTimestamp64Milli(started_at) AS at, toUnixTimestamp64Milli(last_event_at),
    engaged_ms, pageviews, counted_events, toString(entry_page), toString(exit_page), exit_link,
    {", ".join(f"toString({fact})" for fact in SESSION_FACTS)}
FROM sessions FINAL
WHERE {sessions_of(covered, values, visitor_id, *conditions)}
ORDER BY at DESC, session_id DESC
LIMIT {values.bind("UInt64", limit)}""")


def paid_in_statement(asked: Asked, sessions: Sequence[int]) -> Statement:
    """What was paid in these sessions: session, amount."""
    values = Values()
    paid = Covered(asked, values).ever(
        "report_at",
        f"session_id IN {values.bind('Array(UInt64)', list(sessions))}",
        "kind != 'refund'",
    )
    return values.statement(f"""
SELECT session_id, sum(amount)
FROM payments FINAL
WHERE {paid}
GROUP BY session_id""")


def events_page_statement(
    asked: Asked, visitor_id: int, *, is_bot: bool, before: Position | None, limit: int
) -> Statement:
    """The newest events and payments before a position, the newest first: at (ms), rank, tie, type,
    session, name, host and path, title, link, wallet, properties, is_server_side, kind of payment,
    is_converted, amount, original amount, original currency.

    The goals that payments record are left out: the payments are there themselves.
    """
    values = Values()
    covered = Covered(asked, values)
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    own = "bot != ''" if is_bot else "bot = ''"
    events = covered.ever(
        "report_at",
        theirs,
        "type != 'engagement'",
        NO_GOAL_OF_PAYMENT,
        f"(is_server_side = 1 OR {own})",
        before_position(before, values, "occurred_at", 0, "seq"),
    )
    tie = "sipHash64(movement_id)"
    payments = covered.ever(
        "report_at", theirs, before_position(before, values, "report_at", 1, tie)
    )
    return values.statement(f"""
SELECT *
FROM (
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, toUInt8(0) AS rank, seq AS tie,
        toString(type) AS kind_, session_id AS session, toString(name) AS label,
        if(path = '', '', concat(hostname, path)) AS url, toString(title) AS title_, link AS link_,
        toString(address) AS wallet, properties AS properties_, is_server_side AS is_server,
        '' AS paid, toUInt8(1) AS is_known,
        toDecimal64(0, 4) AS own, toDecimal64(0, 4) AS original, '' AS currency
    FROM events
    WHERE {events}
    UNION ALL
    SELECT toUnixTimestamp64Milli(report_at), toUInt8(1), {tie}, 'payment', session_id, '', '', '',
        '', '', '', toUInt8(1), toString(kind), is_converted, amount, original_amount,
        toString(original_currency)
    FROM payments FINAL
    WHERE {payments}
)
ORDER BY at DESC, rank DESC, tie DESC
LIMIT {values.bind("UInt64", limit)}""")
