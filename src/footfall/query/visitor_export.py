"""All that is stored about one visitor, as JSON in pieces: a long history is never in memory at
once."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from footfall.model.fact import FACT_NAMES
from footfall.model.payment import REFUND_MARK, Movement, Profile
from footfall.model.period import write_moment
from footfall.model.question import Asked
from footfall.model.visitor import (
    ExportedEvent,
    ExportedPayment,
    ExportedSession,
    ExportHead,
    VisitorFacts,
    visitor_profile,
)
from footfall.model.wallet import plain_wallet
from footfall.query.number import money, plain
from footfall.query.people import LedgerMovement
from footfall.query.sql.visitor_export import (
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    EventPlace,
    SessionPlace,
    events_page,
    movements_statement,
    sessions_page,
)
from footfall.query.visitor import write_visitor_id
from footfall.store.reader import Reader

PAGE_SIZE = 1_000
Row = TypeVar("Row", ExportedSession, ExportedEvent)
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Export(msgspec.Struct, frozen=True):
    """One visitor's file: `pieces` are read from the store as they are taken."""

    visitor_id: int
    pieces: Iterator[bytes]


def export_visitor(
    asked: Asked,
    visitor_id: int,
    profile: Profile,
    recorded: Iterable[LedgerMovement],
    reader: Reader,
    *,
    page_size: int = PAGE_SIZE,
) -> Iterator[bytes]:
    """One JSON object: visitorId, website, timezone, exportedAt, profile, sessions, events,
    payments. Sessions and events by the session's start, a bot's too; payments by time, as the
    ledger has them and those that only their session ties to the visitor. Raises EngineError."""
    zone = asked.period.timezone
    head = ExportHead(
        visitor_id=write_visitor_id(visitor_id),
        website=asked.website.domain,
        timezone=zone,
        exported_at=write_moment(asked.now_at, zone),
        profile=visitor_profile(profile),
    )
    yield _encode(head)[:-1]
    yield b',"sessions":'
    yield from _list(_sessions(asked, visitor_id, reader, page_size))
    yield b',"events":'
    yield from _list(_events(asked, visitor_id, reader, page_size))
    yield b',"payments":' + _encode(_payments(asked, visitor_id, recorded, reader)) + b"}"


def _list(pages: Iterator[list[Row]]) -> Iterator[bytes]:
    """One JSON list of all pages' rows."""
    opening = b"["
    for page in pages:
        if page:
            yield opening + _encode(page)[1:-1]
            opening = b","
    yield b"]" if opening == b"," else b"[]"


def _sessions(
    asked: Asked, visitor_id: int, reader: Reader, page_size: int
) -> Iterator[list[ExportedSession]]:
    after: SessionPlace | None = None
    rows: list[list[Any]] = []
    while after is None or len(rows) == page_size:
        statement = sessions_page(asked, visitor_id, after, page_size)
        rows = reader.query(statement.text, statement.values).rows
        if not rows:
            return
        yield [_session(row, asked.period.timezone) for row in rows]
        after = SessionPlace(rows[-1][0], rows[-1][1])


def _events(
    asked: Asked, visitor_id: int, reader: Reader, page_size: int
) -> Iterator[list[ExportedEvent]]:
    after: EventPlace | None = None
    rows: list[list[Any]] = []
    while after is None or len(rows) == page_size:
        statement = events_page(asked, visitor_id, after, page_size)
        rows = reader.query(statement.text, statement.values).rows
        if not rows:
            return
        yield [_event(row, asked.period.timezone) for row in rows]
        after = EventPlace(*rows[-1][:4])


def _session(row: list[Any], zone: str) -> ExportedSession:
    started_at, session_id, last_event_at, *columns, facts = row
    stored = dict(zip(SESSION_COLUMNS, columns, strict=True))
    return ExportedSession(
        session_id=f"{session_id:016x}",
        started_at=write_moment(started_at, zone),
        last_event_at=write_moment(last_event_at, zone),
        pageviews=stored["pageviews"],
        counted_events=stored["counted_events"],
        engaged_seconds=Decimal(stored["engaged_ms"]) / 1000,
        entry_page=stored["entry_page"] or None,
        exit_page=stored["exit_page"] or None,
        exit_link=stored["exit_link"] or None,
        bot=stored["bot"] or None,
        facts=_facts(facts),
    )


def _event(row: list[Any], zone: str) -> ExportedEvent:
    _, session_id, occurred_at, _, *columns, facts = row
    stored = dict(zip(EVENT_COLUMNS, columns, strict=True))
    properties = stored["properties"]
    return ExportedEvent(
        type=stored["type"],
        timestamp=write_moment(occurred_at, zone),
        session_id=f"{session_id:016x}" if session_id else None,
        name=stored["name"] or None,
        path=stored["path"] or None,
        title=stored["title"] or None,
        link=stored["link"] or None,
        properties=msgspec.Raw(properties.encode()) if properties else None,
        engaged_seconds=Decimal(stored["engaged_ms"]) / 1000,
        address=plain_wallet(stored["address"]) or None,
        is_server_side=bool(stored["is_server_side"]),
        bot=stored["bot"] or None,
        facts=UNSET if session_id else _facts(facts),
    )


def _facts(values: list[str]) -> VisitorFacts:
    known = {name: value for name, value in zip(FACT_NAMES, values, strict=True) if value}
    return VisitorFacts(**known)


def _payments(
    asked: Asked, visitor_id: int, recorded: Iterable[LedgerMovement], reader: Reader
) -> list[ExportedPayment]:
    statement = movements_statement(asked, visitor_id)
    found = {
        each.movement.movement_id: each
        for row in reader.query(statement.text, statement.values).rows
        for each in (LedgerMovement(_movement(asked, row), ""),)
    }
    kept = [each for each in recorded if each.movement.occurred_at >= asked.period.floor_ms]
    found |= {each.movement.movement_id: each for each in kept}
    in_order = sorted(found.values(), key=_by_time)
    return [_payment(asked, each) for each in in_order]


def _movement(asked: Asked, row: list[Any]) -> Movement:
    id_, kind, at, amount, original, currency, rate, is_converted, is_rate_estimated = row
    return Movement(
        website_id=asked.website.id,
        movement_id=id_,
        kind=kind,
        occurred_at=at,
        amount=money(amount),
        original_amount=money(original),
        original_currency=currency,
        rate=money(rate),
        is_converted=bool(is_converted),
        is_rate_estimated=bool(is_rate_estimated),
    )


def _by_time(each: LedgerMovement) -> tuple[int, str]:
    return each.movement.occurred_at, each.movement.movement_id


def _payment(asked: Asked, each: LedgerMovement) -> ExportedPayment:
    movement = each.movement
    return ExportedPayment(
        id=movement.movement_id.replace(REFUND_MARK, "/"),
        type=movement.kind,
        timestamp=write_moment(movement.occurred_at, asked.period.timezone),
        amount=plain(movement.amount) if movement.is_converted else None,
        currency=asked.website.currency,
        original_amount=plain(movement.original_amount),
        original_currency=movement.original_currency,
        rate=plain(movement.rate) if movement.is_converted else None,
        is_rate_estimated=movement.is_rate_estimated,
        provider=each.provider or None,
        subscription_id=each.subscription_id or None,
    )
