"""Every report behind a network that fails: it says so with a way to try again, and recovers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from browser import WAIT_S
from dashboard.bad_network import BadNetwork, Fault, bad_network
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import SITE
from playwright.sync_api import Browser, Page, expect
from selection import IS_ALL

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
PAGES = {
    "flow": (f"{SITE}/flow?p=7d&start=page:/pricing", "[data-sankey] [data-node]"),
    "funnel": (
        f"{SITE}/funnels/new?p=7d&step=page:/pricing&step=goal:signup",
        ".funnel [data-users]",
    ),
    "retention": (f"{SITE}/retention?p=7d", "[data-days='7'] b"),
    "visitors": (f"{SITE}/visitors?p=7d", "main tbody tr"),
    "live": (f"{SITE}/live", "[data-minutes] li"),
    "websites": ("/?p=7d", "main tbody tr td.number:has-text('1,')"),
}
"""Where each is, and what it shows when its numbers are there."""
FAULTS: tuple[Fault, ...] = ("500", "cut off", "429", "503")
CASES = [
    (name, fault)
    for number, name in enumerate(PAGES)
    for at, fault in enumerate(FAULTS)
    if IS_ALL or at == number % len(FAULTS)
]


@pytest.fixture(scope="module")
def network(demo: DemoServer) -> Iterator[BadNetwork]:
    if len(demo.server.catalog.websites()) == 1:  # the list of websites needs two of them
        demo.server.catalog.add_website("second.example", now_ms=NOW_MS)
        demo.server.registry.refresh()
    with bad_network(demo.url) as network:
        network.retry_after_s = 60  # longer than it takes to look
        yield network


@pytest.fixture
def page(chromium: Browser, network: BadNetwork, cookies: Any) -> Iterator[Page]:
    with chromium.new_context(base_url=network.url, locale="en-GB") as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(WAIT_S * 1000)
        page.clock.set_fixed_time(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        yield page
    network.fault = ""


@pytest.mark.sample(1)
@pytest.mark.parametrize(("name", "fault"), CASES)
def test_a_report_says_that_it_failed_and_recovers(
    page: Page, network: BadNetwork, name: str, fault: Fault
) -> None:
    address, numbers = PAGES[name]
    network.fault = fault
    page.goto(address)
    alert = page.locator("main").get_by_role("alert").first
    expect(alert).to_be_visible()
    expect(page.locator(numbers)).to_have_count(0)
    if fault in ("429", "503"):
        expect(alert).to_contain_text("Tries again in")
    network.fault = ""
    page.locator("main").get_by_role("button", name="Retry").evaluate_all(
        "all => all.forEach((button) => button.click())"
    )
    expect(page.locator(numbers).first).to_be_visible()
    expect(page.locator("main").get_by_role("alert")).to_have_count(0)


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", ["flow", "websites"])
def test_a_slow_report_is_shown_when_it_comes(page: Page, network: BadNetwork, name: str) -> None:
    address, numbers = PAGES[name]
    network.fault = "delayed"
    page.goto(address)
    assert page.locator("main").inner_text().strip()
    if name == "flow":
        loading = page.locator("main .waiting").get_by_text("Loading", exact=True)
        expect(loading).to_be_attached()
    expect(page.locator(numbers).first).to_be_visible()
    expect(page.locator("main").get_by_role("alert")).to_have_count(0)
