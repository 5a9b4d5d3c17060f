"""The period that another is compared with: docs/metrics.md, "Comparing periods"."""

import pytest
from query.store import ms

from footfall.model.comparison import Comparison, ComparisonName, aligned, other_period
from footfall.model.period import Interval, cut, parse_period, window, write_moment

NOW = ms("2026-12-01T12:00:00")
BERLIN = "Europe/Berlin"


def compared(
    start: str, end: str, name: ComparisonName, zone: str = "UTC", *, by_weekday: bool = False
) -> tuple[str, str]:
    """The first instant of the other period and the instant after its last."""
    comparison = Comparison(name=name, matches_weekday=by_weekday)
    other = other_period(parse_period(start, end, zone), comparison).period
    return write_moment(other.start_ms, zone), write_moment(other.end_ms, zone)


def days(start: str, end: str, name: ComparisonName, *, by_weekday: bool) -> tuple[str, str]:
    """The same for days: the first, and the one after the last."""
    first, after = compared(start, end, name, by_weekday=by_weekday)
    return first[:10], after[:10]


@pytest.mark.parametrize(
    ("start", "end", "name", "first", "after"),
    [
        # 30 days from a Tuesday: 35 days earlier, not from the Sunday 30 days earlier
        ("2026-11-03", "2026-12-02", "previous_period", "2026-09-29", "2026-10-29"),
        ("2026-11-02", "2026-11-08", "previous_period", "2026-10-26", "2026-11-02"),
        ("2026-11-03", "2026-11-03", "previous_period", "2026-10-27", "2026-10-28"),
        ("2026-11-03", "2026-11-10", "previous_period", "2026-10-20", "2026-10-28"),
        ("2026-11-03", "2026-12-02", "previous_year", "2025-11-04", "2025-12-04"),
        ("2024-01-01", "2024-12-31", "previous_year", "2022-12-26", "2023-12-27"),
        ("2024-01-01", "2024-12-29", "previous_year", "2023-01-02", "2024-01-01"),
    ],
)
def test_by_weekday_the_other_period_is_whole_weeks_earlier(
    start: str, end: str, name: ComparisonName, first: str, after: str
) -> None:
    assert days(start, end, name, by_weekday=True) == (first, after)


def test_without_it_the_days_directly_before_and_the_dates_a_year_before() -> None:
    period = ("2026-11-03", "2026-12-02")
    assert days(*period, "previous_period", by_weekday=False) == ("2026-10-04", "2026-11-03")
    assert days(*period, "previous_year", by_weekday=False) == ("2025-11-03", "2025-12-03")


def test_times_of_day_stay_the_same_on_the_local_clock() -> None:
    found = compared(
        "2026-10-26T14:00", "2026-10-26T15:59", "previous_period", BERLIN, by_weekday=True
    )
    assert found == ("2026-10-19T14:00:00+02:00", "2026-10-19T16:00:00+02:00")


@pytest.mark.parametrize(
    ("first", "last", "start", "after"),
    [
        ("2026-10-01", "2026-10-31", "2026-09-29", "2026-10-30"),  # Thursday: 2 days back
        ("2026-10-04", "2026-11-02", "2026-09-29", "2026-10-29"),  # 2 later would overlap
        ("2026-09-29", "2026-10-03", "2026-09-29", "2026-10-04"),  # a Tuesday already
        ("2026-12-07", "2026-12-08", "2026-12-08", "2026-12-10"),
        ("2026-12-03", "2026-12-08", "2026-12-08", "2026-12-14"),  # 2 back would overlap
    ],
)
def test_a_period_of_ones_own_moves_to_the_nearest_weekday_on_its_side(
    first: str, last: str, start: str, after: str
) -> None:
    period = parse_period("2026-11-03", "2026-12-02", "UTC")
    custom = parse_period(first, last, "UTC")
    comparison = Comparison(name="custom", custom=custom, matches_weekday=True)
    other = other_period(period, comparison).period
    assert write_moment(other.start_ms)[:10] == start
    assert write_moment(other.end_ms)[:10] == after


def pairs(
    start: str, end: str, interval: Interval, compare: str, zone: str = "UTC"
) -> list[tuple[str, str]]:
    """Each bucket's beginning and that of the one that corresponds to it."""
    period = window(parse_period(start, end, zone), interval, NOW)
    first, is_range, last = compare.partition("..")
    if is_range:
        comparison = Comparison(name="custom", custom=parse_period(first, last, zone))
    else:
        comparison = Comparison(name=compare)  # type: ignore[arg-type]
    buckets = cut(period, interval)
    others = aligned(buckets, period, other_period(period, comparison), interval)
    return [
        (one.timestamp, other.timestamp) for one, other in zip(buckets, others, strict=False)
    ] + [("", other.timestamp) for other in others[len(buckets) :]]


