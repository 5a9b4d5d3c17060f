"""Realtime: how many visitors are on the website now, who they are and where."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import RowsAnswer
from footfall.model.country import country_name, country_place
from footfall.model.known_source import source_name
from footfall.model.payment import NO_PROFILE, MovementKind, Profile
from footfall.model.period import write_moment
from footfall.model.question import Question
from footfall.model.unit import Count, Degrees, Moment, Money, Payload
from footfall.query.number import money, rounded
from footfall.query.people import People
from footfall.query.sql.realtime import (
    FACTS,
    MINUTE_MS,
    realtime_map_statement,
    realtime_minutes_statement,
    realtime_payments_statement,
    realtime_statement,
)
from footfall.query.visitor import write_visitor_id
from footfall.store.reader import Reader


class RealtimeRow(Payload, frozen=True, kw_only=True):
    """How many visitors are there now."""

    visitors: Annotated[
        Count, Meta(description="Distinct visitors with an event in the last 5 minutes")
    ]


class RealtimeMinute(Payload, frozen=True, kw_only=True):
    """A minute of the clock."""

    minute: Annotated[Moment, Meta(description="Its beginning")]
    visitors: Annotated[Count, Meta(description="Distinct visitors with an event in it")]


class RealtimeCustomer(Payload, frozen=True, kw_only=True, rename="camel"):
    """Who paid. Unknown values are null."""

    visitor_id: str
    user_id: str | None
    name: str | None
    email: str | None


class RealtimePayment(Payload, frozen=True, kw_only=True, rename="camel"):
    """A payment, or a refund, whose amounts are negative."""

    kind: MovementKind
    occurred_at: Moment
    amount: Annotated[
        Money | None,
        Meta(description="In the website's currency; null if no exchange rate was known"),
    ]
    original_amount: Annotated[Money, Meta(description="In the currency that was paid")]
    original_currency: str
    customer: Annotated[
        RealtimeCustomer | UnsetType,
        Meta(
            description="Absent if nobody is known to have paid it, and for share links and members"
            " who may not see single visitors"
        ),
    ] = UNSET


class RealtimeMapRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A recent visitor. What is not known is absent."""

    visitor_id: str
    country: str | UnsetType = UNSET
    country_code: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    latitude: Annotated[Degrees | UnsetType, Meta(description="Of the country's middle")] = UNSET
    longitude: Annotated[Degrees | UnsetType, Meta(description="Of the country's middle")] = UNSET
    browser: str | UnsetType = UNSET
    os: str | UnsetType = UNSET
    device_type: str
    current_url: Annotated[
        str | UnsetType, Meta(description="Host and path of the page seen last")
    ] = UNSET
    referrer: str | UnsetType = UNSET
    referrer_source: Annotated[
        str | UnsetType, Meta(description="The name of a known source, else the referrer")
    ] = UNSET
    session_start_time: Moment | UnsetType = UNSET
    pageviews: Annotated[Count, Meta(description="Of the visitor's session")]
    total_revenue: Annotated[Money, Meta(description="All payments of the visitor")]
    is_customer: Annotated[bool, Meta(description="Whether they ever paid more than nothing")]


class RealtimeAnswer(RowsAnswer[RealtimeRow], frozen=True, kw_only=True):
    """The number of visitors, in one row."""

    minutes: Annotated[
        list[RealtimeMinute] | UnsetType,
        Meta(description="With `minutes`: the oldest first; the last one is not over yet"),
    ] = UNSET
    payments: Annotated[
        list[RealtimePayment] | UnsetType,
        Meta(description="With `payments`: those of the last 24 hours, the newest first"),
    ] = UNSET


class RealtimeMapAnswer(RowsAnswer[RealtimeMapRow], frozen=True, kw_only=True):
    """At most 1,000 visitors, the most recently active first."""


