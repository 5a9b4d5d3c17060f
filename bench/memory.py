"""memory: of a server on a year of events, idle, after work, and after a rest."""

import time
from pathlib import Path

from bench.case import DASHBOARD_LISTS
from bench.dataset import MONTH, YEAR, copy_of, dataset
from bench.load import send
from bench.process import Memory, memory_of
from bench.result import Figure, at_most
from bench.server import Server, running_server
from bench.size import Size

PART = "memory"
_SETTLE_S = 10


def run(size: Size, folder: Path) -> list[Figure]:
    """Idle is after one answer; then inserts and dashboards as of an hour, shortened; then rest."""
    data, _ = dataset(folder.parent, size.report_events)
    with running_server(copy_of(data, folder / "data")) as server:
        server.get("/overview", **MONTH)
        time.sleep(min(_SETTLE_S, size.rest_s))
        idle = memory_of(server.process.pid)
        send(server, size.memory_events)
        inserted = memory_of(server.process.pid)
        for number in range(size.memory_dashboards):
            _look(server, YEAR if number % 20 == 19 else MONTH)
        looked = memory_of(server.process.pid)
        time.sleep(size.rest_s)
        rested = memory_of(server.process.pid)
    return [
        at_most(PART, "idle, anonymous", idle.anonymous, 150, "MB"),
        at_most(PART, "idle, resident", idle.resident, 350, "MB"),
        _phase(f"after {size.memory_events:,} events", inserted),
        _phase(f"after {size.memory_dashboards} dashboards, some of a year", looked),
        _phase(f"after a rest of {size.rest_s} s", rested),
        at_most(PART, "anonymous, rested ÷ idle", rested.anonymous / idle.anonymous, 1.3, "×"),
        at_most(PART, "resident, rested ÷ idle", rested.resident / idle.resident, 1.3, "×"),
    ]


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
