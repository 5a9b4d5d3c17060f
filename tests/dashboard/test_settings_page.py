"""A website's settings: each section is opened, changed, and shows the change after a reload."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from dashboard.shown import NASTY, add_member, check_looks, check_width, looking, sign_in
from e2e.server import Server, running
from playwright.sync_api import Browser, Page, expect

from footfall.clock import now_ms
from footfall.model.website import Website
from footfall.money.connection import Connections, WebhookEvent

SECTIONS = ("general", "tag", "goals", "sharing", "keys", "providers", "exclusions", "data")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("settings") / "data") as server:
        server.website("shop.test")
        server.website("other.test")
        yield server


@pytest.fixture(scope="module")
def tab(chromium: Browser, server: Server) -> Iterator[Page]:
    """Signed in as an owner."""
    with looking(chromium, server) as tab:
        sign_in(tab, server, add_member(server))
        yield tab


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
    expect(tab.get_by_text("0 Completions")).to_be_visible()


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
    click(tab, "Withdraw Renamed")
    tab.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("None yet.")).to_be_visible()


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
    tab.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)


def test_a_provider_is_connected_and_disconnected(tab: Page) -> None:
    show(tab, "providers")
    form = tab.get_by_role("form", name="Stripe")
    expect(form).to_contain_text("/webhooks/stripe/")
    form.get_by_role("button", name="Connect Stripe").click()
    secret = form.get_by_label("Signing secret of Stripe")
    expect(secret).to_have_attribute("aria-invalid", "true")
    secret.fill("whsec_dGhpcyBpcyBhIHNlY3JldA")
    form.get_by_role("button", name="Connect Stripe").click()
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
