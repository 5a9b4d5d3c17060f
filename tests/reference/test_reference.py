"""The reference's numbers, periods, filters and lists, on logs that a person can check."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.fact import Facts
from reference import lists, report, select
from reference.join import DAY, Log
from reference.select import spell
from reference.small_log import (
    BERT,
    NOBODY,
    NOON,
    ask,
    event,
    goal,
    ms,
    overview,
    paid,
    rows,
    store,
)

# Numbers


def test_a_bounce_is_one_page_and_no_other_counted_event() -> None:
    log = store(
        event(NOON),
        event(NOON + 1, kind="identify"),
        event(NOON, BERT),
        goal(NOON, "signup", BERT),
        event(NOON, 3, "outbound"),
    )
    assert overview(log)["bounce_rate"] == Decimal("33.33")


def test_percentages_and_money_round_half_up() -> None:
    assert report.round_2(Decimal("0.005")) == Decimal("0.01")
    assert report.round_2(Decimal("0.0049")) == 0
    assert report.ratio(100, 3) == Decimal("33.33")
    assert report.ratio(1, 0) == 0


def test_an_event_without_a_visitor_is_a_completion_but_neither_visitor_nor_pageview() -> None:
    log = store(event(NOON, NOBODY), goal(NOON, "signup", NOBODY), event(NOON))
    assert overview(log, kpi="signup")["kpi_value"] == 1
    assert overview(log)["pageviews"] == 1
    signup = next(row for row in lists.goals(ask(log)) if row["name"] == "signup")
    assert (signup["completions"], signup["visitors"], signup["sessions"]) == (1, 0, 0)


def test_the_kpi_conversion_rate_counts_covered_visitors_who_completed_it() -> None:
    log = store(event(NOON), goal(NOON, "signup"), goal(NOON, "signup"), event(NOON, BERT))
    found = overview(log, kpi="signup")
    names = ("kpi_value", "kpi_per_visitor", "kpi_conversion_rate")
    assert [found[name] for name in names] == [2, 1, 50]


def test_realtime_counts_visitors_with_an_event_in_the_last_five_minutes() -> None:
    five = 5 * 60_000
    log = store(event(NOON - five), event(NOON, BERT), event(NOON - five - 1, 3), event(NOON, 0))
    assert report.realtime(ask(log)) == {"visitors": 2}


# Periods and buckets


def test_a_session_counts_whole_on_the_day_it_began() -> None:
    midnight = ms("2026-03-03T00:00:00Z")
    log = store(event(midnight - 1), event(midnight + 60_000))
    assert overview(log, endAt="2026-03-02")["pageviews"] == 2
    assert overview(log, startAt="2026-03-03")["pageviews"] == 0


def test_a_datetime_end_covers_its_own_precision() -> None:
    log = store(event(ms("2026-03-02T12:00:59.999Z")))
    ends = ("2026-03-02T12:00:59.998Z", "2026-03-02T12:00:59Z", "2026-03-02T12:00Z")
    assert [overview(log, endAt=end)["sessions"] for end in ends] == [0, 1, 1]


def points(log: Log, **params: str) -> list[tuple[str, int]]:
    params.setdefault("interval", "day")
    data = report.timeseries(ask(log, **params))["data"]
    return [(point["timestamp"], point["sessions"]) for point in data]


def test_local_days_on_which_the_clock_changes() -> None:
    log = store(event(ms("2026-03-28T23:00:00Z")), event(ms("2026-03-29T22:00:00Z"), BERT))
    dates = {"startAt": "2026-03-28", "endAt": "2026-03-30"}
    assert points(log, zone="Europe/Berlin", **dates) == [
        ("2026-03-28T00:00:00+01:00", 0),
        ("2026-03-29T00:00:00+01:00", 1),
        ("2026-03-30T00:00:00+02:00", 1),
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2025-10-26", 25)])
def test_a_day_has_as_many_hours_as_its_clock_shows(day: str, hours: int) -> None:
    found = points(store(), zone="Europe/Berlin", interval="hour", startAt=day, endAt=day)
    assert len(found) == hours


def test_hours_begin_at_the_quarter_in_kathmandu() -> None:
    log = store(event(ms("2026-01-01T10:14:59.999Z")), event(ms("2026-01-01T10:15:00Z"), BERT))
    found = points(
        log, zone="Asia/Kathmandu", interval="hour", startAt="2026-01-01", endAt="2026-01-01"
    )
    assert found[15:17] == [("2026-01-01T15:00:00+05:45", 1), ("2026-01-01T16:00:00+05:45", 1)]


def test_weeks_start_on_monday_and_the_ends_are_cut() -> None:
    log = store(event(ms("2026-03-01T12:00:00Z")), event(NOON, BERT))
    found = points(log, interval="week", startAt="2026-02-26", endAt="2026-03-03")
    assert found == [("2026-02-26T00:00:00+00:00", 1), ("2026-03-02T00:00:00+00:00", 1)]


def test_without_dates_a_timeseries_ends_with_the_bucket_of_now() -> None:
    counts = {"hour": 24, "day": 30, "week": 12, "month": 12}
    for interval, count in counts.items():
        assert len(points(store(event(NOON)), interval=interval)) == count
    assert points(store(event(NOON)), interval="day")[-1] == ("2026-03-02T00:00:00+00:00", 1)


def test_a_day_without_a_midnight_begins_at_one() -> None:
    found = points(store(), zone="America/Santiago", startAt="2025-09-07", endAt="2025-09-07")
    assert found == [("2025-09-07T01:00:00-03:00", 0)]


# Filters


BROWSERS = ("Chrome", "Mobile Safari", "Safari", "")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Chrome", 1),
        ("chrome", 1),
        ("!Chrome", 3),
        ("Chrome|unknown", 2),
        ("Chrome,Firefox", 1),
        ("!Chrome|Safari", 1),
        ("~saf", 2),
        ("!~saf", 2),
        ("Safari", 2),
        ("Unknown", 1),
    ],
)
def test_the_grammar_of_values(value: str, kept: int) -> None:
    log = store(*(event(NOON, 1 + i, facts=Facts(browser=b)) for i, b in enumerate(BROWSERS)))
    assert overview(log, filter_browser=value)["sessions"] == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("/blog/*", 1),
        ("/blog/**", 2),
        ("!/blog/**", 1),
        ("https://shop.example/blog/a?x=1", 1),
        ("/BLOG/a", 0),
        ("/blog/a|/", 2),
        ("~log", 2),
    ],
)
def test_paths_in_filters(value: str, kept: int) -> None:
    paths = ("/blog/a", "/blog/a/b", "/")
    log = store(*(event(NOON, 1 + i, path=path) for i, path in enumerate(paths)))
    assert overview(log, filter_page=value)["sessions"] == kept


def test_not_a_page_means_never_saw_it_and_never_keeps_rows_without_a_session() -> None:
    log = store(
        event(NOON, path="/a"),
        event(NOON + 1, path="/pricing"),
        event(NOON, BERT, path="/a"),
        goal(NOON, "signup", NOBODY),
        paid(NOON, "5", visitor=NOBODY),
    )
    assert rows(log, "page", "visitors", filter_page="!/pricing") == [("/a", 1)]
    assert overview(log, filter_page="!/pricing")["revenue"] == 0
    assert rows(log, "page", "pageviews", filter_page="/pricing") == [("/a", 1), ("/pricing", 1)]


def test_a_goal_filter_keeps_all_sessions_of_visitors_who_completed_it() -> None:
    log = store(
        event(NOON, facts=Facts(device="Mobile")),
        goal(NOON + DAY, "signup", facts=Facts(device="Desktop")),
        event(NOON, BERT, facts=Facts(device="Mobile")),
    )
    assert overview(log, filter_goal="signup")["sessions"] == 2
    assert overview(log, filter_goal="signup", filter_device="mobile")["sessions"] == 1
    assert overview(log, filter_goal="!signup")["sessions"] == 1
    assert overview(log, filter_goal="signup", endAt="2026-03-02")["sessions"] == 0


def test_an_event_filter_keeps_sessions_with_it_even_where_a_server_recorded_it() -> None:
    log = store(event(NOON), paid(NOON, "5"), event(NOON, BERT))
    assert overview(log, filter_event="payment")["sessions"] == 1
    assert overview(log, filter_event="!payment")["sessions"] == 1
    assert overview(log, filter_event="page")["revenue"] == 5


def test_a_missing_fact_is_unknown_and_not_newsletter() -> None:
    log = store(event(NOON), event(NOON, BERT, facts=Facts(utm_source="newsletter")))
    assert overview(log, filter_utm_source="!newsletter")["sessions"] == 1
    assert overview(log, filter_utm_source="Unknown")["sessions"] == 1
    assert overview(log, filter_referrer="direct/none")["sessions"] == 2


def test_places_by_name_or_code() -> None:
    facts = Facts(country="DE", region="Bavaria", region_code="DE-BY")
    log = store(event(NOON, facts=facts), event(NOON, BERT))
    for value in ("Germany", "germany", "DE", "de", "!Unknown"):
        assert overview(log, filter_country=value)["sessions"] == 1
    for value in ("Bavaria", "DE-BY"):
        assert overview(log, filter_region=value)["sessions"] == 1


# Lists


def test_lists_order_by_visitors_then_value() -> None:
    facts = [Facts(browser=name) for name in ("B", "A", "C", "C")]
    log = store(*(event(NOON, 1 + index, facts=one) for index, one in enumerate(facts)))
    assert rows(log, "browser", "visitors", "percentage") == [
        ("C", 2, 50),
        ("A", 1, 25),
        ("B", 1, 25),
    ]


def test_a_refund_or_a_free_trial_alone_makes_no_row() -> None:
    log = store(event(NOON), paid(NOON + DAY, "5", "refund"), paid(NOON + DAY, "0"))
    assert rows(log, "browser", startAt="2026-03-03") == []


def test_the_same_city_name_in_two_regions_is_two_rows() -> None:
    places: Sequence[tuple[str, str]] = (("Illinois", "US-IL"), ("Missouri", "US-MO"))
    log = store(
        *(
            event(
                NOON, 1 + i, facts=Facts(country="US", region=r, region_code=c, city="Springfield")
            )
            for i, (r, c) in enumerate(places)
        )
    )
    assert rows(log, "city", "regionCode") == [("Springfield", "US-IL"), ("Springfield", "US-MO")]


def test_a_session_is_in_a_row_of_each_of_its_parameters() -> None:
    log = store(event(NOON, facts=Facts(utm_source="a=b", via="x")))
    assert rows(log, "all_params", "visitors") == [("utm_source=a=b", 1), ("via=x", 1)]


def test_event_rows_are_named_by_goal_or_type() -> None:
    log = store(event(NOON), goal(NOON, "page", BERT), event(NOON, 3, "decoded_log", name="Swap"))
    assert rows(log, "event", "visitors", "sessions") == [("page", 2, 2), ("Swap", 1, 1)]


def test_every_dimension_has_rows_and_every_filter_a_spelling() -> None:
    log = store(event(NOON))
    for name, dimension in DIMENSIONS.items():
        assert (name in lists.LEFT_OUT) == (dimension.missing is None)
        lists.breakdown(ask(log), name)
    for name, dimension in FILTERS.items():
        assert name in ("page", "goal", "event") or spell(name, Facts(), "", "")
        assert (name in select.IGNORE_CASE) == dimension.is_case_insensitive
        assert (name in select.PATHS) == dimension.is_path
        assert (name in select.HOLD_NO_COMMA) == dimension.comma_separates
