"""Random traffic of an app through the real loader and engine: flow, funnel and retention equal
the slow reference in every field, and hold the invariants of metrics.md.

FOOTFALL_PROPERTY_CASES (default 4) says how many random traffics each, FOOTFALL_PROPERTY_SEED
where to begin. A failure prints the question and the smallest traffic found that still shows it.
"""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from reference.ask import Asked
from reference.flow import Flow, collapse
from reference.join import Log
from reference.path_question import ALL_PAGES, Answered, Put, params_of
from reference.side_by_side import Bench, listed, shrink, store_plainly
from selection import IS_ALL, some_of

from footfall.model.flow import DROP_OFF, END_MATCH
from property.app_traffic import make_app_traffic
from property.random_flow import ask_flow, ask_funnel, ask_retention
from property.traffic import DAY, Traffic, make_traffic

CASES = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "4"))
FIRST_SEED = int(os.environ.get("FOOTFALL_PROPERTY_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + CASES)
QUESTIONS = 40 if IS_ALL else 12
ASKERS = {"flow": ask_flow, "funnel": ask_funnel, "retention": ask_retention}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("paths"), location)
    yield opened
    opened.engine.close()


class Case:
    """A traffic in both stores, ready to be asked."""

    def __init__(self, bench: Bench, traffic: Traffic, reopens: bool = False) -> None:
        self.bench = bench
        self.traffic = bench.load(traffic, reopens)
        self.logs = [store_plainly(self.traffic.records, site) for site in self.traffic.websites]

    @property
    def log(self) -> Log:
        return self.logs[0]

    def check(self, put: Put, site: int = 0) -> None:
        wrong = self.compare(put, site)
        if wrong:
            small = shrink(
                self.traffic, lambda smaller: bool(Case(self.bench, smaller).compare(put, site))
            )
            still = Case(self.bench, small).compare(put, site)
            pytest.fail(
                f"seed {self.traffic.seed}: {put}\nof {small.websites[site]}\n"
                + "\n".join(wrong[:12])
                + f"\nsmallest traffic:\n{listed(small)}\n"
                + "\n".join(still[:12])
            )

    def compare(self, put: Put, site: int = 0) -> list[str]:
        website = self.traffic.websites[site]
        return differences(put.really(self.bench, website), put.plainly(self.logs[site], website))

    def choose(self, random: Random, kind: str, site: int = 0) -> Put:
        """A random question, of which few have an empty answer."""
        for _ in range(12):
            put: Put = ASKERS[kind](random, self.traffic)
            rows, _total = put.plainly(self.logs[site], self.traffic.websites[site])
            if is_telling(kind, rows):
                break
        return put

    def ask(self, kind: str, **asked: Any) -> list[dict[str, Any]]:
        """What the real thing says of the first website; a flow starts with any page."""
        asked = {"start_step": ALL_PAGES} | asked if kind == "flow" else asked
        put = Put(kind, params_of(asked), self.traffic.now_ms, is_report=True)
        return put.really(self.bench, self.traffic.websites[0])[0]

    def flow_plainly(self, **asked: Any) -> Flow:
        params, website = params_of({"start_step": ALL_PAGES} | asked), self.traffic.websites[0]
        return Flow(Asked(self.log, params, website, self.traffic.now_ms, is_report=True))


def is_telling(kind: str, rows: list[dict[str, Any]]) -> bool:
    """Several transitions, somebody at step 2, a cohort."""
    if kind == "flow":
        return len(rows) > 1
    if kind == "funnel":
        return any(row["users"] for row in rows if row["step"] == 2)
    return bool(rows[0]["user"])


def differences(real: Answered, plain: Answered) -> list[str]:
    """What the real thing says otherwise, row by row."""
    found = []
    if real[1] != plain[1]:
        found.append(f"total {real[1]}, should be {plain[1]}")
    for index in range(max(len(real[0]), len(plain[0]))):
        one = real[0][index] if index < len(real[0]) else "absent"
        other = plain[0][index] if index < len(plain[0]) else "absent"
        if one != other:
            found.append(f"row {index}: {one}\n  should be {other}")
    return found


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ASKERS)
def test_random_questions_are_answered_as_the_reference_does(
    kind: str, seed: int, bench: Bench
) -> None:
    random = Random(f"{kind} {seed}")
    case = Case(bench, make_app_traffic(random.randrange(10**6)))
    for _ in range(QUESTIONS):
        site = random.choice((0, 0, 0, 1))
        case.check(case.choose(random, kind, site), site)


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", ASKERS)
def test_questions_about_a_shop_are_answered_as_the_reference_does(kind: str, bench: Bench) -> None:
    """The other traffic: cookieless visitors, movements of money, late events, nasty texts."""
    random = Random(f"{kind} {FIRST_SEED} shop")
    case = Case(bench, make_traffic(random.randrange(10**6)))
    for _ in range(QUESTIONS):
        case.check(case.choose(random, kind))


