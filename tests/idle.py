"""Waits until a page has asked for everything and shown what came.

Playwright's "networkidle" is half a second without a request, for each page that is opened. This
counts requests and answers, and asks the page itself whether it is done with them.
"""

import time
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, Error, Page, Request

_PATIENCE_S = 60
_ROUNDS, _ROUND_MS = 3, 20
_TASK = """async () => {
    const { port1, port2 } = new MessageChannel();
    const handled = new Promise((done) => { port1.onmessage = done; });
    port2.postMessage(0);
    await handled;
    port1.close();
    return document.readyState;
}"""
"""A task behind those that wait. Tests may stop timers, but not this."""

_UNANSWERED: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()


def count_requests(context: BrowserContext) -> None:
    """For `wait_until_idle` on pages that are opened from now on."""
    context.on("page", _count)


def _count(page: Page) -> None:
    unanswered = _UNANSWERED.setdefault(page, set())
    # Playwright takes no method of a set
    page.on("request", lambda request: unanswered.add(request))
    page.on("requestfinished", lambda request: unanswered.discard(request))
    page.on("requestfailed", lambda request: unanswered.discard(request))


def wait_until_idle(page: Page) -> None:
    """Until the page is loaded, and its scripts have worked several times without a request of
    which the answer is not there."""
    give_up_at = time.monotonic() + _PATIENCE_S
    page.wait_for_load_state()
    rounds = 0
    while rounds < _ROUNDS:
        assert time.monotonic() < give_up_at, [each.url for each in _UNANSWERED[page]]
        page.wait_for_timeout(_ROUND_MS)
        rounds = rounds + 1 if _has_worked(page) and not _UNANSWERED[page] else 0


def _has_worked(page: Page) -> bool:
    try:
        return bool(page.evaluate(_TASK) == "complete")
    except Error:  # another document comes
        return False
