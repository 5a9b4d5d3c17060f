"""What the table of payments shows of single payments and refunds."""

from collections.abc import Collection
from decimal import Decimal

from footfall.model.payment import Movement
from footfall.store.reader import Reader

_MOVEMENTS = """
SELECT movement_id, toUnixTimestamp64Milli(report_at), toString(kind), amount, original_amount,
       original_currency
FROM payments FINAL
WHERE website_id = {website_id:UInt32} AND movement_id IN {ids:Array(String)}
"""
_OF_VISITOR = """
SELECT movement_id
FROM payments FINAL
WHERE website_id = {website_id:UInt32} AND visitor_id = {visitor_id:UInt64} AND kind != 'refund'
"""


def stored_movements(
    reader: Reader, website_id: int, ids: Collection[str]
) -> dict[str, list[Movement]]:
    """By id, what the store shows, as the void movements that would take it away again. Raises
    EngineError."""
    rows = reader.query(_MOVEMENTS, {"website_id": website_id, "ids": sorted(ids)}).rows
    found: dict[str, list[Movement]] = {}
    for id_, occurred_at, kind, amount, original_amount, currency in rows:
        movement = Movement(
            website_id=website_id,
            movement_id=id_,
            kind=kind,
            occurred_at=occurred_at,
            amount=Decimal(amount),
            original_amount=Decimal(original_amount),
            original_currency=currency,
            is_void=True,
        )
        found.setdefault(id_, []).append(movement)
    return found


def transactions_of_visitor(reader: Reader, website_id: int, visitor_id: int) -> set[str]:
    """The ids of payments that reports show as a visitor's, including those that only their
    session ties to the visitor. Raises EngineError."""
    values = {"website_id": website_id, "visitor_id": visitor_id}
    return {id_ for (id_,) in reader.query(_OF_VISITOR, values).rows}
