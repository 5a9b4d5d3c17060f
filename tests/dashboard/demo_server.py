"""A server with the demo website at a fixed time, for tests of what the dashboard shows.

It runs in this process, since a clock is an argument and not a setting.
"""

import asyncio
import json
import shlex
import shutil
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from e2e.forked import call_forked

from footfall.app import Footfall
from footfall.catalog.catalog import WORKSPACE
from footfall.config import read_settings
from footfall.demo import world
from footfall.demo.fill import fill
from footfall.model.member import Role
from footfall.model.website import Website

NOW_MS = 1_795_863_600_000  # Saturday 2026-11-28, 12:00 in Berlin
DAYS = 15
"""Seven days, the seven before, and the one that is not over."""
PATIENCE_S = 60

_FILLED: dict[int, Path] = {}
"""By days, the folder that this process has filled: that takes longer than to copy and open it."""

Answer = dict[str, Any]


class DemoServer:
    """The running server, its demo website, and a token that reads everything."""

    def __init__(self, server: Footfall, website: Website, url: str) -> None:
        self.server = server
        self.website = website
        self.url = url
        self.token, _ = server.catalog.add_token(
            website_id=None, scopes=("read",), now_ms=server.clock()
        )

    def get(self, path: str, **parameters: str) -> Answer:
        """The JSON of a GET below the API's base."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.fetch(f"{self.url}/api/v1{path}{query}")

    def run_curl(self, command: str) -> Answer:
        """What a copied curl command answers, with the token in the place of $TOKEN."""
        words = shlex.split(command.replace("\\\n", " "))
        assert words[0] == "curl"
        data = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
        pairs = [pair.partition("=")[::2] for pair in data]
        url = next(word for word in words if word.startswith("http"))
        assert f"Authorization: Bearer {'$TOKEN'}" in words
        return self.fetch(f"{url}?{urlencode(pairs)}")

    def fetch(self, url: str) -> Answer:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            answer: Answer = json.loads(reply.read())
        return answer

    def sign_in_code(self, email: str = "ann@example.com", role: Role = "owner") -> str:
        """A code that signs a member in once; the member is added if there is none."""
        users = self.server.catalog.users
        known = {member.user.email: member for member in users.members(WORKSPACE)}
        now = self.server.clock()
        member = known.get(email) or users.add(
            email, "Ann Archer", None, role, workspace_id=WORKSPACE, now_ms=now
        )
        codes = self.server.catalog.codes
        return codes.add("link", member.user.id, expires_at=now + 600_000, now_ms=now)


@contextmanager
def demo_server(folder: Path, days: int = DAYS) -> Iterator[DemoServer]:
    """The demo website's server until the block ends. Its clock stands still."""
    if days not in _FILLED:
        filled = folder.parent / "filled"
        call_forked(_fill, filled, days)
        _FILLED[days] = filled
    shutil.copytree(_FILLED[days], folder)
    server = _open(folder)
    website = server.catalog.find_website(world.DOMAIN)
    server.registry.refresh()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(server.asgi, lifespan="on", log_config=None, access_log=False)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        # a connection waits in the listener's queue until the server has started
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        urllib.request.urlopen(f"{url}/llms.txt", timeout=PATIENCE_S).close()
        yield DemoServer(server, website, url)
    finally:
        running.should_exit = True
        thread.join(timeout=PATIENCE_S)


def _open(folder: Path) -> Footfall:
    # a minute never ends here, so a limit per minute would be one for all tests of a module
    settings = read_settings({"data": str(folder), "rate_limit_per_minute": "0"}, {})
    return Footfall(settings, clock=lambda: NOW_MS)


def _fill(folder: Path, days: int) -> None:
    """Make a data folder with the demo website. In a process of its own: on a busy machine a server
    that stops does not wait for its engine, and a process can have only one open."""
    server = _open(folder)
    fill(server.catalog, folder, server.loader.step, server.clock, lambda _: None, days=days)

    async def close() -> None:
        await server.start()
        await server.stop()

    asyncio.run(close())


assert world.TIMEZONE == "Europe/Berlin", "NOW_MS and the expected days are in this zone"
