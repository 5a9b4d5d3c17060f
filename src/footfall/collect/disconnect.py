"""Abandoning work when its client has disconnected."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")

_unfinished: set["asyncio.Task[Any]"] = set()
"""Cancelled work that has not ended yet. The event loop alone would not keep it."""


async def unless_disconnected(work: Coroutine[Any, Any, T], receive: Receive | None) -> T:
    """The result of `work`. When the client closes the connection, or this is cancelled, `work` is
    cancelled, without waiting for its end. Raises ClientDisconnect.

    `receive` is the request's channel, whose body was read or does not matter. None: `work` does
    not depend on the client."""
    task = asyncio.create_task(work)
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
    ends: list[asyncio.Task[Any]] = [task]
    if receive is not None:
        ends.append(asyncio.create_task(_disconnected(receive)))
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for each in ends:
            each.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
