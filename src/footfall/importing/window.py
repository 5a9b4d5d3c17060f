"""Sorting within a window: real logs go back in time, a little."""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappushpop
from typing import NamedTuple

from footfall.importing.accesslog.entry import Fault
from footfall.importing.accesslog.line import Line, Request
from footfall.model.event import DropReason

WINDOW_LINES = 50_000


class Sorted(NamedTuple):
    """A line in its place: by time, then by number, among WINDOW_LINES neighbours."""

    occurred_at: int
    number: int
    outcome: Request | DropReason
    fault: Fault | None


def sort_lines(lines: Iterable[Line], window: int = WINDOW_LINES) -> Iterator[Sorted]:
    """Every line once, in an order that follows from the lines alone.

    A line without a time takes the time of the line before it.
    """
    heap: list[Sorted] = []
    last_at = 0
    for number, line in enumerate(lines):
        last_at = line.occurred_at or last_at
        item = Sorted(last_at, number, line.outcome, line.fault)
        if len(heap) < window:
            heap.append(item)
            if len(heap) == window:
                heapify(heap)
        else:
            yield heappushpop(heap, item)
    heapify(heap)
    while heap:
        yield heappop(heap)
