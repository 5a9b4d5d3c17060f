"""Random traffic through the real loader and engine: the list of visitors, and the people behind
the numbers of random flows and funnels, are those of the reference, whole and page by page.

FOOTFALL_PROPERTY_CASES (default 1) says how many random traffics of each kind,
FOOTFALL_PROPERTY_SEED where to begin.
"""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from plain import plain
from reference.ask import Asked, Params
from reference.flow import Flow
from reference.funnel import Funnel
from reference.join import Log
from reference.path_question import Put
from reference.side_by_side import Bench, exact, store_plainly
from reference.visitor_list import VisitorList
from selection import IS_ALL

from footfall.model.flow import DROP_OFF
from footfall.model.visitor_list import ORDERS, VISITOR_SORTS
from footfall.query.ask import ask
from property.app_traffic import make_app_traffic
from property.random_flow import ask_flow, ask_funnel
from property.traffic import make_traffic

CASES = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "1"))
FIRST_SEED = int(os.environ.get("FOOTFALL_PROPERTY_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + CASES)
QUESTIONS = 40 if IS_ALL else 4
pytestmark = pytest.mark.sample(1)  # of the traffics
MAKERS = (make_app_traffic, make_traffic)

Found = dict[str, Any]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("visitors"), location)
    yield opened
    opened.engine.close()


class Case:
    """A traffic in both stores, and its first website."""

    def __init__(self, bench: Bench, seed: int, kind: int) -> None:
        self.random = Random(f"visitor list {seed} {kind}")
        self.engine = bench.engine
        self.traffic = bench.load(MAKERS[kind](self.random.randrange(10**6)))
        self.website = self.traffic.websites[0]
        self.log: Log = store_plainly(self.traffic.records, self.website)

    def put(self, kind: str) -> Put:
        """A random question of the web analytics API that has an answer, mostly."""
        maker = {"flow": ask_flow, "funnel": ask_funnel}[kind]
        for _ in range(40):
            put = maker(self.random, self.traffic)
            if put.is_report and self.is_telling(put):
                break
        put.params = [pair for pair in put.params if pair[0] not in ("limit", "offset")]
        return put

    def is_telling(self, put: Put) -> bool:
        rows, _ = put.plainly(self.log, self.website)
        return bool(rows) and rows[0].get("users", 1) > 0

    def asked(self, params: Params) -> Asked:
        return Asked(self.log, params, self.website, self.traffic.now_ms, is_report=True)

    def ask(self, params: Params) -> Found:
        answer = ask("visitors", params, self.website, self.traffic.now_ms, self.engine)
        return exact(plain(answer))  # type: ignore[no-any-return]

    def sorting(self) -> Params:
        random = self.random
        return [("sort", random.choice(VISITOR_SORTS)), ("order", random.choice(ORDERS))]

    def check(self, params: Params) -> Found:
        """Compare the whole list with the reference's; answers its totals."""
        params = [*params, *self.sorting()]
        real, wanted = (
            self.ask([*params, ("limit", "1000")]),
            VisitorList(self.log, self.asked(params)),
        )
        assert_same(real["data"], wanted.listed(), str(params))
        totals: Found = real["totals"]
        assert totals["visitors"] == real["pagination"]["total"] == len(wanted.visitors)
        assert totals["sessions"] == wanted.session_count()
        assert totals.get("unlisted") == wanted.unlisted
        assert real["pagination"]["next"] is None
        self.check_pages(params, real["data"])
        return totals

    def check_pages(self, params: Params, whole: list[Found]) -> None:
        size = self.random.choice((1, 2, 3, len(whole) or 1))
        found: list[Found] = []
        cursor: Params = []
        for _ in range(len(whole) // size + 1):
            page = self.ask([*params, ("limit", str(size)), *cursor])
            found += page["data"]
            assert page["pagination"]["total"] == len(whole)
            if page["pagination"]["next"] is None:
                break
            cursor = [("cursor", page["pagination"]["next"])]
        assert found == whole


def assert_same(real: list[Found], wanted: list[Found], question: str) -> None:
    assert [row["visitorId"] for row in real] == [row["visitorId"] for row in wanted], question
    for row, other in zip(real, wanted, strict=True):
        for name, value in other.items():
            if name in row:
                assert row[name] == value, (name, question)
        facts = other["facts"] or [dict.fromkeys(("countryCode", "source", "channel"))]
        assert any({name: row[name] for name in each} == each for each in facts), question
        assert row["lastPage"] in other["pages"], question


@pytest.fixture(params=[(seed, kind) for seed in SEEDS for kind in range(len(MAKERS))])
def case(request: pytest.FixtureRequest, bench: Bench) -> Case:
    return Case(bench, *request.param)


PLAIN = ("startAt", "endAt", "timezone", "bots")


def test_who_came_is_as_the_reference_says(case: Case) -> None:
    for _ in range(QUESTIONS):
        chosen = case.put("flow").params
        case.check([pair for pair in chosen if pair[0] in PLAIN or pair[0].startswith("filter_")])


def test_the_people_behind_a_link_are_those_of_its_sessions(case: Case) -> None:
    for _ in range(QUESTIONS):
        put = case.put("flow")
        rows = Flow(case.asked(put.params)).rows()
        if not rows:
            continue
        row = case.random.choice(rows)
        link = [("flow_step", str(row["step"]))]
        names = case.random.choice((("source", "target"), ("source",), ("target",)))
        link += [(f"flow_{name}", row[name]) for name in names]
        totals = case.check([*put.params, *link])
        alike = [
            other["transitions"]
            for other in rows
            if other["step"] == row["step"] and all(other[name] == row[name] for name in names)
        ]
        assert totals["sessions"] == sum(alike)


def test_without_a_link_they_are_those_of_all_paths(case: Case) -> None:
    for _ in range(QUESTIONS // 4):
        put = case.put("flow")
        totals = case.check(put.params)
        assert totals["sessions"] == len(Flow(case.asked(put.params)).paths)


def test_a_drop_off_can_be_asked_for_without_the_parameter(case: Case) -> None:
    put = case.put("flow")
    params = [pair for pair in put.params if pair[0] not in ("drop_off", "end_step", "direction")]
    link = [("flow_step", "1"), ("flow_target", DROP_OFF)]
    wanted = case.check([*params, ("drop_off", "true"), *link])
    assert case.ask([*params, *link])["totals"] == wanted


def test_the_people_behind_a_step_are_those_of_the_funnel(case: Case) -> None:
    for _ in range(QUESTIONS):
        put = case.put("funnel")
        funnel = Funnel(case.asked(put.params))
        step = case.random.randrange(1, len(funnel.steps) + 1)
        has_dropped = case.random.random() < 0.4
        more = [("dropped", "true")] if has_dropped else []
        totals = case.check([*put.params, ("funnel_step", str(step)), *more])
        levels = [chain.level for chain in funnel.chains]
        wanted = sum(level >= step for level in levels)
        if has_dropped:
            wanted -= sum(level > step for level in levels) if step < len(funnel.steps) else wanted
        assert totals["visitors"] + totals["unlisted"] == wanted
