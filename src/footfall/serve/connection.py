"""A connection that ends in time, whatever its client does or leaves undone.

The server underneath bounds neither the size of a request's head nor the time of a request, and it
resets a connection whose request it answers before the body is there.
"""

import fcntl
import select
import sys
import termios
from asyncio import Transport
from http import HTTPStatus
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from footfall.model.address import plain_address
from footfall.model.answer import error_of
from footfall.serve.limit import EndReason, OpenConnections

MAX_HEAD_BYTES = 256 * 1024
MAX_URL_BYTES = 60_000  # the framework's parser takes no more, and no query may be as long
PIECE_BYTES = 8 * 1024
GRACE_S = 10.0
"""How long a client may be slower than `min_bytes_per_s`: packets get lost."""
LINGER_S = 2.0
LINGER_BYTES = 4 * 1024 * 1024
"""What is still read, and thrown away, after the last answer."""
PROBE_S = 0.5
RETRY_AFTER_S = 5

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSALS: dict[EndReason, tuple[HTTPStatus, str]] = {
    "over_limit": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"Too many connections are open: try again in {RETRY_AFTER_S} s",
    ),
    "over_address_limit": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"Too many connections from this address are open: try again in {RETRY_AFTER_S} s",
    ),
    "slow_request": (HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time"),
    "malformed": (HTTPStatus.BAD_REQUEST, "This is not a valid HTTP request"),
    "too_large_head": (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        f"The head of the request is larger than {MAX_HEAD_BYTES // 1024} kB",
    ),
}


