"""Notes: flags on the overview's chart, and how they are added, changed and deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser import WAIT_S
from dashboard.path_site import SITE, add_paths
from dashboard.shown import NASTY, add_member, check_looks, looking, sign_in
from e2e.server import BASE, Server, running
from idle import wait_until_idle
from playwright.sync_api import Browser, Locator, Page, expect

from footfall.model.member import Member
from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
OVERVIEW = f"/w/{SITE}"
FIRST, LAST = ((datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d") for days in (12, 3))
PERIOD = f"{OVERVIEW}?p={FIRST}..{LAST}"
SHARED_DAY, NASTY_DAY = (
    (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d") for days in (9, 6)
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("notes") / "data") as server:
        add_paths(server)
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token(None, "read", "write", "manage", kind="flow")


@pytest.fixture(scope="module")
def tab(chromium: Browser, server: Server, ann: Member) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann, OVERVIEW)
        yield tab


def add(server: Server, token: str, name: str, at: str) -> str:
    """A note for everybody; its ID."""
    body = {"name": name, "at": at, "personal": False}
    status, answer = server.ask("POST", f"{BASE}/annotations?domain={SITE}", token, body)
    assert status in (200, 201), answer
    row = answer["data"]
    return str((row[0] if isinstance(row, list) else row)["id"])


def notes(server: Server, token: str) -> list[dict[str, Any]]:
    """Those for everybody."""
    rows: list[dict[str, Any]] = server.get("/annotations", token, domain=SITE)["data"]
    return rows


def remove_all(server: Server, token: str) -> None:
    for row in notes(server, token):
        path = f"{BASE}/annotations/{row['id']}?domain={SITE}"
        assert server.ask("DELETE", path, token)[0] == 200


def opened(tab: Page, path: str = PERIOD) -> Page:
    tab.goto(path)
    expect(tab.locator("[data-notes]")).not_to_have_attribute("data-notes", "")
    wait_until_idle(tab)
    expect(tab.locator("[aria-busy=true]")).to_have_count(0)  # which is paler
    return tab


def flag(tab: Page, day: str) -> Locator:
    return tab.locator(f"[data-flag='{day}']")


def test_a_note_is_added_by_key_read_changed_and_deleted(
    tab: Page, server: Server, token: str
) -> None:
    opened(tab)
    tab.keyboard.press("n")
    box = tab.get_by_role("dialog", name="Notes")
    expect(box.get_by_label("Note", exact=True)).to_be_focused()
    expect(box.get_by_label("Day")).to_have_value(LAST)  # the last day of the period
    tab.keyboard.type("Version 2")
    box.get_by_label("Day").fill(SHARED_DAY)
    box.get_by_label("Who sees it").select_option("everybody")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(box).to_have_count(0)
    assert [(row["name"], row["at"]) for row in notes(server, token)] == [("Version 2", SHARED_DAY)]

    mark = flag(tab, SHARED_DAY)
    mark.hover()
    tip = tab.get_by_role("tooltip")
    expect(tip).to_contain_text("Version 2")
    expect(tip).to_contain_text("everybody")
    tab.mouse.move(0, 0)
    expect(tip).to_have_count(0)
    mark.focus()
    expect(tip).to_contain_text("Version 2")
    tab.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    rows = tab.locator("[data-note-table] tbody tr")
    expect(rows).to_have_count(1)  # for screen readers
    expect(rows).to_contain_text("Version 2")

    mark.press("Enter")
    box = tab.get_by_role("dialog")
    box.get_by_role("button", name="Edit the note Version 2").press("Enter")
    box.get_by_label("Note", exact=True).fill("Version 2.1")
    box.get_by_label("Who sees it").select_option("mine")
    box.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(box.locator("form")).to_have_count(0)
    expect(box).to_contain_text("Version 2.1")
    assert notes(server, token) == []  # a token sees no member's own
    box.get_by_role("button", name="Edit the note Version 2.1").press("Enter")
    box.get_by_role("button", name="Delete", exact=True).press("Enter")
    box.get_by_role("button", name="Delete it for good").press("Enter")
    expect(box).to_have_count(0)
    expect(mark).to_have_count(0)


def test_a_right_click_on_the_chart_notes_that_day(tab: Page) -> None:
    opened(tab)
    plot = tab.locator("[data-chart] [role=application]")
    plot.focus()
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowRight")
    plot.dispatch_event("contextmenu")
    box = tab.get_by_role("dialog", name="Notes")
    second = (datetime.fromisoformat(FIRST) + timedelta(days=1)).strftime("%Y-%m-%d")
    expect(box.get_by_label("Day")).to_have_value(second)
    tab.keyboard.press("Escape")
    expect(box).to_have_count(0)
    tab.get_by_role("button", name="Visitors: export and copy").click()
    tab.get_by_role("menuitem", name="Add a note").click()
    expect(box.get_by_label("Day")).to_have_value(LAST)
    # what the server says is wrong is beside its field
    box.get_by_label("Note", exact=True).fill("   ")
    box.get_by_role("button", name="Save", exact=True).click()
    expect(box.get_by_text("name must not be empty")).to_be_visible()
    tab.keyboard.press("Escape")


def test_a_note_by_key_is_about_the_hour_that_the_chart_is_at(
    tab: Page, server: Server, token: str
) -> None:
    opened(tab, f"{OVERVIEW}?p={LAST}..{LAST}&i=hour")
    plot = tab.locator("[data-chart] [role=application]")
    plot.focus()
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("n")
    box = tab.get_by_role("dialog", name="Notes")
    expect(box.get_by_label("Day and time")).to_have_value(f"{LAST}T01:00")
    box.get_by_label("Note", exact=True).fill("At night")
    box.get_by_label("Who sees it").select_option("everybody")
    box.get_by_role("button", name="Save", exact=True).click()
    expect(box).to_have_count(0)
    try:
        assert [(row["name"], row["at"]) for row in notes(server, token)] == [
            ("At night", f"{LAST}T01:00")
        ]
    finally:
        remove_all(server, token)


def test_notes_are_text_and_do_not_break_the_page(tab: Page, server: Server, token: str) -> None:
    for name in (*NASTY, "=HYPERLINK(1)"):
        add(server, token, name[:200], NASTY_DAY)
    try:
        opened(tab)
        mark = flag(tab, NASTY_DAY)
        expect(mark).to_contain_text(str(len(NASTY) + 1))
        mark.focus()
        expect(tab.get_by_role("tooltip")).to_be_visible()
        check_looks(tab)
        mark.press("Enter")
        box = tab.get_by_role("dialog")
        for row in notes(server, token):
            expect(box.locator(f"[data-note='{row['id']}'] .words")).to_have_text(row["name"])
        expect(box.locator("script, img")).to_have_count(0)
        box.get_by_role("button", name="Edit the note WWW").press("Enter")
        check_looks(tab)
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="As table").click()
        expect(tab.locator("[data-note-table] tbody tr")).to_have_count(len(NASTY) + 1)
        check_looks(tab)
    finally:
        remove_all(server, token)


def test_a_viewer_keeps_notes_of_their_own_that_nobody_else_sees(
    chromium: Browser, server: Server, token: str, ann: Member
) -> None:
    add(server, token, "Shared", SHARED_DAY)
    viewer = add_member(server, "vic@example.com", "viewer", name="Vic Viewer")
    try:
        with looking(chromium, server) as tab:
            tab.set_default_timeout(WAIT_S * 1000)
            sign_in(tab, server, viewer, PERIOD)
            flag(tab, SHARED_DAY).click()
            box = tab.get_by_role("dialog")
            expect(box).to_contain_text("Shared")
            expect(box.get_by_role("button", name="Edit the note")).to_have_count(0)
            box.get_by_role("button", name="Add a note").click()
            expect(box.get_by_label("Who sees it")).to_be_disabled()
            box.get_by_label("Note", exact=True).fill("Vic's own")
            box.get_by_role("button", name="Save", exact=True).click()
            expect(flag(tab, SHARED_DAY)).to_contain_text("2")
        with looking(chromium, server) as tab:
            sign_in(tab, server, ann, PERIOD)
            flag(tab, SHARED_DAY).hover()
            expect(tab.get_by_role("tooltip")).to_contain_text("Shared")
            expect(tab.get_by_text("Vic's own")).to_have_count(0)
    finally:
        remove_all(server, token)
