"""Two decimals, half up, from exact numbers."""

from decimal import Decimal

import pytest

from footfall.query.number import quotient, ratio, rounded, share


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.005", 1.01),
        ("1.0049", 1.0),
        ("2.675", 2.68),
        ("-1.005", -1.01),
        ("99999999999.995", 1e11),
    ],
)
def test_halves_go_up(value: str, expected: float) -> None:
    assert rounded(Decimal(value)) == expected


def test_shares_and_quotients_are_rounded_once() -> None:
    assert share(1, 800) == 0.13  # 0.125
    assert share(2, 3) == 66.67
    assert quotient(Decimal("10.005"), 2) == 5.0  # 5.0025
    assert quotient(Decimal("0.01"), 2) == 0.01  # 0.005


def test_ratios_have_four_decimals() -> None:
    assert ratio(1, 32) == 0.0313  # 0.03125
    assert ratio(2, 3) == 0.6667
    assert ratio(7, 7) == 1


def test_dividing_by_zero_is_zero() -> None:
    assert share(5, 0) == quotient(5, 0) == ratio(5, 0) == 0
