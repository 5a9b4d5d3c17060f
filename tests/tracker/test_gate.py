"""Pages on which the tracker keeps out of the way."""

from pathlib import Path

from browser import RecordingSite, open_browser, open_visit, page, script_tag
from playwright.sync_api import Page, Playwright

SENTINEL = "fetch('/sentinel/events', {method: 'POST', body: '{\"type\": \"sentinel\"}'})"


def check_silent(site: RecordingSite, tab: Page) -> None:
    """Calls are harmless, and nothing arrives but the test's own last word."""
    tab.evaluate("window.flowsery('goal', {a: 1})")
    tab.wait_for_timeout(200)
    tab.evaluate(SENTINEL)
    site.wait_for("sentinel")
    assert [event["type"] for event in site.events()] == ["sentinel"]
    assert tab.context.cookies() == []


def test_automated_browsers_are_not_recorded_even_with_data_local(
    site: RecordingSite, playwright: Playwright
) -> None:
    site.pages["/"] = page(head=script_tag("data-local"))
    with open_browser(playwright, is_automated=True) as browser:
        tab = open_visit(browser).new_page()
        tab.goto(site.url())
        assert tab.evaluate("navigator.webdriver") is True
        check_silent(site, tab)


def test_local_hosts_are_not_recorded(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page()
    for host in ("127.0.0.1", "app.localhost", "mac.local", "localhost"):
        tab.goto(site.url("/", host))
    check_silent(site, tab)


def test_data_local_records_local_hosts(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head=script_tag("data-local"))
    for host in ("localhost", "mac.local"):
        tab.goto(site.url("/", host))
    site.wait_for("page", 2)


def test_hosts_that_only_look_local_are_recorded(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page()
    for host in ("localhost.test", "mylocalhost.test", "127.test"):
        tab.goto(site.url("/", host))
    site.wait_for("page", 3)


def test_files_are_not_recorded(site: RecordingSite, tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(head=script_tag("data-local", src=site.url("/js/main.js"))))
    tab.goto(file.as_uri())
    tab.evaluate("window.flowsery('goal')")
    tab.wait_for_timeout(200)
    assert "/js/main.js" in site.fetched
    assert site.posts == []


def test_framed_pages_are_not_recorded(site: RecordingSite, tab: Page) -> None:
    site.pages["/inside"] = page()
    site.pages["/"] = page("<iframe src='/inside'></iframe>", head="")
    tab.goto(site.url())
    frame = tab.frame(url=site.url("/inside"))
    assert frame is not None
    assert frame.evaluate("typeof window.flowsery") == "function"
    tab.evaluate("window.flowsery = () => {}")
    check_silent(site, tab)


def test_a_visitor_can_switch_the_tracker_off(site: RecordingSite, tab: Page) -> None:
    tab.add_init_script("localStorage.flowsery_ignore = 'true'")
    site.pages["/"] = page()
    tab.goto(site.url())
    check_silent(site, tab)


def test_a_tag_without_a_website_does_nothing(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head="<script defer src='/js/main.js'></script>")
    tab.goto(site.url())
    assert tab.evaluate("typeof window.flowsery") == "undefined"


def test_a_prerendered_page_counts_when_it_is_shown(site: RecordingSite, tab: Page) -> None:
    tab.add_init_script(
        "window.shown = false;"
        "Object.defineProperty(document, 'prerendering', {get: () => !window.shown})"
    )
    site.pages["/"] = page()
    tab.goto(site.url())
    tab.evaluate("window.flowsery('early')")
    tab.wait_for_timeout(200)
    assert site.posts == []
    assert tab.context.cookies() == []
    tab.evaluate("shown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    site.wait_for("track")
    tab.evaluate("document.dispatchEvent(new Event('prerenderingchange')); flowsery('late')")
    site.wait_for("track", 2)
    names = [event.get("name", event["type"]) for event in site.events()]
    assert names == ["page", "early", "late"]
