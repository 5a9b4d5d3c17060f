"""Lists of which a session can be in several rows: campaign parameters, pages, goals, events.

Each list is a statement of its own.
"""

from collections.abc import Callable, Sequence

import msgspec

from footfall.model.campaign import CAMPAIGN_PARAMS
from footfall.model.dimension import Dimension
from footfall.model.event import RESERVED_GOALS
from footfall.model.question import Question
from footfall.query.sql.breakdown import COUNTED
from footfall.query.sql.covered import EVENT_NAME, Covered, Span
from footfall.query.sql.money import BY_KIND, money_part
from footfall.query.sql.pagination import CODES, LIST_MEASURES, LISTED, REPORT, page_of_lists
from footfall.query.sql.statement import Part, Statement, Values, stack

_KEYS = ("role", "value")


class _EventList(msgspec.Struct, frozen=True):
    """How an event-scope list reads its events."""

    value: str  # the row's value
    conditions: tuple[str, ...]
    may_be_server_side: bool = True


_EVENTS = {
    "page": _EventList("toString(path)", ("type = 'page'",), may_be_server_side=False),
    "goal": _EventList("toString(name)", ("type = 'track'",)),
    "event": _EventList(EVENT_NAME, ()),
}


def event_list_statement(
    question: Question, dimension: Dimension, reach: Span | None, *, with_report: bool
) -> Statement:
    """The list of all_params, page, goal or event, as list 0; the report's row if asked."""
    values = Values()
    covered = Covered(question, values, reach)
    parts = _LISTS[dimension.name](question, covered)
    if with_report:
        parts += _report(question, covered)
    return _statement(question, values, parts)


def goals_statement(question: Question, reach: Span | None) -> Statement:
    """All goals ever seen, `payment` and `free_trial` among them, and the report's row."""
    values = Values()
    covered = Covered(question, values, reach)
    events = _EVENTS["goal"]
    parts = [_completed(events, covered), _money(events, covered), *_report(question, covered)]
    seen = f"FROM events\nWHERE {covered.events_ever(*events.conditions)}"
    parts.append(Part(seen, _keys("toString(name)"), {}, "GROUP BY name"))
    reserved = ", ".join(f"'{name}'" for name in sorted(RESERVED_GOALS))
    parts.append(Part(f"FROM (SELECT arrayJoin([{reserved}]) AS name)", _keys("name"), {}))
    return _statement(question, values, parts)


def _statement(question: Question, values: Values, parts: Sequence[Part]) -> Statement:
    codes = ", ".join(f"'' AS {code}_" for code in CODES)
    rows = (
        f"SELECT 0 AS list, role, value, {codes}, {', '.join(LIST_MEASURES)}\n"
        f"FROM (\n{stack(_KEYS, LIST_MEASURES, parts)}\n)"
    )
    return values.statement(page_of_lists(rows, question, values))


def _keys(value: str) -> dict[str, str]:
    return {"role": f"toUInt8({LISTED})", "value": value}


def _report(question: Question, covered: Covered) -> list[Part]:
    keys = {"role": f"toUInt8({REPORT})", "value": "''"}
    sessions = Part(f"FROM sessions FINAL\nWHERE {covered.sessions()}", keys, COUNTED)
    return [sessions, money_part(question, covered, keys=keys)]


def _all_params(question: Question, covered: Covered) -> list[Part]:
    each = ", ".join(f"if({name} = '', '', concat('{name}=', {name}))" for name in CAMPAIGN_PARAMS)
    values = f"arrayJoin(arrayFilter(pair -> pair != '', [{each}])) AS pair"
    sessions = Part(
        f"FROM (\n    SELECT visitor_id, pageviews, {values}\n    FROM sessions FINAL\n"
        f"    WHERE {covered.sessions()}\n)",
        _keys("pair"),
        COUNTED,
        "GROUP BY pair",
    )
    money = money_part(question, covered, CAMPAIGN_PARAMS)
    source = f"FROM (\n    SELECT kind, amount, {values}\n    {money.source}\n)"
    return [sessions, Part(source, _keys("pair"), BY_KIND, "GROUP BY pair")]


