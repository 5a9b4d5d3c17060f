"""The audit log as a page: who did what, on what, when, a page at a time."""

from uuid import uuid4

import pytest
from dashboard.shown import NASTY, add_member, check_looks, check_width, sign_in
from e2e.server import Server
from playwright.sync_api import Page, expect

from footfall.clock import now_ms
from footfall.model.member import Member
from footfall.model.website import actor_of


def write(server: Server, actor: str, action: str, *, filters: dict[str, str], n: int = 0) -> None:
    with server.catalog() as catalog:
        website = catalog.find_website("shop.example").id if n else None
        counts = {"completions": n} if n else {}
        catalog.audit.add(website, actor, action, filters=filters, counts=counts, now_ms=now_ms())


def test_what_members_do_is_listed_with_their_names(tab: Page, server: Server, ann: Member) -> None:
    sign_in(tab, server, ann, "/members")
    tab.get_by_role("link", name="Audit log").click()
    expect(tab).to_have_title("Audit log · Footfall")
    newest = tab.locator("tbody tr").first
    expect(newest.get_by_role("rowheader")).to_contain_text("Ann Archer")
    expect(newest).to_contain_text("signed in by a link")
    write(server, "cli", "print link", filters={})
    write(server, actor_of("usr_gone"), "remove member", filters={"id": "usr_other"})
    write(server, "flow_ws_abc", "delete goals (dry run)", filters={"name": "signup"}, n=1234)
    tab.reload()
    rows = tab.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("the token flow_ws_abc…")
    expect(rows.nth(0)).to_contain_text("deleted completions of goals, only tried")
    for text in ("shop.example", "name signup", "completions 1,234"):
        expect(rows.nth(0)).to_contain_text(text)
    expect(rows.nth(1)).to_contain_text("a former member (usr_gone)")
    expect(rows.nth(2)).to_contain_text("the server's terminal")
    check_looks(tab)


def test_every_action_of_the_log_has_words(tab: Page, server: Server, ann: Member) -> None:
    """What this server has really written down so far, in German: nothing is left in English."""
    sign_in(tab, server, ann)
    tab.evaluate("localStorage.setItem('footfall.language', 'de')")
    tab.goto("/audit")
    expect(tab.get_by_role("heading", name="Protokoll")).to_be_visible()
    for text in tab.locator("tbody td:nth-child(3) > bdi").all_inner_texts():
        assert text.startswith("hat "), text
    check_looks(tab)


def test_pages_are_in_the_address(tab: Page, server: Server, ann: Member) -> None:
    for _ in range(60):
        write(server, "cli", "print link", filters={})
    sign_in(tab, server, ann, "/audit")
    expect(tab.locator("tbody tr")).to_have_count(50)
    expect(tab.get_by_text("1–50 of")).to_be_visible()
    tab.get_by_role("link", name="Older").click()
    expect(tab).to_have_url(f"{server.url}/audit?page=2")
    expect(tab.get_by_text("51–")).to_be_visible()
    expect(tab.get_by_role("link", name="Older")).to_have_count(0)
    tab.go_back()
    expect(tab.get_by_text("1–50 of")).to_be_visible()
    tab.goto("/audit?page=99")
    expect(tab.get_by_text("There are no entries on this page.")).to_be_visible()
    expect(tab.get_by_role("link", name="Newer")).to_be_visible()
    tab.goto("/audit?page=<script>")
    expect(tab.locator("tbody tr")).to_have_count(50)


@pytest.mark.sample(1)
@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_others_than_owners_are_refused(tab: Page, server: Server, role: str) -> None:
    member = add_member(server, f"{uuid4().hex}@example.com", role)  # type: ignore[arg-type]
    sign_in(tab, server, member, "/audit")
    expect(tab.get_by_text("Only owners see the audit log.")).to_be_visible()
    check_looks(tab)


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", NASTY)
def test_what_members_wrote_is_text(tab: Page, server: Server, ann: Member, text: str) -> None:
    named = add_member(server, f"{uuid4().hex}@example.com", "viewer", name=text[:100])
    write(server, actor_of(named.user.id), "add segment", filters={"name": text, text[:60]: "x"})
    write(server, text[:60], text, filters={})
    sign_in(tab, server, ann, "/audit")
    expect(tab.get_by_text(text[:60].strip()).first).to_be_visible()
    check_width(tab)
    check_looks(tab)
