"""Cookies, and pages that set none."""

import re
import time

import pytest
from browser import TRACKER, RecordingSite, close_visit, open_visit, page, script_tag
from playwright.sync_api import Browser, BrowserContext, Page, Route

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SIGNALS = {
    "global privacy control": "globalPrivacyControl: {value: true}",
    "do not track": "doNotTrack: {value: '1'}",
}


def open_page(site: RecordingSite, tab: Page, attributes: str = "") -> None:
    site.pages["/"] = page(head=script_tag(attributes))
    tab.goto(site.url("/", "www.shop.test"))
    site.wait_for("page")


def check_cookieless(site: RecordingSite, tab: Page) -> None:
    """No cookie, no storage, no ids, no identify; all else is sent."""
    tab.evaluate(
        "flowsery('identify', {user_id: 'u1'}); flowsery('identify', 'ann@shop.test');"
        "flowsery('end')"
    )
    site.wait_for("track")
    assert [event["type"] for event in site.events()] == ["page", "track"]
    for event in site.events():
        assert event["cookieless"] is True
        assert "visitorUid" not in event
        assert "sessionUid" not in event
    assert tab.context.cookies() == []
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0


def test_cookies_lie_on_the_registrable_domain_with_their_lifetimes(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab)
    now = time.time()
    cookies = {cookie["name"]: cookie for cookie in tab.context.cookies()}
    assert set(cookies) == {"_fs_vid", "_fs_sid"}
    for cookie in cookies.values():
        assert UUID4.fullmatch(cookie["value"])
        assert (cookie["domain"], cookie["path"]) == (".shop.test", "/")
        assert cookie["sameSite"] == "Lax"
        assert not cookie["secure"]
        assert not cookie["httpOnly"]
    assert cookies["_fs_vid"]["expires"] == pytest.approx(now + 365 * 86_400, abs=60)
    assert cookies["_fs_sid"]["expires"] == pytest.approx(now + 30 * 60, abs=60)


def test_cookies_are_secure_on_https(visit: BrowserContext) -> None:
    def answer(route: Route) -> None:
        if route.request.url.endswith("main.js"):
            route.fulfill(path=TRACKER, content_type="text/javascript")
        else:
            route.fulfill(body=page(), content_type="text/html")

    visit.route("https://www.secure.co.uk/**", answer)
    tab = visit.new_page()
    with tab.expect_request("**/events") as request:
        tab.goto("https://www.secure.co.uk/")
    assert request.value.post_data_json[0]["url"] == "https://www.secure.co.uk/"
    cookies = visit.cookies()
    assert len(cookies) == 2
    assert all(cookie["secure"] for cookie in cookies)
    assert {cookie["domain"] for cookie in cookies} == {".secure.co.uk"}


def test_a_visitor_is_the_same_on_the_next_page_and_on_subdomains(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab)
    tab.goto(site.url("/", "blog.shop.test"))
    tab.goto(site.url("/", "shop.test"))
    events = site.wait_for("page", 3)
    assert len({(event["visitorUid"], event["sessionUid"]) for event in events}) == 1


OTHER_COOKIES = ("x_fs_vid=other", "-_fs_vid=other", "x-_fs_sid=other", "_fs_vid2=other")


@pytest.mark.sample(4)
@pytest.mark.parametrize("cookie", OTHER_COOKIES)
def test_a_cookie_whose_name_only_ends_alike_is_another(
    site: RecordingSite, tab: Page, cookie: str
) -> None:
    tab.add_init_script(f"document.cookie = '{cookie}; path=/'")
    open_page(site, tab)
    tab.reload()
    first, second = site.wait_for("page", 2)
    assert "other" not in (first["visitorUid"], first["sessionUid"])
    assert UUID4.fullmatch(first["visitorUid"])
    assert (first["visitorUid"], first["sessionUid"]) == (
        second["visitorUid"],
        second["sessionUid"],
    )


def test_a_new_session_begins_when_its_cookie_is_gone(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.context.clear_cookies(name="_fs_sid")
    tab.reload()
    first, second = site.wait_for("page", 2)
    assert first["visitorUid"] == second["visitorUid"]
    assert first["sessionUid"] != second["sessionUid"]


@pytest.mark.sample(4)
@pytest.mark.parametrize("attribute", ["data-cookieless", 'data-cookieless="true"'])
def test_cookieless_pages_set_nothing(site: RecordingSite, tab: Page, attribute: str) -> None:
    open_page(site, tab, attribute)
    check_cookieless(site, tab)


@pytest.mark.sample(4)
@pytest.mark.parametrize("signal", SIGNALS)
def test_a_browsers_wish_for_privacy_is_cookieless(
    site: RecordingSite, tab: Page, signal: str
) -> None:
    tab.add_init_script(f"Object.defineProperties(navigator, {{{SIGNALS[signal]}}})")
    open_page(site, tab)
    check_cookieless(site, tab)


def test_an_attribute_of_false_is_off(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, 'data-cookieless="false" data-hash="false"')
    assert "visitorUid" in site.events()[0]
    assert "hash" not in site.events()[0]


def test_a_browser_that_takes_no_cookies_is_cookieless(
    chromium: Browser, site: RecordingSite
) -> None:
    visit = open_visit(chromium)
    visit.add_init_script(
        "Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set: () => {}})"
    )
    tab = visit.new_page()
    open_page(site, tab)
    check_cookieless(site, tab)
    close_visit(visit)


def test_an_address_without_a_name_has_cookies_too(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head=script_tag("data-local"))
    for host in ("127.0.0.1", "localhost", "intranet"):
        tab.goto(site.url("/", host))
    assert all("visitorUid" in event for event in site.wait_for("page", 3))
    assert {cookie["domain"].lstrip(".") for cookie in tab.context.cookies()} == {
        "127.0.0.1",
        "localhost",
        "intranet",
    }