class BoundedConnection(HttpToolsProtocol):
    """Bounds head, request, answer and idle time, and closes so that the last answer is seen.

    `OpenConnections.check` calls `check` once a second: nothing is timed per request. Requests
    that a client sends ahead of the answers (pipelining) wait as bytes, not as requests.
    """

    flow: "_Flow"
    peer = ""
    is_inner = False
    _running: RequestResponseCycle | None = None  # what is answered now
    _is_receiving = False  # a request has begun, and not all of it is here
    _is_in_head = False
    _keeps_alive = False  # as the request that is received wants it
    _is_stopping = False
    _has_ended = False  # the client sends nothing more
    _is_watched = False  # it was found to send nothing more while nothing was read
    _since = 0.0  # when the request began, or the connection became idle
    _received = 0  # bytes of the request
    _outside_bodies = 0  # bytes since the last piece of a body or end of a request
    _unparsed = memoryview(b"")
    _refusal: EndReason | None = None  # to be answered after the requests before it
    _leaves_at: float | None = None  # nothing is answered any more, and then it is closed
    _discarded = 0  # bytes since then
    _head = b""  # of an answer, until the first of its body
    _headed: RequestResponseCycle | None = None  # the last one whose head was kept
    _written = 0  # bytes of answers
    _sent = 0  # of them, when the client's reading was last looked at
    _unsent_since: float | None = None

    def __init__(
        self, *, connections: OpenConnections, inner_port: int | None = None, **given: Any
    ) -> None:
        """`inner_port` is where the server's other processes connect."""
        super().__init__(**given)
        self._connections = connections
        self._limits = connections.limits
        self._inner_port = inner_port

    # What the loop calls

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Flow(transport)
        self.peer = plain_address(self.client[0]) if self.client else ""
        self.is_inner = self.server is not None and self.server[1] == self._inner_port
        self._since = self.loop.time()
        refused = self._connections.admit(self, self._since)
        self._connections.start_checking(self.loop)
        if refused:
            self._send_refusal(refused)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.remove(self)
        self._unparsed = memoryview(b"")
        for cycle, _ in self.pipeline:
            _disconnect(cycle)
        self.pipeline.clear()
        if self._running is not None:
            _disconnect(self._running)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._leaves_at is not None:
            self._discarded += len(data)
            if self._discarded > LINGER_BYTES and not self.is_inner:
                self.transport.abort()
            return
        self._received += len(data)
        if len(data) <= PIECE_BYTES and not self._unparsed:
            self._parse(data)
        else:
            self._unparsed = memoryview(bytes(self._unparsed) + data)
            self._parse_more()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether to keep our side open: a client may end its own and wait for its answer."""
        if self._leaves_at is not None or self._is_receiving or self._running is None:
            return False
        self._has_ended = True
        self.cycle.keep_alive = False
        self.loop.call_later(PROBE_S, self._look_for_client)
        return True

    # What the parser calls

    def on_message_begin(self) -> None:
        self._is_receiving = self._is_in_head = True
        self._since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Cuts off what is far too long: enough is left for an answer that says so."""
        super().on_url(url[: MAX_URL_BYTES - len(self.url)])

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()
        # for the trailers of a chunked body, which nobody reads: what they say was not in the head
        # by which the request is judged, here and in proxies before us
        self.headers = []
        cycle = self.cycle
        cycle.transport = self  # type: ignore[assignment]
        self._keeps_alive = cycle.keep_alive
        cycle.keep_alive = False  # an answer before the end of the body is the last one
        self.flow.is_held = bool(self.pipeline)

    def on_body(self, body: bytes) -> None:
        self._outside_bodies = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_receiving = False
        self._outside_bodies = self._received = 0
        if not self.cycle.response_started:
            self.cycle.keep_alive = self._keeps_alive and not self._is_stopping
        super().on_message_complete()

    # What the server and the requests' cycles call

    def shutdown(self) -> None:
        self._is_stopping = True
        if self._leaves_at is not None:
            self.transport.close()
        else:
            super().shutdown()

    def is_closing(self) -> bool:
        return self._leaves_at is not None or self.transport.is_closing()

    def write(self, data: bytes) -> None:
        """Keeps the head of an answer of known length until its body comes, which is at once: each
        write is a call of the kernel and a packet."""
        cycle = self._running
        if cycle is not self._headed and cycle is not None and _has_body_to_come(cycle):
            self._head, self._headed = data, cycle
        else:
            self._write_now(self._head + data if self._head else data)

    def close(self) -> None:
        """A cycle's way to close: after its answer, which the client must be able to read."""
        if self._head:
            self._write_now(self._head)
        if self._has_ended:
            self.transport.close()
        else:
            self._leave()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._running = None
        self._since = self.loop.time()
        if self.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal is not None:
            self._send_refusal(self._refusal)
            return
        if not self.pipeline:
            self.flow.is_held = False
            self.flow.resume_reading()
            self._parse_more()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    # What OpenConnections calls

    def idle_since(self) -> float | None:
        is_busy = self._is_receiving or self._running is not None or self.is_closing()
        return None if is_busy or self.transport.get_write_buffer_size() else self._since

    def hang_up(self) -> None:
        self.transport.close()

    def check(self, now: float) -> None:
        """End the connection if its client has used up its time."""
        if self._is_unsent(now):
            return
        self._notice_end()
        waited = now - self._since
        if self._leaves_at is not None:
            if now >= self._leaves_at:
                self.transport.abort()
        elif self._waits_for_client():
            due = self._limits.min_bytes_per_s * (waited - GRACE_S)
            if waited > self._limits.request_timeout_s or self._received < due:
                self._refuse("slow_request")
        elif self._is_receiving or self._running is not None:
            self._since, self._received = now, 0  # it waits for us
        elif waited > self._limits.idle_timeout_s:
            self.hang_up()

    # Inner

    def _write_now(self, data: bytes) -> None:
        self._head = b""
        self._written += len(data)
        self.transport.write(data)

    def _parse(self, data: bytes | memoryview) -> None:
        self._outside_bodies += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # to a protocol that we do not speak: it is answered as any request
        except httptools.HttpParserError:
            self._refuse("malformed")
        else:
            if self._outside_bodies > MAX_HEAD_BYTES:
                self._refuse("too_large_head")

    def _parse_more(self) -> None:
        """Parse what has come, up to a request that must wait for the one before it."""
        while self._unparsed and not (self.pipeline or self._refusal or self.is_closing()):
            piece, self._unparsed = self._unparsed[:PIECE_BYTES], self._unparsed[PIECE_BYTES:]
            self._parse(piece)

    def _waits_for_client(self) -> bool:
        """Whether the rest of a request is all that is missing."""
        is_its_turn = self._running is None or self._is_running_received()
        return self._is_receiving and is_its_turn and not self.flow.read_paused

    def _is_running_received(self) -> bool:
        """Whether the body of the very request that is answered now is not all here."""
        return self._is_receiving and not self._is_in_head and self._running is self.cycle

    def _is_unsent(self, now: float) -> bool:
        """Whether some of an answer waits for the client to read it. Ends the connection if the
        client reads too slowly."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent:
            self._unsent_since = None
            return False
        sent = self._written - unsent - _unsent_in_kernel(self.transport)
        if self._unsent_since is None:
            self._sent, self._unsent_since = sent, now
        waited = now - self._unsent_since
        if waited > GRACE_S:
            if sent - self._sent < self._limits.min_bytes_per_s * waited:
                self._connections.count("slow_reader")
                self.transport.abort()
            self._sent, self._unsent_since = sent, now
        return True

    def _refuse(self, reason: EndReason) -> None:
        """Answer the request that is being received with an error, and close."""
        self._connections.count(reason)
        self._unparsed = memoryview(b"")
        running = self._running
        if running is None:
            self._send_refusal(reason)
        elif not self._is_running_received():
            self._refusal = reason  # the requests before it are answered first
            self.flow.is_held = True
            self.flow.pause_reading()
        elif running.response_started:
            self.transport.abort()
        else:
            _disconnect(running)
            self._send_refusal(reason)

    def _send_refusal(self, reason: EndReason) -> None:
        self.write(_answer_of(reason))
        self._leave()

    def _leave(self) -> None:
        """Send what is left and then no more, but read on for a moment: closing while the client
        sends would reset the connection, and the client might never see the answer."""
        if self.is_closing():
            return
        # a collector process bounds what it forwards, and needs all of it read to see the answer
        linger_s = self._limits.request_timeout_s if self.is_inner else LINGER_S
        self._leaves_at = self.loop.time() + linger_s
        self._unparsed = memoryview(b"")
        if not self.transport.get_write_buffer_size():
            self._connections.release(self)
        self.flow.is_held = False
        self.flow.resume_reading()
        self.transport.write_eof()

    def _notice_end(self) -> None:
        """While requests wait for the answer before theirs nothing is read, and so nobody would see
        that the client has gone."""
        is_deaf = self._running is not None and self.flow.read_paused
        if is_deaf and not self._is_watched and _has_ended(self.transport):
            self._is_watched = True
            self._look_for_client()

    def _look_for_client(self, times: int = 0) -> None:
        """Find out whether a client that ended its side waits for the answer or has gone.

        Both look the same until something is sent: one that has gone answers with a reset. Clients
        of HTTP/1.0 must not be sent anything before the answer; they get a moment.
        """
        cycle = self._running
        if cycle is None or self.is_closing():
            return
        can_ask = cycle.scope["http_version"] == "1.1"
        if _is_reset(self.transport) or (not can_ask and times == 4):
            self.transport.abort()
            return
        if can_ask and times == 0 and not cycle.response_started:
            self.write(_CONTINUE)
        self.loop.call_later(PROBE_S, self._look_for_client, times + 1)


class _Flow(FlowControl):
    """Flow control that reads nothing more while requests wait for the answer before theirs."""

    is_held = False

    def resume_reading(self) -> None:
        if not self.is_held:
            super().resume_reading()


def _has_body_to_come(cycle: RequestResponseCycle) -> bool:
    """Whether a cycle that writes its head has said how long the body is that follows."""
    return cycle.chunked_encoding is False and cycle.scope["method"] != "HEAD"


def _disconnect(cycle: RequestResponseCycle) -> None:
    """Let the application see that there is no client any more."""
    cycle.disconnected = True
    cycle.message_event.set()


def _unsent_in_kernel(transport: Transport) -> int:
    """Bytes that the kernel has taken and the client's has not. 0 where the kernel does not say."""
    try:
        count = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(count, sys.byteorder)


def _is_reset(transport: Transport) -> bool:
    return bool(_events(transport, 0) & (select.POLLERR | select.POLLHUP))


def _has_ended(transport: Transport) -> bool:
    """Whether the client has closed its side, whatever of it is not read yet."""
    return bool(_events(transport, select.POLLRDHUP))


def _events(transport: Transport, asked: int) -> int:
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), asked)
    return sum(events for _, events in poll.poll(0))


def _answer_of(reason: EndReason) -> bytes:
    status, message = _REFUSALS[reason]
    body = msgspec.json.encode(error_of(status.value, message))
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "access-control-allow-origin: *",
        "cache-control: no-store",
        "connection: close",
    ]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        lines.append(f"retry-after: {RETRY_AFTER_S}")
    return "\r\n".join((*lines, "", "")).encode() + body
