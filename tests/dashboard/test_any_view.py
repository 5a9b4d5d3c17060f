"""Any address opens the same view in a fresh browser, back and forward lead through the views, and
no address shows a blank page. Memory stays flat."""

import random
import re
from typing import Any
from urllib.parse import quote

import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import SITE, Watched, check_axe
from idle import count_requests, wait_until_idle
from playwright.sync_api import Browser, Page, expect
from selection import IS_ALL, some_of

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
FLOW = f"{SITE}/flow?p=7d&start=page:/pricing"
FUNNEL = f"{SITE}/funnels/new?p=7d&step=page:/pricing&step=goal:signup"
VIEWS = [
    f"{SITE}?p=7d&f=channel:Direct&t.pages=entry_page&m=revenue&o.sources=-visitors",
    f"{FLOW}&end=goal:checkout_started&rows=3&n=5&left=0&sel=n1:/signup",
    f"{FUNNEL}&any=1&w=3600&by=country",
    f"{SITE}/retention?p=all&wk=curve&ret=goal:signup",
    f"{SITE}/visitors?p=7d&sort=-paid&q=a&f=device:Mobile",
    "/?p=7d&sort=-visitors",
]
SEEN = "main => main.innerText.replace(/\\s+/g, ' ')"


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    return settled(page)


def settled(page: Page) -> Page:
    wait_until_idle(page)
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("[aria-busy=true], .waiting")).to_have_count(0)
    return page


@pytest.fixture(scope="module", autouse=True)
def second(demo: DemoServer) -> None:
    """The list of websites needs two of them: with one, it opens that one."""
    demo.server.catalog.add_website("second.example", now_ms=NOW_MS)
    demo.server.registry.refresh()


@pytest.mark.sample(1)
@pytest.mark.parametrize("view", VIEWS)
def test_an_address_is_the_same_view_in_a_fresh_browser(
    watched: Watched, chromium: Browser, demo: DemoServer, cookies: Any, view: str
) -> None:
    page = opened(watched.page, view)
    first = page.locator("main").evaluate(SEEN)
    size: Any = page.viewport_size
    with chromium.new_context(base_url=demo.url, viewport=size, locale="en-GB") as context:
        count_requests(context)
        context.add_cookies(cookies)
        other = context.new_page()
        other.clock.set_fixed_time(NOW_MS / 1000)
        opened(other, page.url)
        assert other.url == page.url
        assert other.locator("main").evaluate(SEEN) == first


def test_back_and_forward_lead_through_the_views(watched: Watched) -> None:
    page = opened(watched.page, f"{SITE}?p=7d")
    page.keyboard.press("e")  # yesterday
    seen = [f"{SITE}?p=7d", page.url]
    for name in ("Flow", "Funnels", "Retention", "Visitors"):
        link = page.get_by_role("navigation", name="Reports").get_by_role("link", name=name)
        link.first.click()
        settled(page)
        seen.append(page.url)
    page.keyboard.press("w")  # the last seven days
    seen.append(page.url)
    texts = {}
    for url in reversed(seen[:-1]):
        page.go_back()
        expect(page).to_have_url(re.compile(re.escape(url) + "$"))
        texts[url] = settled(page).locator("main").evaluate(SEEN)
    for url in seen[1:]:
        page.go_forward()
        expect(page).to_have_url(re.compile(re.escape(url) + "$"))
        if url in texts:
            assert settled(page).locator("main").evaluate(SEEN) == texts[url]


