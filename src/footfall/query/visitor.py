"""One visitor's story: who they are, what they did, what they paid."""

import re
from typing import Any

import msgspec
from msgspec import UNSET

from footfall.model.answer import Amount
from footfall.model.country import country_name
from footfall.model.errors import NotFound
from footfall.model.payment import NO_PROFILE, Profile
from footfall.model.period import write_moment
from footfall.model.question import Asked
from footfall.model.visitor import (
    CompletedGoal,
    Device,
    Named,
    Viewport,
    VisitedPage,
    Visitor,
    VisitorAction,
    VisitorActivity,
    VisitorIdentity,
    VisitorRevenue,
    visitor_profile,
)
from footfall.query.number import money, quotient, rounded
from footfall.query.parse.visitor import VisitorQuestion, visitor_ids
from footfall.query.people import People
from footfall.query.sql.visitor import (
    VISIT_FACTS,
    actions_statement,
    pageview_statement,
    paid_statement,
    session_owner_statement,
    trace_statements,
    visits_statement,
)
from footfall.query.visitor_timeline import payment_name, read_events, read_sessions, source_of
from footfall.store.reader import Reader

_SCREEN = re.compile(r"(\d{1,9})x(\d{1,9})", re.ASCII)


class _Visits(msgspec.Struct, frozen=True):
    is_bot: bool
    count: int
    pageviews: int
    first_at: int
    last_at: int
    last_url: str
    facts: dict[str, str]


def write_visitor_id(visitor_id: int) -> str:
    """A visitor's key as callers see it: 16 hex digits."""
    return f"{visitor_id:016x}"


def is_visitor(asked: Asked, visitor_id: int, reader: Reader) -> bool:
    """Whether a visit, a payment or an event of theirs is stored. Raises EngineError."""
    return any(
        reader.query(statement.text, statement.values).rows
        for statement in trace_statements(asked, visitor_id)
    )


def find_visitor(asked: Asked, text: str, people: People, reader: Reader) -> int:
    """The key of the visitor with this id: the first one with stored rows or a profile. Raises
    NotFound, EngineError."""
    for visitor_id in visitor_ids(asked.website.id, text):
        has_profile = people.profile(asked.website.id, visitor_id) != NO_PROFILE
        if has_profile or is_visitor(asked, visitor_id, reader):
            return visitor_id
    raise NotFound("Visitor not found", field="id")


def has_pageview(reader: Reader, website_id: int, visitor_id: int) -> bool:
    """Whether a page view of theirs is stored, a bot's or a person's. Raises EngineError."""
    statement = pageview_statement(website_id, visitor_id)
    return bool(reader.query(statement.text, statement.values).rows)


def visitor_of_session(reader: Reader, website_id: int, client_session: int, at: int) -> int:
    """Whose session a client's session id means at a time (ms): of several the latest begun by
    then, else the first, by the same rule as in `load`. 0 if there is none. Raises EngineError."""
    statement = session_owner_statement(website_id, client_session, at)
    rows = reader.query(statement.text, statement.values).rows
    return int(rows[0][0]) if rows else 0


def answer_visitor(
    question: VisitorQuestion, visitor_id: int, profile: Profile, reader: Reader
) -> Visitor:
    """The story of a known visitor; a person's story leaves out the visits of a bot. Raises
    EngineError."""
    visits = _read_visits(question, visitor_id, reader)
    is_bot = visits is not None and visits.is_bot
    facts = visits.facts if visits else dict.fromkeys(VISIT_FACTS, "")
    actions = _read_actions(question, visitor_id, is_bot, reader)
    whose = (question, visitor_id, reader)
    return Visitor(
        visitor_id=write_visitor_id(visitor_id),
        is_bot=is_bot,
        identity=_identity(facts),
        source=source_of(facts),
        source_icon_url=None,
        activity=_activity(question, visits, actions),
        revenue=_revenue(question, visitor_id, visits, reader),
        profile=visitor_profile(profile),
        activity_timeline=actions[: question.limit],
        sessions=read_sessions(*whose, is_bot=is_bot) if "sessions" in question.include else UNSET,
        events=read_events(*whose, is_bot=is_bot) if "events" in question.include else UNSET,
    )