def test_weeks_that_are_cut_correspond_to_weeks_cut_alike() -> None:
    found = pairs("2026-11-03", "2026-11-17", "week", "previous_period")
    assert [(one[:10], other[:10]) for one, other in found] == [
        ("2026-11-03", "2026-10-19"),
        ("2026-11-09", "2026-10-25"),
        ("2026-11-16", "2026-11-01"),
    ]


def test_months_correspond_to_the_months_of_the_year_before() -> None:
    found = pairs("2024-01-15", "2024-03-10", "month", "previous_year")
    assert [other[:10] for _, other in found] == ["2023-01-15", "2023-02-01", "2023-03-01"]


def test_29_february_counts_with_the_28th() -> None:
    leap = pairs("2024-02-28", "2024-03-01", "day", "previous_year")
    assert [other[:10] for _, other in leap] == ["2023-02-28", "2023-02-28", "2023-03-01"]
    after = pairs("2025-02-28", "2025-03-01", "day", "previous_year")
    assert [other[:10] for _, other in after] == ["2024-02-28", "2024-03-01"]


def test_a_period_that_ends_with_28_february_of_a_leap_year_ends_with_the_28th() -> None:
    """Its last bucket has the whole 28th, and no further bucket follows."""
    found = pairs("2024-02-26", "2024-02-28", "day", "previous_year")
    assert [other[:10] for _, other in found] == ["2023-02-26", "2023-02-27", "2023-02-28"]
    hours = pairs("2024-02-28", "2024-02-28", "hour", "previous_year")
    assert [one[5:] for one, _ in hours] == [other[5:] for _, other in hours]
    for start, end in [
        ("2024-02-28", "2024-02-28"),
        ("2024-02-28T00:00:00Z", "2024-02-28T23:59:59Z"),
    ]:
        other = compared(start, end, "previous_year")
        assert other == ("2023-02-28T00:00:00+00:00", "2023-03-01T00:00:00+00:00")


def test_24_hours_that_end_on_29_february_are_compared_with_24_hours() -> None:
    period = ("2024-02-28T10:00", "2024-02-29T09:59")
    other = compared(*period, "previous_year")
    assert other == ("2023-02-28T10:00:00+00:00", "2023-03-01T10:00:00+00:00")
    found = pairs(*period, "hour", "previous_year")
    assert len(found) == 24
    assert [one[11:16] for one, _ in found] == [other[11:16] for _, other in found]


def test_buckets_for_which_nothing_is_left_are_empty() -> None:
    """From noon on the 28th to 14:00 on the 29th: a year before, both days are the 28th."""
    found = pairs("2024-02-28T12:00", "2024-02-29T13:59", "hour", "previous_year")
    assert [other[8:16] for _, other in found] == ["28T12:00", "28T13:00", *["28T14:00"] * 24]


def test_a_time_of_day_that_clocks_skipped_is_one_empty_bucket() -> None:
    """On 29 March 2026 there is no 02:10 in Berlin."""
    period = window(parse_period("2026-04-05T02:10", "2026-04-05T02:49", BERLIN), "hour", NOW)
    comparison = Comparison(name="previous_period", matches_weekday=True)
    other = other_period(period, comparison)
    assert other.period.start_ms == other.period.end_ms
    [bucket] = aligned(cut(period, "hour"), period, other, "hour")
    assert bucket.timestamp == "2026-03-29T03:00:00+02:00"


def test_less_than_a_second_is_one_bucket() -> None:
    [found] = pairs(
        "2026-04-05T02:10:00.000Z", "2026-04-05T02:10:01.499Z", "day", "previous_period"
    )
    assert found[1] == "2026-04-05T02:09:58.500+00:00"


def test_hours_correspond_by_what_the_clock_shows() -> None:
    """On 29 March 2026 there is no 02:00 in Berlin; on 25 October 2026 there are two."""
    spring = pairs("2026-03-30", "2026-03-30", "hour", "previous_period", BERLIN)
    assert [other[11:16] for _, other in spring][:5] == [
        "00:00",
        "01:00",
        "03:00",
        "03:00",
        "04:00",
    ]
    skipped = pairs("2026-03-29", "2026-03-29", "hour", "previous_period", BERLIN)
    assert [one[11:16] for one, _ in skipped] == [other[11:16] for _, other in skipped]
    autumn = pairs("2026-10-26", "2026-10-26", "hour", "previous_period", BERLIN)
    assert [one[11:16] for one, _ in autumn] == [other[11:16] for _, other in autumn]
    assert autumn[2][1] == "2026-10-25T02:00:00+02:00"
    assert autumn[3][1] == "2026-10-25T03:00:00+01:00"


def test_a_period_of_ones_own_may_be_shorter_or_longer() -> None:
    shorter = pairs("2026-11-03", "2026-11-06", "day", "2026-10-01..2026-10-02")
    assert [other[8:10] for _, other in shorter] == ["01", "02"]
    longer = pairs("2026-11-03", "2026-11-04", "day", "2026-10-01..2026-10-04")
    assert [(one[8:10], other[8:10]) for one, other in longer] == [
        ("03", "01"),
        ("04", "02"),
        ("", "03"),
        ("", "04"),
    ]
