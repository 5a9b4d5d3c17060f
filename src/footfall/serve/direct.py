"""A connection that passes events to the collector without a task for each request.

Everything else about a connection and its requests is as in `BoundedConnection`.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import structlog
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from footfall.collect.public import PublicCollector, Reply, Taken
from footfall.serve.connection import BoundedConnection

_STOPPING = Reply(503, ((b"retry-after", b"5"), (b"content-length", b"0")), b"")
_FAILED = Reply(
    500,
    ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21")),
    b"Internal Server Error",
)

log = structlog.get_logger()


class DirectConnection(BoundedConnection):
    """Hands a request to the collector itself if all of it came in one piece, as those of trackers
    do, and answers when the journal's fsync is done. Any other request is the application's."""

    _is_new = False  # the head of the request that starts came just now
    _undecided: Any = None  # the application of such a request, until the end of the piece

    def __init__(
        self, *, find_collector: Callable[[Scope], PublicCollector | None], **given: Any
    ) -> None:
        super().__init__(**given)
        self._find_collector = find_collector

    def on_headers_complete(self) -> None:
        self._is_new = True
        try:
            super().on_headers_complete()
        finally:
            self._is_new = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        if self._is_new:
            self._undecided = app  # the rest of the piece may be its body
        elif cycle.more_body or not self._is_taken(cycle):
            super()._start_asgi_task(cycle, app)

    def _parse(self, data: bytes | memoryview) -> None:
        super()._parse(data)
        app, self._undecided = self._undecided, None
        if app is not None and self._running is not None:
            self._start_asgi_task(self._running, app)

    def _is_taken(self, cycle: RequestResponseCycle) -> bool:
        """Hand a whole request to the collector, if it is one for it."""
        if cycle.waiting_for_100_continue or self.flow.write_paused:
            return False
        try:
            taken = self._take(cast(Scope, cycle.scope), bytes(cycle.body))
        except Exception:  # the application fails in the same way, and that is logged and answered
            return False
        if taken is None:
            return False
        if taken.committed is None:
            self.loop.call_soon(self._answer, cycle, taken)
        else:
            self.tasks.add(taken.committed)  # type: ignore[arg-type]  # cancelled by a stop, too
            taken.committed.add_done_callback(partial(self._answer, cycle, taken))
        return True

    def _take(self, scope: Scope, body: bytes) -> Taken | None:
        collector = self._find_collector(scope)
        return collector.take_whole(scope, body) if collector else None

    def _answer(self, cycle: RequestResponseCycle, taken: Taken, *_: object) -> None:
        self.tasks.discard(taken.committed)
        try:
            reply = taken.reply()
        except asyncio.CancelledError:  # the server stops and no longer waits for the disk
            reply, cycle.keep_alive = _STOPPING, False
        except Exception:
            log.exception("a request for the collector failed")
            reply, cycle.keep_alive = _FAILED, False
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        defaults = self.server_state.default_headers
        self._write_now(_encoded.get(reply, defaults, keeps_alive=cycle.keep_alive))
        if not cycle.keep_alive:
            self.close()
        self.on_response_complete()


class _Encoded:
    """Encodes answers. It remembers the latest one, because nearly all are the same for a second:
    then the server's own headers change."""

    _reply: Reply | None = None
    _defaults: list[tuple[bytes, bytes]] | None = None
    _bytes = b""

    def get(self, reply: Reply, defaults: list[tuple[bytes, bytes]], *, keeps_alive: bool) -> bytes:
        if keeps_alive and reply is self._reply and defaults is self._defaults:
            return self._bytes
        headers = [*defaults, *reply.headers]
        if not keeps_alive:
            headers.append((b"connection", b"close"))
        lines = [b"%s: %s\r\n" % header for header in headers]
        encoded = b"".join((STATUS_LINE[reply.status], *lines, b"\r\n", reply.body))
        if keeps_alive:
            self._reply, self._defaults, self._bytes = reply, defaults, encoded
        return encoded


_encoded = _Encoded()
