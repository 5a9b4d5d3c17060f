"""first_visit: from the first start of a server on an empty folder to the first counted visit."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.pages import CHROMIUM, PATIENCE_MS
from bench.result import Figure, at_most, middle
from bench.server import START_TIMEOUT_S, free_port, spawn, stop, wait_for_answer
from bench.size import Size

PART = "first_visit"
KEY_MS = 200
"""Between two keys: 300 a minute, as somebody types who does not type for a living."""
READ_S = 5.0
"""For each page that a person reads before doing what it says. Pasting the tag is one more."""
_USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
"""Not the one of an automated browser, whose visits do not count."""


def run(size: Size, folder: Path) -> list[Figure]:
    """The whole way once, at a person's speed; then more websites, as fast as the browser is."""
    with _browser() as browser, _Site() as site:
        began = time.perf_counter()
        with _started(folder / "data") as link, browser.new_page() as tab:
            tab.set_default_timeout(PATIENCE_MS)
            _create_account(tab, link)
            seen = [_first_visit(tab, browser, site, "shop0.test", is_person=True)]
            whole_s = time.perf_counter() - began
            home = tab.url.partition("/setup")[0]
            for number in range(1, size.page_loads):
                tab.goto(f"{home}/setup")
                seen.append(_first_visit(tab, browser, site, f"shop{number}.test"))
    refused_s, counted_s = zip(*seen, strict=True)
    of = f"of {len(seen)}"
    median = f"{middle(counted_s):.2f} s"
    return [
        at_most(PART, "first start → first visit, 300 keys a minute", whole_s, 120, "s"),
        Figure(PART, f"page opened → its visit is shown, median {of}", median),
        at_most(PART, f"page opened → its visit is shown, largest {of}", max(counted_s), 2, "s"),
        at_most(PART, f"page opened → why it does not count, largest {of}", max(refused_s), 2, "s"),
    ]


def _create_account(tab: Page, link: str) -> None:
    tab.goto(link)
    tab.get_by_label("Your name").wait_for()
    time.sleep(READ_S)
    for text in ("Mara Klein", "mara@shop.test", "correct horse battery"):
        tab.keyboard.type(text, delay=KEY_MS)
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")


def _first_visit(
    tab: Page, browser: Browser, site: "_Site", domain: str, *, is_person: bool = False
) -> tuple[float, float]:
    """Add a website. Seconds until a page on another host is shown as not counted, and until one on
    its own is: from the moment each is opened."""
    pause_s = READ_S if is_person else 0.0
    tab.get_by_label("Domain").wait_for()
    time.sleep(pause_s)
    tab.keyboard.type(domain, delay=KEY_MS if is_person else 0)
    tab.keyboard.press("Enter")
    tag = tab.get_by_role("region", name="The tag")
    tag.get_by_text("flid_").first.wait_for()
    site.html = f"<!doctype html><title>Shop</title>{tag.inner_text()}<h1>Hello</h1>"
    time.sleep(2 * pause_s)
    refused_s = _shown_s(tab, browser, site.url("elsewhere.test"), "foreign_hostname")
    time.sleep(pause_s)
    return refused_s, _shown_s(tab, browser, site.url(domain), "Your first visit is here")


def _shown_s(tab: Page, browser: Browser, url: str, text: str) -> float:
    """Seconds from the opening of a page until the set-up shows what became of it."""
    with browser.new_context() as visitor:
        page = visitor.new_page()
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        tab.get_by_text(text).first.wait_for()
        return time.perf_counter() - began


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    """A server on an empty folder: the link to its set-up, from its log."""
    port, log = free_port(), folder.parent / "log"
    process = spawn(folder, port, log=log)
    try:
        wait_for_answer(port, process, "/health")
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while not (link := re.search(r"http\S+/setup#code=\S+", log.read_text())):
            if time.monotonic() > give_up_at:
                raise RuntimeError("the server printed no link to its set-up")
            time.sleep(0.01)
        yield link[0]
    finally:
        stop(process)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                f"--user-agent={_USER_AGENT}",
                "--disable-blink-features=AutomationControlled",
                "--host-resolver-rules=MAP *.test 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


class _Site:
    """A website whose only page is `html`, under every hostname."""

    def __init__(self) -> None:
        self.html = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.html.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def url(self, host: str) -> str:
        return f"http://{host}:{self._server.server_port}/"

    def __enter__(self) -> "_Site":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
