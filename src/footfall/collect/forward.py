"""Forwarding: a collector process hands every other request to the process that can answer it.

Collectors share one port, so the kernel gives them requests for reports as well.
"""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx2
import msgspec
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from footfall.collect.address import ClientAddress
from footfall.collect.body import too_large
from footfall.collect.client import peer_of, read_client
from footfall.collect.header import Headers
from footfall.collect.server import MAX_BODY_BYTES
from footfall.model.address import plain_address
from footfall.model.answer import error_of
from footfall.model.errors import TooLarge

_NOT_FORWARDED = {
    b"connection",
    b"expect",
    b"keep-alive",
    b"transfer-encoding",
    b"upgrade",
}
_NOT_RETURNED = {*_NOT_FORWARDED, b"date"}  # this process writes a date of its own
_TIMEOUT = httpx2.Timeout(120)
_NOT_ASCII = re.compile(rb"[^\x21-\x7e]")  # the library sends no such bytes
_OF_PROXIES = {b"x-forwarded-for", b"forwarded", b"cf-connecting-ip"}
_OF_TRUSTED_PROXIES = {b"x-forwarded-proto", b"x-forwarded-host"}
"""The other process believes what they say, because it trusts this one."""

log = structlog.get_logger()


class Forwarder:
    """Passes requests on to `address` and its answers back, streaming both.

    It names the client, because to the other process every request comes from here. The host stays
    the one that the client named: links in answers begin with it. Nothing of a request or answer is
    kept for another one, so there is a transport and no HTTP client, which would keep cookies.
    """

    def __init__(self, address: str, client_address: ClientAddress) -> None:
        self._address = address
        self._client_address = client_address
        self._transport = httpx2.AsyncHTTPTransport(
            limits=httpx2.Limits(max_connections=None),  # slow clients must not use them up
        )

    async def close(self) -> None:
        await self._transport.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, scope["headers"])
        try:
            answer = await self._ask(self._request(scope, body), body)
        except ClientDisconnect:
            return
        except TooLarge as error:
            await _send_error(send, error.status, error.message)
            return
        except httpx2.HTTPError:  # the server itself is starting or stopping
            await _send_error(send, 503, "not ready; try again", (b"retry-after", b"2"))
            return
        try:
            start = [(k, v) for k, v in answer.headers.raw if k.lower() not in _NOT_RETURNED]
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": start}
            )
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx2.HTTPError:
            log.warning("an answer was cut off on its way from the first process")
        finally:
            await answer.aclose()

    def _request(self, scope: Scope, body: "_Body") -> httpx2.Request:
        client = read_client(scope, Headers(scope["headers"]), self._client_address)
        left_out = _NOT_FORWARDED | _OF_PROXIES
        if not self._client_address.is_proxy(plain_address(peer_of(scope))):
            left_out |= _OF_TRUSTED_PROXIES
        headers = [(k, v) for k, v in scope["headers"] if k not in left_out]
        if client.address:
            headers.append((b"x-forwarded-for", client.address.encode()))
        target = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            target = b"%b?%b" % (target, scope["query_string"])
        return httpx2.Request(
            scope["method"],
            self._address,
            headers=headers,
            content=body.stream() if body.is_there else None,
            extensions={"timeout": _TIMEOUT.as_dict(), "target": _NOT_ASCII.sub(_escape, target)},
        )

    async def _ask(self, request: httpx2.Request, body: "_Body") -> httpx2.Response:
        """The answer's head. Raises ClientDisconnect where the client hangs up before it comes:
        the other process then sees that its client is gone."""
        asking = asyncio.create_task(self._transport.handle_async_request(request))
        hanging_up = asyncio.create_task(body.wait_for_disconnect())
        try:
            await asyncio.wait({asking, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return await asking
            raise ClientDisconnect
        finally:
            asking.cancel()
            hanging_up.cancel()


class _Body:
    """A request's body while it comes in, and the client's end after it."""

    def __init__(self, receive: Receive, headers: list[tuple[bytes, bytes]]) -> None:
        self.is_there = any(
            name in (b"content-length", b"transfer-encoding") for name, _ in headers
        )
        self._receive = receive
        self._is_read = asyncio.Event()
        if not self.is_there:
            self._is_read.set()

    async def stream(self) -> AsyncIterator[bytes]:
        """Raises ClientDisconnect where it ends too early, and TooLarge where no endpoint takes it:
        the other process would hang up in the middle, and its answer could be lost."""
        more, size = True, 0
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise too_large(MAX_BODY_BYTES)
            yield part
            more = message.get("more_body", False)
        self._is_read.set()

    async def wait_for_disconnect(self) -> None:
        """Returns when the client hangs up after its request."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _escape(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % ord(byte[0])


async def _send_error(
    send: Send, status: int, message: str, *more_headers: tuple[bytes, bytes]
) -> None:
    body = msgspec.json.encode(error_of(status, message))
    headers = [(b"content-type", b"application/json"), *more_headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
