"""The demo website's server at a fixed time, asked by the official MCP client over both
transports. One server for each file of tests; what they write goes to a website of its own.
"""

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx2
import pytest
from dashboard.demo_server import NOW_MS, DemoServer, demo_server
from e2e.server import wait_until
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from footfall.demo import world
from footfall.model.website import SCOPES

T = TypeVar("T")
Work = Callable[[Client], Coroutine[Any, Any, T]]
WRITTEN_TO = "shop.example"
SITE = {"domain": world.DOMAIN}
TRANSPORTS = ("http", "stdio")


class Place:
    """The server, and a token with every scope."""

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        self.token, _ = demo.server.catalog.add_token(website_id=None, scopes=SCOPES, now_ms=NOW_MS)
        demo.server.catalog.add_website(WRITTEN_TO, currency="EUR", now_ms=NOW_MS)
        demo.server.registry.refresh()

    def rest(self, path: str, /, **params: object) -> Any:
        """The JSON of a GET; a path under /v0 as it is."""
        base = "" if path.startswith("/v0") else "/api/v1"
        texts = {name: _text(value) for name, value in params.items()}
        request = urllib.request.Request(
            f"{self.demo.url}{base}{path}?{urlencode(texts)}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=180) as reply:
            return json.load(reply)

    def delete(self, path: str, /, **params: str) -> None:
        request = urllib.request.Request(
            f"{self.demo.url}/api/v1{path}?{urlencode(params)}",
            headers={"Authorization": f"Bearer {self.token}"},
            method="DELETE",
        )
        urllib.request.urlopen(request, timeout=180).close()

    def send(self, *events: object) -> None:
        """Send events of WRITTEN_TO, all of which must be accepted, and wait until they count."""
        headers = {"Authorization": f"Bearer {self.token}"}
        data = json.dumps({"domain": WRITTEN_TO, "events": events}).encode()
        request = urllib.request.Request(f"{self.demo.url}/api/v1/events", data, headers)
        with urllib.request.urlopen(request, timeout=180) as reply:
            assert json.load(reply)["data"][0]["rejected"] == []
        wait_until(lambda: self._backlog() == 0, "empty journal")

    def _backlog(self) -> int:
        with urllib.request.urlopen(f"{self.demo.url}/health", timeout=180) as reply:
            return int(json.load(reply)["journal_backlog_bytes"])

    def talk(self, transport: str, work: Work[T], token: str = "") -> T:
        """What `work` finds with a client of its own."""

        async def go() -> T:
            if transport == "http":
                headers = {"Authorization": f"Bearer {token or self.token}"}
                async with httpx2.AsyncClient(headers=headers, timeout=180) as http:
                    there = streamable_http_client(f"{self.demo.url}/mcp", http_client=http)
                    async with Client(there) as client:
                        return await work(client)
            variables = {"FOOTFALL_TOKEN": token or self.token}
            program = StdioServerParameters(
                command=sys.executable,
                args=["-m", "footfall", "mcp", "--url", self.demo.url],
                env={"PYTHONPATH": os.pathsep.join(sys.path), **variables},
            )
            async with Client(stdio_client(program)) as client:
                return await work(client)

        return asyncio.run(go())


def _text(value: object) -> str:
    """A parameter as REST takes it."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with demo_server(tmp_path_factory.mktemp("assistants") / "data") as demo:
        yield Place(demo)
