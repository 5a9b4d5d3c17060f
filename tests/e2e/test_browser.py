"""From a visit in a real browser, through the real server, to exactly its numbers in reports."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from browser import USER_AGENT, RecordingSite, close_visit, open_visit, page
from e2e.server import BASE, Answer, Server, running
from playwright.sync_api import Browser, Page, Response

VISIBLE_S = 60.0
"""How long reports are asked again. On a machine with nothing else to do 2 s are enough."""
SETTLED_MS = 250  # more than the tracker's debounce
IN_GERMANY = "194.25.0.68"
UNREACHED = [("free_trial", 0), ("payment", 0)]
"""The goals that every website has."""
CLOCK = "window.clock = 1000; performance.now = () => window.clock"  # ms, moved by the test


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("browser") / "data") as server:
        yield server


class Shop:
    """A website whose pages carry the server's own script, and its reports."""

    def __init__(self, server: Server, site: RecordingSite, domain: str) -> None:
        self.server = server
        self.site = site
        self.domain = domain
        self.website = server.website(domain)
        self.token = server.token(self.website)

    def add(self, path: str, body: str = "", attributes: str = "") -> None:
        tag = (
            f'<script defer data-fl-website-id="{self.website.tracking_id}" {attributes}'
            f' src="http://stats.test:{self.server.port}/js/main.js"></script>'
        )
        self.site.pages[path] = page(body, head=tag, title=f"Page {path}")

    def open(self, tab: Page, path: str) -> None:
        self.act(tab, lambda: tab.goto(self.site.url(path, self.domain)))

    def act(self, tab: Page, do: Callable[[], object]) -> None:
        """Do what sends events, and wait until they have been answered."""
        with tab.expect_response(_takes_events):
            do()

    def wait_for(self, **outcomes: int) -> None:
        """Until the reports hold exactly so many hits of each outcome."""
        give_up_at = time.monotonic() + VISIBLE_S
        while (found := self.get("/ingestion")["totals"]) != outcomes:
            assert time.monotonic() < give_up_at, f"{found} instead of {outcomes}"
            time.sleep(0.05)

    def get(self, path: str, **parameters: object) -> Answer:
        return self.server.get(path, self.token, **parameters)

    def rows(self, path: str, *fields: str, **parameters: object) -> list[tuple[Any, ...]]:
        rows = self.get(path, **parameters)["data"]
        return [tuple(row.get(field) for field in fields) for row in rows]

    def overview(self) -> tuple[Any, ...]:
        """Visitors, sessions, pageviews, bounce rate."""
        (row,) = self.rows("/overview", "visitors", "sessions", "pageviews", "bounce_rate")
        return row

    def list(self, dimension: str) -> list[tuple[Any, ...]]:
        """Values and how many visitors each has."""
        return self.rows("/breakdown", "value", "visitors", dimension=dimension)


def _takes_events(response: Response) -> bool:
    return response.url.endswith("/events") and response.status == 202


@pytest.fixture
def shop(server: Server, site: RecordingSite, request: pytest.FixtureRequest) -> Shop:
    """A website of the test's own."""
    name = request.node.name.removeprefix("test_").partition("[")[0][:40].strip("_")
    return Shop(server, site, f"{name.replace('_', '-')}.test")


@pytest.fixture
def tab(tab: Page) -> Page:
    """A tab in which no time is spent on a page unless the test says so."""
    tab.add_init_script(CLOCK)
    return tab


def visit_three_pages(shop: Shop, tab: Page) -> None:
    link = f'<a href="{shop.site.url("/?utm_source=news&utm_campaign=may", shop.domain)}">go</a>'
    shop.site.pages["/from"] = page(link, head="")
    shop.add("/", '<a href="/prices">prices</a>')
    shop.add("/prices", '<a href="/buy">buy</a>')
    shop.add("/buy")
    tab.set_extra_http_headers({"X-Forwarded-For": IN_GERMANY})
    tab.goto(shop.site.url("/from", "search.test"))
    shop.act(tab, lambda: tab.click("a"))
    tab.evaluate("clock += 4000")
    shop.act(tab, lambda: tab.click("a"))
    tab.wait_for_url("**/prices")
    tab.wait_for_load_state()
    shop.act(tab, lambda: tab.click("a"))
    shop.wait_for(accepted=4)  # the seconds on the first page are the fourth event


