"""The web analytics API as tools ask it: in this process, or on a server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx2
import msgspec

from footfall.model.errors import Unavailable
from footfall.model.json_text import MALFORMED
from footfall.serve.mcp.text import clean
from footfall.serve.rest.base import BASES

TIMEOUT_S = 120.0
PAUSE_S = 0.05
BASE = BASES[-1]
JSON = "application/json"
NOT_FOOTFALL = "What responds at this address is not Footfall: check the URL"

Params = Sequence[tuple[str, str]]


class Reply(msgspec.Struct, frozen=True):
    """What the API answered. `size` is the length of its body."""

    status: int
    body: Any
    size: int

    @property
    def is_error(self) -> bool:
        return self.status >= 400


class Raw(msgspec.Struct, frozen=True):
    """What the API answered, byte by byte."""

    status: int
    content: bytes
    media_type: str
    location: str = ""  # where a redirect leads


class Rest:
    """Asks the API with the caller's token."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._under_way = 0

    async def replace(self, make: Callable[[], Awaitable[httpx2.AsyncClient]]) -> None:
        """Ask another API from now on. New requests wait until it is made, and it is not made
        before the earlier ones have their answers."""
        self._is_open.clear()
        while self._under_way:
            await asyncio.sleep(PAUSE_S)
        self.client = await make()
        self._is_open.set()

    async def ask(
        self,
        method: str,
        path: str,
        token: str,
        params: Params = (),
        body: object = None,
    ) -> Reply:
        """Raises Unavailable if no API answers."""
        return decoded(await self.fetch(method, path, token, params, body))

    async def fetch(
        self,
        method: str,
        path: str,
        token: str,
        params: Params = (),
        body: object = None,
        accept: str = JSON,
    ) -> Raw:
        """Raises Unavailable if nothing answers."""
        await self._is_open.wait()
        self._under_way += 1
        try:
            found = await self.client.request(
                method,
                path if path.startswith("/v0/") else BASE + path,
                params=list(params),
                headers={"Authorization": f"Bearer {token}", "Accept": accept},
                json=body,
            )
        except httpx2.HTTPError as error:
            reason = clean(str(error)) or type(error).__name__
            raise Unavailable(f"The server does not respond: {reason}") from error
        finally:
            self._under_way -= 1
        media_type = found.headers.get("Content-Type", "").partition(";")[0]
        location = found.headers.get("Location", "")
        return Raw(found.status_code, found.content, media_type, location)


def decoded(raw: Raw) -> Reply:
    """An answer in JSON. Raises Unavailable if it is not JSON."""
    try:
        return Reply(raw.status, msgspec.json.decode(raw.content), len(raw.content))
    except MALFORMED as error:
        raise not_ours(raw) from error


def not_ours(raw: Raw) -> Unavailable:
    """The error for an answer that the API does not give: who may have given it."""
    if raw.location:
        return Unavailable(f"This address redirects to {clean(raw.location)}: use that one")
    if raw.status >= 500:
        return Unavailable(
            f"The status is {raw.status}: Footfall is starting, or a proxy does not reach it"
        )
    return Unavailable(NOT_FOOTFALL)


def rest_in_process(application: Any) -> Rest:
    """The API of an ASGI application."""
    transport = httpx2.ASGITransport(app=application, raise_app_exceptions=False)
    return Rest(httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1"))


def client_of(url: str) -> httpx2.AsyncClient:
    """A client for the API of a server. The environment's proxies count, except on this machine."""
    is_here = httpx2.URL(url).host in ("127.0.0.1", "localhost", "::1")
    return httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_S, trust_env=not is_here)