def test_random_addresses_of_all_pages_show_a_page(watched: Watched) -> None:
    """Not one is blank, throws, or asks the API for what it refuses."""
    choice = random.Random(NOW_MS)
    paths = ["", "/flow", "/funnels", "/funnels/new", "/funnels/none", "/retention", "/visitors"]
    paths += ["/visitors/none", "/live", "/settings", "/settings/none", "/none", "/flow/x/y"]
    steps = ["page:/pricing", "page:/**", "goal:signup", "goal:", "tx:confirmed:swap", "log:Swap"]
    steps += ["wallet:connect", "x", "page:", ":", "page:\U0001f600", "page:" + "/w" * 900]
    values = {
        "p": ["7d", "all", "today", "2026-11-31..", "2026-11-01..2026-11-03", "x"],
        "f": ["channel:Direct", "page:!~%", "country:", "goal:signup", "x:y", "device:" + "|" * 9],
        "b": ["in", "only", "out"],
        "dir": ["backward", "up"],
        "n": ["1", "2", "10", "11"],
        "rows": ["1", "20", "0"],
        "w": ["1", "60", "999999999", "-1"],
        "by": ["device", "country", "password"],
        "who": ["wallet", "x"],
        "wk": ["curve"],
        "mode": ["only"],
        "at": ["1-stopped", "2", "x", "9-stopped"],
        "cursor": ["x", "%00"],
        "sort": ["-paid", "x", "visitors"],
        "sel": ["n1:/signup", "l0:1:a:b", "x"],
        "i": ["hour", "week"],
        **dict.fromkeys(("start", "end", "through", "x", "step", "ret"), steps),
    }
    watched.expected_status = 400
    for _ in range(50 if IS_ALL else 10):
        names = choice.choices(list(values), k=choice.randint(0, 6))
        query = "&".join(f"{name}={quote(choice.choice(values[name]))}" for name in names)
        page = watched.open(f"{SITE}{choice.choice(paths)}?{query}")
        settled(page)
        watched.wrong = [each for each in watched.wrong if not each.startswith("404: ")]
        assert len(page.locator("main").inner_text().strip()) > 10, page.url


THINGS = {
    "flow": f"{FLOW}&end=goal:checkout_started",
    "funnel": f"{FUNNEL}&by=device",
    "retention": f"{SITE}/retention?p=7d",
    "visitors": f"{SITE}/visitors?p=7d",
    "live": f"{SITE}/live",
    "websites": "/?p=7d",
    "nowhere": f"{SITE}/none",
}
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1440, 390)]


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", THINGS)
def test_pages_are_accessible_with_everything_that_opens(watched: Watched, name: str) -> None:
    """In both themes and sizes, of which `make test` tries one."""
    page = watched.page
    if name == "nowhere":
        watched.expected_status = 404
    opened(page, THINGS[name])
    for theme, width in some_of(LOOKS, 1):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        check_what_opens(page)


def check_what_opens(page: Page) -> None:
    for opener in page.locator("[aria-haspopup]:visible").all():
        opener.click()
        settled(page)
        check_axe(page)
        opened_now = page.locator("[role=dialog]:visible, dialog[open], [role=menu]:visible")
        for _ in range(2):
            if opened_now.count():
                page.keyboard.press("Escape")
        expect(opened_now).to_have_count(0)


def test_memory_stays_flat_after_many_changes_of_filters(watched: Watched) -> None:
    """Between the 20th and the last change, after the browser has collected its garbage."""
    page = opened(watched.page, f"{SITE}?p=7d")
    tools = watched.context.new_cdp_session(page)
    filters = ["channel:Direct", "device:Mobile", "country:Germany", "browser:~a", "page:/pricing"]
    sizes: list[dict[str, int]] = []
    changes = 100 if IS_ALL else 40
    for number in range(changes + 1):
        chosen = filters[number % 5] if number % 2 else ""
        query = f"?p=7d&f={quote(chosen)}" if chosen else "?p=7d"
        page.evaluate(
            "query => { history.pushState(null, '', query); dispatchEvent(new Event('popstate')) }",
            query,
        )
        if number % 10 == 0:
            settled(page)
        if number in (20, changes):
            tools.send("HeapProfiler.collectGarbage")
            heap = tools.send("Runtime.getHeapUsage")["usedSize"]
            counts = tools.send("Memory.getDOMCounters")
            sizes.append({"heap": heap, "nodes": counts["nodes"], **listeners(counts)})
    early, late = sizes
    assert late["heap"] < early["heap"] * 1.3 + 1_000_000, sizes
    assert late["nodes"] < early["nodes"] * 1.3 + 500, sizes
    assert late["listeners"] < early["listeners"] * 1.3 + 50, sizes


def listeners(counts: dict[str, int]) -> dict[str, int]:
    return {"listeners": counts["jsEventListeners"]}
