"""What the store's payments lack, against the ledger: a damaged engine may have lost some."""

import time

from footfall.model.payment import Movement
from footfall.money.ledger import Ledger
from footfall.store.engine import Engine
from footfall.store.movement import stored_movements

_AT_ONCE = 500  # payments
_PAUSE_S = 0.01  # between two portions: others use the processor, too


def find_differences(ledger: Ledger, engine: Engine, website_id: int) -> list[Movement]:
    """Movements to send again so that the store shows what the ledger holds: missing ones, changed
    ones, and void ones for what is there and should not be.

    What is on its way to the store counts as missing: ask again when it has arrived. Raises
    EngineError.
    """
    names = ledger.find_transactions(website_id)
    found: list[Movement] = []
    for start in range(0, len(names), _AT_ONCE):
        wanted, ids = ledger.movements(website_id, names[start : start + _AT_ONCE])
        stored = stored_movements(engine, website_id, ids)
        for rows in stored.values():
            found += [row for row in rows if not _is_as(wanted.get(row.movement_id), row)]
        for id_, movement in wanted.items():
            if not any(_is_as(movement, row) for row in stored.get(id_, ())):
                found.append(movement)
        time.sleep(_PAUSE_S)
    return found


def _is_as(wanted: Movement | None, stored: Movement) -> bool:
    """Whether the store shows a movement as it should."""
    fields = ("kind", "occurred_at", "amount", "original_amount", "original_currency")
    return wanted is not None and all(
        getattr(wanted, field) == getattr(stored, field) for field in fields
    )
