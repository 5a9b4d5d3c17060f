"""Reports on hand-made rows: every number can be checked by counting."""

import pytest
from plain import answered
from query.ask import NOW, WEBSITE, Desk
from query.store import Store, ms

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.escape import escape
from footfall.model.event import MAX_EVENT_NAME
from footfall.model.filter import escape_filter_value
from footfall.query.ask import ask
from footfall.query.sql.event_list import MAX_OLDER_GOALS
from footfall.store.engine import Engine

AT_SPRINGFIELD = {"country": "US", "region": "Illinois", "region_code": "US-IL"}
MO_SPRINGFIELD = {"country": "US", "region": "Missouri", "region_code": "US-MO"}


@pytest.fixture
def two_people(store: Store, desk: Desk) -> Desk:
    """1 March: visitor 1 sees /a and /b for a minute, signs up, pays 10.005 the next day.
    2 March: visitor 2 bounces on /a. 3 March: visitor 1 comes back to /a."""
    vienna = {"country": "AT", "region": "Vienna", "region_code": "AT-9", "city": "Vienna"}
    tagged = {**vienna, "referrer": "google.com", "utm_source": "news", "browser": "Chrome"}
    store.session(
        11,
        1,
        "2026-03-01T10:00:00",
        last_event_at=ms("2026-03-01T10:01:00"),
        pageviews=2,
        counted_events=3,
        engaged_ms=1500,
        entry_page="/a",
        exit_page="/b",
        **tagged,
    )
    store.session(12, 2, "2026-03-02T10:00:00", browser="Mobile Safari", entry_page="/a")
    store.session(13, 1, "2026-03-03T10:00:00", browser="Chrome", entry_page="/a", exit_page="/a")
    of_11 = {"session_id": 11, "visitor_id": 1, **tagged}
    store.event("page", "2026-03-01T10:00:00", path="/a", **of_11)
    store.event("page", "2026-03-01T10:00:00", path="/b", **of_11)
    store.event("track", "2026-03-01T10:00:00", name="signup", **of_11)
    store.event("page", "2026-03-02T10:00:00", path="/a", session_id=12, visitor_id=2)
    store.event("page", "2026-03-03T10:00:00", path="/a", session_id=13, visitor_id=1)
    start = ms("2026-03-01T10:00:00")
    paid_in_11 = {**of_11, "session_started_at": start, "entry_page": "/a", "exit_page": "/b"}
    store.payment("p1", "2026-03-02T09:00:00", "10.005", **paid_in_11)
    return desk


def test_an_overview_counts_by_the_rules(two_people: Desk) -> None:
    row = two_people.row("overview", website={"kpi": "signup"})
    assert row["visitors"] == 2
    assert row["sessions"] == 3
    assert row["pageviews"] == 4
    assert row["bounce_rate"] == row["bounceRate"] == 66.67
    assert row["avg_session_duration"] == 20
    assert row["avg_engaged_time"] == 0.5
    assert row["revenue"] == row["newRevenue"] == 10.01  # 10.005, half up
    assert row["revenue_per_visitor"] == 5  # 5.0025
    assert row["conversion_rate"] == 50
    assert (row["kpi_value"], row["kpi_per_visitor"], row["kpiConversionRate"]) == (1, 0.5, 50)
    assert row["currency"] == "EUR"


def test_without_a_goal_the_kpi_is_revenue(two_people: Desk) -> None:
    row = two_people.row("overview")
    assert row["kpi_value"] == row["revenue"]
    assert row["kpi_per_visitor"] == row["revenue_per_visitor"]
    assert row["kpi_conversion_rate"] == row["conversion_rate"]


def test_an_empty_website_is_all_zeros(desk: Desk) -> None:
    row = desk.row("overview")
    assert {value for name, value in row.items() if name != "currency"} == {0}
    assert desk.ask("breakdown", dimension="country").data == []
    assert desk.ask("goals", limit="1").data[0]["name"] == "free_trial"