def test_a_plain_visit_is_in_every_report(shop: Shop, tab: Page) -> None:
    visit_three_pages(shop, tab)
    assert shop.overview() == (1, 1, 3, 0)
    assert shop.rows("/overview", "avg_engaged_time") == [(4,)]
    assert shop.rows("/pages", "value", "visitors", "sessions", "pageviews") == [
        ("/", 1, 1, 1),
        ("/buy", 1, 1, 1),
        ("/prices", 1, 1, 1),
    ]
    expected = {
        "entry_page": "/",
        "exit_page": "/buy",
        "hostname": shop.domain,
        "referrer": "search.test",
        "utm_source": "news",
        "campaign": "may",
        "country": "Germany",
        "device": "Desktop",
        "browser": "Chrome",
        "browser_version": "Chrome 140.0",
        "os": "Linux",
        "screen": "1200x800",
        "language": "en-gb",
    }
    answer = shop.get("/breakdown", dimension=",".join(expected))["data"]
    found = {name: [(row["value"], row["visitors"]) for row in answer[name]] for name in expected}
    assert found == {name: [(value, 1)] for name, value in expected.items()}
    assert shop.list("exit_link") == []
    assert shop.rows("/goals", "name", "completions") == UNREACHED


def test_a_plain_visit_is_seen_in_realtime_and_in_time(shop: Shop, tab: Page) -> None:
    visit_three_pages(shop, tab)
    assert shop.rows("/realtime", "visitors") == [(1,)]
    (visitor,) = shop.get("/realtime/map")["data"]
    shown = {
        "countryCode": "DE",
        "browser": "Chrome",
        "os": "Linux",
        "deviceType": "Desktop",
        "currentUrl": f"{shop.domain}/buy",
        "referrer": "search.test",
        "pageviews": 3,
        "isCustomer": False,
    }
    assert visitor.items() >= shown.items()
    hours = shop.rows("/timeseries", "visitors", "sessions", "pageviews", interval="hour")
    assert [hour for hour in hours if hour != (0, 0, 0)] == [(1, 1, 3)]
    assert shop.rows("/ingestion", "via", "outcome", "hits") == [("collector", "accepted", 4)]


def test_another_browser_is_another_visitor(shop: Shop, chromium: Browser) -> None:
    shop.add("/")
    shop.add("/more")
    for paths in (["/"], ["/", "/more"], ["/"]):
        visit = open_visit(chromium)
        tab = visit.new_page()
        tab.add_init_script(CLOCK)
        for path in paths:
            shop.open(tab, path)
        close_visit(visit)
    shop.wait_for(accepted=4)
    assert shop.overview() == (3, 3, 4, 66.67)
    assert shop.rows("/pages", "value", "visitors", "pageviews") == [("/", 3, 3), ("/more", 1, 1)]
    assert shop.list("exit_page") == [("/", 2), ("/more", 1)]


def test_an_apps_own_navigation_is_a_page_view(shop: Shop, tab: Page) -> None:
    shop.add("/")
    shop.open(tab, "/")
    for change in ("pushState({}, '', '/a?tab=1')", "replaceState({}, '', '/b')", "back()"):
        shop.act(tab, partial(tab.evaluate, f"history.{change}"))
    tab.evaluate("history.pushState({}, '', '/x'); history.pushState({}, '', '/')")  # as before
    tab.wait_for_timeout(SETTLED_MS)
    shop.wait_for(accepted=4)
    assert shop.overview() == (1, 1, 4, 0)
    assert shop.rows("/pages", "value", "pageviews") == [("/", 2), ("/a", 1), ("/b", 1)]
    assert shop.list("exit_page") == [("/", 1)]


def test_hash_routes_are_pages_where_the_tag_says_so(shop: Shop, tab: Page) -> None:
    shop.add("/", attributes="data-hash")
    shop.open(tab, "/#/one")
    shop.act(tab, lambda: tab.evaluate("location.hash = '#/two?ref=mail'"))
    shop.wait_for(accepted=2)
    assert shop.overview() == (1, 1, 2, 0)
    assert shop.rows("/pages", "value", "pageviews") == [("/one", 1), ("/two", 1)]


def test_fragments_are_not_pages_otherwise(shop: Shop, tab: Page) -> None:
    shop.add("/")
    shop.open(tab, "/#/one")
    tab.evaluate("location.hash = '#/two'")
    tab.wait_for_timeout(SETTLED_MS)
    shop.wait_for(accepted=1)
    assert shop.rows("/pages", "value", "pageviews") == [("/", 1)]


def test_an_outbound_click_is_the_exit_link(shop: Shop, tab: Page) -> None:
    shop.site.pages["/elsewhere"] = page(head="")
    target = shop.site.url("/elsewhere", "partner.test")
    shop.add("/", f'<a href="{target}?secret=1#part">partner</a>')
    shop.open(tab, "/")
    tab.click("a")
    tab.wait_for_url("**/elsewhere?secret=1#part")
    shop.wait_for(accepted=2)
    assert shop.overview() == (1, 1, 1, 0)
    assert shop.list("exit_link") == [(target, 1)]
    assert shop.list("exit_page") == [("/", 1)]


