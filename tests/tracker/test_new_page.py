"""What counts as a page while an app changes the address, in whatever way it does so."""

import pytest
from browser import RecordingSite, open_browser, open_visit, page, script_tag
from playwright.sync_api import Page, Playwright

SETTLED_MS = 250  # more than the tracker's debounce
LOOKED_MS = 1500  # more than the tracker waits where the Navigation API is missing
OLD_BROWSER = "delete window.navigation; Object.defineProperty(window, 'navigation', {})"
CLOCK = "window.clock = 1000; performance.now = () => window.clock"  # ms, moved by the test


def paths(site: RecordingSite) -> list[str]:
    """What follows the port in the addresses of the page views so far."""
    return [event["url"].split(str(site.port), 1)[1] for event in site.events("page")]


def open_page(
    site: RecordingSite, tab: Page, attributes: str = "", path: str = "/", before: str = ""
) -> None:
    """Open `path`, where the script `before` runs before the tracker."""
    site.pages[path.split("?")[0].split("#")[0]] = page(
        head=f"<script>{before}</script>{script_tag(attributes)}"
    )
    tab.goto(site.url(path))
    site.wait_for("page")


def settle(tab: Page, *changes: str, wait_ms: int = SETTLED_MS) -> None:
    for change in changes:
        tab.evaluate(change)
        tab.wait_for_timeout(wait_ms)


