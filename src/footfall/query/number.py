"""Rounding: two decimals (ratios four), half up, from exact integers and decimals."""

from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_CENT = Decimal("0.01")
_BASIS_POINT = Decimal("0.0001")
_ZERO = Decimal(0)

Exact = int | Decimal


def rounded(value: Exact) -> float:
    """Two decimals, half up."""
    return float(Decimal(value).quantize(_CENT, context=_EXACT))


def share(part: Exact, whole: Exact) -> float:
    """100 × part ÷ whole, 0 if the whole is 0."""
    return quotient(part * 100, whole)


def quotient(part: Exact, whole: Exact) -> float:
    """part ÷ whole, 0 if the whole is 0."""
    return rounded(_EXACT.divide(Decimal(part), Decimal(whole))) if whole else 0.0


def ratio(part: int, whole: int) -> float:
    """part ÷ whole with four decimals, 0 if the whole is 0."""
    if not whole:
        return 0.0
    exact = _EXACT.divide(Decimal(part), Decimal(whole))
    return float(exact.quantize(_BASIS_POINT, context=_EXACT))


def money(text: str) -> Decimal:
    """An amount from the engine's text."""
    return Decimal(text) if text else _ZERO


def plain(amount: Decimal) -> Decimal:
    """Without zeros at the end: the store and the ledger keep different numbers of decimals."""
    exact = amount.normalize()
    return exact if int(exact.as_tuple().exponent) <= 0 else exact.quantize(Decimal(1))
