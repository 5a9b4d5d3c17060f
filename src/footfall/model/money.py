"""Amounts of money: decimals in a currency's major units, whole numbers in its minor ones."""

import re
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

import iso4217
import msgspec

from footfall.model.errors import BadRequest

MAX_AMOUNT = Decimal(1_000_000_000_000)
"""Of one payment. The store's columns hold a hundred times as much."""
STORED_DIGITS = 4
"""Decimals that the store's amounts have; no currency has more."""
RATE_DIGITS = 12
MAX_RATE = Decimal(1_000_000_000_000)

_WITHDRAWN = {  # since 2010: earlier payments, their refunds, and providers that keep a code
    **dict.fromkeys(("ANG", "BGN", "CUC", "EEK", "HRK", "LTL", "LVL", "MRO"), 2),
    **dict.fromkeys(("SLL", "STD", "VEF", "ZMK", "ZWL"), 2),
    "BYR": 0,
}
_MINOR_DIGITS = _WITHDRAWN | {
    currency.code: currency.exponent
    for currency in iso4217.Currency
    if currency.exponent is not None  # gold, test codes and the like are not paid with
}
_NUMBER = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_SHOWN_LENGTH = 40


class Converted(msgspec.Struct, frozen=True):
    """An amount in the website's currency, which is `currency`, and how it came to be.

    If `is_converted` is false, no rate was known: `amount` and `rate` are 0.
    """

    amount: Decimal
    currency: str
    rate: Decimal = Decimal(1)
    is_converted: bool = True
    is_rate_estimated: bool = False


def check_currency(value: object) -> str:
    """The upper-case ISO 4217 code of a currency, also of one withdrawn since 2010. Raises
    BadRequest naming `currency`."""
    code = value.upper() if isinstance(value, str) else ""
    if code in _MINOR_DIGITS:
        return code
    raise BadRequest(
        f"currency {_shown(value)} is not an ISO 4217 code of money: write it as in USD or EUR",
        field="currency",
    )


def currency_codes() -> tuple[str, ...]:
    """All codes that `check_currency` accepts, upper-case, in alphabetical order."""
    return tuple(sorted(_MINOR_DIGITS))


def minor_digits(currency: str) -> int:
    """Decimals of an upper-case code: 2 for EUR, 0 for JPY. Raises BadRequest naming `currency`."""
    return _MINOR_DIGITS[check_currency(currency)]


def check_amount(value: object, currency: str) -> Decimal:
    """The amount that a caller wrote as a number or as a decimal in a string, in major units.

    A float is taken at its shortest text, so 29.99 is exactly 29.99. Raises BadRequest naming
    `amount`: negative, not finite, more decimals than the currency has, or past MAX_AMOUNT; and
    naming `currency`.
    """
    currency = check_currency(currency)
    amount = _decimal(value)
    if amount is None:
        raise BadRequest(
            f"amount {_shown(value)} is not an amount: write a number of {currency} that is not"
            " negative, as in 29.99",
            field="amount",
        )
    if amount > MAX_AMOUNT:
        raise BadRequest(f"amount is too large: at most {MAX_AMOUNT:,}", field="amount")
    digits = _MINOR_DIGITS[currency]
    exact = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if exact != amount:
        allowed = f"at most {digits} decimals" if digits else "no decimals"
        raise BadRequest(
            f"amount {_shown(value)} has too many decimals: {currency} has {allowed}",
            field="amount",
        )
    return exact


def check_rate(value: object) -> Decimal:
    """A rate that a caller gave: units of the website's currency for one of the payment's.

    Raises BadRequest naming `rate`.
    """
    rate = _decimal(value)
    if rate is not None:
        rate = round_rate(rate) if rate <= MAX_RATE else rate
        if 0 < rate <= MAX_RATE:
            return rate
    raise BadRequest(
        f"rate {_shown(value)} is not a rate: write a number above 0, as in 1.0842", field="rate"
    )


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units, exactly. Raises BadRequest where the amount is finer than that."""
    return int(check_amount(amount, currency).scaleb(minor_digits(currency)))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Half up to the currency's minor digits; to what the store holds where it has none."""
    digits = _MINOR_DIGITS.get(currency, STORED_DIGITS)
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def round_rate(rate: Decimal) -> Decimal:
    """Half up to the decimals that the store holds."""
    return rate.quantize(Decimal(1).scaleb(-RATE_DIGITS), ROUND_HALF_UP)


def _decimal(value: object) -> Decimal | None:
    """A number that is not negative, None for anything else."""
    match value:
        case bool():
            return None
        case int():
            amount = Decimal(value)
        case float() if isfinite(value):
            amount = Decimal(repr(value))
        case Decimal() if value.is_finite():
            amount = value
        case str() if _NUMBER.fullmatch(value):
            amount = Decimal(value)
        case _:
            return None
    return abs(amount) if amount >= 0 else None  # abs: -0.0


def _shown(value: object) -> str:
    """What the caller gave, shortened for a message."""
    match value:
        case None:
            return "null"
        case str():
            text = repr(value[:_SHOWN_LENGTH])
        case float() | Decimal() | bool():
            text = str(value)
        case int():
            text = str(value) if abs(value) <= MAX_AMOUNT else "of so many digits"
        case _:
            text = f"of type {type(value).__name__}"
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
