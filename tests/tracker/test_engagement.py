"""Seconds of attention, and what becomes of a page that is left and returned to."""

from browser import RecordingSite, open_browser, open_visit, page
from playwright.sync_api import Page, Playwright

HIDE = (
    "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
    "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)
SHOW = (
    "delete document.hidden; delete document.visibilityState;"
    "document.dispatchEvent(new Event('visibilitychange'))"
)


def open_page(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page()
    site.pages["/next"] = page(head="")
    tab.goto(site.url())
    site.wait_for("page")


def test_leaving_sends_the_seconds_of_attention(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    start = tab.evaluate("performance.now()")
    tab.wait_for_timeout(700)
    tab.goto(site.url("/next"))
    (event,) = site.wait_for("engagement")
    assert 0.7 <= event["engaged_s"] <= 0.7 + start / 1000 + 5
    assert event["engaged_s"] == round(event["engaged_s"], 3)
    assert event["url"] == site.url("/")
    assert event["sessionUid"] == site.events("page")[0]["sessionUid"]


def test_hidden_and_unfocused_time_is_left_out(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.wait_for_timeout(300)
    tab.evaluate(HIDE)
    site.wait_for("engagement")
    tab.wait_for_timeout(3000)
    tab.evaluate(SHOW)
    tab.wait_for_timeout(150)
    tab.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    tab.wait_for_timeout(3000)
    tab.goto(site.url("/next"))
    pulses = site.wait_for("engagement", 2)
    assert sum(pulse["engaged_s"] for pulse in pulses) < 3


def test_app_navigation_sends_the_old_pages_seconds_first(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.wait_for_timeout(300)
    tab.evaluate("history.pushState({}, '', '/b')")
    site.wait_for("page", 2)
    assert [event["type"] for event in site.events()] == ["page", "engagement", "page"]
    assert site.events("engagement")[0]["url"] == site.url("/")


def test_no_pulse_claims_more_than_an_hour(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(
        "const now = performance.now.bind(performance); performance.now = () => now() + 9e9"
    )
    tab.goto(site.url("/next"))
    (event,) = site.wait_for("engagement")
    assert event["engaged_s"] == 3600


def test_a_return_from_the_page_cache_is_a_new_page_view(
    site: RecordingSite, playwright: Playwright
) -> None:
    with open_browser(playwright, has_page_cache=True) as browser:
        tab = open_visit(browser).new_page()
        open_page(site, tab)
        tab.evaluate("window.isKept = true")
        tab.goto(site.url("/next"))
        tab.evaluate("history.back()")
        site.wait_for("page", 2)
        tab.wait_for_timeout(200)
        assert site.fetched.count("/") == 1
        assert [event["url"] for event in site.events("page")] == [site.url("/")] * 2
