"""Pictures of the dashboard for the docs: every page, on a desktop and a phone, in both themes.

`make pictures` writes docs/pictures/PAGE-WIDTH-THEME.png, from the demo website at a fixed time.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import Literal

from browser import CHROMIUM
from dashboard.demo_server import NOW_MS, DemoServer, demo_server
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from footfall.catalog.catalog import WORKSPACE
from footfall.catalog.saved import SavedKind
from footfall.demo.fill import BOUNDS
from footfall.demo.generator import DAY_MS, demo_requests
from footfall.demo.world import TIMEZONE
from footfall.enrich.pipeline import Enricher
from footfall.importing.job import Chunk, Job, Watch

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DAYS = 75
"""Thirty days, the thirty before, and what a comparison by weekday moves."""
WIDTHS = {1440: 1000, 390: 844}
MORE_WIDTHS = {1024: 768, 768: 1024}
"""Also for the pages that people look at most: a small laptop's and a tablet's."""
MOST_SEEN = ("overview", "flow", "funnel", "visitors")
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
PAGES = {
    "overview": "/w/demo.example",
    "filtered": "/w/demo.example?f=channel:Organic%20Search|Referral&f=country:!Germany|Austria",
    "details": "/w/demo.example?d=pages.page",
    "segments": "/w/demo.example?s={organic}&s2={social}",
    "flow": "/w/demo.example/flow?start=page:/pricing&end=goal:checkout_started",
    "funnel-of-two": "/w/demo.example/funnels?s={organic}&s2={social}"
    "&step=page:/pricing&step=goal:signup",
    "flow-of-two": "/w/demo.example/flow?s={organic}&s2={social}&start=page:/pricing",
    "funnel": "/w/demo.example/funnels?step=page:/pricing&step=goal:signup&step=goal:payment",
    "retention": "/w/demo.example/retention?p=91d",
    "retention-of-two": "/w/demo.example/retention?p=91d&s={organic}&s2={social}",
    "visitors": "/w/demo.example/visitors",
    "visitor": "/w/demo.example/visitors/{customer}",
    "live": "/w/demo.example/live",
    "websites": "/",
    "settings": "/w/demo.example/settings/general",
    "goals": "/w/demo.example/settings/goals",
    "members": "/members",
    "account": "/account",
    "audit": "/audit",
    "settings-tag": "/w/demo.example/settings/tag",
    "settings-sharing": "/w/demo.example/settings/sharing?f=country:Germany",
    "settings-keys": "/w/demo.example/settings/keys",
    "settings-providers": "/w/demo.example/settings/providers",
    "settings-exclusions": "/w/demo.example/settings/exclusions",
    "settings-data": "/w/demo.example/settings/data",
    "setup": "/setup?site=demo.example",
}
"""Of a member who has signed in. `{customer}` is a visitor who has paid."""
OPEN_PAGES = {
    "sign-in": "/signin",
    "invitation": "/invite/{invitation}",
    "share": "/share/{share}",
}
"""Of anybody."""
OTHER_WEBSITES = {"shop.example": (33, 101), "blog.example": (75, 202)}
"""Further ones for the list of websites: days of traffic, and the seed that it follows from."""


@contextmanager
def nobody(browser: Browser, url: str, theme: Theme, size: ViewportSize) -> Iterator[Page]:
    """A browser in which nobody has signed in."""
    with browser.new_context(
        base_url=url,
        viewport=size,
        color_scheme=theme,
        locale="en-GB",
    ) as context:
        page = context.new_page()
        page.clock.set_fixed_time(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        yield page


SEGMENTS = {"organic": "Organic Search", "social": "Organic Social"}
"""By the names that they have in PAGES. Each is a channel."""
NOTES = {"2026-11-05": "Version 2.0 is out", "2026-11-18": "Newsletter to 4,000 readers"}


def save_things(demo: DemoServer) -> dict[str, str]:
    """Save what members would, and answer the IDs that PAGES need."""

    def add(kind: SavedKind, name: str, content: object) -> str:
        text, now = json.dumps(content), demo.server.clock()
        saved = demo.server.catalog.saved
        return saved.add(demo.website.id, kind, None, name, text, now_ms=now).id

    for day, text in NOTES.items():
        add("annotation", text, day)
    return {
        name: add("segment", channel, [{"dimension": "channel", "value": channel}])
        for name, channel in SEGMENTS.items()
    }


@contextmanager
def signed_in(
    browser: Browser, demo: DemoServer, theme: Theme, size: ViewportSize
) -> Iterator[Page]:
    with nobody(browser, demo.url, theme, size) as page:
        answer = page.context.request.post(
            "/api/v1/signin/link",
            data={"code": demo.sign_in_code()},
            headers={"Origin": demo.url, "Sec-Fetch-Site": "same-origin"},
        )
        assert answer.ok, answer.text()
        yield page


def add_website(demo: DemoServer, folder: Path, domain: str, days: int, seed: int) -> None:
    """Another website with the demo's kind of traffic."""
    catalog, now = demo.server.catalog, demo.server.clock()
    begin = now - days * DAY_MS
    website = catalog.add_website(domain, timezone=TIMEZONE, currency="EUR", now_ms=begin)
    state = catalog.import_job(website.id, "pictures")
    with closing(Job(catalog, folder, state, Watch(), **BOUNDS)) as job:
        job.begin(first=begin)
        records = demo_requests(website, Enricher(), begin, now, seed)
        while chunk := list(islice(records, 1_000)):
            job.append(Chunk(chunk, chunk[-1].lines_done))
        job.pause(now)
    demo.server.registry.refresh()
    while demo.fetch(f"{demo.url}/health")["journal_backlog_bytes"]:
        time.sleep(0.2)


