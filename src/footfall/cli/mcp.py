"""`footfall mcp`: tools for an assistant on this machine, over standard input and output."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter

from footfall.app import Footfall
from footfall.catalog import Catalog
from footfall.catalog.registry import DAY_MS
from footfall.cli.folder import Data, open_catalog
from footfall.cli.live import find_server
from footfall.clock import now_ms
from footfall.config import Settings, read_settings
from footfall.load.lock import data_lock, is_server_waiting
from footfall.model.errors import BadRequest, FootfallError, Unavailable
from footfall.model.website import SCOPES
from footfall.serve.mcp.rest import Rest, client_of, rest_in_process
from footfall.store.engine import EngineError

TOKEN_VARIABLE = "FOOTFALL_TOKEN"  # noqa: S105 – a name
TOKEN_LIVES_MS = 30 * DAY_MS
LOOK_EVERY_S = 0.5
SERVER_STARTS_WITHIN_S = 60.0


def mcp(
    *,
    url: Annotated[str | None, Parameter(help="A server's address, instead of a folder.")] = None,
    token: Annotated[
        str | None,
        Parameter(help=f"A token of that server. Better: the variable {TOKEN_VARIABLE}."),
    ] = None,
    scope: Annotated[
        str,
        Parameter(help=f"What the assistant may do in a folder: any of {', '.join(SCOPES)}."),
    ] = "read",
    website: Annotated[
        str | None, Parameter(help="Let it see only this website of a folder: domain or ID.")
    ] = None,
    data: Data = None,
) -> None:
    """Offer the reports to an assistant (MCP over stdio).

    With `--url` it asks that server. Otherwise it asks the server that runs on the data folder or,
    if none runs, opens the folder itself until a server starts.
    """
    if url is not None:
        asyncio.run(_serve_url(url, token or os.environ.get(TOKEN_VARIABLE, "")))
        return
    if token is not None:
        raise BadRequest("--token goes with --url; in a folder, --scope says what it may do")
    settings = read_settings({"data": data})
    with open_catalog(data) as catalog:
        asyncio.run(_serve_folder(settings, lambda: _token(catalog, scope, website)))


async def _serve_url(url: str, token: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise BadRequest(f"--url {url!r} is not an address such as https://stats.example.com")
    if not token:
        raise BadRequest(f"--url needs a token: set the variable {TOKEN_VARIABLE}")
    await _talk(Rest(client_of(url.rstrip("/"))), token)


@contextmanager
def _token(catalog: Catalog, scope: str, website: str | None) -> Iterator[str]:
    """A token for as long as this process lives."""
    now = now_ms()
    secret, token = catalog.add_token(
        website_id=None if website is None else catalog.find_website(website).id,
        scopes=[part.strip() for part in scope.split(",") if part.strip()],
        expires_at=now + TOKEN_LIVES_MS,
        now_ms=now,
    )
    try:
        yield secret
    finally:
        with suppress(Unavailable):  # another process holds the catalog; it expires by itself
            catalog.revoke_token(token.id)


async def _serve_folder(
    settings: Settings, new_token: Callable[[], AbstractContextManager[str]]
) -> None:
    """The token is revoked first when the client leaves: it may not wait for the folder's end."""
    if server := await asyncio.to_thread(find_server, settings.folder):
        with new_token() as token:
            await _talk(Rest(client_of(server.url)), token)
        return
    async with _opened(settings) as rest:
        with new_token() as token:
            await _talk(rest, token)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Rest]:
    """The folder's API in this process. A server that starts takes the folder over."""
    held = _Held(settings)
    rest = await held.open()
    giving_way = asyncio.create_task(held.give_way(rest))
    try:
        yield rest
    finally:
        giving_way.cancel()
        with suppress(asyncio.CancelledError):
            await giving_way
        await held.close()


class _Held:
    """A data folder that this process has locked and opened."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = ExitStack()
        self._footfall: Footfall | None = None

    async def open(self) -> Rest:
        self._lock.enter_context(data_lock(self._settings.folder))
        try:
            self._footfall = Footfall(self._settings)
        except (EngineError, OSError) as error:
            self._lock.close()
            raise FootfallError(f"cannot open {self._settings.folder}: {error}") from error
        await self._footfall.start()
        return rest_in_process(self._footfall.asgi)

    async def close(self) -> None:
        footfall, self._footfall = self._footfall, None
        if footfall is not None:
            await footfall.stop()
            self._lock.close()

    async def give_way(self, rest: Rest) -> None:
        """When a server waits for the folder, close it and ask that server from then on."""
        folder = self._settings.folder
        while not await asyncio.to_thread(is_server_waiting, folder):
            await asyncio.sleep(LOOK_EVERY_S)
        await rest.replace(self._follow_server)

    async def _follow_server(self) -> httpx2.AsyncClient:
        await asyncio.shield(self.close())
        return client_of(await asyncio.to_thread(_url_of_server, self._settings.folder))


def _url_of_server(folder: Path) -> str:
    """The address of the server that is starting on a folder."""
    end = time.monotonic() + SERVER_STARTS_WITHIN_S
    while time.monotonic() < end:
        if server := find_server(folder):
            return server.url
        time.sleep(LOOK_EVERY_S)
    return "http://127.0.0.1:9"  # nobody answers there, which tools report


async def _talk(rest: Rest, token: str) -> None:
    """Answer the client on standard input until it closes it."""
    # The SDK takes a second to import, which only this command needs.
    from mcp.server.stdio import stdio_server

    from footfall.serve.mcp.call import Tools
    from footfall.serve.mcp.server import mcp_server

    server = mcp_server(Tools(rest, now_ms), lambda _context: token)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
    await rest.client.aclose()
