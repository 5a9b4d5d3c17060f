"""Named periods are the days that people mean, in the website's time zone."""

from datetime import UTC, datetime

import pytest

from footfall.model.named_period import PERIOD_NAMES, PeriodName, dates_back, dates_of
from footfall.model.period import parse_period


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


SATURDAY = ms("2026-11-21 12:00")


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-11-21", "2026-11-21"),
        ("yesterday", "2026-11-20", "2026-11-20"),
        ("last_7_days", "2026-11-14", "2026-11-20"),
        ("last_30_days", "2026-10-22", "2026-11-20"),
        ("last_90_days", "2026-08-23", "2026-11-20"),
        ("last_12_months", "2025-11-21", "2026-11-20"),
        ("this_week", "2026-11-16", "2026-11-21"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("this_month", "2026-11-01", "2026-11-21"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_year", "2026-01-01", "2026-11-21"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_of_days(name: PeriodName, first: str, last: str) -> None:
    found = dates_of(name, "Europe/Vienna", SATURDAY)
    assert found == {"startAt": first, "endAt": last}


def test_all_time_has_no_dates() -> None:
    assert dates_of("all_time", "UTC", SATURDAY) == {}


def test_the_day_is_that_of_the_zone() -> None:
    late = ms("2026-11-21 23:30")
    assert dates_of("today", "UTC", late)["startAt"] == "2026-11-21"
    assert dates_of("today", "Europe/Vienna", late)["startAt"] == "2026-11-22"
    assert dates_of("today", "America/New_York", ms("2026-11-21 03:00"))["startAt"] == "2026-11-20"


def test_the_last_24_hours_are_as_long_when_the_clock_changes() -> None:
    changed = ms("2026-10-25 10:30")  # Vienna went back by an hour at 01:00 UTC
    assert dates_of("last_24_hours", "Europe/Vienna", changed) == {
        "startAt": "2026-10-24T13:00:00+02:00",
        "endAt": "2026-10-25T11:30:00+01:00",
    }


def test_a_leap_day_has_a_year_before() -> None:
    assert dates_of("last_12_months", "UTC", ms("2024-02-29 12:00"))["startAt"] == "2023-02-28"


def test_every_period_is_one_that_reports_accept() -> None:
    for name in PERIOD_NAMES:
        dates = dates_of(name, "Asia/Kathmandu", SATURDAY)
        period = parse_period(dates.get("startAt"), dates.get("endAt"), "Asia/Kathmandu")
        assert period.start_ms <= SATURDAY


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1d", "2026-11-20"),
        ("30d", "2026-10-22"),
        ("2w", "2026-11-07"),
        ("1mo", "2026-10-21"),
        ("9mo", "2026-02-21"),
        ("1y", "2025-11-21"),
        ("9999d", "1999-07-07"),
        ("9999w", "1970-01-01"),
        ("9999mo", "1970-01-01"),
        ("9999y", "1970-01-01"),
    ],
)
def test_a_period_reaches_back_from_yesterday(text: str, first: str) -> None:
    assert dates_back(text, "Europe/Vienna", SATURDAY) == {"startAt": first, "endAt": "2026-11-20"}


def test_reaching_back_agrees_with_the_names() -> None:
    for text, name in (
        ("30d", "last_30_days"), ("7d", "last_7_days"), ("12mo", "last_12_months"),
        ("1y", "last_12_months"), ("24h", "last_24_hours"),
    ):  # fmt: skip
        assert dates_back(text, "Asia/Kathmandu", SATURDAY) == dates_of(
            name, "Asia/Kathmandu", SATURDAY
        )


def test_a_month_back_is_never_longer_than_the_month() -> None:
    found = dates_back("1mo", "UTC", ms("2026-03-31 12:00"))
    assert found == {"startAt": "2026-02-28", "endAt": "2026-03-30"}


def test_another_text_reaches_nowhere_back() -> None:
    for text in ("", "30", "d", "0d", "-1d", "30D", "30d ", "12345d", "1.5d"):
        assert dates_back(text, "UTC", SATURDAY) is None