def places(demo: DemoServer) -> dict[str, str]:
    """What the addresses of PAGES and OPEN_PAGES need."""
    catalog, now = demo.server.catalog, demo.server.clock()
    paid = demo.get("/visitors", domain=demo.website.domain, sort="paid", limit="1")
    values = {
        "name": "For the agency",
        "filters": [],
        "pages": ["overview", "flow"],
        "oldest": "",
        "password": "",
        "hosts": [],
        "expires_at": None,
    }
    invitation, _ = catalog.invites.add(WORKSPACE, "viewer", "", "cli", now_ms=now)
    return {
        "customer": paid["data"][0]["visitorId"],
        "invitation": invitation,
        "share": catalog.shares.add(demo.website.id, values, now_ms=now).slug,
    }


def take(page: Page, path: str, file: Path) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)  # what fades in has done so
    page.screenshot(path=file)


def take_pictures(names: list[str]) -> None:
    """Those of the named pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_server(Path(folder) / "data", days=DAYS) as demo,
        sync_playwright() as playwright,
    ):
        for domain, (days, seed) in OTHER_WEBSITES.items():
            add_website(demo, Path(folder) / "data", domain, days, seed)
        known = places(demo) | save_things(demo)
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for (width, height), theme in product((WIDTHS | MORE_WIDTHS).items(), THEMES):
            size = ViewportSize(width=width, height=height)
            wanted = [name for name in names if width in WIDTHS or name in MOST_SEEN]
            with signed_in(browser, demo, theme, size) as page:
                for name in [name for name in wanted if name in PAGES]:
                    take(page, PAGES[name].format(**known), FOLDER / f"{name}-{width}-{theme}.png")
            for name in [name for name in wanted if name in OPEN_PAGES]:
                with nobody(browser, demo.url, theme, size) as page:
                    path = OPEN_PAGES[name].format(**known)
                    take(page, path, FOLDER / f"{name}-{width}-{theme}.png")
        browser.close()


if __name__ == "__main__":
    take_pictures(sys.argv[1:] or [*PAGES, *OPEN_PAGES])