def _pages(_: Question, covered: Covered) -> list[Part]:
    events = _EVENTS["page"]
    measures = {
        "visitors": "uniqExact(visitor_id)",
        "sessions": "uniqExact(session_id)",
        "views": "count()",
    }
    source = f"FROM events\nWHERE {covered.events(*events.conditions, 'session_id != 0')}"
    return [Part(source, _keys(events.value), measures, "GROUP BY path"), _money(events, covered)]


def _goals(_: Question, covered: Covered) -> list[Part]:
    events = _EVENTS["goal"]
    chosen = covered.events(*events.conditions, "session_id != 0", "is_server_side = 0")
    among = f"session_id IN (SELECT session_id FROM events WHERE {chosen})"
    return [_of_events(events, covered, among), _money(events, covered)]


def _events(_: Question, covered: Covered) -> list[Part]:
    events = _EVENTS["event"]
    return [_of_events(events, covered), _money(events, covered)]


def _completed(events: _EventList, covered: Covered) -> Part:
    """Rows without the sessions' pageviews, which lists of goals do not show: sessions need not be
    read."""
    measures = {
        "visitors": "uniqExactIf(visitor_id, visitor_id != 0)",
        "sessions": "uniqExactIf(session_id, session_id != 0 AND is_server_side = 0)",
        "completions": "count()",
    }
    source = f"FROM events\nWHERE {covered.events(*events.conditions)}"
    return Part(source, _keys(events.value), measures, "GROUP BY name")


def _of_events(events: _EventList, covered: Covered, *among: str) -> Part:
    """Rows count the visitors of all events, but sessions only of events that no server recorded.
    A session is one visitor's, so it is one group of each value that it has."""
    source = f"""FROM (
    SELECT {events.value} AS listed_value, session_id, visitor_id, count() AS times,
        max(session_id != 0 AND is_server_side = 0) AS is_of_session
    FROM events
    WHERE {covered.events(*events.conditions)}
    GROUP BY listed_value, session_id, visitor_id
) AS reached
LEFT ANY JOIN (
    SELECT session_id, pageviews
    FROM sessions FINAL
    WHERE {covered.sessions_of_period(*among)}
) AS visit ON reached.session_id = visit.session_id"""
    measures = {
        "visitors": "uniqExactIf(visitor_id, visitor_id != 0)",
        "sessions": "countIf(is_of_session)",
        "views": "sumIf(pageviews, is_of_session)",
        "completions": "sum(times)",
    }
    return Part(source, _keys("listed_value"), measures, "GROUP BY listed_value")


def _money(events: _EventList, covered: Covered) -> Part:
    """Payments of sessions that have such an event, wherever those sessions began. Refunds
    are not a column here, and alone they make no row."""
    conditions = covered.payments("session_id != 0", "kind != 'refund'", "amount > 0")
    paid = f"FROM payments FINAL WHERE {conditions}"
    own = covered.ever(
        "report_at",
        *events.conditions,
        "is_server_side = 0" if events.may_be_server_side else "",
        f"(report_at, session_id) IN (SELECT session_started_at, session_id {paid})",
    )
    chosen = f"SELECT DISTINCT session_id, {events.value} AS listed_value FROM events WHERE {own}"
    if events.may_be_server_side:
        recorded = covered.ever(
            "report_at",
            *events.conditions,
            "is_server_side = 1",
            f"session_id IN (SELECT session_id {paid})",
        )
        chosen += (
            f"\n    UNION DISTINCT\n    SELECT DISTINCT session_id, {events.value} AS listed_value"
            f" FROM events WHERE {recorded}"
        )
    source = f"""FROM (
    SELECT session_id, kind, amount {paid}
) AS payment
INNER JOIN (
    {chosen}
) AS listed ON payment.session_id = listed.session_id"""
    return Part(source, _keys("listed_value"), BY_KIND, "GROUP BY listed_value")


_LISTS: dict[str, Callable[[Question, Covered], list[Part]]] = {
    "all_params": _all_params,
    "page": _pages,
    "goal": _goals,
    "event": _events,
}
EVENT_LISTS: frozenset[str] = frozenset(_LISTS)
