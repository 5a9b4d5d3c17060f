"""The API of a data folder: that of its server or, if none runs, of this process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from footfall.catalog import Catalog
from footfall.catalog.registry import DAY_MS
from footfall.cli.live import find_server
from footfall.clock import Clock, now_ms
from footfall.config import Settings
from footfall.load.lock import data_lock, is_server_waiting
from footfall.model.errors import FootfallError, Unavailable
from footfall.serve.mcp.rest import Rest, client_of, rest_in_process
from footfall.store.engine import EngineError

if TYPE_CHECKING:
    from footfall.app import Footfall

TOKEN_LIVES_MS = 30 * DAY_MS
LOOK_EVERY_S = 0.5
SERVER_STARTS_WITHIN_S = 60.0
CATCH_UP_WITHIN_S = 60.0

NewToken = Callable[[], AbstractContextManager[str]]
"""Makes a token that is revoked at the end of the block."""


def new_token(
    catalog: Catalog,
    scopes: Sequence[str],
    website: str | None = None,
    clock: Clock = now_ms,
) -> NewToken:
    """Makes tokens of a data folder, for one website or all."""

    @contextmanager
    def make() -> Iterator[str]:
        now = clock()
        secret, token = catalog.add_token(
            website_id=None if website is None else catalog.find_website(website).id,
            scopes=scopes,
            expires_at=now + TOKEN_LIVES_MS,
            now_ms=now,
        )
        try:
            yield secret
        finally:
            with suppress(Unavailable):  # another process holds the catalog; it expires by itself
                catalog.revoke_token(token.id)

    return make


@asynccontextmanager
async def asking_folder(
    settings: Settings, token: NewToken, *, is_complete: bool = False, clock: Clock = now_ms
) -> AsyncIterator[tuple[Rest, str]]:
    """The API of a data folder and a token for it: of the server that runs on the folder or, if
    none runs, of this process. `is_complete`: only after everything has been loaded.

    The token is revoked first when the block ends: it may not wait for the folder's end.
    """
    if server := await asyncio.to_thread(find_server, settings.folder):
        with token() as secret:
            yield Rest(client_of(server.url)), secret
        return
    async with _opened(settings, clock, is_complete=is_complete) as rest:
        with token() as secret:
            yield rest, secret


@asynccontextmanager
async def _opened(settings: Settings, clock: Clock, *, is_complete: bool) -> AsyncIterator[Rest]:
    """The folder's API in this process. A server that starts takes the folder over."""
    held = _Held(settings, clock)
    rest = await held.open()
    giving_way = asyncio.create_task(held.give_way(rest))
    try:
        if is_complete:
            await held.catch_up()
        yield rest
    finally:
        giving_way.cancel()
        with suppress(asyncio.CancelledError):
            await giving_way
        await held.close()


class _Held:
    """A data folder that this process has locked and opened."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = ExitStack()
        self._footfall: Footfall | None = None

    async def open(self) -> Rest:
        # It takes a while to import, which is only needed without a server.
        from footfall.app import Footfall

        self._lock.enter_context(data_lock(self._settings.folder))
        try:
            self._footfall = Footfall(self._settings, self._clock)
        except (EngineError, OSError) as error:
            self._lock.close()
            raise FootfallError(f"cannot open {self._settings.folder}: {error}") from error
        await self._footfall.start()
        return rest_in_process(self._footfall.asgi)

    async def catch_up(self) -> None:
        """Wait until the events that the last server left in the journal are loaded."""
        if self._footfall is not None:
            with suppress(TimeoutError):  # such as a store that is away: the reports say so
                await asyncio.wait_for(self._footfall.deletions.catch_up(), CATCH_UP_WITHIN_S)

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
