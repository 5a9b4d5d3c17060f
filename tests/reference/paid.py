"""Sums of what was paid. metrics.md, "revenue" and "Money"."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from footfall.model.payment import Movement
from reference.join import Payment


def cents(amount: Decimal) -> Decimal:
    """Two decimals, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def sum_of(payments: Iterable[Payment]) -> Decimal:
    """New and renewal payments, in the website's currency; those without a rate are left out."""
    amounts = (each.movement.amount for each in payments if is_revenue(each.movement))
    return sum(amounts, Decimal(0))


def is_revenue(movement: Movement) -> bool:
    return movement.kind in ("new", "renewal")


def without_rate(movements: Iterable[Movement]) -> list[dict[str, Any]]:
    """What is left out, by currency."""
    lacking = [each for each in movements if is_revenue(each) and not each.is_converted]
    found = []
    for currency in sorted({each.original_currency for each in lacking}):
        own = [each.original_amount for each in lacking if each.original_currency == currency]
        found.append({"currency": currency, "amount": cents(sum(own, Decimal(0)))})
    return found
