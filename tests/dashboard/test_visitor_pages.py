"""The list of visitors, and one person's page: what it shows, exports and erases."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard.shown import (
    DESKTOP,
    NASTY,
    PHONE,
    add_member,
    check_looks,
    check_width,
    looking,
    sign_in,
)
from e2e.server import Server, running
from playwright.sync_api import Browser, Page, expect

from footfall.model.member import Member

LIST = "/w/shop.test/visitors?p=all"
PEOPLE = 55
"""More than a page has."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("visitors") / "data") as server:
        token = server.token(server.website("shop.test", currency="EUR"))
        _send(server, token, [_page(f"guest{number}") for number in range(PEOPLE)])
        _send(server, token, _story("buyer"))
        _send(server, token, _nasty())
        paid = {"amount": 9, "currency": "EUR", "transactionId": "order-1", "visitorUid": "buyer"}
        status, answer = server.ask("POST", "/api/v1/payments", token, paid)
        assert status == 200, answer
        server.wait_for_loading()
        yield server


@pytest.fixture(scope="module")
def ann(server: Server) -> Member:
    return add_member(server)


@pytest.fixture
def tab(chromium: Browser, server: Server, ann: Member) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann, LIST)
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        yield tab


def _send(server: Server, token: str, events: list[dict[str, object]]) -> None:
    status, answer = server.ask("POST", "/api/v1/events", token, events)
    assert status == 202, answer
    assert answer["data"][0]["rejected"] == []


def _page(visitor: str, path: str = "/", title: str = "Home") -> dict[str, object]:
    return {
        "type": "page",
        "url": f"https://shop.test{path}",
        "title": title,
        "visitorUid": visitor,
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
    }


def _story(visitor: str) -> list[dict[str, object]]:
    person = {"user_id": "user-7", "email": "buyer@shop.test"}
    return [
        _page(visitor) | {"referrer": "https://www.google.com/"},
        _page(visitor, "/pricing", "Pricing"),
        {"type": "track", "name": "signup", "visitorUid": visitor, "properties": {"plan": "pro"}},
        {"type": "identify", "visitorUid": visitor, "properties": person},
    ]


def _nasty() -> list[dict[str, object]]:
    """A person for each text, with it in their title, user ID, name and a property."""
    events: list[dict[str, object]] = []
    for number, text in enumerate(NASTY):
        visitor = f"nasty{number}"
        person = {"user_id": text[:200], "name": text[:200], "email": f"{number}@shop.test"}
        events += [
            _page(visitor, f"/{'long' * 100 if number == 4 else ''}", text),
            {"type": "track", "name": "try", "visitorUid": visitor, "properties": {"why": text}},
            {"type": "identify", "visitorUid": visitor, "properties": person},
        ]
    return events


def rows(tab: Page) -> int:
    return tab.locator("tbody tr").count()


def test_the_list_has_everybody_page_by_page(tab: Page) -> None:
    expect(tab.get_by_role("heading", level=1)).to_have_text("61 visitors")
    check_looks(tab)
    assert rows(tab) == 50
    first = tab.locator("tbody th").all_inner_texts()
    tab.get_by_role("button", name="Next page").click()
    expect(tab.locator("tbody tr")).to_have_count(11)
    expect(tab.get_by_role("button", name="Next page")).to_be_disabled()
    assert not set(first) & set(tab.locator("tbody th").all_inner_texts())
    tab.go_back()
    expect(tab.locator("tbody tr")).to_have_count(50)


def test_search_and_sorting_are_in_the_address(tab: Page, server: Server) -> None:
    tab.get_by_role("button", name="Paid").click()
    expect(tab.locator("tbody tr").first).to_contain_text("user-7")
    expect(tab.locator("tbody tr").first).to_contain_text("€9.00")
    tab.get_by_role("searchbox").fill("buyer@")
    expect(tab.locator("tbody tr")).to_have_count(1)
    expect(tab).to_have_url(f"{server.url}{LIST}&q=buyer%40&sort=paid".replace("%40", "@"))
    tab.reload()
    expect(tab.locator("tbody tr")).to_have_count(1)
    tab.get_by_role("searchbox").fill("no such person")
    expect(tab.get_by_text("Nobody in this period fits")).to_be_visible()


def test_a_person_is_shown_with_visits_goals_and_payments(tab: Page) -> None:
    tab.goto(f"{LIST}&q=user-7")
    tab.get_by_role("link", name="user-7").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("user-7")
    story = tab.get_by_role("region", name="Visitors")
    for text in ("Visit 1", "Google", "/pricing", "Pricing", "signup", "plan pro", "identified"):
        expect(story).to_contain_text(text)
    expect(story.locator("li.is-pay")).to_contain_text("First payment")
    expect(story.locator("li.is-pay")).to_contain_text("€9.00")
    expect(tab.locator(".who")).to_contain_text("Customer")
    check_looks(tab)
    story.get_by_role("button", name="Goals and money").click()
    expect(story.locator("li.is-page")).to_have_count(0)
    expect(story.locator("li.is-goal")).to_have_count(1)


def test_everything_about_a_person_can_be_saved(tab: Page, tmp_path: Path) -> None:
    tab.goto(f"{LIST}&q=user-7")
    tab.get_by_role("link", name="user-7").click()
    with tab.expect_download() as found:
        tab.get_by_role("button", name="All we hold").click()
    found.value.save_as(tmp_path / "person.json")
    saved = json.loads((tmp_path / "person.json").read_text())
    assert "user-7" in json.dumps(saved)


def test_a_person_is_erased_only_after_their_id_is_typed(tab: Page) -> None:
    tab.goto(f"{LIST}&q=0@shop.test")
    tab.locator("tbody th a").click()
    visitor = tab.url.rpartition("/")[2].partition("?")[0]
    tab.get_by_role("button", name="Erase…").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("3 events of this person would be deleted")
    erase = dialog.get_by_role("button", name="Erase for good")
    expect(erase).to_be_disabled()
    check_looks(tab)
    dialog.get_by_role("textbox").fill(visitor)
    erase.click()
    expect(tab.get_by_text("3 events were deleted.")).to_be_visible()
    tab.goto(f"{LIST}&q=0@shop.test")
    expect(tab.get_by_text("Nobody in this period fits")).to_be_visible()


def test_what_visitors_wrote_is_text(tab: Page) -> None:
    for number in range(1, len(NASTY)):
        tab.goto(f"{LIST}&q={number}@shop.test")
        link = tab.locator("tbody th a")
        expect(link).to_have_count(1)
        check_width(tab)
        link.click()
        expect(tab.locator("li.is-goal")).to_be_visible()
        for size in (PHONE, DESKTOP):
            tab.set_viewport_size(size)
            check_width(tab)


def test_a_viewer_is_not_shown_single_people(chromium: Browser, server: Server) -> None:
    with looking(chromium, server) as tab:
        sign_in(tab, server, add_member(server, "viewer@shop.test", "viewer"), LIST)
        main = tab.get_by_role("main")
        expect(main).to_contain_text("Only owners and admins see visitors.")
        expect(main.get_by_role("button", name="Retry")).to_have_count(0)
