"""The page's own calls of `window.flowsery`, and goals reached by scrolling."""

import pytest
from browser import RecordingSite, page, script_tag
from playwright.sync_api import Page

STUB = (
    "<script>window.flowsery = window.flowsery ||"
    "function(){(window.flowsery.q = window.flowsery.q || []).push(arguments)}</script>"
)


def open_page(site: RecordingSite, tab: Page, body: str = "", attributes: str = "") -> None:
    site.pages["/"] = page(body, head=script_tag(attributes))
    tab.goto(site.url())
    site.wait_for("page")


def test_calls_before_the_script_loads_are_kept_in_order(site: RecordingSite, tab: Page) -> None:
    calls = "<script>flowsery('First', {a: 1}); flowsery('identify', {user_id: 7})</script>"
    site.pages["/"] = page(head=STUB + calls + script_tag())
    tab.goto(site.url())
    site.wait_for("identify")
    first, second, third = site.events()
    assert [first["type"], second["type"], third["type"]] == ["page", "track", "identify"]
    assert (second["name"], second["properties"]) == ("First", {"a": "1"})
    assert third["properties"] == {"user_id": "7"}


def test_more_calls_than_one_request_may_hold_are_all_sent(site: RecordingSite, tab: Page) -> None:
    calls = "<script>for (let i = 0; i < 45; i++) flowsery('goal' + i)</script>"
    site.pages["/"] = page(head=STUB + calls + script_tag())
    tab.goto(site.url())
    assert len(site.wait_for("track", 45)) == 45
    assert max(len(post.events) for post in site.posts) == 20


def test_a_goal_keeps_ten_properties_of_255_characters(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(
        "const many = {text: 'x'.repeat(999), price: 9.5, none: null, zero: 0, no: false};"
        "for (let i = 0; i < 20; i++) many['k' + i] = i;"
        "flowsery('BUY-Now', many)"
    )
    (event,) = site.wait_for("track")
    assert event["name"] == "BUY-Now"  # the server lower-cases it
    kept = event["properties"]
    assert kept.pop("text") == "x" * 255
    assert kept == {
        "price": "9.5",
        "zero": "0",
        "no": "false",
        "k0": "0",
        "k1": "1",
        "k2": "2",
        "k3": "3",
        "k4": "4",
    }


@pytest.mark.parametrize("name", ["slice", "toString", "toJSON", "length"])
def test_a_property_may_have_the_name_of_what_every_text_has(
    site: RecordingSite, tab: Page, name: str
) -> None:
    open_page(site, tab)
    tab.evaluate(f"flowsery('order', {{{name}: 'pizza'}})")
    (event,) = site.wait_for("track")
    assert event["properties"] == {name: "pizza"}


def test_a_goal_keeps_the_session_alive(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    before = {cookie["name"]: cookie["expires"] for cookie in tab.context.cookies()}
    tab.wait_for_timeout(1100)
    tab.evaluate("flowsery('later')")
    site.wait_for("track")
    after = {cookie["name"]: cookie["expires"] for cookie in tab.context.cookies()}
    assert after["_fs_sid"] > before["_fs_sid"]
    assert after["_fs_vid"] == before["_fs_vid"]
    assert site.events("track")[0]["sessionUid"] == site.events("page")[0]["sessionUid"]


def test_identify_says_who_the_visitor_is(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("flowsery('identify', {user_id: 'u1', name: 'Ann', email: 'ann@shop.test'})")
    (event,) = site.wait_for("identify")
    assert event["properties"] == {"user_id": "u1", "name": "Ann", "email": "ann@shop.test"}
    assert "name" not in event


def test_identify_with_a_text_sends_an_email(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("flowsery('identify', 'ann@shop.test')")
    (event,) = site.wait_for("identify")
    assert event["properties"] == {"email": "ann@shop.test"}


def test_identify_keeps_who_it_is_and_ten_things_more(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    who = "user_id: 1, name: 'Ann', email: 'a@b.c', customer_id: 'c1', image: 'https://a.b/c'"
    more = ", ".join(f"k{n}: {n}" for n in range(12))
    tab.evaluate(f"flowsery('identify', {{{who}, {more}}})")
    (event,) = site.wait_for("identify")
    assert list(event["properties"])[5:] == [f"k{n}" for n in range(10)]


def test_a_scroll_goal_counts_once_where_half_is_seen(site: RecordingSite, tab: Page) -> None:
    body = (
        "<div style='height:3000px'></div>"
        "<section data-fs-scroll=Pricing data-fs-scroll-plan-kind=yearly "
        "style='height:400px'></section><div style='height:3000px'></div>"
    )
    open_page(site, tab, body)
    tab.evaluate("scrollTo(0, 2300)")  # 100 of 400 pixels are seen
    tab.wait_for_timeout(200)
    tab.evaluate("flowsery('not_yet')")
    site.wait_for("track")
    tab.evaluate("scrollTo(0, 2600)")
    site.wait_for("track", 2)
    for top in (0, 2600, 0):
        tab.evaluate(f"scrollTo(0, {top})")
        tab.wait_for_timeout(100)
    assert [event["name"] for event in site.events("track")] == ["not_yet", "Pricing"]
    assert site.events("track")[1]["properties"] == {"plan_kind": "yearly"}


def test_late_elements_and_new_page_views_have_their_scroll_goals(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab)
    tab.evaluate(
        "document.body.innerHTML = '<p data-fs-scroll=late data-fs-scroll-threshold=1>text</p>"
        "<p data-fs-scroll=bad data-fs-scroll-threshold=much data-fs-scroll-delay=-5>text</p>'"
    )
    site.wait_for("track", 2)
    tab.evaluate("history.pushState({}, '', '/b')")
    site.wait_for("track", 4)
    assert sorted(event["name"] for event in site.events("track")) == ["bad", "bad", "late", "late"]


def test_a_scroll_goal_with_a_delay_must_stay_in_sight(site: RecordingSite, tab: Page) -> None:
    body = (
        "<p data-fs-scroll=read data-fs-scroll-delay=2000>text</p><div style='height:3000px'></div>"
    )
    open_page(site, tab, body)
    tab.evaluate("scrollTo(0, 3000)")
    tab.wait_for_timeout(2500)
    tab.evaluate("flowsery('away')")
    site.wait_for("track")
    tab.evaluate("scrollTo(0, 0)")
    site.wait_for("track", 2)
    assert [event["name"] for event in site.events("track")] == ["away", "read"]
