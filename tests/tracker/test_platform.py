"""The version of the operating system, which a browser gives only if it is asked."""

from typing import Any

import pytest
from browser import RecordingSite, page, script_tag
from playwright.sync_api import Page

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
HOST = "localhost"  # browsers answer on https and on localhost only


def pretend(tab: Page, **metadata: Any) -> None:
    """Let the browser state another platform."""
    given = {
        "platform": "Windows",
        "platformVersion": "15.0.0",
        "architecture": "x86",
        "model": "",
        "mobile": False,
    }
    tab.context.new_cdp_session(tab).send(
        "Emulation.setUserAgentOverride",
        {"userAgent": WINDOWS, "userAgentMetadata": given | metadata},
    )


def test_the_first_page_view_has_the_platforms_version(site: RecordingSite, tab: Page) -> None:
    pretend(tab)
    site.pages["/"] = page(head=script_tag("data-local"))
    tab.goto(site.url("/", HOST))
    (event,) = site.wait_for("page")
    assert event["platformVersion"] == "15.0.0"


NEVER = "NavigatorUAData.prototype.getHighEntropyValues = () => "


@pytest.mark.parametrize(
    "answer",
    ["new Promise(() => {})", "Promise.reject(1)", "Promise.resolve()", "Promise.resolve({})"],
)
def test_a_browser_that_does_not_answer_is_recorded(
    site: RecordingSite, tab: Page, answer: str
) -> None:
    pretend(tab)
    tab.add_init_script(
        "window.unhandled = 0; addEventListener('unhandledrejection', () => window.unhandled++)"
    )
    site.pages["/"] = page(head=f"<script>{NEVER}{answer}</script>" + script_tag("data-local"))
    tab.goto(site.url("/", HOST))
    (event,) = site.wait_for("page")
    assert "platformVersion" not in event
    assert tab.evaluate("window.unhandled") == 0


def test_leaving_before_the_answer_loses_nothing(site: RecordingSite, tab: Page) -> None:
    site.pages["/end"] = page(head="")
    site.pages["/"] = page(
        head=f"<script>{NEVER}new Promise(() => {{}})</script>"
        '<script data-fl-website-id="flid_test" data-local src="/js/main.js"></script>'
        "<script>location.href = '/end'</script>"
    )
    tab.goto(site.url("/", HOST))
    tab.wait_for_url("**/end")
    assert site.wait_for("page")[0]["url"] == site.url("/", HOST)
