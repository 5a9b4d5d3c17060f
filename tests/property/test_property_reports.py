"""Random traffic through the real loader and engine: every report equals the slow reference.

FOOTFALL_PROPERTY_CASES (default 4) says how many random traffics and how many values of each
filter, FOOTFALL_PROPERTY_SEED where to begin. A failure prints the question and the smallest
traffic found that still shows it.
"""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from plain import answered
from reference import lists as reference_lists
from reference import parts as reference_parts
from reference import report as reference_report
from reference.join import Log
from reference.side_by_side import Bench, exact, listed, shrink, store_plainly
from selection import IS_ALL, some_of

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.filter import escape_filter_value
from footfall.model.website import Website
from footfall.query.ask import ask
from property.app_traffic import make_app_traffic
from property.random_question import Params, ask_at_random, choose_value, known_values
from property.traffic import Traffic, make_traffic

CASES = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "4"))
FIRST_SEED = int(os.environ.get("FOOTFALL_PROPERTY_SEED", "1"))
QUESTIONS = 40 if IS_ALL else 16
SEEDS = range(FIRST_SEED, FIRST_SEED + CASES)

Found = dict[str, Any]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("property"), location)
    yield opened
    opened.engine.close()


def ask_really(bench: Bench, report: str, params: Params, website: Website, now_ms: int) -> Found:
    found = answered(ask(report, params, website, now_ms, bench.engine))
    if "parts" in found.envelope:
        found.envelope["parts"] = reference_parts.values_only(found.envelope["parts"])
        del found.envelope["excluded"]["dropped"]
    if report == "timeseries":
        for point in found.envelope.get("compare", {}).get("data", []):
            del point["name"]  # a label's wording
    return {"data": found.data, "total": found.total, "envelope": found.envelope}


def ask_plainly(log: Log, report: str, params: Params, website: Website, now_ms: int) -> Found:
    """The reference's answer in the shape of the real one."""
    question = reference_report.Question(log, params, website, now_ms)
    envelope: Found = {"unconverted": question.unconverted}
    if report == "overview":
        if "compare" in question.given:
            envelope["compare"] = reference_report.overview_before(question)
        if "parts" in question.given:
            envelope["parts"] = reference_parts.parts(question)
            envelope["excluded"] = reference_parts.excluded(question)
        return {"data": [reference_report.overview(question)], "total": None, "envelope": envelope}
    if report == "realtime":
        found = {"data": [reference_report.realtime(question)], "total": None, "envelope": {}}
        if "minutes" in question.given:
            found["envelope"] = {"minutes": reference_report.realtime_minutes(question)}
        if "payments" in question.given:
            found["envelope"]["payments"] = reference_report.realtime_payments(question)
        return found
    if report == "timeseries":
        found = reference_report.timeseries(question)
        envelope["totals"] = found["totals"]
        if "compare" in question.given:
            envelope["compare"] = reference_report.timeseries_before(question)
        return {"data": found["data"], "total": len(found["data"]), "envelope": envelope}
    envelope["unconverted"] = reference_report.unconverted(question.covered.payments)
    if "compare" in question.given:
        envelope["compare"] = reference_lists.compared(question)
    if report == "goals":
        rows, page = question.page(reference_lists.goals(question))
        return {"data": rows, "total": page["total"], "envelope": envelope}
    names = dict(params)["dimension"].split(",")
    lists = {name: question.page(reference_lists.breakdown(question, name)) for name in names}
    if len(names) == 1:
        rows, page = lists[names[0]]
        return {"data": rows, "total": page["total"], "envelope": envelope}
    envelope["pagination"] = {name: page for name, (_, page) in lists.items()}
    return {
        "data": {name: rows for name, (rows, _) in lists.items()},
        "total": None,
        "envelope": envelope,
    }


def differences(real: Found, plain: Found) -> list[str]:
    """What of the reference's answer the real one says otherwise, row by row."""
    found = []
    if plain["total"] is not None and plain["total"] != real["total"]:
        found.append(f"total: {real['total']}, should be {plain['total']}")
    for name, wanted in plain["envelope"].items():
        answered = exact(real["envelope"].get(name, "absent"))
        if answered != wanted:
            found.append(f"{name}: {answered}, should be {wanted}")
    if isinstance(plain["data"], list):
        return found + _diff_rows("row", real["data"], plain["data"])
    for name, rows in plain["data"].items():
        found += _diff_rows(name, real["data"][name], rows)
    return found


def _diff_rows(name: str, real: list[Found], plain: list[Found]) -> list[str]:
    if len(real) != len(plain):
        values = [[row.get("value") for row in rows] for rows in (real, plain)]
        return [f"{name}: {len(real)} rows {values[0]}, should be {len(plain)} {values[1]}"]
    return [
        line
        for index, (one, other) in enumerate(zip(real, plain, strict=True))
        for line in _differ(f"{name} {index}", exact(one), other)
    ]


def _differ(where: str, real: Found, plain: Found) -> list[str]:
    names = {*real, *plain} - ({"name"} if "timestamp" in real else set())  # a label's wording
    return [
        f"{where} {plain.get('value', '')!r}: {name} is {real.get(name, 'absent')!r},"
        f" should be {plain.get(name, 'absent')!r}"
        for name in sorted(names)
        if real.get(name, "absent") != plain.get(name, "absent")
    ]


