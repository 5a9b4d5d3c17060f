"""Clicks: links that leave, downloads, goals, and ids that links carry along."""

from urllib.parse import parse_qs, urlsplit

import pytest
from browser import Event, RecordingSite, page, script_tag
from playwright.sync_api import Page

STAY = "<script>addEventListener('click', event => event.preventDefault())</script>"


def open_page(site: RecordingSite, tab: Page, body: str, attributes: str = "") -> None:
    site.pages["/"] = page(STAY + body, head=script_tag(attributes))
    tab.goto(site.url("/", "www.shop.test"))
    site.wait_for("page")


def end(site: RecordingSite, tab: Page) -> list[str]:
    """The types (a goal's name) of all events but the page's, up to now."""
    tab.evaluate("window.flowsery('end')")
    site.wait_until(lambda: "end" in [event.get("name") for event in site.events()], "end")
    tab.wait_for_timeout(100)  # requests may overtake each other
    names = [event.get("name", event["type"]) for event in site.events()]
    return [name for name in names if name not in ("page", "end")]


def downloads(site: RecordingSite) -> list[Event]:
    """The downloads up to now; requests may overtake each other."""
    return [event for event in site.events("track") if event["name"] == "file_download"]


def test_a_link_to_another_domain_is_outbound(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='https://other.test/x?y=1#z'><b>go</b></a>")
    tab.click("b")
    (event,) = site.wait_for("outbound")
    assert event["properties"] == {"url": "https://other.test/x?y=1#z"}
    assert event["url"] == site.url("/", "www.shop.test")
    assert "name" not in event


def test_links_inside_the_registrable_domain_are_not_outbound(
    site: RecordingSite, tab: Page
) -> None:
    inside = (
        "/in",
        "https://shop.test/",
        "https://blog.shop.test/",
        "mailto:a@other.test",
        "#part",
    )
    open_page(site, tab, " ".join(f"<a href='{address}'>go</a>" for address in inside))
    for link in tab.query_selector_all("a"):
        link.click()
    assert end(site, tab) == []


def test_a_host_that_only_ends_alike_is_outbound(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='https://myshop.test/'>go</a>")
    tab.click("a")
    assert end(site, tab) == ["outbound"]


@pytest.mark.sample(4)
@pytest.mark.parametrize("attributes", ["", "data-cookieless"])
def test_second_level_country_domains_are_different(
    site: RecordingSite, tab: Page, attributes: str
) -> None:
    site.pages["/"] = page(
        f"{STAY}<a id=own href='https://a.shop.co.uk'>1</a><a id=other href='https://b.co.uk'>2</a>",
        head=script_tag(attributes),
    )
    tab.goto(site.url("/", "www.shop.co.uk"))
    tab.click("#own")
    tab.click("#other")
    (event,) = site.wait_for("outbound")
    assert event["properties"]["url"] == "https://b.co.uk/"


def test_data_domain_narrows_what_counts_as_inside(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(
        f"{STAY}<a id=own href='https://x.ann.host.test'>1</a>"
        "<a id=other href='https://bob.host.test'>2</a>",
        head=script_tag('data-domain="ann.host.test"'),
    )
    tab.goto(site.url("/", "ann.host.test"))
    tab.click("#own")
    tab.click("#other")
    (event,) = site.wait_for("outbound")
    assert event["properties"]["url"] == "https://bob.host.test/"
    assert {cookie["domain"] for cookie in tab.context.cookies()} == {".ann.host.test"}


def test_enter_and_the_middle_button_follow_links_too(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='http://other.test/'>go</a>")
    tab.focus("a")
    tab.keyboard.press("Enter")
    site.wait_for("outbound")
    with tab.context.expect_page():
        tab.click("a", button="middle")
    site.wait_for("outbound", 2)
    tab.click("a", button="right")
    assert end(site, tab) == ["outbound", "outbound"]


def test_a_click_is_recorded_although_the_page_stops_it(site: RecordingSite, tab: Page) -> None:
    open_page(
        site,
        tab,
        "<a href='http://other.test' onclick='event.stopPropagation(); return false'>go</a>",
    )
    tab.click("a")
    assert end(site, tab) == ["outbound"]


def test_a_link_inside_a_shadow_root_is_seen(site: RecordingSite, tab: Page) -> None:
    open_page(
        site,
        tab,
        "<div><template shadowrootmode=open><a href='http://other.test'>go</a></template></div>",
    )
    tab.click("a")
    assert end(site, tab) == ["outbound"]


def test_leaving_by_a_link_does_not_lose_its_event(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(f"<a href='{site.url('/', 'other.test')}'>go</a>")
    tab.goto(site.url())
    site.wait_for("page")
    site.pages["/"] = page(head="")
    tab.click("a")
    site.wait_for("outbound")


def test_a_file_is_a_download_wherever_it_lies(site: RecordingSite, tab: Page) -> None:
    files = ("http://cdn.test/a/report.PDF?v=1", "https://cdn.test/setup.exe")
    open_page(site, tab, " ".join(f"<a href='{address}'>go</a>" for address in files))
    for link in tab.query_selector_all("a"):
        link.click()
    assert end(site, tab) == ["file_download", "file_download"]
    assert sorted(event["properties"]["url"] for event in downloads(site)) == sorted(files)


def test_a_goal_attribute_records_the_goal_with_its_properties(
    site: RecordingSite, tab: Page
) -> None:
    open_page(
        site,
        tab,
        "<button data-fs-goal='Sign_Up' data-fs-goal-plan-name='Pro plan' data-fs-goal-seats=5>"
        "<i>go</i></button>",
    )
    tab.click("i")
    (event,) = site.wait_for("track")
    assert event["name"] == "Sign_Up"
    assert event["properties"] == {"plan_name": "Pro plan", "seats": "5"}


def test_a_goal_without_properties_sends_none(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='http://other.test' data-fs-goal=leave>go</a>")
    tab.click("a")
    assert end(site, tab) == ["leave", "outbound"]
    assert "properties" not in site.events("track")[0]


def test_payment_links_carry_the_visitor(site: RecordingSite, tab: Page) -> None:
    open_page(
        site,
        tab,
        "<a id=new href='https://buy.stripe.com/a?x=1'>1</a>"
        "<a id=set href='https://buy.stripe.com/b?client_reference_id=me'>2</a>",
    )
    for link in ("#new", "#set", "#new"):
        tab.click(link)
    visitor = site.events()[0]["visitorUid"]
    assert tab.get_attribute("#new", "href") == (
        f"https://buy.stripe.com/a?x=1&client_reference_id={visitor}"
    )
    assert tab.get_attribute("#set", "href") == "https://buy.stripe.com/b?client_reference_id=me"
    site.wait_for("outbound", 3)
    assert site.events("outbound")[0]["properties"]["url"] == "https://buy.stripe.com/a?x=1"


def test_cookieless_pages_leave_links_alone(site: RecordingSite, tab: Page) -> None:
    links = "<a href='https://buy.stripe.com/a'>1</a> <a href='https://ally.test/'>2</a>"
    open_page(site, tab, links, "data-cookieless data-allowed-hostnames=ally.test")
    for link in tab.query_selector_all("a"):
        link.click()
    hrefs = [link.get_attribute("href") for link in tab.query_selector_all("a")]
    assert hrefs == ["https://buy.stripe.com/a", "https://ally.test/"]


def hand_over(site: RecordingSite, tab: Page, attributes: str) -> None:
    """Follow a link from shop.test to www.ally.test, where the tag has `attributes`."""
    site.pages["/"] = page(
        f"<a href='{site.url('/there?a=%20b#c', 'www.ally.test')}'>go</a>",
        head=script_tag('data-allowed-hostnames="other.test, ally.test"'),
    )
    site.pages["/there"] = page(head=script_tag(attributes))
    tab.goto(site.url())
    site.wait_for("page")
    tab.click("a")
    site.wait_for("page", 2)


def test_a_visitor_is_handed_over_to_allowed_hosts(site: RecordingSite, tab: Page) -> None:
    hand_over(site, tab, "data-allowed-hostnames=shop.test")
    here, there = site.events("page")
    assert here["visitorUid"] == there["visitorUid"]
    assert here["sessionUid"] == there["sessionUid"]
    assert (
        there["url"]
        == tab.evaluate("location.href")
        == site.url("/there?a=%20b#c", "www.ally.test")
    )
    assert not site.events("outbound")


def test_ids_from_hosts_that_are_not_allowed_are_dropped(site: RecordingSite, tab: Page) -> None:
    hand_over(site, tab, "data-allowed-hostnames=elsewhere.test")
    here, there = site.events("page")
    assert here["visitorUid"] != there["visitorUid"]
    assert there["url"] == site.url("/there?a=%20b#c", "www.ally.test")


def test_a_copied_link_does_not_make_two_people_one(site: RecordingSite, tab: Page) -> None:
    site.pages["/"] = page(head=script_tag("data-allowed-hostnames=ally.test"))
    tab.goto(site.url("/?_fs_vid=somebody&_fs_sid=else"))
    (event,) = site.wait_for("page")
    assert event["visitorUid"] != "somebody"
    assert event["url"] == site.url("/")


def test_a_link_carries_the_ids_once(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='https://ally.test/?x'>1</a>", "data-allowed-hostnames=ally.test")
    tab.click("a")
    tab.click("a")
    query = urlsplit(tab.get_attribute("a", "href") or "").query
    ids = {name: values for name, values in parse_qs(query).items() if name.startswith("_fs_")}
    (event,) = site.events("page")
    assert query.startswith("x&")
    assert ids == {"_fs_vid": [event["visitorUid"]], "_fs_sid": [event["sessionUid"]]}


def test_links_of_svg_are_seen(site: RecordingSite, tab: Page) -> None:
    open_page(
        site,
        tab,
        "<svg width=300 height=60>"
        "<a href='http://other.test/a'><text y=20 id=new>one</text></a>"
        "<a xlink:href='http://other.test/b'><text y=40 id=old>two</text></a>"
        "<a href='/in.html'><text y=55 id=in>three</text></a></svg>",
    )
    for link in ("#new", "#old", "#in"):
        tab.click(link)
    assert end(site, tab) == ["outbound", "outbound"]
    assert [event["properties"]["url"] for event in site.events("outbound")] == [
        "http://other.test/a",
        "http://other.test/b",
    ]


def test_an_icon_inside_a_link_is_not_a_link_itself(site: RecordingSite, tab: Page) -> None:
    open_page(
        site,
        tab,
        "<a href='http://other.test/'><svg width=30 height=30><defs>"
        "<rect id=r width=30 height=30 /></defs><use href='#r' /></svg></a>",
    )
    tab.click("svg")
    assert end(site, tab) == ["outbound"]


def test_areas_of_image_maps_are_links(site: RecordingSite, tab: Page) -> None:
    gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    open_page(
        site,
        tab,
        f"<img usemap='#m' width=50 height=50 src='{gif}'><map name=m>"
        "<area shape=default href='http://other.test/'></map>",
    )
    tab.mouse.click(20, 20)
    assert end(site, tab) == ["outbound"]


FILES = (
    *("tar", "tar.gz", "tgz", "tar.bz2", "bz2", "tar.xz", "xz", "txz", "zip", "rar", "7z", "gz"),
    *("pdf", "rtf", "txt", "csv", "epub", "odt", "ods", "odp", "doc", "docx", "xls", "xlsx"),
    *("ppt", "pptx", "exe", "msi", "dmg", "pkg", "deb", "rpm", "apk", "iso", "mp3", "mp4"),
    *("wav", "avi", "mov", "PDF", "Tar.XZ"),
    *("m4a", "m4v", "mkv", "mpg", "mpeg", "wma", "wmv", "pps", "ppsx", "pptm", "zst", "tar.zst"),
    *("docm", "xlsm", "xlsb", "key", "odg"),
)
PAGES = (
    *("html", "php", "htm", "aspx", "com", "org", "js", "doe", "5", "x/pdf", "pdf/x", "md"),
    *("moore", "monkey", "keys", "io", "museum", "2"),
)


def test_files_are_known_by_their_extension(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a href='/'>go</a>")
    for name in (*FILES, *PAGES):
        tab.evaluate(
            "name => { const a = document.querySelector('a'); a.href = '/a.' + name; a.click() }",
            name,
        )
    end(site, tab)
    sent = [event["properties"]["url"] for event in site.events("track") if "properties" in event]
    assert sorted(sent) == sorted(site.url(f"/a.{name}", "www.shop.test") for name in FILES)


DOWNLOADS = {
    "an address without extension": ("/export?id=3", "", "http://www.shop.test:PORT/export?id=3"),
    "another host": ("http://cdn.test/get", "r.bin", "http://cdn.test/get"),
    "a blob": ("blob:http://www.shop.test:PORT/1-2-3", "report.csv", "report.csv"),
    "data": ("data:text/csv,secret", "list.csv", "list.csv"),
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("case", DOWNLOADS)
def test_a_download_attribute_makes_a_download(site: RecordingSite, tab: Page, case: str) -> None:
    href, name, url = (text.replace("PORT", str(site.port)) for text in DOWNLOADS[case])
    open_page(site, tab, f"<a download='{name}' href='{href}'>go</a>")
    tab.click("a")
    assert end(site, tab) == ["file_download"]
    assert downloads(site)[0]["properties"] == {"url": url}


def test_a_nameless_download_of_data_keeps_the_data_out(site: RecordingSite, tab: Page) -> None:
    open_page(site, tab, "<a download href='data:text/csv,secret'>go</a>")
    tab.click("a")
    assert end(site, tab) == ["file_download"]
    assert "secret" not in str(site.posts)


def test_links_that_are_not_web_addresses_are_left_alone(site: RecordingSite, tab: Page) -> None:
    errors: list[object] = []
    tab.on("pageerror", lambda error: errors.append(error))
    others = ("mailto:a@b.zip", "tel:+1", "javascript:0", "myapp://other.test/x.pdf")
    open_page(site, tab, " ".join(f"<a href='{href}'>go</a>" for href in others) + "<a>none</a>")
    for link in tab.query_selector_all("a"):
        link.click()
    assert end(site, tab) == []
    assert errors == []


INVALID = ("http://[x", "https://", "http://other.test:99999/", "http://%00/", "//[")


@pytest.mark.sample(4)
@pytest.mark.parametrize("attribute", ["", "download"])
def test_links_to_invalid_addresses_are_not_outbound(
    site: RecordingSite, tab: Page, attribute: str
) -> None:
    errors: list[object] = []
    tab.on("pageerror", lambda error: errors.append(error))
    links = "".join(f"<a {attribute} href='{href}'>go</a> " for href in INVALID)
    open_page(
        site,
        tab,
        f"{links}<svg width=99 height=60><a {attribute} href='http://[x'>"
        "<text y=20>go</text></a></svg>",
    )
    for link in tab.query_selector_all("a"):
        link.click()
    assert "outbound" not in end(site, tab)
    assert errors == []


ALLIES = {
    "Unicode": ("m\u00fcnchen.test", "m\u00fcnchen.test"),
    "Unicode, upper case": ("M\u00dcNCHEN.test", "m\u00fcnchen.test"),
    "its ASCII form": ("xn--mnchen-3ya.test", "m\u00fcnchen.test"),
    "a subdomain": ("m\u00fcnchen.test", "shop.m\u00fcnchen.test"),
    "upper case": ("Ally.TEST", "ally.test"),
    "a port": ("ally.test:8080", "ally.test"),
    "a leading www": ("www.ally.test", "ally.test"),
    "a wildcard": ("*.ally.test", "www.ally.test"),
    "one of several": ("other.test,\n ally.test,", "ally.test"),
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("case", ALLIES)
def test_allowed_hostnames_are_read_as_the_browser_reads_them(
    site: RecordingSite, tab: Page, case: str
) -> None:
    allowed, host = ALLIES[case]
    open_page(site, tab, f"<a href='http://{host}/'>go</a>", f'data-allowed-hostnames="{allowed}"')
    tab.click("a")
    assert end(site, tab) == []
    assert "_fs_vid=" in (tab.get_attribute("a", "href") or "")


@pytest.mark.sample(4)
@pytest.mark.parametrize("allowed", ["", ",", "m\u00fcnchen.test", "http:// x", "*."])
def test_other_hosts_get_no_ids(site: RecordingSite, tab: Page, allowed: str) -> None:
    open_page(
        site, tab, "<a href='http://mnchen.test/'>go</a>", f'data-allowed-hostnames="{allowed}"'
    )
    tab.click("a")
    assert end(site, tab) == ["outbound"]
    assert tab.get_attribute("a", "href") == "http://mnchen.test/"


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "domain", ["m\u00fcnchen.test", "www.xn--mnchen-3ya.test", "www.m\u00fcnchen.test:80"]
)
def test_a_unicode_data_domain_is_this_website(site: RecordingSite, tab: Page, domain: str) -> None:
    site.pages["/"] = page(
        STAY + "<a href='https://blog.m\u00fcnchen.test/'>go</a>",
        head=script_tag(f'data-domain="{domain}"'),
    )
    tab.goto(site.url("/", "xn--mnchen-3ya.test"))
    site.wait_for("page")
    tab.click("a")
    assert end(site, tab) == []
    assert {cookie["domain"] for cookie in tab.context.cookies()} == {".xn--mnchen-3ya.test"}
