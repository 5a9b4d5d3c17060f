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


CLOCK = "window.clock = 1000; performance.now = () => window.clock"  # ms, moved by the test


def open_page(site: RecordingSite, tab: Page) -> None:
    tab.add_init_script(CLOCK)
    site.pages["/"] = page()
    site.pages["/next"] = page(head="")
    tab.goto(site.url())
    site.wait_for("page")


def test_leaving_sends_the_seconds_of_attention(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("clock += 2345.678")
    tab.goto(site.url("/next"))
    (event,) = site.wait_for("engagement")
    assert event["engaged_s"] == 2.345
    assert event["url"] == site.url("/")
    assert event["sessionUid"] == site.events("page")[0]["sessionUid"]


def test_hidden_and_unfocused_time_is_left_out(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(f"clock += 1000; {HIDE}")
    site.wait_for("engagement")
    tab.evaluate(f"clock += 50_000; {SHOW}; clock += 200")
    tab.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    tab.evaluate("clock += 50_000; delete document.hasFocus; dispatchEvent(new Event('focus'))")
    tab.evaluate("clock += 30")
    tab.goto(site.url("/next"))
    pulses = site.wait_for("engagement", 2)
    assert [pulse["engaged_s"] for pulse in pulses] == [1, 0.23]


def test_app_navigation_sends_the_old_pages_seconds_first(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("clock += 300; history.pushState({}, '', '/b')")
    site.wait_for("page", 2)
    assert [event["type"] for event in site.events()] == ["page", "engagement", "page"]
    assert site.events("engagement")[0]["url"] == site.url("/")


def test_no_pulse_claims_more_than_an_hour(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("clock += 9e9")
    tab.goto(site.url("/next"))
    (event,) = site.wait_for("engagement")
    assert event["engaged_s"] == 3600


def test_a_glance_sends_no_pulse(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("clock += 99")
    tab.goto(site.url("/next"))
    tab.goto(site.url("/"))
    site.wait_for("page", 2)
    assert not site.events("engagement")


def test_a_long_read_shows_signs_of_life_within_the_session(site: RecordingSite, tab: Page) -> None:
    tab.clock.install()
    open_page(site, tab)
    tab.evaluate("clock += 20 * 60 * 1000")
    tab.clock.fast_forward("20:00")
    (event,) = site.wait_for("engagement")
    assert event["engaged_s"] == 1200


def test_a_return_from_the_page_cache_is_a_new_page_view(
    site: RecordingSite, playwright: Playwright
) -> None:
    with open_browser(playwright, has_page_cache=True) as browser:
        tab = open_visit(browser).new_page()
        open_page(site, tab)
        tab.evaluate("window.isKept = true")
        tab.evaluate("clock += 1000")
        tab.goto(site.url("/next"))
        site.wait_for("engagement")
        tab.evaluate("history.back()")
        site.wait_for("page", 2)
        tab.wait_for_function("window.isKept")
        tab.evaluate("clock += 3000")
        tab.goto(site.url("/next"))
        site.wait_for("engagement", 2)
        assert site.fetched.count("/") == 1
        assert [event["url"] for event in site.events("page")] == [site.url("/")] * 2
        assert [event["engaged_s"] for event in site.events("engagement")] == [1, 3]
