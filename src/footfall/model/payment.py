"""A movement of money as the ledger hands it to reports."""

from decimal import Decimal
from typing import Literal

import msgspec

MovementKind = Literal["new", "renewal", "refund"]


class Movement(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A payment or a refund, already in its final amount, before it is tied to a session.

    `amount` is in major units of the website's currency, `original_amount` in those of
    `original_currency`; a refund is positive too. Is `is_converted` false, no rate was known:
    `amount` is 0 and the original amount is reported apart.
    """

    website_id: int
    movement_id: str  # transactionId, or transactionId and refund
    kind: MovementKind
    occurred_at: int
    amount: Decimal
    original_amount: Decimal
    original_currency: str
    rate: Decimal = Decimal(1)
    is_converted: bool = True
    is_rate_estimated: bool = False
    visitor_id: int = 0
    session_uid: int = 0