def test_goals_by_attribute_and_by_call_are_listed(shop: Shop, tab: Page) -> None:
    shop.add("/", '<button data-fs-goal="Sign_Up" data-fs-goal-plan="pro">buy</button>')
    shop.open(tab, "/")
    for _ in range(2):
        shop.act(tab, lambda: tab.click("button"))
    shop.act(tab, lambda: tab.evaluate("window.flowsery('newsletter', {place: 'footer'})"))
    shop.wait_for(accepted=4)
    assert shop.overview() == (1, 1, 1, 0)
    assert shop.rows("/goals", "name", "completions", "visitors", "sessions") == [
        ("newsletter", 1, 1, 1),
        ("sign_up", 2, 1, 1),
        ("free_trial", 0, 0, 0),
        ("payment", 0, 0, 0),
    ]
    assert shop.list("goal") == [("newsletter", 1), ("sign_up", 1)]


def test_halves_of_characters_lose_no_event(shop: Shop, tab: Page) -> None:
    shop.add("/", "<script>document.title = 'cut \\ud83d'</script>")
    shop.open(tab, "/")
    shop.act(tab, lambda: tab.evaluate("window.flowsery('Cut', {text: 'a\\ud83d'})"))
    shop.wait_for(accepted=2)
    assert shop.rows("/pages", "value", "pageviews") == [("/", 1)]
    assert ("cut", 1) in shop.rows("/goals", "name", "completions")


def test_a_goal_filter_finds_the_visit(shop: Shop, tab: Page, chromium: Browser) -> None:
    shop.add("/", '<button data-fs-goal="signup">buy</button>')
    shop.open(tab, "/")
    shop.act(tab, lambda: tab.click("button"))
    other = open_visit(chromium)
    other_tab = other.new_page()
    other_tab.add_init_script(CLOCK)
    shop.open(other_tab, "/")
    close_visit(other)
    shop.wait_for(accepted=3)
    fields = ("visitors", "sessions", "pageviews")
    assert shop.rows("/overview", *fields) == [(2, 2, 2)]
    assert shop.rows("/overview", *fields, filter_goal="signup") == [(1, 1, 1)]
    assert shop.rows("/overview", *fields, filter_goal="!signup") == [(1, 1, 1)]


def test_cookieless_visitors_are_distinguished_by_their_address(
    shop: Shop, chromium: Browser
) -> None:
    for path in ("/", "/more"):
        shop.add(path, attributes="data-cookieless")
    for address in (IN_GERMANY, "81.2.69.142"):
        visit = open_visit(chromium, extra_http_headers={"X-Forwarded-For": address})
        tab = visit.new_page()
        tab.add_init_script(CLOCK)
        for path in ("/", "/more", "/"):
            shop.open(tab, path)
        assert visit.cookies() == []
        close_visit(visit)
    shop.wait_for(accepted=6)
    assert shop.overview() == (2, 2, 6, 0)
    assert shop.list("country") == [("Germany", 1), ("United Kingdom", 1)]


def test_global_privacy_control_leaves_no_cookie_and_no_name(shop: Shop, tab: Page) -> None:
    tab.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    shop.add("/")
    shop.open(tab, "/")
    tab.evaluate("window.flowsery('identify', {user_id: 'u1', email: 'ann@example.com'})")
    shop.act(tab, lambda: tab.evaluate("window.flowsery('end')"))
    assert tab.context.cookies() == []
    shop.wait_for(accepted=2)
    assert shop.overview() == (1, 1, 1, 0)
    assert shop.rows("/goals", "name", "completions") == [("end", 1), *UNREACHED]


def test_a_payment_by_email_alone_is_the_identified_visitors(shop: Shop, tab: Page) -> None:
    visit_three_pages(shop, tab)
    shop.act(tab, lambda: tab.evaluate("window.flowsery('identify', 'Ann@Example.com')"))
    paid = {
        "amount": 49,
        "currency": shop.website.currency,
        "transactionId": "t1",
        "email": "ann@example.com",
    }
    status, answer = shop.server.ask("POST", f"{BASE}/payments", shop.token, paid)
    assert status == 200, answer
    shop.wait_for(accepted=5)
    shop.server.wait_for_loading()
    assert shop.rows("/channels", "value", "revenue") == [("Referral", 49)]
    assert shop.rows("/countries", "value", "revenue") == [("Germany", 49)]
    (visitor,) = shop.get("/realtime/map")["data"]
    assert "ann@" not in str(visitor).lower()
    profile = shop.get(f"/visitors/{visitor['visitorId']}")["data"]["profile"]
    assert profile["email"] == "Ann@Example.com"


