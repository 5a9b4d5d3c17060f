"""Lanes: each kind of request has its own queue and threads, so no kind waits for another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from footfall.serve.http.fair import FairQueue, Limits, Share
from footfall.store.reader import CancellableReader, Reader

T = TypeVar("T")


class Lane:
    """A fair queue and its threads, as many as the lane has clients of the engine. For one event
    loop."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name: str = name
        self.queue: FairQueue[asyncio.Future[None]] = FairQueue(limits)
        self._threads = ThreadPoolExecutor(limits.running, thread_name_prefix=name)

    @asynccontextmanager
    async def turn(self, share: Share) -> AsyncIterator[None]:
        """Wait for a place and keep it. Raises Unavailable, at once, if too many wait."""
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.queue.join(ticket, share)
        try:
            self._call_next()
            await ticket
            yield
        finally:
            self.queue.leave(ticket)
            self._call_next()

    async def run(self, reader: CancellableReader, work: Callable[[Reader], T]) -> T:
        """Run `work` in a thread; the caller has a place. When this is cancelled, so are the
        queries of `work`, and it ends as soon as they have."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, work, reader)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            reader.cancel()
            await asyncio.wait((running,))
            if not running.cancelled():
                running.exception()  # marks it as seen: the client has disconnected
            raise

    def _call_next(self) -> None:
        while (ticket := self.queue.take()) is not None:
            if not ticket.done():  # one that was just cancelled will leave by itself
                ticket.set_result(None)
