"""The pages of flows, funnels and retention: what they show is what the API answers."""

import csv
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from dashboard.path_numbers import (
    STEP_ROWS,
    check_flow,
    check_funnel,
    check_retention,
    curl_of,
    rows_of,
)
from dashboard.path_site import CONTRACT_EVENT, MARKUP, SITE, add_paths, run_curl
from dashboard.shown import PHONE, check_looks, check_width, looking, sign_in
from e2e.server import Server, running
from idle import wait_until_idle
from playwright.sync_api import Browser, Page, expect
from selection import some_of

from footfall.model.member import Member
from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
FLOW = f"/w/{SITE}/flow"
FUNNEL = (
    f"/w/{SITE}/funnels/new?step=page:/pricing&step=page:/signup&step=goal:signup&step=goal:payment"
)
RETENTION = f"/w/{SITE}/retention"
STATES = (
    "",
    "?start=page:/pricing",
    "?start=page:/pricing&end=goal:checkout_started",
    "?start=page:/pricing&end=goal:checkout_started&mode=only&n=6&rows=2",
    "?p=7d&start=page:/pricing&rows=8&merge=1",
    "?start=goal:checkout_started&dir=backward&n=5",
    "?start=page:/pricing&through=goal:signup&x=page:/docs&x=goal:signup",
    "?b=in&f=page:/signup&start=page:/pricing&left=0&w=60",
)


SEEN_IN_PICTURE = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const ctx = canvas.getContext("2d");
    ctx.drawImage(image, 0, 0);
    const below = ctx.getImageData(0, 120, image.width, image.height - 120).data;
    const colours = new Set();
    for (let at = 0; at < below.length; at += 4) colours.add(below.slice(at, at + 3).join());
    return [[...ctx.getImageData(2, 2, 1, 1).data].slice(0, 3), colours.size];
}"""
"""A PNG in base 64 → the colour of its corner, and how many colours it has below its head."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("paths") / "data") as server:
        add_paths(server)
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token(None, "read", kind="flow")


@pytest.fixture(scope="module")
def tab(chromium: Browser, server: Server, ann: Member) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann, FLOW)
        yield tab


@pytest.mark.sample(1)
@pytest.mark.parametrize("query", STATES)
def test_every_number_of_a_flow_is_the_answer_to_its_curl(
    tab: Page, server: Server, token: str, query: str
) -> None:
    tab.goto(FLOW + query)
    tab.locator("[data-panel=flow] [data-sankey]").wait_for()
    check_flow(tab, partial(run_curl, server, token=token))


def test_the_paths_to_the_end_are_counted_by_the_server(tab: Page) -> None:
    address = f"{FLOW}?start=page:/pricing&end=goal:checkout_started"
    tab.goto(address)
    panel = tab.locator("[data-panel=to-end]")
    reached = panel.locator("[data-reached]").inner_text()
    tab.goto("about:blank")  # an answer that comes late is not one for the page that follows
    with tab.expect_response(lambda reply: "end_mode=only" in reply.url) as reply:
        tab.goto(address)
    totals = reply.value.json()["totals"]
    assert reached.startswith(f"{totals['paths']} of ")
    assert totals["paths"] == totals["reached_end"] > 0
    expect(panel).to_contain_text(f"${totals['revenue']:,.2f}")


