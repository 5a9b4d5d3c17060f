"""A browser for the tests of the dashboard's pages, and patience for a busy machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser import WAIT_S, chromium, playwright
from dashboard.demo_server import DemoServer, demo_server
from dashboard.watched import Watched
from playwright.sync_api import Browser, expect

__all__ = ["chromium", "playwright"]

expect.set_options(timeout=WAIT_S * 1000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with demo_server(tmp_path_factory.mktemp("demo") / "data") as server:
        yield server


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
    with chromium.new_context(
        base_url=demo.url, viewport={"width": 1440, "height": 900}, locale="en-GB"
    ) as context:
        context.add_cookies(cookies)
        watched = Watched(context, demo)
        yield watched
        assert not watched.wrong