def test_order_of_arrival_outlives_the_store_that_is_closed_and_opened(bench: Bench) -> None:
    random = Random(FIRST_SEED)
    case = Case(bench, make_app_traffic(FIRST_SEED + 50), reopens=True)
    for kind in ("flow", "funnel") * (5 if IS_ALL else 2):
        case.check(case.choose(random, kind))


@pytest.fixture(scope="module")
def case(bench: Bench) -> Case:
    return Case(bench, make_app_traffic(FIRST_SEED, people=50, are_gaps_long=False))


def by_step(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["step"], []).append(row)
    return found


def transitions(rows: list[dict[str, Any]]) -> dict[int, int]:
    """All of each step."""
    steps = by_step(rows)
    return {step: sum(row["transitions"] for row in steps[step]) for step in steps}


END = {"type": "event", "event": "page", "resolved_event": "/swap"}
GOAL = {"type": "track", "event": "swap"}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"end_step": END},
    {"direction": "backward", "start_step": GOAL},
    {"direction": "backward", "start_step": GOAL, "end_step": END},
    {"collapse_repeats": "true", "exclude": "/pool/*"},
    {"window_seconds": 3600},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_session_gives_at_most_one_transition_per_step(
    options: dict[str, Any], case: Case
) -> None:
    starts = case.flow_plainly(**options).starts
    counts = transitions(case.ask("flow", max_steps=10, **options))
    assert counts
    assert all(count <= starts for count in counts.values())
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


@pytest.mark.sample(6)
@pytest.mark.parametrize("more", [{}, {"drop_off": "true"}, {"nodes_per_step": "2"}])
@pytest.mark.parametrize("options", OPTIONS)
def test_a_steps_percentages_sum_to_100(
    options: dict[str, Any], more: dict[str, Any], case: Case
) -> None:
    steps = by_step(case.ask("flow", **options, **more))
    for rows in steps.values():
        off = abs(sum(row["percentage"] for row in rows) - 100)
        assert off <= len(rows) * Decimal("0.005")


FACT_FILTERS: list[dict[str, Any]] = [
    {"filter_device": "desktop"},
    {"filter_country": "!DE"},
    {"filter_page": "/swap"},
    {"global_filters": [{"field": "browser", "op": "notEmpty"}]},
    {"global_filters": [{"field": "device", "op": "neq", "value": "mobile"}]},
]


@pytest.mark.sample(8)
@pytest.mark.parametrize("filters", FACT_FILTERS)
@pytest.mark.parametrize("options", OPTIONS)
def test_a_filter_on_a_session_fact_never_raises_a_count(
    options: dict[str, Any], filters: dict[str, Any], case: Case
) -> None:
    whole = case.ask("flow", **options)
    part = case.ask("flow", **options, **filters)
    counts = {(row["step"], row["source"], row["target"]): row["transitions"] for row in whole}
    for row in part:
        assert row["transitions"] <= counts[row["step"], row["source"], row["target"]]