def test_a_node_has_its_people_and_six_actions(tab: Page, server: Server, token: str) -> None:
    tab.goto(f"{FLOW}?start=page:/pricing&rows=8&sel=n1:/signup")
    side = tab.locator("[data-side]")
    sessions = int(side.locator("[data-sessions]").inner_text())
    actions = side.locator("[data-act]")
    found = actions.evaluate_all("all => all.map((each) => each.dataset.act)")
    assert found == ["start", "through", "leaveOut", "filter", "people", "before"]
    href = side.locator("[data-act=people]").get_attribute("href") or ""
    assert href.startswith(f"/w/{SITE}/visitors?start=page:/pricing")
    assert f"Show these {sessions} visits" in side.inner_text()
    answer = run_curl(server, curl_of(tab, "flow"), token)
    rows = [row for row in rows_of(answer) if (row["step"], row["target"]) == (1, "/signup")]
    assert sessions == sum(row["transitions"] for row in rows) > 0

    side.locator("[data-act=leaveOut]").click()
    expect(tab).to_have_url(re.compile(r"x=page:%2Fsignup|x=page:/signup"))
    expect(tab.locator('[data-node="1:/signup"]')).to_have_count(0)
    tab.go_back()
    tab.locator("[data-act=through]").click()
    expect(tab).to_have_url(re.compile("through=page:"))
    tab.go_back()
    tab.locator("[data-act=start]").click()
    expect(tab.locator("h1")).to_have_text("What people do after /signup")
    tab.go_back()
    tab.locator("[data-act=before]").click()
    expect(tab.locator("h1")).to_have_text("What people do before /signup")
    tab.go_back()
    tab.locator("[data-act=filter]").click()
    expect(tab.locator(".chip")).to_contain_text("/signup")


def test_a_flow_is_built_by_keyboard_alone(tab: Page) -> None:
    tab.goto(f"{FLOW}?start=page:/pricing")
    picture = tab.locator("[data-panel=flow] [data-sankey]")
    picture.wait_for()
    assert picture.locator("[tabindex='0']").count() == 1  # one tab stop
    picture.locator("[tabindex='0']").focus()
    tab.keyboard.press("ArrowRight")
    spoken = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.match(r"Step 1, .+, \d+ sessions?, \d+\.\d%", spoken)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("sel=n1"))
    assert tab.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    tab.keyboard.press("Escape")
    expect(tab).not_to_have_url(re.compile("sel="))
    end = tab.get_by_role("button", name="End", exact=True)
    end.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("combobox")).to_be_focused()
    tab.keyboard.type("checkout")
    # Enter chooses what was found, and not a goal "checkout" that nobody reached
    found = tab.locator("[data-step='goal:checkout_started']")
    expect(found).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("end=goal:checkout_started"))


@pytest.mark.sample(1)
@pytest.mark.parametrize("more", ["", "&any=1", "&w=1800&by=device"])
def test_every_number_of_a_funnel_is_the_answer_to_its_curl(
    tab: Page, server: Server, token: str, more: str
) -> None:
    tab.goto(FUNNEL + more)
    expect(tab.locator(STEP_ROWS)).to_have_count(4)
    check_funnel(tab, partial(run_curl, server, token=token))


def test_people_who_stopped_and_where_they_went_are_one_click_away(tab: Page) -> None:
    tab.goto(FUNNEL)
    stopped = tab.locator("[data-stopped='1']")
    shows = stopped.get_by_role("link", name="Show them").get_attribute("href") or ""
    assert "/visitors?" in shows
    assert "at=1-stopped" in shows
    stopped.get_by_role("link", name="Where did they go?").click()
    expect(tab.locator("h1")).to_have_text("What people do after /pricing")


@pytest.mark.sample(1)
@pytest.mark.parametrize("query", ["", "?who=wallet", "?ret=goal:signup&wk=curve"])
def test_every_number_of_retention_is_the_answer_to_its_curl(
    tab: Page, server: Server, token: str, query: str
) -> None:
    tab.goto(RETENTION + query)
    tab.locator("[data-days='7']").wait_for()
    check_retention(tab, partial(run_curl, server, token=token))


def test_a_report_is_saved_as_csv_with_all_rows(tab: Page, server: Server, token: str) -> None:
    tab.goto(FUNNEL)
    rows = rows_of(run_curl(server, curl_of(tab, "funnel"), token))
    tab.get_by_role("button", name="Export and copy").first.click()
    with tab.expect_download() as saved:
        tab.locator("[data-csv]").click()
    assert saved.value.suggested_filename == f"{SITE}-funnel.csv"
    with saved.value.path().open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [line["users"] for line in lines] == [str(row["users"]) for row in rows]


