"""A 405 says which methods are possible instead: all of them, and no other."""

import asyncio
import re
from collections.abc import Iterator

import httpx2
import pytest
from starlette.routing import Route

from footfall.app import Footfall
from footfall.config import Settings
from footfall.serve.dashboard import FOLDERS
from footfall.serve.rest.base import BASES

from .operations import OPERATIONS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footfall]:
    server = Footfall(Settings(data=str(tmp_path_factory.mktemp("data"))))
    yield server
    server.engine.close()
    server.catalog.close()


def routes_of(server: Footfall) -> list[Route]:
    """Every route of both APIs."""
    applications = (server.asgi._other, server.asgi._mounted["/v0"])
    return [route for application in applications for route in application.routes]  # type: ignore[attr-defined]


def paths_of(server: Footfall) -> list[str]:
    """Every path of every application behind the server's one address but `/mcp`, which asks for a
    token first: its own tests try its methods."""
    listed = {route.path for route in routes_of(server)}
    public = {server.settings.events_path, server.settings.tracker_path}
    pages = {f"/{folder}" for folder in FOLDERS}
    assert {"/v0", "/mcp", *pages} == set(server.asgi._mounted)
    return sorted(listed | public | pages | {f"/proxied{path}" for path in public})


def allowed(answer: httpx2.Response) -> list[str]:
    return sorted(answer.headers["allow"].split(", "))


def filled(path: str) -> str:
    return re.sub(r"{\w+}", "nobody", path)


def test_allow_lists_exactly_the_methods_that_a_path_takes(server: Footfall) -> None:
    async def ask_all() -> dict[str, dict[str, httpx2.Response]]:
        transport = httpx2.ASGITransport(app=server.asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return {
                path: {method: await client.request(method, filled(path)) for method in METHODS}
                for path in paths_of(server)
            }

    found = asyncio.run(ask_all())
    assert {f"{base}/goals" for base in BASES} | {"/v0/raw_events", "/health"} <= set(found)
    for path, answers in found.items():
        refused = [answer for answer in answers.values() if answer.status_code == 405]
        taken = sorted(name for name, answer in answers.items() if answer.status_code != 405)
        assert refused, path
        assert [allowed(answer) for answer in refused] == [taken] * len(refused), path


def test_the_document_lists_the_methods_that_a_path_takes(server: Footfall) -> None:
    documented = {
        (base + operation.path, operation.method)
        for operation in OPERATIONS
        for base in ([""] if operation.path.startswith("/v0") else BASES)
    }
    served = {
        (route.path, method)
        for route in routes_of(server)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if route.path.startswith(("/v0", *BASES))
        and not route.path.endswith(("openapi.json", "llms.txt"))
    }
    assert documented == served
