"""The overview behind a network that fails: it says so, shows nothing old as new, and recovers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from browser import WAIT_S
from dashboard.bad_network import Fault, bad_network
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import SITE, settled
from idle import count_requests
from playwright.sync_api import Browser, Page, expect
from selection import some_of

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
FAULTS: tuple[tuple[Fault, ...], ...] = ("500", "cut off"), ("429", "503")
"""Those that a person tries again, and those that the page does, after a while."""


def test_reports_fail_and_recover(chromium: Browser, demo: DemoServer, cookies: Any) -> None:
    with (
        bad_network(demo.url) as network,
        chromium.new_context(base_url=network.url, locale="en-GB") as context,
    ):
        count_requests(context)
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(WAIT_S * 1000)
        page.clock.set_fixed_time(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        network.fault = "delayed"
        page.goto(f"{SITE}?p=7d")
        settled(page)
        periods = iter(("yesterday", "today", "24h", "month"))
        for fault in (one for pair in FAULTS for one in some_of(pair, 1)):
            network.fault = fault
            check_failing(page, fault, next(periods))
            network.fault = ""
            for name in ("sources", "goals"):
                panel = page.locator(f"[data-panel={name}]")
                if fault in FAULTS[0]:
                    panel.get_by_role("button", name="Retry").click()
                expect(panel.locator("tbody tr").first).to_be_visible()
                expect(panel.get_by_role("alert")).to_have_count(0)


def check_failing(page: Page, fault: Fault, period: str) -> None:
    """Another period is chosen: its numbers are missing, and those of the last one are gone."""
    key = {"yesterday": "e", "today": "d", "24h": "h", "month": "m"}[period]
    page.keyboard.press(key)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?p={period}")
    for name in ("sources", "goals"):
        panel = page.locator(f"[data-panel={name}]")
        alert = panel.get_by_role("alert")
        expect(alert).to_be_visible()
        expect(panel.locator("tbody tr")).to_have_count(0)
        expect(alert.get_by_role("button", name="Retry")).to_be_visible()
        if fault in FAULTS[1]:
            expect(alert).to_contain_text("Tries again in")
    assert page.locator("main").inner_text().strip()