@pytest.mark.parametrize("options", OPTIONS)
def test_collapsing_is_idempotent_and_never_lengthens(options: dict[str, Any], case: Case) -> None:
    asked = {"max_steps": 10} | options
    for path in case.flow_plainly(**asked).paths:
        once = collapse(path.labels)
        assert collapse(once) == once
    collapsed = case.ask("flow", **asked | {"collapse_repeats": "true"})
    assert all(row["source"] != row["target"] for row in collapsed)
    plain = transitions(case.ask("flow", **asked | {"collapse_repeats": "false"}))
    assert all(count <= plain[step] for step, count in transitions(collapsed).items())


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_end_is_on_a_paths_last_node_and_on_every_path_not_cut(
    direction: str, case: Case
) -> None:
    start = ALL_PAGES if direction == "forward" else GOAL
    asked = {"start_step": start, "end_step": END, "direction": direction, "max_steps": 3}
    paths = case.flow_plainly(**asked).paths
    assert paths
    for path in paths:
        assert not any(label.endswith(END_MATCH) for label in path.labels[:-1])
        assert path.labels[-1].endswith(END_MATCH) != path.is_cut
    near, far = ("source", "target") if direction == "forward" else ("target", "source")
    rows = case.ask("flow", **asked)
    assert not any(row[near].endswith(END_MATCH) for row in rows)
    ended = sum(row["transitions"] for row in rows if row[far].endswith(END_MATCH))
    assert ended == sum(not path.is_cut for path in paths)


def check_balance(rows: list[dict[str, Any]], max_steps: int, is_backward: bool) -> None:
    """Of every node before the last column and not an end: what comes in goes on or drops off, in
    sessions and in money."""
    near, far = ("target", "source") if is_backward else ("source", "target")
    steps = by_step(rows)
    for step in range(1, max_steps):
        inflow: dict[str, list[dict[str, Any]]] = {}
        outflow: dict[str, list[dict[str, Any]]] = {}
        for row in steps.get(step, []):
            if row[far] != DROP_OFF and not row[far].endswith(END_MATCH):
                inflow.setdefault(row[far], []).append(row)
        for row in steps.get(step + 1, []):
            outflow.setdefault(row[near], []).append(row)
        assert sizes(inflow) == sizes(outflow)
        for label, into in inflow.items():
            off = abs(money_of(into) - money_of(outflow[label]))
            assert off <= len([*into, *outflow[label]]) * Decimal("0.005")


