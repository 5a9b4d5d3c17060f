"""How events travel: by fetch with keepalive, and by a beacon where fetch lacks it."""

import pytest
from browser import RecordingSite, page, script_tag
from playwright.sync_api import Page

# Firefox before version 133 ignores the option
NO_KEEPALIVE = (
    "delete Request.prototype.keepalive; const real = window.fetch;"
    "window.fetch = (url, options) => real(url, {...options, keepalive: false});"
)
COUNT = (
    "window.beacons = 0; const beacon = navigator.sendBeacon.bind(navigator);"
    "navigator.sendBeacon = (...all) => { window.beacons++; return beacon(...all) };"
)


def open_page(site: RecordingSite, tab: Page, before: str) -> None:
    tab.add_init_script(before)
    site.pages["/"] = page(head=script_tag())
    site.pages["/end"] = page(head="")
    tab.goto(site.url())
    site.wait_for("page")


def test_fetch_is_used_where_it_has_keepalive(site: RecordingSite, tab: Page) -> None:
    """Content blockers drop beacons to other hosts, and the page cannot notice it."""
    open_page(site, tab, COUNT)
    assert tab.evaluate("window.beacons") == 0


def test_without_keepalive_a_beacon_outlives_the_page(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, NO_KEEPALIVE + COUNT)
    assert tab.evaluate("window.beacons") == 1
    tab.evaluate("flowsery('last'); location.href = '/end'")
    (event,) = site.wait_for("track")
    assert event["name"] == "last"
    assert {post.content_type.split(";")[0] for post in site.posts} == {"text/plain"}
    assert len(site.events("page")) == 1


@pytest.mark.parametrize("beacon", ["() => false", "undefined"])
def test_without_keepalive_and_beacon_a_fetch_is_left(
    site: RecordingSite, tab: Page, beacon: str
) -> None:
    open_page(site, tab, f"{NO_KEEPALIVE} navigator.sendBeacon = {beacon};")
    assert len(site.events("page")) == 1
