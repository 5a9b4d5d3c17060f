"""sizes: what a person waits for with a tenth of the events and with all of them, over HTTP."""

from collections.abc import Callable
from pathlib import Path

from bench.dataset import MONTH, YEAR, copy_of, dataset
from bench.flows import FROM_ANY_PAGE, FUNNEL
from bench.panels import PANELS, ask_panels
from bench.process import peak_of
from bench.result import Figure, at_most, median_ms, write
from bench.server import Server, running_server
from bench.size import Size

PART = "sizes"
AIMED_EVENTS = 10_000_000
# the data is of one year: its second half, and the first one before it
_HALVES = {"startAt": "2025-07-02", "endAt": "2025-12-31", "compare": "previous_period"}
FLOW_MB = 600


def run(size: Size, folder: Path) -> list[Figure]:
    """Without and, as it is shipped, with what the server keeps in memory."""
    found: list[Figure] = []
    for events in (size.report_events // 10, size.report_events):
        data, _ = dataset(folder.parent, events)
        copied = copy_of(data, folder / f"data-{events}")
        with running_server(copied) as server:
            found += _read(server, events, size.rounds)
        with running_server(copied) as server:  # which keeps no memory of other reports
            found.append(_memory_of_flow(server, events))
        with running_server(copied, cache_mb=16) as server:
            found += _kept(server, events, size.rounds)
    return found


def _read(server: Server, events: int, rounds: int) -> list[Figure]:
    questions: list[tuple[str, float, Callable[[], object]]] = [
        (f"{PANELS} panels, 30 days", 300, lambda: ask_panels(server, MONTH)),
        (f"{PANELS} panels, year", 1_200, lambda: ask_panels(server, YEAR)),
        ("overview of half a year and the half before", 200, _ask(server, "/overview", _HALVES)),
        ("top pages, year", 500, _ask(server, "/pages", YEAR)),
        ("flow from any page, year", 1_000, _ask(server, "/flow", YEAR | FROM_ANY_PAGE)),
        ("funnel of three steps, year", 0, _ask(server, "/funnel", YEAR | FUNNEL)),
    ]
    return [
        _figure(events, what, aim_ms, median_ms(ask, rounds)) for what, aim_ms, ask in questions
    ]


def _memory_of_flow(server: Server, events: int) -> Figure:
    flow = _ask(server, "/flow", YEAR | FROM_ANY_PAGE)
    taken = peak_of(flow, server.process.pid)
    return at_most(PART, f"{_millions(events)}: memory of the flow", taken, FLOW_MB, "MB")


def _kept(server: Server, events: int, rounds: int) -> list[Figure]:
    what = f"{PANELS} panels, year, asked again"
    return [_figure(events, what, 300, median_ms(lambda: ask_panels(server, YEAR), rounds))]


def _ask(server: Server, path: str, params: dict[str, str]) -> Callable[[], object]:
    return lambda: server.get(path, **params)


def _figure(events: int, what: str, aim_ms: float, took_ms: float) -> Figure:
    """With its aim, if it has one, at the size that the aims are for."""
    what = f"{_millions(events)}: {what}"
    if aim_ms and events == AIMED_EVENTS:
        return at_most(PART, what, took_ms, aim_ms, "ms")
    return Figure(PART, what, write(took_ms, "ms"))


def _millions(events: int) -> str:
    return f"{events / 1_000_000:g} M events"
