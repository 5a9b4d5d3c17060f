"""`footfall mcp` over stdio, as an assistant's program starts it: on a folder and on a server."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from cli.running import RunningServer, forked_footfall, running_server
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from footfall.catalog import Catalog
from footfall.serve.mcp.tool import TOOLS

T = TypeVar("T")
SITE = {"domain": "example.com"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp") / "data"
    made = forked_footfall("website", "add", "example.com", data=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server(folder) as server:
        yield server


def talk(work: Callable[[Client], Coroutine[Any, Any, T]], *words: str, **variables: str) -> T:
    """What `work` finds with a client of a `footfall mcp` of its own."""
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "footfall", "mcp", *words],
        env={"PYTHONPATH": os.pathsep.join(sys.path), **variables},
    )

    async def go() -> T:
        async with Client(stdio_client(program)) as client:
            return await work(client)

    return asyncio.run(go())


async def overview(client: Client) -> dict[str, Any]:
    found = await client.call_tool("get_overview", {**SITE, "period": "this_month"})
    assert not found.is_error, found
    result: dict[str, Any] = found.structured_content["result"]
    return result


async def names(client: Client) -> list[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


async def refusal(client: Client) -> str:
    found = await client.call_tool("delete_goals", {**SITE, "name": "signup"})
    assert found.is_error
    assert isinstance(found.content[0], TextContent)
    return found.content[0].text


def tokens(folder: Path) -> int:
    catalog = Catalog(folder)
    try:
        return len(catalog.tokens())
    finally:
        catalog.close()


def test_a_folder_without_a_server_is_opened(folder: Path) -> None:
    before = tokens(folder)

    async def work(client: Client) -> None:
        assert await names(client) == list(TOOLS)
        assert (await overview(client))["data"][0]["visitors"] == 0
        assert "lacks the scope 'delete'" in await refusal(client)
        await asyncio.to_thread(give_way, asyncio.get_running_loop(), client)

    def give_way(loop: asyncio.AbstractEventLoop, client: Client) -> None:
        with running_server(folder):
            asked = asyncio.run_coroutine_threadsafe(overview(client), loop)
            assert asked.result(60)["data"][0]["visitors"] == 0

    talk(work, "--data", str(folder))
    assert tokens(folder) == before


def test_a_running_server_is_asked(server: RunningServer) -> None:
    wanted = server.get("/api/v1/metadata", server.token("read"))

    async def work(client: Client) -> Any:
        found = await client.call_tool("get_metadata", SITE)
        return found.structured_content["result"]

    assert talk(work, "--data", str(server.folder)) == wanted
    token = server.token("read")
    assert talk(work, "--url", server.url, FOOTFALL_TOKEN=token) == wanted
    assert "lacks the scope" in talk(refusal, "--url", server.url, FOOTFALL_TOKEN=token)


def test_the_server_answers_over_http(server: RunningServer) -> None:
    async def go() -> list[str]:
        headers = {"Authorization": f"Bearer {server.token('read')}"}
        async with httpx2.AsyncClient(headers=headers, timeout=180) as http:
            transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
            async with Client(transport) as client:
                assert (await overview(client))["data"][0]["visitors"] == 0
                return await names(client)

    assert asyncio.run(go()) == list(TOOLS)


def test_mistakes_have_a_sentence(folder: Path) -> None:
    for words, said in (
        (("--url", "stats.example.com"), "is not an address"),
        (("--url", "https://stats.example.com"), "needs a token"),
        (("--token", "flow_x"), "--token goes with --url"),
        (("--scope", "everything"), "everything"),
        (("--website", "none.example"), "none.example"),
    ):
        ran = forked_footfall("mcp", *words, data=folder)
        assert ran.returncode == 1
        assert said in ran.stderr
