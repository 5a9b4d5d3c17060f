"""One's own account: name, password, authenticator app, sign-ins, preferences."""

import re
from pathlib import Path
from uuid import uuid4

import pyotp
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
from e2e.server import Server
from playwright.sync_api import Browser, Locator, Page, expect

from footfall.model.member import Member

NEW = "another long password"
READER = Path(__file__).parents[2] / "dashboard" / "node_modules" / "jsqr" / "dist" / "jsQR.js"


@pytest.fixture
def ann(server: Server) -> Member:
    return add_member(server, f"ann-{uuid4().hex[:8]}@example.com")


def section(tab: Page, name: str) -> Locator:
    return tab.get_by_role("region", name=name)


def said(part: Locator) -> Locator:
    """What has just been done."""
    return part.locator(".done")


def sign_in_by_password(tab: Page, member: Member, password: str) -> None:
    tab.goto("/signin")
    tab.get_by_label("E-mail").fill(member.user.email)
    tab.get_by_label("Password").fill(password)
    tab.keyboard.press("Enter")


def test_name_and_address_are_changed(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann)
    tab.get_by_role("button", name="Account: Ann Archer").click()
    tab.get_by_role("menuitem", name="Account").click()
    expect(tab).to_have_title("Account · Footfall")
    part, address = section(tab, "Name and e-mail"), f"{uuid4().hex}@example.com"
    part.get_by_label("Name", exact=True).fill("Ann Baker")
    part.get_by_label("E-mail", exact=True).fill(address)
    part.get_by_role("button", name="Save").click()
    expect(said(part)).to_have_text("Saved.")
    expect(tab.get_by_role("button", name="Account: Ann Baker")).to_be_visible()
    with server.catalog() as catalog:
        found = catalog.users.find(address)
    assert found is not None
    assert (found.id, found.name) == (ann.user.id, "Ann Baker")
    # an address that somebody else has is refused at its field
    other = add_member(server, f"{uuid4().hex}@example.com", "viewer")
    part.get_by_label("E-mail", exact=True).fill(other.user.email)
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_label("E-mail", exact=True)).to_have_attribute("aria-invalid", "true")
    check_looks(tab)


def test_a_new_password_signs_the_other_browsers_out(
    tab: Page, chromium: Browser, server: Server, ann: Member
) -> None:
    with looking(chromium, server) as other:
        sign_in(other, server, ann)
        sign_in_by_password(tab, ann, PASSWORD)
        tab.locator(".avatar").wait_for()
        tab.goto("/account")
        part = section(tab, "Password")
        part.get_by_label("Password until now").fill("not the password")
        part.get_by_label("New password").fill(NEW)
        part.get_by_role("button", name="Change password").click()
        expect(part.get_by_label("Password until now")).to_have_attribute("aria-invalid", "true")
        part.get_by_label("Password until now").fill(PASSWORD)
        part.get_by_role("button", name="Change password").click()
        expect(part.get_by_text("The password was changed.")).to_be_visible()
        expect(section(tab, "Where you are signed in").get_by_role("listitem")).to_have_count(1)
        other.goto("/")
        expect(other).to_have_title("Sign in · Footfall")
        sign_in_by_password(other, ann, NEW)
        expect(other.locator(".avatar")).to_be_visible()


def test_a_first_password_from_an_old_sign_in_is_refused_at_the_form(
    tab: Page, server: Server
) -> None:
    ann = add_member(server, f"ann-{uuid4().hex[:8]}@example.com", password=None)
    sign_in(tab, server, ann, "/account")
    age(server, ann)
    part = section(tab, "Password")
    part.get_by_label("New password").fill(NEW)
    part.get_by_role("button", name="Set a password").click()
    expect(part.get_by_role("alert")).to_contain_text("Sign in again: a first password is set")
    check_looks(tab)


def test_a_password_is_set_after_a_link_without_the_old_one(
    tab: Page, server: Server, ann: Member
) -> None:
    """The way back in for someone who has lost the password."""
    sign_in(tab, server, ann, "/account")
    part = section(tab, "Password")
    expect(part.get_by_text("Leave it empty")).to_be_visible()
    part.get_by_label("New password").fill(NEW)
    part.get_by_role("button", name="Change password").click()
    expect(part.get_by_text("The password was changed.")).to_be_visible()
    with server.catalog() as catalog:
        assert catalog.users.check(ann.user.email, NEW)


