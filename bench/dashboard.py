"""dashboard: all panels of a 30-day dashboard beside the sum of the hand-written panels."""

from pathlib import Path

from bench.case import DASHBOARD_LISTS, dashboard
from bench.dataset import MONTH, YEAR, dataset
from bench.pair import Side, Times, answer_of, hand_written
from bench.reports import figure
from bench.result import Figure, middle
from bench.size import Size
from footfall.model.website import Website
from footfall.store.engine import Engine

PART = "dashboard"
RATIO = 0.8
PANELS = len(DASHBOARD_LISTS) + 5


def run(size: Size, folder: Path) -> list[Figure]:
    """Overview, timeseries, ten lists at once, pages, goals and realtime, one after the other."""
    data, website = dataset(folder.parent, size.report_events)
    engine = Engine(str(data / "engine"))
    try:
        found = []
        for name, period in (("30 days", MONTH), ("year", YEAR)):
            times = _compare(engine, website, period, size.rounds)
            is_aimed = period is MONTH
            line = figure(PART, f"{PANELS} panels, {name}", times, RATIO, 0)
            found.append(line if is_aimed else Figure(PART, line.what, line.value))
    finally:
        engine.close()
    return found


def _compare(engine: Engine, website: Website, period: dict[str, str], rounds: int) -> Times:
    calls = _calls(period)
    statements = [hand_written(case, website) for case in dashboard("", period)]

    def ours() -> None:
        for report, params in calls:
            answer_of(report, params, website, engine)

    def by_hand() -> None:
        for text, values in statements:
            engine.query(text, values)

    one, other = Side(), Side()
    ours()
    by_hand()
    for number in range(rounds):
        sides = [(one, ours), (other, by_hand)]
        for side, work in sides if number % 2 else reversed(sides):
            side.run(work)
    return Times(
        middle(one.clock_ms), middle(other.clock_ms), middle(one.cpu_ms), middle(other.cpu_ms)
    )


def _calls(period: dict[str, str]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What a dashboard asks: as many lists as possible at once."""
    days = tuple(period.items())
    return [
        ("overview", days),
        ("timeseries", (*days, ("interval", "day"))),
        ("breakdown", (*days, ("dimension", ",".join(DASHBOARD_LISTS)))),
        ("breakdown", (*days, ("dimension", "page"))),
        ("goals", days),
        ("realtime", ()),
    ]
