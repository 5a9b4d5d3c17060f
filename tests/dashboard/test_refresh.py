"""While its period is not over, everything that a page shows is asked for again each minute."""

import json
import re
from datetime import UTC, datetime

import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import SITE, Watched
from idle import wait_until_idle
from playwright.sync_api import Page, Request, expect

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
REPORT = re.compile(
    r"/api/v1/(overview|timeseries|breakdown|goals|ingestion|flow|funnel|retention|visitors)\?"
)
FUNNEL = "&step=page:/pricing&step=goal:signup"
PAGES = {
    "overview": ("?p=today", 5),
    "flow": ("/flow?p=today&start=page:/pricing", 1),
    "funnel": (f"/funnels/new?p=today{FUNNEL}", 2),  # and its table by dimension
    "retention": ("/retention?p=today", 1),
    "visitors": ("/visitors?p=today", 1),
}


class Asked:
    """The reports that a page asks for."""

    def __init__(self, page: Page) -> None:
        self.urls: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if REPORT.search(request.url):
            self.urls.append(request.url)

    def taken(self) -> list[str]:
        """Those since the last time, in order of their names."""
        found = sorted(self.urls)
        self.urls.clear()
        return found


def opened(timed: Watched, path: str) -> tuple[Page, Asked]:
    page = timed.page
    page.clock.install(time=NOW_MS / 1000)
    asked = Asked(page)
    timed.open(SITE + path)
    quiet(page)
    return page, asked


def quiet(page: Page) -> None:
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def next_minute(page: Page) -> None:
    with page.expect_response(REPORT):
        page.clock.run_for(60_000)
    quiet(page)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", PAGES)
def test_all_of_an_open_period_is_asked_for_again(timed: Watched, name: str) -> None:
    path, least = PAGES[name]
    page, asked = opened(timed, path)
    first = asked.taken()
    assert len(first) >= least
    next_minute(page)
    assert asked.taken() == first


def test_tabs_and_details_that_were_opened_later_are_too(timed: Watched) -> None:
    page, asked = opened(timed, "?p=today")
    page.locator("[data-panel=places] [data-tab=city]").click()
    quiet(page)
    page.locator("[data-panel=pages] .panel-foot a").first.click()
    expect(page.get_by_role("dialog").locator("tbody tr").first).to_be_visible()
    quiet(page)
    before = asked.taken()
    assert [url for url in before if "dimension=city" in url]
    next_minute(page)
    assert asked.taken() == before
    assert any("/goals?" in url for url in before)


def test_a_period_that_is_over_stays_as_it_is(timed: Watched) -> None:
    page, asked = opened(timed, "?p=7d")
    asked.taken()
    with page.expect_response(re.compile(r"/realtime\?")):
        page.clock.run_for(60_000)
    quiet(page)
    assert asked.taken() == []


def test_a_period_moves_at_midnight_while_its_page_stays_open(timed: Watched) -> None:
    page, asked = opened(timed, "?p=yesterday")
    before = asked.taken()
    with page.expect_response(REPORT):
        page.clock.fast_forward(86_400_000)
    quiet(page)
    after = asked.taken()
    assert len(after) >= len(before)
    assert not set(after) & set(before)
    day = datetime.fromtimestamp(NOW_MS / 1000, UTC).date().isoformat()
    assert all(f"startAt={day}" in url for url in after)


def test_a_page_that_was_hidden_is_asked_for_again_when_it_is_seen(timed: Watched) -> None:
    page, asked = opened(timed, "?p=today")
    first = asked.taken()
    turn(page, is_hidden=True)
    page.clock.fast_forward(600_000)
    quiet(page)
    assert asked.taken() == []
    with page.expect_response(REPORT):
        turn(page, is_hidden=False)
    quiet(page)
    assert asked.taken() == first
    turn(page, is_hidden=True)
    turn(page, is_hidden=False)
    quiet(page)
    assert asked.taken() == []  # what it shows is new


def turn(page: Page, *, is_hidden: bool) -> None:
    """Another tab comes in front of the page, or goes."""
    page.evaluate(
        """(isHidden) => {
          Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


@pytest.fixture(scope="module")
def pair(demo: DemoServer) -> str:
    """Two segments, as the address names them."""
    ids = []
    for name, value in (("Found", "Organic Search"), ("Shared", "Organic Social")):
        content = json.dumps([{"dimension": "channel", "value": value}])
        saved = demo.server.catalog.saved
        now = demo.server.clock()
        ids.append(saved.add(demo.website.id, "segment", None, name, content, now_ms=now).id)
    return f"&s={ids[0]}&s2={ids[1]}"


KEPT = {
    "overview": ("?p=today", "main table tr, [data-tile]"),
    "details": ("?p=today&d=pages.page", "dialog table tr"),
    "visitors": ("/visitors?p=today", "main table tr"),
    "funnel": (f"/funnels/new?p=today{FUNNEL}", "main table tr"),
    "two": ("?p=today{pair}", "main table tr, [data-tile]"),
    "details of two": ("?p=today&d=pages.page{pair}", "dialog table tr"),
    "funnel of two": (f"/funnels/new?p=today{FUNNEL}{{pair}}", "main table tr"),
    "flow of two": ("/flow?p=today&start=page:/pricing{pair}", "main [data-node]"),
    "retention of two": ("/retention?p=today{pair}", "main table tr"),
}
"""Where each is, and its numbers."""


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", KEPT)
def test_a_minute_that_fails_keeps_the_last_numbers(timed: Watched, pair: str, name: str) -> None:
    path, numbers = KEPT[name]
    page, _ = opened(timed, path.replace("{pair}", pair))
    shown = page.locator(numbers)
    before = shown.all_text_contents()
    assert before
    alerts = page.get_by_role("alert")
    timed.expected_status = 500
    page.route(REPORT, lambda route: route.fulfill(status=500, body="{}"))
    next_minute(page)
    expect(alerts.first).to_be_visible()
    assert shown.all_text_contents() == before
    page.unroute(REPORT)
    next_minute(page)
    expect(alerts).to_have_count(0)
    assert shown.all_text_contents() == before
