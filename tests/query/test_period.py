"""Periods: what the bounds cover, and the cutting into local hours, days, weeks and months."""

import pytest
from query.store import ms

from footfall.model.comparison import previous_period, previous_year
from footfall.model.errors import BadRequest
from footfall.model.period import (
    Period,
    cut,
    parse_period,
    parse_timezone,
    window,
    write_moment,
)


def bounds(start: str | None, end: str | None, timezone: str = "UTC") -> tuple[str, str]:
    period = parse_period(start, end, timezone)
    return write_moment(period.start_ms), write_moment(period.end_ms)


def stamps(start: str, end: str, interval: str, timezone: str) -> list[str]:
    return [b.timestamp for b in cut(parse_period(start, end, timezone), interval)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("end", "before"),
    [
        ("2026-01-31", "2026-02-01T00:00:00+00:00"),
        ("2026-01-31T10:00", "2026-01-31T10:01:00+00:00"),
        ("2026-01-31T10:00Z", "2026-01-31T10:01:00+00:00"),
        ("2026-01-31T23:59:59Z", "2026-02-01T00:00:00+00:00"),
        ("2026-01-31T23:59:59.5Z", "2026-01-31T23:59:59.600+00:00"),
        ("2026-01-31T23:59:59.50Z", "2026-01-31T23:59:59.510+00:00"),
        ("2026-01-31T23:59:59.500Z", "2026-01-31T23:59:59.501+00:00"),
        ("2026-01-31T23:59:59.500999Z", "2026-01-31T23:59:59.501+00:00"),
        ("2026-01-31T10:00:00+05:45", "2026-01-31T04:15:01+00:00"),
        ("2026-01-31T10:00:00-0300", "2026-01-31T13:00:01+00:00"),
        ("2026-01-31T10:00:00 02:00", "2026-01-31T08:00:01+00:00"),
    ],
)
def test_an_end_covers_its_own_precision(end: str, before: str) -> None:
    assert bounds("2026-01-01", end)[1] == before


def test_a_date_is_the_whole_local_day_on_the_days_clocks_change() -> None:
    assert bounds("2026-03-29", "2026-03-29", "Europe/Berlin") == (
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    )
    assert bounds("2026-10-25", "2026-10-25", "Europe/Berlin") == (
        "2026-10-24T22:00:00+00:00",
        "2026-10-25T23:00:00+00:00",
    )


def test_a_naive_time_is_local_to_the_reports_zone() -> None:
    assert bounds("2026-01-01T10:00:00", None, "Asia/Kathmandu")[0] == "2026-01-01T04:15:00+00:00"


def test_a_naive_time_that_occurs_twice_reaches_from_the_first_to_the_second() -> None:
    assert bounds("2026-10-25T02:30", "2026-10-25T02:30", "Europe/Berlin") == (
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:31:00+00:00",
    )


def test_a_start_finer_than_a_millisecond_begins_with_the_next_one() -> None:
    assert bounds("2026-01-01T00:00:00.0001Z", None)[0] == "2026-01-01T00:00:00.001+00:00"


def test_one_bound_alone_is_enough() -> None:
    assert parse_period("2026-01-01", None, "UTC").end_ms > ms("2200-01-01T00:00:00")
    assert parse_period(None, "2026-01-01", "UTC").start_ms < ms("1970-01-01T00:00:00")


def test_the_first_date_that_can_be_given_is_a_beginning_like_any_other() -> None:
    given = window(parse_period("1970-01-01", None, "UTC"), "month", ms("2026-01-15T00:00:00"))
    assert given.start_ms == 0


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-02-30", None, "startAt"),
        ("2026-1-1", None, "startAt"),
        ("yesterday", None, "startAt"),
        ("2026-01-01T24:00", None, "startAt"),
        ("2026-01-01T10:00:60Z", None, "startAt"),
        ("2026-01-01T10:00+25:00", None, "startAt"),
        ("2026-01-01T10:00+01:75", None, "startAt"),
        ("1969-12-31", None, "startAt"),
        (None, "2201-01-01", "endAt"),
        (None, "٢٠٢٦-٠١-٠١", "endAt"),
        ("2026-01-02", "2026-01-01", "startAt"),
        ("2026-01-01T10:00:01Z", "2026-01-01T10:00:00Z", "startAt"),
        ("'; DROP TABLE events; --", None, "startAt"),
    ],
)
def test_bounds_that_are_wrong_are_named(start: str | None, end: str | None, field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_period(start, end, "UTC")
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "", "Europe", "europe/berlin "])
def test_an_unknown_timezone_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="IANA"):
        parse_timezone(name)


def test_the_spring_day_has_23_hours_and_the_autumn_day_25() -> None:
    spring = stamps("2026-03-29", "2026-03-29", "hour", "Europe/Berlin")
    assert len(spring) == 23
    assert spring[1:3] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]
    autumn = stamps("2026-10-25", "2026-10-25", "hour", "Europe/Berlin")
    assert len(autumn) == 25
    assert autumn[2:4] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]


