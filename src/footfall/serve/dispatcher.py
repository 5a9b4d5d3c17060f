"""Which application answers a request, and the server's start and stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.collect.public import PublicCollector
from footfall.config import Settings
from footfall.model.errors import FootfallError
from footfall.serve.rest.base import BASES

_STOPPING = [(b"retry-after", b"5"), (b"content-length", b"0"), (b"connection", b"close")]


class Dispatcher:
    """Handles the requests that browsers send on every visit without the web framework."""

    def __init__(
        self,
        settings: Settings,
        *,
        collect: ASGIApp,
        tracker: ASGIApp,
        other: ASGIApp,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
    ) -> None:
        self._events_path = settings.events_path
        self._tracker_path = settings.tracker_path
        self._collect = collect
        self._tracker = tracker
        self._other = other
        self._start = start
        self._stop = stop
        self._mounted: dict[str, ASGIApp] = {}

    def mount(self, folder: str, application: ASGIApp) -> None:
        """Let an application answer for a folder of paths, such as "/demo"."""
        self._mounted[folder] = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            await self._find(scope["path"])(scope, receive, send)
        except asyncio.CancelledError:  # the server stops and no longer waits for this request
            with suppress(RuntimeError):  # a response that has begun cannot be replaced
                await send({"type": "http.response.start", "status": 503, "headers": _STOPPING})
                await send({"type": "http.response.body", "body": b""})

    def find_collector(self, scope: Scope) -> PublicCollector | None:
        """The collector, if this request sends events to it."""
        found = self._find(scope["path"]) if scope["method"] == "POST" else None
        return found if isinstance(found, PublicCollector) else None

    def _find(self, path: str) -> ASGIApp:
        if path == self._events_path or self._is_proxied(path, self._events_path):
            return self._collect
        if path == self._tracker_path or self._is_proxied(path, self._tracker_path):
            return self._tracker
        return self._mounted.get("/" + path[1:].partition("/")[0], self._other)

    def _is_proxied(self, path: str, end: str) -> bool:
        """Whether a proxy added a folder of its own before one of the public paths."""
        return path.endswith(end) and not path.startswith(BASES)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The server's start and stop (ASGI lifespan)."""
        await receive()
        try:
            await self._start()
        except (FootfallError, OSError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})
