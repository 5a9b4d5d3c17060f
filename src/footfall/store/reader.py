"""Runs SELECTs: the engine, or a reader for one request, which can be cancelled."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from footfall.store.cancel import Canceller, Tags, tagged
from footfall.store.error import EngineError, QueryCancelled


class Rows(msgspec.Struct, frozen=True):
    """The result of a SELECT: rows as lists, in the SELECT's order, and their cost.

    Decimals come as strings, 64-bit integers as integers, DateTime64 as the SELECT casts it
    (select `toUnixTimestamp64Milli(…)`).
    """

    rows: list[list[Any]]
    elapsed_s: float
    rows_read: int
    bytes_read: int


class Reader(Protocol):
    """Anything that runs a report's statements."""

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """Run one SELECT with server-side parameters ({name:Type}). Raises EngineError."""


class CancellableReader:
    """Runs one request's statements, one after the other. `cancel` may be called from any
    thread: it cancels the running statement and refuses further ones."""

    def __init__(
        self,
        ask: Callable[[str, Mapping[str, object] | None], Rows],
        canceller: Canceller,
        tags: Tags,
    ) -> None:
        self._ask = ask
        self._canceller = canceller
        self._tags = tags
        self._lock = threading.Lock()
        self._running = ""  # the running statement's tag
        self._is_cancelled = False

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """As `Reader`. Raises QueryCancelled."""
        tag = self._tags.new()
        with self._lock:
            self._refuse_if_cancelled()
            self._running = tag
        try:
            rows = self._ask(tagged(tag, sql), params)
        except EngineError:
            self._refuse_if_cancelled()
            raise
        finally:
            with self._lock:
                self._running = ""
            self._canceller.ended(tag)
        self._refuse_if_cancelled()
        return rows

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            if self._running:
                self._canceller.cancel(self._running)

    def _refuse_if_cancelled(self) -> None:
        if self._is_cancelled:
            raise QueryCancelled("the query was cancelled")
