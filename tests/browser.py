"""A real browser and a small website of many hostnames, for tests of the tracker.

`open_browser()` starts Debian's Chromium with every hostname leading to this machine, so tests can
visit `shop.test`, `other.test` and so on at a local server's port. `RecordingSite` serves pages
and the built tracker, and keeps what is posted to it. The fixtures work in every conftest.py that
imports them.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from idle import count_requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    sync_playwright,
)

_SHELL, _BROWSER = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = Path(os.environ.get("CHROMIUM", _SHELL if _SHELL.exists() else _BROWSER))
"""If it is installed, Chromium without windows: a new tab in a window that nobody sees takes the
processor seven times as long."""
TRACKER = Path(__file__).parent.parent / "src/footfall/serve/static/main.js"
WEBSITE_ID = "flid_test"
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
WAIT_S = 60.0
LEAVE_S = 10.0

Event = dict[str, Any]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; skips where the built tracker is missing.

    No longer-lived than a module: while it runs, its thread cannot run another event loop.
    """
    if not TRACKER.exists():
        pytest.skip("the tracker is not built: cd tracker && npm ci && npm run build")
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def open_browser(
    playwright: Playwright,
    *,
    is_automated: bool = False,
    has_page_cache: bool = False,
    has_windows: bool = False,
) -> Iterator[Browser]:
    """Chromium that seems driven by a person, unless `is_automated`.

    `has_page_cache` turns on the back/forward cache, which Playwright turns off. Chromium without
    windows has none, and tells servers on this machine that a program drives it: `has_windows`.
    """
    program = _BROWSER if has_windows or has_page_cache else CHROMIUM
    if not program.exists():
        pytest.skip(f"{program} is not installed")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-agent={USER_AGENT}",  # a context's own is not used when a page sends its last
        "--host-resolver-rules=MAP * 127.0.0.1",
    ]
    if not is_automated:
        arguments.append("--disable-blink-features=AutomationControlled")
    browser = playwright.chromium.launch(
        executable_path=str(program),
        args=arguments,
        ignore_default_args=["--disable-back-forward-cache"] if has_page_cache else None,
    )
    yield browser
    browser.close()


def open_visit(browser: Browser, **options: Any) -> BrowserContext:
    """A fresh visitor: no cookies, a usual user agent; `options` as for Browser.new_context."""
    given = {
        "user_agent": USER_AGENT,
        "locale": "en-GB",
        "viewport": {"width": 1200, "height": 800},
    }
    visit = browser.new_context(**(given | options))
    count_requests(visit)
    return visit


def close_visit(visit: BrowserContext) -> None:
    """End a visit."""
    leave_pages(visit)
    visit.close()


def leave_pages(visit: BrowserContext) -> None:
    """Before its tabs are closed: closing a tab that is just leaving its page may never return, and
    has no time limit."""
    for tab in visit.pages:
        with suppress(Error):
            tab.goto("about:blank", timeout=LEAVE_S * 1000)


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with open_browser(playwright) as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser) -> Iterator[BrowserContext]:
    visit = open_visit(chromium)
    yield visit
    close_visit(visit)


@pytest.fixture
def tab(visit: BrowserContext) -> Page:
    """A tab of a fresh visitor."""
    tab = visit.new_page()
    tab.set_default_timeout(WAIT_S * 1000)
    return tab


def script_tag(attributes: str = "", src: str = "/js/main.js") -> str:
    """The tag that a website's owner pastes, with further `attributes`."""
    return f'<script defer data-fl-website-id="{WEBSITE_ID}" {attributes} src="{src}"></script>'


def page(body: str = "", *, head: str | None = None, title: str = "A page") -> str:
    """An HTML page that carries the tracker, or `head` instead of it."""
    tags = script_tag() if head is None else head
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{tags}</head>"
        f"<body>{body}</body></html>"
    )


@dataclass
class Post:
    """One request that a browser posted."""

    host: str
    path: str
    content_type: str
    events: list[Event]


@dataclass
class RecordingSite:
    """Serves `pages` (path → HTML) under every hostname; answers 404 for other paths.

    Paths ending in `main.js` give the built tracker. POST bodies are kept in `posts`, in order of
    arrival. Start it with `serve_site()`.
    """

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "shop.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def events(self, kind: str | None = None) -> list[Event]:
        """What arrived so far, of type `kind` or of all types."""
        events = [event for post in self.posts for event in post.events]
        return [event for event in events if kind in (None, event["type"])]

    def wait_for(self, kind: str, count: int = 1) -> list[Event]:
        """The events of type `kind`, once there are `count` of them."""
        self.wait_until(lambda: len(self.events(kind)) >= count, f"{count} × {kind}")
        return self.events(kind)

    def wait_until(self, is_done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not is_done():
            if time.monotonic() > end:
                raise AssertionError(f"no {what} within {WAIT_S} s; arrived: {self.posts}")
            time.sleep(0.01)


def _handler(site: RecordingSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            site.fetched.append(path)
            if path.endswith("main.js"):
                self.answer(200, "text/javascript", TRACKER.read_bytes())
            elif path in site.pages:
                self.answer(200, "text/html; charset=utf-8", site.pages[path].encode())
            else:
                self.answer(404, "text/plain", b"")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            post = Post(
                host=self.headers["Host"].split(":")[0],
                path=self.path,
                content_type=self.headers["Content-Type"],
                events=body if isinstance(body, list) else [body],
            )
            site.posts.append(post)
            self.answer(202, "application/json", b"{}")

        def answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def serve_site() -> Iterator[RecordingSite]:
    """A RecordingSite on a free port, served until the block ends."""
    site = RecordingSite()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()
