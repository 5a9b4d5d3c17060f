"""Pictures of the dashboard for the docs: every page, on a desktop and a phone, in both themes.

`make pictures` writes docs/pictures/PAGE-WIDTH-THEME.png, from the demo website at a fixed time.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from browser import CHROMIUM
from dashboard.demo_server import NOW_MS, DemoServer, demo_server
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DAYS = 75
"""Thirty days, the thirty before, and what a comparison by weekday moves."""
SIZES = ({"width": 1440, "height": 1000}, {"width": 390, "height": 844})
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
PAGES = {
    "overview": "/w/demo.example",
    "filtered": "/w/demo.example?f=channel:Organic%20Search|Referral&f=country:!Germany|Austria",
    "details": "/w/demo.example?d=pages.page",
    "flow": "/w/demo.example/flow?start=page:/pricing&end=goal:checkout_started",
    "funnel": "/w/demo.example/funnels?step=page:/pricing&step=goal:signup&step=goal:payment",
    "retention": "/w/demo.example/retention?p=91d",
    "live": "/w/demo.example/live",
    "members": "/members",
    "account": "/account",
}


@contextmanager
def signed_in(
    browser: Browser, demo: DemoServer, theme: Theme, size: dict[str, int]
) -> Iterator[Page]:
    with browser.new_context(
        base_url=demo.url,
        viewport=size,
        color_scheme=theme,
        locale="en-GB",  # type: ignore[arg-type]
    ) as context:
        answer = context.request.post(
            "/api/v1/signin/link",
            data={"code": demo.sign_in_code()},
            headers={"Origin": demo.url, "Sec-Fetch-Site": "same-origin"},
        )
        assert answer.ok, answer.text()
        page = context.new_page()
        page.clock.set_fixed_time(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        yield page


def take_pictures(names: list[str]) -> None:
    """Those of the named pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_server(Path(folder) / "data", days=DAYS) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for size in SIZES:
            for theme in THEMES:
                with signed_in(browser, demo, theme, size) as page:
                    for name in names:
                        page.goto(PAGES[name])
                        page.wait_for_load_state("networkidle")
                        page.wait_for_timeout(400)  # what fades in has done so
                        page.screenshot(path=FOLDER / f"{name}-{size['width']}-{theme}.png")
        browser.close()


if __name__ == "__main__":
    take_pictures(sys.argv[1:] or list(PAGES))
