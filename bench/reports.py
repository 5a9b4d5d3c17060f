"""reports: each report beside the best SQL that we could write by hand for the same numbers."""

from collections.abc import Iterator
from pathlib import Path

from bench.case import cases
from bench.dataset import MONTH, YEAR, dataset
from bench.pair import Case, Times, compare
from bench.result import Figure, write
from bench.size import Size
from footfall.store.engine import Engine

PART = "reports"
RATIO = 1.2
SLACK_MS = 5


def run(size: Size, folder: Path) -> list[Figure]:
    """A whole year, and its last 30 days; without and with filters."""
    data, website = dataset(folder.parent, size.report_events)
    engine = Engine(str(data / "engine"))
    try:
        found = []
        for case in _all_cases():
            times = compare(case, engine, website, size.rounds)
            found.append(figure(PART, case.name, times))
    finally:
        engine.close()
    return found


def figure(
    part: str, name: str, times: Times, ratio: float = RATIO, slack: int = SLACK_MS
) -> Figure:
    value = (
        f"{write(times.ours_ms, 'ms')}, by hand {write(times.hand_ms, 'ms')}:"
        f" {times.ratio:.2f} × (CPU {times.cpu_ratio:.2f} ×)"
    )
    aim = f"≤ {ratio} ×" + (f" + {slack} ms" if slack else "")
    return Figure(part, name, value, aim, times.ours_ms <= ratio * times.hand_ms + slack)


def _all_cases() -> Iterator[Case]:
    for name, period in (("year", YEAR), ("30 days", MONTH)):
        yield from cases(name, period)
