"""Which rows have changed, and when: the numbered changes of the store's rows.

A change is numbered when it has ended. For each website the numbers are kept by the time of the
earliest row that a change touched, because whoever depends on the rows before an instant is
affected by every change that touched one of them.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

Touched = Mapping[int, int]
"""Website → the hour since 1970 of the earliest time of its rows."""

MAX_STEPS = 1000
"""How many hours are distinguished per website: six weeks of traffic, in 16 kB."""
HOUR_MS = 3_600_000

_HOUR = rb"(\d{4}-\d\d-\d\d \d\d)"
_REST = rb"[^\n]*\n?"
_EARLY = re.compile(rb'^\[(\d+), ?"' + _HOUR + _REST, re.MULTILINE)
_ROWS = {
    "events": re.compile(
        rb'^\[(\d+), ?"' + _HOUR + rb'[^"]*", ?\d+, ?\d+, ?"' + _HOUR + _REST, re.MULTILINE
    ),
    "sessions": _EARLY,
    "payments": _EARLY,
    "ingestion": _EARLY,
    "quarantine": _EARLY,
    "visits": re.compile(rb'^\[(\d+), ?\d+, ?"' + _HOUR + _REST, re.MULTILINE),
}
"""Table → the website and the times of its rows that reports select by."""
_UNREAD = ("batches", "event_ids", "migrations")
"""Tables that no report reads."""


def touched_by(table: str, lines: bytes) -> Touched | None:
    """What the rows of an insert touch; None if that cannot be seen, which means everything."""
    if table in _UNREAD:
        return {}
    pattern = _ROWS.get(table)
    found = pattern.findall(lines) if pattern else []
    if len(found) != lines.count(b"\n") + 1:
        return None
    touched: dict[int, int] = {}
    for website, *hours in set(found):
        hour = _hours_since_1970(min(hours))
        website_id = int(website)
        touched[website_id] = min(hour, touched.get(website_id, hour))
    return touched


@lru_cache(maxsize=1024)
def _hours_since_1970(text: bytes) -> int:
    try:
        at = datetime.fromisoformat(text.decode() + ":00").replace(tzinfo=UTC)
    except ValueError:  # the engine refuses such a row
        return -(2**40)
    return int(at.timestamp() // 3600)


class Changes:
    """Numbers all changes of the rows, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest = 0
        self._of_everything = 0
        self._by_website: dict[int, _Steps] = {}
        self._running: list[Touched | None] = []

    @contextmanager
    def change(self, touched: Touched | None) -> Iterator[None]:
        """A change of these rows (None: of any) goes on until the block ends, well or not."""
        with self._lock:
            self._running.append(touched)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(touched)
                self._newest += 1
                self._note(touched)

    def newest(self) -> int:
        """The number of the newest change; those that are going on will have greater ones."""
        with self._lock:
            return self._newest

    def is_unchanged(self, website_id: int, until_ms: int | None, since: int) -> bool:
        """Whether no change with a number greater than `since`, and none that is going on, touches
        rows of a website before an instant, or any of its rows if that is None."""
        with self._lock:
            if self._of_everything > since:
                return False
            for touched in self._running:
                if touched is None or _is_before(touched.get(website_id), until_ms):
                    return False
            steps = self._by_website.get(website_id)
            return steps is None or steps.newest(until_ms) <= since

    def _note(self, touched: Touched | None) -> None:
        if touched is None:
            self._of_everything = self._newest
            self._by_website.clear()
            return
        for website_id, hour in touched.items():
            self._by_website.setdefault(website_id, _Steps()).add(hour, self._newest)


def _is_before(hour: int | None, until_ms: int | None) -> bool:
    return hour is not None and (until_ms is None or hour * HOUR_MS < until_ms)


class _Steps:
    """For each instant the newest change that touched a row before it: hours and numbers, both
    ascending, since a later change from an earlier hour covers those after it."""

    def __init__(self) -> None:
        self._hours = array("q")
        self._numbers = array("q")

    def add(self, hour: int, number: int) -> None:
        while self._hours and self._hours[-1] >= hour:
            self._hours.pop()
            self._numbers.pop()
        self._hours.append(hour)
        self._numbers.append(number)
        if len(self._hours) > MAX_STEPS:  # the two oldest become one, as if changed together
            self._numbers.pop(0)
            self._hours.pop(1)

    def newest(self, until_ms: int | None) -> int:
        place = len(self._hours)
        if until_ms is not None:
            place = bisect_left(self._hours, -(-until_ms // HOUR_MS))
        return self._numbers[place - 1] if place else 0
