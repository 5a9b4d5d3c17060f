"""Runs SELECTs: the engine, or a reader for one request, which can be cancelled."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from footfall.store.cache import Cache
from footfall.store.cancel import Canceller, Tags, tagged
from footfall.store.error import EngineError, QueryCancelled
from footfall.store.rows import Reads, Rows, rows_of


class Reader(Protocol):
    """Anything that runs a report's statements."""

    @property
    def keeps_answers(self) -> bool:
        """Whether a statement that was asked for before may be answered from a cache."""

    def query(
        self, sql: str, params: Mapping[str, object] | None = None, reads: Reads | None = None
    ) -> Rows:
        """Run one SELECT with server-side parameters ({name:Type}). Its rows may come from a cache
        if `reads` says which rows of the tables they depend on. Raises EngineError."""


class CancellableReader:
    """Runs one request's statements, one after the other. `cancel` may be called from any
    thread: it cancels the running statement and refuses further ones."""

    def __init__(
        self,
        ask: Callable[[str, Mapping[str, object] | None], bytes],
        canceller: Canceller,
        tags: Tags,
        cache: Cache | None = None,
    ) -> None:
        """`ask` returns the engine's reply."""
        self._ask = ask
        self._cache = cache
        self._canceller = canceller
        self._tags = tags
        self._lock = threading.Lock()
        self._running = ""  # the running statement's tag
        self._is_cancelled = False

    @property
    def keeps_answers(self) -> bool:
        return self._cache is not None

    def query(
        self, sql: str, params: Mapping[str, object] | None = None, reads: Reads | None = None
    ) -> Rows:
        """As `Reader`. Raises QueryCancelled."""
        if self._cache is None or reads is None:
            return rows_of(self._run(sql, params))
        self._refuse_if_cancelled()
        return self._cache.read(sql, params, reads, self._run, lambda: self._is_cancelled)

    def _run(self, sql: str, params: Mapping[str, object] | None) -> bytes:
        tag = self._tags.new()
        with self._lock:
            self._refuse_if_cancelled()
            self._running = tag
        try:
            body = self._ask(tagged(tag, sql), params)
        except EngineError:
            self._refuse_if_cancelled()
            raise
        finally:
            with self._lock:
                self._running = ""
            self._canceller.ended(tag)
        self._refuse_if_cancelled()
        return body

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            if self._running:
                self._canceller.cancel(self._running)
        if self._cache is not None:
            self._cache.wake()

    def _refuse_if_cancelled(self) -> None:
        if self._is_cancelled:
            raise QueryCancelled("the query was cancelled")
