"""The sign-in page, and what happens to a view when nobody is signed in any more."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest
from dashboard.shown import (
    DESKTOP,
    NASTY,
    PASSWORD,
    PHONE,
    add_member,
    check_looks,
    check_width,
    link_code,
    sign_in,
)
from e2e.server import PATIENCE_S, Server, environment, wait_until
from playwright.sync_api import Browser, Error, Page, expect

from footfall.model.member import Member

VIEW = "/w/shop.example?p=7d&f=country:Austria"


def fill(tab: Page, email: str, password: str) -> None:
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill(password)
    tab.keyboard.press("Enter")


def test_a_view_asks_for_the_sign_in_and_opens_after_it(
    tab: Page, server: Server, ann: Member
) -> None:
    tab.goto(VIEW)
    expect(tab).to_have_title("Sign in · Footfall")
    check_looks(tab)
    fill(tab, ann.user.email, "not the password")
    expect(tab.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    fill(tab, ann.user.email, PASSWORD)
    expect(tab).to_have_url(server.url + VIEW)
    expect(tab.get_by_role("button", name="Filter F")).to_be_visible()


def test_signing_out_leads_to_the_sign_in_and_hides_everything(
    tab: Page, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann)
    tab.goto(VIEW)  # so that there is a page before it
    tab.get_by_role("button", name="Account: Ann Archer").click()
    tab.get_by_role("menuitem", name="Sign out").click()
    expect(tab).to_have_url(f"{server.url}/signin")
    assert [each["name"] for each in tab.context.cookies()] == []
    tab.go_back()
    expect(tab).to_have_title("Sign in · Footfall")


def test_a_view_whose_sign_in_has_ended_asks_for_it_and_comes_back(
    tab: Page, server: Server, ann: Member
) -> None:
    sign_in(tab, server, ann, VIEW)
    expect(tab.get_by_role("button", name="Filter F")).to_be_visible()
    with server.catalog() as catalog:
        for each in catalog.sign_ins.list(ann.user.id, 0):
            catalog.sign_ins.end(ann.user.id, each.id)
    tab.goto("/")  # no link is clicked: the page may ask for the sign-in by itself, and replace it
    fill(tab, ann.user.email, PASSWORD)
    expect(tab).to_have_url(f"{server.url}/")


def test_a_link_of_the_terminal_signs_in_and_leaves_no_code_behind(
    tab: Page, server: Server, ann: Member
) -> None:
    code = link_code(server, ann)
    tab.goto(f"/signin#code={code}")
    expect(tab).to_have_url(f"{server.url}/")
    expect(tab.locator(".avatar")).to_be_visible()
    tab.go_back()
    assert code not in tab.url
    # the same link again, in the browser that it has signed in
    tab.goto("about:blank")
    tab.goto(f"/signin#code={code}")
    expect(tab).to_have_url(f"{server.url}/")


def test_a_link_that_was_used_says_what_to_do(tab: Page, server: Server) -> None:
    tab.goto("/signin#code=0000000000")
    expect(tab.get_by_role("alert")).to_contain_text("This link does not sign you in any more")
    expect(tab.get_by_role("alert")).to_contain_text("footfall user link")
    expect(tab).to_have_url(f"{server.url}/signin")
    check_looks(tab)


def test_an_account_with_codes_asks_for_one(tab: Page, server: Server) -> None:
    member = add_member(server, f"{uuid4().hex}@example.com")
    secret = pyotp.random_base32()
    with server.catalog() as catalog:
        catalog.totp.set(member.user.id, secret)
    tab.goto("/signin")
    fill(tab, member.user.email, PASSWORD)
    code = tab.get_by_label("Code of your authenticator app")
    expect(code).to_be_focused()
    expect(tab.get_by_role("alert")).to_have_count(0)
    check_looks(tab)
    code.fill("000000")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("This code is wrong or too old.")).to_be_visible()
    code.fill(pyotp.TOTP(secret).now())
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{server.url}/")


def test_after_too_many_attempts_the_page_counts_down(tab: Page) -> None:
    tab.goto("/signin")
    button = tab.get_by_role("button")
    for _ in range(11):
        fill(tab, "eve@example.com", "a guess of hers")
        expect(tab.get_by_role("alert")).to_be_visible()
    expect(button).to_have_text(re.compile(r"^Tries again in \d+ s$"))
    expect(button).to_be_disabled()
    check_looks(tab)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "next_page",
    ["//evil.test/", "https://evil.test", "/nothing/here", "/\\evil.test", "javascript:alert(1)"],
)
def test_the_sign_in_leads_nowhere_else(
    tab: Page, server: Server, ann: Member, next_page: str
) -> None:
    tab.goto(f"/signin?next={next_page}#code={link_code(server, ann)}")
    expect(tab.locator(".avatar")).to_be_visible()
    assert tab.url == f"{server.url}/"


def test_names_and_addresses_are_text(tab: Page, server: Server) -> None:
    # few sign-ins: an address has 30 attempts in five minutes
    for text in (" ".join(NASTY[:4]), NASTY[4]):
        member = add_member(server, f"{uuid4().hex}@example.com", name=text[:100])
        sign_in(tab, server, member, VIEW)
        tab.locator(".avatar").click()
        expect(tab.get_by_role("menuitem", name="Sign out")).to_be_visible()
        check_width(tab)
        tab.goto("/signin")
        tab.get_by_label("E-mail").fill(text)
        tab.set_viewport_size(PHONE)
        check_width(tab)
        tab.set_viewport_size(DESKTOP)


def test_the_demo_prints_a_link_that_opens_it(chromium: Browser, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ["demo", "--data", str(tmp_path / "demo"), "--port", "0", "--days", "2"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "footfall", *words],
            env=environment(),
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            link = wait_until(lambda: re.search(r"Dashboard +(\S+)", log.read_text()), "link")[1]
            context = chromium.new_context()
            tab = context.new_page()
            wait_until(lambda: _opens(tab, link), "page")
            expect(tab).to_have_title("demo.example · Overview · Footfall")
            assert tab.url == f"{link.partition('/signin')[0]}/w/demo.example"
            further = re.search(r"for another link: (.+)", log.read_text())
            assert further is not None, log.read_text()
            # as it stands there, in a terminal whose PATH does not have the program
            printed = subprocess.run(
                shlex.split(further[1]),
                env={"PATH": "", "COLUMNS": "200"},
                capture_output=True,
                text=True,
                check=True,
            )
            assert f"{link.partition('#')[0]}#code=" in printed.stdout + printed.stderr
            context.close()
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _opens(tab: Page, link: str) -> bool:
    try:
        tab.goto(link)
    except Error:  # it does not listen yet
        return False
    return True
