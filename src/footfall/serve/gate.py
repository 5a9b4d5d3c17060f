"""A website's gate: while something of it is deleted, nobody reads half of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gates:
    """Many read a website at once. Who closes its gate waits for those who read, lets nobody in
    until it is done, and is alone with the website."""

    def __init__(self) -> None:
        self._readers: Counter[int] = Counter()
        self._closed: set[int] = set()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def reading(self, website_id: int) -> AsyncIterator[None]:
        if website_id in self._closed:
            async with self._changed:
                await self._changed.wait_for(lambda: website_id not in self._closed)
        self._readers[website_id] += 1
        try:
            yield
        finally:
            self._readers[website_id] -= 1
            if not self._readers[website_id]:
                del self._readers[website_id]
            if website_id in self._closed:
                await self._tell()

    @asynccontextmanager
    async def closed(self, website_id: int) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: website_id not in self._closed)
            self._closed.add(website_id)
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: not self._readers[website_id])
            yield
        finally:
            self._closed.remove(website_id)
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
