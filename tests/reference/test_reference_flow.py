"""Flow, one rule at a time: logs whose answers a person can check on paper, put to the reference
and to the real thing."""

from collections.abc import Iterator
from typing import Any

import pytest

from reference.flow_case import BUY, DAY, HOUR, REPEATS, THREE, TO_BUY, Case, on, where
from reference.path_question import SIDES, act, at, goal, page, traffic_of, walk
from reference.side_by_side import Bench
from reference.small_log import paid

SEVEN: dict[str, Any] = {"session_uid": 7, "has_own_session": True}
EIGHT: dict[str, Any] = {"session_uid": 8, "has_own_session": True}
TIME = [
    Case(
        "each session's events in time order, one transition per step",
        walk("20 /c, 0 /a, 10 /b"),
        "1 /a /b 1 100, 2 /b /c 1 100",
    ),
    Case("ties in time go by arrival", walk("0 /c, 0 /a, 0 /b"), "1 /c /a 1 100, 2 /a /b 1 100"),
    Case(
        "what arrived before the start at the same time is no part of the path",
        walk("0 /c, 0 /a, 0 /b"),
        "1 /a /b 1 100",
        {"start_step": on("/a")},
    ),
    Case(
        "ties within one request keep their order in it",
        [[page(5, "/x"), page(0, "/c"), page(0, "/a"), page(0, "/b")]],
        "1 /c /a 1 100, 2 /a /b 1 100, 3 /b /x 1 100",
    ),
    Case(
        "the earliest of several events that match the start, the others are nodes",
        walk("0 /a, 1 /b, 2 /a, 3 /c"),
        "1 /a /b 1 100, 2 /b /a 1 100, 3 /a /c 1 100",
        {"start_step": on("/a")},
    ),
    Case(
        "the earliest start inside the dates, not the one before them",
        [
            page(-12 * HOUR - 20, "/a"),
            page(-12 * HOUR - 10, "/b"),
            page(-12 * HOUR, "/a"),
            page(-12 * HOUR + 1, "/c"),
        ],
        "1 /a /c 1 100",
        {"start_step": on("/a")},
    ),
    Case(
        "an event past dateTo belongs to the path",
        [page(12 * HOUR - 1, "/a"), page(12 * HOUR, "/b")],
        "1 /a /b 1 100",
    ),
    Case("a start past dateTo is none", [page(12 * HOUR, "/a"), page(12 * HOUR + 1, "/b")], ""),
    Case(
        "dates in the other spelling",
        walk("0 /a, 1 /b"),
        "1 /a /b 1 100",
        {"dateFrom": None, "dateTo": None, "date_from": "2026-03-02", "date_to": "2026-03-02"},
    ),
    Case(
        "dates are days of the time zone where one is given",
        [
            page(-13 * HOUR, "/a"),
            page(-13 * HOUR + 1, "/b"),
            page(12 * HOUR - 1, "/c", 2),
            page(12 * HOUR, "/d", 2),
        ],
        "1 /a /b 1 100",
        {"timezone": "Europe/Berlin"},
        zone="America/New_York",
    ),
    Case(
        "dates are days in UTC where no time zone is given",
        [page(11 * HOUR, "/a"), page(11 * HOUR + 1, "/b")],
        "1 /a /b 1 100",
        zone="Asia/Kathmandu",
    ),
    Case(
        "an event exactly at the window's end is inside",
        walk("0 /a, 60 /b"),
        "1 /a /b 1 100",
        {"window_seconds": 60},
    ),
    Case(
        "an event a millisecond past the window is outside",
        walk("0 /a, 1 /b, 60.001 /c"),
        "1 /a /b 1 100",
        {"window_seconds": 60},
    ),
    Case(
        "the window is 14 days where none is given",
        [page(0, "/a", **SEVEN), page(14 * DAY, "/b", **SEVEN), page(15 * DAY, "/c", **SEVEN)],
        "1 /a /b 1 100",
    ),
]

WHO = [
    Case(
        "rows by transitions, then source, then target",
        [
            *walk("0 /a, 1 /z"),
            *walk("0 /b, 1 /x", 2),
            *walk("0 /a, 1 /y", 3),
            *walk("0 /c, 1 /x", 4),
            *walk("0 /c, 1 /x", 5),
        ],
        "1 /c /x 2 40, 1 /a /y 1 20, 1 /a /z 1 20, 1 /b /x 1 20",
    ),
    Case(
        "two sessions of one visitor are two paths",
        [*walk("0 /a, 1 /b"), page(HOUR, "/a"), page(HOUR + 1, "/b")],
        "1 /a /b 2 100",
    ),
    Case(
        "a session without the start takes no part",
        [*THREE, *walk("0 /b, 1 /c", 4)],
        "1 /a /b 2 100, 2 /b /c 1 100",
        {"start_step": on("/a")},
    ),
    Case(
        "an event without a session takes no part",
        [
            *walk("0 /a"),
            *walk("1 identify", 2),
            act(2, "decoded_log", 0, name="Swap", address="0x1"),
            *walk("0 /a, 1 /b", 0),
        ],
        "",
    ),
    Case(
        "an explicit session is one path, whatever the time between",
        [page(0, "/a", **SEVEN), page(5 * HOUR, "/b", **SEVEN)],
        "1 /a /b 1 100",
    ),
    Case(
        "two explicit sessions at once are two paths",
        [
            page(0, "/a", **SEVEN),
            page(1, "/a", **EIGHT),
            page(2, "/b", **SEVEN),
            page(3, "/c", **EIGHT),
        ],
        "1 /a /b 1 50, 1 /a /c 1 50",
    ),
    Case(
        "bots take no part", [page(0, "/a", bot="user_agent"), page(1, "/b", bot="user_agent")], ""
    ),
    Case(
        "bots alone, in sessions of their own even with the same explicit id",
        [
            page(0, "/a", **SEVEN),
            page(1, "/b", **SEVEN, bot="user_agent"),
            page(2, "/c", **SEVEN),
            page(3, "/d", **SEVEN, bot="user_agent"),
        ],
        "1 /b /d 1 100",
        {"bots": "only"},
    ),
    Case(
        "with bots included a bot's explicit session is still apart",
        [
            page(0, "/a", **SEVEN),
            page(1, "/b", **SEVEN, bot="user_agent"),
            page(2, "/c", **SEVEN),
            page(3, "/d", **SEVEN, bot="user_agent"),
        ],
        "1 /a /c 1 50, 1 /b /d 1 50",
        {"bots": "include"},
    ),
    Case(
        "a payment's goal is in the path of its session",
        [*walk("0 /a"), paid(at(5), "10"), *walk("10 /b")],
        "1 /a payment 1 100, 2 payment /b 1 100",
    ),
]

