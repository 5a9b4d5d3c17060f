"""A website's gate: while something of it is deleted, nobody reads half of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Gates:
    """Many read a website at once. Who closes its gate waits for those who read, lets nobody in
    until it is done, and is alone with the website. For one event loop."""

    def __init__(self) -> None:
        self._readers: Counter[int] = Counter()
        self._closed: set[int] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    @asynccontextmanager
    async def reading(self, website_id: int) -> AsyncIterator[None]:
        await self._wait_until(lambda: website_id not in self._closed)
        self._readers[website_id] += 1
        try:
            yield
        finally:
            self._readers[website_id] -= 1
            if not self._readers[website_id]:
                del self._readers[website_id]
                self._tell()

    @asynccontextmanager
    async def closed(self, website_id: int) -> AsyncIterator[None]:
        await self._wait_until(lambda: website_id not in self._closed)
        self._closed.add(website_id)
        try:
            await self._wait_until(lambda: not self._readers[website_id])
            yield
        finally:
            self._closed.remove(website_id)
            self._tell()

    async def _wait_until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(told)
            try:
                await told
            finally:
                self._waiting.discard(told)

    def _tell(self) -> None:
        """Let all who wait look again. It waits for nothing: who is given up tells, too."""
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
