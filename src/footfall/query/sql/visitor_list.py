"""The list of visitors: first the page's keys in their order, then what the rows show.

Which rows of each table belong to the list is one decision (`Listed`), made in three ways: the
sessions that a report covers; the sessions of a flow's paths or link; everything kept of the people
at a step of a funnel, since a funnel is about people and not about sessions.
"""

from collections.abc import Sequence

from footfall.model.key import visitor_key
from footfall.model.visitor_list import OfFlow, OfFunnel, VisitorsQuestion
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.flow import flow_sessions
from footfall.query.sql.funnel import funnel_people
from footfall.query.sql.statement import Statement, Values

LISTED_FACTS = (
    *("country", "region", "city", "device", "browser", "os", "channel"),
    *("referrer", "utm_source", "source", "ref", "via"),
)
_PAID = "kind != 'refund'"
_KEYS = {
    "last_seen": "max(toUnixTimestamp64Milli(last_event_at))",
    "first_seen": "min(toUnixTimestamp64Milli(started_at))",
    "sessions": "toInt64(count())",
    "pageviews": "toInt64(sum(pageviews))",
    "goals": "toInt64(count())",
    "paid": "toInt64(sum(amount) * 10000)",
}
"""What sorts the list, as whole numbers: milliseconds, counts, ten-thousandths."""
_HEX = frozenset("0123456789abcdef")


class Listed:
    """The conditions by which rows of each table belong to the list."""

    def __init__(self, question: VisitorsQuestion, values: Values, reach: Span | None) -> None:
        self._covered = Covered(question, values, reach)
        self._behind = question.behind
        self.people = ""
        """A query of the people behind a funnel's number: visitor."""
        self._sessions = ""
        match question.behind:
            case OfFlow(flow, link):
                self._sessions = f"session_id IN ({flow_sessions(flow, values, reach, link)})"
            case OfFunnel(funnel, step, has_dropped):
                self.people = funnel_people(
                    funnel, values, reach, step=step, has_dropped=has_dropped
                )

    def sessions(self, *conditions: str) -> str:
        if self.people:
            kept = self._covered.ever("started_at", self._covered.is_bot(), "counted_events > 0")
            return _and(kept, *conditions)
        if self._sessions:
            return _and(self._covered.website(), self._sessions, *conditions)
        return _and(self._covered.sessions(), *conditions)

    def events(self, *conditions: str) -> str:
        if self.people:
            return self._covered.events_ever(*conditions)
        if self._sessions:
            return _and(self._covered.website(), self._sessions, *conditions)
        return self._covered.events(*conditions)

    def payments(self, *conditions: str) -> str:
        if self.people:
            return self._covered.ever("report_at", _PAID, *conditions)
        if self._sessions:
            return self._covered.payments_of_period(_PAID, self._sessions, *conditions)
        return self._covered.payments(_PAID, *conditions)


def visitors_statement(
    question: VisitorsQuestion, reach: Span | None, found: Sequence[int]
) -> Statement:
    """The page's rows and one more: visitor, key, visitors and sessions of the whole list.

    `found` are visitors whose profiles match the search.
    """
    values = Values()
    listed = Listed(question, values, reach)
    search = _search(question, values, found)
    sign = "<" if question.order == "desc" else ">"
    after = ""
    if question.after is not None:
        key = values.bind("Int64", question.after.key)
        visitor = values.bind("UInt64", question.after.visitor_id)
        after = f"WHERE key {sign} {key} OR (key = {key} AND visitor_id > {visitor})"
    return values.statement(f"""
SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM ({_keys(question, listed)})
    {f"WHERE {search}" if search else ""}
)
{after}
ORDER BY key {question.order.upper()}, visitor_id
LIMIT {values.bind("UInt64", question.limit + 1)}""")


def _keys(question: VisitorsQuestion, listed: Listed) -> str:
    """Rows of visitor, sessions, key."""
    is_of_sessions = question.sort not in ("goals", "paid")
    own_key = f", {_KEYS[question.sort]} AS key" if is_of_sessions else ""
    members = "visitor_id IN (SELECT visitor_id FROM members)" if listed.people else ""
    text = f"""
    SELECT visitor_id, count() AS sessions{own_key}
    FROM sessions FINAL
    WHERE {listed.sessions(members)}
    GROUP BY visitor_id
"""
    begin, source, joins = "", "visits", ""
    if listed.people:
        begin = f"members AS (SELECT DISTINCT visitor AS visitor_id FROM ({listed.people})"
        begin += " WHERE visitor != 0),\n"
        source, joins = "members", "LEFT JOIN visits USING (visitor_id)"
    if not is_of_sessions:
        joins += f"\nLEFT JOIN ({_other_keys(question, listed, members)}) AS others"
        joins += " USING (visitor_id)"
    return f"""
WITH
{begin}visits AS ({text})
SELECT visitor_id, sessions, key
FROM {source}
{joins}
"""


