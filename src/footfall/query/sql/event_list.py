"""Lists of which a session can be in several rows: campaign parameters, pages, goals, events.

Each list is a statement of its own. The list of goals has a second one, for names of older goals.
"""

from collections.abc import Callable, Sequence

import msgspec

from footfall.model.campaign import CAMPAIGN_PARAMS
from footfall.model.dimension import Dimension
from footfall.model.event import RESERVED_GOALS
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.question import Question
from footfall.query.sql.breakdown import counted
from footfall.query.sql.covered import EVENT_NAME, Covered, Span
from footfall.query.sql.mark import marks_apply
from footfall.query.sql.money import BY_KIND, has_paid, money_part, paid, paid_by_anybody
from footfall.query.sql.overview import session_measures
from footfall.query.sql.page_list import all_pages_of_walks, pages_of_walks, paid_pages
from footfall.query.sql.page_row import IS_OTHER, namesakes, page_row, paid_page_row
from footfall.query.sql.pagination import CODES, LISTED, REPORT, Selection, page_of_lists
from footfall.query.sql.statement import Part, Statement, Values, stack

_KEYS = ("role", "value")
_DAY_MS = 86_400_000
MAX_OLDER_GOALS = 250
"""So many names of 128 characters, of four bytes each, fit into a request to a server, which takes
128 KiB for one value."""
_OF_VISITS = ("counted_events", "started_at", "last_event_at", "engaged_ms")
"""Columns of sessions that measures need which lists do not always have."""


class _EventList(msgspec.Struct, frozen=True):
    """How an event-scope list reads its events."""

    value: str  # the row's value
    conditions: tuple[str, ...]


_EVENTS = {
    "page": _EventList("toString(path)", ("type = 'page'",)),
    "goal": _EventList("toString(name)", ("type = 'track'",)),
    "event": _EventList(EVENT_NAME, ()),
}


class _Ask(msgspec.Struct, frozen=True):
    """What the parts of a statement are made of."""

    question: Question
    covered: Covered
    values: Values
    selection: Selection


def event_list_statement(
    question: Question,
    dimension: Dimension,
    reach: Span | None,
    selection: Selection,
    *,
    with_report: bool,
) -> Statement:
    """The list of all_params, page, goal or event, as list 0; the report's row if asked."""
    values = Values()
    ask = _Ask(question, Covered(question, values, reach), values, selection)
    parts = _LISTS[dimension.name](ask)
    if with_report:
        parts += _report(ask)
    return _statement(ask, parts)


def goals_statement(
    question: Question, reach: Span | None, older: Sequence[str] | None, selection: Selection
) -> Statement:
    """All goals ever seen, `payment` and `free_trial` among them, and the report's row. `older` is
    what older_goals_statement answers, None if it was not asked."""
    values = Values()
    covered = Covered(question, values, reach)
    ask = _Ask(question, covered, values, selection)
    parts = [*_goals(ask), *_report(ask)]
    if older is None or len(older) > MAX_OLDER_GOALS:
        older, since = (), START_OF_TIME
    else:
        since = _recent_from(question)
    seen = _names_of_goals(covered, Span(since, END_OF_TIME))
    parts.append(Part(seen, _keys("toString(name)"), {}, "GROUP BY name"))
    known = values.bind("Array(String)", sorted(RESERVED_GOALS.union(older)))
    parts.append(Part(f"FROM (SELECT arrayJoin({known}) AS name)", _keys("name"), {}))
    return _statement(ask, parts)


def older_goals_statement(question: Question) -> Statement:
    """The names of the goals that were seen before yesterday, at most MAX_OLDER_GOALS + 1. It reads
    all events, but its answer is the same all day, unless older events are added or removed."""
    values = Values()
    seen = _names_of_goals(Covered(question, values), Span(START_OF_TIME, _recent_from(question)))
    return values.statement(
        f"SELECT DISTINCT toString(name) AS name\n{seen}\nORDER BY name"
        f"\nLIMIT {MAX_OLDER_GOALS + 1}"
    )


def _names_of_goals(covered: Covered, span: Span) -> str:
    return f"FROM events\nWHERE {covered.events_within(span, *_EVENTS['goal'].conditions)}"


