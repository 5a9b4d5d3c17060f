"""Lists: the rows of a dimension, their order and their numbers. metrics.md, "Dimensions"."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reference.join import Payment, Row, Session
from reference.report import (
    Question,
    bounds,
    buyers,
    camel_case,
    change,
    comparison,
    money,
    numbers,
    round_2,
    unconverted,
)
from reference.select import COUNTRY_NAMES, SOURCE_NAMES, TAGS, Covered

Answer = dict[str, Any]
Key = tuple[str, ...]
Exact = dict[str, Fraction]

PLACES = ("region", "city")
EVENT_DIMENSIONS = ("page", "goal", "event")
LEFT_OUT = (*TAGS, "campaign", "all_params", "exit_link", *EVENT_DIMENSIONS)
"""metrics.md: lists leave out sessions that lack the fact for these."""
COUNTS = ("visitors", "sessions", "pageviews", "completions")
BY_DEFAULT = (
    *("visitors", "sessions", "pageviews", "revenue", "new_revenue", "renewal_revenue"),
    "percentage",
)


@dataclass
class ListRow:
    """A row: what it says of its value, and its numbers before they are rounded."""

    described: Answer
    exact: Exact

    @property
    def key(self) -> Key:
        names = ("value", "countryCode", "regionCode", "region")
        return tuple(self.described.get(name) or "" for name in names)


def breakdown(question: Question, dimension: str) -> list[Answer]:
    """All rows of a dimension in order, before search, limit and offset."""
    return _answer(question, dimension, lambda asked: _rows(asked, dimension))


def goals(question: Question) -> list[Answer]:
    """Every known goal, `payment` and `free_trial` among them, completed or not."""
    found = _answer(question, "goal", _goal_rows, without="pageviews")
    return [{"id": row["value"], "name": row["value"], **row} for row in found]


def compared(question: Question) -> Answer:
    """The other period of a list, counted as a whole."""
    other_period = comparison(question)
    other = question.of_period(other_period.other)
    before = totals(other)
    return {
        **bounds(other_period),
        "totals": before,
        "change": change(totals(question), before),
        "unconverted": unconverted(other.covered.payments),
    }


def totals(question: Question) -> Answer:
    """The report's own numbers: the usual ones and those that are asked for."""
    found = numbers(question.covered, question.website)
    names = [*BY_DEFAULT[:-1], "refunded_revenue"]
    names += [name for name in _asked(question) if name not in (*BY_DEFAULT, "completions")]
    return {camel_case(name): found[name] for name in names}


def _answer(
    question: Question,
    dimension: str,
    rows_of: Callable[[Question], list[ListRow]],
    without: str = "",
) -> list[Answer]:
    rows = _in_order(question, rows_of(question))
    names = _asked(question) or list(BY_DEFAULT)
    has_completions = dimension in ("goal", "event")
    if has_completions and not _asked(question):
        names.append("completions")
    names = [name for name in names if name != without]
    names = [name for name in names if name != "completions" or has_completions]
    shown = [{**row.described, **_rounded(row.exact, names)} for row in rows]
    if "compare" not in question.given:
        return shown
    before = {row.key: row for row in rows_of(question.of_period(comparison(question).other))}
    for row, answer in zip(rows, shown, strict=True):
        nothing = dict.fromkeys(row.exact, Fraction())
        earlier = before[row.key].exact if row.key in before else nothing
        now, then = _rounded(row.exact, names), _rounded(earlier, names)
        answer["compare"] = {**then, "change": change(now, then)}
    return shown


def _asked(question: Question) -> list[str]:
    """The numbers that `fields` names, in either spelling."""
    asked = question.given.get("fields", "").split(",")
    return [name for name in NUMBERS_OF_ROWS if name in asked or camel_case(name) in asked]


NUMBERS_OF_ROWS = (
    *BY_DEFAULT,
    *("completions", "bounce_rate", "avg_session_duration", "avg_engaged_time"),
    *("revenue_per_visitor", "conversion_rate", "kpi_conversion_rate"),
)