def _other_keys(question: VisitorsQuestion, listed: Listed, members: str) -> str:
    is_known = "visitor_id != 0"
    if question.sort == "goals":
        goals = listed.events("type = 'track'", is_known, members)
        source = f"events WHERE {goals}"
    else:
        source = f"payments FINAL WHERE {listed.payments(is_known, members)}"
    return f"SELECT visitor_id, {_KEYS[question.sort]} AS key FROM {source} GROUP BY visitor_id"


def _search(question: VisitorsQuestion, values: Values, found: Sequence[int]) -> str:
    """The text is part of the profile or of a wallet's address, or begins the visitor's id, or is
    the client's own id."""
    text = question.search
    if not text:
        return ""
    wanted = values.bind("String", text)
    wallets = Covered(question, values).ever(
        "report_at", "visitor_id != 0", f"positionCaseInsensitive(address, {wanted}) > 0"
    )
    tests = [
        f"visitor_id IN {values.bind('Array(UInt64)', list(found))}",
        f"visitor_id = {values.bind('UInt64', visitor_key(question.website.id, text))}",
        f"visitor_id IN (SELECT visitor_id FROM events WHERE {wallets})",
    ]
    digits = text.lower()
    if len(digits) <= 16 and not set(digits) - _HEX:
        first, last = int(digits.ljust(16, "0"), 16), int(digits.ljust(16, "f"), 16)
        between = f"{values.bind('UInt64', first)} AND {values.bind('UInt64', last)}"
        tests.append(f"visitor_id BETWEEN {between}")
    return f"({' OR '.join(tests)})"


def unlisted_statement(question: VisitorsQuestion, reach: Span | None) -> Statement:
    """How many people behind a funnel's number are known by a wallet only."""
    values = Values()
    people = Listed(question, values, reach).people
    return values.statement(f"SELECT countIf(visitor = 0) FROM ({people})")


def visits_of_statement(
    question: VisitorsQuestion, reach: Span | None, visitors: Sequence[int]
) -> Statement:
    """A row for each visitor with sessions: visitor, whether all are a bot's, sessions, pageviews,
    first start and last event (ms), host and path of the last page, LISTED_FACTS of the most recent
    session."""
    values = Values()
    theirs = _one_of(values, visitors)
    listed = Listed(question, values, reach)
    website = Covered(question, values).website()
    visits = f"SELECT started_at, session_id FROM visits WHERE {website} AND {theirs}"
    order = "(last_event_at, started_at, session_id)"
    facts = ",\n    ".join(f"argMax(toString({fact}), {order})" for fact in LISTED_FACTS)
    return values.statement(f"""
SELECT visitor_id, min(bot != ''), count(), sum(pageviews),
    toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(last_event_at)),
    argMaxIf(concat(hostname, exit_page), (exit_page_at, {order}), pageviews > 0),
    {facts}
FROM sessions FINAL
WHERE {listed.sessions(theirs, f"(started_at, session_id) IN ({visits})")}
GROUP BY visitor_id""")


def deeds_of_statement(
    question: VisitorsQuestion, reach: Span | None, visitors: Sequence[int]
) -> Statement:
    """A row for each visitor with events: visitor, completions of goals, the latest wallet."""
    values = Values()
    listed = Listed(question, values, reach)
    return values.statement(f"""
SELECT visitor_id, countIf(type = 'track'),
    argMaxIf(toString(address), (occurred_at, seq), address != '')
FROM events
WHERE {listed.events(_one_of(values, visitors))}
GROUP BY visitor_id""")


def paid_by_statement(
    question: VisitorsQuestion, reach: Span | None, visitors: Sequence[int]
) -> Statement:
    """A row for each visitor and currency without a rate, '' for all that is converted: visitor,
    currency, amount, original amount, whether they paid more than nothing."""
    values = Values()
    listed = Listed(question, values, reach)
    return values.statement(f"""
SELECT visitor_id, if(is_converted = 1, '', toString(original_currency)) AS lacking,
    sum(amount), sum(original_amount), max(original_amount > 0)
FROM payments FINAL
WHERE {listed.payments(_one_of(values, visitors))}
GROUP BY visitor_id, lacking
ORDER BY visitor_id, lacking""")


def _one_of(values: Values, visitors: Sequence[int]) -> str:
    return f"visitor_id IN {values.bind('Array(UInt64)', list(visitors))}"


def _and(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)
