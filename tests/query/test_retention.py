"""Retention on hand-made rows: every number can be checked by counting.

Now is Tuesday, 10 March 2026, noon; 2 March, 23 and 16 February are Mondays.
"""

from typing import Any

import pytest
from plain import plain_table
from query.ask import NOW, WEBSITE
from query.store import Store, ms

from footfall.model.dimension import DIMENSIONS
from footfall.model.filter import parse_filter
from footfall.model.period import Period, parse_period
from footfall.model.retention import RetentionQuestion
from footfall.model.step import Condition
from footfall.model.table import Table
from footfall.query.retention import answer_retention

Row = dict[str, Any]
UTC = Period(timezone="UTC")


class Log:
    def __init__(self, store: Store) -> None:
        self._store = store

    def come(self, who: int, *when: str, kind: str = "page", **columns: object) -> None:
        """Events at '2026-03-01' (noon UTC) or '2026-03-01T23:30:00'."""
        rows = []
        for text in when:
            at = ms(text if "T" in text else f"{text}T12:00:00")
            rows.append({"type": kind, "report_at": at, "occurred_at": at, "visitor_id": who})
        self._store.insert("events", *({**row, **columns} for row in rows))

    def ask(self, **options: Any) -> Table[dict[str, Any]]:
        question = {"website": WEBSITE, "period": UTC, "now_at": NOW, "min_users": 1, **options}
        return plain_table(answer_retention(RetentionQuestion(**question), self._store.engine))

    def metric(self, **options: Any) -> Row:
        [row] = self.ask(**options).rows
        return row["metric"]

    def cohorts(self, **options: Any) -> list[Row]:
        [row] = self.ask(**options).rows
        return row["user"]

    def weeks(self, **options: Any) -> dict[str, list[Any]]:
        """Of each cohort the shares by week, without those to come."""
        shares = {}
        for row in self.cohorts(**options):
            all_weeks = [row[f"week_{k}"] for k in range(13)]
            shares[row["cohort_week"]] = [share for share in all_weeks if share is not None]
        return shares

    def sizes(self, **options: Any) -> dict[str, int]:
        return {row["cohort_week"]: row["num_users"] for row in self.cohorts(**options)}


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


def test_a_cohort_is_a_week_s_newcomers_and_who_of_them_came_in_the_weeks_after(log: Log) -> None:
    """Three are new in the week of 16 February: one comes in each of the next two weeks, one in
    the second one only, one never. A fourth is new a week later."""
    log.come(1, "2026-02-16", "2026-02-24", "2026-03-08")
    log.come(2, "2026-02-22T23:59:59", "2026-03-02T00:00:00")
    log.come(3, "2026-02-18", "2026-02-18T13:00:00")
    log.come(4, "2026-02-23T00:00:00")
    assert log.weeks() == {"2026-02-16": [1.0, 0.3333, 0.6667], "2026-02-23": [1.0, 0.0]}
    assert log.sizes() == {"2026-02-16": 3, "2026-02-23": 1}
    assert log.cohorts()[0]["project_id"] == log.metric()["project_id"] == "00000007"


def test_a_week_is_null_until_it_is_over(log: Log) -> None:
    log.come(1, "2026-03-02", "2026-03-08")
    sunday, monday = ms("2026-03-08T23:59:59.999"), ms("2026-03-09T00:00:00")
    assert log.weeks(now_at=sunday) == {"2026-03-02": []}
    assert log.weeks(now_at=monday) == {"2026-03-02": [1.0]}
    row = log.cohorts(now_at=monday)[0]
    assert [row[f"week_{k}"] for k in range(1, 13)] == [None] * 12


def test_there_are_thirteen_weeks_however_old_the_cohort(log: Log) -> None:
    log.come(1, "2025-01-06", "2025-03-31", "2025-04-07")
    assert log.weeks() == {"2025-01-06": [1.0] + [0.0] * 11 + [1.0]}


