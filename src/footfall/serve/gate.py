"""A website's gate: no report reads its data while parts of it are being swapped."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class Gates:
    """A report that runs while its gate closes runs again, so closing never waits for a slow one.

    Readers share one event loop; any thread may close a gate.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed: Counter[int] = Counter()
        self._closings: Counter[int] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    async def read(self, website_id: int, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` answers that ran while the website's gate was open from beginning to end. It
        runs again where the gate closed meanwhile, so it must change nothing."""
        self._loop = asyncio.get_running_loop()
        while True:
            closings = await self._wait_until_open(website_id)
            try:
                answer = await work()
            except Exception:
                if self._closings[website_id] == closings:
                    raise
            else:
                if self._closings[website_id] == closings:
                    return answer

    def closings(self, website_id: int) -> int:
        """How often the website's gate has been closed. What was read before the last time may be
        deleted."""
        with self._lock:
            return self._closings[website_id]

    @contextmanager
    def closed(self, website_id: int) -> Iterator[None]:
        """Let no report read the website until the block ends."""
        with self._lock:
            self._closed[website_id] += 1
            self._closings[website_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._closed[website_id] -= 1
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._wake)

    async def _wait_until_open(self, website_id: int) -> int:
        """How often the gate has been closed so far."""
        while True:
            with self._lock:
                if not self._closed[website_id]:
                    return self._closings[website_id]
            opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(opened)
            try:
                await opened
            finally:
                self._waiting.discard(opened)

    def _wake(self) -> None:
        for opened in self._waiting:
            if not opened.done():
                opened.set_result(None)
