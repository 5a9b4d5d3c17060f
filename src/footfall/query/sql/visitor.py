"""One visitor: whether there is one, their visits, what they paid, what they did."""

import msgspec

from footfall.model.event import RESERVED_GOALS
from footfall.model.question import Asked
from footfall.query.sql.covered import Covered
from footfall.query.sql.statement import Statement, Values

VISIT_FACTS = (
    *("country", "region", "city", "browser", "browser_version", "os", "os_version", "device"),
    *("screen", "referrer", "utm_source", "source", "ref", "via"),
)
_RESERVED = ", ".join(f"'{name}'" for name in sorted(RESERVED_GOALS))
NO_GOAL_OF_PAYMENT = f"NOT (type = 'track' AND name IN ({_RESERVED}))"
_PAID = "kind != 'refund' AND original_amount > 0"


class Position(msgspec.Struct, frozen=True):
    """A place in a visitor's actions: by time, events before payments of the same instant, each
    in an order of its own."""

    at: int  # ms
    rank: int = 0
    tie: int = 0


def trace_statements(asked: Asked, visitor_id: int) -> tuple[Statement, Statement]:
    """Each answers a row where something of the visitor is stored. The first looks at visits and
    payments, which is quick; the second at events, which are not sorted by visitor."""
    values = Values()
    covered = Covered(asked, values)
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    quick = "\nUNION ALL\n".join(
        f"SELECT 1 FROM {table} WHERE {covered.ever(column, theirs)} LIMIT 1"
        for table, column in (("visits", "started_at"), ("payments FINAL", "report_at"))
    )
    slow = f"SELECT 1 FROM events WHERE {covered.ever('report_at', theirs)} LIMIT 1"
    return values.statement(quick), values.statement(slow)


def pageview_statement(website_id: int, visitor_id: int) -> Statement:
    """A row if the visitor has seen a page."""
    values = Values()
    theirs = (
        f"website_id = {values.bind('UInt32', website_id)}"
        f" AND visitor_id = {values.bind('UInt64', visitor_id)}"
    )
    return values.statement(f"""
SELECT 1
FROM sessions FINAL
WHERE {theirs} AND pageviews > 0 AND (started_at, session_id) IN (
    SELECT started_at, session_id FROM visits WHERE {theirs}
)
LIMIT 1""")


def session_owner_statement(website_id: int, client_session: int, at: int) -> Statement:
    """The visitor whose session it is at a time, as one row; no row if there is none."""
    values = Values()
    begun = f"toUnixTimestamp64Milli(started_at) <= {values.bind('Int64', at)}"
    return values.statement(f"""
SELECT visitor_id
FROM visits
WHERE website_id = {values.bind("UInt32", website_id)}
    AND client_session = {values.bind("UInt64", client_session)}
ORDER BY {begun} DESC, if({begun}, -1, 1) * toUnixTimestamp64Milli(started_at)
LIMIT 1""")


def visits_statement(asked: Asked, visitor_id: int) -> Statement:
    """A row for the person's visits and one for a bot's, as far as there are any: is_bot, visits,
    pageviews, first start (ms), last event (ms), host and path of the last page, facts of the most
    recent visit."""
    values = Values()
    covered = Covered(asked, values)
    order = "(last_event_at, started_at, session_id)"
    facts = ", ".join(f"argMax(toString({fact}), {order})" for fact in VISIT_FACTS)
    return values.statement(f"""
SELECT bot != '' AS is_bot, count(), sum(pageviews),
    toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(last_event_at)),
    argMaxIf(concat(hostname, exit_page), (exit_page_at, {order}), pageviews > 0),
    {facts}
FROM sessions FINAL
WHERE {sessions_of(covered, values, visitor_id, "counted_events > 0")}
GROUP BY is_bot
ORDER BY is_bot""")


def paid_statement(asked: Asked, visitor_id: int) -> Statement:
    """A row per currency without a rate, and one of '' for all that is converted: currency,
    revenue, refunded, the original amounts of the revenue, whether they paid at all, and when
    (ms) first."""
    values = Values()
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    return values.statement(f"""
SELECT if(is_converted, '', toString(original_currency)) AS lacking,
    sumIf(amount, kind != 'refund'), sumIf(amount, kind = 'refund'),
    sumIf(original_amount, kind != 'refund'),
    max({_PAID}), toUnixTimestamp64Milli(minIf(report_at, {_PAID}))
FROM payments FINAL
WHERE {Covered(asked, values).ever("report_at", theirs)}
GROUP BY lacking
ORDER BY lacking""")


def actions_statement(
    asked: Asked, visitor_id: int, *, is_bot: bool, before: Position | None, limit: int
) -> Statement:
    """The newest `limit` actions of each kind that lie before a position, the newest first: at
    (ms), rank, tie, kind, url, name, kind of payment, is_converted, amount, original amount,
    original currency.

    The goals that payments record are left out: the payments are there themselves.
    """
    values = Values()
    covered = Covered(asked, values)
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    own = "bot != ''" if is_bot else "bot = ''"
    events = covered.ever(
        "report_at",
        theirs,
        f"(type = 'page' OR (type = 'track' AND name NOT IN ({_RESERVED})))",
        f"(is_server_side = 1 OR {own})",
        before_position(before, values, "occurred_at", 0, "seq"),
    )
    tie = "sipHash64(movement_id)"
    payments = covered.ever(
        "report_at", theirs, before_position(before, values, "report_at", 1, tie)
    )
    most = values.bind("UInt64", limit)
    return values.statement(f"""
SELECT *
FROM (
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, toUInt8(0) AS rank, seq AS tie,
        if(type = 'page', 'pageview', 'goal') AS action,
        if(path = '', '', concat(hostname, path)) AS url, toString(name) AS label,
        '' AS paid, toUInt8(1) AS is_known,
        toDecimal64(0, 4) AS own, toDecimal64(0, 4) AS original, '' AS currency
    FROM events
    WHERE {events}
    UNION ALL
    SELECT toUnixTimestamp64Milli(report_at), toUInt8(1), {tie}, 'payment', '', '',
        toString(kind), is_converted, amount, original_amount, toString(original_currency)
    FROM payments FINAL
    WHERE {payments}
)
ORDER BY at DESC, rank DESC, tie DESC
LIMIT {most} BY action""")


def sessions_of(covered: Covered, values: Values, visitor_id: int, *conditions: str) -> str:
    """The condition on `sessions` that finds a visitor's by their visits, which are sorted so."""
    theirs = f"visitor_id = {values.bind('UInt64', visitor_id)}"
    visits = f"SELECT started_at, session_id FROM visits WHERE {covered.website()} AND {theirs}"
    return covered.ever(
        "started_at", f"(started_at, session_id) IN ({visits})", theirs, *conditions
    )


def before_position(
    before: Position | None, values: Values, column: str, rank: int, tie: str
) -> str:
    """The condition that a row lies before a position, '' if none is given."""
    if before is None:
        return ""
    at = values.bind("Int64", before.at)
    place = f"({at}, {values.bind('UInt8', before.rank)}, {values.bind('UInt64', before.tie)})"
    return (
        f"{column} <= fromUnixTimestamp64Milli({at})"
        f" AND (toUnixTimestamp64Milli({column}), {rank}, {tie}) < {place}"
    )