def test_half_an_hour_of_daylight_saving_on_lord_howe() -> None:
    back = stamps("2026-04-05", "2026-04-05", "hour", "Australia/Lord_Howe")
    assert back[1:4] == [
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:30:00+10:30",
        "2026-04-05T02:00:00+10:30",
    ]
    on = stamps("2026-10-04", "2026-10-04", "hour", "Australia/Lord_Howe")
    assert on[1:4] == [
        "2026-10-04T01:00:00+10:30",
        "2026-10-04T02:30:00+11:00",
        "2026-10-04T03:00:00+11:00",
    ]


def test_hours_in_kathmandu_begin_at_a_quarter_past() -> None:
    hours = cut(parse_period("2026-01-01", "2026-01-01", "Asia/Kathmandu"), "hour")
    assert len(hours) == 24
    assert write_moment(hours[0].start_ms) == "2025-12-31T18:15:00+00:00"
    assert (hours[5].timestamp, hours[5].name) == ("2026-01-01T05:00:00+05:45", "05:00")


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    days = stamps("2018-11-03", "2018-11-05", "day", "America/Sao_Paulo")
    assert days[1] == "2018-11-04T01:00:00-02:00"


def test_a_day_that_was_skipped_is_not_a_bucket() -> None:
    assert stamps("2011-12-29", "2011-12-31", "day", "Pacific/Apia") == [
        "2011-12-29T00:00:00-10:00",
        "2011-12-31T00:00:00+14:00",
    ]


def test_weeks_start_on_monday_and_are_cut_at_the_periods_ends() -> None:
    weeks = cut(parse_period("2026-01-01", "2026-01-20", "UTC"), "week")
    assert [week.name for week in weeks] == ["01 Jan", "05 Jan", "12 Jan", "19 Jan"]


def test_months_are_calendar_months() -> None:
    months = cut(parse_period("2026-01-15", "2026-03-20", "UTC"), "month")
    assert [month.timestamp[:10] for month in months] == ["2026-01-15", "2026-02-01", "2026-03-01"]
    assert [month.name for month in months] == ["Jan 2026", "Feb 2026", "Mar 2026"]


def test_more_than_10000_buckets_are_refused() -> None:
    assert len(cut(parse_period("2026-01-01T00:00", "2027-02-21T15:59", "UTC"), "hour")) == 10_000
    with pytest.raises(BadRequest, match="10,000 hours"):
        cut(parse_period("2026-01-01T00:00", "2027-02-21T16:00", "UTC"), "hour")


@pytest.mark.parametrize(
    ("interval", "count", "first", "last"),
    [
        ("hour", 24, "2026-03-09T16:00:00+01:00", "2026-03-10T15:00:00+01:00"),
        ("day", 30, "2026-02-09T00:00:00+01:00", "2026-03-10T00:00:00+01:00"),
        ("week", 12, "2025-12-22T00:00:00+01:00", "2026-03-09T00:00:00+01:00"),
        ("month", 12, "2025-04-01T00:00:00+02:00", "2026-03-01T00:00:00+01:00"),
    ],
)
def test_without_dates_a_timeseries_ends_with_the_bucket_of_now(
    interval: str, count: int, first: str, last: str
) -> None:
    now = ms("2026-03-10T14:20:00")
    period = window(Period(timezone="Europe/Berlin"), interval, now)  # type: ignore[arg-type]
    buckets = cut(period, interval)  # type: ignore[arg-type]
    assert (len(buckets), buckets[0].timestamp, buckets[-1].timestamp) == (count, first, last)


def test_the_previous_period_of_days_is_as_many_local_days() -> None:
    period = parse_period("2026-03-29", "2026-03-29", "Europe/Berlin")
    before = previous_period(period)
    assert write_moment(before.start_ms, "Europe/Berlin") == "2026-03-28T00:00:00+01:00"
    assert before.end_ms == period.start_ms


def test_the_previous_period_of_datetimes_has_the_same_length() -> None:
    period = parse_period("2026-03-29T00:00:00Z", "2026-03-29T05:59:59Z", "Europe/Berlin")
    before = previous_period(period)
    assert write_moment(before.start_ms) == "2026-03-28T18:00:00+00:00"


def test_a_year_before_29_february_is_the_28th() -> None:
    before = previous_year(parse_period("2024-02-29", "2024-02-29", "UTC"))
    assert write_moment(before.start_ms) == "2023-02-28T00:00:00+00:00"
    assert write_moment(before.end_ms) == "2023-03-01T00:00:00+00:00"


def test_a_year_before_a_whole_february_is_the_whole_february() -> None:
    before = previous_year(parse_period("2025-02-01", "2025-02-28", "UTC"))
    assert write_moment(before.start_ms) == "2024-02-01T00:00:00+00:00"
    assert write_moment(before.end_ms) == "2024-02-29T00:00:00+00:00"
