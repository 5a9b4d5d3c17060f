"""Sorting within a window: the rows of real files go back in time, a little."""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappushpop
from typing import NamedTuple

from footfall.importing.format import Fault, Importable, Row
from footfall.model.event import DropReason

WINDOW_ROWS = 50_000


class Sorted(NamedTuple):
    """A row in its place: by time, then by number, among WINDOW_ROWS neighbours."""

    occurred_at: int
    number: int
    outcome: Importable | DropReason
    fault: Fault | None


def sort_rows(rows: Iterable[Row], window: int = WINDOW_ROWS) -> Iterator[Sorted]:
    """Every row once, in an order that follows from the rows alone.

    A row without a time takes the time of the row before it.
    """
    heap: list[Sorted] = []
    last_at = 0
    for number, row in enumerate(rows):
        last_at = row.occurred_at or last_at
        item = Sorted(last_at, number, row.outcome, row.fault)
        if len(heap) < window:
            heap.append(item)
            if len(heap) == window:
                heapify(heap)
        else:
            yield heappushpop(heap, item)
    heapify(heap)
    while heap:
        yield heappop(heap)