PICTURES = {
    "flow": f"{FLOW}?start=page:/pricing&rows=20&n=8",
    "funnel": f"{FUNNEL}&step=page:/{MARKUP}",
    "retention": RETENTION,
    "visitors": f"/w/{SITE}/visitors",
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_report_is_saved_as_a_picture(tab: Page, theme: str, tmp_path: Path) -> None:
    """Texts that visitors have sent are in some of them; they are drawn, and nothing else."""
    for name, path in some_of(PICTURES.items(), 2):
        tab.goto(path)
        tab.locator("[data-sankey], .funnel, tr[data-week], tbody tr").first.wait_for()
        tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        tab.get_by_role("button", name="Export and copy").first.click()
        with tab.expect_download() as saved:
            tab.locator("[data-png]").click()
        assert saved.value.suggested_filename == f"{SITE}-{name}.png"
        file = tmp_path / f"{name}-{theme}.png"
        saved.value.save_as(file)
        # the picture's corner, and how many colours it has: an empty one has those of its head
        corner, colours = tab.evaluate(SEEN_IN_PICTURE, b64encode(file.read_bytes()).decode())
        assert (sum(corner) > 3 * 200) == (theme == "light")
        assert colours > 50
        assert tab.title() != "taken"


def test_a_contract_event_of_a_flow_is_not_taken_for_a_goal(tab: Page) -> None:
    tab.goto(f"{FLOW}?start=page:/pricing&rows=20&n=10")
    node = tab.locator(f'[data-node$="{CONTRACT_EVENT}"]').first
    with tab.expect_response(lambda reply: "/steps?" in reply.url):
        node.dispatch_event("click")
    tab.locator("[data-act=start]").click()
    expect(tab.locator("h1")).to_have_text(f"What people do after {CONTRACT_EVENT}")
    expect(tab).to_have_url(re.compile("start=log:"))
    expect(tab.locator('[data-panel=flow] [data-node^="0:"]')).to_have_count(1)


def test_what_visitors_send_is_text(tab: Page) -> None:
    for query in ("?start=page:/pricing&rows=20&n=8", "?start=page:/pricing&rows=20&t.flow=table"):
        tab.goto(FLOW + query)
        panel = tab.locator("[data-panel=flow]")
        expect(panel).to_contain_text("<script>")
        check_width(tab)
    tab.goto(f"{FUNNEL}&step=page:/{MARKUP}")
    expect(tab.locator("[data-panel=funnel]")).to_contain_text(MARKUP)
    assert tab.title() != "taken"
    assert tab.locator("main script").count() == 0


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "path",
    [
        f"{FLOW}?start=page:/pricing&end=goal:checkout_started&sel=n1:/signup&rows=8",
        f"{FLOW}?start=page:/pricing&t.flow=table",
        FUNNEL,
        RETENTION,
    ],
)
def test_pages_are_accessible_in_both_themes_and_sizes(tab: Page, path: str) -> None:
    tab.goto(path)
    tab.locator("[data-panel] [role=group], [data-panel] table").first.wait_for()
    wait_until_idle(tab)
    check_looks(tab)


def test_a_phone_scrolls_the_picture_and_not_the_page(
    chromium: Browser, server: Server, ann: Member
) -> None:
    with looking(chromium, server, viewport=PHONE) as tab:
        sign_in(tab, server, ann, f"{FLOW}?start=page:/pricing&n=6")
        picture = tab.locator("[data-panel=flow] [data-sankey]")
        picture.wait_for()
        check_width(tab)
        wide = picture.evaluate(
            "svg => svg.parentElement.scrollWidth > svg.parentElement.clientWidth"
        )
        assert wide
