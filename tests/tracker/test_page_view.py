"""Page views in a real browser."""

from browser import WEBSITE_ID, RecordingSite, page, script_tag
from playwright.sync_api import Page

SETTLED_MS = 250  # more than the tracker's debounce


def paths(site: RecordingSite) -> list[str]:
    """What follows the port in the addresses of the page views so far."""
    return [event["url"].split(str(site.port), 1)[1] for event in site.events("page")]


def open_page(site: RecordingSite, tab: Page, attributes: str = "") -> None:
    site.pages["/"] = page(head=script_tag(attributes))
    tab.goto(site.url())
    site.wait_for("page")


def test_a_page_view_carries_the_facts_of_the_wire_format(site: RecordingSite, tab: Page) -> None:
    site.pages["/from"] = page(f'<a href="{site.url("/a?b=1#c")}">go</a>', head="")
    site.pages["/a"] = page(title="Prices & more")
    tab.goto(site.url("/from", "search.test"))
    tab.click("a")
    (event,) = site.wait_for("page")
    cookies = {cookie["name"]: cookie["value"] for cookie in tab.context.cookies()}
    assert event == {
        "websiteId": WEBSITE_ID,
        "type": "page",
        "url": site.url("/a?b=1#c"),
        "referrer": site.url("/", "search.test"),
        "title": "Prices & more",
        "language": "en-GB",
        "screen": "1200x800",
        "visitorUid": cookies["_fs_vid"],
        "sessionUid": cookies["_fs_sid"],
    }


def test_events_go_as_plain_text_beside_the_scripts_folder(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    (post,) = site.posts
    assert (post.host, post.path) == ("shop.test", "/events")
    assert post.content_type.startswith("text/plain")


EVENTS_PATHS = [
    ("/js/main.js", "", "/events"),
    ("/main.js?v=1/2", "", "/events"),
    ("/stats/js/main.js", "", "/stats/events"),
    ("/stats/main.js", "", "/stats/events"),
    ("/js/main.js", 'data-api="/collect/"', "/collect/events"),
    ("/js/main.js", 'data-api="/e"', "/e"),
]


def test_the_events_address_follows_from_the_tag(site: RecordingSite, tab: Page) -> None:
    for count, (src, attributes, path) in enumerate(EVENTS_PATHS, 1):
        site.pages["/"] = page(head=script_tag(attributes, src))
        tab.goto(site.url())
        site.wait_for("page", count)
        assert [post.path for post in site.posts if post.events[0]["type"] == "page"][-1] == path


def test_events_go_to_the_host_that_the_script_came_from(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head=script_tag(src=site.url("/js/main.js", "stats.test")))
    tab.goto(site.url())
    site.wait_for("page")
    assert site.posts[0].host == "stats.test"


def test_data_api_may_be_a_bare_origin(site: RecordingSite, tab: Page) -> None:
    for end in ("", "/"):
        open_page(site, tab, f'data-api="{site.url("", "stats.test")}{end}"')
    site.wait_for("page", 2)
    assert {(post.host, post.path) for post in site.posts} == {("stats.test", "/events")}


def test_app_navigation_counts_where_it_comes_to_rest(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(
        "history.pushState({}, '', '/moved'); history.replaceState({}, '', '/b');"
        "setTimeout(() => document.title = 'Page b', 20)"
    )
    tab.wait_for_timeout(SETTLED_MS)
    tab.evaluate("history.replaceState({}, '', '/c?d=1')")
    site.wait_for("page", 3)
    tab.go_back()
    site.wait_for("page", 4)
    assert paths(site) == ["/", "/b", "/c?d=1", "/"]
    assert site.events("page")[1]["title"] == "Page b"


def test_the_same_address_is_not_counted_twice_in_a_row(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate("history.pushState({}, '', '/')")
    tab.wait_for_timeout(SETTLED_MS)
    tab.evaluate("history.pushState({}, '', '/#part')")
    tab.wait_for_timeout(SETTLED_MS)
    tab.evaluate("location.hash = 'other'")
    tab.wait_for_timeout(SETTLED_MS)
    tab.evaluate("history.pushState({}, '', '/b')")
    site.wait_for("page", 2)
    assert paths(site) == ["/", "/b"]


def test_hash_routes_count_when_asked_for(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "data-hash")
    tab.evaluate("location.hash = '/cart'")
    site.wait_for("page", 2)
    assert paths(site) == ["/", "/#/cart"]
    assert all(event["hash"] is True for event in site.events())


def test_navigation_just_before_leaving_is_not_lost(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    site.pages["/end"] = page(head="")
    tab.evaluate("history.pushState({}, '', '/b'); location.href = '/end'")
    site.wait_for("page", 2)
    assert paths(site) == ["/", "/b"]


def test_two_tags_on_a_page_count_once(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head=script_tag() + script_tag(src="/copy/js/main.js"))
    tab.goto(site.url())
    tab.evaluate("flowsery('end')")
    site.wait_for("track")
    tab.wait_for_timeout(SETTLED_MS)
    assert sorted(event["type"] for event in site.events()) == ["page", "track"]


def test_the_apps_own_history_calls_still_work(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    assert tab.evaluate(
        "history.pushState({a: 1}, '', '/b'); [location.pathname, history.state]"
    ) == [
        "/b",
        {"a": 1},
    ]


def test_long_addresses_are_cut(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page()
    tab.goto(site.url("/?q=" + "x" * 4000))
    (event,) = site.wait_for("page")
    assert len(event["url"]) == 2048
