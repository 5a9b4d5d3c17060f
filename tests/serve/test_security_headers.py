"""Every answer and every page says what a browser may do with it: run nothing inline, load nothing
from elsewhere, be framed by nobody."""

import asyncio
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from footfall.model.share import SHARE_PAGES
from footfall.serve.dashboard import FOLDERS, Dashboard
from footfall.serve.http.access import ROUTE_ACCESS
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.store.engine import Engine

from .browsing import Browser, signed_in
from .conftest import Api

ROUTES = sorted({*ROUTE_ACCESS, *(f"{call.method} {call.path}" for call in MANAGE_CALLS)})
FURTHER = ("/health", "/metrics", "/openapi.json", "/llms.txt", "/api/v1/llms.txt", "/skill.md")
BROKEN = ("/api/v1/none", "/none", "/webhooks/none/none", "/v0/none")
PATHS = {
    *(f"/{folder}" for folder in FOLDERS if folder != "assets"),
    *(f"/w/shop.example{page}" for page in ("", "/flow", "/funnels/new", "/visitors/x", "/live")),
    *(f"/share/none{page}" for page in ("", *(f"/{name}" for name in SHARE_PAGES))),
    *("/w/shop.example/settings/general", "/invite/x", "/signin/x", "//evil.example", "/w/%3Cb%3E"),
    *("/assets/none.js", "/assets/", "/assets/../index.html"),
}
PEERS = (f"203.0.113.{number % 250}" for number in count())


class Place(NamedTuple):
    api: Api
    browsers: tuple[Browser, Browser]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    api = Api(tmp_path_factory.mktemp("headers"), engine, rate_limit_per_minute=0)
    api.website()
    yield Place(api, (Browser(api), signed_in(api)))
    api.close()


def check(headers: httpx2.Headers, where: str) -> None:
    policy = headers.get("content-security-policy", "")
    assert policy.startswith("default-src 'none'"), where
    assert "unsafe" not in policy, where
    assert "frame-ancestors 'none'" in policy, where
    assert headers["x-content-type-options"] == "nosniff", where
    assert headers["referrer-policy"] == "no-referrer", where


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "POST /signout"])
def test_every_answer_of_a_route_has_them(place: Place, route: str) -> None:
    """Refusals, mistakes and answers."""
    method, path = route.split()
    path = re.sub(r"{\w+}", "none", path)
    for browser in place.browsers:
        for query in ("?domain=example.com", "?domain=none.example", "?domain=example.com&x=%00"):
            browser.peer = next(PEERS)
            given = {} if method in ("GET", "DELETE") else {"json": {}}
            answer = browser.ask(method, f"{path}{query}", **given)
            check(answer.headers, f"{route}{query}: {answer.status_code}")
            assert answer.headers["content-type"] == "application/json", route


def test_so_have_files_public_pages_and_what_does_not_exist(place: Place) -> None:
    owner = place.browsers[1]
    csv = owner.get("/pages?domain=example.com", headers={"Accept": "text/csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    check(csv.headers, "csv")
    for path in (*FURTHER, *BROKEN):
        for method in ("GET", "POST", "PROPFIND"):
            check(place.api.ask(method, path).headers, f"{method} {path}")


def test_an_error_of_ours_has_them(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(place.api.catalog.users, "has_owner", fail)
    answer = Browser(place.api).get("/setup")
    assert answer.status_code == 500
    check(answer.headers, "500")


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_page_has_them_built_or_not(tmp_path: Path, path: str) -> None:
    for folder in (None, tmp_path):
        for method in ("GET", "HEAD", "POST"):
            check(asyncio.run(_headers(Dashboard(folder), method, path)), f"{method} {path}")


async def _headers(dashboard: Dashboard, method: str, path: str) -> httpx2.Headers:
    transport = httpx2.ASGITransport(app=dashboard)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return (await client.request(method, f"http://test{path}")).headers
