"""While its period is not over, everything that a page shows is asked for again each minute."""

import re

import pytest
from dashboard.demo_server import NOW_MS
from dashboard.watched import SITE, Watched
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


def opened(watched: Watched, path: str) -> tuple[Page, Asked]:
    page = watched.page
    page.clock.install(time=NOW_MS / 1000)
    asked = Asked(page)
    watched.open(SITE + path)
    quiet(page)
    return page, asked


def quiet(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def next_minute(page: Page) -> None:
    with page.expect_response(REPORT):
        page.clock.run_for(60_000)
    quiet(page)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", PAGES)
def test_all_of_an_open_period_is_asked_for_again(watched: Watched, name: str) -> None:
    path, least = PAGES[name]
    page, asked = opened(watched, path)
    first = asked.taken()
    assert len(first) >= least
    next_minute(page)
    assert asked.taken() == first


def test_tabs_and_details_that_were_opened_later_are_too(watched: Watched) -> None:
    page, asked = opened(watched, "?p=today")
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


def test_a_period_that_is_over_stays_as_it_is(watched: Watched) -> None:
    page, asked = opened(watched, "?p=7d")
    asked.taken()
    with page.expect_response(re.compile(r"/realtime\?")):
        page.clock.run_for(60_000)
    quiet(page)
    assert asked.taken() == []
