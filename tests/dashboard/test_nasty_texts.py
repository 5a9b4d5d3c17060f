"""Markup, quotes, formulas, right-to-left marks, emoji and very long words in every text that a
visitor or member can set: on every page, in tooltips, and in what is saved from a page."""

import csv
import io
from base64 import b64encode
from urllib.parse import quote

import pytest
from dashboard.demo_server import DemoServer
from dashboard.nasty_site import (
    DOMAIN,
    FORMULA,
    GOAL,
    SITE,
    TEXTS,
    check_harmless,
    fill,
    opened,
    save_everything,
)
from dashboard.shown import DESKTOP, PHONE
from dashboard.watched import Watched
from idle import wait_until_idle
from playwright.sync_api import Browser, Locator, Page, expect
from selection import some_of

from footfall.model.text import one_line
from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
DAY = "?p=today&c=off"
PATHS = [
    *(f"&t.sources={tab}" for tab in ("referrer", "campaign", "all_params")),
    *(f"&t.pages={tab}&d=pages.{tab}" for tab in ("page", "entry_page")),
    *(f"&t.places={tab}" for tab in ("city", "language")),
    "&t.referrers=utm_source&t.technology=screen",
    f"&f=page:{quote('/' + TEXTS[0])}&f=utm_campaign:{quote(TEXTS[1])}|{quote(TEXTS[12][:200])}",
]
FLOW = f"/flow{DAY}&start=page:/in&rows=20&n=6"
FUNNEL = f"/funnels/new{DAY}" + "".join(
    f"&step=page:{quote('/' + text)}" for text in (TEXTS[0], TEXTS[9], TEXTS[12][:1500])
)
REPORTS = [FLOW, f"{FLOW}&t.flow=table", FUNNEL, "/retention?p=7d", "/live", f"/visitors{DAY}"]
DECODED = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    return [image.width, image.height];
}"""

_NOTES_WHAT_IS_DRAWN = """
    window.drawn = [];
    const draw = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
        if (!this.canvas.isConnected) window.drawn.push(text);
        return draw.call(this, text, ...more);
    };
"""


@pytest.fixture(scope="module")
def nasty(chromium: Browser, demo: DemoServer, cookies: object) -> DemoServer:
    with chromium.new_context(base_url=demo.url) as context:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        fill(demo, context)
        save_everything(page, demo)
    return demo


def test_every_text_is_shown_as_text(watched: Watched, nasty: DemoServer) -> None:
    listed = {row["value"] for row in nasty.get("/pages", domain=DOMAIN, limit="100")["data"]}
    assert {f"/{one_line(text)[:1500]}" for text in TEXTS} <= listed
    page = watched.page
    overviews = [f"{DAY}{more}" for more in some_of(PATHS, 3)]
    for path in overviews + some_of(REPORTS, 2):
        opened(page, SITE + path)
        check_sizes(page)
    opened(page, f"/{DAY}")  # all websites
    check_sizes(page)


def check_sizes(page: Page) -> None:
    """On a desktop and on a phone."""
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        check_harmless(page)


def test_a_visitors_page_shows_them_as_text(watched: Watched, nasty: DemoServer) -> None:
    page = watched.page
    rows = nasty.get("/visitors", domain=DOMAIN, startAt="2026-11-28", limit="100")["data"]
    assert len(rows) == len(TEXTS)
    for row in some_of(rows, 3):
        opened(page, f"{SITE}/visitors/{row['visitorId']}{DAY}")
        expect(page.locator("li.is-goal").first).to_contain_text(GOAL[:20])
        check_harmless(page)


@pytest.mark.usefixtures("nasty")
def test_what_is_saved_has_its_name_as_text(watched: Watched) -> None:
    """Wherever a page lists segments, funnels, flows or notes."""
    page = watched.page
    paths = (f"{SITE}{DAY}", SITE + FLOW, SITE + FUNNEL, f"{SITE}/funnels{DAY}")
    for path in some_of(paths, 2):
        opened(page, path)
        for opener in page.locator("[aria-haspopup]:visible").all():
            opener.click()
            wait_until_idle(page)
            check_harmless(page)
            while page.locator("[role=menu]:visible, [role=dialog]:visible").count():
                page.keyboard.press("Escape")


@pytest.mark.usefixtures("nasty")
def test_tooltips_and_titles_are_text(watched: Watched) -> None:
    page = opened(watched.page, SITE + FLOW)
    nodes = page.locator("[data-node]")
    shown = " ".join(nodes.evaluate_all("all => all.map((each) => each.ariaLabel)"))
    for text in (TEXTS[0], TEXTS[2], TEXTS[4]):
        assert text in shown
    for node in nodes.all()[:12]:
        node.dispatch_event("pointerenter")
        node.dispatch_event("mousemove")
        check_harmless(page)
    nodes.nth(1).dispatch_event("click")  # who went where: the side panel
    wait_until_idle(page)
    check_harmless(page)
    opened(page, f"{SITE}{DAY}")
    page.get_by_role("application").hover()
    check_harmless(page)


@pytest.mark.usefixtures("nasty")
def test_no_file_has_a_formula(watched: Watched) -> None:
    """Every CSV of the pages: its texts are those of the page, and none would be calculated."""
    page = watched.page
    found: set[str] = set()
    for path in (
        f"{DAY}&t.sources=referrer",
        f"{DAY}&t.sources=all_params&t.places=city",
        *some_of(REPORTS, 2),
    ):
        opened(page, SITE + path)
        for menu in page.locator("[aria-haspopup=menu][aria-label*='xport']:visible").all():
            menu.click()
            button = page.locator("[data-csv]:visible")
            if not button.count() or button.is_disabled():
                page.keyboard.press("Escape")
                continue
            found |= check_csv(page, button)
    for text in TEXTS[:4]:
        assert any(text in each for each in found), text
    assert any(each.startswith("'=HYPERLINK") or "/=HYPERLINK" in each for each in found)


def check_csv(page: Page, button: Locator) -> set[str]:
    with page.expect_download() as saved:
        button.click()
    lines = list(csv.reader(io.StringIO(saved.value.path().read_bytes().decode("utf-8-sig"))))
    assert len({len(line) for line in lines}) <= 1, (
        f"{page.url[:300]}: {saved.value.suggested_filename} {lines[:3]}"
    )
    cells = {cell for line in lines for cell in line}
    for cell in cells:
        is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
        assert is_number or not FORMULA.match(cell), cell
        assert "\n" not in cell, cell
    return cells


@pytest.mark.usefixtures("nasty")
def test_pictures_have_them_drawn(watched: Watched) -> None:
    page = watched.page
    page.add_init_script(_NOTES_WHAT_IS_DRAWN)
    for path in some_of((f"{DAY}&t.sources=campaign", FLOW, FUNNEL, f"/visitors{DAY}"), 2):
        opened(page, SITE + path)
        page.locator("[aria-haspopup=menu][aria-label*='xport']:visible").nth(0).click()
        with page.expect_download() as saved:
            page.locator("[role=menu]:visible button", has_text="PNG").click()
        picture = b64encode(saved.value.path().read_bytes()).decode()
        width, height = page.evaluate(DECODED, picture)
        assert width > 300, path
        assert height > 100, path
        drawn = page.evaluate("window.drawn")
        assert SITE.removeprefix("/w/") in drawn[1], path  # the caption
        if "visitors" in path:  # columns that sort are headed by buttons
            assert {"Visits", "Goals", "Paid", "Last seen", TEXTS[0]} <= {*drawn}
        check_harmless(page)