def _read_visits(question: Asked, visitor_id: int, reader: Reader) -> _Visits | None:
    """A person's visits; if there are none, a bot's."""
    statement = visits_statement(question, visitor_id)
    rows = reader.query(statement.text, statement.values).rows
    if not rows:
        return None
    is_bot, count, pageviews, first_at, last_at, last_url, *facts = rows[0]
    named = dict(zip(VISIT_FACTS, facts, strict=True))
    return _Visits(bool(is_bot), count, pageviews, first_at, last_at, last_url, named)


def _identity(facts: dict[str, str]) -> VisitorIdentity:
    size = _SCREEN.fullmatch(facts["screen"])
    country = facts["country"]
    return VisitorIdentity(
        country=country_name(country) if country else None,
        country_code=country or None,
        region=facts["region"] or None,
        city=facts["city"] or None,
        browser=_with_version(facts["browser"], facts["browser_version"]),
        os=_with_version(facts["os"], facts["os_version"]),
        device=Device(type=facts["device"] or None),
        viewport=Viewport(
            width=int(size[1]) if size else None, height=int(size[2]) if size else None
        ),
    )


def _with_version(name: str, version: str) -> Named:
    """Versions are stored with the name: "Chrome 133.0"."""
    number = version.removeprefix(name).strip()
    return Named(name=name or None, version=number or None)


def _activity(
    question: Asked, visits: _Visits | None, actions: list[VisitorAction]
) -> VisitorActivity:
    zone = question.period.timezone
    return VisitorActivity(
        visit_count=visits.count if visits else 0,
        page_view_count=visits.pageviews if visits else 0,
        first_visit_at=write_moment(visits.first_at, zone) if visits else None,
        last_visit_at=write_moment(visits.last_at, zone) if visits else None,
        current_url=(visits.last_url or None) if visits else None,
        visited_pages=[
            VisitedPage(url=each.url, timestamp=each.timestamp, cursor=each.cursor)
            for each in actions
            if each.type == "pageview"
        ],
        completed_custom_goals=[
            CompletedGoal(name=each.event_name or "", timestamp=each.timestamp, cursor=each.cursor)
            for each in actions
            if each.type == "goal"
        ],
    )


def _read_actions(
    question: VisitorQuestion, visitor_id: int, is_bot: bool, reader: Reader
) -> list[VisitorAction]:
    """Rows of the timeline, the newest first, with all that its lists contain."""
    statement = actions_statement(
        question, visitor_id, is_bot=is_bot, before=question.before, limit=question.limit
    )
    rows = reader.query(statement.text, statement.values).rows
    return [_action(row, question.period.timezone) for row in rows]


def _action(row: list[Any], zone: str) -> VisitorAction:
    at, rank, tie, kind, url, name, *paid = row
    action = VisitorAction(
        type=kind,
        timestamp=write_moment(at, zone),
        url=url or None,
        event_name=name or None,
        amount=None,
        cursor=f"{at}_{rank}_{tie:016x}",
    )
    return _with_payment(action, *paid) if kind == "payment" else action


def _with_payment(
    action: VisitorAction, kind: str, is_converted: int, amount: str, original: str, currency: str
) -> VisitorAction:
    sign = -1 if kind == "refund" else 1
    return msgspec.structs.replace(
        action,
        event_name=payment_name(kind, original),
        amount=rounded(sign * money(amount)) if is_converted else None,
        original_amount=rounded(sign * money(original)),
        original_currency=currency,
    )


def _revenue(
    question: Asked, visitor_id: int, visits: _Visits | None, reader: Reader
) -> VisitorRevenue:
    statement = paid_statement(question, visitor_id)
    rows = reader.query(statement.text, statement.values).rows
    converted = [row for row in rows if not row[0]]
    unconverted = [row for row in rows if row[0] and money(row[3])]
    paid_at = [row[5] for row in rows if row[4]]
    waited_ms = max(min(paid_at) - visits.first_at, 0) if paid_at and visits else None
    return VisitorRevenue(
        total_revenue=rounded(sum(money(row[1]) for row in converted)),
        refunded_revenue=rounded(sum(money(row[2]) for row in converted)),
        is_customer=bool(paid_at),
        time_to_first_conversion=None if waited_ms is None else quotient(waited_ms, 1000),
        currency=question.website.currency,
        unconverted=[Amount(currency=row[0], amount=rounded(money(row[3]))) for row in unconverted],
    )