def test_a_page_without_scripts_counts_by_the_pixel(shop: Shop, tab: Page) -> None:
    address = f"http://stats.test:{shop.server.port}/events?websiteId={shop.website.tracking_id}"
    shop.site.pages["/plain"] = page(f'<img src="{address}&url=http://{shop.domain}/p">', head="")
    tab.goto(shop.site.url("/plain", shop.domain))
    assert tab.evaluate("document.querySelector('img').naturalWidth") == 1
    shop.wait_for(accepted=1)
    assert shop.rows("/pages", "value", "pageviews") == [("/p", 1)]


def test_the_script_on_a_foreign_host_is_dropped_with_its_reason(shop: Shop, tab: Page) -> None:
    shop.add("/")
    with tab.expect_response(_takes_events):
        tab.goto(shop.site.url("/", "thief.test"))
    shop.wait_for(foreign_hostname=1)
    assert shop.overview() == (0, 0, 0, 0)


def test_a_page_may_send_more_than_a_browser_keeps_alive_at_a_time(shop: Shop, tab: Page) -> None:
    """Chromium keeps the requests of a page alive, 64 kB at a time. They are free again when they
    are answered, though nobody reads the answers."""
    shop.add("/")
    shop.open(tab, "/")
    for number in range(60):
        properties = {f"note{n}": "x" * 250 for n in range(10)}
        goal = [f"g{number}", properties]
        shop.act(tab, partial(tab.evaluate, "goal => flowsery(...goal)", goal))
    shop.wait_for(accepted=61)
    assert len(shop.rows("/goals", "name")) == 60 + len(UNREACHED)


def test_a_sender_of_another_origin_may_send_more_than_that(shop: Shop, tab: Page) -> None:
    """Unlike the tracker's, the answers to a sender with `mode: cors` could be read, and with
    Cache-Control: no-store Chromium would hold them until the page is left."""
    shop.site.pages["/"] = page(head="")
    tab.goto(shop.site.url("/", shop.domain))
    given = {
        "address": f"http://stats.test:{shop.server.port}/events",
        "event": {
            "type": "page",
            "websiteId": shop.website.tracking_id,
            "url": f"http://{shop.domain}/",
            "padding": "x" * 30_000,
        },
    }
    answers = tab.evaluate(
        """async ({address, event}) => {
            const answers = []
            const options = {method: "POST", keepalive: true, body: JSON.stringify(event)}
            for (let n = 0; n < 5; n++) {
                await new Promise(resume => setTimeout(resume, 1000))
                answers.push(await fetch(address, options).then(a => a.status, e => e.name))
            }
            return answers
        }""",
        given,
    )
    assert answers == [202] * 5


@pytest.mark.parametrize(
    ("version", "os_version"), [("15.0.0", "Windows 11"), ("10.0.0", "Windows 10")]
)
def test_windows_11_is_not_windows_10(
    server: Server, site: RecordingSite, tab: Page, version: str, os_version: str
) -> None:
    """Its user agent says Windows 10; browsers state the version on https and localhost only."""
    shop = Shop(server, site, f"windows{version.partition('.')[0]}.localhost")
    shop.add("/", attributes="data-local")
    windows = "Windows NT 10.0; Win64; x64"
    tab.context.new_cdp_session(tab).send(
        "Emulation.setUserAgentOverride",
        {
            "userAgent": USER_AGENT.replace("X11; Linux x86_64", windows),
            "userAgentMetadata": {
                "platform": "Windows",
                "platformVersion": version,
                "architecture": "x86",
                "model": "",
                "mobile": False,
            },
        },
    )
    shop.open(tab, "/")
    shop.wait_for(accepted=1)
    assert shop.list("os_version") == [(os_version, 1)]


def test_a_search_in_an_app_is_one_page_view_of_its_campaign(shop: Shop, tab: Page) -> None:
    shop.add("/list")
    shop.open(tab, "/list?utm_source=news")
    for change in ("location.pathname", "'?q=a'", "'?q=ab'"):
        tab.evaluate(f"history.replaceState({{}}, '', {change})")
        tab.wait_for_timeout(SETTLED_MS)
    shop.wait_for(accepted=1)
    assert shop.overview() == (1, 1, 1, 100)
    assert shop.list("utm_source") == [("news", 1)]
