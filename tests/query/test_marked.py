"""Where visitors are counted by marks, and where by sets. The marks of these sessions are wrong on
purpose, so that each answer shows how it was counted."""

import pytest
from query.ask import Desk
from query.store import Store, ms

MARCH = {"startAt": "2026-03-01", "endAt": "2026-03-09"}
BY_MARKS, BY_SETS = 3, 2


@pytest.fixture(autouse=True)
def sessions(store: Store) -> None:
    """Two visitors, of whom one comes twice and is marked as new twice."""
    store.engine.command("TRUNCATE TABLE doubts")
    store.session(11, 1, "2026-03-01T10:00:00", prev_at=1)
    store.session(12, 1, "2026-03-02T10:00:00", prev_at=1)
    store.session(13, 2, "2026-03-02T11:00:00", prev_at=ms("2026-02-02T00:00:00") // 1000)


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


def test_one_session_without_a_mark_makes_sets_count(store: Store, desk: Desk) -> None:
    store.session(14, 2, "2026-03-03T10:00:00")
    assert visitors(desk, **MARCH) == BY_SETS
    assert visitors(desk, startAt="2026-03-01", endAt="2026-03-02") == BY_MARKS


def test_a_doubt_makes_sets_count(store: Store, desk: Desk) -> None:
    store.engine.command("INSERT INTO doubts VALUES ('a test')")
    assert visitors(desk, **MARCH) == BY_SETS


def test_buckets_are_cut_at_the_beginning_of_the_period(store: Store, desk: Desk) -> None:
    """The visitor came before that, in the same hour."""
    store.session(15, 3, "2026-03-05T10:05:00", prev_at=1)
    store.session(16, 3, "2026-03-05T10:50:00", prev_at=ms("2026-03-05T10:05:00") // 1000)
    params = {"startAt": "2026-03-05T10:30:00", "endAt": "2026-03-05T11:30:00"}
    rows = desk.ask("timeseries", interval="hour", fields="visitors", **params).data
    assert [row["visitors"] for row in rows] == [1, 0]
