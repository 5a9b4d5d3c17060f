"""Passkeys in a browser with an authenticator: added on the account's page, used at the sign-in."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from dashboard.shown import (
    NASTY,
    PASSWORD,
    add_member,
    age,
    check_looks,
    check_width,
    looking,
    sign_in,
)
from e2e.server import Server, running
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from footfall.model.member import Member


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """At a name: browsers allow no passkeys at an address of numbers."""
    with running(tmp_path_factory.mktemp("passkeys") / "data") as server:
        server.website("shop.example")
        server.website("other.example")
        named = copy.copy(server)
        named.url = server.url.replace("127.0.0.1", "localhost")
        yield named


@pytest.fixture
def ann(server: Server) -> Member:
    return add_member(server, f"ann-{uuid4().hex[:8]}@example.com")


@contextmanager
def authenticator(tab: Page, *, is_user_verified: bool = True) -> Iterator[tuple[CDPSession, str]]:
    """That of a laptop, with a finger that is known to it or not."""
    session = tab.context.new_cdp_session(tab)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": is_user_verified,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session, made["authenticatorId"]
    session.detach()


def section(tab: Page) -> Locator:
    return tab.get_by_role("region", name="Passkeys")


def add(tab: Page, name: str) -> None:
    part = section(tab)
    part.get_by_role("button", name="Add a passkey").click()
    part.get_by_label("Name of the passkey").fill(name)
    part.get_by_role("button", name="Continue").click()


def test_a_passkey_is_added_signs_in_and_is_removed(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann, "/account")
    with authenticator(tab) as (session, authenticator_id):
        part = section(tab)
        part.get_by_role("button", name="Add a passkey").click()
        expect(part.get_by_label("Name of the passkey")).to_have_value("Chrome on Linux")
        check_looks(tab)
        part.get_by_role("button", name="Cancel").click()
        expect(part.get_by_role("button", name="Add a passkey")).to_be_focused()
        add(tab, "Laptop")
        expect(part.get_by_text("Laptop was added.")).to_be_visible()
        expect(part.get_by_role("button", name="Add a passkey")).to_be_focused()
        expect(part.get_by_role("listitem")).to_contain_text("not used yet")
        check_looks(tab)
        # the same device is not added twice
        add(tab, "Again")
        expect(part.get_by_role("alert")).to_contain_text("has a passkey for this account already")
        check_looks(tab)

        tab.get_by_role("button", name="Account: Ann Archer").click()
        tab.get_by_role("menuitem", name="Sign out").click()
        tab.goto("/account")
        expect(tab).to_have_title("Sign in · Footfall")
        check_looks(tab)
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_role("heading", name="Account")).to_be_visible()
        expect(section(tab).get_by_role("listitem")).to_contain_text("last used")
        expect(tab.get_by_role("region", name="Where you are signed in")).to_contain_text(
            "by passkey"
        )
        with server.catalog() as catalog:
            [passkey] = catalog.passkeys.list(ann.user.id)
        assert (passkey.name, passkey.origin) == ("Laptop", server.url)
        assert passkey.sign_count > 0
        known = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator_id})
        assert [each["rpId"] for each in known["credentials"]] == ["localhost"]

        section(tab).get_by_role("button", name="Remove Laptop").click()
        check_looks(tab)
        tab.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        expect(section(tab).get_by_text("Laptop was removed.")).to_be_visible()
        expect(section(tab).get_by_role("heading")).to_be_focused()
        tab.get_by_role("button", name="Account: Ann Archer").click()
        tab.get_by_role("menuitem", name="Sign out").click()
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_role("alert")).to_contain_text("This passkey does not sign in here.")
        check_looks(tab)


def test_somebody_whom_the_device_does_not_know_gets_nowhere(
    tab: Page, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, "/account")
    with authenticator(tab, is_user_verified=False):
        add(tab, "Laptop")
        expect(section(tab).get_by_role("alert")).to_contain_text("No passkey was made")
        with server.catalog() as catalog:
            assert catalog.passkeys.list(ann.user.id) == []
        tab.context.clear_cookies()
        tab.goto("/signin")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_role("alert")).to_contain_text("No passkey was used")
        check_looks(tab)


def test_an_old_sign_in_asks_for_the_password(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann, "/account")
    age(server, ann)
    tab.reload()
    with authenticator(tab):
        add(tab, "Laptop")
        part = section(tab)
        expect(part.get_by_label("Your password")).to_be_focused()
        check_looks(tab)
        part.get_by_label("Your password").fill("not the password")
        part.get_by_role("button", name="Continue").click()
        expect(part.get_by_label("Your password")).to_have_attribute("aria-invalid", "true")
        part.get_by_label("Your password").fill(PASSWORD)
        part.get_by_role("button", name="Continue").click()
        expect(part.get_by_text("Laptop was added.")).to_be_visible()


def test_an_old_sign_in_without_a_password_has_to_sign_in_again(tab: Page, server: Server) -> None:
    ann = add_member(server, f"ann-{uuid4().hex[:8]}@example.com", password=None)
    sign_in(tab, server, ann, "/account")
    age(server, ann)
    with authenticator(tab):
        add(tab, "Laptop")
        expect(section(tab).get_by_role("alert")).to_contain_text("Sign in again: a passkey is")
        check_looks(tab)
        with server.catalog() as catalog:
            assert catalog.passkeys.list(ann.user.id) == []


def test_an_address_of_numbers_has_no_passkeys_and_says_why(
    chromium: Browser, server: Server, ann: Member
) -> None:
    plain = copy.copy(server)
    plain.url = server.url.replace("localhost", "127.0.0.1")
    with looking(chromium, plain) as tab:
        sign_in(tab, plain, ann, "/account")
        expect(section(tab)).to_contain_text("only at an address with a name and TLS")
        expect(section(tab).get_by_role("button")).to_have_count(0)
        tab.context.clear_cookies()
        tab.goto("/signin")
        expect(tab.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        expect(tab.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)


@pytest.mark.parametrize("text", [" ".join(NASTY[:4])[:100], NASTY[4][:100]])
def test_a_passkeys_name_is_text(tab: Page, server: Server, ann: Member, text: str) -> None:
    sign_in(tab, server, ann, "/account")
    with authenticator(tab):
        add(tab, text)
        row = section(tab).get_by_role("listitem")
        expect(row).to_be_visible()
        with server.catalog() as catalog:
            [passkey] = catalog.passkeys.list(ann.user.id)
        expect(row.locator("bdi")).to_have_text(passkey.name)
        check_looks(tab)
        check_width(tab)
