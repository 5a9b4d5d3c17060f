"""From the first start of a server on an empty folder to the first counted visit, by keyboard."""

import re
from collections.abc import Iterator

import pytest
from browser import RecordingSite, close_visit, open_browser, open_visit, page
from dashboard.shown import NASTY, PASSWORD, add_member, check_looks, check_width, looking, sign_in
from e2e.server import Server, running, wait_until
from playwright.sync_api import Browser, Page, Playwright, expect

from footfall.model.website import Exclusions

SEEN_MS = 30_000
"""How long a hit may take to be seen on a busy machine; on a free one it takes about a second."""


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One whose visits count on this machine, too."""
    with open_browser(playwright, has_windows=True) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("setup") / "data", begins_empty=True) as server:
        yield server


def visit_page(chromium: Browser, site: RecordingSite, host: str, tag: str) -> None:
    """Somebody sees a page of this host that carries the tag."""
    site.pages["/first"] = page("<h1>Hello</h1>", head=tag, title="First")
    visit = open_visit(chromium)
    tab = visit.new_page()
    with tab.expect_response(lambda answer: answer.url.endswith("/events")):
        tab.goto(site.url("/first", host))
    close_visit(visit)


def tag_in(tab: Page) -> str:
    return tab.get_by_role("region", name="The tag").inner_text()


def _domains(server: Server) -> list[str]:
    with server.catalog() as catalog:
        return [website.domain for website in catalog.websites()]


def press(tab: Page, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def test_from_the_first_start_to_the_first_visit_by_keyboard(
    tab: Page, chromium: Browser, server: Server, site: RecordingSite
) -> None:
    link = re.search(r"(http\S+)/setup#code=(\S+)", server.logged())
    assert link is not None, server.logged()
    tab.goto("/")  # whoever opens the address is led to the set-up, and needs the code
    expect(tab).to_have_url(f"{server.url}/setup")
    expect(tab.get_by_label("One-time code")).to_be_focused()
    check_looks(tab)
    tab.goto("about:blank")
    tab.goto(f"/setup#code={link[2]}")
    expect(tab).to_have_url(f"{server.url}/setup")

    expect(tab.get_by_label("Your name")).to_be_focused()
    for text in ("Mara Klein", "mara@shop.test", "short"):
        tab.keyboard.type(text)
        press(tab, "Tab")
    press(tab, "Enter")
    assert tab.get_by_label("Password").evaluate("field => !field.validity.valid")
    tab.keyboard.type(PASSWORD)  # the browser has led the focus to what is wrong
    press(tab, "Enter")

    expect(tab.get_by_role("heading", name="Add your website")).to_be_visible()
    expect(tab.get_by_label("Domain")).to_be_focused()
    check_looks(tab)
    expect(tab.get_by_label("Time zone")).to_have_value(
        tab.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    )
    tab.keyboard.type("https://Shop.test/prices")
    press(tab, "Enter")

    expect(tab).to_have_url(f"{server.url}/setup?site=shop.test")
    expect(tab.get_by_role("heading", name="Put this into the head of shop.test")).to_be_visible()
    expect(tab.get_by_text("The script is reachable")).to_be_visible()
    tag = tag_in(tab)
    check_looks(tab)

    visit_page(chromium, site, "elsewhere.test", tag)
    why = tab.get_by_role("listitem").filter(has_text="foreign_hostname").first
    expect(why).to_contain_text("not counted", timeout=SEEN_MS)
    expect(why).to_contain_text("The page was on a host that is not shop.test")
    check_looks(tab)
    why.get_by_role("button", name="Count this host too").first.focus()
    press(tab, "Enter")
    expect(tab.get_by_text("elsewhere.test is counted from now on.")).to_be_visible()

    visit_page(chromium, site, "elsewhere.test", tag)
    expect(tab.get_by_text("Your first visit is here")).to_be_visible(timeout=SEEN_MS)
    expect(tab).to_have_url(f"{server.url}/w/shop.test?p=today", timeout=SEEN_MS)
    expect(tab).to_have_title("shop.test · Overview · Footfall")


def test_a_page_on_ones_own_computer_says_why_it_sends_nothing(
    tab: Page, chromium: Browser, server: Server, site: RecordingSite
) -> None:
    server.website("local.test")
    sign_in(tab, server, add_member(server, "local@shop.test"), "/setup?site=local.test")
    site.pages["/first"] = page("<h1>Hello</h1>", head=tag_in(tab), title="First")
    visit = open_visit(chromium)
    visit.new_page().goto(site.url("/first", "localhost"))
    silent = tab.locator("[data-silent]")
    expect(silent).to_contain_text("loaded on localhost, and sent nothing", timeout=SEEN_MS)
    close_visit(visit)
    check_looks(tab)

    tab.get_by_label("count localhost").check()
    visit_page(chromium, site, "localhost", tag_in(tab))
    expect(tab.get_by_text("Your first visit is here")).to_be_visible(timeout=SEEN_MS)
    expect(silent).to_have_count(0)


def test_a_website_on_ones_own_computer_is_counted_by_the_first_tag(
    tab: Page, chromium: Browser, server: Server, site: RecordingSite
) -> None:
    server.website("localhost")
    sign_in(tab, server, add_member(server, "own@shop.test"), "/setup?site=localhost")
    expect(tab.get_by_role("link", name="Open localhost")).to_have_attribute(
        "href", "http://localhost/"
    )
    visit_page(chromium, site, "localhost", tag_in(tab))
    expect(tab.get_by_text("Your first visit is here")).to_be_visible(timeout=SEEN_MS)


def test_an_exclusion_that_is_in_the_way_is_cleared_by_one_click(
    tab: Page, chromium: Browser, server: Server, site: RecordingSite
) -> None:
    website = server.website("excluding.test")
    with server.catalog() as catalog:
        lists = Exclusions(paths=("/first", "/second"), countries=("AT",))
        catalog.update_website(website.id, exclusions=lists)
    sign_in(tab, server, add_member(server, "ex@shop.test"), "/setup?site=excluding.test")
    tag = tag_in(tab)
    visit_page(chromium, site, "excluding.test", tag)
    why = tab.get_by_role("listitem").filter(has_text="excluded_path").first
    expect(why).to_contain_text("This website excludes the page's path.", timeout=SEEN_MS)
    expect(why.get_by_role("link", name="Change the list")).to_have_attribute(
        "href", "/w/excluding.test/settings/exclusions"
    )
    check_looks(tab)
    why.get_by_role("button", name="Exclude none of them any more").click()
    expect(why.get_by_text("The list is empty. Load the page again.")).to_be_visible()
    with server.catalog() as catalog:
        found = catalog.find_website("excluding.test").exclusions
    assert (found.paths, found.countries) == ((), ("AT",))
    visit_page(chromium, site, "excluding.test", tag)
    expect(tab.get_by_text("Your first visit is here")).to_be_visible(timeout=SEEN_MS)


def test_who_comes_back_sees_what_was_counted_and_stays(tab: Page, server: Server) -> None:
    website = server.website("back.test")
    token = server.token(website)
    sent = {"type": "page", "url": "https://back.test/", "visitorUid": "a"}
    server.ask("POST", "/api/v1/events", token, [sent])
    server.wait_for_loading()
    sign_in(tab, server, add_member(server, "back@shop.test"), "/setup?site=back.test")
    expect(tab.get_by_text("Your first visit is here")).to_be_visible(timeout=SEEN_MS)
    expect(tab.get_by_role("button", name="Stay here")).to_have_count(0)
    check_looks(tab)
    tab.goto("/w/back.test")  # the last 30 days end yesterday
    tab.get_by_text("Nobody came in this period").get_by_role("link", name="Show today").click()
    expect(tab).to_have_url(f"{server.url}/w/back.test?p=today")
    expect(tab.locator("[data-tile=visitors] [data-value]")).to_have_text("1")
    goals = tab.locator("[data-panel=goals]")
    expect(goals).to_contain_text('No goals yet. Send one:window.flowsery("signup")')
    expect(goals.get_by_role("row")).to_have_count(3)  # the head, and the automatic ones


def test_a_code_that_is_wrong_is_asked_for_again(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        running(tmp_path_factory.mktemp("code") / "data") as server,
        looking(chromium, server) as tab,
    ):
        tab.goto("/setup#code=not-the-code")
        for name, text in (("Your name", NASTY[0]), ("E-mail", "a@b.test"), ("Password", PASSWORD)):
            tab.get_by_label(name).fill(text)
        press(tab, "Enter")
        expect(tab.get_by_text("This code is not valid")).to_be_visible()
        expect(tab.get_by_label("One-time code")).to_be_visible()
        check_width(tab)


def test_each_kind_of_tag_can_be_reached_by_arrow_keys(tab: Page, server: Server) -> None:
    server.website("kinds.test")
    sign_in(tab, server, add_member(server, "kinds@shop.test"), "/setup?site=kinds.test")
    tabs = tab.get_by_role("tab")
    tabs.first.focus()
    for index in range(tabs.count()):
        expect(tabs.nth(index)).to_be_focused()
        expect(tabs.nth(index)).to_have_attribute("aria-selected", "true")
        expect(tab.get_by_role("region", name="The tag")).to_contain_text("flid_")
        check_width(tab)
        press(tab, "ArrowRight")
    expect(tabs.first).to_be_focused()


def test_a_viewer_cannot_add_a_website(tab: Page, server: Server) -> None:
    member = add_member(server, "viewer@shop.test", "viewer")
    sign_in(tab, server, member, "/setup")
    expect(tab.get_by_text("Your role is viewer.")).to_be_visible()
    tab.goto("/")
    expect(tab.get_by_role("heading", name="Websites")).to_be_visible()
    expect(tab.get_by_role("link", name="Add a website")).to_have_count(0)


def test_a_domain_that_is_none_is_named(tab: Page, server: Server) -> None:
    if not [each for each in _domains(server) if each == "shop.test"]:
        server.website("shop.test")  # where this test runs alone
    sign_in(tab, server, add_member(server, "domain@shop.test"), "/w/shop.test")
    tab.get_by_role("button", name="Switch website: shop.test").click()
    tab.get_by_role("menuitem", name="Add a website").click()
    for text in (NASTY[0], NASTY[4]):
        tab.get_by_label("Domain").fill(text)
        press(tab, "Enter")
        expect(tab.get_by_label("Domain")).to_have_attribute("aria-invalid", "true")
        check_looks(tab)
        wait_until(lambda: tab.get_by_role("button", name="Add website").is_enabled(), "button")