def test_days_count_from_the_first_day_on_the_nth_or_later(log: Log) -> None:
    """New on 1 March: one is back on the 8th, one on the 7th only, one on the 10th."""
    log.come(1, "2026-03-01T23:59:00", "2026-03-08T00:01:00")
    log.come(2, "2026-03-01T00:00:00", "2026-03-07T23:59:59")
    log.come(3, "2026-03-01", "2026-03-10")
    metric = log.metric()
    assert metric["user_count"] == 3
    assert (metric["day7_users"], metric["day7_retained"]) == (3, 2)
    assert metric["day7_retention_rate"] == 0.6667
    assert (metric["day30_users"], metric["day30_retained"]) == (0, None)
    assert metric["day90_retention_rate"] is None


def test_only_those_whose_nth_day_is_over_count_for_it(log: Log) -> None:
    """The 7th day after 2 March is the 9th, the one after 3 March is today."""
    log.come(1, "2026-03-02", "2026-03-09")
    log.come(2, "2026-03-03", "2026-03-10T11:00:00")
    metric = log.metric()
    assert (metric["day7_users"], metric["day7_retained"]) == (1, 1)
    at_midnight = log.metric(now_at=ms("2026-03-11T00:00:00"))
    assert (at_midnight["day7_users"], at_midnight["day7_retained"]) == (2, 2)


def test_thirty_and_ninety_days_go_the_same_way(log: Log) -> None:
    log.come(1, "2025-11-30", "2025-12-30")
    log.come(2, "2025-11-30", "2026-02-28")
    metric = log.metric()
    assert [metric[f"day{n}_retained"] for n in (7, 30, 90)] == [2, 2, 1]
    assert [metric[f"day{n}_users"] for n in (7, 30, 90)] == [2, 2, 2]
    assert metric["day90_retention_rate"] == 0.5


def test_only_newcomers_of_the_dates_count_and_new_is_who_never_came_before(log: Log) -> None:
    log.come(1, "2026-01-05", "2026-02-16")
    log.come(2, "2026-02-16", "2026-02-23")
    log.come(3, "2026-02-23")
    period = parse_period("2026-02-16", "2026-02-22", "UTC")
    assert log.metric(period=period)["user_count"] == 1
    assert log.weeks(period=period) == {"2026-02-16": [1.0, 1.0, 0.0]}


def test_rows_that_outlived_the_website_s_retention_are_forgotten(log: Log) -> None:
    log.come(1, "2026-01-05", "2026-02-16")
    kept = Period(timezone="UTC", floor_ms=ms("2026-02-01"))
    assert log.sizes() == {"2026-01-05": 1}
    assert log.sizes(period=kept) == {"2026-02-16": 1}


def test_any_event_can_be_the_first_but_only_counted_ones_are_a_return(log: Log) -> None:
    log.come(1, "2026-02-16", kind="identify")
    log.come(1, "2026-02-23", kind="connect")
    log.come(1, "2026-03-02", kind="engagement")
    assert log.weeks() == {"2026-02-16": [0.0, 1.0, 0.0]}
    assert log.metric()["day7_retained"] == 1


def test_a_return_may_have_to_be_of_a_type_or_name(log: Log) -> None:
    log.come(1, "2026-02-16")
    log.come(1, "2026-02-23", kind="track", name="buy")
    log.come(1, "2026-03-02", kind="track", name="look")
    assert log.weeks(event_type="track") == {"2026-02-16": [0.0, 1.0, 1.0]}
    assert log.weeks(event_name="buy") == {"2026-02-16": [0.0, 1.0, 0.0]}
    assert log.weeks(event_type="page", event_name="buy") == {"2026-02-16": [0.0] * 3}


def test_events_that_fail_a_condition_are_not_there_at_all(log: Log) -> None:
    log.come(1, "2026-02-16", country="DE")
    log.come(1, "2026-02-23", "2026-03-03", country="AT")
    log.come(2, "2026-02-16", country="DE")
    in_austria = Condition(field="country", operator="equals", values=("AT",))
    assert log.weeks(conditions=(in_austria,)) == {"2026-02-23": [1.0, 1.0]}
    assert log.metric(conditions=(in_austria,))["user_count"] == 1


def test_filters_select_sessions(log: Log) -> None:
    log.come(1, "2026-02-16", country="AT", session_id=5)
    log.come(2, "2026-02-16", country="DE", session_id=6)
    from_austria = parse_filter(DIMENSIONS["country"], "AT")
    assert log.sizes(filters=(from_austria,)) == {"2026-02-16": 1}


