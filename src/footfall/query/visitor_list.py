"""The list of visitors: who came, or who is behind a number of a flow or funnel."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from footfall.model.answer import Amount, Answer, Unconverted
from footfall.model.country import country_name
from footfall.model.errors import BadRequest
from footfall.model.known_source import source_name
from footfall.model.payment import NO_PROFILE, Profile
from footfall.model.period import write_moment
from footfall.model.unit import Count, Moment, Money, Payload
from footfall.model.visitor_list import MAX_FOUND, OfFlow, OfFunnel, VisitorPlace, VisitorsQuestion
from footfall.query.number import money, rounded
from footfall.query.parse.visitor_list import write_cursor
from footfall.query.people import People
from footfall.query.reach import find_reach, find_reach_of_events
from footfall.query.sql.covered import Span
from footfall.query.sql.flow import flow_span
from footfall.query.sql.funnel import funnel_span
from footfall.query.sql.statement import Statement
from footfall.query.sql.visitor_list import (
    LISTED_FACTS,
    deeds_of_statement,
    paid_by_statement,
    unlisted_statement,
    visitors_statement,
    visits_of_statement,
)
from footfall.query.visitor import write_visitor_id
from footfall.query.visitor_timeline import source_of
from footfall.store.reader import Reader


class ListedVisitor(Payload, frozen=True, kw_only=True, rename="camel"):
    """A visitor: who, from where, and what they did in the sessions of the list. Unknown values are
    null."""

    visitor_id: str
    is_bot: Annotated[bool, Meta(description="All of these sessions are judged automated")]
    user_id: str | None
    name: str | None
    email: str | None
    wallet: Annotated[str | None, Meta(description="The address that was seen last")]
    country: str | None
    country_code: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None
    source: Annotated[str | None, Meta(description="What sent the most recent session")]
    source_name: Annotated[str | None, Meta(description="The name of a known source")]
    channel: str | None
    last_page: Annotated[str | None, Meta(description="Host and path of the page seen last")]
    first_seen_at: Annotated[Moment | None, Meta(description="The start of the first session")]
    last_seen_at: Annotated[Moment | None, Meta(description="The last event of the sessions")]
    sessions: Annotated[Count, Meta(description="Of the list's sessions, how many are theirs")]
    pageviews: Annotated[Count, Meta(description="In these sessions")]
    goals: Annotated[Count, Meta(description="How often they completed a goal, payments included")]
    paid: Annotated[Money, Meta(description="New and renewal payments, before refunds")]
    is_customer: Annotated[bool, Meta(description="Whether one of these payments is above zero")]
    unconverted: Unconverted


class VisitorsTotals(Payload, frozen=True, kw_only=True):
    """The numbers of the whole list."""

    visitors: Annotated[Count, Meta(description="Visitors in the list")]
    sessions: Annotated[Count, Meta(description="Their sessions in the list")]
    unlisted: Annotated[
        Count | UnsetType,
        Meta(
            description="People behind a funnel's number who are known by a wallet only, and whom"
            " no row shows"
        ),
    ] = UNSET


class CursorPage(Payload, frozen=True, kw_only=True):
    """Which part of all rows an answer shows."""

    limit: Count
    total: Annotated[Count, Meta(description="Rows before limit")]
    next: Annotated[
        str | None, Meta(description="For the next page, send it as `cursor`; null on the last one")
    ]


class VisitorsAnswer(Answer, frozen=True, kw_only=True):
    """Visitors, one row each. Personal data."""

    timezone: str
    currency: str
    totals: VisitorsTotals
    data: list[ListedVisitor]
    pagination: CursorPage


class _Page(msgspec.Struct, frozen=True):
    places: list[VisitorPlace]
    visitors: int
    sessions: int


def answer_visitors(question: VisitorsQuestion, people: People, reader: Reader) -> VisitorsAnswer:
    """Raises BadRequest if the search matches too many profiles, EngineError."""
    reach = _reach(question, reader)
    found = _search(question, people)
    page = _read_page(question, reach, found, reader)
    shown = page.places[: question.limit]
    has_more = len(page.places) > question.limit
    unlisted: int | UnsetType = UNSET
    if isinstance(question.behind, OfFunnel):
        [[unlisted]] = _rows(unlisted_statement(question, reach), reader)
    return VisitorsAnswer(
        timezone=question.period.timezone,
        currency=question.website.currency,
        totals=VisitorsTotals(visitors=page.visitors, sessions=page.sessions, unlisted=unlisted),
        data=_read_visitors(question, reach, [place.visitor_id for place in shown], people, reader),
        pagination=CursorPage(
            limit=question.limit,
            total=page.visitors,
            next=write_cursor(question.sort, shown[-1]) if has_more else None,
        ),
    )


def _reach(question: VisitorsQuestion, reader: Reader) -> Span | None:
    match question.behind:
        case OfFlow(flow):
            return find_reach_of_events(question, flow_span(flow), reader)
        case OfFunnel(funnel):
            return find_reach_of_events(question, funnel_span(funnel), reader)
    return find_reach(question, reader, touches_events=True)


def _search(question: VisitorsQuestion, people: People) -> Sequence[int]:
    if not question.search:
        return ()
    found = people.search(question.website.id, question.search, MAX_FOUND + 1)
    if len(found) > MAX_FOUND:
        raise BadRequest(
            f"search {question.search[:64]!r} matches more than {MAX_FOUND:,} profiles; write more"
            " of the text",
            field="search",
        )
    return found


def _read_page(
    question: VisitorsQuestion, reach: Span | None, found: Sequence[int], reader: Reader
) -> _Page:
    rows = _rows(visitors_statement(question, reach, found), reader)
    places = [VisitorPlace(key=key, visitor_id=visitor_id) for visitor_id, key, *_ in rows]
    if rows:
        return _Page(places, rows[0][2], rows[0][3])
    if question.after is None:
        return _Page([], 0, 0)
    whole = _read_page(replace(question, after=None, limit=1), reach, found, reader)
    return _Page([], whole.visitors, whole.sessions)  # past the last row, no row carries them


def _read_visitors(
    question: VisitorsQuestion,
    reach: Span | None,
    visitors: list[int],
    people: People,
    reader: Reader,
) -> list[ListedVisitor]:
    """The rows of these visitors, in this order."""
    if not visitors:
        return []
    visits = _by_visitor(visits_of_statement(question, reach, visitors), reader)
    deeds = _by_visitor(deeds_of_statement(question, reach, visitors), reader)
    paid: dict[int, list[list[Any]]] = {}
    for visitor_id, *payment in _rows(paid_by_statement(question, reach, visitors), reader):
        paid.setdefault(visitor_id, []).append(payment)
    profiles = people.profiles(question.website.id, visitors)
    zone = question.period.timezone
    return [
        _row(
            visitor_id,
            _with_visits(visits.get(visitor_id), zone),
            deeds.get(visitor_id, [0, ""]),
            paid.get(visitor_id, []),
            profiles.get(visitor_id, NO_PROFILE),
        )
        for visitor_id in visitors
    ]


def _rows(statement: Statement, reader: Reader) -> list[list[Any]]:
    return list(reader.query(statement.text, statement.values).rows)


def _by_visitor(statement: Statement, reader: Reader) -> dict[int, list[Any]]:
    return {visitor_id: rest for visitor_id, *rest in _rows(statement, reader)}


def _with_visits(row: list[Any] | None, zone: str) -> Mapping[str, Any]:
    """What the sessions say; where there are none, nothing."""
    is_bot, count, pageviews, first_at, last_at, last_page, *facts = row or [0, 0, 0, 0, 0, ""]
    named: dict[str, str] = dict.fromkeys(LISTED_FACTS, "")
    if facts:
        named = dict(zip(LISTED_FACTS, facts, strict=True))
    country = named["country"]
    direct = ("region", "city", "device", "browser", "os", "channel")
    return {
        "is_bot": bool(is_bot),
        "sessions": count,
        "pageviews": pageviews,
        "first_seen_at": write_moment(first_at, zone) if row else None,
        "last_seen_at": write_moment(last_at, zone) if row else None,
        "last_page": last_page or None,
        "country": country_name(country) if country else None,
        "country_code": country or None,
        "source": source_of(named),
        "source_name": source_name(named["referrer"]) or None,
        **{name: named[name] or None for name in direct},
    }


def _row(
    visitor_id: int,
    of_visits: Mapping[str, Any],
    deeds: list[Any],
    paid: list[list[Any]],
    profile: Profile,
) -> ListedVisitor:
    goals, wallet = deeds
    lacking = [row for row in paid if row[0] and money(row[2])]
    return ListedVisitor(
        visitor_id=write_visitor_id(visitor_id),
        user_id=profile.user_id or None,
        name=profile.name or None,
        email=profile.email or None,
        wallet=wallet or None,
        goals=goals,
        paid=rounded(sum(money(row[1]) for row in paid)),
        is_customer=any(row[3] for row in paid),
        unconverted=[Amount(currency=row[0], amount=rounded(money(row[2]))) for row in lacking],
        **of_visits,
    )