def test_fields_select_and_come_in_both_spellings(two_people: Desk) -> None:
    assert two_people.row("overview", fields="visitors,bounceRate") == {
        "visitors": 2,
        "bounce_rate": 66.67,
        "bounceRate": 66.67,
    }
    assert two_people.row("overview", fields="currency") == {"currency": "EUR"}


def test_a_session_counts_on_the_day_it_began(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T23:59:59", last_event_at=ms("2026-03-02T00:20:00"))
    assert desk.row("overview", startAt="2026-03-01", endAt="2026-03-01")["sessions"] == 1
    assert desk.row("overview", startAt="2026-03-02", endAt="2026-03-02")["sessions"] == 0


def test_only_the_newest_version_of_a_session_counts(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00")
    store.session(2, 2, "2026-03-01T10:00:00")
    assert (
        desk.row("overview")["sessions"] == 2
    )  # they are in the store, and the others will lie apart
    store.session(1, 1, "2026-03-01T10:00:00", version=2, pageviews=5)
    store.session(2, 2, "2026-03-01T10:00:00", version=2, is_deleted=1)
    row = desk.row("overview")
    assert (row["sessions"], row["pageviews"]) == (1, 5)


def test_a_session_without_a_counted_event_is_not_covered(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00", pageviews=0, counted_events=0)
    assert desk.row("overview")["sessions"] == 0


def test_another_websites_rows_never_count(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00", website_id=8)
    store.event("page", "2026-03-01T10:00:00", website_id=8, session_id=1, visitor_id=1, path="/")
    store.payment("p", "2026-03-01T10:00:00", "5", website_id=8)
    assert desk.row("overview")["revenue"] == desk.row("overview")["visitors"] == 0
    assert desk.ask("breakdown", dimension="page").data == []


def test_what_outlived_retention_does_not_count(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-02-01T10:00:00")
    store.session(2, 2, "2026-03-09T10:00:00")
    assert desk.row("overview", website={"retain_days": 5})["sessions"] == 1


def test_bots_count_only_when_asked_for_but_their_money_always(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00")
    store.session(2, 2, "2026-03-01T10:00:00", bot="datacenter")
    store.payment("p", "2026-03-01T10:00:00", "5", visitor_id=2, session_id=2)
    rows = [desk.row("overview", bots=bots) for bots in ("exclude", "include", "only")]
    assert [row["sessions"] for row in rows] == [1, 2, 1]
    assert {row["revenue"] for row in rows} == {5}


def test_kinds_of_money_are_kept_apart_and_the_unconverted_is_listed(
    store: Store, desk: Desk
) -> None:
    store.payment("a", "2026-03-01T10:00:00", "10")
    store.payment("b", "2026-03-01T10:00:00", "5", kind="renewal")
    store.payment("a-refund", "2026-03-01T10:00:00", "4", kind="refund")
    unknown = {"is_converted": 0, "original_amount": "7", "original_currency": "XPF"}
    store.payment("c", "2026-03-01T10:00:00", "0", **unknown)
    answer = desk.ask("overview")
    row = answer.data[0]
    assert (row["revenue"], row["new_revenue"], row["renewal_revenue"]) == (15, 10, 5)
    assert row["refunded_revenue"] == 4
    assert answer.envelope["unconverted"] == [{"currency": "XPF", "amount": 7}]


def test_a_conversion_needs_a_new_payment_above_zero(store: Store, desk: Desk) -> None:
    for visitor in (1, 2, 3, 4):
        store.session(visitor, visitor, "2026-03-01T10:00:00")
    store.payment("a", "2026-03-01T11:00:00", "1", visitor_id=1)
    store.payment("b", "2026-03-01T11:00:00", "0", visitor_id=2)
    store.payment("c", "2026-03-01T11:00:00", "1", visitor_id=3, kind="renewal")
    store.payment("d", "2026-03-01T11:00:00", "1", visitor_id=99)
    assert desk.row("overview")["conversion_rate"] == 25


def test_a_comparison_adds_the_other_period_and_the_change(two_people: Desk) -> None:
    answer = two_people.ask(
        "overview", startAt="2026-03-02", endAt="2026-03-03", compare="previous_period"
    )
    compare = answer.envelope["compare"]
    assert compare["startAt"] == "2026-02-28T00:00:00+00:00"
    assert compare["data"][0]["sessions"] == 1
    assert compare["change"]["sessions"] == 100
    assert compare["change"]["pageviews"] == 0
    assert compare["change"]["bounce_rate"] == 0  # from 0
    assert compare["change"]["revenue"] == 0


def test_buckets_add_up_for_sessions_but_visitors_are_distinct(two_people: Desk) -> None:
    answer = two_people.ask("timeseries", startAt="2026-02-28", endAt="2026-03-03")
    assert [row["visitors"] for row in answer.data] == [0, 1, 1, 1]
    assert [row["sessions"] for row in answer.data] == [0, 1, 1, 1]
    assert [row["revenue"] for row in answer.data] == [0, 0, 10.01, 0]
    assert [row["name"] for row in answer.data] == ["28 Feb", "01 Mar", "02 Mar", "03 Mar"]
    assert answer.data[0]["timestamp"] == "2026-02-28T00:00:00+00:00"
    totals = answer.envelope["totals"]
    assert (totals["visitors"], totals["sessions"]) == (2, 3)
    assert totals["revenueBreakdown"] == {"new": 10.01, "renewal": 0, "refund": 0}
    assert answer.total == 4


def test_a_timeseries_has_only_the_fields_asked_for(two_people: Desk) -> None:
    answer = two_people.ask(
        "timeseries", startAt="2026-03-01", endAt="2026-03-01", fields="visitors"
    )
    assert answer.data == [
        {"timestamp": "2026-03-01T00:00:00+00:00", "name": "01 Mar", "visitors": 1}
    ]
    assert answer.envelope["totals"] == {"visitors": 1}


def test_the_hour_that_occurs_twice_is_two_buckets(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-10-25T00:30:00")
    store.session(2, 2, "2026-10-25T01:30:00")
    options = {"startAt": "2026-10-25", "endAt": "2026-10-25", "timezone": "Europe/Berlin"}
    rows = desk.ask("timeseries", interval="hour", **options).data
    assert [row["timestamp"] for row in rows if row["sessions"]] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]


def test_a_period_past_the_year_2106_has_empty_buckets(desk: Desk) -> None:
    rows = desk.ask("timeseries", interval="month", startAt="2106-01-01", endAt="2107-12-31").data
    assert len(rows) == 24


def test_a_list_is_ordered_by_visitors_then_value(two_people: Desk) -> None:
    answer = two_people.ask("breakdown", dimension="country")
    assert [
        (row["value"], row.get("countryCode"), row["visitors"], row["percentage"])
        for row in answer.data
    ] == [("Unknown", None, 2, 100), ("Austria", "AT", 1, 50)]
    assert answer.data[1]["revenue"] == 10.01
    assert answer.envelope["totals"]["visitors"] == 2


def test_rows_may_have_revenue_and_no_visitors(store: Store, desk: Desk) -> None:
    store.payment("p", "2026-03-01T10:00:00", "5", country="AT")
    [row] = desk.ask("breakdown", dimension="country").data
    assert (row["value"], row["visitors"], row["revenue"], row["percentage"]) == (
        "Austria",
        0,
        5,
        0,
    )


def test_two_springfields_are_two_rows(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00", city="Springfield", **AT_SPRINGFIELD)
    store.session(2, 2, "2026-03-01T10:00:00", city="Springfield", **MO_SPRINGFIELD)
    rows = desk.ask("breakdown", dimension="city").data
    assert [(row["value"], row["region"], row["regionCode"]) for row in rows] == [
        ("Springfield", "Illinois", "US-IL"),
        ("Springfield", "Missouri", "US-MO"),
    ]


def test_lists_of_tags_leave_untagged_sessions_outside(two_people: Desk) -> None:
    answer = two_people.ask("breakdown", dimension="utm_source")
    assert [row["value"] for row in answer.data] == ["news"]
    assert answer.envelope["totals"]["outside"]["sessions"] == 2


def test_a_well_known_referrer_has_its_name(two_people: Desk) -> None:
    rows = two_people.ask("breakdown", dimension="referrer").data
    assert {row["value"]: row.get("name") for row in rows} == {
        "google.com": "Google",
        "Direct/None": None,
    }


def test_all_params_put_one_session_in_several_rows(store: Store, desk: Desk) -> None:
    store.session(1, 1, "2026-03-01T10:00:00", utm_source="x", ref="y")
    store.payment("p", "2026-03-01T10:00:00", "5", via="z")
    assert desk.column("all_params", "sessions") == {"ref=y": 1, "utm_source=x": 1, "via=z": 0}
    assert desk.column("all_params", "revenue") == {"ref=y": 0, "utm_source=x": 0, "via=z": 5}


def test_a_pages_row_counts_who_saw_it_and_the_payments_of_their_sessions(
    two_people: Desk,
) -> None:
    rows = two_people.ask("breakdown", dimension="page").data
    shown = [(r["value"], r["visitors"], r["sessions"], r["pageviews"], r["revenue"]) for r in rows]
    assert shown == [("/a", 2, 3, 3, 10.01), ("/b", 1, 1, 1, 10.01)]


def test_a_page_earns_what_its_session_paid_in_a_later_period(two_people: Desk) -> None:
    options = {"startAt": "2026-03-02", "endAt": "2026-03-02"}
    assert two_people.column("page", "revenue", **options) == {"/a": 10.01, "/b": 10.01}
    assert two_people.column("page", "visitors", **options) == {"/a": 1, "/b": 0}


def test_goals_count_completions_without_a_session_too(two_people: Desk, store: Store) -> None:
    at = "2026-03-04T10:00:00"
    store.event("track", at, name="signup", is_server_side=1)
    store.event("track", at, name="signup", is_server_side=1, visitor_id=3)
    store.event("track", at, name="signup", is_server_side=1, visitor_id=2, session_id=12)
    [row] = two_people.ask("breakdown", dimension="goal").data
    assert (row["completions"], row["visitors"], row["sessions"]) == (4, 3, 1)
    assert row["pageviews"] == 2  # of session 11
    assert row["revenue"] == 10.01
    assert two_people.row("overview")["sessions"] == 3


@pytest.mark.usefixtures("two_people")
def test_goals_of_long_ago_and_of_today_are_listed(store: Store) -> None:
    store.event("track", "2026-01-01T10:00:00", name="old")
    of_now = {"type": "track", "name": "new", "report_at": NOW, "occurred_at": NOW}
    store.insert("events", of_now)
    assert listed_goals(store) == {"free_trial", "new", "old", "payment", "signup"}
    old = ms("2026-01-01T10:00:00")
    for many in (MAX_OLDER_GOALS - 2, MAX_OLDER_GOALS):  # with "old" and "signup": all, too many
        named = [f"{n:03}".ljust(MAX_EVENT_NAME, "😀") for n in range(many)]
        rows = [{**of_now, "name": name, "report_at": old} for name in named]
        store.insert("events", *rows)
        assert listed_goals(store) == {"free_trial", "new", "old", "payment", "signup", *named}


class Keeping:
    """Reads as one who keeps answers: names of older goals are asked for alone."""

    keeps_answers = True

    def __init__(self, engine: Engine) -> None:
        self.query = engine.query


def listed_goals(store: Store) -> set[str]:
    found = []
    for reader in (store.engine, Keeping(store.engine)):
        report = ask("goals", [("limit", "1000")], WEBSITE, NOW, reader)
        found.append(answered(report).data)
    assert found[0] == found[1]
    return {row["name"] for row in found[0]}


def test_every_goal_ever_seen_is_listed(two_people: Desk) -> None:
    answer = two_people.ask("goals", startAt="2026-03-02")
    assert [(row["name"], row["completions"]) for row in answer.data] == [
        ("free_trial", 0),
        ("payment", 0),
        ("signup", 0),
    ]
    assert (
        answer.data[2]
        == {
            "id": "signup",
            "name": "signup",
            "value": "signup",
            "completions": 0,
            "visitors": 0,
            "sessions": 0,
            "revenue": 0,
            "newRevenue": 0,
            "renewalRevenue": 0,
            "percentage": 0,
        }
        or answer.data[2]["revenue"] == 10.01
    )


def test_events_are_named_by_goal_or_type(two_people: Desk, store: Store) -> None:
    store.event("decoded_log", "2026-03-03T10:00:00", name="Swap", session_id=13, visitor_id=1)
    assert two_people.column("event", "sessions") == {"page": 3, "Swap": 1, "signup": 1}


def test_first_attribution_takes_the_facts_of_the_first_session_ever(
    store: Store, desk: Desk
) -> None:
    store.session(1, 1, "2025-01-01T10:00:00", channel="Email")
    store.session(2, 1, "2026-03-01T10:00:00", channel="Direct")
    store.payment("p", "2026-03-01T10:05:00", "5", visitor_id=1, session_id=2, channel="Direct")
    store.payment("q", "2026-03-01T10:05:00", "7", channel="Referral")
    options = {"startAt": "2026-03-01"}
    last = desk.column("channel", "revenue", **options)
    assert last == {"Direct": 5, "Referral": 7}
    first = desk.column("channel", "revenue", attribution="first", **options)
    assert first == {"Direct": 0, "Email": 5, "Referral": 7}


def test_search_narrows_rows_but_not_percentages(two_people: Desk) -> None:
    answer = two_people.ask("breakdown", dimension="country", search="aUS")
    assert [(row["value"], row["percentage"]) for row in answer.data] == [("Austria", 50)]
    assert answer.total == 1


def test_a_page_behind_the_end_is_empty_and_knows_the_total(two_people: Desk) -> None:
    answer = two_people.ask("breakdown", dimension="page", limit="1", offset="1")
    assert [row["value"] for row in answer.data] == ["/b"]
    answer = two_people.ask("breakdown", dimension="page", offset="7")
    assert answer.data == []
    assert answer.total == 2


def test_several_lists_at_once_are_the_same_as_each_alone(two_people: Desk) -> None:
    together = two_people.ask("breakdown", dimension=",".join(DIMENSIONS))
    assert list(together.data) == list(DIMENSIONS)
    for name in DIMENSIONS:
        alone = two_people.ask("breakdown", dimension=name)
        assert together.data[name] == alone.data, name
        assert together.envelope["totals"][name] == alone.envelope["totals"], name
        assert together.envelope["pagination"][name]["total"] == alone.total


@pytest.mark.parametrize(
    ("name", "value", "sessions"),
    [
        ("country", "Austria", 1),
        ("country", "at", 1),
        ("country", "!AT", 2),
        ("country", "~ustri", 1),
        ("country", "Unknown", 2),
        ("region", "Vienna", 1),
        ("region", "at-9", 1),
        ("region", "!AT-9", 2),
        ("region", "vienna", 0),
        ("city", "Vienna|Graz", 1),
        ("browser", "Safari", 1),
        ("browser", "!safari", 2),
        ("browser", "chrome,safari", 3),
        ("referrer", "Google", 1),
        ("referrer", "GOOGLE.com", 1),
        ("referrer", "Direct/None", 2),
        ("referrer", "!~oogl", 2),
        ("utm_source", "news", 1),
        ("utm_source", "News", 0),
        ("utm_source", "!news", 2),
        ("utm_source", "Unknown", 2),
        ("page", "/b", 1),
        ("page", "!/b", 2),
        ("page", "/*", 3),
        ("page", "~/b", 1),
        ("page", "https://example.com/b?x=1", 1),
        ("entry_page", "/a", 3),
        ("exit_page", "/b", 1),
        ("exit_page", "Unknown", 1),
        ("goal", "signup", 2),
        ("goal", "!signup", 1),
        ("goal", "~sign|x", 2),
        ("event", "signup", 1),
        ("event", "!signup", 2),
    ],
)
def test_filters_select_sessions(two_people: Desk, name: str, value: str, sessions: int) -> None:
    row = two_people.row("overview", (f"filter_{name}", value))
    assert row["sessions"] == sessions


def test_all_filters_must_hold(two_people: Desk) -> None:
    both = two_people.row("overview", ("filter_page", "/a"), ("filter_page", "/b"))
    assert both["sessions"] == 1


def test_the_goal_of_a_filter_counts_only_within_the_period(two_people: Desk) -> None:
    row = two_people.row("overview", startAt="2026-03-02", filter_goal="signup")
    assert row["sessions"] == 0


def test_payments_are_filtered_by_their_sessions_pages_even_of_before(two_people: Desk) -> None:
    options = {"startAt": "2026-03-02", "endAt": "2026-03-02"}
    assert two_people.row("overview", filter_page="/b", **options)["revenue"] == 10.01
    assert two_people.row("overview", filter_page="!/b", **options)["revenue"] == 0
    assert two_people.row("overview", filter_exit_page="/b", **options)["revenue"] == 10.01


def test_server_side_goals_are_filtered_by_their_session_or_match_no_page(
    two_people: Desk, store: Store
) -> None:
    at = "2026-03-05T10:00:00"
    store.event("track", at, name="paid", is_server_side=1, session_id=11, visitor_id=1)
    store.event("track", at, name="paid", is_server_side=1)

    def completions(name: str, value: str) -> int:
        data = two_people.ask("goals", (name, value), startAt="2026-03-05").data
        return next(row["completions"] for row in data if row["name"] == "paid")

    assert completions("filter_page", "/b") == 1
    assert completions("filter_page", "!/b") == 0
    assert completions("filter_page", "!/none") == 1
    assert completions("filter_exit_page", "/b") == 1
    assert completions("filter_exit_page", "!/b") == 1
    assert completions("filter_exit_page", "Unknown") == 1


def test_realtime_counts_visitors_of_the_last_five_minutes(store: Store, desk: Desk) -> None:
    report = "2026-03-10T11:00:00"
    for visitor, second in ((1, "11:55:00"), (1, "11:59:00"), (2, "11:54:59"), (3, "12:00:30")):
        at = ms(f"2026-03-10T{second}")
        store.event("page", report, occurred_at=at, visitor_id=visitor, session_id=visitor)
    store.event("page", "2026-03-10T11:59:00", visitor_id=4, session_id=4, bot="crawler")
    store.event("track", "2026-03-10T11:59:00", name="x")
    assert desk.row("realtime") == {"visitors": 2}
    answer = desk.ask("realtime", minutes="6")
    at = [f"2026-03-10T{clock}:00Z" for clock in ("11:55", "11:56", "11:57", "11:58", "11:59")]
    counts = zip([*at, "2026-03-10T12:00:00Z"], (1, 0, 0, 0, 1, 1), strict=True)
    found = [(each["minute"], each["visitors"]) for each in answer.envelope["minutes"]]
    assert found == list(counts)  # the clock of the third visitor is ahead


def test_the_realtime_map_shows_what_is_known_of_a_visitor(store: Store, desk: Desk) -> None:
    facts = {"hostname": "example.com", "country": "AT", "city": "Vienna", "referrer": "google.com"}
    started = "2026-03-10T11:50:00"
    store.session(5, 255, started, pageviews=3, exit_page="/last", **facts)
    for at, path in (("11:50:00", "/first"), ("11:58:00", "/last")):
        moment = ms(f"2026-03-10T{at}")
        columns = {"session_id": 5, "visitor_id": 255, "path": path, "occurred_at": moment}
        store.event("page", started, **columns, **facts)
    store.payment("p", "2026-01-01T10:00:00", "12.5", visitor_id=255)
    store.event("track", "2026-03-10T11:57:00", visitor_id=9, name="x", is_server_side=1)
    known, bare = desk.ask("realtime_map").data
    assert known == {
        "visitorId": "00000000000000ff",
        "country": "Austria",
        "countryCode": "AT",
        "city": "Vienna",
        "latitude": known["latitude"],
        "longitude": known["longitude"],
        "deviceType": "Unknown",
        "currentUrl": "example.com/last",
        "referrer": "google.com",
        "referrerSource": "Google",
        "sessionStartTime": "2026-03-10T11:50:00Z",
        "pageviews": 3,
        "totalRevenue": 12.5,
        "isCustomer": True,
    }
    assert bare == {
        "visitorId": "0000000000000009",
        "deviceType": "Unknown",
        "pageviews": 0,
        "totalRevenue": 0,
        "isCustomer": False,
    }


NASTY = [
    "'; DROP TABLE events; --",
    "' OR 1=1 --",
    '") UNION SELECT 1 --',
    "{v0:UInt32}",
    "%s %(website)s %",
    "\\",
    "\\'",
    "a\0b",
    "\n\t",
    "`x`",
    "🙂",
    "*" * 19,
    "**/*'\\(",
    "(?i)x[",
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", NASTY)
def test_sql_in_a_value_is_only_a_value(two_people: Desk, text: str) -> None:
    escaped = escape(text, "")
    for operator in ("", "!", "~", "!~"):
        filters = [(f"filter_{name}", f"{operator}x{escaped}") for name in FILTERS]
        two_people.ask("overview", *filters)
    two_people.ask("breakdown", dimension=",".join(DIMENSIONS), search=text)
    two_people.ask(
        "goals", search=text, filter_page=f"/{escaped}", filter_entry_page=f"x{escaped}*"
    )
    assert two_people.row("overview")["sessions"] == 3


def test_a_value_that_was_stored_is_found_again_whatever_is_in_it(store: Store, desk: Desk) -> None:
    for number, text in enumerate(NASTY, 1):
        store.session(number, number, "2026-03-01T10:00:00", utm_term=f"x{text}")
    for text in NASTY:
        value = escape_filter_value(FILTERS["utm_term"], f"x{text}")
        assert desk.row("overview", ("filter_utm_term", value))["sessions"] == 1, text
    assert set(desk.column("utm_term", "sessions")) == {f"x{text}" for text in NASTY}


def test_the_most_that_filters_may_hold_is_still_answered(two_people: Desk) -> None:
    parts = "|".join(f"{'x' * 15}{n}" for n in range(50))
    loose = [(f"filter_{name}", f"!~{parts}") for name in ("page", "referrer", "entry_page")]
    exact = [("filter_goal", "!" + "|".join(f"g{n}" for n in range(200)))] * 20
    stars = [("filter_exit_page", "!" + "|".join(f"/{n}{'a*' * 20}" for n in range(50)))]
    answer = two_people.ask("goals", *loose, *exact, *stars, website={"kpi": "signup"})
    assert answer.total == 3
    assert two_people.row("overview", *loose, *exact, *stars)["sessions"] == 3


def test_the_number_of_steps_is_known_past_the_last_one(two_people: Desk) -> None:
    totals = [two_people.ask("steps", offset=offset).total for offset in ("0", "3", "4", "100")]
    assert totals == [4, 4, 4, 4]  # any page, /a, /b, signup
    assert two_people.ask("steps", offset="1", search="nothing").total == 0


def test_a_timeseries_is_compared_with_times_that_clocks_skipped(desk: Desk) -> None:
    """On 29 March 2026 there is no 02:10 in Berlin, and so nothing to compare with."""
    answer = desk.ask(
        "timeseries",
        startAt="2026-04-05T02:10",
        endAt="2026-04-05T02:49",
        timezone="Europe/Berlin",
        interval="hour",
        compare="previous_period",
        match="weekday",
    )
    [row] = answer.envelope["compare"]["data"]
    assert row["visitors"] == 0


def test_a_row_is_compared_with_itself_in_the_other_period(two_people: Desk) -> None:
    answer = two_people.ask(
        "breakdown",
        dimension="browser",
        startAt="2026-03-02",
        endAt="2026-03-03",
        compare="previous_period",
    )
    rows = {row["value"]: row for row in answer.data}
    assert rows["Chrome"]["compare"]["visitors"] == 1
    assert rows["Chrome"]["compare"]["pageviews"] == 2
    assert rows["Chrome"]["compare"]["change"]["pageviews"] == -50
    assert rows["Mobile Safari"]["compare"]["visitors"] == 0
    assert rows["Mobile Safari"]["compare"]["change"]["visitors"] == 0  # from 0
    compare = answer.envelope["compare"]
    assert (compare["startAt"][:10], compare["endBefore"][:10]) == ("2026-02-28", "2026-03-02")
    assert compare["totals"]["sessions"] == 1
    assert compare["change"]["sessions"] == 100


def test_rows_have_the_numbers_asked_for_in_the_order_asked_for(two_people: Desk) -> None:
    fields = "bounce_rate,conversionRate,avg_session_duration,avg_engaged_time,revenue_per_visitor"
    answer = two_people.ask("breakdown", dimension="page", fields=fields, sort="bounceRate")
    assert answer.data == [
        {
            "value": "/a",
            "bounceRate": 66.67,
            "avgSessionDuration": 20.0,
            "avgEngagedTime": 0.5,
            "revenuePerVisitor": 5.0,
            "conversionRate": 50.0,
        },
        {
            "value": "/b",
            "bounceRate": 0.0,
            "avgSessionDuration": 60.0,
            "avgEngagedTime": 1.5,
            "revenuePerVisitor": 10.01,
            "conversionRate": 100.0,
        },
    ]
    assert answer.envelope["totals"]["bounceRate"] == 66.67
    back = two_people.ask("breakdown", dimension="page", sort="value", order="desc")
    assert [row["value"] for row in back.data] == ["/b", "/a"]


def test_several_lists_carry_all_tabs_with_their_comparison(two_people: Desk) -> None:
    several = {
        "dimension": "browser,page,goal",
        "startAt": "2026-03-02",
        "compare": "previous_year",
    }
    together = two_people.ask("breakdown", fields="visitors,bounce_rate,completions", **several)
    for name in ("browser", "page", "goal"):
        fields = "visitors,bounce_rate" + (",completions" if name == "goal" else "")
        alone = two_people.ask("breakdown", **{**several, "dimension": name, "fields": fields})
        assert together.data[name] == alone.data
        assert together.envelope["compare"]["change"] == alone.envelope["compare"]["change"]


def test_sessions_without_a_counted_event_are_named_and_not_counted(
    store: Store, desk: Desk
) -> None:
    store.session(11, 1, "2026-03-01T10:00:00")
    store.session(12, 2, "2026-03-01T11:00:00", pageviews=0, counted_events=0)
    store.session(13, 3, "2026-03-01T12:00:00", bot="ai")
    answer = desk.ask("overview", parts="true", fields="sessions,revenue")
    assert answer.data == [{"sessions": 1, "revenue": 0.0}]
    excluded = answer.envelope["excluded"]
    assert excluded["uncountedSessions"] == 1
    assert excluded["bots"] == {"visitors": 1, "sessions": 1, "pageviews": 1}
    assert answer.envelope["parts"]["revenue"]["excludes"] == ["unconverted"]
    everything = desk.ask("overview", parts="true", bots="include").envelope["excluded"]
    assert everything["bots"] is None