def test_an_app_is_set_up_from_the_qr_code_and_turned_off(
    tab: Page, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, "/account")
    part = section(tab, "Authenticator app")
    part.get_by_role("button", name="Set up an app").click()
    expect(part.get_by_label("Code of the app")).to_be_focused()
    part.get_by_role("button", name="Cancel").click()
    # the form has gone, and the focus is at what is there instead
    expect(part.get_by_role("heading")).to_be_focused()
    part.get_by_role("button", name="Set up an app").click()
    secret = part.get_by_role("region", name="Or type this key into it").inner_text()
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)
    assert secret in scanned(part)
    check_looks(tab)
    part.get_by_label("Code of the app").fill("000000")
    part.get_by_role("button", name="Turn on").click()
    expect(part.get_by_label("Code of the app")).to_have_attribute("aria-invalid", "true")
    part.get_by_label("Code of the app").fill(pyotp.TOTP(secret).now())
    part.get_by_role("button", name="Turn on").click()
    expect(said(part)).to_have_text("Codes are asked for from now on.")
    recovery = part.get_by_role("group", name="Recovery codes")
    expect(recovery).to_be_focused()
    codes = recovery.get_by_role("region").inner_text().split()
    assert len(codes) == 10
    check_looks(tab)
    recovery.get_by_role("button", name="I have kept them").click()
    expect(part.locator("[data-left='10']")).to_be_visible()
    expect(part.get_by_role("heading")).to_be_focused()
    check_looks(tab)
    with server.catalog() as catalog:
        found = catalog.users.find(ann.user.email)
    assert found is not None
    assert found.has_totp
    renewal = part.get_by_role("form", name="Recovery codes")
    renewal.get_by_role("button", name="Make new recovery codes").click()
    code = renewal.get_by_label("Code of the app")
    expect(code).to_be_focused()
    check_looks(tab)
    renewal.get_by_role("button", name="Cancel").click()
    expect(code).to_have_count(0)
    renewal.get_by_role("button", name="Make new recovery codes").click()
    code.fill("000000")
    tab.keyboard.press("Enter")
    expect(code).to_have_attribute("aria-invalid", "true")
    code.fill(codes[0])
    tab.keyboard.press("Enter")
    renewed = recovery.get_by_role("region").inner_text().split()
    assert not set(renewed) & set(codes)
    recovery.get_by_role("button", name="I have kept them").click()
    part.get_by_label("Code of the app").fill(codes[1])
    part.get_by_role("button", name="Turn off").click()
    expect(part.get_by_label("Code of the app")).to_have_attribute("aria-invalid", "true")
    part.get_by_label("Code of the app").fill(renewed[0])
    part.get_by_role("button", name="Turn off").click()
    expect(said(part)).to_have_text("No codes are asked for any more.")
    expect(part.get_by_role("button", name="Set up an app")).to_be_visible()
    expect(part.get_by_role("heading")).to_be_focused()


def test_a_recovery_code_signs_in_without_the_phone(tab: Page, server: Server, ann: Member) -> None:
    with server.catalog() as catalog:
        catalog.totp.set(ann.user.id, pyotp.random_base32())
        codes = catalog.recovery.renew(ann.user.id)
    sign_in_by_password(tab, ann, PASSWORD)
    tab.get_by_role("button", name="Use a recovery code").click()
    field = tab.get_by_label("Recovery code")
    expect(field).to_be_focused()
    check_looks(tab)
    field.fill("aaaa-bbbb-cccc-dddd")
    tab.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(codes[0].upper())
    tab.keyboard.press("Enter")
    expect(tab.locator(".avatar")).to_be_visible()
    tab.goto("/account")
    expect(tab.locator("[data-left='9']")).to_be_visible()


def test_an_old_sign_in_asks_for_the_password(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann, "/account")
    age(server, ann)
    part, address = section(tab, "Name and e-mail"), f"{uuid4().hex}@example.com"
    part.get_by_label("Name", exact=True).fill("Ann Baker")
    part.get_by_role("button", name="Save").click()
    expect(said(part)).to_have_text("Saved.")  # a name signs nobody in
    part.get_by_label("E-mail", exact=True).fill(address)
    part.get_by_role("button", name="Save").click()
    password = part.get_by_label("Your password")
    expect(password).to_be_focused()
    check_looks(tab)
    password.fill("not the password")
    part.get_by_role("button", name="Save").click()
    expect(password).to_have_attribute("aria-invalid", "true")
    password.fill(PASSWORD)
    part.get_by_role("button", name="Save").click()
    expect(said(part)).to_have_text("Saved.")
    expect(password).to_have_count(0)
    with server.catalog() as catalog:
        assert catalog.users.find(address) is not None


