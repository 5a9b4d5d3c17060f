"""start: from the process's start to its first answers, on a folder that holds a year."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.dataset import MONTH, copy_of, dataset
from bench.result import Figure, at_most, middle
from bench.server import Server, free_port, spawn, stop, wait_for_answer
from bench.size import Size

PART = "start"


def run(size: Size, folder: Path) -> list[Figure]:
    """Medians of several starts."""
    data, _ = dataset(folder.parent, size.report_events)
    copy = copy_of(data, folder / "data")
    times = list(_starts(copy, size.starts))
    health_s, overview_s = (middle(each) for each in zip(*times, strict=True))
    return [
        at_most(PART, "process start → /health answers", health_s, 1, "s"),
        at_most(PART, "process start → a 30-day /overview is answered", overview_s, 3, "s"),
    ]


def _starts(folder: Path, count: int) -> Iterator[tuple[float, float]]:
    for _ in range(count):
        port = free_port()
        began = time.perf_counter()
        process = spawn(folder, port)
        try:
            wait_for_answer(port, process, "/health")
            health_s = time.perf_counter() - began
            Server(process, port, folder).get("/overview", **MONTH)
            yield health_s, time.perf_counter() - began
        finally:
            stop(process)