def sizes(links: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {label: sum(row["transitions"] for row in rows) for label, rows in links.items()}


def money_of(rows: list[dict[str, Any]]) -> Decimal:
    return sum((row.get("revenue", Decimal(0)) for row in rows), Decimal(0))


@pytest.mark.sample(6)
@pytest.mark.parametrize("more", [{}, {"nodes_per_step": "2"}, {"collapse_repeats": "true"}])
@pytest.mark.parametrize("options", OPTIONS)
def test_what_flows_in_flows_out_or_drops_off(
    options: dict[str, Any], more: dict[str, Any], case: Case
) -> None:
    asked = {"max_steps": 5, "drop_off": "true", "revenue": "true"} | options | more
    check_balance(case.ask("flow", **asked), 5, options.get("direction") == "backward")


def test_random_flows_with_ends_and_drop_offs_in_one_picture_balance(case: Case) -> None:
    """200 of them in `make test-all`."""
    random = Random(FIRST_SEED)
    whole = {"drop_off": "true", "end_mode": "mark", "revenue": "true", "limit": "100000"}
    several = 0
    count = 200 if IS_ALL else 12
    for _ in range(count):
        put = ask_flow(random, case.traffic)
        given = dict(put.params) | whole
        given.setdefault("end_step", json.dumps(END))
        given.pop("offset", None)
        put.params = list(given.items())
        rows, _ = put.really(case.bench, case.traffic.websites[0])
        depth = min(max(int(given.get("max_steps", 4)), 2), 10)
        check_balance(rows, depth, given.get("direction") == "backward")
        several += len(rows) > 3
    assert several > count / 10


def test_anchors_choose_paths_and_change_none(case: Case) -> None:
    for options in some_of(OPTIONS, 3):
        asked = {"max_steps": 10, "end_mode": "mark"} | options
        whole = case.ask("flow", **asked)
        part = case.ask("flow", **asked, anchors=[ALL_PAGES, {"type": "event", "event": "connect"}])
        counts = {(row["step"], row["source"], row["target"]): row["transitions"] for row in whole}
        for row in part:
            assert row["transitions"] <= counts[row["step"], row["source"], row["target"]]


def test_the_totals_of_random_flows_are_those_of_the_reference(bench: Bench) -> None:
    random = Random(f"totals {FIRST_SEED}")
    cases = [
        Case(bench, make(random.randrange(10**6))) for make in (make_app_traffic, make_traffic)
    ]
    paid = 0
    for _ in range(QUESTIONS if IS_ALL else 6):
        case = random.choice(cases)
        put = case.choose(random, "flow")
        put.params = [*(dict(put.params) | {"revenue": "true"}).items()]
        website = case.traffic.websites[0]
        asked = Asked(case.log, put.params, website, put.now_ms, put.is_report)
        wanted = Flow(asked).totals()
        assert put.totals(bench, website) == wanted, put
        paid += wanted["revenue"] > 0
    assert paid or not IS_ALL


def test_end_and_revenue_add_up_to_the_totals(case: Case) -> None:
    """Where no path is left without a row: each ends, drops off or goes on."""
    for options in some_of(OPTIONS, 3):
        asked = {"end_step": END, "end_mode": "mark", "drop_off": "true", "max_steps": 3} | options
        asked |= {"start_step": asked.get("start_step", ALL_PAGES), "revenue": "true"}
        put = Put("flow", params_of(asked), case.traffic.now_ms, is_report=True)
        website = case.traffic.websites[0]
        rows, totals = put.really(case.bench, website)[0], put.totals(case.bench, website)
        far = "source" if asked.get("direction") == "backward" else "target"
        shown = [row for row in rows if row[far].endswith(END_MATCH)]
        ends = sum(row["transitions"] for row in shown)
        assert ends == totals["reached_end"] - totals["beyond_max_steps"]
        first = [row for row in rows if row["step"] == 1]
        assert sum(row["transitions"] for row in first) == totals["paths"] == totals["started"]
        assert abs(money_of(first) - totals["revenue"]) <= len(first) * Decimal("0.005")


FUNNEL = [ALL_PAGES, END, {"type": "event", "event": "connect"}]


@pytest.mark.parametrize("funnel_type", ["closed", "open"])
@pytest.mark.parametrize("attribution", ["first_touch", "last_touch"])
def test_a_breakdown_divides_the_users_of_a_funnel(
    funnel_type: str, attribution: str, case: Case
) -> None:
    asked = {"steps": FUNNEL, "funnel_type": funnel_type, "attribution": attribution}
    whole = {row["step"]: row["users"] for row in case.ask("funnel", **asked)}
    assert list(whole.values()) == sorted(whole.values(), reverse=True)
    for limit in (1, 3, 100):
        rows = case.ask("funnel", **asked, group_by="country", limit=limit)
        for step, users in whole.items():
            assert sum(row["users"] for row in rows if row["step"] == step) == users
        assert all(row["total"] == whole[row["step"]] for row in rows)
        assert len(rows) <= (limit + 1) * len(FUNNEL)


def test_everybody_of_a_cohort_came_in_its_own_week(bench: Bench) -> None:
    """Where every first event is a counted one and all weeks are over."""
    case = Case(bench, make_app_traffic(FIRST_SEED + 7, people=12, are_gaps_long=True))
    put = Put("retention", params_of({"min_users": 1, "limit": 52}), case.traffic.now_ms, True)
    put.now_ms += 200 * DAY
    counted = json.dumps([{"field": "type", "op": "notIn", "value": "identify|detect|engagement"}])
    put.params += [("filters", counted), ("startAt", "2025-01-01")]
    [row] = put.really(bench, case.traffic.websites[0])[0]
    assert row["metric"]["user_count"] == sum(week["num_users"] for week in row["user"])
    assert row["user"]
    assert all(week["week_0"] == 1 for week in row["user"])
    assert all(0 <= week[f"week_{k}"] <= 1 for week in row["user"] for k in range(13))
