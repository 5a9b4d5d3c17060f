"""Funnel, one rule at a time: logs whose answers a person can check on paper, put to the reference
and to the real thing. Seconds count from noon on Monday, 2 March 2026; people are 1, 2, 3 …"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from footfall.model.fact import Facts
from reference.flow_case import AFTER_ALL, HOUR, TODAY, on, where
from reference.path_question import (
    SIDES,
    Arrival,
    Put,
    act,
    ask_side,
    goal,
    page,
    params_of,
    traffic_of,
    walk,
)
from reference.side_by_side import Bench
from reference.small_log import paid


def goals(*names: str) -> list[dict[str, Any]]:
    return [{"type": "track", "event": name} for name in names]


ABC = goals("a", "b", "c")
COLUMNS = ("users", "conversion_from_start", "conversion_from_previous", "dropoff_from_previous")
MEDIANS = ("median_seconds_from_previous", "median_seconds_from_start")


@dataclass(frozen=True)
class Case:
    """`rows`: of each step what `columns` say, for people; - is null. With a breakdown, its value
    stands first."""

    rule: str
    log: Sequence[Arrival]
    rows: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ("users",)
    is_report: bool = False

    def wanted(self) -> list[list[Any]]:
        return [[_read(word) for word in row.split()] for row in self.rows.split(",") if row]


def _read(word: str) -> Any:
    if word == "-":
        return None
    return Decimal(word) if word[0].isdigit() else "" if word == "''" else word


TWO_FAR = [*walk("0 a, 1 b, 2 c"), *walk("0 a, 1 b", 2), *walk("0 a", 3), *walk("0 b, 1 c", 4)]
"""Three begin, two get to b, one to c."""

CLOSED = [
    Case(
        "users at a step or further, shares of the start and of the step before",
        TWO_FAR,
        "3 1 - -,2 0.6667 0.6667 0.3333,1 0.3333 0.5 0.5",
        columns=COLUMNS,
    ),
    Case("of nobody the shares are 0", walk("0 b"), "0 0 - -,0 0 0 0,0 0 0 0", columns=COLUMNS),
    Case(
        "shares round half up at the fourth decimal",
        [event for k in range(1, 33) for event in walk("0 a, 1 b" if k == 1 else "0 a", k)],
        "32 1 - -,1 0.0313 0.0313 0.9688",
        {"steps": goals("a", "b")},
        columns=COLUMNS,
    ),
    Case(
        "without a breakdown total is users; a step is called by its name, else what it means",
        walk("0 a, 1 b"),
        "a::0 1 1,b 1 1,C 0 0",
        {
            "steps": [
                {"type": "track", "event": "a", "name": "a::0"},
                {"type": "track", "event": "B", "resolved_event": "b"},
                {"type": "track", "event": "C"},
            ]
        },
        columns=("event", "users", "total"),
    ),
    Case("one event is never two steps", walk("0 a"), "1,0", {"steps": goals("a", "a")}),
    Case("two events of a name are two steps", walk("0 a, 0 a"), "1,1", {"steps": goals("a", "a")}),
    Case(
        "one event that matches two steps counts for the first, the next needs a later one",
        [page(0, "/a"), page(5, "/b"), page(9, "/a")],
        "1 -,1 9",
        {"steps": [on("/a"), on("/a")]},
        columns=("users", "median_seconds_from_start"),
    ),
    Case("order matters", walk("0 b, 1 a, 2 c"), "1,0,0"),
    Case("ties go by arrival: b came first", walk("0 b, 0 a"), "1,0", {"steps": goals("a", "b")}),
    Case("ties go by arrival: a came first", walk("0 a, 0 b"), "1,1", {"steps": goals("a", "b")}),
    Case("other events may lie between", walk("0 a, 1 x, 2 b, 3 a, 4 c"), "1,1,1"),
    Case(
        "each step takes the earliest later event",
        walk("0 a, 3 b, 5 b, 9 c"),
        "- -,3 3,6 9",
        columns=MEDIANS,
    ),
    Case(
        "the window is inclusive and counts from step 1",
        [*walk("0 a, 30 b, 60 c"), *walk("0 a, 30 b, 60.001 c", 2)],
        "2,2,1",
        {"window_seconds": 60},
    ),
    Case(
        "a later start gets further",
        walk("0 a, 50 b, 100 a, 110 b, 120 c"),
        "- -,10 10,10 20",
        {"window_seconds": 60},
        columns=MEDIANS,
    ),
    Case(
        "of starts that get equally far the earliest counts",
        walk("0 a, 10 a, 20 b"),
        "- -,20 20,- -",
        columns=MEDIANS,
    ),
    Case(
        "only step 1 must lie inside the dates",
        [
            goal(12 * HOUR - 1, "a"),
            goal(12 * HOUR, "b"),
            goal(12 * HOUR, "a", 2),
            goal(12 * HOUR + 1, "b", 2),
            goal(-13 * HOUR, "a", 3),
            goal(0, "b", 3),
        ],
        "1,1",
        {"steps": goals("a", "b")},
    ),
    Case("sessions do not matter", [goal(0, "a"), goal(5 * HOUR, "b")], "1,1,0"),
    Case(
        "events without a session take part",
        [act(0, "identify"), goal(1, "a"), act(2, "decoded_log", 0, name="S", address="0x1")],
        "1,1",
        {"steps": [{"type": "event", "event": "identify"}, *goals("a")]},
    ),
    Case(
        "a wallet is the same one in any spelling",
        [
            goal(0, "a", 0, address="0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
            goal(1, "b", 0, address="0XFB6916095CA1DF60BB79CE92CE3EA74C37C5D359"),
            goal(2, "a", 0, address="0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"),
            goal(0, "a", 0, address="BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            goal(1, "b", 0, address="bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            goal(0, "a", 0, address="DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy"),
            goal(1, "b", 0, address="DRPBCBMXVNDK7MAPM5TGV6MVB3V1SRMC86PZ8OKM21HY"),
        ],
        "3,2",
        {"steps": goals("a", "b")},
    ),
    Case(
        "filters mean global_filters, and both must hold",
        [
            *(goal(0, "a", title="X"), goal(1, "b", title="X")),
            *(goal(0, "a", 2, title="X", path="/y"), goal(1, "b", 2, title="X")),
            *(goal(0, "a", 3, title="X", path="/y"), goal(1, "b", 3, title="X", path="/y")),
            *(goal(0, "a", 4, path="/y"), goal(1, "b", 4, path="/y")),
        ],
        "2,1",
        {
            "steps": goals("a", "b"),
            "filters": [where("page_title", "equals", "X")],
            "global_filters": [where("page_path", "equals", "/y")],
        },
    ),
    Case(
        "who: the visitor, for events without one the wallet, else nobody",
        [
            *(goal(0, "a", address="0x1"), goal(1, "b", 0, address="0x1")),
            *(goal(0, "a", 0, address="0x2"), goal(1, "b", 0, address="0x2")),
            *(goal(0, "a", 0, address="0xA"), goal(1, "b", 0, address="0xa")),
            *(goal(0, "a", 2, address="0x3"), goal(1, "b", 2, address="0x4")),
            *(goal(0, "a", 0), goal(1, "b", 0)),
        ],
        "4,2",
        {"steps": goals("a", "b")},
    ),
    Case(
        "a payment is a step as any goal is",
        [goal(0, "a"), paid(1_772_452_805_000, "10")],
        "- -,5 5",
        {"steps": goals("a", "payment")},
        columns=MEDIANS,
    ),
    Case(
        "a step's filters test its event, global filters every event",
        [
            goal(0, "a", path="/x"),
            goal(1, "b"),
            goal(0, "a", 2, path="/x"),
            goal(1, "b", 2, path="/y"),
            goal(0, "a", 3, path="/y"),
            goal(1, "b", 3, path="/y"),
        ],
        "2,1",
        {
            "steps": [
                {"type": "track", "event": "a", "filters": [where("page_path", "equals", "/x")]},
                *goals("b"),
            ],
            "global_filters": [where("page_path", "notEmpty")],
        },
    ),
    Case(
        "medians: the middle one, the mean of the two middle ones where they are even",
        [
            *walk("0 a, 1 b, 11 c"),
            *walk("0 a, 2 b, 14 c", 2),
            *walk("0 a, 6 b, 20 c", 3),
            *walk("0 a, 7.001 b", 4),
        ],
        "- -,4 4,12 14",
        columns=MEDIANS,
    ),
    Case(
        "bots apart",
        [*walk("0 a, 1 b"), *walk("0 a, 1 b", 2, bot="user_agent")],
        "1,1",
        {"bots": "only", "steps": goals("a", "b")},
    ),
    Case(
        "filters on sessions in the web analytics API",
        [*walk("0 a, 1 b", facts=Facts(device="Mobile")), *walk("0 a, 1 b", 2)],
        "1,1",
        {"steps": goals("a", "b"), "filter_device": "mobile"},
        is_report=True,
    ),
]

OPEN = [
    Case(
        "in any order, each step with those before it; who leaves after a step",
        [*walk("0 c, 1 b, 2 a"), *walk("0 a, 1 c", 2), *walk("0 b, 1 c", 3), *walk("0 a, 9 b", 4)],
        "3 1,2 1,1 0",
        {"funnel_type": "open"},
        columns=("users", "dropped_off_users"),
    ),
    Case(
        "one event may be several steps",
        walk("0 a"),
        "1,1",
        {"funnel_type": "open", "steps": goals("a", "a")},
    ),
    Case(
        "the window does not apply, the dates do to each step",
        [goal(0, "a"), goal(HOUR, "b"), goal(0, "a", 2), goal(12 * HOUR, "b", 2)],
        "2,1",
        {"funnel_type": "open", "window_seconds": 1, "steps": goals("a", "b")},
    ),
    Case(
        "no medians, the shares as ever",
        TWO_FAR,
        "1 - -,0.6667 - -,0.3333 - -",
        {"funnel_type": "open"},
        columns=("conversion_from_start", *MEDIANS),
    ),
]


def by(field: str, **more: Any) -> dict[str, Any]:
    return {"steps": goals("a", "b"), "group_by": field, **more}


COUNTRIES = [
    event
    for k, (country, text) in enumerate(
        [
            ("DE", "0 a, 1 b"),
            ("DE", "0 a"),
            ("AT", "0 a, 1 b"),
            ("US", "0 a"),
            ("", "0 a, 1 b"),
            ("AT", "0 b"),
        ]
    )
    for event in walk(text, 1 + k, facts=Facts(country=country))
]
"""Step a: DE two, AT, US and no country one each."""
MOVED = [*walk("0 a", path="/x"), *walk("1 b", path="/y"), *walk("0 a", 2, path="/x")]

GROUPS = [
    Case(
        "the largest by users of step 1, ties by value, the rest Others; total over all of them",
        COUNTRIES,
        "DE 2 5,DE 1 3,'' 1 5,'' 1 3,Others 2 5,Others 1 3",
        by("country", limit=2),
        columns=("breakdown", "users", "total"),
    ),
    Case(
        "no Others where nothing is left",
        COUNTRIES,
        "DE 2,DE 1,'' 1,'' 1,AT 1,AT 1,US 1,US 0",
        by("country", limit=4),
        columns=("breakdown", "users"),
    ),
    Case(
        "in the other spelling",
        COUNTRIES,
        "DE 2,DE 1,Others 3,Others 2",
        {"steps": goals("a", "b"), "breakdown": "location", "breakdown_top_n": 1},
        columns=("breakdown", "users"),
    ),
    Case(
        "first touch is the event of step 1",
        MOVED,
        "/x 2,/x 1",
        by("page_path"),
        columns=("breakdown", "users"),
    ),
    Case(
        "last touch is the deepest event",
        MOVED,
        "/x 1,/x 0,/y 1,/y 1",
        by("page_path", attribution="last_touch"),
        columns=("breakdown", "users"),
    ),
    Case(
        "phones are mobile, and bots bot",
        [
            *walk("0 a", facts=Facts(device="Mobile", os="iOS")),
            *walk("0 a", 2, facts=Facts(device="Mobile", os="Android")),
            *walk("0 a", 3, facts=Facts(device="Desktop"), bot="user_agent"),
            *walk("0 a", 4, facts=Facts(device="Desktop")),
        ],
        "mobile 2,mobile 0,bot 1,bot 0,desktop 1,desktop 0",
        by("device", bots="include"),
        columns=("breakdown", "users"),
    ),
    Case(
        "by builder codes, a property",
        [goal(0, "a", properties={"builder_codes": "base"}), goal(0, "a", 2)],
        "'' 1,'' 0,base 1,base 0",
        by("builder_codes"),
        columns=("breakdown", "users"),
    ),
    Case(
        "an open funnel's deepest event",
        [*walk("5 a", path="/x"), *walk("1 b", path="/y"), *walk("0 b", path="/z")],
        "/z 1,/z 1",
        by("page_path", attribution="last_touch", funnel_type="open"),
        columns=("breakdown", "users"),
    ),
    Case(
        "of nobody there is no breakdown",
        walk("0 b"),
        "",
        by("country"),
        columns=("breakdown", "users"),
    ),
]

CASES = [*CLOSED, *OPEN, *GROUPS]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("funnel"), location)
    opened.load_all([traffic_of(case.log) for case in CASES], are_walked=False)
    yield opened
    opened.engine.close()


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
@pytest.mark.parametrize("side", SIDES)
def test_funnel(side: str, case: Case, bench: Bench) -> None:
    dates = {} if case.is_report else TODAY
    put = Put("funnel", params_of({"steps": ABC, **dates, **case.asked}), AFTER_ALL, case.is_report)
    rows, total = ask_side(side, bench, traffic_of(case.log), put)
    assert [[row[name] for name in case.columns] for row in rows] == case.wanted()
    assert total == len(rows)


@pytest.mark.parametrize("side", SIDES)
def test_a_row_has_its_columns(side: str, bench: Bench) -> None:
    """`dropped_off_users` in open funnels, `breakdown` with one."""
    plain = {"step", "event", "total", *COLUMNS, *MEDIANS}
    for more, added in (
        ({}, set()),
        ({"funnel_type": "open"}, {"dropped_off_users"}),
        ({"group_by": "country"}, {"breakdown"}),
    ):
        put = Put("funnel", params_of({"steps": ABC, **TODAY, **more}), AFTER_ALL)
        rows, _ = ask_side(side, bench, traffic_of(walk("0 a")), put)
        assert [set(row) for row in rows] == [plain | added] * 3
        assert [row["step"] for row in rows] == [1, 2, 3]
