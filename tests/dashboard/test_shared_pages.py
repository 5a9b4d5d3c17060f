"""Each page of a share link alone: everything on it can be opened, and only what the link shows is
asked for."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser import WAIT_S, close_visit, open_visit
from dashboard.demo_server import DemoServer
from idle import wait_until_idle
from playwright.sync_api import Browser, Page, expect

from footfall.model.share import SHARE_PAGES, SharePage
from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
QUERY: dict[SharePage, str] = {
    "overview": "?p=7d",
    "flow": "?p=7d&start=page:/pricing&end=goal:checkout_started",
    "funnels": "?p=7d&step=page:/pricing&step=goal:signup&by=device",
    "retention": "?p=7d",
    "live": "",
}
OPENERS = "[aria-haspopup]"
"""What opens a menu, a dialog or a picker."""
EMAIL_OPTION = re.compile(r"^Email [\d,]+$|^Add .*Email")
"""Where the link lists values it has a number; else it is only what was typed."""


class Asked:
    """A browser that nobody is signed in to; it notes refusals and errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("response", lambda answer: self._note(answer.status, answer.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def _note(self, status: int, url: str) -> None:
        if status >= 400:
            self.wrong.append(f"{status} {url}")


@pytest.fixture
def asked(chromium: Browser, demo: DemoServer) -> Iterator[Asked]:
    size: Any = {"width": 1440, "height": 900}
    visit = open_visit(chromium, base_url=demo.url, reduced_motion="reduce", viewport=size)
    page = visit.new_page()
    page.set_default_timeout(WAIT_S * 1000)
    page.clock.set_fixed_time(demo.server.clock() / 1000)
    yield Asked(page)
    close_visit(visit)


def share(demo: DemoServer, *pages: SharePage) -> str:
    values = dict.fromkeys(("oldest", "password"), "") | {"name": "Shared", "filters": []}
    values |= {"pages": list(pages), "hosts": [], "expires_at": None}
    now = demo.server.clock()
    return demo.server.catalog.shares.add(demo.website.id, values, now_ms=now).slug


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", SHARE_PAGES)
def test_everything_on_a_shared_page_opens(asked: Asked, demo: DemoServer, name: SharePage) -> None:
    page, slug = asked.page, share(demo, name)
    report = "" if name == "overview" else f"/{name}"
    page.goto(f"/share/{slug}{report}{QUERY[name]}")
    settled(page)
    for opener in page.locator(OPENERS).all():
        if opener.is_visible():
            opener.click()
            settled(page)
            close(page)
    if name != "live":
        open_filters(page)
    details = page.locator(".panel-foot a.link[href*='d=']")
    if name == "overview":
        assert details.count() >= 5
    for number in range(details.count()):
        details.nth(number).click()
        expect(page.get_by_role("dialog").locator("tbody tr").first).to_be_visible()
        settled(page)
        close(page)
    assert not asked.wrong
    links = page.locator("a[href^='/']").evaluate_all(
        "all => [...new Set(all.map((each) => new URL(each.href).pathname))]"
    )
    own = {f"/share/{slug}", f"/share/{slug}{report}"}
    assert set(links) - {"/llms.txt", "/openapi.json"} <= own


def open_filters(page: Page) -> None:
    """A value is chosen from the list where the link lists values, and can be typed anywhere."""
    page.locator("[aria-haspopup=dialog]", has_text="Filter").click()
    editor = page.get_by_role("dialog", name="Filters")
    editor.get_by_role("combobox").last.fill("Email")
    editor.get_by_role("option", name=EMAIL_OPTION).wait_for()
    page.keyboard.press("Enter")
    editor.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("f=channel:Email"))
    settled(page)


def close(page: Page) -> None:
    """Escape closes one thing after the other."""
    opened = page.locator("[role=dialog]:visible, dialog[open], [role=menu]:visible")
    for _ in range(2):
        if opened.count():
            page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def settled(page: Page) -> None:
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true], .waiting")).to_have_count(0)