def _rounded(exact: Exact, names: Iterable[str]) -> Answer:
    return {
        camel_case(name): int(exact[name]) if name in COUNTS else round_2(exact[name])
        for name in names
    }


def _in_order(question: Question, rows: list[ListRow]) -> list[ListRow]:
    """By what is asked for, else by visitors; then by visitors from most to least, then by value,
    then by place. Numbers are compared before they are rounded."""
    wanted = question.given.get("sort", "visitors")
    order = question.given.get("order", "asc" if wanted == "value" else "desc")
    rows = sorted(rows, key=lambda row: (-row.exact["visitors"], *row.key))
    if wanted == "value":
        rows.sort(key=lambda row: row.key[0].encode(), reverse=order == "desc")
        return rows
    [name] = [name for name in NUMBERS_OF_ROWS if wanted in (name, camel_case(name))]
    sign = 1 if order == "asc" else -1
    return sorted(rows, key=lambda row: sign * row.exact[name])


def _ratio(part: Fraction | int, whole: int) -> Fraction:
    return Fraction(part) / whole if whole else Fraction()


def _row_numbers(
    question: Question,
    visitors: set[int],
    sessions: Iterable[Session],
    paid: list[Payment],
    **counts: int,
) -> Exact:
    """A row's numbers, by the rules of the report's: each divides the row's own parts."""
    covered, held = question.covered, list(sessions)
    length_ms = sum(session.last_event_at - session.started_at for session in held)
    engaged_ms = sum(session.engaged_ms for session in held)
    revenue = Fraction(money(paid, "new", "renewal"))
    paying = buyers(covered)
    done = _achievers(question) if question.website.kpi else paying
    return {
        "visitors": Fraction(len(visitors)),
        "sessions": Fraction(len(held)),
        "revenue": revenue,
        "new_revenue": Fraction(money(paid, "new")),
        "renewal_revenue": Fraction(money(paid, "renewal")),
        "percentage": _ratio(100 * len(visitors), len(covered.visitors)),
        "bounce_rate": _ratio(100 * sum(session.is_bounce for session in held), len(held)),
        "avg_session_duration": _ratio(Fraction(length_ms, 1000), len(held)),
        "avg_engaged_time": _ratio(Fraction(engaged_ms, 1000), len(held)),
        "revenue_per_visitor": _ratio(revenue, len(visitors)),
        "conversion_rate": _ratio(100 * len(paying & visitors), len(visitors)),
        "kpi_conversion_rate": _ratio(100 * len(done & visitors), len(visitors)),
        **{name: Fraction(count) for name, count in counts.items()},
    }


def _achievers(question: Question) -> set[int]:
    rows = [row for row in question.covered.rows if row.type == "track"]
    return {row.visitor_id for row in rows if row.name == question.website.kpi} - {0}


def _rows(question: Question, dimension: str) -> list[ListRow]:
    if dimension in EVENT_DIMENSIONS:
        return _event_rows(question, dimension)
    return _session_rows(question, dimension)


def _session_rows(question: Question, dimension: str) -> list[ListRow]:
    sessions: dict[Key, list[Session]] = {}
    payments: dict[Key, list[Payment]] = {}
    for session in question.covered.sessions:
        for key in keys(dimension, session):
            sessions.setdefault(key, []).append(session)
    for payment in question.covered.payments:
        for key in keys(dimension, payment):
            payments.setdefault(key, []).append(payment)
    rows = []
    for key in {*sessions, *payments}:
        held = sessions.get(key, [])
        paid = payments.get(key, [])
        if not held and not money(paid, "new", "renewal"):
            continue  # a refund or a free trial alone: "a row may have revenue and no visitors"
        visitors = {session.visitor_id for session in held}
        seen = sum(len(session.pages) for session in held)
        exact = _row_numbers(question, visitors, held, paid, pageviews=seen)
        rows.append(ListRow(describe(dimension, key), exact))
    return rows


