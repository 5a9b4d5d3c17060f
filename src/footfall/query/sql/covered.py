"""Which rows a report covers, as conditions on each table (docs/metrics.md has the rules).

Sessions that began in the period; events by `report_at`, which is their session's start, or
their own time for rows without a session and server-side ones; payments by their own time.
"""

import msgspec

from footfall.model.dimension import DIMENSIONS, Dimension
from footfall.model.filter import Filter
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.question import Asked
from footfall.query.sql.statement import Statement, Values

EVENT_NAME = "if(type IN ('track', 'decoded_log'), toString(name), toString(type))"
_BOTS = {"exclude": "bot = ''", "only": "bot != ''"}
_OF_EVENTS = ("page", "event")
_SESSION_ONLY = ("entry_page", "exit_page")


class Span(msgspec.Struct, frozen=True):
    """from_ms ≤ t < to_ms."""

    from_ms: int
    to_ms: int


class Covered:
    """The WHERE of each table for one question.

    `reach` spans the starts of all sessions that covered rows belong to, beside the period itself:
    those of payments, server-side rows and paths may have begun before it.
    """

    def __init__(self, question: Asked, values: Values, reach: Span | None = None) -> None:
        self._question = question
        self._values = values
        self._period = Span(question.period.from_ms, question.period.to_ms)
        self._reach = reach or self._period

    def sessions(self) -> str:
        return self._sessions("counted_events > 0")

    def uncounted_sessions(self) -> str:
        """Sessions that reports leave out: no counted event is left in them."""
        return self._sessions("counted_events = 0")

    def _sessions(self, condition: str) -> str:
        filters = [self._on_session(each) for each in self._question.filters]
        return _and(
            *self._before("started_at", self._period),
            self.is_bot(),
            condition,
            *filters,
        )

    def events(self, *conditions: str) -> str:
        filters = [self._on_event(each) for each in self._question.filters]
        return _and(
            *self._before("report_at", self._period),
            self.is_bot(),
            *conditions,
            *filters,
        )

    def happened(self, span: Span, *conditions: str) -> str:
        """Events by their own time instead of by their session's start."""
        filters = [self._on_event(each) for each in self._question.filters]
        kept = Span(self._question.period.floor_ms, END_OF_TIME)
        return _and(
            *self._before("occurred_at", span),
            *self.within("report_at", kept),
            self.is_bot(),
            *conditions,
            *filters,
        )

    def kept_sessions(self, span: Span, *conditions: str) -> str:
        """All sessions, whatever the filters and the bots' mode, where what happened in a span
        decides the answer."""
        kept = Span(self._question.period.floor_ms, END_OF_TIME)
        return _and(self._website(span.to_ms), *self.within("started_at", kept), *conditions)

    def filters_on_facts(self) -> list[str]:
        """The filters where all of them ask for facts, which sessions and their events share."""
        return [self._on_session(each) for each in self._question.filters]

    def payments(self, *conditions: str) -> str:
        filters = [self._on_payment(each) for each in self._question.filters]
        return _and(*self._before("report_at", self._period), *conditions, *filters)

    def payments_of_period(self, *conditions: str) -> str:
        """Everybody who paid, whatever the filters."""
        return self.payments_within(self._period, *conditions)

    def payments_within(self, span: Span, *conditions: str) -> str:
        """The same in another span."""
        return _and(*self._before("report_at", span), *conditions)

    def sessions_of_period(self, *conditions: str) -> str:
        """Whatever the filters."""
        return _and(*self._before("started_at", self._period), *conditions)

    def ever(self, column: str, *conditions: str) -> str:
        """All rows that the website keeps, of bots too, whatever the period and the filters."""
        floor = Span(self._question.period.floor_ms, END_OF_TIME)
        return _and(*self._before(column, floor), *conditions)

    def ever_of_payers(self, column: str, *conditions: str) -> str:
        """As `ever`, where the conditions choose sessions that covered payments belong to."""
        self._values.read_until(_latest_start(self._question))
        floor = Span(self._question.period.floor_ms, END_OF_TIME)
        return _and(self._website(self._period.to_ms), *self.within(column, floor), *conditions)

    def events_ever(self, *conditions: str) -> str:
        return self.events_within(Span(START_OF_TIME, END_OF_TIME), *conditions)

    def events_within(self, span: Span, *conditions: str) -> str:
        """As `events_ever`, in a span."""
        kept = Span(max(span.from_ms, self._question.period.floor_ms), span.to_ms)
        return _and(*self._before("report_at", kept), self.is_bot(), *conditions)

    def website(self) -> str:
        """All rows of the website, whatever their time."""
        return self._website(END_OF_TIME)

    def _before(self, column: str, span: Span) -> list[str]:
        """The website's rows in a span of time."""
        return [self._website(span.to_ms), *self.within(column, span)]

    def _website(self, until_ms: int) -> str:
        website_id = self._question.website.id
        self._values.read(website_id, until_ms)
        return f"website_id = {self._values.bind('UInt32', website_id)}"

    def within(self, column: str, span: Span) -> list[str]:
        """Conditions that narrow what another condition has selected."""
        found = []
        if span.from_ms > START_OF_TIME:
            found.append(f"{column} >= {self._instant(span.from_ms)}")
        if span.to_ms < END_OF_TIME:
            found.append(f"{column} < {self._instant(span.to_ms)}")
        return found

    def matching(self, each: Filter, column: str) -> str:
        """The filter's condition on `column`, before any negation."""
        dimension = DIMENSIONS[each.dimension]
        found = []
        if each.values:
            found.append(self._is_one_of(dimension, column, each.values))
        if each.codes:
            codes = self._values.bind("Array(String)", list(each.codes))
            found.append(f"{dimension.code_column} IN {codes}")
        position = "positionCaseInsensitiveUTF8" if dimension.is_case_insensitive else "position"
        for part in each.parts:
            found.append(f"{position}({column}, {self._values.bind('String', part)}) > 0")
        for pattern in each.patterns:
            found.append(f"match({column}, {self._values.bind('String', pattern)})")
        return _or(found)

    def _is_one_of(self, dimension: Dimension, column: str, wanted: tuple[str, ...]) -> str:
        values = self._values.bind("Array(String)", list(wanted))
        if dimension.is_case_insensitive:
            return f"lowerUTF8({column}) IN arrayMap(v -> lowerUTF8(v), {values})"
        return f"{column} IN {values}"

    def _on_session(self, each: Filter) -> str:
        if each.dimension == "goal":
            return self._completed(each)
        if each.dimension in _OF_EVENTS:
            return f"session_id {_in(each)} ({self._sessions_with(each, self._period)})"
        return _negated(each, self.matching(each, DIMENSIONS[each.dimension].column))

    def _on_payment(self, each: Filter) -> str:
        if each.dimension in _OF_EVENTS:
            return self._on_row(each)
        return self._on_session(each)

    def _on_event(self, each: Filter) -> str:
        if each.dimension in _OF_EVENTS:
            return self._on_row(each)
        if each.dimension in _SESSION_ONLY:
            return self._on_page_of_session(each)
        return self._on_session(each)

    def _on_row(self, each: Filter) -> str:
        """Rows without a session never match a condition on a session."""
        sessions = self._sessions_with(each, self._reach)
        return f"session_id != 0 AND session_id {_in(each)} ({sessions})"

    def _on_page_of_session(self, each: Filter) -> str:
        """Events carry no entry and exit page: their session's, or none without a session."""
        condition = _and(
            *self._before("started_at", self._reach),
            self.matching(each, each.dimension),
        )
        found = f"session_id IN (SELECT session_id FROM sessions FINAL WHERE {condition})"
        without = f"session_id = 0 AND {self.matching(each, chr(39) * 2)}"
        return _negated(each, f"({found} OR ({without}))")

    def _sessions_with(self, each: Filter, span: Span) -> str:
        """What a session sent counts wherever it began, server-side events only in the period."""
        is_page = each.dimension == "page"
        in_period = _and(*self.within("report_at", self._period))
        condition = _and(
            *self._before("report_at", span),
            "type = 'page'" if is_page else "",
            _or(["is_server_side = 0", in_period]) if in_period and not is_page else "",
            self.matching(each, "path" if is_page else EVENT_NAME),
            "session_id != 0",
        )
        return f"SELECT session_id FROM events WHERE {condition}"

    def _completed(self, each: Filter) -> str:
        """In the report's rows, whatever the other filters."""
        condition = _and(
            *self._before("report_at", self._period),
            self.is_bot(),
            "type = 'track'",
            self.matching(each, "name"),
            "visitor_id != 0",
        )
        return f"visitor_id {_in(each)} (SELECT visitor_id FROM events WHERE {condition})"

    def is_bot(self) -> str:
        return _BOTS.get(self._question.bots, "")

    def _instant(self, at: int) -> str:
        return f"fromUnixTimestamp64Milli({self._values.bind('Int64', at)})"


