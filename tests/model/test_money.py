"""Amounts as callers write them: exact, or refused by name."""

import math
from decimal import Decimal

import pytest

from footfall.model.errors import BadRequest
from footfall.model.money import (
    MAX_AMOUNT,
    check_amount,
    check_currency,
    check_rate,
    currency_codes,
    minor_digits,
    round_money,
    to_minor,
)


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        (29.99, "EUR", "29.99"),
        (0.1 + 0.2 - 0.3 + 0.07, "USD", None),  # 0.07000000000000006
        ("29.99", "usd", "29.99"),
        ("29.990", "EUR", "29.99"),
        (29, "EUR", "29.00"),
        (0, "EUR", "0.00"),
        (-0.0, "EUR", "0.00"),
        (10.0, "JPY", "10"),
        (10.5, "JPY", None),
        ("1.234", "KWD", "1.234"),
        ("1.2345", "KWD", None),
        ("1.2345", "CLF", "1.2345"),
        (Decimal("5.5"), "EUR", "5.50"),
        (1e-07, "EUR", None),
        (4.35, "EUR", "4.35"),
        (1.005, "EUR", None),
    ],
)
def test_an_amount_is_exact_or_too_fine(value: object, currency: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(
            BadRequest, match=r"has too many decimals: \w+ has (at most|no)"
        ) as refused:
            check_amount(value, currency)
        assert refused.value.field == "amount"
    else:
        assert str(check_amount(value, currency)) == expected


NO_AMOUNTS = (-1, "-1", -0.01, math.nan, math.inf, -math.inf, Decimal("NaN"), -(10**3000))
NO_AMOUNTS += ("NaN", "1e5", "", " 1", "1,5", "0x1", "١", "1.", ".5", "x" * 10_000)
NO_AMOUNTS += (True, None, [], {})


@pytest.mark.parametrize("value", NO_AMOUNTS, ids=range(len(NO_AMOUNTS)))
def test_an_invalid_amount_is_refused_in_a_short_sentence(value: object) -> None:
    with pytest.raises(BadRequest, match="is not an amount") as refused:
        check_amount(value, "EUR")
    assert refused.value.field == "amount"
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("value", [1e300, 10**3000, "1" * 40, Decimal("1e999999"), "1000000000001"])
def test_an_amount_past_the_bound_is_refused(value: object) -> None:
    with pytest.raises(BadRequest, match="too large") as refused:
        check_amount(value, "EUR")
    assert refused.value.field == "amount"


def test_the_largest_amount_fits_the_stores_column() -> None:
    assert check_amount(MAX_AMOUNT, "CLF") == MAX_AMOUNT
    assert MAX_AMOUNT.scaleb(4) < 10**18  # Decimal(18, 4)
    assert to_minor(MAX_AMOUNT, "CLF") < 2**63


@pytest.mark.parametrize(
    "value", ["", "EU", "EURO", "XYZ", "XXX", "XAU", "DEM", "€", None, 978, "ＥUR"]
)
def test_a_currency_that_is_not_in_use_is_refused(value: object) -> None:
    with pytest.raises(BadRequest, match="ISO 4217") as refused:
        check_currency(value)
    assert refused.value.field == "currency"


@pytest.mark.parametrize("code", ["BGN", "HRK", "ANG", "SLL", "BYR"])
def test_a_currency_withdrawn_lately_has_payments_and_refunds(code: str) -> None:
    assert check_currency(code.lower()) == code
    assert code in currency_codes()
    amount = check_amount("12", code)
    assert round_money(amount / 7, code) == check_amount(str(round_money(amount / 7, code)), code)


def test_a_currency_is_made_upper_case() -> None:
    assert check_currency("eur") == "EUR"


def test_minor_units_are_whole() -> None:
    for currency, digits in (("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)):
        assert minor_digits(currency) == digits
        assert to_minor(Decimal(12), currency) == 12 * 10**digits
    assert to_minor(Decimal("29.99"), "EUR") == 2999


def test_money_is_rounded_half_up() -> None:
    assert str(round_money(Decimal("0.125"), "EUR")) == "0.13"
    assert str(round_money(Decimal("0.5"), "JPY")) == "1"
    assert str(round_money(Decimal("0.00005"), "XAU")) == "0.0001"


@pytest.mark.parametrize(("value", "expected"), [(1.0842, "1.0842"), ("0.5", "0.5"), (2, "2")])
def test_a_rate_is_taken_exactly(value: object, expected: str) -> None:
    assert check_rate(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value", [0, -1, "1e3", math.nan, math.inf, 1e-13, 10**13, True, None, "x"]
)
def test_an_invalid_rate_is_refused(value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        check_rate(value)
    assert refused.value.field == "rate"
