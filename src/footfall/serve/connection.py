"""A connection whose request heads are bounded in size and in time; the parser bounds neither."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 256 * 1024
MAX_URL_BYTES = 60_000  # the framework's parser takes no more, and no query may be as long
HEAD_TIMEOUT_S = 30


class BoundedConnection(HttpToolsProtocol):
    """Hangs up on request lines, headers, trailers and chunk extensions without an end."""

    _outside_bodies = 0  # bytes since the last piece of a body or end of a request
    _is_in_head = False
    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._outside_bodies += len(data)
        super().data_received(data)
        if self._outside_bodies > MAX_HEAD_BYTES:
            self.transport.close()
        elif self._is_in_head and self._giving_up is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Cuts off what is far too long: enough is left for an answer that says so."""
        super().on_url(url[: MAX_URL_BYTES - len(self.url)])

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if self._giving_up is not None:
            self._stop_expecting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._outside_bodies = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._outside_bodies = 0
        super().on_message_complete()

    def _expect_head(self) -> None:
        self._giving_up = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def _stop_expecting(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
