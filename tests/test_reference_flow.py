"""Flow, one rule at a time: logs whose answers a person can check on paper, put to the reference
and to the real thing. Seconds count from noon on Monday, 2 March 2026; people are 1, 2, 3 …"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from path_question import (
    ALL_PAGES,
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
from side_by_side import Bench, store_plainly
from small_log import paid

from footfall.model.fact import Facts

HOUR, DAY = 3600, 86_400
TODAY = {"dateFrom": "2026-03-02", "dateTo": "2026-03-02"}
AFTER_ALL = at(40 * DAY)
BUY = {"type": "track", "event": "buy"}


def where(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    given = {} if value is None else {"value": value}
    return {"operand": field, "operator": operator, **given, **more}


def on(path: str, *filters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event", "event": "page", "resolved_event": path, "filters": [*filters]}


@dataclass(frozen=True)
class Case:
    """`rows` are what is answered: step, source, target, transitions, percentage."""

    rule: str
    log: Sequence[Arrival]
    rows: Sequence[tuple[int, str, str, int, float]]
    asked: Mapping[str, Any] = field(default_factory=dict)
    is_report: bool = False
    zone: str = "UTC"
    total: int | None = None


WALK = [page(0, "/a"), page(10, "/b"), page(20, "/c"), page(30, "/d"), page(40, "/e")]
REPEATS = [page(0, "/a"), page(1, "/a"), page(2, "/b"), page(3, "/b"), page(4, "/a")]
TO_BUY = [page(0, "/a"), page(10, "/b"), goal(20, "buy"), page(30, "/c"), goal(40, "buy")]
THREE = [
    *(page(0, "/a", 1), page(1, "/b", 1), page(2, "/c", 1)),
    *(page(0, "/a", 2), page(1, "/b", 2)),
    *(page(0, "/a", 3),),
]
"""a → b → c, a → b, a."""
WALLET = {"provider_name": "MetaMask", "chain_id": 1}

TIME = [
    Case(
        "each session's events in time order, one transition per step",
        [page(20, "/c"), page(0, "/a"), page(10, "/b")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/c", 1, 100)],
    ),
    Case(
        "ties in time go by arrival",
        [page(0, "/c"), page(0, "/a"), page(0, "/b")],
        [(1, "/c", "/a", 1, 100), (2, "/a", "/b", 1, 100)],
    ),
    Case(
        "what arrived before the start at the same time is no part of the path",
        [page(0, "/c"), page(0, "/a"), page(0, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"start_step": on("/a")},
    ),
    Case(
        "ties within one request keep their order in it",
        [[page(5, "/x"), page(0, "/c"), page(0, "/a"), page(0, "/b")]],
        [(1, "/c", "/a", 1, 100), (2, "/a", "/b", 1, 100), (3, "/b", "/x", 1, 100)],
    ),
    Case(
        "the earliest of several events that match the start, the others are nodes",
        [page(0, "/a"), page(1, "/b"), page(2, "/a"), page(3, "/c")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/a", 1, 100), (3, "/a", "/c", 1, 100)],
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
        [(1, "/a", "/c", 1, 100)],
        {"start_step": on("/a")},
    ),
    Case(
        "an event past dateTo belongs to the path",
        [page(12 * HOUR - 1, "/a"), page(12 * HOUR, "/b")],
        [(1, "/a", "/b", 1, 100)],
    ),
    Case(
        "a start past dateTo is none",
        [page(12 * HOUR, "/a"), page(12 * HOUR + 1, "/b")],
        [],
    ),
    Case(
        "dates in the other spelling",
        [page(0, "/a"), page(1, "/b")],
        [(1, "/a", "/b", 1, 100)],
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
        [(1, "/a", "/b", 1, 100)],
        {"timezone": "Europe/Berlin"},
        zone="America/New_York",
    ),
    Case(
        "dates are days in UTC where no time zone is given",
        [page(11 * HOUR, "/a"), page(11 * HOUR + 1, "/b")],
        [(1, "/a", "/b", 1, 100)],
        zone="Asia/Kathmandu",
    ),
    Case(
        "an event exactly at the window's end is inside",
        [page(0, "/a"), page(60, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"window_seconds": 60},
    ),
    Case(
        "an event a millisecond past the window is outside",
        [page(0, "/a"), page(1, "/b"), page(60.001, "/c")],
        [(1, "/a", "/b", 1, 100)],
        {"window_seconds": 60},
    ),
    Case(
        "the window is 14 days where none is given",
        [
            page(14 * DAY * k, path, session_uid=7, has_own_session=True)
            for k, path in ((0, "/a"), (1, "/b"))
        ],
        [(1, "/a", "/b", 1, 100)],
    ),
]

WHO = [
    Case(
        "rows by transitions, then source, then target",
        [
            page(0, "/a", 1),
            page(1, "/z", 1),
            page(0, "/b", 2),
            page(1, "/x", 2),
            page(0, "/a", 3),
            page(1, "/y", 3),
            page(0, "/c", 4),
            page(1, "/x", 4),
            page(0, "/c", 5),
            page(1, "/x", 5),
        ],
        [
            (1, "/c", "/x", 2, 40),
            (1, "/a", "/y", 1, 20),
            (1, "/a", "/z", 1, 20),
            (1, "/b", "/x", 1, 20),
        ],
    ),
    Case(
        "two sessions of one visitor are two paths",
        [page(0, "/a"), page(1, "/b"), page(HOUR, "/a"), page(HOUR + 1, "/b")],
        [(1, "/a", "/b", 2, 100)],
    ),
    Case(
        "a session without the start takes no part",
        [*THREE, page(0, "/b", 4), page(1, "/c", 4)],
        [(1, "/a", "/b", 2, 100), (2, "/b", "/c", 1, 100)],
        {"start_step": on("/a")},
    ),
    Case(
        "an event without a session takes no part",
        [
            page(0, "/a"),
            act(1, "identify", 2),
            act(2, "decoded_log", 0, name="Swap", address="0x1"),
            page(0, "/a", 0),
            page(1, "/b", 0),
        ],
        [],
    ),
    Case(
        "an explicit session is one path, whatever the time between",
        [
            page(0, "/a", session_uid=7, has_own_session=True),
            page(5 * HOUR, "/b", session_uid=7, has_own_session=True),
        ],
        [(1, "/a", "/b", 1, 100)],
    ),
    Case(
        "two explicit sessions at once are two paths",
        [
            page(0, "/a", session_uid=7, has_own_session=True),
            page(1, "/a", session_uid=8, has_own_session=True),
            page(2, "/b", session_uid=7, has_own_session=True),
            page(3, "/c", session_uid=8, has_own_session=True),
        ],
        [(1, "/a", "/b", 1, 50), (1, "/a", "/c", 1, 50)],
    ),
    Case(
        "bots take no part",
        [page(0, "/a", bot="user_agent"), page(1, "/b", bot="user_agent")],
        [],
    ),
    Case(
        "bots alone, in sessions of their own even with the same explicit id",
        [
            page(0, "/a", session_uid=7, has_own_session=True),
            page(1, "/b", session_uid=7, has_own_session=True, bot="user_agent"),
            page(2, "/c", session_uid=7, has_own_session=True),
            page(3, "/d", session_uid=7, has_own_session=True, bot="user_agent"),
        ],
        [(1, "/b", "/d", 1, 100)],
        {"bots": "only"},
    ),
    Case(
        "with bots included a bot's explicit session is still apart",
        [
            page(0, "/a", session_uid=7, has_own_session=True),
            page(1, "/b", session_uid=7, has_own_session=True, bot="user_agent"),
            page(2, "/c", session_uid=7, has_own_session=True),
            page(3, "/d", session_uid=7, has_own_session=True, bot="user_agent"),
        ],
        [(1, "/a", "/c", 1, 50), (1, "/b", "/d", 1, 50)],
        {"bots": "include"},
    ),
    Case(
        "a payment's goal stands in the path of its session",
        [page(0, "/a"), paid(at(5), "10"), page(10, "/b")],
        [(1, "/a", "payment", 1, 100), (2, "payment", "/b", 1, 100)],
    ),
]

NODES = [
    Case(
        "labels: names of goals and contract events, types of the others, with a status where one is",
        [
            page(0, "/a"),
            goal(1, "buy"),
            act(2, "connect"),
            act(3, "chain"),
            act(4, "signature", properties={"status": "requested"}),
            act(5, "transaction", properties={"status": "confirmed"}),
            act(6, "transaction", properties={"hash": "0x"}),
            act(7, "signature"),
            act(8, "decoded_log", name="Swap"),
            act(9, "disconnect"),
        ],
        [
            (1, "/a", "buy", 1, 100),
            (2, "buy", "connect", 1, 100),
            (3, "connect", "chain", 1, 100),
            (4, "chain", "signature:requested", 1, 100),
            (5, "signature:requested", "transaction:confirmed", 1, 100),
            (6, "transaction:confirmed", "transaction", 1, 100),
            (7, "transaction", "signature", 1, 100),
            (8, "signature", "Swap", 1, 100),
            (9, "Swap", "disconnect", 1, 100),
        ],
        {"max_steps": 10},
    ),
    Case(
        "outbound, engagement, identify and detect are no nodes",
        [
            page(0, "/a"),
            act(1, "outbound", link="https://x.example/"),
            act(2, "engagement"),
            act(3, "identify"),
            act(4, "detect"),
            page(5, "/b"),
        ],
        [(1, "/a", "/b", 1, 100)],
    ),
    Case(
        "as start or end they are",
        [page(0, "/a"), act(1, "identify"), page(2, "/b"), act(3, "outbound", link="https://x/")],
        [(1, "identify", "/b", 1, 100), (2, "/b", "outbound__END_MATCH__", 1, 100)],
        {
            "start_step": {"type": "event", "event": "identify"},
            "end_step": {"type": "event", "event": "outbound"},
        },
    ),
    Case(
        "repeated nodes are kept",
        REPEATS,
        [
            (1, "/a", "/a", 1, 100),
            (2, "/a", "/b", 1, 100),
            (3, "/b", "/b", 1, 100),
            (4, "/b", "/a", 1, 100),
        ],
    ),
    Case(
        "at most four transitions where no number is given",
        [*WALK, page(50, "/f")],
        [
            (1, "/a", "/b", 1, 100),
            (2, "/b", "/c", 1, 100),
            (3, "/c", "/d", 1, 100),
            (4, "/d", "/e", 1, 100),
        ],
    ),
    Case(
        "max_steps less than 2 is taken as 2",
        WALK,
        [(1, "/a", "/b", 1, 100), (2, "/b", "/c", 1, 100)],
        {"max_steps": 0},
    ),
    Case(
        "max_steps more than 10 is taken as 10",
        [page(k, f"/{k:02}") for k in range(14)],
        [(k, f"/{k - 1:02}", f"/{k:02}", 1, 100) for k in range(1, 11)],
        {"max_steps": 99},
    ),
]

STEPS = [
    Case(
        "a page's path is compared exactly",
        [page(0, "/Pool"), page(1, "/pool/"), page(2, "/pool"), page(3, "/x")],
        [(1, "/pool", "/x", 1, 100)],
        {"start_step": on("/pool")},
    ),
    Case(
        "a star stands within a segment",
        [page(0, "/pool/a/b"), page(1, "/pool/a"), page(2, "/x")],
        [(1, "/pool/a", "/x", 1, 100)],
        {"start_step": on("/pool/*")},
    ),
    Case(
        "two stars stand across segments",
        [page(0, "/pools"), page(1, "/pool/a/b"), page(2, "/x")],
        [(1, "/pool/a/b", "/x", 1, 100)],
        {"start_step": on("/pool/**")},
    ),
    Case(
        "page views without a path are all of them",
        [goal(0, "page"), page(1, "/a"), page(2, "/x")],
        [(1, "/a", "/x", 1, 100)],
        {"start_step": {"type": "track", "event": "page"}},
    ),
    Case(
        "a built-in name is a type, under track too, and no goal of that name",
        [goal(0, "connect"), act(1, "connect"), page(2, "/x")],
        [(1, "connect", "/x", 1, 100)],
        {"start_step": {"type": "track", "event": "connect", "resolved_event": "connect"}},
    ),
    Case(
        "the resolved name counts, and a goal is no contract event",
        [act(0, "decoded_log", name="swap"), goal(1, "Swap"), goal(2, "swap"), page(3, "/x")],
        [(1, "swap", "/x", 1, 100)],
        {"start_step": {"type": "event", "event": "Buy", "resolved_event": "swap"}},
    ),
    Case(
        "a contract event by its name",
        [
            goal(0, "Swap"),
            act(1, "decoded_log", name="Burn"),
            act(2, "decoded_log", name="Swap"),
            page(3, "/x"),
        ],
        [(1, "Swap", "/x", 1, 100)],
        {"start_step": {"type": "decoded_log", "event": "Swap"}},
    ),
    Case(
        "a transaction by its function and its status, of which success is confirmed",
        [
            act(0, "transaction", properties={"status": "confirmed", "function_name": "burn"}),
            act(1, "transaction", properties={"status": "started", "function_name": "swap"}),
            act(2, "signature", properties={"status": "confirmed", "function_name": "swap"}),
            act(3, "transaction", properties={"status": "confirmed", "function_name": "swap"}),
            page(4, "/x"),
        ],
        [(1, "transaction:confirmed", "/x", 1, 100)],
        {
            "start_step": {
                "type": "transaction",
                "event": "swap",
                "resolved_event": "swap",
                "status_type": "transaction",
                "status_value": "success",
            }
        },
    ),
    Case(
        "a transaction by its own name, whatever its function",
        [
            act(0, "signature"),
            act(1, "transaction", properties={"function_name": "burn"}),
            page(2, "/x"),
        ],
        [(1, "transaction", "/x", 1, 100)],
        {"start_step": {"type": "transaction", "event": "transaction"}},
    ),
    Case(
        "a transaction by the name of the event",
        [act(0, "transaction", name="burn"), act(1, "transaction", name="swap"), page(2, "/x")],
        [(1, "transaction", "/x", 1, 100)],
        {"start_step": {"type": "transaction", "event": "swap"}},
    ),
    Case(
        "a step's filters test that event alone",
        [page(0, "/a"), page(1, "/b", title="Shop"), page(2, "/c")],
        [(1, "/b", "/c", 1, 100)],
        {"start_step": {**ALL_PAGES, "filters": [where("page_title", "equals", "Shop")]}},
    ),
    Case(
        "a global filter on what only some events have takes the others out of the paths",
        [
            act(0, "connect", properties=WALLET),
            page(1, "/a"),
            act(2, "transaction", properties=WALLET),
            page(3, "/b"),
        ],
        [(1, "connect", "transaction", 1, 100)],
        {
            "start_step": {"type": "track", "event": "connect"},
            "global_filters": [
                where("provider_name", "equals", "MetaMask"),
                where("chain_id", "equals", "1"),
            ],
        },
    ),
    Case(
        "a global filter holds for the start too",
        [page(0, "/a"), page(1, "/b", title="Shop"), page(2, "/c", title="Shop")],
        [(1, "/b", "/c", 1, 100)],
        {"global_filters": [where("page_title", "notEmpty")]},
    ),
]

ENDS = [
    Case(
        "the path is cut at the first end, and only sessions that reach it count",
        [*TO_BUY, page(0, "/a", 2), page(1, "/b", 2)],
        [(1, "/a", "/b", 1, 100), (2, "/b", "buy__END_MATCH__", 1, 100)],
        {"end_step": BUY},
    ),
    Case(
        "an end with the start's label comes after it",
        [page(0, "/a"), page(1, "/b"), page(2, "/a"), page(3, "/c")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/a__END_MATCH__", 1, 100)],
        {"start_step": on("/a"), "end_step": on("/a")},
    ),
    Case(
        "a start that matches the end is not the end",
        [page(0, "/a"), page(1, "/b")],
        [],
        {"start_step": on("/a"), "end_step": on("/a")},
    ),
    Case(
        "an end at the start's time that arrived before it is none",
        [goal(0, "buy"), page(0, "/a"), page(1, "/b")],
        [],
        {"end_step": BUY},
    ),
    Case(
        "an end beyond max_steps is not shown, its session counts",
        [page(0, "/a"), page(1, "/b"), page(2, "/c"), goal(3, "buy")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/c", 1, 100)],
        {"end_step": BUY, "max_steps": 2},
    ),
    Case(
        "an end at max_steps is shown",
        TO_BUY,
        [(1, "/a", "/b", 1, 100), (2, "/b", "buy__END_MATCH__", 1, 100)],
        {"end_step": BUY, "max_steps": 2},
    ),
    Case(
        "an end past the window is none",
        TO_BUY,
        [],
        {"end_step": BUY, "window_seconds": 19},
    ),
    Case(
        "an end that a global filter takes out is none",
        [*TO_BUY, goal(50, "buy", path="/x")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/c", 1, 100), (3, "/c", "buy__END_MATCH__", 1, 100)],
        {"end_step": BUY, "global_filters": [where("page_path", "notEmpty")]},
    ),
]

OPTIONS = [
    Case(
        "collapse_repeats makes equal labels in a row one node",
        REPEATS,
        [(1, "/a", "/b", 1, 100), (2, "/b", "/a", 1, 100)],
        {"collapse_repeats": "true"},
    ),
    Case(
        "collapsing comes before the depth",
        [page(k, "/a") for k in range(20)] + [page(30, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"collapse_repeats": "true", "max_steps": 2},
    ),
    Case(
        "an end keeps its own node when repeats collapse",
        [page(0, "/a"), page(1, "/b"), page(2, "/b", title="Shop")],
        [(1, "/a", "/b", 1, 100), (2, "/b", "/b__END_MATCH__", 1, 100)],
        {"collapse_repeats": "true", "end_step": on("/b", where("page_title", "equals", "Shop"))},
    ),
    Case(
        "excluded labels go and the path closes over them",
        [page(0, "/a"), act(1, "connect"), page(2, "/login"), page(3, "/blog/x"), page(4, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"exclude": "/login,connect,/blog/*"},
    ),
    Case(
        "excluded labels and steps as JSON",
        [page(0, "/a"), goal(1, "x,y"), page(2, "/b", title="Shop"), page(3, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"exclude": ["x,y", on("/b", where("page_title", "equals", "Shop"))]},
    ),
    Case(
        "a label with a status can be excluded",
        [
            page(0, "/a"),
            act(1, "signature", properties={"status": "requested"}),
            act(2, "signature", properties={"status": "confirmed"}),
        ],
        [(1, "/a", "signature:confirmed", 1, 100)],
        {"exclude": "signature:requested"},
    ),
    Case(
        "the start event stays though its label is excluded",
        [page(0, "/a"), page(1, "/a"), page(2, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"exclude": "/a"},
    ),
    Case(
        "the end stays though its label is excluded",
        TO_BUY,
        [(1, "/a", "/b", 1, 100), (2, "/b", "buy__END_MATCH__", 1, 100)],
        {"exclude": "buy", "end_step": BUY},
    ),
    Case(
        "repeats collapse after what lies between is excluded",
        [page(0, "/a"), act(1, "connect"), page(2, "/a"), page(3, "/b")],
        [(1, "/a", "/b", 1, 100)],
        {"exclude": "connect", "collapse_repeats": "true"},
    ),
    Case(
        "nodes_per_step keeps the largest of each column, ties by label",
        [
            page(0, "/a", 1),
            page(1, "/x", 1),
            page(0, "/a", 2),
            page(1, "/x", 2),
            page(0, "/b", 3),
            page(1, "/y", 3),
            page(0, "/c", 4),
            page(1, "/z", 4),
        ],
        [(1, "/a", "/x", 2, 50), (1, "/b", "/y", 1, 25), (1, "Others", "Others", 1, 25)],
        {"nodes_per_step": 2},
    ),
    Case(
        "ends are never grouped and take no place",
        [
            page(0, "/a", 1),
            goal(1, "buy", 1),
            page(0, "/a", 2),
            goal(1, "buy", 2),
            page(0, "/a", 3),
            page(1, "/x", 3),
            goal(2, "buy", 3),
            page(0, "/a", 4),
            page(1, "/y", 4),
            goal(2, "buy", 4),
        ],
        [
            (1, "/a", "buy__END_MATCH__", 2, 50),
            (1, "/a", "/x", 1, 25),
            (1, "/a", "Others", 1, 25),
            (2, "/x", "buy__END_MATCH__", 1, 50),
            (2, "Others", "buy__END_MATCH__", 1, 50),
        ],
        {"nodes_per_step": 1, "end_step": BUY},
    ),
    Case(
        "backward: what came before, and step 1 leads to the start event",
        [page(0, "/a"), page(10, "/b"), goal(20, "buy"), page(30, "/c")],
        [(1, "/b", "buy", 1, 100), (2, "/a", "/b", 1, 100)],
        {"start_step": BUY, "direction": "backward"},
    ),
    Case(
        "backward: ties by arrival, and the window inclusive",
        [page(-60.001, "/z"), page(-60, "/a"), page(0, "/b"), goal(0, "buy"), page(0, "/c")],
        [(1, "/b", "buy", 1, 100), (2, "/a", "/b", 1, 100)],
        {"start_step": BUY, "direction": "backward", "window_seconds": 60},
    ),
    Case(
        "backward: from the earliest start inside the dates, past dateFrom",
        [
            page(-12 * HOUR - 1, "/a"),
            goal(-12 * HOUR, "buy"),
            page(-12 * HOUR + 1, "/b"),
            goal(-12 * HOUR + 2, "buy"),
        ],
        [(1, "/a", "buy", 1, 100)],
        {"start_step": BUY, "direction": "backward"},
    ),
    Case(
        "backward: an end is the first match going back",
        [
            page(0, "/a"),
            page(1, "/a"),
            page(2, "/b"),
            goal(3, "buy"),
            page(0, "/x", 2),
            goal(1, "buy", 2),
        ],
        [(1, "/b", "buy", 1, 100), (2, "/a__END_MATCH__", "/b", 1, 100)],
        {"start_step": BUY, "end_step": on("/a"), "direction": "backward"},
    ),
    Case(
        "drop_off shows where paths ended, and the step's rows sum to 100",
        THREE,
        [
            (1, "/a", "/b", 2, 66.67),
            (1, "/a", "__DROP_OFF__", 1, 33.33),
            (2, "/b", "/c", 1, 50),
            (2, "/b", "__DROP_OFF__", 1, 50),
            (3, "/c", "__DROP_OFF__", 1, 100),
        ],
        {"drop_off": "true"},
    ),
    Case(
        "a path cut by max_steps did not drop off",
        [
            page(0, "/a", 1),
            page(1, "/b", 1),
            page(2, "/c", 1),
            page(3, "/d", 1),
            page(0, "/a", 2),
            page(1, "/b", 2),
        ],
        [(1, "/a", "/b", 2, 100), (2, "/b", "/c", 1, 50), (2, "/b", "__DROP_OFF__", 1, 50)],
        {"drop_off": "true", "max_steps": 2},
    ),
    Case(
        "nobody drops off at an end",
        TO_BUY,
        [(1, "/a", "/b", 1, 100), (2, "/b", "buy__END_MATCH__", 1, 100)],
        {"drop_off": "true", "end_step": BUY},
    ),
    Case(
        "backward: a path that ended has its drop-off on the earlier side",
        [page(0, "/b"), goal(1, "buy"), goal(0, "buy", 2)],
        [
            (1, "/b", "buy", 1, 50),
            (1, "__DROP_OFF__", "buy", 1, 50),
            (2, "__DROP_OFF__", "/b", 1, 100),
        ],
        {"start_step": BUY, "direction": "backward", "drop_off": "true"},
    ),
    Case(
        "percentages round half up",
        [
            event
            for k in range(1, 33)
            for event in (page(0, "/a", k), page(1, "/y" if k == 1 else "/x", k))
        ],
        [(1, "/a", "/x", 31, 96.88), (1, "/a", "/y", 1, 3.13)],
    ),
    Case(
        "percentages of those leaving the source",
        [*THREE, page(0, "/x", 4), page(1, "/b", 4), page(0, "/a", 5), page(1, "/c", 5)],
        [
            (1, "/a", "/b", 2, 66.67),
            (1, "/a", "/c", 1, 33.33),
            (1, "/x", "/b", 1, 100),
            (2, "/b", "/c", 1, 100),
        ],
        {"percentage_base": "source"},
    ),
    Case(
        "backward, those leaving the source are those at the node nearer to the start",
        [
            page(0, "/x", 1),
            page(1, "/b", 1),
            goal(2, "buy", 1),
            page(0, "/y", 2),
            page(1, "/b", 2),
            goal(2, "buy", 2),
            page(0, "/x", 3),
            page(1, "/c", 3),
            goal(2, "buy", 3),
        ],
        [
            (1, "/b", "buy", 2, 66.67),
            (1, "/c", "buy", 1, 33.33),
            (2, "/x", "/b", 1, 50),
            (2, "/x", "/c", 1, 100),
            (2, "/y", "/b", 1, 50),
        ],
        {"start_step": BUY, "direction": "backward", "percentage_base": "source"},
    ),
    Case(
        "percentages of those leaving the source count who dropped off, where it is shown",
        THREE,
        [
            (1, "/a", "/b", 2, 66.67),
            (1, "/a", "__DROP_OFF__", 1, 33.33),
            (2, "/b", "/c", 1, 50),
            (2, "/b", "__DROP_OFF__", 1, 50),
            (3, "/c", "__DROP_OFF__", 1, 100),
        ],
        {"percentage_base": "source", "drop_off": "true"},
    ),
    Case(
        "percentages of all sessions with a start, whether they go on or not",
        THREE,
        [(1, "/a", "/b", 2, 66.67), (2, "/b", "/c", 1, 33.33)],
        {"percentage_base": "start"},
    ),
    Case(
        "percentages of all sessions with a start, whether they reach the end or not",
        THREE,
        [(1, "/a", "/b", 1, 33.33), (2, "/b", "/c__END_MATCH__", 1, 33.33)],
        {"percentage_base": "start", "end_step": on("/c")},
    ),
    Case(
        "limit and offset cut the rows, not the percentages",
        [*THREE, page(0, "/x", 4), page(1, "/b", 4)],
        [(1, "/x", "/b", 1, 33.33)],
        {"limit": 1, "offset": 1},
        total=3,
    ),
]

PHONE, DESK = Facts(device="Mobile"), Facts(device="Desktop")

REPORTS = [
    Case(
        "a session filter keeps whole sessions",
        [
            page(0, "/a", 1, facts=PHONE),
            page(1, "/b", 1, facts=DESK),
            page(0, "/a", 2, facts=DESK),
            page(1, "/c", 2, facts=PHONE),
        ],
        [(1, "/a", "/b", 1, 100)],
        {"filter_device": "mobile"},
        is_report=True,
    ),
    Case(
        "without dates all time, and a session may have begun before the period",
        [
            page(-12 * HOUR - 1, "/a"),
            page(-12 * HOUR, "/b"),
            page(-12 * HOUR + 1, "/c"),
            page(-40 * DAY, "/a", 2),
            page(-40 * DAY + 1, "/b", 2),
        ],
        [(1, "/b", "/c", 1, 100)],
        {"startAt": "2026-03-02", "endAt": "2026-03-02"},
        is_report=True,
    ),
    Case(
        "without dates all time",
        [page(-40 * DAY, "/a", 2), page(-40 * DAY + 1, "/b", 2), page(0, "/a"), page(1, "/b")],
        [(1, "/a", "/b", 2, 100)],
        is_report=True,
    ),
    Case(
        "the website's time zone bounds the start",
        [page(11 * HOUR + 60, "/a"), page(11 * HOUR + 61, "/b")],
        [],
        {"startAt": "2026-03-02", "endAt": "2026-03-02"},
        is_report=True,
        zone="Europe/Berlin",
    ),
    Case(
        "a page filter keeps sessions that saw the page, even outside the path",
        [
            page(0, "/seen", 1),
            page(1, "/a", 1),
            page(2, "/b", 1),
            page(0, "/a", 2),
            page(1, "/b", 2),
        ],
        [(1, "/a", "/b", 1, 100)],
        {"start_step": on("/a"), "filter_page": "/seen"},
        is_report=True,
    ),
    Case(
        "a goal filter keeps the sessions of visitors who completed it in the period",
        [
            page(0, "/a", 1),
            page(1, "/b", 1),
            goal(HOUR, "buy", 1),
            page(0, "/a", 2),
            page(1, "/c", 2),
            goal(13 * HOUR, "buy", 2),
        ],
        [(1, "/a", "/b", 1, 100)],
        {"startAt": "2026-03-02", "endAt": "2026-03-02", "filter_goal": "buy"},
        is_report=True,
    ),
]

CASES = [*TIME, *WHO, *NODES, *STEPS, *ENDS, *OPTIONS, *REPORTS]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("flow"))
    yield opened
    opened.engine.close()


def ask(side: str, bench: Bench, case: Case) -> tuple[list[tuple[Any, ...]], int]:
    dates = {} if case.is_report else TODAY
    asked = {"start_step": ALL_PAGES, **dates, **case.asked}
    given = {name: value for name, value in asked.items() if value is not None}
    put = Put("flow", params_of(given), AFTER_ALL, case.is_report)
    rows, total = ask_side(side, bench, traffic_of(case.log, case.zone), put)
    names = ("step", "source", "target", "transitions", "percentage")
    return [tuple(row[name] for name in names) for row in rows], total


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
@pytest.mark.parametrize("side", SIDES)
def test_flow(side: str, case: Case, bench: Bench) -> None:
    rows, total = ask(side, bench, case)
    wanted = [(*row[:4], Decimal(str(row[4]))) for row in case.rows]
    assert (rows, total) == (wanted, len(wanted) if case.total is None else case.total)


SAFARI = Facts(
    hostname="www.shop.example",
    referrer="google.com",
    channel="Organic Search",
    utm_source="x",
    country="AT",
    region="Vienna",
    city="Vienna",
    device="Mobile",
    browser="Mobile Safari",
    os="iOS",
    language="de-at",
    referrer_url="https://google.com/search",
    timezone="Europe/Vienna",
    sdk_version="1",
)
PROPERTIES = {
    "text": "Ab|c",
    "number": 12,
    "part": -0.5,
    "digits": "7",
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [1],
    "user": {"plan": "pro", "age": 30, "more": {"on": True}},
    "huge": 1e18,
    "quote": 'it\'s "so" \\ {x}',
    "": "empty",
}

CONDITIONS = [
    (where("text", "equals", "Ab|c"), True),
    (where("text", "equals", "ab|c"), False),
    (where("text", "notEquals", "Ab"), True),
    (where("missing", "notEquals", "Ab"), True),
    (where("missing", "equals", ""), True),
    (where("number", "equals", "12"), True),
    (where("number", "equals", 12), True),
    (where("yes", "equals", True), True),
    (where("yes", "equals", "true"), True),
    (where("no", "equals", "false"), True),
    (where("nothing", "isEmpty"), True),
    (where("list", "isEmpty"), True),
    (where("user", "isEmpty"), True),
    (where("missing", "isEmpty"), True),
    (where("no", "notEmpty"), True),
    (where("nothing", "notEmpty"), False),
    (where("user.plan", "equals", "pro"), True),
    (where("user.age", "gte", "30"), True),
    (where("user.more.on", "equals", "true"), True),
    (where("user.more.off", "isEmpty"), True),
    (where("text.plan", "isEmpty"), True),
    (where("text", "in", values=["x", "Ab|c"]), True),
    (where("text", "in", "x|Ab|c"), False),
    (where("text", "in", "x|Ab\\|c"), True),
    (where("text", "in", "Ab|c", values=["x"]), False),
    (where("text", "notIn", values=["x"]), True),
    (where("text", "notIn", values=["x", "Ab|c"]), False),
    (where("missing", "notIn", values=["x"]), True),
    (where("number", "in", values=[11, 12]), True),
    (where("quote", "equals", 'it\'s "so" \\ {x}'), True),
    (where("quote", "in", 'y|it\'s "so" \\\\ {x}'), True),
    (where("number", "gt", "9"), True),
    (where("number", "gt", 12), False),
    (where("number", "gte", 12.0), True),
    (where("part", "lt", "-0.25"), True),
    (where("part", "lte", "-0.5"), True),
    (where("digits", "lt", "12"), True),
    (where("huge", "gt", "999999999999999"), True),
    (where("number", "lt", "1e18"), True),
    (where("text", "gt", "1"), False),
    (where("text", "lt", "1"), False),
    (where("missing", "lt", "1"), False),
    (where("yes", "gte", "0"), False),
    (where("text", "startsWith", "Ab"), True),
    (where("text", "startsWith", "ab"), False),
    (where("text", "endsWith", "|c"), True),
    (where("text", "endsWith", "C"), False),
    (where("text", "includes", "b|"), True),
    (where("text", "contains", "%"), False),
    ({"field": "text", "op": "eq", "value": "Ab|c"}, True),
    ({"field": "text", "op": "neq", "value": "Ab|c"}, False),
    ({"field": "text", "op": "nin", "values": ["Ab|c"]}, False),
    ({"field": "text", "op": "contains", "value": "b"}, True),
    (where("device", "equals", "mobile"), True),
    (where("device", "equals", "mobile-ios"), True),
    (where("device", "equals", "mobile-android"), False),
    (where("device", "equals", "Mobile"), False),
    (where("device", "notEquals", "mobile"), False),
    (where("device", "in", values=["desktop", "mobile"]), True),
    (where("device", "notIn", values=["desktop", "mobile"]), False),
    (where("browser", "equals", "safari"), True),
    (where("browser", "equals", "Safari"), False),
    (where("os", "equals", "ios"), True),
    (where("location", "equals", "AT"), True),
    (where("country", "equals", "at"), False),
    (where("region", "equals", "Vienna"), True),
    (where("city", "startsWith", "Vi"), True),
    (where("referrer", "contains", "google"), True),
    (where("referrer_url", "endsWith", "/search"), True),
    (where("ref", "isEmpty"), True),
    (where("utm_source", "in", values=["x", "farcaster"]), True),
    (where("channel_type", "equals", "Organic Search"), True),
    (where("origin", "equals", "shop.example"), True),
    (where("page_path", "equals", "/start"), True),
    (where("page_title", "equals", "Start"), True),
    (where("locale", "equals", "de-AT"), True),
    (where("locale", "startsWith", "DE"), True),
    (where("timezone", "equals", "Europe/Vienna"), True),
    (where("version", "equals", "1"), True),
    (where("event", "isEmpty"), True),
    (where("type", "equals", "page"), True),
    (where("address", "equals", "0xAb"), True),
    (where("address", "equals", "0xab"), False),
]


@pytest.fixture(scope="module")
def tested(bench: Bench) -> Any:
    """One page with everything, then another, in both stores."""
    first = page(0, "/start", title="Start", address="0xAb", facts=SAFARI, properties=PROPERTIES)
    return bench.load(traffic_of([first, page(1, "/next")]))


@pytest.mark.parametrize(("condition", "is_kept"), CONDITIONS)
def test_condition(condition: dict[str, Any], is_kept: bool, bench: Bench, tested: Any) -> None:
    """Both sides at once; the first page starts a path or not."""
    asked = {"start_step": on("/start", condition), **TODAY}
    put = Put("flow", params_of(asked), AFTER_ALL)
    website = tested.websites[0]
    plain = put.plainly(store_plainly(tested.records, website), website)
    assert (len(plain[0]), len(put.really(bench, website)[0])) == (is_kept, is_kept)