WAYS = {
    "pushState": ("", "history.pushState({}, '', 'PATH')"),
    "replaceState": ("", "history.replaceState({}, '', 'PATH')"),
    "a pushState kept from before the tracker": (
        "const push = history.pushState.bind(history)",
        "push({}, '', 'PATH')",
    ),
    "a replaceState kept from before the tracker": (
        "const replace = history.replaceState",
        "replace.call(history, {}, '', 'PATH')",
    ),
    "the prototype's pushState": ("", "History.prototype.pushState.call(history, 0, '', 'PATH')"),
    "a pushState of another frame": (
        "const frame = document.createElement('iframe'); document.documentElement.append(frame);"
        "const push = frame.contentWindow.History.prototype.pushState",
        "push.call(history, {}, '', 'PATH')",
    ),
    "an intercepted navigation": (
        "navigation.addEventListener('navigate', e => e.intercept({handler: async () => {}}))",
        "void navigation.navigate('PATH')",
    ),
    "an intercepted link": (
        "navigation.addEventListener('navigate', event => event.intercept())",
        "location.href = 'PATH'",
    ),
    "an intercepted navigation that replaces": (
        "navigation.addEventListener('navigate', event => event.intercept())",
        "location.replace('PATH')",
    ),
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_change_the_path_is_a_page_view(
    site: RecordingSite, tab: Page, way: str
) -> None:
    before, change = WAYS[way]
    open_page(site, tab, before=before)
    settle(tab, change.replace("PATH", "/b"), change.replace("PATH", "/c"))
    assert paths(site) == ["/", "/b", "/c"]


HISTORY_WAYS = [way for way in WAYS if "intercepted" not in way]


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", HISTORY_WAYS)
def test_browsers_without_the_navigation_api_notice_it_within_a_second(
    site: RecordingSite, tab: Page, way: str
) -> None:
    tab.add_init_script(OLD_BROWSER)
    before, change = WAYS[way]
    open_page(site, tab, before=before)
    settle(tab, change.replace("PATH", "/b"), wait_ms=LOOKED_MS)
    assert paths(site) == ["/", "/b"]


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", ["a pushState kept from before the tracker", "an intercepted link"])
def test_back_and_forward_are_page_views(site: RecordingSite, tab: Page, way: str) -> None:
    before, change = WAYS[way]
    open_page(site, tab, before=before)
    settle(tab, change.replace("PATH", "/b"), "history.back()", "history.forward()")
    assert paths(site) == ["/", "/b", "/", "/b"]


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", ["a pushState kept from before the tracker", "an intercepted link"])
def test_reading_time_belongs_to_the_page_that_was_visible(
    site: RecordingSite, tab: Page, way: str
) -> None:
    tab.add_init_script(CLOCK)
    before, change = WAYS[way]
    open_page(site, tab, before=before)
    settle(
        tab,
        f"clock += 3000; {change.replace('PATH', '/b')}",
        f"clock += 5000; {change.replace('PATH', '/c')}",
    )
    pulses = [(event["url"], event["engaged_s"]) for event in site.events("engagement")]
    assert pulses == [(site.url("/"), 3), (site.url("/b"), 5)]


CHANGES_OF_QUERY = {
    "typing into a search": [f"history.replaceState(0, '', '?q={q}')" for q in ("a", "ab", "abc")],
    "filters in the history": [f"history.pushState(0, '', '?page={n}')" for n in range(3)],
    "back among queries": ["history.pushState(0, '', '?a')", "history.back()"],
    "fragments": ["location.hash = 'a'", "location.hash = 'b'", "history.back()"],
    "the same address": ["history.pushState(0, '', location.href)"],
    "state alone": ["history.replaceState({a: 1}, '')"],
    "there and back at once": ["history.pushState(0, '', '/x'); history.pushState(0, '', '/list')"],
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("case", CHANGES_OF_QUERY)
def test_a_change_of_query_or_fragment_is_not_a_page_view(
    site: RecordingSite, tab: Page, case: str
) -> None:
    open_page(site, tab, path="/list")
    settle(tab, *CHANGES_OF_QUERY[case])
    settle(tab, "history.pushState({}, '', '/end')")
    assert paths(site) == ["/list", "/end"]


def test_a_full_load_counts_although_only_the_query_is_another(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, path="/list")
    tab.goto(site.url("/list?q=a"))
    tab.reload()
    site.wait_for("page", 3)
    assert paths(site) == ["/list", "/list?q=a", "/list?q=a"]


def test_a_path_counts_again_after_another(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    settle(tab, "history.pushState({}, '', '/b')", "history.pushState({}, '', '/?again')")
    assert paths(site) == ["/", "/b", "/?again"]


STRIP = "history.replaceState({}, '', location.pathname)"


def test_the_landing_query_is_kept_when_a_later_script_strips_it(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, path="/?utm_source=news")
    settle(tab, STRIP)
    assert paths(site) == ["/?utm_source=news"]


def test_the_landing_query_is_kept_when_an_earlier_script_stripped_it(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, path="/?utm_source=news&a=%20b#part", before=STRIP)
    settle(tab, STRIP)
    assert paths(site) == ["/?utm_source=news&a=%20b"]
    assert tab.evaluate("location.search") == ""


def test_the_landing_query_is_kept_when_an_earlier_script_moved_on(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, path="/?utm_source=news", before="history.replaceState({}, '', '/en')")
    settle(tab, "0")
    assert paths(site) == ["/en?utm_source=news"]


def test_ids_of_a_link_are_taken_over_when_an_earlier_script_stripped_them(
    site: RecordingSite, tab: Page
) -> None:
    site.pages["/"] = page(
        f"<a href='{site.url('/there', 'ally.test')}'>go</a>",
        head=script_tag("data-allowed-hostnames=ally.test"),
    )
    site.pages["/there"] = page(
        head=f"<script>{STRIP}</script>" + script_tag("data-allowed-hostnames=shop.test")
    )
    tab.goto(site.url())
    site.wait_for("page")
    tab.click("a")
    here, there = site.wait_for("page", 2)
    assert here["visitorUid"] == there["visitorUid"]
    assert there["url"] == site.url("/there", "ally.test")


def test_ids_before_other_parameters_are_cleaned_too(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, path="/?_fs_vid=a&_fs_sid=b&c=1")
    assert "_fs_" not in tab.evaluate("location.href")
    assert paths(site)[0].endswith("&c=1")


def test_a_variable_of_the_page_called_navigation_does_no_harm(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, before="var navigation = {items: []}")
    settle(tab, "history.pushState({}, '', '/b')")
    tab.evaluate("flowsery('end')")
    site.wait_for("track")
    assert paths(site) == ["/", "/b"]


def test_a_query_of_another_resource_is_not_the_landing_query(
    site: RecordingSite, tab: Page
) -> None:
    """Safari before 15 lists resources alone, without the page itself."""
    tab.add_init_script(
        "const all = performance.getEntries.bind(performance);"
        "performance.getEntries = () => all().filter(entry => entry.entryType == 'resource')"
    )
    site.pages["/"] = page(head=script_tag(src="/js/main.js?utm_source=wrong"))
    tab.goto(site.url("/?utm_source=right"))
    site.wait_for("page")
    assert paths(site) == ["/?utm_source=right"]


def test_relative_changes_and_full_loads_each_count_once(site: RecordingSite, tab: Page) -> None:
    site.pages["/a/list"] = page(
        "<form action='/a/list'><input name=q value=x><button>go</button></form>",
        head=script_tag() + "<base href='/a/deep/'>",
    )
    site.pages["/a/next"] = page()
    tab.goto(site.url("/a/list"))
    settle(tab, "history.pushState({}, '', 'item')")
    site.wait_for("page", 2)  # a page's last requests may arrive after the next page's first ones
    tab.goto(site.url("/a/list"))
    site.wait_for("page", 3)
    tab.click("button")
    site.wait_for("page", 4)
    tab.evaluate("location.replace('/a/next')")
    site.wait_for("page", 5)
    assert paths(site) == ["/a/list", "/a/deep/item", "/a/list", "/a/list?q=x", "/a/next"]


def test_a_hash_route_counts_on_return_from_the_page_cache(
    site: RecordingSite, playwright: Playwright
) -> None:
    with open_browser(playwright, has_page_cache=True) as browser:
        tab = open_visit(browser).new_page()
        open_page(site, tab, "data-hash")
        site.pages["/next"] = page(head="")
        tab.evaluate("window.isKept = true")
        tab.goto(site.url("/next"))
        tab.evaluate("history.back()")
        site.wait_for("page", 2)
        tab.wait_for_function("window.isKept")
        tab.wait_for_timeout(SETTLED_MS)
        assert paths(site) == ["/", "/"]


def test_steps_on_the_way_to_a_page_do_not_count(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(
        "const step = n => { history.pushState({}, '', '/' + n);"
        "if (n < 9) setTimeout(step, 25, n + 1) }; step(1)"
    )
    site.wait_for("page", 2)
    tab.wait_for_timeout(SETTLED_MS)
    assert paths(site) == ["/", "/9"]


HASH_CHANGES = {
    "a query in the fragment": ["location.hash = '#/cart?x=1'", "location.hash = '#/cart?x=2'"],
    "a bang": ["history.replaceState(0, '', '#!/cart')"],
    "the path around it": ["history.pushState(0, '', '/other#/cart')"],
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("case", HASH_CHANGES)
def test_in_hash_mode_only_the_path_in_the_fragment_counts(
    site: RecordingSite, tab: Page, case: str
) -> None:
    open_page(site, tab, "data-hash", path="/#/cart")
    settle(tab, *HASH_CHANGES[case], "location.hash = '#/end'")
    assert [path.split("#")[1] for path in paths(site)] == ["/cart", "/end"]


def test_in_hash_mode_a_router_that_adds_the_empty_route_makes_no_second_view(
    site: RecordingSite, tab: Page
) -> None:
    open_page(site, tab, "data-hash")
    settle(tab, "location.replace('#/')", "location.hash = '#/a'", "history.back()")
    assert paths(site) == ["/", "/#/a", "/#/"]


def test_a_page_changed_while_hidden_counts_once(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab)
    tab.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'));"
        "history.pushState({}, '', '/login')"
    )
    tab.wait_for_timeout(SETTLED_MS)
    tab.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    tab.wait_for_timeout(SETTLED_MS)
    assert paths(site) == ["/", "/login"]


def test_a_query_changed_before_the_page_cache_counts_once_on_return(
    site: RecordingSite, playwright: Playwright
) -> None:
    with open_browser(playwright, has_page_cache=True) as browser:
        tab = open_visit(browser).new_page()
        open_page(site, tab)
        site.pages["/next"] = page(head="")
        settle(tab, "history.replaceState({}, '', '?q=a'); window.isKept = true")
        tab.goto(site.url("/next"))
        tab.evaluate("history.back()")
        site.wait_for("page", 2)
        tab.wait_for_function("window.isKept")
        tab.wait_for_timeout(SETTLED_MS)
        assert paths(site) == ["/", "/?q=a"]
