"""The page of an invitation, and what is shown where the start of the dashboard fails."""

import re
from uuid import uuid4

import pytest
from dashboard.shown import NASTY, PASSWORD, check_looks, check_width, sign_in
from e2e.server import Server
from playwright.sync_api import Page, Route, expect

from footfall.catalog.catalog import WORKSPACE
from footfall.clock import now_ms
from footfall.model.member import Member, Role

# without an owner, every page would be that of the set-up
pytestmark = pytest.mark.usefixtures("ann")


def invite(server: Server, role: Role = "viewer", email: str = "") -> str:
    with server.catalog() as catalog:
        code, _ = catalog.invites.add(WORKSPACE, role, email, "cli", now_ms=now_ms())
    return code


def address() -> str:
    return f"{uuid4().hex}@example.com"


def test_a_guest_makes_an_account_and_is_signed_in(tab: Page, server: Server) -> None:
    email, code = address(), invite(server)
    tab.goto(f"/invite/{code}")
    expect(tab.get_by_label("Your name")).to_be_focused()
    check_looks(tab)
    tab.get_by_label("Your name").fill("Ben Baker")
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{server.url}/")
    with server.catalog() as catalog:
        found = {each.user.email: each.role for each in catalog.users.members(WORKSPACE)}
    assert found[email] == "viewer"
    tab.goto(f"/invite/{code}")  # it works once
    expect(tab.get_by_role("heading", name="This invitation is not valid any more")).to_be_visible()
    expect(tab.get_by_text("Ask for a new one.")).to_be_visible()
    check_looks(tab)


def test_who_is_signed_in_joins_or_takes_another_account(
    tab: Page, server: Server, ann: Member
) -> None:
    code = invite(server, email="else@example.com")
    sign_in(tab, server, ann, f"/invite/{code}")
    expect(tab.get_by_text("You are signed in as ann@example.com.")).to_be_visible()
    check_looks(tab)
    tab.get_by_role("button", name="Join with this account").click()
    expect(tab.get_by_role("alert")).to_have_text("This invitation is for another e-mail address")
    tab.get_by_role("button", name="Use another account").click()
    expect(tab.get_by_label("E-mail")).to_have_value("else@example.com")
    expect(tab.get_by_role("link", name="Sign in first")).to_have_attribute(
        "href", f"/signin?next=%2Finvite%2F{code}"
    )


def test_a_known_address_is_a_mistake_that_the_form_names(
    tab: Page, server: Server, ann: Member
) -> None:
    tab.goto(f"/invite/{invite(server)}")
    tab.get_by_label("Your name").fill("\u202e" + NASTY[1])
    tab.get_by_label("E-mail").fill(ann.user.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.locator(".wrong")).to_be_visible()
    expect(tab.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    check_width(tab)


@pytest.mark.sample(1)
@pytest.mark.parametrize("failure", ["429", "503", "offline"])
def test_a_start_that_fails_says_so_and_is_tried_again(
    tab: Page, server: Server, ann: Member, failure: str
) -> None:
    sign_in(tab, server, ann)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
        elif failure == "offline":
            route.abort()
        else:
            route.fulfill(
                status=int(failure),
                headers={"Retry-After": "1"},
                json={"error": {"code": int(failure), "message": "Too much is going on"}},
            )

    tab.route("**/api/v1/me", refuse)
    tab.goto("/w/shop.example")
    expect(tab.get_by_role("alert")).to_contain_text(re.compile(r"Tries again in \d s"))
    expect(tab.get_by_role("button", name="Filter F")).to_be_visible()
    expect(tab.get_by_role("alert")).to_have_count(0)
    assert len(asked) == 2


def test_a_page_whose_code_cannot_be_loaded_says_so(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann, "/w/shop.example")
    expect(tab.get_by_role("button", name="Filter F")).to_be_visible()
    tab.route(re.compile("/assets/Flow-"), lambda route: route.abort())
    tab.get_by_role("link", name="Flow").click()
    expect(tab.get_by_role("alert")).to_contain_text("This could not be loaded")
    check_looks(tab)
    tab.unroute(re.compile("/assets/Flow-"))
    tab.get_by_role("button", name="Retry").click()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.get_by_role("alert")).to_have_count(0)
