"""The page of members: roles, removing, inviting by link."""

import re
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
from e2e.server import Server
from playwright.sync_api import Browser, Page, expect

from footfall.catalog.catalog import WORKSPACE
from footfall.clock import now_ms
from footfall.model.member import Member


def roles(server: Server) -> dict[str, str]:
    with server.catalog() as catalog:
        return {each.user.email: each.role for each in catalog.users.members(WORKSPACE)}


def test_an_owner_changes_a_role_and_removes_a_member(
    tab: Page, server: Server, ann: Member
) -> None:
    name = f"Ben {uuid4().hex[:8]}"  # another one if the test is tried again
    ben = add_member(server, f"{uuid4().hex}@example.com", "viewer", name=name)
    sign_in(tab, server, ann)
    tab.get_by_role("button", name="Account: Ann Archer").click()
    tab.get_by_role("menuitem", name="Members").click()
    expect(tab.get_by_role("heading", name="Members")).to_be_visible()
    tab.get_by_label(f"Role of {name}").select_option("admin")
    expect(tab.get_by_text(f"{name} is now: Admin.")).to_be_attached()
    assert roles(server)[ben.user.email] == "admin"
    check_looks(tab)
    tab.get_by_role("button", name=f"Remove {name}").click()
    check_looks(tab)
    tab.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(tab.get_by_text(f"{name} was removed.")).to_be_attached()
    assert ben.user.email not in roles(server)
    expect(tab.get_by_role("row").locator("button:focus")).to_have_count(1)
    # the last owner has to stay, and the page says why
    tab.get_by_label("Role of Ann Archer").select_option("viewer")
    expect(tab.get_by_role("alert")).to_be_visible()
    expect(tab.get_by_label("Role of Ann Archer")).to_have_value("owner")
    assert roles(server)[ann.user.email] == "owner"


def test_an_invitation_is_made_accepted_and_withdrawn(
    tab: Page, chromium: Browser, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, "/members")
    form = tab.get_by_role("form", name="Invite somebody")
    form.get_by_label("Role").select_option("admin")
    form.get_by_role("button", name="Make the link").click()
    link = tab.get_by_role("region", name="The link").inner_text()
    assert re.fullmatch(rf"{server.url}/invite/[A-Za-z0-9]{{24}}", link)
    expect(tab.get_by_text("whoever has the link")).to_be_visible()
    check_looks(tab)
    guest = f"{uuid4().hex}@example.com"
    with looking(chromium, server) as other:
        other.goto(link)
        other.get_by_label("Your name").fill("Cleo Clark")
        other.get_by_label("E-mail").fill(guest)
        other.get_by_label("Password").fill(PASSWORD)
        other.keyboard.press("Enter")
        expect(other.locator(".avatar")).to_be_visible()
    assert roles(server)[guest] == "admin"
    form.get_by_label("E-mail").fill("dora@example.com")
    form.get_by_role("button", name="Make the link").click()
    tab.get_by_role("button", name="Withdraw the invitation for dora@example.com").click()
    expect(tab.get_by_text("There are no open invitations.")).to_be_visible()
    expect(tab.get_by_role("heading", name="Open invitations")).to_be_focused()


def test_an_old_sign_in_asks_for_the_password(tab: Page, server: Server, ann: Member) -> None:
    name = f"Bo {uuid4().hex[:8]}"
    bo = add_member(server, f"{uuid4().hex}@example.com", "viewer", name=name)
    sign_in(tab, server, ann, "/members")
    role, dialog = tab.get_by_label(f"Role of {name}", exact=True), tab.get_by_role("dialog")
    expect(role).to_be_visible()
    age(server, ann)
    role.select_option("owner")
    password = dialog.get_by_label("Your password")
    expect(password).to_be_focused()
    expect(dialog.get_by_role("heading")).to_have_text(f"Change the role of {name} to Owner?")
    expect(role).to_have_value("viewer")
    check_looks(tab)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(role).to_be_focused()
    role.select_option("owner")
    password.fill("not the password")
    tab.keyboard.press("Enter")
    expect(password).to_have_attribute("aria-invalid", "true")
    assert roles(server)[bo.user.email] == "viewer"
    password.fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(role).to_have_value("owner")
    expect(role).to_be_focused()
    assert roles(server)[bo.user.email] == "owner"
    role.select_option("viewer")  # a lower role needs nothing
    expect(tab.get_by_text(f"{name} is now: Viewer.")).to_be_attached()
    expect(dialog).to_have_count(0)
    form = tab.get_by_role("form", name="Invite somebody")
    form.get_by_role("button", name="Make the link").click()
    expect(form.get_by_label("Your password")).to_be_focused()
    check_looks(tab)
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button", name="Make the link").click()
    expect(tab.get_by_role("region", name="The link")).to_contain_text("/invite/")
    expect(form.get_by_label("Your password")).to_have_count(0)


def test_an_admin_sees_owners_but_cannot_change_them(
    tab: Page, server: Server, ann: Member
) -> None:
    admin = add_member(server, f"{uuid4().hex}@example.com", "admin", name="Emil Admin")
    sign_in(tab, server, admin, "/members")
    expect(tab.get_by_label("Role of Emil Admin")).to_have_value("admin")
    expect(tab.get_by_text(ann.user.email)).to_be_visible()
    expect(tab.get_by_label("Role of Ann Archer")).to_have_count(0)
    expect(tab.get_by_role("button", name="Remove Ann Archer")).to_have_count(0)
    offered = tab.get_by_label("Role of Emil Admin").get_by_role("option").all_inner_texts()
    assert offered == ["Viewer", "Admin"]


def test_a_viewer_is_refused(tab: Page, server: Server) -> None:
    viewer = add_member(server, f"{uuid4().hex}@example.com", "viewer")
    sign_in(tab, server, viewer, "/members")
    expect(tab.get_by_text("Only owners and admins see the members.")).to_be_visible()
    check_looks(tab)


@pytest.mark.sample(1)
@pytest.mark.parametrize("text", [" ".join(NASTY[:4])[:100], NASTY[4][:100]])
def test_names_and_addresses_are_text(tab: Page, server: Server, ann: Member, text: str) -> None:
    add_member(server, f"{uuid4().hex}@example.com", "viewer", name=text)
    long = f"{'w' * 60}@{'w' * 60}.{'w' * 60}.example"
    with server.catalog() as catalog:
        catalog.invites.add(WORKSPACE, "viewer", long, "cli", now_ms=now_ms())
    sign_in(tab, server, ann, "/members")
    expect(tab.get_by_text(long).first).to_be_visible()
    check_looks(tab)
    check_width(tab)
