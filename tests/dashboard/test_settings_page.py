"""A website's settings: each section is opened, changed, and shows the change after a reload."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dashboard.shown import (
    DESKTOP,
    NASTY,
    PASSWORD,
    PHONE,
    add_member,
    age,
    check_looks,
    check_width,
    looking,
    sign_in,
    with_websites,
)
from e2e.server import BASE, Server, running
from playwright.sync_api import Browser, Page, expect

from footfall.clock import now_ms
from footfall.model.member import Member
from footfall.model.website import Website
from footfall.money.connection import Connections, WebhookEvent

SECTIONS = ("general", "tag", "goals", "sharing", "keys", "providers", "exclusions", "data")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("settings") / "data"
    with running(with_websites(folder, "shop.test", "other.test")) as server:
        yield server


@pytest.fixture(scope="module")
def ann(server: Server) -> Member:
    """The owner."""
    return add_member(server)


@pytest.fixture(scope="module")
def tab(chromium: Browser, server: Server, ann: Member) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann)
        yield tab


@pytest.fixture(scope="module")
def segment(server: Server) -> str:
    """The ID of a saved segment that nobody belongs to."""
    body = {
        "name": "Germans",
        "personal": False,
        "filters": [{"dimension": "country", "value": "Germany"}],
    }
    token = server.token(None, "read", "write", "manage")
    status, answer = server.ask("POST", f"{BASE}/segments?domain=shop.test", token, body)
    assert status == 200, answer
    return str(answer["data"]["id"])


def show(tab: Page, section: str, query: str = "") -> None:
    tab.goto(f"/w/shop.test/settings/{section}{query}")


def click(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).first.click()


def saved(tab: Page) -> None:
    expect(tab.get_by_text("Saved.").first).to_be_visible()


def test_settings_are_reached_by_menu_table_and_keyboard_and_look_right(tab: Page) -> None:
    tab.goto("/")
    tab.get_by_role("link", name="Settings of shop.test").click()
    expect(tab).to_have_url(re.compile("/w/shop.test/settings"))
    tab.goto("/w/shop.test")
    tab.keyboard.press("/")
    tab.get_by_role("combobox").fill("settings")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/w/shop.test/settings"))
    tab.goto("/w/shop.test")
    tab.get_by_role("heading").first.wait_for()
    tab.keyboard.press("g")
    tab.keyboard.press("s")
    expect(tab).to_have_url(re.compile("/w/shop.test/settings"))
    tab.goto("/w/shop.test")
    tab.locator(".site").click()
    tab.get_by_role("menuitem", name="Settings").click()
    for section in SECTIONS:
        tab.locator(f'nav a[href*="/settings/{section}"]').click()
        expect(tab).to_have_url(re.compile(f"/settings/{section}"))
        shown = tab.locator("h1" if section == "goals" else "main .card").first
        expect(shown).to_be_visible()
        check_looks(tab)


def test_general_settings_are_kept_and_errors_are_at_their_fields(tab: Page) -> None:
    show(tab, "general")
    field = tab.get_by_label("Name", exact=True)
    for name in NASTY[:2]:
        field.fill(name)
        click(tab, "Save")
        saved(tab)
        check_width(tab)
    tab.reload()
    expect(field).to_have_value(NASTY[1])
    for name in NASTY[2:]:  # invisible characters, or too long
        field.fill(name)
        click(tab, "Save")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description("name must be 1 to 255 printable characters")
        expect(field).to_have_value(name)
    field.fill("Shop")
    hosts = tab.get_by_label("Other hosts")
    hosts.fill("not a host/")
    click(tab, "Save")
    expect(hosts).to_have_attribute("aria-invalid", "true")
    expect(hosts).to_have_value("not a host/")
    expect(field).to_have_value("Shop")
    hosts.fill("shop.example.net")
    click(tab, "Save")
    saved(tab)
    tab.reload()
    expect(hosts).to_have_value("shop.example.net")


def test_exclusions_are_kept_and_errors_are_at_their_fields(tab: Page) -> None:
    show(tab, "exclusions")
    tab.get_by_label("IP addresses").fill("192.0.2.7\n198.51.100.0/24")
    tab.get_by_label("Countries").fill("Nowhere")
    click(tab, "Save")
    expect(tab.get_by_label("Countries")).to_have_attribute("aria-invalid", "true")
    tab.get_by_label("Countries").fill("DE")
    click(tab, "Save")
    saved(tab)
    tab.reload()
    expect(tab.get_by_label("IP addresses")).to_have_value(re.compile(r"192\.0\.2\.7"))
    expect(tab.get_by_label("Countries")).to_have_value("DE")


def test_a_goal_is_labelled_and_its_completions_are_deleted(tab: Page, server: Server) -> None:
    token = server.token(server_website(server))
    visit = {"type": "page", "url": "https://shop.test/", "visitorUid": "a"}
    goal = {**visit, "type": "track", "name": "signup"}
    status, answer = server.ask("POST", "/api/v1/events", token, [visit, goal])
    assert (status, answer["data"][0]["rejected"]) == (202, [])
    server.wait_for_loading()
    show(tab, "goals")
    for label in NASTY[:2]:
        tab.get_by_label("Label of signup").fill(label)
        click(tab, "Save signup")
        saved(tab)
    check_looks(tab)
    tab.get_by_label("Label of signup").fill(NASTY[4])
    click(tab, "Save signup")
    expect(tab.get_by_label("Label of signup")).to_have_attribute("aria-invalid", "true")
    tab.reload()
    expect(tab.get_by_label("Label of signup")).to_have_value(NASTY[1])
    click(tab, "Delete the completions of signup")
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("1 completion of this goal would be deleted")
    dialog.get_by_label("Type signup to confirm").fill("signup")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(tab.get_by_text("0 completions", exact=True)).to_be_visible()
    expect(tab.get_by_role("button", name="Delete the completions of signup")).to_be_focused()


def test_a_kpi_is_kept_by_the_other_sections_and_named_by_the_reports(
    tab: Page, server: Server
) -> None:
    complete(server, "buy")
    show(tab, "goals")
    expect(tab.get_by_role("heading", name="buy 1 completion", exact=True)).to_be_visible()
    tab.get_by_label("buy is the KPI").check()
    click(tab, "Save buy")
    saved(tab)
    # the section is opened with what was saved, and not with what the page knew before
    tab.locator('nav a[href*="/settings/general"]').click()
    tab.get_by_label("Name", exact=True).fill("Shop with a KPI")
    click(tab, "Save")
    saved(tab)
    website = server_website(server)
    assert (website.name, website.kpi) == ("Shop with a KPI", "buy")
    tab.locator('nav a[href*="/settings/goals"]').click()
    tab.get_by_label("buy is the KPI").uncheck()
    click(tab, "Save buy")
    saved(tab)
    assert server_website(server).kpi is None
    open_overview(tab)
    expect(tab.locator("[data-tile=visitors] [data-value]")).to_be_visible()
    expect(tab.locator("[data-tile=kpi_value]")).to_have_count(0)
    tab.go_back()
    tab.get_by_label("buy is the KPI").check()
    click(tab, "Save buy")
    saved(tab)
    open_overview(tab)
    expect(tab.locator("[data-tile=kpi_value]")).to_contain_text("buy")


def complete(server: Server, name: str) -> None:
    goal = {"type": "track", "name": name, "url": "https://shop.test/", "visitorUid": name}
    server.ask("POST", "/api/v1/events", server.token(server_website(server)), [goal])
    server.wait_for_loading()


def open_overview(tab: Page) -> None:
    """Without loading the page again."""
    tab.get_by_role("navigation", name="Reports").get_by_role("link", name="Overview").click()


def server_website(server: Server) -> Website:
    with server.catalog() as catalog:
        return next(each for each in catalog.websites() if each.domain == "shop.test")


def test_a_share_link_has_the_filters_of_the_report(tab: Page) -> None:
    tab.goto("/w/shop.test?f=country:Germany")
    tab.get_by_role("link", name="Share").click()
    expect(tab.get_by_text("country Germany")).to_be_visible()
    tab.get_by_label("Password").fill("short")
    tab.get_by_label("Name").fill(NASTY[0])
    click(tab, "Make the link")
    expect(tab.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    tab.get_by_label("Password").fill("")
    tab.get_by_label("Hosts whose pages").fill("www.example.com")
    click(tab, "Make the link")
    saved(tab)
    show(tab, "sharing")
    row = tab.get_by_role("listitem").filter(has_text=NASTY[0])
    expect(row).to_contain_text("/share/")
    expect(row).to_contain_text("<iframe")
    check_looks(tab)
    row.get_by_role("button", name="Edit").click()
    row.get_by_label("Name").fill("Renamed")
    row.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_role("listitem").filter(has_text="Renamed")).to_be_visible()
    expect(tab.get_by_role("button", name="Edit Renamed")).to_be_focused()
    click(tab, "Withdraw Renamed")
    tab.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("None yet.")).to_be_visible()
    expect(tab.get_by_role("heading", name="Share links")).to_be_focused()


def test_a_share_link_offers_the_report_that_it_was_asked_for_on(tab: Page) -> None:
    tab.goto("/w/shop.test/flow")
    tab.get_by_role("link", name="Share").click()
    form = tab.get_by_role("form", name="New share link")
    for page in ("Overview", "Flow"):
        expect(form.get_by_label(page)).to_be_checked()
    expect(form.get_by_label("Funnels")).not_to_be_checked()
    expect(tab).to_have_url(re.compile(r"/settings/sharing$"))


def test_a_share_link_has_the_filters_of_the_segment_too(
    tab: Page, server: Server, segment: str
) -> None:
    tab.goto(f"/w/shop.test?s={segment}&f=device:Mobile&f=country:Germany")
    tab.get_by_role("link", name="Share").click()
    # a filter that the segment has as well is there twice
    expected = ["country Germany", "device Mobile", "country Germany"]
    form = tab.get_by_role("form", name="New share link")
    expect(form.locator(".filter")).to_have_text(expected)
    click(tab, "Make the link")
    saved(tab)
    row = tab.get_by_role("listitem").filter(has_text="/share/")
    expect(row).to_contain_text(" · ".join(expected))
    [share] = server.get("/shares", server.token(None, "manage"))["data"]
    assert [f"{each['dimension']} {each['value']}" for each in share["filters"]] == expected
    click(tab, "Withdraw Without a name")
    tab.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(row).to_have_count(0)


def test_a_segment_of_nobody_is_why_nothing_is_shown(tab: Page, segment: str) -> None:
    tab.goto(f"/w/shop.test?s={segment}&p=today")
    pages = tab.locator("[data-panel=pages]")
    expect(pages).to_contain_text("Nothing in this period with these filters")
    tab.goto(f"/w/shop.test/visitors?s={segment}&p=today")
    expect(tab.locator("main .none")).to_contain_text("filter")


def test_a_token_is_shown_once_and_revoked(tab: Page) -> None:
    show(tab, "keys")
    tab.get_by_label("Expires after (days)").fill("soon")
    click(tab, "Make the token")
    expect(tab.get_by_label("Expires after (days)")).to_have_attribute("aria-invalid", "true")
    tab.get_by_label("Expires after (days)").fill("30")
    click(tab, "Make the token")
    expect(tab.get_by_text("It is shown now and never again.")).to_be_visible()
    secret = tab.get_by_role("region", name="This is the token").inner_text()
    check_looks(tab)
    tab.reload()
    row = tab.get_by_role("listitem").filter(has_text="expires")
    expect(row).to_be_visible()
    assert secret not in tab.content()
    row.get_by_role("button", name="Revoke").click()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(row.get_by_role("button", name="Revoke")).to_be_focused()
    row.get_by_role("button", name="Revoke").click()
    tab.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    expect(tab.get_by_role("heading", name="Tokens")).to_be_focused()


def test_an_old_sign_in_makes_a_token_with_the_password(
    tab: Page, server: Server, ann: Member
) -> None:
    show(tab, "keys")
    age(server, ann)
    click(tab, "Make the token")
    password = tab.get_by_label("Your password")
    expect(password).to_be_focused()
    check_looks(tab)
    password.fill(PASSWORD)
    click(tab, "Make the token")
    expect(tab.get_by_text("It is shown now and never again.")).to_be_visible()
    expect(password).to_have_count(0)


def test_a_provider_is_connected_and_disconnected(tab: Page) -> None:
    show(tab, "providers")
    form = tab.get_by_role("form", name="Stripe")
    expect(form).to_contain_text("/webhooks/stripe/")
    form.get_by_role("button", name="Connect Stripe").click()
    secret = form.get_by_label("Signing secret of Stripe")
    expect(secret).to_have_attribute("aria-invalid", "true")
    secret.fill("whsec_dGhpcyBpcyBhIHNlY3JldA")
    form.get_by_role("button", name="Connect Stripe").click()
    expect(form).to_contain_text("no event yet")  # before a reload would cancel the request
    tab.reload()
    expect(form).to_contain_text("no event yet")
    form.get_by_role("button", name="Disconnect Stripe").click()
    tab.get_by_role("dialog").get_by_role("button", name="Disconnect Stripe").click()
    expect(form).to_contain_text("not connected")


def test_payments_that_need_attention_are_listed_for_owners(tab: Page, server: Server) -> None:
    website = server_website(server)
    with server.catalog() as catalog:
        connections = Connections(catalog)
        for event_id in ("evt_1", NASTY[0]):
            connections.remember(
                WebhookEvent(
                    website_id=website.id,
                    provider="stripe",
                    event_id=event_id,
                    received_at=now_ms(),
                    outcome="refused",
                    type="charge.refunded",
                    transaction_id=NASTY[1],
                    amount=Decimal("12.50"),
                    currency="EUR",
                )
            )
    show(tab, "providers")
    listed = tab.get_by_role("region", name="Payments that need attention")
    row = listed.get_by_role("listitem").filter(has_text="evt_1")
    expect(row).to_contain_text("refused: charge.refunded")
    expect(row).to_contain_text("12.50 EUR")
    expect(row).to_contain_text("send the event again")
    expect(listed.get_by_role("listitem").filter(has_text=NASTY[0])).to_be_visible()
    check_looks(tab)


def test_moments_are_in_the_time_of_the_browser(
    chromium: Browser, server: Server, ann: Member
) -> None:
    website, received_at = server_website(server), now_ms()
    late = int(datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp() * 1000)
    with server.catalog() as catalog:
        catalog.add_token(website_id=website.id, scopes=("read",), now_ms=late)
        Connections(catalog).remember(
            WebhookEvent(
                website_id=website.id,
                provider="stripe",
                event_id="evt_tokyo",
                received_at=received_at,
                outcome="refused",
                type="charge.refunded",
                transaction_id="",
                amount=Decimal(1),
                currency="EUR",
            )
        )
    with looking(chromium, server, timezone_id="Asia/Tokyo") as tab:
        sign_in(tab, server, ann, "/w/shop.test/settings/keys")
        expect(tab.get_by_role("listitem").filter(has_text="made 21 Nov 2026")).to_have_count(1)
        show(tab, "providers")
        row = tab.get_by_role("listitem").filter(has_text="evt_tokyo")
        local = datetime.fromtimestamp(received_at / 1000, ZoneInfo("Asia/Tokyo"))
        expect(row).to_contain_text(f"{local:%H:%M}")


@pytest.mark.sample(1)
@pytest.mark.parametrize("least", [32, 44])
def test_what_is_clicked_is_large_enough(
    chromium: Browser, server: Server, ann: Member, least: int
) -> None:
    """With a mouse, and with a finger."""
    complete(server, "look")
    is_touch = least == 44
    options = {"viewport": PHONE if is_touch else DESKTOP, "has_touch": is_touch}
    with looking(chromium, server, is_mobile=is_touch, **options) as tab:
        sign_in(tab, server, ann)
        for section in SECTIONS:
            show(tab, section)
            tab.locator("main .card").first.wait_for()
            expect(tab.locator("main [aria-busy=true]")).to_have_count(0)
            small = tab.evaluate(SMALL, least)
            assert not small, f"{section}: {small}"


SMALL = """least => {
  const all = "a, button, select, input, textarea, label.check";
  const part = (each) => each.closest(each.matches("input") ? "label.check" : "p");
  return [...document.querySelectorAll("main")].flatMap((main) => [...main.querySelectorAll(all)])
    .filter((each) => each.checkVisibility() && !part(each))
    .map((each) => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < least - 0.5)
    .map(([html, { width, height }]) => `${html} ${width} x ${height}`);
}"""
"""What is smaller than that, apart from links in a text and boxes whose label is large enough."""


def test_all_data_goes_after_the_domain_was_typed(tab: Page, server: Server) -> None:
    website = server.website("again.test")
    visit = {"url": "https://again.test/", "visitorUid": "a"}
    server.ask("POST", "/api/v1/events", server.token(website), [visit])
    server.wait_for_loading()
    tab.goto("/w/again.test/settings/data")
    click(tab, "Delete all data")
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("1 visit with 1 event, 0 payments")
    check_looks(tab)
    sure = dialog.get_by_role("button", name="Delete", exact=True)
    dialog.get_by_label("Type again.test to confirm").fill("again")
    expect(sure).to_be_disabled()
    dialog.get_by_label("Type again.test to confirm").fill("again.test")
    sure.click()
    expect(tab.get_by_text("All data was deleted.")).to_be_visible()
    assert server.get("/overview", server.token(website))["data"][0]["sessions"] == 0
    with server.catalog() as catalog:
        catalog.remove_website(website.id, now_ms=now_ms())


def test_only_who_may_change_a_website_is_led_to_its_settings(
    chromium: Browser, server: Server, tab: Page
) -> None:
    with looking(chromium, server) as other:
        sign_in(other, server, add_member(server, "viewer@shop.test", "viewer"))
        check_nothing_leads_to_settings(other, "/w/shop.test")
        other.goto("/w/shop.test")
        other.get_by_role("button", name="Filter").first.wait_for()
        other.keyboard.press("/")
        other.get_by_role("combobox").fill("settings")
        expect(other.get_by_text("Nothing is called")).to_be_visible()
        for section in SECTIONS:
            show(other, section)
            expect(other.get_by_text("Only owners and admins see and change")).to_be_visible()
            expect(other.locator("main button, main nav")).to_have_count(0)
        check_looks(other)
    show(tab, "sharing")
    click(tab, "Make the link")
    saved(tab)
    link = tab.get_by_role("listitem").filter(has_text="/share/").locator("code").first
    with looking(chromium, server) as other:
        path = link.inner_text().removeprefix(server.url)
        check_nothing_leads_to_settings(other, path)
        other.goto(f"{path}/settings")
        expect(other.get_by_text("There is nothing at this address")).to_be_visible()


def check_nothing_leads_to_settings(tab: Page, path: str) -> None:
    tab.goto(path)
    expect(tab.get_by_role("button", name="Filter").first).to_be_visible()
    expect(tab.locator("a[href*='/settings']")).to_have_count(0)
    if tab.locator(".site").count():
        tab.locator(".site").click()
        expect(tab.get_by_role("menuitem", name="Settings")).to_have_count(0)
        tab.keyboard.press("Escape")
    tab.keyboard.press("g")
    tab.keyboard.press("s")
    tab.keyboard.press("f")
    expect(tab.get_by_role("button", name="Filter").first).to_have_attribute(
        "aria-expanded", "true"
    )
    assert "/settings" not in tab.url
    tab.keyboard.press("Escape")


def test_retention_is_kept_and_a_website_is_deleted_by_its_domain(
    tab: Page, server: Server
) -> None:
    show(tab, "data")
    tab.get_by_label("Keep data for (days)").fill("0")
    click(tab, "Save")
    expect(tab.get_by_label("Keep data for (days)")).to_have_attribute("aria-invalid", "true")
    tab.get_by_label("Keep data for (days)").fill("400")
    click(tab, "Save")
    saved(tab)
    tab.reload()
    expect(tab.get_by_label("Keep data for (days)")).to_have_value("400")
    tab.goto("/w/other.test/settings/data")
    click(tab, "Delete this website")
    dialog = tab.get_by_role("dialog")
    sure = dialog.get_by_role("button", name="Delete", exact=True)
    expect(sure).to_be_disabled()
    dialog.get_by_label("Type other.test to confirm").fill("other.test")
    sure.click()
    expect(tab).to_have_url(f"{server.url}/w/shop.test")
    with server.catalog() as catalog:
        assert [each.domain for each in catalog.websites()] == ["shop.test"]