def test_an_app_is_set_up_from_an_old_sign_in_with_the_password(
    tab: Page, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, "/account")
    age(server, ann)
    part = section(tab, "Authenticator app")
    part.get_by_role("button", name="Set up an app").click()
    part.get_by_label("Your password").fill(PASSWORD)
    part.get_by_role("button", name="Set up an app").click()
    secret = part.get_by_role("region", name="Or type this key into it").inner_text()
    part.get_by_label("Code of the app").fill(pyotp.TOTP(secret).now())
    part.get_by_role("button", name="Turn on").click()
    expect(said(part)).to_have_text("Codes are asked for from now on.")
    code = part.get_by_role("group").get_by_role("region").inner_text().split()[0]
    part.get_by_role("button", name="I have kept them").click()
    renewal = part.get_by_role("form", name="Recovery codes")
    renewal.get_by_role("button", name="Make new recovery codes").click()
    renewal.get_by_label("Code of the app").fill(code)
    tab.keyboard.press("Enter")
    renewal.get_by_label("Your password").fill(PASSWORD)
    tab.keyboard.press("Enter")
    code = part.get_by_role("group").get_by_role("region").inner_text().split()[1]
    part.get_by_label("Code of the app").fill(code)
    part.get_by_role("button", name="Turn off").click()
    part.get_by_label("Your password").fill(PASSWORD)
    part.get_by_role("button", name="Turn off").click()
    expect(said(part)).to_have_text("No codes are asked for any more.")


def scanned(part: Locator) -> str:
    """What a camera reads from the QR code."""
    tab = part.page
    tab.evaluate(READER.read_text())
    text: str = tab.evaluate(
        """async (svg) => {
          const picture = new Image();
          picture.src = URL.createObjectURL(
            new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }));
          await picture.decode();
          const canvas = new OffscreenCanvas(400, 400).getContext("2d");
          canvas.drawImage(picture, 0, 0, 400, 400);
          return jsQR(canvas.getImageData(0, 0, 400, 400).data, 400, 400).data;
        }""",
        part.get_by_role("img", name="QR code").element_handle(),
    )
    return text


def test_sign_ins_are_listed_and_ended(
    tab: Page, chromium: Browser, server: Server, ann: Member
) -> None:
    with looking(chromium, server) as other, looking(chromium, server) as third:
        for each in (other, third, tab):
            sign_in(each, server, ann, "/account")
        part = section(tab, "Where you are signed in")
        rows = part.get_by_role("listitem")
        expect(rows).to_have_count(3)
        expect(rows.filter(has_text="this browser")).to_have_count(1)
        expect(rows.first).to_contain_text("Chrome on Linux")
        check_looks(tab)
        rows.filter(has_not_text="this browser").first.get_by_role("button").click()
        expect(said(part)).to_have_text("Chrome on Linux was signed out.")
        expect(rows).to_have_count(2)
        expect(rows.locator(":focus")).to_have_count(1)
        part.get_by_role("button", name="Sign out all others").click()
        expect(said(part)).to_have_text("1 other browser was signed out.")
        expect(rows).to_have_count(1)
        expect(rows.get_by_role("button")).to_be_focused()
        for each in (other, third):
            each.goto("/")
            expect(each).to_have_title("Sign in · Footfall")
        rows.get_by_role("button").click()
        expect(tab).to_have_title("Sign in · Footfall")


def test_preferences_hold_in_another_browser(
    tab: Page, chromium: Browser, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, "/account")
    part = section(tab, "Preferences")
    part.get_by_label("Theme").select_option("dark")
    expect(said(part)).to_have_text("Saved.")
    part.get_by_role("switch", name="Shortcuts on the keyboard").click()
    expect(part.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    # the menu of the bar at the top chooses for the account, too
    tab.get_by_role("button", name="Theme").click()
    tab.get_by_role("menuitemradio", name="Deutsch").click()
    expect(tab.get_by_role("heading", name="Konto")).to_be_visible()
    with looking(chromium, server) as other:
        sign_in(other, server, ann, "/account")
        expect(other.get_by_role("heading", name="Konto")).to_be_visible()
        expect(other.locator("html")).to_have_attribute("data-theme", "dark")
        expect(other.get_by_role("switch")).to_have_attribute("aria-checked", "false")
        check_looks(other)
        other.get_by_label("Sprache").select_option("en")
        expect(other.get_by_role("heading", name="Account")).to_be_visible()
    with server.catalog() as catalog:
        found = catalog.users.find(ann.user.email)
    assert found is not None
    assert found.preferences == {"theme": "dark", "shortcuts": "off", "language": "en"}


@pytest.mark.parametrize("text", [" ".join(NASTY[:4])[:100], NASTY[4][:100]])
def test_a_name_is_text(tab: Page, server: Server, text: str) -> None:
    member = add_member(server, f"{uuid4().hex}@example.com", "viewer", name=text)
    sign_in(tab, server, member, "/account")
    expect(tab.get_by_label("Name", exact=True)).to_have_value(member.user.name)
    check_looks(tab)
    check_width(tab)
