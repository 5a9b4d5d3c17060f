"""One visitor's visits, and their events of all types."""

from typing import Any

import msgspec
from msgspec import UNSET

from footfall.model.country import country_name
from footfall.model.known_source import source_name
from footfall.model.period import write_moment
from footfall.model.visitor import VisitorEvent, VisitorSession
from footfall.query.number import money, quotient, rounded
from footfall.query.parse.visitor import VisitorQuestion
from footfall.query.sql.visitor_timeline import (
    SESSION_FACTS,
    events_page_statement,
    paid_in_statement,
    visits_page_statement,
)
from footfall.store.reader import Reader

_PROPERTIES = msgspec.json.Decoder(dict[str, Any])


def read_sessions(
    question: VisitorQuestion, visitor_id: int, reader: Reader, *, is_bot: bool
) -> list[VisitorSession]:
    """The newest first. Raises EngineError."""
    statement = visits_page_statement(
        question, visitor_id, is_bot=is_bot, before=question.before, limit=question.limit
    )
    rows = reader.query(statement.text, statement.values).rows
    if not rows:
        return []
    paying = paid_in_statement(question, [row[0] for row in rows])
    paid = dict(reader.query(paying.text, paying.values).rows)
    zone = question.period.timezone
    return [_session(row, paid.get(row[0], ""), zone) for row in rows]


def _session(row: list[Any], paid: str, zone: str) -> VisitorSession:
    id_, started, last, engaged_ms, pageviews, events, entry_page, exit_page, link, *texts = row
    facts: dict[str, str] = dict(zip(SESSION_FACTS, texts, strict=True))
    country = facts["country"]
    direct = ("hostname", "channel", "referrer", "region", "city", "device", "browser", "os")
    return VisitorSession(
        session_id=f"{id_:016x}",
        started_at=write_moment(started, zone),
        last_event_at=write_moment(last, zone),
        duration=quotient(last - started, 1000),
        engaged_time=quotient(engaged_ms, 1000),
        pageviews=pageviews,
        events=events,
        entry_page=entry_page or None,
        exit_page=exit_page or None,
        exit_link=link or None,
        source=source_of(facts),
        source_name=source_name(facts["referrer"]) or None,
        campaign=facts["utm_campaign"] or None,
        country=country_name(country) if country else None,
        country_code=country or None,
        **{name: facts[name] or None for name in (*direct, "language", "screen")},
        paid=rounded(money(paid)),
        cursor=f"{started}_0_{id_:016x}",
    )


def source_of(facts: dict[str, str]) -> str | None:
    """The source of a visit: its referrer, else its campaign tags."""
    found = (facts[name] for name in ("referrer", "utm_source", "source", "ref", "via"))
    return next((text for text in found if text), None)


def read_events(
    question: VisitorQuestion, visitor_id: int, reader: Reader, *, is_bot: bool
) -> list[VisitorEvent]:
    """The newest first, payments before events of the same instant. Raises EngineError."""
    statement = events_page_statement(
        question, visitor_id, is_bot=is_bot, before=question.before, limit=question.limit
    )
    rows = reader.query(statement.text, statement.values).rows
    return [_event(row, question.period.timezone) for row in rows]


def _event(row: list[Any], zone: str) -> VisitorEvent:
    at, rank, tie, kind, session, name, url, title, link, address, text, is_server, *paid = row
    properties = _PROPERTIES.decode(text) if text else {}
    event = VisitorEvent(
        type=kind,
        timestamp=write_moment(at, zone),
        session_id=f"{session:016x}" if session else None,
        name=name or None,
        url=url or None,
        title=title or None,
        link=link or None,
        address=address or None,
        status=_text(properties.get("status")),
        transaction_hash=_text(properties.get("transaction_hash")),
        chain_id=_text(properties.get("chain_id")),
        properties=msgspec.Raw(text.encode()) if text else None,
        is_server_side=bool(is_server),
        amount=None,
        cursor=f"{at}_{rank}_{tie:016x}",
    )
    return _with_payment(event, *paid) if kind == "payment" else event


def _text(value: object) -> str | None:
    """A property's text, the JSON text of a number; null for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return msgspec.json.encode(value).decode()
    return value if isinstance(value, str) and value else None


def _with_payment(
    event: VisitorEvent, kind: str, is_converted: int, amount: str, original: str, currency: str
) -> VisitorEvent:
    sign = -1 if kind == "refund" else 1
    return msgspec.structs.replace(
        event,
        name=payment_name(kind, original),
        amount=rounded(sign * money(amount)) if is_converted else None,
        original_amount=rounded(sign * money(original)),
        original_currency=currency or UNSET,
    )


def payment_name(kind: str, original: str) -> str:
    """How a payment is named: by the goal that a new one records, else by its kind."""
    if kind != "new":
        return kind
    return "payment" if money(original) else "free_trial"
