"""Logs of a few events, as a person writes them down, and questions to the reference."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from footfall.model.event import Event
from footfall.model.payment import Movement
from footfall.model.website import Website
from reference import lists, report
from reference.join import HALF_HOUR, Log

HOUR = 2 * HALF_HOUR


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


NOON = ms("2026-03-02T12:00:00Z")
NOBODY, ANNA, BERT = 0, 1, 2


def event(at: int, visitor: int = ANNA, kind: str = "page", **more: Any) -> Event:
    more.setdefault("path", "/" if kind == "page" else "")
    return Event(website_id=1, type=kind, occurred_at=at, visitor_id=visitor, **more)


def goal(at: int, name: str, visitor: int = ANNA, **more: Any) -> Event:
    return event(at, visitor, "track", name=name, **more)


def paid(at: int, original: str, kind: str = "new", visitor: int = ANNA, **more: Any) -> Movement:
    return Movement(
        website_id=1,
        movement_id=f"{kind} {original} {at}",
        kind=kind,  # type: ignore[arg-type]
        occurred_at=at,
        amount=Decimal(more.pop("amount", original)),
        original_amount=Decimal(original),
        original_currency=more.pop("currency", "EUR"),
        visitor_id=visitor,
        **more,
    )


def store(*arrivals: Event | Movement | list[Event]) -> Log:
    """A log of these, each event a request of its own, lists one request."""
    log = Log(1)
    for arrival in arrivals:
        if isinstance(arrival, Movement):
            log.add_movement(arrival)
        else:
            log.add_request(NOON, arrival if isinstance(arrival, list) else [arrival])
    return log


def ask(log: Log, zone: str = "UTC", kpi: str | None = None, **params: str) -> report.Question:
    website = Website(
        id=1,
        tracking_id="flid_1",
        domain="shop.example",
        name="Shop",
        timezone=zone,
        currency="EUR",
        created_at=0,
        kpi=kpi,
    )
    return report.Question(log, list(params.items()), website, NOON)


def overview(log: Log, **params: str) -> dict[str, Any]:
    return report.overview(ask(log, **params))


def rows(log: Log, dimension: str, *columns: str, **params: str) -> list[tuple[Any, ...]]:
    found = lists.breakdown(ask(log, **params), dimension)
    return [tuple(row[name] for name in ("value", *columns)) for row in found]
