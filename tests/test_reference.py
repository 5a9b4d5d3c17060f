"""The reference itself, on logs so small that a person can check the answers."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from reference import report, select
from reference.join import DAY, HALF_HOUR, Log
from reference.select import spell

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.event import Event
from footfall.model.fact import Facts
from footfall.model.payment import Movement
from footfall.model.website import Website

HOUR = 2 * HALF_HOUR


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


NOON = ms("2026-03-02T12:00:00Z")
NOBODY, ANNA, BERT = 0, 1, 2


def event(at: int, visitor: int = ANNA, kind: str = "page", **more: Any) -> Event:
    more.setdefault("path", "/" if kind == "page" else "")
    return Event(website_id=1, type=kind, occurred_at=at, visitor_id=visitor, **more)


def goal(at: int, name: str, visitor: int = ANNA, **more: Any) -> Event:
    return event(at, visitor, "track", name=name, **more)


def paid(at: int, original: str, kind: str = "new", visitor: int = ANNA, **more: Any) -> Movement:
    return Movement(
        website_id=1,
        movement_id=f"{kind} {original} {at}",
        kind=kind,  # type: ignore[arg-type]
        occurred_at=at,
        amount=Decimal(more.pop("amount", original)),
        original_amount=Decimal(original),
        original_currency=more.pop("currency", "EUR"),
        visitor_id=visitor,
        **more,
    )


def store(*arrivals: Event | Movement | list[Event]) -> Log:
    """A log of these, each event a request of its own, lists one request."""
    log = Log(1)
    for arrival in arrivals:
        if isinstance(arrival, Movement):
            log.add_movement(arrival)
        else:
            log.add_request(NOON, arrival if isinstance(arrival, list) else [arrival])
    return log


def ask(log: Log, zone: str = "UTC", kpi: str | None = None, **params: str) -> report.Question:
    website = Website(
        id=1,
        tracking_id="flid_1",
        domain="shop.example",
        name="Shop",
        timezone=zone,
        currency="EUR",
        created_at=0,
        kpi=kpi,
    )
    return report.Question(log, list(params.items()), website, NOON)


def overview(log: Log, **params: str) -> dict[str, Any]:
    return report.overview(ask(log, **params))


def rows(log: Log, dimension: str, *columns: str, **params: str) -> list[tuple[Any, ...]]:
    found = report.breakdown(ask(log, **params), dimension)
    return [tuple(row[name] for name in ("value", *columns)) for row in found]


def lengths(log: Log) -> list[int]:
    return [session.last_event_at - session.started_at for session in log.sessions]


# Joining


def test_exactly_thirty_minutes_later_joins() -> None:
    assert lengths(store(event(NOON), event(NOON + HALF_HOUR))) == [HALF_HOUR]


def test_a_millisecond_more_opens_a_new_session() -> None:
    assert lengths(store(event(NOON), event(NOON + HALF_HOUR + 1))) == [0, 0]


def test_midnight_and_another_campaign_do_not_split() -> None:
    midnight = ms("2026-03-02T00:00:00Z")
    log = store(event(midnight - 1), event(midnight, facts=Facts(utm_source="b")))
    assert lengths(log) == [1]
    assert log.sessions[0].facts.utm_source == ""


def test_events_of_one_request_are_taken_in_time_order() -> None:
    log = store([event(NOON + 5, path="/second"), event(NOON, path="/first")])
    assert log.sessions[0].started_at == NOON
    assert log.sessions[0].entry_page == "/first"


def test_a_late_event_joins_the_session_it_lies_within() -> None:
    log = store(event(NOON), event(NOON + 100), event(NOON + 3 * HOUR), event(NOON + 50))
    assert [len(session.rows) for session in log.sessions] == [3, 1]


def test_a_late_event_between_two_sessions_joins_the_earlier() -> None:
    log = store(event(NOON), event(NOON + HALF_HOUR + 1), event(NOON + 60_000))
    assert [len(session.rows) for session in log.sessions] == [2, 1]
    assert log.sessions[0].last_event_at == NOON + 60_000


def test_a_late_event_before_the_start_joins_but_moves_neither_start_nor_entry_page() -> None:
    log = store(event(NOON, path="/a"), event(NOON - HALF_HOUR, path="/b"))
    (session,) = log.sessions
    assert (session.started_at, session.entry_page, session.exit_page) == (NOON, "/a", "/a")
    assert len(session.pages) == 2


def test_a_late_event_far_from_all_sessions_opens_its_own() -> None:
    log = store(event(NOON), event(NOON - HALF_HOUR - 1))
    assert [session.started_at for session in log.sessions] == [NOON, NOON - HALF_HOUR - 1]


def test_the_exit_page_is_the_last_by_time_and_the_later_arrival_among_equals() -> None:
    log = store(event(NOON), event(NOON + 9, path="/c"), event(NOON + 5, path="/b"))
    assert log.sessions[0].exit_page == "/c"
    assert store(event(NOON), event(NOON, path="/b")).sessions[0].exit_page == "/b"


def test_engagement_without_a_live_session_is_dropped_and_identify_is_kept_without_one() -> None:
    log = store(event(NOON, kind="engagement"), event(NOON, kind="identify"))
    assert [reason for reason, _ in log.dropped] == ["no_session"]
    assert [(row.type, row.session) for row in log.rows] == [("identify", None)]


def test_engagement_and_identify_keep_a_session_alive() -> None:
    log = store(
        event(NOON),
        event(NOON + HALF_HOUR, kind="engagement", engaged_ms=1500),
        event(NOON + HOUR, kind="identify"),
        event(NOON + HOUR + HALF_HOUR),
    )
    assert lengths(log) == [HOUR + HALF_HOUR]
    found = overview(log)
    assert found["avg_engaged_time"] == Decimal("1.5")
    assert found["avg_session_duration"] == 5400


def test_an_outbound_click_opens_a_session_without_an_entry_page() -> None:
    log = store(event(NOON, kind="outbound", link="https://x.example/"), event(NOON + 9, path="/a"))
    assert log.sessions[0].exit_link == "https://x.example/"
    assert log.sessions[0].entry_page == "/a"
    assert rows(store(event(NOON, kind="outbound")), "entry_page") == [("Unknown",)]


def test_a_bots_events_never_join_a_persons_session() -> None:
    log = store(event(NOON), event(NOON + 1, bot="user_agent"), event(NOON + 2))
    assert [(session.bot, len(session.rows)) for session in log.sessions] == [
        ("", 2),
        ("user_agent", 1),
    ]
    assert overview(log)["sessions"] == 1
    assert overview(log, bots="only")["sessions"] == 1
    assert overview(log, bots="include")["sessions"] == 2


def test_a_cookieless_visit_over_midnight_stays_yesterdays_visitor() -> None:
    midnight = ms("2026-03-02T00:00:00Z")
    log = store(
        event(midnight - 60_000, ANNA),
        event(midnight + 60_000, BERT, visitor_id_yesterday=ANNA),
        event(midnight + HOUR, BERT, visitor_id_yesterday=ANNA),
    )
    assert [session.visitor_id for session in log.sessions] == [ANNA, BERT]
    assert lengths(log) == [120_000, 0]


def test_an_explicit_session_uid_gives_the_id_and_does_not_join_or_split() -> None:
    log = store(
        event(NOON, session_uid=7),
        event(NOON + 1, session_uid=8),
        event(NOON + 2 * HOUR, session_uid=7),
    )
    assert lengths(log) == [1, 0]
    assert log.sessions[0].id == 7
    assert log.sessions[1].id != 7


def test_a_repeated_event_id_is_stored_once_within_a_day_of_receipt() -> None:
    log = Log(1)
    for received_at in (NOON, NOON + DAY, NOON + DAY + 1):
        log.add_request(received_at, [event(NOON, event_id=5)])
    assert len(log.rows) == 2


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


def test_an_event_of_nobody_is_a_completion_but_neither_visitor_nor_pageview() -> None:
    log = store(event(NOON, NOBODY), goal(NOON, "signup", NOBODY), event(NOON))
    assert overview(log, kpi="signup")["kpi_value"] == 1
    assert overview(log)["pageviews"] == 1
    signup = next(row for row in report.goals(ask(log)) if row["name"] == "signup")
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


# Money


def test_revenue_is_new_and_renewal_before_refunds() -> None:
    log = store(
        event(NOON), paid(NOON, "10"), paid(NOON, "5", "renewal"), paid(NOON, "3", "refund")
    )
    found = overview(log)
    assert [found[name] for name in ("revenue", "new_revenue", "renewal_revenue")] == [15, 10, 5]
    assert found["refunded_revenue"] == 3
    assert found["conversion_rate"] == 100


def test_a_refund_is_placed_by_its_own_time() -> None:
    log = store(event(NOON), paid(NOON, "10"), paid(NOON + DAY, "10", "refund"))
    today, tomorrow = {"endAt": "2026-03-02"}, {"startAt": "2026-03-03"}
    assert (overview(log, **today)["revenue"], overview(log, **today)["refunded_revenue"]) == (
        10,
        0,
    )
    assert overview(log, **tomorrow)["refunded_revenue"] == 10


def test_two_currencies_and_one_without_a_rate() -> None:
    log = store(
        event(NOON),
        paid(NOON, "10"),
        paid(NOON, "10", currency="USD", amount="9.137"),
        paid(NOON, "7", currency="XTS", amount="0", is_converted=False),
    )
    found = overview(log)
    assert found["revenue"] == Decimal("19.14")
    assert ask(log).unconverted == [{"currency": "XTS", "amount": 7}]


def test_a_payment_within_thirty_minutes_belongs_to_the_live_session() -> None:
    log = store(event(NOON), paid(NOON + HALF_HOUR, "1"), paid(NOON + HALF_HOUR + 1, "2"))
    assert [payment.session for payment in log.payments] == [log.sessions[0], None]
    assert lengths(log) == [0]


def test_a_later_payment_borrows_the_facts_of_the_latest_session_before_it() -> None:
    log = store(
        event(NOON, facts=Facts(browser="Chrome")),
        event(NOON + HOUR, facts=Facts(browser="Firefox")),
        paid(NOON + DAY, "2"),
        event(NOON + 2 * DAY, facts=Facts(browser="Safari")),
    )
    assert rows(log, "browser", "revenue", "visitors") == [
        ("Chrome", 0, 1),
        ("Firefox", 2, 1),
        ("Safari", 0, 1),
    ]
    first = rows(log, "browser", "revenue", attribution="first")
    assert first == [("Chrome", 2), ("Firefox", 0), ("Safari", 0)]


def test_a_payment_of_nobody_is_unknown_and_counted() -> None:
    log = store(paid(NOON, "2", visitor=NOBODY))
    assert rows(log, "channel", "revenue", "visitors") == [("Unknown", 2, 0)]
    assert rows(log, "referrer", "revenue") == [("Direct/None", 2)]
    assert rows(log, "utm_source", "revenue") == []


def test_a_given_session_decides_and_names_the_visitor() -> None:
    log = store(event(NOON, session_uid=7), paid(NOON + DAY, "2", visitor=NOBODY, session_uid=7))
    assert log.payments[0].session is log.sessions[0]
    assert log.payments[0].visitor_id == ANNA


def test_a_persons_session_is_preferred_to_a_bots() -> None:
    log = store(event(NOON, bot="ua"), event(NOON + 9), paid(NOON + 10, "2"))
    assert log.payments[0].session is log.sessions[1]
    alone = store(event(NOON, bot="ua", facts=Facts(browser="Bot")), paid(NOON + 10, "2"))
    assert rows(alone, "browser", "revenue", "visitors") == [("Bot", 2, 0)]


def test_a_new_payment_records_its_goal_and_a_renewal_none() -> None:
    log = store(event(NOON), paid(NOON, "2"), paid(NOON, "0"), paid(NOON, "4", "renewal"))
    found = {row["name"]: row for row in report.goals(ask(log))}
    assert {name: row["completions"] for name, row in found.items()} == {
        "payment": 1,
        "free_trial": 1,
    }
    assert (found["payment"]["visitors"], found["payment"]["sessions"]) == (1, 0)
    assert overview(log)["bounce_rate"] == 100


def test_page_and_goal_rows_have_the_payments_of_sessions_that_hold_them() -> None:
    log = store(
        event(NOON, path="/a"),
        goal(NOON, "signup"),
        paid(NOON, "2"),
        event(NOON + DAY, path="/b"),
        paid(NOON + 2 * DAY, "4"),
    )
    assert rows(log, "page", "revenue") == [("/a", 2), ("/b", 0)]
    assert rows(log, "goal", "revenue") == [("payment", 2), ("signup", 2)]


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


def test_a_session_stands_in_a_row_of_each_of_its_parameters() -> None:
    log = store(event(NOON, facts=Facts(utm_source="a=b", via="x")))
    assert rows(log, "all_params", "visitors") == [("utm_source=a=b", 1), ("via=x", 1)]


def test_event_rows_are_named_by_goal_or_type() -> None:
    log = store(event(NOON), goal(NOON, "page", BERT), event(NOON, 3, "decoded_log", name="Swap"))
    assert rows(log, "event", "visitors", "sessions") == [("page", 2, 2), ("Swap", 1, 1)]


def test_every_dimension_has_rows_and_every_filter_a_spelling() -> None:
    log = store(event(NOON))
    for name, dimension in DIMENSIONS.items():
        assert (name in report.LEFT_OUT) == (dimension.missing is None)
        report.breakdown(ask(log), name)
    for name, dimension in FILTERS.items():
        assert name in ("page", "goal", "event") or spell(name, Facts(), "", "")
        assert (name in select.IGNORE_CASE) == dimension.is_case_insensitive
        assert (name in select.PATHS) == dimension.is_path
        assert (name in select.HOLD_NO_COMMA) == dimension.comma_separates
