"""Flow's options and its filters on sessions, one rule at a time, as in test_reference_flow."""

from collections.abc import Iterator

import pytest

from footfall.model.fact import Facts
from reference.flow_case import BUY, DAY, HOUR, REPEATS, THREE, TO_BUY, Case, on, where
from reference.path_question import SIDES, at, goal, page, traffic_of, walk
from reference.side_by_side import Bench
from reference.small_log import paid

OPTIONS = [
    Case(
        "collapse_repeats makes equal labels in a row one node",
        REPEATS,
        "1 /a /b 1 100, 2 /b /a 1 100",
        {"collapse_repeats": "true"},
    ),
    Case(
        "collapsing comes before the depth",
        [page(k, "/a") for k in range(20)] + [page(30, "/b")],
        "1 /a /b 1 100",
        {"collapse_repeats": "true", "max_steps": 2},
    ),
    Case(
        "an end keeps its own node when repeats collapse",
        [*walk("0 /a, 1 /b"), page(2, "/b", title="Shop")],
        "1 /a /b 1 100, 2 /b /b__END_MATCH__ 1 100",
        {"collapse_repeats": "true", "end_step": on("/b", where("page_title", "equals", "Shop"))},
    ),
    Case(
        "excluded labels go and the path closes over them",
        walk("0 /a, 1 connect, 2 /login, 3 /blog/x, 4 /b"),
        "1 /a /b 1 100",
        {"exclude": "/login,connect,/blog/*"},
    ),
    Case(
        "an excluded label with a star is any node's, not only a page's",
        [*walk("0 /a"), goal(1, "/blog/x"), *walk("2 /b")],
        "1 /a /b 1 100",
        {"exclude": "/blog/*"},
    ),
    Case(
        "excluded labels and steps as JSON",
        [*walk("0 /a"), goal(1, "x,y"), page(2, "/b", title="Shop"), *walk("3 /b")],
        "1 /a /b 1 100",
        {"exclude": ["x,y", on("/b", where("page_title", "equals", "Shop"))]},
    ),
    Case(
        "a label with a status can be excluded",
        walk("0 /a, 1 signature:requested, 2 signature:confirmed"),
        "1 /a signature:confirmed 1 100",
        {"exclude": "signature:requested"},
    ),
    Case(
        "the start event stays though its label is excluded",
        walk("0 /a, 1 /a, 2 /b"),
        "1 /a /b 1 100",
        {"exclude": "/a"},
    ),
    Case(
        "the end stays though its label is excluded",
        TO_BUY,
        "1 /a /b 1 100, 2 /b buy__END_MATCH__ 1 100",
        {"exclude": "buy", "end_step": BUY},
    ),
    Case(
        "repeats collapse after what lies between is excluded",
        walk("0 /a, 1 connect, 2 /a, 3 /b"),
        "1 /a /b 1 100",
        {"exclude": "connect", "collapse_repeats": "true"},
    ),
    Case(
        "nodes_per_step keeps the largest of each column, ties by label",
        [
            *walk("0 /a, 1 /x"),
            *walk("0 /a, 1 /x", 2),
            *walk("0 /b, 1 /y", 3),
            *walk("0 /c, 1 /z", 4),
        ],
        "1 /a /x 2 50, 1 /b /y 1 25, 1 Others Others 1 25",
        {"nodes_per_step": 2},
    ),
    Case(
        "ends are never grouped and take no place",
        [
            *walk("0 /a, 1 buy"),
            *walk("0 /a, 1 buy", 2),
            *walk("0 /a, 1 /x, 2 buy", 3),
            *walk("0 /a, 1 /y, 2 buy", 4),
        ],
        """
        1 /a buy__END_MATCH__ 2 50
        1 /a /x 1 25
        1 /a Others 1 25
        2 /x buy__END_MATCH__ 1 50
        2 Others buy__END_MATCH__ 1 50
        """,
        {"nodes_per_step": 1, "end_step": BUY},
    ),
    Case(
        "backward: what came before, and step 1 leads to the start event",
        walk("0 /a, 10 /b, 20 buy, 30 /c"),
        "1 /b buy 1 100, 2 /a /b 1 100",
        {"start_step": BUY, "direction": "backward"},
    ),
    Case(
        "backward: ties by arrival, and the window inclusive",
        walk("-60.001 /z, -60 /a, 0 /b, 0 buy, 0 /c"),
        "1 /b buy 1 100, 2 /a /b 1 100",
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
        "1 /a buy 1 100",
        {"start_step": BUY, "direction": "backward"},
    ),
    Case(
        "backward: an end is the first match going back",
        [*walk("0 /a, 1 /a, 2 /b, 3 buy"), *walk("0 /x, 1 buy", 2)],
        "1 /b buy 1 100, 2 /a__END_MATCH__ /b 1 100",
        {"start_step": BUY, "end_step": on("/a"), "direction": "backward"},
    ),
    Case(
        "drop_off shows where paths ended, and the step's rows sum to 100",
        THREE,
        """
        1 /a /b 2 66.67
        1 /a __DROP_OFF__ 1 33.33
        2 /b /c 1 50
        2 /b __DROP_OFF__ 1 50
        3 /c __DROP_OFF__ 1 100
        """,
        {"drop_off": "true"},
    ),
    Case(
        "a path cut by max_steps did not drop off",
        [*walk("0 /a, 1 /b, 2 /c, 3 /d"), *walk("0 /a, 1 /b", 2)],
        "1 /a /b 2 100, 2 /b /c 1 50, 2 /b __DROP_OFF__ 1 50",
        {"drop_off": "true", "max_steps": 2},
    ),
    Case(
        "nobody drops off in the last column, where paths may end or go on",
        walk("0 /a, 1 /b, 2 /c"),
        "1 /a /b 1 100, 2 /b /c 1 100",
        {"drop_off": "true", "max_steps": 2},
    ),
    Case(
        "nobody drops off at an end",
        TO_BUY,
        "1 /a /b 1 100, 2 /b buy__END_MATCH__ 1 100",
        {"drop_off": "true", "end_step": BUY},
    ),
    Case(
        "backward: a path that ended has its drop-off on the earlier side",
        [*walk("0 /b, 1 buy"), *walk("0 buy", 2)],
        "1 /b buy 1 50, 1 __DROP_OFF__ buy 1 50, 2 __DROP_OFF__ /b 1 100",
        {"start_step": BUY, "direction": "backward", "drop_off": "true"},
    ),
    Case(
        "percentages round half up",
        [
            event
            for k in range(1, 33)
            for event in (page(0, "/a", k), page(1, "/y" if k == 1 else "/x", k))
        ],
        "1 /a /x 31 96.88, 1 /a /y 1 3.13",
    ),
    Case(
        "percentages of those leaving the source",
        [*THREE, *walk("0 /x, 1 /b", 4), *walk("0 /a, 1 /c", 5)],
        "1 /a /b 2 66.67, 1 /a /c 1 33.33, 1 /x /b 1 100, 2 /b /c 1 100",
        {"percentage_base": "source"},
    ),
    Case(
        "backward, those leaving the source are those at the node nearer to the start",
        [*walk("0 /x, 1 /b, 2 buy"), *walk("0 /y, 1 /b, 2 buy", 2), *walk("0 /x, 1 /c, 2 buy", 3)],
        "1 /b buy 2 66.67, 1 /c buy 1 33.33, 2 /x /b 1 50, 2 /x /c 1 100, 2 /y /b 1 50",
        {"start_step": BUY, "direction": "backward", "percentage_base": "source"},
    ),
    Case(
        "percentages of those leaving the source count who dropped off, where it is shown",
        THREE,
        """
        1 /a /b 2 66.67
        1 /a __DROP_OFF__ 1 33.33
        2 /b /c 1 50
        2 /b __DROP_OFF__ 1 50
        3 /c __DROP_OFF__ 1 100
        """,
        {"percentage_base": "source", "drop_off": "true"},
    ),
    Case(
        "percentages of all sessions with a start, whether they go on or not",
        THREE,
        "1 /a /b 2 66.67, 2 /b /c 1 33.33",
        {"percentage_base": "start"},
    ),
    Case(
        "percentages of all sessions with a start, whether they reach the end or not",
        THREE,
        "1 /a /b 1 33.33, 2 /b /c__END_MATCH__ 1 33.33",
        {"percentage_base": "start", "end_step": on("/c")},
    ),
    Case(
        "limit and offset cut the rows, not the percentages",
        [*THREE, *walk("0 /x, 1 /b", 4)],
        "1 /x /b 1 33.33",
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
        "1 /a /b 1 100",
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
        "1 /b /c 1 100",
        {"startAt": "2026-03-02", "endAt": "2026-03-02"},
        is_report=True,
    ),
    Case(
        "without dates all time",
        [page(-40 * DAY, "/a", 2), page(-40 * DAY + 1, "/b", 2), *walk("0 /a, 1 /b")],
        "1 /a /b 2 100",
        is_report=True,
    ),
    Case(
        "the website's time zone bounds the start",
        [page(11 * HOUR + 60, "/a"), page(11 * HOUR + 61, "/b")],
        "",
        {"startAt": "2026-03-02", "endAt": "2026-03-02"},
        is_report=True,
        zone="Europe/Berlin",
    ),
    Case(
        "a page filter keeps sessions that saw the page, even outside the path",
        [*walk("0 /seen, 1 /a, 2 /b"), *walk("0 /a, 1 /b", 2)],
        "1 /a /b 1 100",
        {"start_step": on("/a"), "filter_page": "/seen"},
        is_report=True,
    ),
    *(
        Case(
            f"{name}: a payment's session counts whenever it was",
            [page(-2 * DAY, "/seen", session_uid=7), paid(at(0), "10", session_uid=7)],
            "1 payment __DROP_OFF__ 1 100",
            {
                **{"startAt": "2026-03-02", "endAt": "2026-03-02"},
                **{"start_step": {"type": "track", "event": "payment"}, "drop_off": "true"},
                name: "/seen",
            },
            is_report=True,
        )
        for name in ("filter_page", "filter_entry_page")
    ),
    Case(
        "a goal filter keeps the sessions of visitors who completed it in the period",
        [
            *walk("0 /a, 1 /b"),
            goal(HOUR, "buy", 1),
            *walk("0 /a, 1 /c", 2),
            goal(13 * HOUR, "buy", 2),
        ],
        "1 /a /b 1 100",
        {"startAt": "2026-03-02", "endAt": "2026-03-02", "filter_goal": "buy"},
        is_report=True,
    ),
]

CASES = [*OPTIONS, *REPORTS]


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