class Case:
    """A traffic in both stores, ready to be asked."""

    def __init__(self, bench: Bench, traffic: Traffic, reopens: bool = False) -> None:
        self.bench = bench
        self.traffic = bench.load(traffic, reopens)
        self.logs = [store_plainly(self.traffic.records, site) for site in self.traffic.websites]

    def check(self, report: str, params: Params, site: int = 0) -> None:
        wrong = self.compare(report, params, site)
        if wrong:
            small = shrink(
                self.traffic,
                lambda smaller: bool(Case(self.bench, smaller).compare(report, params, site)),
            )
            pytest.fail(
                f"seed {self.traffic.seed}: {report} {params} of {small.websites[site]}\n"
                + "\n".join(wrong[:12])
                + f"\nsmallest traffic:\n{listed(small)}\n"
                + "\n".join(Case(self.bench, small).compare(report, params, site)[:12])
            )

    def compare(self, report: str, params: Params, site: int = 0) -> list[str]:
        website, now_ms = self.traffic.websites[site], self.now_ms(report)
        real = ask_really(self.bench, report, params, website, now_ms)
        return differences(real, ask_plainly(self.logs[site], report, params, website, now_ms))

    def now_ms(self, report: str) -> int:
        """Realtime is asked right after some event."""
        if report != "realtime" or not self.logs[0].rows:
            return self.traffic.now_ms
        return max(row.occurred_at for row in self.logs[0].rows)


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_questions_are_answered_as_the_reference_does(bench: Bench, seed: int) -> None:
    case = Case(bench, make_traffic(seed))
    random = Random(seed)
    for _ in range(QUESTIONS):
        report, params = ask_at_random(random, case.traffic)
        case.check(report, params, site=random.choice((0, 0, 0, 1)))


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_apps_reports_are_answered_as_the_reference_does(bench: Bench, seed: int) -> None:
    """Sessions that lie in each other, since their sender names them."""
    random = Random(f"app {seed}")
    case = Case(bench, make_app_traffic(random.randrange(10**6)))
    for _ in range(QUESTIONS // 2):
        report, params = ask_at_random(random, case.traffic)
        case.check(report, params)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_dimension_under_every_filter(bench: Bench, name: str) -> None:
    """One question asks for all lists at once, so that each meets each form of each filter."""
    random = Random(f"{name} {FIRST_SEED}")
    case = Case(bench, make_traffic(random.randrange(1000, 10**6), people=6))
    everything = [("dimension", ",".join(DIMENSIONS)), ("bots", "include"), ("limit", "1000")]
    wanted = escape_filter_value(FILTERS[name], random.choice(known_values(case.traffic, name)))
    others = [choose_value(random, case.traffic, name) for _ in range(CASES // 4)]
    for value in (wanted, f"!{wanted}", *others):
        case.check("breakdown", [*everything, (f"filter_{name}", value)])


def test_every_dimension_asked_alone(bench: Bench) -> None:
    case = Case(bench, make_traffic(2005))  # no goal of it is named `page`
    for dimension in {*some_of(DIMENSIONS, 12), "event"}:
        case.check("breakdown", [("dimension", dimension)])
        case.check("breakdown", [("dimension", dimension), ("attribution", "first")])


@pytest.mark.parametrize("seed", [3001])
def test_sessions_go_on_after_the_store_is_closed_and_opened(bench: Bench, seed: int) -> None:
    case = Case(bench, make_traffic(seed, people=4), reopens=True)
    everything = [("dimension", ",".join(DIMENSIONS)), ("bots", "include"), ("limit", "1000")]
    case.check("overview", [("bots", "include")])
    case.check("breakdown", [*everything])
    case.check("goals", [])


@pytest.mark.parametrize("seed", [4001])
def test_buckets_and_rows_add_up(bench: Bench, seed: int) -> None:
    """Buckets' sessions, and rows' sessions and revenue where each session has one value."""
    case = Case(bench, make_traffic(seed))
    website, now_ms = case.traffic.websites[0], case.traffic.now_ms
    day = case.traffic.clock_change.isoformat()
    period = [("startAt", day[:8] + "01"), ("endAt", day)]

    def ask(report: str, *params: tuple[str, str]) -> Found:
        return ask_really(bench, report, [*period, *params], website, now_ms)

    whole = exact(ask("overview")["data"][0])
    for interval in ("hour", "day", "week", "month"):
        points = exact(ask("timeseries", ("interval", interval))["data"])
        for name in ("sessions", "pageviews"):
            assert sum(point[name] for point in points) == whole[name]
    single = [  # those that every session has exactly once
        name for name, one in DIMENSIONS.items() if one.scope == "session" and one.missing
    ]
    for attribution in ("last", "first"):
        params = ("dimension", ",".join(single)), ("limit", "1000"), ("attribution", attribution)
        for rows in exact(ask("breakdown", *params)["data"]).values():
            assert sum(row["sessions"] for row in rows) == whole["sessions"]
            assert abs(sum(row["revenue"] for row in rows) - whole["revenue"]) < len(rows)


@pytest.mark.parametrize("seed", [5001])
def test_with_bots_there_is_never_less(bench: Bench, seed: int) -> None:
    case = Case(bench, make_traffic(seed))
    website, now_ms = case.traffic.websites[0], case.traffic.now_ms
    found = {
        bots: ask_really(bench, "overview", [("bots", bots)], website, now_ms)["data"][0]
        for bots in ("exclude", "include", "only")
    }
    for name in ("sessions", "pageviews"):
        assert found["include"][name] == found["exclude"][name] + found["only"][name]
    assert found["include"]["visitors"] >= found["exclude"]["visitors"]
    assert len({str(one["revenue"]) for one in found.values()}) == 1
