"""Realtime: who sent an event in the last 5 minutes, by the events' own time."""

from footfall.model.question import MAX_LIMIT, Question
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.statement import Statement, Values

WINDOW_MS = 300_000
AHEAD_MS = 60_000
"""How far ahead of the server's clock a sender's clock may be."""

MINUTE_MS = 60_000
PAYMENTS_MS = 86_400_000
"""How far back `payments` looks."""

FACTS = ("hostname", "country", "region", "city", "browser", "os", "device", "referrer")


def realtime_statement(question: Question) -> Statement:
    """One row: distinct visitors."""
    values = Values()
    text = f"SELECT uniqExact(visitor_id)\nFROM events\nWHERE {_recent(question, values)}"
    return values.statement(text)


def realtime_minutes_statement(question: Question) -> Statement:
    """One row per minute with visitors, the oldest first: its start (ms), distinct visitors. The
    last of `question.minutes` minutes is the current one; what a clock that is ahead says of the
    next one is counted in it."""
    values = Values()
    current = question.now_at // MINUTE_MS
    since = (current - question.minutes + 1) * MINUTE_MS
    last, size = values.bind("Int64", current), values.bind("Int64", MINUTE_MS)
    minute = f"least(intDiv(toUnixTimestamp64Milli(occurred_at), {size}), {last})"
    text = f"""
SELECT {minute} * {size} AS minute, uniqExact(visitor_id) AS visitors
FROM events
WHERE {_since(since, question, values)}
GROUP BY minute
ORDER BY minute"""
    return values.statement(text)


def realtime_payments_statement(question: Question) -> Statement:
    """The newest `question.payments` payments and refunds of the last PAYMENTS_MS, the newest
    first: time (ms), kind, whether a rate was known, amount, original amount and currency,
    visitor."""
    values = Values()
    covered = Covered(question, values)
    recent = Span(question.now_at - PAYMENTS_MS, question.now_at + AHEAD_MS + 1)
    text = f"""
SELECT toUnixTimestamp64Milli(report_at) AS at, toString(kind) AS kind, is_converted,
    toString(amount) AS amount, toString(original_amount) AS original,
    toString(original_currency) AS currency, visitor_id
FROM payments FINAL
WHERE {covered.ever("report_at", *covered.within("report_at", recent))}
ORDER BY report_at DESC, movement_id
LIMIT {values.bind("UInt64", question.payments)}"""
    return values.statement(text)


def realtime_map_statement(question: Question) -> Statement:
    """One row per visitor, the most recent first: visitor_id, FACTS, path, session start (ms, 0
    if there is none), pageviews, revenue, whether they ever paid."""
    values = Values()
    covered = Covered(question, values)
    recent = _recent(question, values)
    facts = ", ".join(f"toString({fact})" for fact in FACTS)
    limit = values.bind("UInt64", min(question.limit, MAX_LIMIT))
    shown = ",\n    ".join(
        f"tupleElement(facts, {n + 1}) AS {fact}" for n, fact in enumerate(FACTS)
    )
    text = f"""
WITH present AS (
    SELECT visitor_id,
        max((occurred_at, seq)) AS newest,
        argMax(({facts}), (occurred_at, seq)) AS facts,
        argMax((session_id, report_at), (session_id != 0, is_server_side = 0, occurred_at, seq))
            AS visit,
        argMaxIf(toString(path), (occurred_at, seq), type = 'page') AS path
    FROM events
    WHERE {recent}
    GROUP BY visitor_id
    ORDER BY newest DESC, visitor_id
    LIMIT {limit}
)
SELECT visitor_id,
    {shown},
    if(present.path = '', toString(visited.exit_page), present.path) AS page,
    if(visited.session_id = 0, 0, toUnixTimestamp64Milli(visited.started_at)) AS started_ms,
    visited.pageviews AS views,
    paid.revenue AS revenue,
    paid.is_customer AS is_customer
FROM present
LEFT ANY JOIN (
    SELECT session_id, started_at, pageviews, exit_page
    FROM sessions FINAL
    WHERE {covered.website()} AND session_id IN (SELECT visit.1 FROM present)
        AND started_at >= (SELECT min(visit.2) FROM present WHERE visit.1 != 0)
) AS visited ON tupleElement(present.visit, 1) = visited.session_id
LEFT ANY JOIN (
    SELECT visitor_id AS payer, sumIf(amount, kind != 'refund') AS revenue,
        max(kind != 'refund' AND original_amount > 0) AS is_customer
    FROM payments FINAL
    WHERE {covered.ever("report_at")}
        AND visitor_id IN (SELECT visitor_id FROM present)
    GROUP BY payer
) AS paid ON present.visitor_id = paid.payer
ORDER BY present.newest DESC, visitor_id"""
    return values.statement(text)


def _recent(question: Question, values: Values) -> str:
    return _since(question.now_at - WINDOW_MS, question, values)


def _since(since_ms: int, question: Question, values: Values) -> str:
    since = values.bind("Int64", since_ms)
    until = values.bind("Int64", question.now_at + AHEAD_MS)
    return Covered(question, values).events(
        f"occurred_at >= fromUnixTimestamp64Milli({since})",
        f"occurred_at <= fromUnixTimestamp64Milli({until})",
        "visitor_id != 0",
    )