def _recent_from(question: Question) -> int:
    """When yesterday began (UTC)."""
    return (question.now_at // _DAY_MS - 1) * _DAY_MS


def _statement(ask: _Ask, parts: Sequence[Part]) -> Statement:
    codes = ", ".join(f"'' AS {code}_" for code in CODES)
    measures = ask.selection.measures
    rows = (
        f"SELECT 0 AS list, role, value, {codes}, {', '.join(measures)}\n"
        f"FROM (\n{stack(_KEYS, measures, parts)}\n)"
    )
    return ask.values.statement(page_of_lists(rows, ask.question, ask.values, ask.selection))


def _keys(value: str) -> dict[str, str]:
    return {"role": f"toUInt8({LISTED})", "value": value}


_REPORT_KEYS = {"role": f"toUInt8({REPORT})", "value": "''"}


def _report(ask: _Ask) -> list[Part]:
    source = f"FROM sessions FINAL\nWHERE {ask.covered.sessions()}"
    of_sessions = counted(ask.question, ask.covered, ask.values, ask.selection.of_report)
    return [
        Part(source, _REPORT_KEYS, of_sessions),
        money_part(ask.question, ask.covered, keys=_REPORT_KEYS),
    ]


def _all_params(ask: _Ask) -> list[Part]:
    covered = ask.covered
    each = ", ".join(f"if({name} = '', '', concat('{name}=', {name}))" for name in CAMPAIGN_PARAMS)
    values = f"arrayJoin(arrayFilter(pair -> pair != '', [{each}])) AS pair"
    columns = ", ".join(("visitor_id", "pageviews", *(_OF_VISITS if ask.selection.further else ())))
    sessions = Part(
        f"FROM (\n    SELECT {columns}, {values}\n    FROM sessions FINAL\n"
        f"    WHERE {covered.sessions()}\n)",
        _keys("pair"),
        counted(ask.question, covered, ask.values, ask.selection.further),
        "GROUP BY pair",
    )
    money = money_part(ask.question, covered, CAMPAIGN_PARAMS)
    source = f"FROM (\n    SELECT kind, amount, {values}\n    {money.source}\n)"
    return [sessions, Part(source, _keys("pair"), BY_KIND, "GROUP BY pair")]


def _pages(ask: _Ask) -> list[Part]:
    events, covered = _EVENTS["page"], ask.covered
    money = paid_pages(covered, _keys(""))
    if ask.selection.further:
        pages = _of_events(events, ask, "", "session_id != 0")
        seen = {**pages.measures, "views": "sum(times)"}
        return [msgspec.structs.replace(pages, measures=seen), money]
    if marks_apply(ask.question):
        of_walks = all_pages_of_walks if "unwalked" in ask.selection.checks else pages_of_walks
        return [of_walks(ask.question, covered, ask.values, _keys("")), money]
    measures = {
        "visitors": "uniqExact(visitor_id)",
        "sessions": "uniqExact(session_id)",
        "views": "count()",
    }
    source = f"FROM events\nWHERE {covered.events(*events.conditions, 'session_id != 0')}"
    pages = Part(source, _keys(events.value), _shown(measures, ask), "GROUP BY path")
    return [pages, money]


def _shown(measures: dict[str, str], ask: _Ask) -> dict[str, str]:
    """Without the sessions if no row shows them: a set of them takes as long as all the rest."""
    hidden = ask.selection.unused & {"sessions"}
    return {name: measure for name, measure in measures.items() if name not in hidden}


def _goals(ask: _Ask) -> list[Part]:
    events = _EVENTS["goal"]
    return [_counted(events, ask, _sessions_with(events, ask)), _money(events, ask.covered)]


def _events(ask: _Ask) -> list[Part]:
    events, covered = _EVENTS["event"], ask.covered
    if "namesakes" not in ask.selection.checks:
        return [_counted(events, ask), _money(events, covered)]
    others = msgspec.structs.replace(events, conditions=(IS_OTHER,))
    by_marks = "unmarked" in ask.selection.checks
    further = ask.selection.further
    return [
        _counted(others, ask, _sessions_with(others, ask)),
        page_row(ask.question, covered, ask.values, _keys(""), further, by_marks=by_marks),
        namesakes(covered, _REPORT_KEYS),
        _money(others, covered, paid_page_row(covered)),
    ]


def _sessions_with(events: _EventList, ask: _Ask) -> str:
    """A condition on sessions, which those meet that sent such an event."""
    chosen = ask.covered.events(*events.conditions, "session_id != 0", "is_server_side = 0")
    return f"session_id IN (SELECT session_id FROM events WHERE {chosen})"


def _counted(events: _EventList, ask: _Ask, among: str = "") -> Part:
    if ask.selection.shows_no_views:
        return _completed(events, ask)
    return _of_events(events, ask, among)


def _completed(events: _EventList, ask: _Ask) -> Part:
    """Rows without the sessions' page views."""
    measures = {
        "visitors": "uniqExactIf(visitor_id, visitor_id != 0)",
        "sessions": "uniqExactIf(session_id, session_id != 0 AND is_server_side = 0)",
        "completions": "count()",
    }
    source = f"FROM events\nWHERE {ask.covered.events(*events.conditions)}"
    return Part(source, _keys(events.value), _shown(measures, ask), "GROUP BY value")


def _of_events(events: _EventList, ask: _Ask, among: str = "", *conditions: str) -> Part:
    """Rows count the visitors of all events, but sessions only of events that no server recorded.
    A session is one visitor's, so it is one group of each value that it has. `among` is a condition
    that all of these sessions meet, `conditions` are further ones of events."""
    covered = ask.covered
    columns = ", ".join(("session_id", "pageviews", *(_OF_VISITS if ask.selection.further else ())))
    source = f"""FROM (
    SELECT {events.value} AS listed_value, session_id, visitor_id, count() AS times,
        max(session_id != 0 AND is_server_side = 0) AS is_of_session
    FROM events
    WHERE {covered.events(*events.conditions, *conditions)}
    GROUP BY listed_value, session_id, visitor_id
) AS reached
LEFT ANY JOIN (
    SELECT {columns}
    FROM sessions FINAL
    WHERE {covered.sessions_of_period(among)}
) AS visit ON reached.session_id = visit.session_id"""
    measures = {
        "visitors": "uniqExactIf(visitor_id, visitor_id != 0)",
        "sessions": "countIf(is_of_session)",
        "views": "sumIf(pageviews, is_of_session)",
        "completions": "sum(times)",
        **_further(ask),
    }
    return Part(source, _keys("listed_value"), measures, "GROUP BY listed_value")


def _further(ask: _Ask) -> dict[str, str]:
    """The selection's further measures, over groups of events with their sessions."""
    of_visits = {
        "bounces": "countIf(is_of_session AND pageviews = 1 AND counted_events = 1)",
        "duration": "toUInt64(sumIf(dateDiff('millisecond', started_at, last_event_at),"
        " is_of_session))",
        "engaged": "sumIf(engaged_ms, is_of_session)",
    }
    of_visitors = [name for name in ask.selection.further if name not in of_visits]
    return {
        **{name: of_visits[name] for name in ask.selection.further if name in of_visits},
        **session_measures(ask.question, ask.covered, ask.values, of_visitors),
    }


def _money(events: _EventList, covered: Covered, *further: str) -> Part:
    """Payments of sessions that have such an event, wherever those sessions began. `further` are
    queries for more of them, each with its row's value."""
    anybody = f"FROM payments FINAL WHERE {paid_by_anybody(covered)}"
    sent = covered.ever(
        "report_at",
        *events.conditions,
        "is_server_side = 0",
        has_paid(covered, "report_at"),
    )
    recorded = covered.ever(
        "report_at",
        *events.conditions,
        "is_server_side = 1",
        f"session_id IN (SELECT session_id {anybody})",
    )
    found = f"SELECT DISTINCT session_id, {events.value} AS listed_value FROM events WHERE"
    listed = "\n    UNION DISTINCT\n    ".join((f"{found} {sent}", f"{found} {recorded}", *further))
    source = f"""FROM (
    SELECT session_id, kind, amount FROM payments FINAL WHERE {paid(covered)}
) AS payment
INNER JOIN (
    {listed}
) AS listed ON payment.session_id = listed.session_id"""
    return Part(source, _keys("listed_value"), BY_KIND, "GROUP BY listed_value")


_LISTS: dict[str, Callable[[_Ask], list[Part]]] = {
    "all_params": _all_params,
    "page": _pages,
    "goal": _goals,
    "event": _events,
}
EVENT_LISTS: frozenset[str] = frozenset(_LISTS)