def test_people_are_visitors_or_wallets(log: Log) -> None:
    log.come(1, "2026-02-16", address="0xa")
    log.come(2, "2026-02-23", address="0xa")
    log.come(3, "2026-02-23")
    log.come(0, "2026-03-02", address="0xb")
    assert log.sizes() == {"2026-02-16": 1, "2026-02-23": 2}
    assert log.sizes(id_type="address") == {"2026-02-16": 1, "2026-03-02": 1}
    assert log.weeks(id_type="address")["2026-02-16"] == [1.0, 1.0, 0.0]


def test_bots_stay_out_unless_asked_for(log: Log) -> None:
    log.come(1, "2026-02-16")
    log.come(2, "2026-02-16", bot="crawler")
    log.come(3, "2026-02-16", website_id=8)
    counts = [log.metric(bots=bots)["user_count"] for bots in ("exclude", "include", "only")]
    assert counts == [1, 2, 1]


def test_small_cohorts_are_left_out_and_of_the_rest_the_newest_are_listed(log: Log) -> None:
    for who, day in enumerate(["02-09", "02-09", "02-16", "02-23", "02-23", "03-02", "03-02"]):
        log.come(who + 1, f"2026-{day}")
    assert log.sizes(min_users=2, limit=2) == {"2026-02-23": 2, "2026-03-02": 2}
    assert log.sizes(min_users=2) == {"2026-02-09": 2, "2026-02-23": 2, "2026-03-02": 2}
    assert log.metric(min_users=2, limit=1)["user_count"] == 7


def test_weeks_and_days_are_local(log: Log) -> None:
    """11 p.m. on Sunday in New York is Monday, 4 a.m., in UTC."""
    log.come(1, "2026-02-23T04:00:00", "2026-03-02T04:00:00")
    new_york = Period(timezone="America/New_York")
    assert log.weeks() == {"2026-02-23": [1.0, 1.0]}
    assert log.weeks(period=new_york) == {"2026-02-16": [1.0, 1.0, 0.0]}
    assert log.weeks(period=new_york, now_at=ms("2026-03-02T04:59:59"))["2026-02-16"] == [1.0]


def test_days_begin_where_clocks_skip_midnight(log: Log) -> None:
    """In Havana 8 March 2026 began at 1 o'clock, which was 5 a.m. in UTC."""
    log.come(1, "2026-03-01T12:00:00", "2026-03-08T04:59:59")
    log.come(2, "2026-03-01T12:00:00", "2026-03-08T05:00:00")
    havana = Period(timezone="America/Havana")
    metric = log.metric(period=havana)
    assert (metric["day7_users"], metric["day7_retained"]) == (2, 1)


def test_without_anybody_there_are_no_cohorts(log: Log) -> None:
    table = log.ask()
    assert log.cohorts() == []
    assert log.metric() == {
        "project_id": "00000007",
        "user_count": 0,
        **{f"day{n}_{what}": None for n in (7, 30, 90) for what in ("retained", "retention_rate")},
        **{f"day{n}_users": 0 for n in (7, 30, 90)},
    }
    assert (table.total, table.limit) == (1, None)


def test_the_columns_have_their_types(log: Log) -> None:
    log.come(1, "2026-02-16")
    table = log.ask()
    metric, user = table.columns
    days = (
        "day{n}_retained Nullable(UInt64), day{n}_retention_rate Nullable(Float64),"
        " day{n}_users UInt64"
    )
    of_days = ", ".join(days.format(n=n) for n in (7, 30, 90))
    assert (metric.name, metric.type) == (
        "metric",
        f"Tuple(project_id String, user_count UInt64, {of_days})",
    )
    weeks = ", ".join(f"week_{k} Nullable(Float64)" for k in range(13))
    assert (user.name, user.type) == (
        "user",
        f"Array(Tuple(project_id String, cohort_week Date, num_users UInt64, {weeks}))",
    )
    [row] = table.rows
    assert list(log.metric()) == [word.split()[0] for word in metric.type[6:-1].split(", ")]
    assert list(log.cohorts()[0]) == [word.split()[0] for word in user.type[12:-2].split(", ")]
    assert list(row) == ["metric", "user"]
