"""Retention, one rule at a time: logs whose answers a person can check on paper, put to the
reference and to the real thing. Days count from Monday, 2 March 2026, at noon."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from footfall.model.event import Event
from footfall.model.fact import Facts
from reference.flow_case import DAY, HOUR, where
from reference.path_question import (
    SIDES,
    Arrival,
    Put,
    act,
    ask_side,
    at,
    goal,
    page,
    params_of,
    traffic_of,
)
from reference.side_by_side import Bench
from reference.small_log import paid

DATES = {"dateFrom": "2026-03-02", "dateTo": "2026-03-15"}
NO_DAYS = {"day7": (0, None), "day30": (0, None), "day90": (0, None)}


def days(*numbers: float, visitor: int = 1, **more: Any) -> list[Event]:
    """A page on each of these days."""
    return [page(number * DAY, "/", visitor, **more) for number in numbers]


@dataclass(frozen=True)
class Case:
    """`cohorts`: `week people share share …`, one a line or between commas; the weeks that are
    null are left out. `day7` and so on: how many retained of how many."""

    rule: str
    log: Sequence[Arrival]
    now: float  # day
    cohorts: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    metric: Mapping[str, Any] = field(default_factory=dict)
    is_report: bool = False
    zone: str = "UTC"

    def wanted(self) -> list[list[Any]]:
        rows = [row.split() for row in self.cohorts.split(",") if row.strip()]
        return [[row[0], *map(Decimal, row[1:])] for row in rows]


CASES = [
    Case(
        "the share of a week's new people that came in each week after, null until it is over",
        [*days(0, 3, 8, 14), *days(6, 7, visitor=2), *days(7, visitor=3)],
        21,
        "2026-03-02 2 1 1 0.5, 2026-03-09 1 1 0",
    ),
    Case("a week is over with its last day", days(0, 7), 13.49, "2026-03-02 1 1"),
    Case("a week is over at midnight", days(0, 7), 13.5, "2026-03-02 1 1 1"),
    Case(
        "weeks end on Sunday in UTC",
        [*days(6.4), *days(6.5, visitor=2)],
        13,
        "2026-03-02 1 1, 2026-03-09 1",
    ),
    Case(
        "weeks, days and dates in the time zone that is asked for",
        [page(6 * DAY + 11 * HOUR, "/"), page(-13 * HOUR, "/", 2), page(-14 * HOUR, "/", 3)],
        20,
        "2026-03-02 1 1 0, 2026-03-09 1 1",
        {"timezone": "Europe/Berlin"},
        {"user_count": 2, "day7": (0, 2)},
    ),
    Case(
        "an event that is not counted can be the first, and is no return",
        [act(0, "identify"), *days(7), act(14 * DAY, "detect")],
        21,
        "2026-03-02 1 0 1 0",
        {},
        {"user_count": 1, "day7": (1, 1)},
    ),
    Case(
        "whose first event ever lies before the dates makes no cohort",
        [*days(-1, 1), *days(14, visitor=2), *days(13, visitor=3)],
        30,
        "2026-03-09 1 1 0 0",
        {},
        {"user_count": 1},
    ),
    Case(
        "cohorts smaller than min_users are left out, their people count in the figures",
        [*days(0), *days(0, visitor=2), *days(7, visitor=3)],
        14,
        "2026-03-02 2 1 0",
        {"min_users": 2},
        {"user_count": 3},
    ),
    Case(
        "ten where no number is given",
        [event for k in range(10) for event in days(0, visitor=1 + k)] + days(7, visitor=11),
        14,
        "2026-03-02 10 1 0",
        {"min_users": None},
    ),
    Case(
        "the newest cohorts, the oldest of them first",
        [*days(0), *days(7, visitor=2), *days(13, visitor=3), *days(-7, visitor=4)],
        21,
        "2026-03-02 1 1 0 0, 2026-03-09 2 1 0",
        {"limit": 2, "dateFrom": "2026-02-01"},
        {"user_count": 4},
    ),
    Case(
        "shares have four decimals, half up",
        [event for k in range(3) for event in days(*((0, 7) if k else (0,)), visitor=1 + k)],
        14,
        "2026-03-02 3 1 0.6667",
    ),
    Case(
        "twelve weeks after the first at most",
        days(0, 84, 91),
        120,
        "2026-03-02 1 1 0 0 0 0 0 0 0 0 0 0 0 1",
    ),
    Case(
        "a day's figure: on that day after the first or later, of those whose day is over",
        [*days(0, 7), *days(0.9, 6.5, visitor=2), *days(1, 20, visitor=3), *days(20, visitor=4)],
        21,
        asked={"min_users": 100, "dateTo": "2026-03-31"},
        metric={"user_count": 4, "day7": (2, 3), "day30": (0, None), "day90": (0, None)},
    ),
    Case(
        "the seventh day itself must be over",
        days(0, 7),
        7.49,
        metric={"user_count": 1, **NO_DAYS},
        asked={"min_users": 100},
    ),
    Case(
        "the seventh day is over at midnight",
        days(0, 7.4),
        7.5,
        metric={"user_count": 1, "day7": (1, 1)},
        asked={"min_users": 100},
    ),
    Case(
        "thirty and ninety days",
        [*days(0, 30), *days(0, 95, visitor=2), *days(0, visitor=3)],
        100,
        metric={"user_count": 3, "day7": (2, 3), "day30": (2, 3), "day90": (1, 3)},
        asked={"min_users": 100},
    ),
    Case(
        "a return of one type, or of one name",
        [*days(0, 7), goal(14 * DAY, "buy")],
        21,
        "2026-03-02 1 0 0 1",
        {"event_type": "track", "event_name": "buy"},
    ),
    Case(
        "a return of one name alone",
        [*days(0, 7), goal(8 * DAY, "sell"), act(14 * DAY, "decoded_log", name="buy")],
        21,
        "2026-03-02 1 0 0 1",
        {"event_name": "buy"},
    ),
    Case(
        "events that fail a filter are not there at all, for the first event too",
        [*days(0), page(7 * DAY, "/x"), page(14 * DAY, "/x")],
        21,
        "2026-03-09 1 1 1",
        {"filters": [where("page_path", "equals", "/x")]},
    ),
    Case(
        "a wallet is the same one in any spelling",
        [
            *days(0, address="0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
            *days(7, visitor=2, address="0XFB6916095CA1DF60BB79CE92CE3EA74C37C5D359"),
            *days(8, visitor=3, address="0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"),
            *days(0, visitor=4, address="BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            *days(9, visitor=4, address="bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ],
        14,
        "2026-03-02 2 1 1",
        {"id_type": "address"},
    ),
    Case(
        "global_filters mean filters, and both must hold",
        [
            *days(0, title="X"),
            *(page(day * DAY, "/y", title="X") for day in (7, 14)),
            *(page(day * DAY, "/y", 2) for day in (0, 7)),
        ],
        21,
        "2026-03-09 1 1 1",
        {
            "filters": [where("page_path", "equals", "/y")],
            "global_filters": [where("page_title", "equals", "X")],
        },
    ),
    Case(
        "people are visitors; events without one take no part",
        [*days(0), *days(0, visitor=0, address="0x1")],
        7,
        "2026-03-02 1 1",
    ),
    Case(
        "or wallets, whoever the visitor; events without one take no part",
        [
            *days(0, address="0x1"),
            *days(7, visitor=2, address="0x1"),
            *days(0, visitor=3),
            act(8 * DAY, "decoded_log", 0, name="S", address="0x2"),
        ],
        21,
        "2026-03-02 1 1 1 0, 2026-03-09 1 1 0",
        {"id_type": "address"},
    ),
    Case(
        "a payment is an event of its visitor",
        [*days(0), paid(at(7 * DAY), "5")],
        14,
        "2026-03-02 1 1 1",
    ),
    Case(
        "bots are not people",
        [*days(0), *days(0, visitor=2, bot="user_agent")],
        7,
        "2026-03-02 1 1",
    ),
    Case(
        "without dates the last weeks, this one among them",
        [*days(0), *days(7, visitor=2), *days(14, visitor=3)],
        15,
        "2026-03-09 1 1, 2026-03-16 1",
        {"dateFrom": None, "dateTo": None, "limit": 2},
        {"user_count": 2},
    ),
    Case(
        "filters on sessions, weeks of the website, in the web analytics API",
        [
            page(6 * DAY + 11 * HOUR, "/", facts=Facts(device="Mobile")),
            page(6 * DAY + 11 * HOUR, "/", 2),
        ],
        20,
        "2026-03-09 1 1",
        {"dateFrom": None, "dateTo": None, "startAt": "2026-03-01", "filter_device": "mobile"},
        is_report=True,
        zone="Europe/Berlin",
    ),
    Case("nobody", [page(0, "/", 0)], 7, metric={"user_count": 0, **NO_DAYS}),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("retention"), location)
    opened.load_all([traffic_of(case.log, case.zone) for case in CASES], are_walked=False)
    yield opened
    opened.engine.close()


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
@pytest.mark.parametrize("side", SIDES)
def test_retention(side: str, case: Case, bench: Bench) -> None:
    asked = {"min_users": 1, **DATES, **case.asked}
    given = {name: value for name, value in asked.items() if value is not None}
    put = Put("retention", params_of(given), at(case.now * DAY), case.is_report)
    [row], total = ask_side(side, bench, traffic_of(case.log, case.zone), put)
    assert total == 1
    assert [_read_cohort(week) for week in row["user"]] == case.wanted()
    for name, wanted in case.metric.items():
        assert _read_figure(name, row["metric"]) == wanted, name


def _read_cohort(week: dict[str, Any]) -> list[Any]:
    """Without the weeks that are null, which are the last ones."""
    shares = [week[f"week_{k}"] for k in range(13)]
    known = [share for share in shares if share is not None]
    assert shares[: len(known)] == known
    return [str(week["cohort_week"]), week["num_users"], *known]


def _read_figure(name: str, metric: dict[str, Any]) -> Any:
    """People, or retained and of how many; null where there are none."""
    if name == "user_count":
        return metric[name]
    users = metric[f"{name}_users"]
    retained, rate = metric[f"{name}_retained"], metric[f"{name}_retention_rate"]
    if not users:
        return users, rate
    assert abs(Fraction(rate) - Fraction(retained, users)) <= Fraction(1, 20_000)
    return retained, users
