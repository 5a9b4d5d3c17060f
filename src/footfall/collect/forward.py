"""Forwarding: a collector process hands every other request to the process that can answer it.

Collectors share one port, so the kernel gives them requests for reports as well.
"""

import httpx2
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from footfall.collect.address import ClientAddress
from footfall.collect.client import read_client
from footfall.collect.header import Headers

_NOT_FORWARDED = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"host"}
_OF_PROXIES = {b"x-forwarded-for", b"forwarded", b"cf-connecting-ip"}


class Forwarder:
    """Passes requests on to `address` and its answers back, streaming both.

    Who the client is, it says itself: to the other process every request comes from here.
    """

    def __init__(self, address: str, client_address: ClientAddress) -> None:
        self._client_address = client_address
        self._client = httpx2.AsyncClient(base_url=address, timeout=120)

    async def close(self) -> None:
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        headers = [
            (k, v) for k, v in scope["headers"] if k not in _NOT_FORWARDED and k not in _OF_PROXIES
        ]
        client = read_client(scope, Headers(scope["headers"]), self._client_address)
        if client.address:
            headers.append((b"x-forwarded-for", client.address.encode()))
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        outgoing = self._client.build_request(
            scope["method"],
            f"{path}?{query}" if query else path,
            headers=headers,
            content=request.stream() if scope["method"] in ("POST", "PUT", "PATCH") else None,
        )
        try:
            answer = await self._client.send(outgoing, stream=True)
        except httpx2.HTTPError:
            await _send_unavailable(send)
            return
        try:
            start = [(k, v) for k, v in answer.headers.raw if k.lower() not in _NOT_FORWARDED]
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": start}
            )
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()


async def _send_unavailable(send: Send) -> None:
    """The server itself is starting or stopping."""
    body = b'{"status":"error","error":{"code":503,"message":"not ready; try again"}}'
    headers = [(b"content-type", b"application/json"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
