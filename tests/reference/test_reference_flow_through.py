"""Flow's anchors, its two ways to treat the end, and its revenue, one rule at a time, as in
test_reference_flow."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from reference.ask import Asked
from reference.flow import Flow
from reference.flow_case import AFTER_ALL, BUY, DAY, HOUR, THREE, TODAY, Case, on
from reference.path_question import (
    ALL_PAGES,
    ENGINE,
    SIDES,
    Arrival,
    Put,
    act,
    at,
    page,
    params_of,
    traffic_of,
    walk,
)
from reference.side_by_side import Bench, store_plainly
from reference.small_log import paid

MARK = {"end_step": on("/c"), "end_mode": "mark"}
LOG = [*walk("0 /a, 1 /b, 2 /c"), *walk("0 /a, 1 /c", 2), *walk("0 /a, 1 /b", 3)]
END = [
    Case(
        "end_mode=mark keeps those who do not reach the end",
        THREE,
        "1 /a /b 2 100, 2 /b /c__END_MATCH__ 1 100",
        MARK,
    ),
    Case(
        "end and drop-off are in one picture",
        THREE,
        """
        1 /a /b 2 66.67
        1 /a __DROP_OFF__ 1 33.33
        2 /b /c__END_MATCH__ 1 50
        2 /b __DROP_OFF__ 1 50
        """,
        {**MARK, "drop_off": "true"},
    ),
    Case(
        "a path is still cut at the end",
        walk("0 /a, 1 /c, 2 /d"),
        "1 /a /c__END_MATCH__ 1 100",
        {**MARK, "drop_off": "true"},
    ),
    Case(
        "an end past the window is not reached",
        walk("0 /a, 1 /b, 61 /c"),
        "1 /a /b 1 100, 2 /b __DROP_OFF__ 1 100",
        {**MARK, "drop_off": "true", "window_seconds": 60},
    ),
    Case(
        "ends keep their own node among Others",
        [*THREE, *walk("0 /a, 1 /c", 4), *walk("0 /a, 1 /d", 5)],
        """
        1 /a /b 2 40
        1 /a /c__END_MATCH__ 1 20
        1 /a Others 1 20
        1 /a __DROP_OFF__ 1 20
        2 /b /c__END_MATCH__ 1 33.33
        2 /b __DROP_OFF__ 1 33.33
        2 Others __DROP_OFF__ 1 33.33
        """,
        {**MARK, "drop_off": "true", "nodes_per_step": 1},
    ),
    Case(
        "backward, too",
        walk("0 /c, 1 /a, 2 buy") + walk("0 /a, 1 buy", 2),
        """
        1 /a buy 2 100
        2 /c__END_MATCH__ /a 1 50
        2 __DROP_OFF__ /a 1 50
        """,
        {**MARK, "drop_off": "true", "start_step": BUY, "direction": "backward"},
    ),
    Case(
        "end_mode changes nothing without an end",
        LOG[:3],
        "1 /a /b 1 100, 2 /b /c 1 100",
        {"end_mode": "mark"},
    ),
]
ANCHORS = [
    Case(
        "an anchor keeps the paths that pass through it",
        LOG,
        "1 /a /b 2 100, 2 /b /c 1 100",
        {"anchors": [on("/b")]},
    ),
    Case(
        "the start event is no anchor",
        walk("0 /a, 1 /b") + walk("0 /a, 1 /a", 2),
        "1 /a /a 1 100",
        {"anchors": [on("/a")]},
    ),
    Case(
        "neither is the end",
        LOG,
        "1 /a /b 1 100, 2 /b /c__END_MATCH__ 1 100",
        {"anchors": [on("/*")], "end_step": on("/c")},
    ),
    Case(
        "what comes after the end is none",
        walk("0 /a, 1 /c, 2 /b, 3 /c"),
        "",
        {"anchors": [on("/b")], "end_step": on("/c")},
    ),
    Case(
        "several anchors are passed in their order",
        walk("0 /a, 1 /b, 2 /c, 3 /d") + walk("0 /a, 1 /c, 2 /b, 3 /d", 2),
        "1 /a /b 1 100, 2 /b /c 1 100, 3 /c /d 1 100",
        {"anchors": [on("/b"), on("/c")]},
    ),
    Case(
        "one event is never two anchors",
        walk("0 /a, 1 /b, 2 /c") + walk("0 /a, 1 /b, 2 /b", 2),
        "1 /a /b 1 100, 2 /b /b 1 100",
        {"anchors": [on("/b"), on("/b")]},
    ),
    Case(
        "an anchor past max_steps counts",
        walk("0 /a, 1 /b, 2 /c, 3 /d"),
        "1 /a /b 1 100, 2 /b /c 1 100",
        {"anchors": [on("/d")], "max_steps": 2},
    ),
    Case(
        "one past the window does not",
        walk("0 /a, 1 /b, 61 /c"),
        "",
        {"anchors": [on("/c")], "window_seconds": 60},
    ),
    Case(
        "what is not a node, or is excluded, can be an anchor and stays out of the path",
        [*walk("0 /a"), act(1, "outbound", link="https://x/"), *walk("2 /login, 3 /b")],
        "1 /a /b 1 100",
        {
            "anchors": [{"type": "event", "event": "outbound"}, on("/login")],
            "exclude": "/login",
        },
    ),
    Case(
        "backward, anchors are passed in the order of the path",
        walk("0 /c, 1 /b, 2 /a") + walk("0 /b, 1 /c, 2 /a", 2),
        "1 /b /a 1 100, 2 /c /b 1 100",
        {"start_step": on("/a"), "direction": "backward", "anchors": [on("/b"), on("/c")]},
    ),
    Case(
        "with end_mode=mark those who do not reach the end pass through, too",
        [*LOG, *walk("0 /a, 1 /d", 4)],
        "1 /a /b 2 100, 2 /b /c__END_MATCH__ 1 50, 2 /b __DROP_OFF__ 1 50",
        {**MARK, "anchors": [on("/b")], "drop_off": "true"},
    ),
]
REVENUE = [
    Case(
        "a session's payments count on each of its transitions",
        [
            *walk("0 /a, 1 /b"),
            paid(at(2), "10"),
            paid(at(3), "5.5", "renewal"),
            *walk("0 /a, 1 /b", 2),
        ],
        "1 /a /b 2 100 15.50, 2 /b payment 1 100 15.50",
        {"revenue": "true"},
    ),
    Case(
        "refunds, and payments without a rate, do not",
        [
            *walk("0 /a, 1 /b"),
            paid(at(2), "10", "refund"),
            paid(at(3), "7", "renewal", currency="XTS", amount="0", is_converted=False),
        ],
        "1 /a /b 1 100 0",
        {"revenue": "true"},
    ),
    Case(
        "a payment outside the period does not, though its session is in the path",
        [
            page(12 * HOUR - 2, "/a"),
            page(12 * HOUR - 1, "/b"),
            paid(at(12 * HOUR), "10", "renewal"),
        ],
        "1 /a /b 1 100 0",
        {"revenue": "true"},
    ),
    Case(
        "nor one of another session of the visitor",
        [*walk("0 /a, 1 /b"), *walk("7200 /c"), paid(at(7201), "10", "renewal")],
        "1 /a /b 1 100 0",
        {"revenue": "true", "start_step": on("/a")},
    ),
    Case(
        "Others add up their money",
        [
            *walk("0 /a, 1 /b"),
            *walk("0 /a, 1 /b", 2),
            *walk("0 /a, 1 /c", 3),
            paid(at(2), "1", "renewal", visitor=3),
            *walk("0 /a, 1 /d", 4),
            paid(at(2), "2", "renewal", visitor=4),
        ],
        "1 /a /b 2 50 0, 1 /a Others 2 50 3",
        {"revenue": "true", "nodes_per_step": 1},
    ),
]
CASES = [*END, *ANCHORS, *REVENUE]


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


def totals(side: str, bench: Bench, log: list[Arrival], **asked: Any) -> dict[str, Any]:
    given = {"start_step": ALL_PAGES, "revenue": "true"} | TODAY | asked
    put, traffic = Put("flow", params_of(given), AFTER_ALL), traffic_of(log)
    if side == ENGINE:
        return put.totals(bench, bench.loaded(traffic).websites[0])
    website = traffic.websites[0]
    return Flow(
        Asked(store_plainly(traffic.records, website), put.params, website, AFTER_ALL)
    ).totals()


@pytest.mark.parametrize("side", SIDES)
def test_totals_tell_ends_that_are_not_drawn(side: str, bench: Bench) -> None:
    """One reaches the end at once, one beyond max_steps, one not at all; one never starts."""
    log = [
        *walk("0 /a, 1 /c"),
        *walk("0 /a, 1 /b, 2 /b, 3 /b, 4 /c", 2),
        paid(at(5), "20", "renewal", visitor=2),
        *walk("0 /a, 1 /b", 3),
        paid(at(5), "5", "renewal", visitor=3),
        paid(at(5), "7", "renewal", visitor=3, currency="XTS", amount="0", is_converted=False),
        *walk("0 /x, 1 /c", 4),
        paid(at(2 * DAY), "99", "renewal", visitor=1),
    ]
    asked = {"start_step": on("/a"), "end_step": on("/c"), "max_steps": 2}
    found = totals(side, bench, log, end_mode="mark", **asked)
    assert found == {
        "started": 3,
        "paths": 3,
        "reached_end": 2,
        "beyond_max_steps": 1,
        "revenue": Decimal(25),
        "reached_end_revenue": Decimal(20),
        "beyond_max_steps_revenue": Decimal(20),
        "currency": "EUR",
        "unconverted": [{"currency": "XTS", "amount": Decimal(7)}],
    }
    only = totals(side, bench, log, **asked)
    assert (only["started"], only["paths"], only["revenue"]) == (3, 2, Decimal(20))
    assert only["unconverted"] == []
    collapsed = totals(side, bench, log, collapse_repeats="true", **asked)
    assert (collapsed["reached_end"], collapsed["beyond_max_steps"]) == (2, 0)


@pytest.mark.parametrize("side", SIDES)
def test_totals_without_an_end_say_nothing_about_it(side: str, bench: Bench) -> None:
    found = totals(side, bench, [*THREE])
    assert (found["started"], found["paths"], found["revenue"]) == (3, 3, Decimal(0))
    assert found["reached_end"] is found["beyond_max_steps"] is None
    assert found["reached_end_revenue"] is found["beyond_max_steps_revenue"] is None