def answer_realtime(question: Question, people: People, reader: Reader) -> RealtimeAnswer:
    """Raises EngineError."""
    statement = realtime_statement(question)
    [[visitors]] = reader.query(statement.text, statement.values).rows
    minutes = _minutes(question, reader) if question.minutes else UNSET
    payments = _payments(question, people, reader) if question.payments else UNSET
    row = RealtimeRow(visitors=visitors)
    return RealtimeAnswer(data=[row], minutes=minutes, payments=payments)


def _minutes(question: Question, reader: Reader) -> list[RealtimeMinute]:
    """All minutes that were asked for, those without visitors too."""
    statement = realtime_minutes_statement(question)
    found = dict(reader.query(statement.text, statement.values).rows)
    current = question.now_at // MINUTE_MS * MINUTE_MS
    starts = [current - before * MINUTE_MS for before in reversed(range(question.minutes))]
    return [RealtimeMinute(minute=_utc(at), visitors=found.get(at, 0)) for at in starts]


def _payments(question: Question, people: People, reader: Reader) -> list[RealtimePayment]:
    statement = realtime_payments_statement(question)
    rows = reader.query(statement.text, statement.values).rows
    payers = [row[-1] for row in rows if row[-1]] if people.are_shown else []
    profiles = people.profiles(question.website.id, payers) if payers else {}
    customers = {each: _customer(each, profiles.get(each, NO_PROFILE)) for each in payers}
    return [_payment(*row[:-1], customer=customers.get(row[-1], UNSET)) for row in rows]


def _payment(
    at_ms: int,
    kind: MovementKind,
    is_converted: int,
    amount: str,
    original: str,
    currency: str,
    *,
    customer: RealtimeCustomer | UnsetType,
) -> RealtimePayment:
    sign = -1 if kind == "refund" else 1
    return RealtimePayment(
        kind=kind,
        occurred_at=_utc(at_ms),
        amount=rounded(sign * money(amount)) if is_converted else None,
        original_amount=rounded(sign * money(original)),
        original_currency=currency,
        customer=customer,
    )


def _customer(visitor_id: int, profile: Profile) -> RealtimeCustomer:
    return RealtimeCustomer(
        visitor_id=write_visitor_id(visitor_id),
        user_id=profile.user_id or None,
        name=profile.name or None,
        email=profile.email or None,
    )


def answer_realtime_map(question: Question, reader: Reader) -> RealtimeMapAnswer:
    """At most 1,000 visitors, the most recently active first. Latitude and longitude are those of
    the country's middle."""
    statement = realtime_map_statement(question)
    rows = reader.query(statement.text, statement.values).rows
    return RealtimeMapAnswer(data=[_visitor(row) for row in rows])


def _visitor(row: list[Any]) -> RealtimeMapRow:
    facts: dict[str, str] = dict(zip(FACTS, row[1 : len(FACTS) + 1], strict=True))
    path, started_ms, pageviews, revenue, is_customer = row[len(FACTS) + 1 :]
    country, referrer = facts["country"], facts["referrer"]
    place = country_place(country)
    return RealtimeMapRow(
        visitor_id=f"{row[0]:016x}",
        country=_known(country_name(country) if country else ""),
        country_code=_known(country),
        region=_known(facts["region"]),
        city=_known(facts["city"]),
        latitude=place[0] if place else UNSET,
        longitude=place[1] if place else UNSET,
        browser=_known(facts["browser"]),
        os=_known(facts["os"]),
        device_type=facts["device"] or "Unknown",
        current_url=_known(facts["hostname"] + path),
        referrer=_known(referrer),
        referrer_source=_known(source_name(referrer) or referrer),
        session_start_time=_utc(started_ms) if started_ms else UNSET,
        pageviews=pageviews,
        total_revenue=rounded(money(revenue)),
        is_customer=bool(is_customer),
    )


def _utc(at_ms: int) -> str:
    return write_moment(at_ms).replace("+00:00", "Z")


def _known(text: str) -> str | UnsetType:
    return text or UNSET
