"""Where visitors are counted by marks, and where by sets. The marks of these sessions are wrong on
purpose, so that each answer shows how it was counted."""

import pytest
from query.ask import Desk
from query.store import Store, ms

from footfall.model.mark import LISTS

MARCH = {"startAt": "2026-03-01", "endAt": "2026-03-09"}
BY_MARKS, BY_SETS = 3, 2


@pytest.fixture(autouse=True)
def sessions(store: Store) -> None:
    """Two visitors, of whom one comes twice and is marked as new twice."""
    store.engine.command("TRUNCATE TABLE doubts")
    store.session(11, 1, "2026-03-01T10:00:00", prev_at=1)
    store.session(12, 1, "2026-03-02T10:00:00", prev_at=1)
    store.session(13, 2, "2026-03-02T11:00:00", prev_at=ms("2026-02-02T00:00:00") // 1000, gaps=[0])


def listed(desk: Desk, dimension: str, **params: str) -> dict[str, int]:
    rows = desk.ask("breakdown", dimension=dimension, **params).data
    return {row["value"]: row["visitors"] for row in rows}


def visitors(desk: Desk, **params: str) -> int:
    by_day = desk.ask("timeseries", interval="day", fields="visitors", **params)
    found = int(desk.row("overview", fields="visitors", **params)["visitors"])
    assert by_day.envelope["totals"]["visitors"] == found
    return found


def test_without_filters_marks_count(desk: Desk) -> None:
    assert visitors(desk, **MARCH) == BY_MARKS


@pytest.mark.parametrize(
    "params",
    [
        {"filter_country": "!AT"},
        {"bots": "include"},
        {"startAt": "2026-03-01T00:00:00.500Z"},
    ],
)
def test_where_marks_say_too_little_sets_count(desk: Desk, params: dict[str, str]) -> None:
    assert visitors(desk, **{**MARCH, **params}) == BY_SETS


def test_rows_of_lists_count_by_marks_of_their_own(store: Store, desk: Desk) -> None:
    """The visitor's second session is marked as the first from Austria, and not as the first."""
    march_1 = ms("2026-03-01T00:00:00") // 1000
    gaps = [0] * len(LISTS)
    gaps[LISTS.index(("country",))] = march_1 + 36_000 - 1
    store.session(21, 4, "2026-03-04T10:00:00", prev_at=march_1 + 36_000, country="AT", gaps=gaps)
    rows = desk.ask("breakdown", dimension="country,device,exit_link", **MARCH)
    by_list = {
        name: {row["value"]: row["visitors"] for row in found} for name, found in rows.data.items()
    }
    assert by_list["country"] == {"Austria": 1, "Unknown": BY_MARKS}
    assert by_list["device"] == {"Unknown": BY_MARKS}
    totals = rows.envelope["totals"]
    assert totals["country"]["visitors"] == BY_MARKS
    assert totals["exit_link"]["visitors"] == BY_SETS + 1
    assert totals["exit_link"]["outside"]["visitors"] == BY_SETS + 1


@pytest.mark.parametrize("dimension", ["goal", "page", "event", "all_params"])
def test_the_report_beside_lists_of_events_counts_by_marks(
    store: Store, desk: Desk, dimension: str
) -> None:
    def total() -> int:
        totals = desk.ask("breakdown", dimension=dimension, **MARCH).envelope["totals"]
        return int(totals["visitors"])

    assert total() == BY_MARKS
    store.session(14, 2, "2026-03-03T10:00:00")  # without a mark
    assert total() == BY_SETS


def test_the_row_of_all_page_views_counts_sessions(store: Store, desk: Desk) -> None:
    """There are no events in the store. Sets count the visitor who also came without a page."""
    assert listed(desk, "event", **MARCH) == {"page": BY_MARKS}
    came_again = {"prev_at": ms("2026-03-02T11:00:00") // 1000, "gaps": [0]}
    store.session(14, 2, "2026-03-03T10:00:00", pageviews=0, counted_events=1, **came_again)
    store.session(15, 2, "2026-03-03T11:00:00", pageviews=3, **came_again)
    fields = "visitors,sessions,pageviews,completions,bounce_rate"
    [row] = desk.ask("breakdown", dimension="event", fields=fields, **MARCH).data
    assert row["visitors"] == BY_MARKS
    assert row["completions"] == row["pageviews"] == 3 + 3
    assert (row["sessions"], row["bounceRate"]) == (4, 75.0)


def test_a_goal_that_is_named_page_makes_events_count(store: Store, desk: Desk) -> None:
    """Both are one row: its visitors cannot be added up."""
    store.event("page", "2026-03-01T10:00:00", session_id=11, visitor_id=1)
    goal = {"session_id": 12, "visitor_id": 1, "name": "page"}
    store.event("track", "2026-03-02T10:00:00", **goal)
    assert listed(desk, "event", **MARCH) == {"page": 1}
    assert listed(desk, "event", startAt="2026-03-03", endAt="2026-03-09") == {}
    store.event("page", "2026-03-01T10:00:00", session_id=11, visitor_id=9)  # only events tell
    assert listed(desk, "event", startAt="2026-03-01", endAt="2026-03-01") == {"page": 1}
    assert listed(desk, "event", **MARCH) == {"page": 2}


def test_one_session_without_a_mark_makes_sets_count(store: Store, desk: Desk) -> None:
    store.session(14, 2, "2026-03-03T10:00:00")
    assert visitors(desk, **MARCH) == BY_SETS
    assert listed(desk, "device", **MARCH) == {"Unknown": BY_SETS}
    assert visitors(desk, startAt="2026-03-01", endAt="2026-03-02") == BY_MARKS


def test_a_session_without_marks_of_lists_makes_sets_count_lists(store: Store, desk: Desk) -> None:
    """As a version that does not know them has written it."""
    store.session(14, 2, "2026-03-03T10:00:00", prev_at=ms("2026-03-02T11:00:00") // 1000)
    assert visitors(desk, **MARCH) == BY_MARKS
    assert listed(desk, "device", **MARCH) == {"Unknown": BY_SETS}


def test_a_doubt_makes_sets_count(store: Store, desk: Desk) -> None:
    assert listed(desk, "device", **MARCH) == {"Unknown": BY_MARKS}
    store.engine.command("INSERT INTO doubts VALUES ('a test')")
    assert visitors(desk, **MARCH) == BY_SETS
    assert listed(desk, "device", **MARCH) == {"Unknown": BY_SETS}


def test_lists_under_a_filter_are_counted_by_sets(desk: Desk) -> None:
    assert listed(desk, "device", filter_device="Unknown", **MARCH) == {"Unknown": BY_SETS}


def test_buckets_are_cut_at_the_beginning_of_the_period(store: Store, desk: Desk) -> None:
    """The visitor came before that, in the same hour."""
    store.session(15, 3, "2026-03-05T10:05:00", prev_at=1)
    store.session(16, 3, "2026-03-05T10:50:00", prev_at=ms("2026-03-05T10:05:00") // 1000)
    params = {"startAt": "2026-03-05T10:30:00", "endAt": "2026-03-05T11:30:00"}
    rows = desk.ask("timeseries", interval="hour", fields="visitors", **params).data
    assert [row["visitors"] for row in rows] == [1, 0]