def needs_reach(question: Asked, *, touches_events: bool) -> bool:
    """Whether a filter asks about sessions that may have begun before the period."""
    names = {each.dimension for each in question.filters}
    return bool(names & set(_OF_EVENTS)) or (touches_events and bool(names & set(_SESSION_ONLY)))


def reach_statement(question: Asked) -> Statement:
    """One row: least and greatest start (ms) of the sessions of covered payments and server-side
    rows, and how many there are.

    Payments know their session's start. Most server-side rows are those payments' goals, and
    with no others left no session has to be looked up, which would be a scan.
    """
    values = Values()
    covered = Covered(msgspec.structs.replace(question, filters=()), values)
    paid = covered.payments("session_id != 0")
    others = f"session_id NOT IN (SELECT session_id FROM payments FINAL WHERE {paid})"
    server_side = covered.events("is_server_side = 1", "session_id != 0", others)
    starts = f"SELECT session_started_at AS at FROM payments FINAL WHERE {paid}"
    return values.statement(_reach(covered, starts, server_side))


def reach_of_events(question: Asked, span: Span) -> Statement:
    """The same for the sessions of events that happened in a span."""
    values = Values()
    covered = Covered(msgspec.structs.replace(question, filters=()), values)
    sent = covered.happened(span, "session_id != 0", "is_server_side = 0")
    server_side = covered.happened(span, "session_id != 0", "is_server_side = 1")
    starts = f"SELECT report_at AS at FROM events WHERE {sent}"
    return values.statement(_reach(covered, starts, server_side))


def _latest_start(question: Asked) -> Statement:
    """The greatest start (ms) of the sessions of covered payments; 0 without any."""
    values = Values()
    paid = Covered(msgspec.structs.replace(question, filters=()), values).payments()
    return values.statement(
        f"SELECT toUnixTimestamp64Milli(max(session_started_at))\nFROM payments\nWHERE {paid}"
    )


def _reach(covered: Covered, starts: str, server_side: str) -> str:
    """`starts` are those that rows know; server-side rows do not know their session's."""
    return f"""
SELECT toUnixTimestamp64Milli(min(at)), toUnixTimestamp64Milli(max(at)), count()
FROM (
    {starts}
    UNION ALL
    SELECT started_at AS at
    FROM sessions
    WHERE {covered.website()} AND session_id IN (
        SELECT session_id FROM events WHERE {server_side}
    )
)"""


def _and(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


def _or(conditions: list[str]) -> str:
    if not conditions:
        return "0"
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def _in(each: Filter) -> str:
    return "NOT IN" if each.is_negated else "IN"


def _negated(each: Filter, condition: str) -> str:
    return f"NOT ({condition})" if each.is_negated else condition
