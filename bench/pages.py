"""pages: how long a browser takes to draw the overview of 30 days, and how it bears up in use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

from bench.dataset import MONTH, copy_of, dataset
from bench.result import Figure, at_most, middle, percentile
from bench.server import DOMAIN, Server, running_server
from bench.size import Size
from footfall.catalog import Catalog
from footfall.catalog.catalog import WORKSPACE
from footfall.clock import now_ms

PART = "pages"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE_MS = 60_000
FILTER_CHANGES = 100
HOVERS = 300
_VIEW = f"/w/{DOMAIN}?p={MONTH['startAt']}..{MONTH['endAt']}"
_FILTERS = ("channel:Direct", "device:Mobile", "country:Austria", "browser:Firefox")

_IS_DRAWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const panels = all("[data-panel]");
  const isDrawn = panels.length >= 6
    && panels.every((panel) => panel.querySelector("tbody tr, .trust, .empty"))
    && document.querySelector("[data-panel=places] [data-countries] path")
    && document.querySelector("[data-chart] canvas")
    && all("[data-tile]").every((tile) => tile.querySelector("[data-value]"))
    && !document.querySelector("[aria-busy=true], .bone, .slow");
  return isDrawn && performance.now();
}"""
_WATCH_TASKS = """() => {
  window.tasks = [];
  const note = (list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
}"""


class Heap(msgspec.Struct, frozen=True):
    """Bytes in use in the page's script, after its garbage was collected."""

    early: int
    late: int


def run(size: Size, folder: Path) -> list[Figure]:
    """20 loads with an empty cache of the browser each, without and with the server's; then
    hovering, and changing filters, in one page."""
    data, _ = dataset(folder.parent, size.report_events)
    copied = copy_of(data, folder / "data")
    with running_server(copied) as server, _chromium() as browser:
        cookies = _sign_in(browser, server)
        read_ms = _loads_ms(browser, server, cookies, size.page_loads)
        with _page(browser, server, cookies) as page:
            tasks_ms = _hover(page)
            heap = _change_filters(page, min(FILTER_CHANGES, size.page_loads * 5))
    with running_server(copied, cache_mb=16) as server, _chromium() as browser:
        cookies = _sign_in(browser, server, "bea@example.com")
        kept_ms = _loads_ms(browser, server, cookies, size.page_loads)
    return [
        *_load_figures("each panel read", read_ms),
        *_load_figures("panels in memory", kept_ms),
        at_most(PART, "longest task while hovering", max(tasks_ms, default=0.0), 50, "ms"),
        at_most(PART, "memory after all filter changes ÷ before", heap.late / heap.early, 1.1, "×"),
    ]


def _load_figures(what: str, loads_ms: list[float]) -> list[Figure]:
    p95 = percentile(loads_ms, 0.95)
    return [
        Figure(PART, f"30 days drawn, {what}: median", f"{middle(loads_ms):,.0f} ms"),
        at_most(PART, f"30 days drawn, {what}: p95 of {len(loads_ms)} loads", p95, 1_000, "ms"),
    ]


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


def _sign_in(browser: Browser, server: Server, email: str = "ann@example.com") -> Any:
    """The cookies of a member who has signed in."""
    now = now_ms()
    catalog = Catalog(server.folder)
    try:
        member = catalog.users.add(email, "Ann", None, "owner", workspace_id=WORKSPACE, now_ms=now)
        code = catalog.codes.add("link", member.user.id, expires_at=now + 600_000, now_ms=now)
    finally:
        catalog.close()
    with browser.new_context() as context:
        url = _url(server)
        answer = context.request.post(
            f"{url}/api/v1/signin/link",
            data={"code": code},
            headers={"Origin": url, "Sec-Fetch-Site": "same-origin"},
        )
        if not answer.ok:
            raise RuntimeError(f"signing in failed: {answer.text()}")
        return context.cookies()


@contextmanager
def _page(browser: Browser, server: Server, cookies: Any) -> Iterator[Page]:
    """The overview in a browser with nothing but the sign-in, drawn."""
    size = {"width": 1440, "height": 900}
    with browser.new_context(base_url=_url(server), viewport=size) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(_VIEW, wait_until="commit")
        yield page


def _loads_ms(browser: Browser, server: Server, cookies: Any, loads: int) -> list[float]:
    """Milliseconds from the navigation until every panel is drawn, of each load but the first."""
    found = []
    for _ in range(loads + 1):
        with _page(browser, server, cookies) as page:
            found.append(_drawn_ms(page))
    return found[1:]


def _drawn_ms(page: Page) -> float:
    return float(page.wait_for_function(_IS_DRAWN, polling="raf").json_value())


def _hover(page: Page) -> list[float]:
    """Durations of the tasks over 50 ms (the browser names no others) while the mouse moves."""
    _drawn_ms(page)
    page.evaluate(_WATCH_TASKS)
    for part in ("[data-chart]", "[data-panel=sources]", "[data-panel=pages]"):
        shown = page.locator(part).first
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        if box is None:
            raise RuntimeError(f"{part} is not drawn")
        for step in range(HOVERS // 3):
            across = box["x"] + box["width"] * ((step * 7) % 100 + 0.5) / 100
            page.mouse.move(across, box["y"] + box["height"] * (step % 10 + 0.5) / 10)
    page.wait_for_timeout(200)
    found: list[float] = page.evaluate("window.tasks")
    return found


def _change_filters(page: Page, changes: int) -> Heap:
    """Change the filter as a link does, and compare the memory after a tenth and after all."""
    session = page.context.new_cdp_session(page)
    early = 0
    for number in range(changes):
        chosen = _FILTERS[number % len(_FILTERS)]
        page.evaluate(_GO, f"{_VIEW}&f={chosen}" if number % 5 else _VIEW)
        _drawn_ms(page)
        if number == changes // 10:
            early = _heap_bytes(session)
    return Heap(early=early, late=_heap_bytes(session))


_GO = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: null }));
}"""


def _heap_bytes(session: Any) -> int:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


def _url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"
