"""cached: all panels of a dashboard over HTTP, when they are asked for first and again."""

import time
from pathlib import Path

from bench.dataset import copy_of, dataset
from bench.panels import PANELS, ask_panels
from bench.process import cpu_of
from bench.result import Figure, at_most, middle, write
from bench.server import Server, running_server
from bench.size import Size

PART = "cached"
STARTS = {"30 days": "2025-12-02", "year": "2025-01-01"}


def run(size: Size, folder: Path) -> list[Figure]:
    """Both in turns. The period ends a millisecond earlier each round, so that what is asked for
    first takes as much work every time and is never in memory."""
    data, _ = dataset(folder.parent, size.report_events)
    figures = []
    with running_server(copy_of(data, folder / "data"), cache_mb=16) as server:
        for name, start in STARTS.items():
            first: list[tuple[float, float]] = []
            again: list[tuple[float, float]] = []
            for number in range(size.rounds + 1):
                end = f"2025-12-31T23:59:59.{999 - number}Z"
                times = [_ask(server, start, end) for _ in range(2)]
                if number:  # the first round reads the files
                    first.append(times[0])
                    again.append(times[1])
            figures += _figures(name, first, again)
    return figures


def _figures(
    name: str, first: list[tuple[float, float]], again: list[tuple[float, float]]
) -> list[Figure]:
    (first_ms, first_cpu), (again_ms, again_cpu) = (
        [middle(each) for each in zip(*times, strict=True)] for times in (first, again)
    )
    what = f"{PANELS} panels over HTTP, {name}"
    return [
        Figure(PART, f"{what}, first", f"{write(first_ms, 'ms')} (CPU {write(first_cpu, 'ms')})"),
        at_most(PART, f"{what}, again", again_ms, 300, "ms"),
        Figure(PART, f"{what}, again: CPU", write(again_cpu, "ms")),
    ]


def _ask(server: Server, start: str, end: str) -> tuple[float, float]:
    """Milliseconds for all panels, one after the other, and of the server's CPU."""
    cpu, began = cpu_of(server.pids), time.perf_counter()
    ask_panels(server, {"startAt": start, "endAt": end}, at_once=1)
    took = time.perf_counter() - began
    return took * 1000, cpu_of(server.pids).since(cpu).total_s * 1000
