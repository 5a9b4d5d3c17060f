"""What people of a funnel paid, one rule at a time, put to the reference and to the real thing.
Seconds count from noon on Monday, 2 March 2026; people are 1, 2, 3 …"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest

from reference.ask import Asked
from reference.flow_case import AFTER_ALL, HOUR, TODAY
from reference.funnel import Funnel
from reference.path_question import ENGINE, SIDES, Arrival, Put, at, params_of, traffic_of, walk
from reference.side_by_side import Bench, store_plainly
from reference.small_log import paid


def goals(*names: str) -> list[dict[str, Any]]:
    return [{"type": "track", "event": name} for name in names]


AB = goals("a", "b")
OPEN = {"funnel_type": "open"}
HALF_A_MINUTE = {"window_seconds": 30}
WALK = walk("0 a, 10 b")
CASES: list[tuple[str, Sequence[Arrival], str, dict[str, Any]]] = [
    ("from the step's event on", [*WALK, paid(at(5), "1"), paid(at(20), "2")], "3 2", {}),
    ("renewals too", [*WALK, paid(at(20), "2", "renewal")], "2 2", {}),
    ("before refunds", [*WALK, paid(at(20), "2"), paid(at(21), "2", "refund")], "2 2", {}),
    ("one at the instant of the step", [*WALK, paid(at(10), "2")], "2 2", {}),
    ("none before the start", [*WALK, paid(at(-1), "2")], "0 0", {}),
    ("one at the window's end", [*WALK, paid(at(30), "2")], "2 2", HALF_A_MINUTE),
    ("none past the window", [*WALK, paid(at(30.001), "2")], "0 0", HALF_A_MINUTE),
    ("one past the dates", [*WALK, paid(at(13 * HOUR), "2")], "2 2", {}),
    ("one in another session", [*WALK, paid(at(5 * HOUR), "2")], "2 2", {}),
    ("none of others", [*WALK, paid(at(20), "2", visitor=2), *walk("0 b", 2)], "0 0", {}),
    ("none of an unknown visitor", [*WALK, paid(at(20), "2", visitor=0)], "0 0", {}),
    (
        "those at a step only",
        [*WALK, paid(at(20), "2"), *walk("0 a", 2), paid(at(20), "3", visitor=2)],
        "5 2",
        {},
    ),
    (
        "a payment step counts that payment alone",
        [*walk("0 a"), paid(at(20), "2"), paid(at(25), "5")],
        "7 2",
        {"steps": goals("a", "payment")},
    ),
    (
        "of two at the same instant its own",
        [*walk("0 a"), paid(at(20), "2"), paid(at(20), "5")],
        "7 2",
        {"steps": goals("a", "payment")},
    ),
    (
        "a free trial is not a payment",
        [*walk("0 a"), paid(at(20), "0"), paid(at(25), "5", "renewal")],
        "5 5",
        {"steps": goals("a", "free_trial")},
    ),
    (
        "open: from the step's first event to the end of the dates",
        [*walk("0 b, 10 a, 20 b"), paid(at(5), "1"), paid(at(15), "2"), paid(at(12 * HOUR), "4")],
        "2 3",
        OPEN,
    ),
    (
        "open: a payment step counts the first payment alone",
        [*walk("30 a"), paid(at(20), "2"), paid(at(25), "5")],
        "0 2",
        {**OPEN, "steps": goals("a", "payment")},
    ),
    (
        "a payment without a rate is in no sum",
        [*WALK, paid(at(20), "2", currency="XTS", amount="0", is_converted=False)],
        "0 0",
        {},
    ),
    (
        "by the values of a breakdown",
        [
            *walk("0 a, 10 b", 1, properties={"builder_codes": "x"}),
            *walk("0 a, 10 b", 2, properties={"builder_codes": "y"}),
            *walk("0 a", 3, properties={"builder_codes": "x"}),
            paid(at(20), "1"),
            paid(at(20), "2", visitor=2),
            paid(at(20), "4", visitor=3),
        ],
        "5 1 2 2",
        {"group_by": "builder_codes"},
    ),
    (
        "Others add up",
        [
            *(
                event
                for visitor in (1, 2, 3)
                for event in walk("0 a, 10 b", visitor, properties={"builder_codes": str(visitor)})
            ),
            *(paid(at(20), str(visitor), visitor=visitor) for visitor in (1, 2, 3)),
        ],
        "1 1 5 5",
        {"group_by": "builder_codes", "limit": 1},
    ),
    (
        "by the value of a payment step's event",
        [*walk("0 a", 1, properties={"builder_codes": "x"}), paid(at(20), "2"), paid(at(25), "5")],
        "7 2",
        {
            "steps": goals("a", "payment"),
            "group_by": "builder_codes",
            "attribution": "last_touch",
        },
    ),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("funnel"), location)
    opened.load_all([traffic_of(log) for _, log, *_ in CASES], are_walked=False)
    yield opened
    opened.engine.close()


def put_of(asked: dict[str, Any]) -> Put:
    given = {"steps": AB, "revenue": "true"} | TODAY | asked
    return Put("funnel", params_of(given), AFTER_ALL)


def ask(
    side: str, bench: Bench, log: Sequence[Arrival], asked: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows and totals."""
    put, traffic = put_of(asked), traffic_of(log)
    if side == ENGINE:
        website = bench.loaded(traffic).websites[0]
        return put.really(bench, website)[0], put.totals(bench, website)
    website = traffic.websites[0]
    log_of = store_plainly(traffic.records, website)
    funnel = Funnel(Asked(log_of, put.params, website, AFTER_ALL))
    return funnel.rows(), funnel.totals()


@pytest.mark.parametrize(("rule", "log", "revenue", "asked"), CASES, ids=[c[0] for c in CASES])
@pytest.mark.parametrize("side", SIDES)
def test_revenue_of_steps(
    side: str, rule: str, log: Sequence[Arrival], revenue: str, asked: dict[str, Any], bench: Bench
) -> None:
    rows, totals = ask(side, bench, log, asked)
    wanted = [Decimal(word) for word in revenue.split()]
    assert [row["revenue"] for row in rows] == wanted, rule
    assert totals["revenue"] == sum(wanted[1::2])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("more", [{}, OPEN, {"group_by": "country"}])
def test_totals(side: str, more: dict[str, Any], bench: Bench) -> None:
    lacking = {"currency": "XTS", "amount": "0", "is_converted": False}
    log = [
        *WALK,
        paid(at(15), "2"),
        paid(at(16), "7", "renewal", **lacking),
        *walk("0 a", 2),
        paid(at(16), "9", visitor=2, **lacking),
    ]
    _, totals = ask(side, bench, log, more)
    assert totals == {
        "started": 2,
        "completed": 1,
        "revenue": Decimal(2),
        "currency": "EUR",
        "unconverted": [{"currency": "XTS", "amount": Decimal(7)}],
    }
