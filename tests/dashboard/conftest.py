"""A browser for the tests of the dashboard's pages, and patience for a busy machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser import WAIT_S, RecordingSite, chromium, open_visit, playwright, serve_site
from dashboard.demo_server import DemoServer, demo_server
from dashboard.kept_context import kept_context
from dashboard.shown import DESKTOP, add_member, looking, with_websites
from dashboard.watched import Watched, watching
from e2e.server import Server, running
from playwright.sync_api import Browser, Page, expect

from footfall.model.member import Member

__all__ = ["chromium", "playwright"]

expect.set_options(timeout=WAIT_S * 1000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with demo_server(tmp_path_factory.mktemp("demo") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two websites and nobody who may sign in."""
    folder = tmp_path_factory.mktemp("server") / "data"
    with running(with_websites(folder, "shop.example", "other.example")) as server:
        yield server


@pytest.fixture(scope="module")
def ann(server: Server) -> Member:
    """Its owner."""
    return add_member(server)


@pytest.fixture
def tab(chromium: Browser, server: Server) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        yield tab


@pytest.fixture(scope="module")
def site() -> Iterator[RecordingSite]:
    with serve_site() as site:
        yield site


@pytest.fixture(scope="module")
def cookies(chromium: Browser, demo: DemoServer) -> Any:
    """Those of a sign-in."""
    with chromium.new_context() as context:
        answer = context.request.post(
            f"{demo.url}/api/v1/signin/link",
            data={"code": demo.sign_in_code()},
            headers={"Origin": demo.url, "Sec-Fetch-Site": "same-origin"},
        )
        assert answer.ok, answer.text()
        return context.cookies()


@pytest.fixture
def watched(chromium: Browser, demo: DemoServer, cookies: Any) -> Iterator[Watched]:
    with kept_context(chromium, demo.url, base_url=demo.url, viewport=DESKTOP) as context:
        context.add_cookies(cookies)
        yield from watching(context, demo)


@pytest.fixture
def timed(chromium: Browser, demo: DemoServer, cookies: Any) -> Iterator[Watched]:
    """As `watched`, for a test that moves the clock: no other test gets its context."""
    context = open_visit(chromium, base_url=demo.url, viewport=DESKTOP)
    context.add_cookies(cookies)
    yield from watching(context, demo)
    context.close()
