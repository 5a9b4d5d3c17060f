"""flows: flow, funnel and retention beside the best SQL that we could write by hand for the same
numbers; how they grow with the events; and the memory that they take."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.dataset import END_MS, MONTH, YEAR, dataset
from bench.pair import Numbers, Sent, as_sent, race
from bench.process import peak_of
from bench.reports import RATIO, SLACK_MS, figure
from bench.result import Figure, median_ms, write
from bench.size import Size
from footfall.model.website import Website
from footfall.query.ask import ask
from footfall.query.parse.asked import asked_of_report
from footfall.store.engine import Engine

PART = "flows"
PER_SESSION = 5.0  # events
WINDOW_S = 1_209_600
_SQL = Path(__file__).with_name("sql")

PAGE, GOAL, LAST_GOAL = "/products/1/item-1", "add-to-cart", "signup"
_ANY_PAGE = '{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}'
_PAGE_STEP = f'{{"type":"event","event":"page","resolved_event":"{PAGE}"}}'
_GOAL_STEP = f'{{"type":"track","event":"{GOAL}"}}'
_LAST_STEP = f'{{"type":"track","event":"{LAST_GOAL}"}}'
_STEPS = f"[{_PAGE_STEP},{_GOAL_STEP},{_LAST_STEP}]"
FROM_ANY_PAGE = {"start_step": _ANY_PAGE}
FUNNEL = {"steps": _STEPS}
_OF_DESKTOP = '[{"field":"device","op":"eq","value":"desktop"}]'

Ask = Callable[[], Any]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A question and the SQL for its numbers; `slots` fill the SQL's comments."""

    name: str
    report: str
    params: Mapping[str, str]
    period: Mapping[str, str]
    sql: str
    slots: Mapping[str, str] = {}

    def ask(self, engine: Engine, website: Website) -> Ask:
        params = [*{**self.params, **self.period}.items(), ("timezone", "UTC")]
        return lambda: ask(self.report, params, website, END_MS, engine)

    def by_hand(self, engine: Engine, website: Website) -> Callable[[], Numbers]:
        period = asked_of_report(
            [*self.period.items(), ("timezone", "UTC")], website, END_MS
        ).period
        text = (_SQL / f"{self.sql}.sql").read_text()
        for slot, filling in self.slots.items():
            text = text.replace(slot, filling)
        values = {
            "website": website.id,
            "from_ms": period.from_ms,
            "to_ms": period.to_ms,
            "now_ms": END_MS,
            "window_ms": WINDOW_S * 1000,
            "page": PAGE,
            "goal": GOAL,
            "last_goal": LAST_GOAL,
        }
        return lambda: [_flat(row) for row in engine.query(text, values).rows]


def run(size: Size, folder: Path) -> list[Figure]:
    """A website of five events a session; then one of a fifth and one of twice as many events."""
    found: list[Figure] = []
    growth: dict[str, list[float]] = {}
    for events in (size.flow_events // 5, size.flow_events, size.flow_events * 2):
        data, website = dataset(folder.parent, events, PER_SESSION)
        engine = Engine(str(data / "engine"))
        try:
            if events == size.flow_events:
                found += _compare(engine, website, size.rounds)
            for case in cases("year", YEAR):
                took_ms = median_ms(case.ask(engine, website), size.rounds)
                growth.setdefault(case.name, []).append(took_ms)
            if events == size.flow_events * 2:
                found += _peaks(engine, website, events)
        finally:
            engine.close()
    steps = [size.flow_events // 5, size.flow_events, size.flow_events * 2]
    return [*found, *(_growth(name, steps, times_ms) for name, times_ms in growth.items())]


def cases(name: str, period: Mapping[str, str]) -> Iterator[Case]:
    """Every kind of question over a period."""

    def case(what: str, report: str, params: Mapping[str, str], sql: str, **slots: str) -> Case:
        filled = {f"/*{slot.replace('_', ' ')}*/": text for slot, text in slots.items()}
        return Case(
            name=f"{what}, {name}",
            report=report,
            params=params,
            period=period,
            sql=sql,
            slots=filled,
        )

    of_desktop = {**FROM_ANY_PAGE, "global_filters": _OF_DESKTOP}
    to_end = {"start_step": _PAGE_STEP, "end_step": _GOAL_STEP}
    yield case("flow from any page", "flow", FROM_ANY_PAGE, "flow")
    yield case("flow of desktops", "flow", of_desktop, "flow", and_event="AND device = 'Desktop'")
    yield case("flow from a page to a goal", "flow", to_end, "flow_to_end")
    yield case("funnel of three steps", "funnel", FUNNEL, "funnel")
    by_device = {**FUNNEL, "group_by": "device"}
    yield case("funnel by device", "funnel", by_device, "funnel", by="lower(device) AS by, ")
    yield case("retention", "retention", {"limit": "52"}, "retention")


def read(table: Any, report: str) -> Numbers:
    """The values of the SQL's rows."""
    rows = as_sent(table.rows)
    match report:
        case "flow":
            return [[*row.values(), table.total] for row in rows]
        case "funnel":
            return list(_funnels(rows))
        case _:
            [row] = rows
            cohorts: list[Sent] = row["user"]
            return [list(cohort.values())[1:] for cohort in cohorts]


def _flat(row: list[Any]) -> list[Any]:
    """A row's values, with its arrays replaced by their values."""
    return [one for value in row for one in (value if isinstance(value, list) else [value])]


def _funnels(rows: list[Sent]) -> Iterator[list[object]]:
    for start in range(0, len(rows), 3):
        first, second, third = rows[start : start + 3]
        yield [
            first.get("breakdown", ""),
            *(row["users"] for row in (first, second, third)),
            second["median_seconds_from_previous"],
            third["median_seconds_from_previous"],
            third["median_seconds_from_start"],
        ]


def _compare(engine: Engine, website: Website, rounds: int) -> Iterator[Figure]:
    for name, period in (("year", YEAR), ("30 days", MONTH)):
        for case in cases(name, period):
            ask, by_hand = case.ask(engine, website), case.by_hand(engine, website)
            times = race(
                case.name,
                lambda ask=ask, case=case: read(ask(), case.report),  # type: ignore[misc]
                by_hand,
                rounds,
            )
            yield figure(PART, case.name, times, RATIO, SLACK_MS)


def _growth(name: str, events: list[int], times_ms: list[float]) -> Figure:
    listed = " → ".join(write(each, "ms") for each in times_ms)
    counts = " → ".join(f"{each / 1_000_000:g} M" for each in events)
    factor = times_ms[-1] / times_ms[0]
    return Figure(PART, f"{name}, {counts} events", f"{listed}: {factor:.1f} × for 10 × the events")


def _peaks(engine: Engine, website: Website, events: int) -> Iterator[Figure]:
    for case in cases("year", YEAR):
        engine.release_memory()
        taken = peak_of(case.ask(engine, website))
        what = f"memory of {case.name}, {events / 1_000_000:g} M events"
        yield Figure(PART, what, write(taken, "MB"), "≤ 2,000 MB", taken <= 2_000)