NODES = [
    Case(
        "labels: names of goals and contract events, of others the type and status",
        [
            *walk(
                "0 /a, 1 buy, 2 connect, 3 chain, 4 signature:requested, 5 transaction:confirmed"
            ),
            act(6, "transaction", properties={"hash": "0x"}),
            *walk("7 signature, 8 log:Swap, 9 disconnect"),
        ],
        """
        1 /a buy 1 100
        2 buy connect 1 100
        3 connect chain 1 100
        4 chain signature:requested 1 100
        5 signature:requested transaction:confirmed 1 100
        6 transaction:confirmed transaction 1 100
        7 transaction signature 1 100
        8 signature Swap 1 100
        9 Swap disconnect 1 100
        """,
        {"max_steps": 10},
    ),
    Case(
        "outbound, engagement, identify and detect are no nodes",
        [
            *walk("0 /a"),
            act(1, "outbound", link="https://x.example/"),
            *walk("2 engagement, 3 identify, 4 detect, 5 /b"),
        ],
        "1 /a /b 1 100",
    ),
    Case(
        "as start or end they are",
        [*walk("0 /a, 1 identify, 2 /b"), act(3, "outbound", link="https://x/")],
        "1 identify /b 1 100, 2 /b outbound__END_MATCH__ 1 100",
        {
            "start_step": {"type": "event", "event": "identify"},
            "end_step": {"type": "event", "event": "outbound"},
        },
    ),
    Case(
        "repeated nodes are kept",
        REPEATS,
        "1 /a /a 1 100, 2 /a /b 1 100, 3 /b /b 1 100, 4 /b /a 1 100",
    ),
    Case(
        "at most four transitions where no number is given",
        walk("0 /a, 10 /b, 20 /c, 30 /d, 40 /e, 50 /f"),
        "1 /a /b 1 100, 2 /b /c 1 100, 3 /c /d 1 100, 4 /d /e 1 100",
    ),
    Case(
        "max_steps less than 2 is taken as 2",
        walk("0 /a, 10 /b, 20 /c, 30 /d, 40 /e"),
        "1 /a /b 1 100, 2 /b /c 1 100",
        {"max_steps": 0},
    ),
    Case(
        "max_steps more than 10 is taken as 10",
        [page(k, f"/{k:02}") for k in range(14)],
        ", ".join(f"{k} /{k - 1:02} /{k:02} 1 100" for k in range(1, 11)),
        {"max_steps": 99},
    ),
]

ENDS = [
    Case(
        "the path is cut at the first end, and only sessions that reach it count",
        [*TO_BUY, *walk("0 /a, 1 /b", 2)],
        "1 /a /b 1 100, 2 /b buy__END_MATCH__ 1 100",
        {"end_step": BUY},
    ),
    Case(
        "an end with the start's label comes after it",
        walk("0 /a, 1 /b, 2 /a, 3 /c"),
        "1 /a /b 1 100, 2 /b /a__END_MATCH__ 1 100",
        {"start_step": on("/a"), "end_step": on("/a")},
    ),
    Case(
        "a start that matches the end is not the end",
        walk("0 /a, 1 /b"),
        "",
        {"start_step": on("/a"), "end_step": on("/a")},
    ),
    Case(
        "an end at the start's time that arrived before it is none",
        walk("0 buy, 0 /a, 1 /b"),
        "",
        {"end_step": BUY},
    ),
    Case(
        "an end beyond max_steps is not shown, its session counts",
        walk("0 /a, 1 /b, 2 /c, 3 buy"),
        "1 /a /b 1 100, 2 /b /c 1 100",
        {"end_step": BUY, "max_steps": 2},
    ),
    Case(
        "an end at max_steps is shown",
        TO_BUY,
        "1 /a /b 1 100, 2 /b buy__END_MATCH__ 1 100",
        {"end_step": BUY, "max_steps": 2},
    ),
    Case("an end past the window is none", TO_BUY, "", {"end_step": BUY, "window_seconds": 19}),
    Case(
        "an end that a global filter takes out is none",
        [*TO_BUY, goal(50, "buy", path="/x")],
        "1 /a /b 1 100, 2 /b /c 1 100, 3 /c buy__END_MATCH__ 1 100",
        {"end_step": BUY, "global_filters": [where("page_path", "notEmpty")]},
    ),
]

CASES = [*TIME, *WHO, *NODES, *ENDS]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("flow"), location)
    opened.load_all([traffic_of(case.log, case.zone) for case in CASES])
    yield opened
    opened.engine.close()


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
@pytest.mark.parametrize("side", SIDES)
def test_flow(side: str, case: Case, bench: Bench) -> None:
    assert case.ask(side, bench) == case.wanted()