def keys(dimension: str, holder: Session | Payment) -> list[Key]:
    """The rows of a list in which a session or payment stands."""
    facts = holder.facts
    if dimension == "all_params":
        return [(f"{tag}={getattr(facts, tag)}",) for tag in TAGS if getattr(facts, tag)]
    if dimension == "region":
        return [(facts.country, facts.region, facts.region_code)]
    if dimension == "city":
        return [(facts.country, facts.region, facts.region_code, facts.city)]
    own = ("entry_page", "exit_page", "exit_link")
    name = "utm_campaign" if dimension == "campaign" else dimension
    value = getattr(holder if name in own else facts, name)
    if value:
        return [(value,)]
    if dimension in LEFT_OUT:
        return []
    return [("" if dimension == "country" else missing(dimension),)]


def missing(dimension: str) -> str:
    return "Direct/None" if dimension == "referrer" else "Unknown"


def describe(dimension: str, key: Key) -> Answer:
    """What a row says of its value, beside the numbers."""
    if dimension == "country":
        return _known({"value": country_name(key[0]), "countryCode": key[0]})
    if dimension in PLACES:
        country, region, region_code = key[:3]
        place = {
            "value": (key[3] if dimension == "city" else region) or "Unknown",
            "countryCode": country,
            "regionCode": region_code,
            "region": region if dimension == "city" else "",
        }
        return _known(place)
    if dimension == "referrer" and key[0] in SOURCE_NAMES:
        return {"value": key[0], "name": SOURCE_NAMES[key[0]]}
    return {"value": key[0]}


def _known(row: Answer) -> Answer:
    """What is not known is left out."""
    return {name: value for name, value in row.items() if value}


def country_name(code: str) -> str:
    return COUNTRY_NAMES.get(code, code) or "Unknown"


LABEL: dict[str, Callable[[Row], str]] = {
    "page": lambda row: row.path if row.type == "page" and row.session else "",
    "goal": lambda row: row.name if row.type == "track" else "",
    "event": lambda row: row.label,
}


def _event_rows(question: Question, dimension: str) -> list[ListRow]:
    covered = question.covered
    values = {LABEL[dimension](row) for row in covered.rows} | paid_values(covered, dimension)
    return [_event_row(question, dimension, value) for value in values - {""}]


def _goal_rows(question: Question) -> list[ListRow]:
    names = {row.name for row in question.known_rows if row.type == "track"}
    names |= {"payment", "free_trial"} | (paid_values(question.covered, "goal") - {""})
    return [_event_row(question, "goal", name) for name in names]


def paid_values(covered: Covered, dimension: str) -> set[str]:
    """What the sessions of payments hold; they may lie outside the period or be a bot's."""
    paying = [p for p in covered.payments if p.session and money([p], "new", "renewal")]
    sessions = [payment.session for payment in paying if payment.session]
    rows = [row for session in sessions for row in session.rows + session.server_rows]
    return {LABEL[dimension](row) for row in rows}


def _event_row(question: Question, dimension: str, value: str) -> ListRow:
    """metrics.md, "a page's, goal's, event's row": visitors and sessions that had it."""
    covered, label = question.covered, LABEL[dimension]
    rows = [row for row in covered.rows if label(row) == value]
    sessions = {row.session for row in rows if row.session and not row.is_server_side}
    seen = [page for session in sessions for page in session.pages]
    if dimension == "page":
        seen = [page for page in seen if page.path == value]
    paid = [p for p in covered.payments if p.session and _holds(p.session, dimension, value)]
    visitors = {row.visitor_id for row in rows} - {0}
    counts = {"pageviews": len(seen), "completions": len(rows)}
    return ListRow({"value": value}, _row_numbers(question, visitors, sessions, paid, **counts))


def _holds(session: Session, dimension: str, value: str) -> bool:
    """A server-side event is no part of the visit, but the money is its session's."""
    rows = session.rows + session.server_rows
    return any(LABEL[dimension](row) == value for row in rows)
