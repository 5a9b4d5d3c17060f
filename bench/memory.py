"""memory: a server with a year of events when idle, after work and after a rest, and its peak
while clients send as many distinct values as they can."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from bench.case import DASHBOARD_LISTS
from bench.dataset import MONTH, YEAR, copy_of, dataset
from bench.load import send
from bench.process import Memory, memory_of, proportional_mb
from bench.result import Figure, at_most
from bench.server import Server, running_server
from bench.size import Size

PART = "memory"
_SETTLE_S = 10


def run(size: Size, folder: Path) -> list[Figure]:
    """Idle is after one answer; then an hour's inserts and dashboards, shortened; then a rest."""
    data, _ = dataset(folder.parent, size.report_events)
    with running_server(copy_of(data, folder / "data")) as server:
        server.get("/overview", **MONTH)
        time.sleep(min(_SETTLE_S, size.rest_s))
        idle, idle_pss = memory_of(server.process.pid), proportional_mb(server.process.pid)
        send(server, size.memory_events)
        inserted = memory_of(server.process.pid)
        for number in range(size.memory_dashboards):
            _look(server, YEAR if number % 20 == 19 else MONTH)
        looked = memory_of(server.process.pid)
        time.sleep(size.rest_s)
        rested = memory_of(server.process.pid)
        with _peak_of(server.process.pid) as peak:
            send(server, size.memory_distinct, is_distinct=True)
        time.sleep(size.rest_s)
        after = memory_of(server.process.pid)
    return [
        at_most(PART, "idle, anonymous", idle.anonymous, 150, "MB"),
        at_most(PART, "idle, resident", idle.resident, 350, "MB"),
        at_most(PART, "idle, PSS", idle_pss, 250, "MB"),
        _phase(f"after {size.memory_events:,} events", inserted),
        _phase(f"after {size.memory_dashboards} dashboards, some of a year", looked),
        _phase(f"after a rest of {size.rest_s} s", rested),
        _phase(f"peak with {size.memory_distinct:,} distinct paths, referrers, visitors", peak[0]),
        _phase(f"after a rest of {size.rest_s} s", after),
        at_most(
            PART, "anonymous, rested ÷ idle, distinct", after.anonymous / idle.anonymous, 1.3, "×"
        ),
        at_most(PART, "anonymous, rested ÷ idle", rested.anonymous / idle.anonymous, 1.3, "×"),
        at_most(PART, "resident, rested ÷ idle", rested.resident / idle.resident, 1.3, "×"),
    ]


@contextmanager
def _peak_of(pid: int) -> Iterator[list[Memory]]:
    """The largest of both sizes while the block runs, looked at ten times a second."""
    found, is_over = [memory_of(pid)], Event()

    def look() -> None:
        while not is_over.wait(0.1):
            now = memory_of(pid)
            found[0] = Memory(
                max(found[0].anonymous, now.anonymous), max(found[0].resident, now.resident)
            )

    looking = Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        is_over.set()
        looking.join()


def _look(server: Server, period: dict[str, str]) -> None:
    """A dashboard's requests."""
    server.get("/overview", **period)
    server.get("/timeseries", interval="day", **period)
    server.get("/breakdown", dimension=",".join(DASHBOARD_LISTS), **period)
    server.get("/pages", **period)
    server.get("/goals", **period)
    server.get("/realtime")


def _phase(what: str, memory: Memory) -> Figure:
    value = f"{memory.anonymous:.0f} MB anonymous, {memory.resident:.0f} MB resident"
    return Figure(PART, what, value)
