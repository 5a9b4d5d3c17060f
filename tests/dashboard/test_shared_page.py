"""A share link in a browser of its own: only its website, filters and pages."""

import re
from collections.abc import Iterator

import pytest
from browser import RecordingSite, close_visit, open_visit, page
from dashboard.demo_server import DemoServer, demo_server
from dashboard.shown import NASTY, check_looks, check_width
from idle import wait_until_idle
from playwright.sync_api import Browser, Page, expect

from footfall.model.share import ShareFilter, ShareLink, SharePage

PASSWORD = "open sesame please"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with demo_server(tmp_path_factory.mktemp("shared") / "data", days=5) as demo:
        yield demo


@pytest.fixture
def tab(chromium: Browser, demo: DemoServer) -> Iterator[Page]:
    """A fresh context: nobody is signed in, and nothing was opened."""
    visit = open_visit(chromium, base_url=demo.url, reduced_motion="reduce")
    tab = visit.new_page()
    tab.clock.set_fixed_time(demo.server.clock() / 1000)
    yield tab
    close_visit(visit)


def share(
    demo: DemoServer,
    *pages: SharePage,
    name: str = "For the agency",
    filters: tuple[ShareFilter, ...] = (),
    password: str = "",
    hosts: tuple[str, ...] = (),
) -> ShareLink:
    values = {
        "name": name,
        "filters": list(filters),
        "pages": list(pages),
        "oldest": "",
        "password": password,
        "hosts": list(hosts),
        "expires_at": None,
    }
    return demo.server.catalog.shares.add(demo.website.id, values, now_ms=demo.server.clock())


def test_a_link_shows_its_pages_with_its_filters_and_nothing_else(
    tab: Page, demo: DemoServer
) -> None:
    link = share(
        demo, "overview", "retention", filters=(ShareFilter("country", "Germany|Austria"),)
    )
    asked: list[str] = []
    tab.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    tab.goto(f"/share/{link.slug}?p=7d")
    expect(tab.get_by_role("heading", name="demo.example: Overview")).to_be_attached()
    pages = tab.get_by_role("navigation", name="Reports").get_by_role("link")
    expect(pages).to_have_text(["Overview", "Retention"])
    expect(tab.get_by_text("Only Country is Germany or Austria")).to_be_visible()
    expect(tab.locator("#panel-places [data-row], #panel-places tbody tr")).to_have_count(2)
    for name in ("Account", "Search or jump to", "What was counted", "Settings", "Visitors now"):
        expect(tab.get_by_role("button", name=name)).to_have_count(0)
    expect(tab.get_by_text("What was counted")).to_have_count(0)
    check_looks(tab)
    pages.nth(1).click()
    expect(tab).to_have_url(re.compile(rf"/share/{link.slug}/retention\?p=7d"))
    expect(tab.get_by_role("table").first).to_be_visible()
    tab.reload()  # the address opens the same page
    expect(tab.get_by_role("table").first).to_be_visible()
    wait_until_idle(tab)
    wrong = [each for each in asked if re.match(r"[45]", each)]
    assert not wrong, wrong


def test_own_filters_are_added_and_other_pages_are_closed(tab: Page, demo: DemoServer) -> None:
    link = share(demo, "overview", filters=(ShareFilter("country", "Germany"),))
    tab.goto(f"/share/{link.slug}?f=country:Austria")
    expect(tab.get_by_text("Nobody came in this period")).to_be_visible()
    tab.goto(f"/share/{link.slug}/visitors")
    expect(tab.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    check_looks(tab)
    cookie = {each["name"] for each in tab.context.cookies()}
    assert cookie == {"footfall-share"}
    api = f"{demo.url}/api/v1"
    for path in ("/visitors", "/flow", "/ingestion", "/realtime", "/audit", "/shares", "/members"):
        assert tab.request.get(f"{api}{path}?domain=demo.example").status == 403, path
    demo.sign_in_code()  # there is an owner, and the set-up is over
    tab.goto("/w/demo.example")  # the cookie opens nothing of the dashboard's own
    expect(tab).to_have_url(re.compile("/signin"))


def test_a_password_is_asked_for_and_an_end_is_explained(tab: Page, demo: DemoServer) -> None:
    link = share(demo, "overview", password=PASSWORD)
    tab.goto(f"/share/{link.slug}")
    field = tab.get_by_label("Password", exact=True)
    expect(field).to_be_focused()
    expect(tab.get_by_role("alert")).to_have_count(0)
    check_looks(tab)
    field.fill("not the password")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("This is not the password.")).to_be_visible()
    field.fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="demo.example: Overview")).to_be_attached()
    tab.goto(f"/share/{link.slug}?p=7d")  # the browser has opened it
    expect(tab.get_by_role("heading", name="demo.example: Overview")).to_be_attached()
    demo.server.catalog.shares.remove(demo.website.id, link.id)
    tab.goto(f"/share/{link.slug}?p=24h")
    expect(tab.get_by_role("heading", name="This link shows nothing any more")).to_be_visible()
    check_looks(tab)


def test_a_name_is_text(tab: Page, demo: DemoServer) -> None:
    for text in (" ".join(NASTY[:4])[:100], NASTY[4][:100]):
        link = share(demo, "overview", name=text)
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.goto(f"/share/{link.slug}")
        expect(tab.locator("header b")).to_have_text(text)
        check_width(tab)


def test_only_the_hosts_of_a_link_can_embed_it(
    tab: Page, demo: DemoServer, site: RecordingSite
) -> None:
    allowed = share(demo, "overview", "retention", hosts=(f"shop.test:{site.port}",))
    other = share(demo, "overview")
    for name, link in (("allowed", allowed), ("other", other)):
        site.pages[f"/{name}"] = page(
            f'<iframe width="900" height="600" src="{demo.url}/share/{link.slug}"></iframe>'
        )
    tab.goto(site.url("/allowed", "shop.test"))
    frame = tab.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="demo.example: Overview")).to_be_attached()
    frame.get_by_role("link", name="Retention").click()
    expect(frame.get_by_role("table").first).to_be_visible()
    tab.goto(site.url("/other", "shop.test"))
    wait_until_idle(tab)
    assert not [each for each in tab.frames if "/share/" in each.url]
