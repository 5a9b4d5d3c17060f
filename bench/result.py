"""Figures, their aims, and the table of both."""

import os
import platform
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

console = Console(width=118, highlight=False)


class Figure(msgspec.Struct, frozen=True):
    """One line of the table. `is_met` is None if the figure has no aim."""

    part: str
    what: str
    value: str
    aim: str = ""
    is_met: bool | None = None


def at_most(part: str, what: str, value: float, aim: float, unit: str) -> Figure:
    """A figure that should not be larger than its aim."""
    return Figure(part, what, write(value, unit), f"≤ {write(aim, unit)}", value <= aim)


def at_least(part: str, what: str, value: float, aim: float, unit: str) -> Figure:
    """A figure that should not be smaller than its aim."""
    return Figure(part, what, write(value, unit), f"≥ {write(aim, unit)}", value >= aim)


def write(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
    if unit == "×":
        number = f"{value:.2f}"
    return f"{number} {unit}".rstrip()


def median_ms(ask: Callable[[], object], rounds: int) -> float:
    """Milliseconds of wall-clock time. The first answer reads the files and is left out."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return middle(times[1:])


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` (0–1) of the values do not exceed; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def middle(values: Iterable[float]) -> float:
    """The median; 0 if there are no values."""
    return median(found) if (found := list(values)) else 0.0


def machine() -> str:
    """Date, cores, memory, and how busy the machine is with other things."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {os.cpu_count()} cores, {gigabytes:.0f} GB,"
        f" {platform.system()} {platform.machine()} · Python {platform.python_version()}"
        f" · load average {load}"
    )


def print_table(figures: Iterable[Figure]) -> None:
    table = Table("Part", "Figure", "Value", "Aim", "", box=None, pad_edge=False)
    for figure in figures:
        mark = {True: "met", False: "[bold red]MISSED[/]", None: ""}[figure.is_met]
        table.add_row(figure.part, figure.what, figure.value, figure.aim, mark)
    console.print(table)
