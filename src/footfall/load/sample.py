"""Rows that our tables must accept: if such a row is refused, the table is at fault."""

from decimal import Decimal
from functools import cache

from footfall.load.batch import BatchWriter
from footfall.load.owner import Owner
from footfall.load.session import open_session
from footfall.model.event import Event
from footfall.model.fact import FACT_NAMES, Facts
from footfall.model.payment import Movement
from footfall.model.record import Quarantined

_AT = 1_767_268_800_123  # 2026-01-01, with milliseconds


def sample_row(table: str) -> bytes:
    """A correct row with a value in every text column. It is never stored."""
    return _samples()[table]


@cache
def _samples() -> dict[str, bytes]:
    facts = Facts(**dict.fromkeys(FACT_NAMES, "sample"))
    event = Event(
        website_id=1,
        type="track",
        occurred_at=_AT,
        visitor_id=2,
        name="sample",
        path="/sample",
        title="sample",
        link="https://example.com",
        properties='{"sample":1}',
        address="sample",
        bot="sample",
        facts=facts,
    )
    session = open_session(event, 2, set())
    session.entry_page = session.exit_page = session.exit_link = "sample"
    owner = Owner(2, session, None)
    movement = Movement(
        website_id=1,
        movement_id="sample",
        kind="new",
        occurred_at=_AT,
        amount=Decimal("1.25"),
        original_amount=Decimal("1.25"),
        original_currency="EUR",
        rate=Decimal("1.25"),
        is_converted=True,
    )
    quarantined = Quarantined(
        website_id=1, message_id="m", type="track", name="s", field="s", message="sample"
    )
    rows = BatchWriter("", 0)
    rows.add_event(event, 2, session)
    rows.add_session(session)
    rows.add_visit(session, 3)
    rows.add_movement(movement, owner)
    rows.add_event_id(1, 2, _AT)
    rows.add_count(1, _AT // 3_600_000 * 3_600, "server", "accepted", 1)
    rows.add_quarantined(quarantined, _AT)
    return rows.finish({}).tables
