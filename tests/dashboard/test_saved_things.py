"""Segments, funnels and flows are saved, used, changed and deleted in the pages."""

import json
import re
from collections.abc import Iterator
from secrets import token_hex

import pytest
from browser import WAIT_S
from dashboard.path_site import SITE, add_paths, run_curl
from dashboard.shown import NASTY, PHONE, add_member, check_looks, looking, sign_in
from e2e.server import BASE, Server, running
from idle import wait_until_idle
from playwright.sync_api import Browser, Locator, Page, expect

from footfall.model.member import Member
from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
OVERVIEW = f"/w/{SITE}"
FLOW = f"/w/{SITE}/flow"
FUNNELS = f"/w/{SITE}/funnels"
STEPS = "step=page:/pricing&step=goal:signup"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("saved") / "data") as server:
        add_paths(server)
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token(None, "read", "write", "manage", kind="flow")


@pytest.fixture(scope="module")
def tab(chromium: Browser, server: Server, ann: Member) -> Iterator[Page]:
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann, OVERVIEW)
        yield tab


def menu(tab: Page, name: str) -> Locator:
    """The open menu of what is saved, with its rows."""
    tab.get_by_role("button", name=name, exact=True).press("Enter")
    box = tab.locator("[data-saved]")
    expect(box.locator("[aria-busy=true]")).to_have_count(0)
    return box


def save(tab: Page, box: Locator, button: str, name: str) -> None:
    """By keyboard: the name has the focus as soon as the form appears."""
    box.get_by_role("button", name=button).press("Enter")
    expect(box.get_by_label("Name")).to_be_focused()
    tab.keyboard.type(name)
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-saved-form]")).to_have_count(0)


def add(server: Server, token: str, path: str, **body: object) -> str:
    """Save something for everybody; its ID."""
    given = {"personal": False, **body}
    status, answer = server.ask("POST", f"{BASE}{path}?domain={SITE}", token, given)
    assert status in (200, 201), answer
    row = answer["data"]
    return str((row[0] if isinstance(row, list) else row)["id"])


def visitors_shown(tab: Page) -> str:
    wait_until_idle(tab)
    return tab.locator("[data-tile=visitors] [data-value]").inner_text()


def test_a_segment_is_saved_used_changed_and_deleted(tab: Page, server: Server, token: str) -> None:
    tab.goto(f"{OVERVIEW}?f=page:/signup")
    filtered = visitors_shown(tab)
    save(tab, menu(tab, "Segments"), "Save the current filters", "Signed up")
    expect(tab).to_have_url(re.compile(r"\?s=seg_[\w-]+$"))
    chip = tab.locator("[data-segment]")
    expect(chip).to_contain_text("Signed up")
    expect(chip).to_contain_text("/signup")
    assert visitors_shown(tab) == filtered
    assert filtered != str(server.get("/overview", token, domain=SITE)["data"][0]["visitors"])

    # the command of each panel asks for the same
    tab.get_by_role("button", name=re.compile("^Pages: ")).click()
    command = tab.locator("[role=menu] [data-curl]").get_attribute("data-curl") or ""
    tab.keyboard.press("Escape")
    assert "filter_page=/signup" in command
    assert str(run_curl(server, command, token)["totals"]["visitors"]) == filtered

    # other reports, a loaded page and a filter beside it keep the segment
    tab.goto(tab.url.replace(OVERVIEW, f"{FUNNELS}/new") + f"&{STEPS}")
    expect(chip).to_contain_text("Signed up")
    steps = '[{"type":"event","event":"page","resolved_event":"/pricing"},'
    steps += '{"type":"event","event":"signup"}]'
    both = server.get("/funnel", token, domain=SITE, steps=steps, filter_page="/signup")
    shown = tab.locator("[data-step='1'] [data-users]")
    expect(shown).to_have_text(str(both["data"][0]["users"]))

    box = menu(tab, "Segments")
    box.get_by_role("button", name="Edit Signed up").press("Enter")
    box.get_by_label("Name").fill("Came to sign up")
    box.get_by_label("Who sees it").select_option("everybody")
    box.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(chip).to_contain_text("Came to sign up")
    (row,) = server.get("/segments", token, domain=SITE)["data"]
    assert (row["name"], row["personal"]) == ("Came to sign up", False)

    box.get_by_role("button", name="Edit Came to sign up").press("Enter")
    box.get_by_role("button", name="Delete", exact=True).press("Enter")
    box.get_by_role("button", name="Delete it for good").press("Enter")
    expect(chip).to_have_count(0)
    assert "s=seg" not in tab.url
    assert server.get("/segments", token, domain=SITE)["data"] == []


def test_the_current_filters_replace_those_of_a_segment(
    tab: Page, server: Server, token: str
) -> None:
    filters = [{"dimension": "page", "value": "/docs"}]
    row = add(server, token, "/segments", name="Readers", filters=filters)
    tab.goto(f"{OVERVIEW}?f=goal:signup&s={row}")
    box = menu(tab, "Segments")
    box.get_by_role("button", name="Edit Readers").press("Enter")
    box.get_by_label("Replace its filters").check()
    box.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(tab.locator("[data-saved-form]")).to_have_count(0)
    (changed,) = server.get("/segments", token, domain=SITE)["data"]
    assert changed["filters"] == [*filters, {"dimension": "goal", "value": "signup"}]
    assert server.ask("DELETE", f"{BASE}/segments/{row}?domain={SITE}", token)[0] == 200


def test_an_unknown_segment_is_dropped_with_a_notice(tab: Page, server: Server, token: str) -> None:
    tab.goto(f"{OVERVIEW}?s=seg_gone")
    notice = tab.get_by_role("status").filter(has_text="s=seg_gone")
    expect(notice).to_be_visible()
    everybody = server.get("/overview", token, domain=SITE)  # of all time
    assert everybody["data"][0]["visitors"] > 0
    assert int(visitors_shown(tab)) > 0
    notice.get_by_role("button").click()
    expect(tab).to_have_url(re.compile(rf"{OVERVIEW}$"))


def test_a_funnel_is_saved_opened_changed_and_deleted(tab: Page) -> None:
    name = f"To the sign-up {token_hex(2)}"  # an attempt that failed may have left one
    tab.goto(f"{FUNNELS}/new?{STEPS}&w=3600")
    save(tab, menu(tab, "Saved funnels"), "Save this funnel", name)
    expect(tab).to_have_url(re.compile(r"/funnels/fun_[\w-]+\?w=3600&step="))
    address = tab.url.split("?")[0]
    expect(tab.locator("[data-users]")).to_have_text([re.compile(r"\d")] * 2)
    counts = tab.locator("[data-users]").all_inner_texts()

    tab.goto(address)  # without settings: those that were saved
    expect(tab).to_have_url(re.compile(r"w=3600"))
    expect(tab.locator("[data-now]")).to_have_text(name)
    expect(tab.locator("[data-users]")).to_have_text(counts)

    tab.get_by_role("button", name="Any order").click()
    expect(tab.locator("[data-now]")).to_contain_text("changed, not saved")
    box = menu(tab, "Saved funnels")
    box.get_by_role("button", name=f"Edit {name}").press("Enter")
    box.get_by_label("Replace it with the funnel").check()
    box.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(tab.locator("[data-now]")).to_have_text(name)
    tab.goto(address)
    expect(tab).to_have_url(re.compile(r"any=1"))

    box = menu(tab, "Saved funnels")
    box.get_by_role("button", name=f"Edit {name}").press("Enter")
    box.get_by_role("button", name="Delete", exact=True).press("Enter")
    box.get_by_role("button", name="Delete it for good").press("Enter")
    expect(tab).to_have_url(re.compile(r"/funnels/new\?"))
    tab.goto(address)
    expect(tab.get_by_role("status").filter(has_text="There is no saved funnel")).to_be_visible()


def test_a_flow_is_opened_as_it_was_saved(tab: Page) -> None:
    query = "start=page:/pricing&through=page:/docs&end=goal:signup&x=page:/blog/a&mode=only"
    query += "&n=6&rows=7&w=3600&merge=1&left=0"
    tab.goto(f"{FLOW}?{query}")
    save(tab, menu(tab, "Saved flows"), "Save this flow", "Long way")
    expect(tab.locator("[data-now]")).to_have_text("Long way")
    address, _, settings = tab.url.partition("?")
    assert "/flow/flo_" in address
    tab.goto(address)
    expect(tab).to_have_url(f"{address}?{settings}")
    tab.get_by_role("button", name="Backward").click()
    expect(tab.locator("[data-now]")).to_contain_text("changed, not saved")
    tab.go_back()
    expect(tab.locator("[data-now]")).to_have_text("Long way")


def test_names_are_text_and_menus_are_accessible(tab: Page, server: Server, token: str) -> None:
    names = [name[:200] for name in (*NASTY, "=HYPERLINK(1)")]
    steps = [{"type": "event", "event": "signup"}, {"type": "event", "event": "page"}]
    bodies: dict[str, dict[str, object]] = {
        "/segments": {"filters": [{"dimension": "page", "value": "W" * 2000}]},
        "/funnels": {"parameters": {"steps": json.dumps(steps)}},
        "/flows": {"parameters": {"start_step": json.dumps(steps[0])}},
    }
    for path, content in bodies.items():
        for name in names:
            add(server, token, path, name=name, **content)
    for path, button, page in (
        ("/segments", "Segments", OVERVIEW),
        ("/funnels", "Saved funnels", FUNNELS),
        ("/flows", "Saved flows", FLOW),
    ):
        rows = server.get(path, token, domain=SITE)["data"]
        # each of them in use, at first by its address
        used = next(row for row in rows if row["name"].startswith("WWW"))
        tab.goto(f"{page}?s={used['id']}" if path == "/segments" else f"{page}/{used['id']}")
        box = menu(tab, button)
        for row in rows:
            shown = box.locator(f"[data-id='{row['id']}']")
            expect(shown).to_contain_text(row["name"])
        expect(box.locator("script, img")).to_have_count(0)
        box.get_by_role("button", name="Edit WWW").press("Enter")
        expect(box.get_by_label("Name")).to_have_value(used["name"])
        wait_until_idle(tab)
        expect(tab.locator("[aria-busy=true]")).to_have_count(0)  # which is paler
        check_looks(tab)


def test_a_viewer_sees_what_is_shared_and_changes_their_own(
    chromium: Browser, server: Server, token: str, ann: Member
) -> None:
    row = add(
        server, token, "/segments", name="Shared", filters=[{"dimension": "goal", "value": "*"}]
    )
    viewer = add_member(server, "vic@example.com", "viewer", name="Vic Viewer")
    with looking(chromium, server) as tab:
        tab.set_default_timeout(WAIT_S * 1000)
        sign_in(tab, server, viewer, f"{OVERVIEW}?f=page:/docs")
        box = menu(tab, "Segments")
        expect(box.locator(f"[data-id='{row}']")).to_be_visible()
        expect(box.get_by_role("button", name="Edit Shared")).to_have_count(0)
        box.get_by_role("button", name="Save the current filters").click()
        expect(box.get_by_label("Who sees it")).to_be_disabled()
        box.get_by_label("Name").fill("Vic's own")
        box.get_by_role("button", name="Save", exact=True).click()
        expect(tab.locator("[data-segment]")).to_contain_text("Vic's own")
        box = menu(tab, "Segments")
        expect(box.get_by_role("button", name="Edit Vic's own")).to_be_visible()
    with looking(chromium, server) as tab:
        sign_in(tab, server, ann, OVERVIEW)
        box = menu(tab, "Segments")
        expect(box.locator(f"[data-id='{row}']")).to_be_visible()
        expect(box.get_by_text("Vic's own")).to_have_count(0)


def test_a_menu_stays_in_the_window_of_a_phone(
    chromium: Browser, server: Server, ann: Member
) -> None:
    with looking(chromium, server, viewport=PHONE) as tab:
        for path, button in ((OVERVIEW, "Segments"), (f"{FUNNELS}?{STEPS}", "Saved funnels")):
            sign_in(tab, server, ann, path)
            box = menu(tab, button)
            expect(box.locator("ul, p")).to_have_count(1)
            shown = box.bounding_box()
            assert shown
            assert shown["x"] >= 0
            assert shown["x"] + shown["width"] <= PHONE["width"]


def test_what_was_saved_with_conditions_is_not_counted_without_them(
    tab: Page, server: Server, token: str
) -> None:
    condition = {"field": "device", "op": "equals", "value": "mobile"}
    start = {"type": "event", "event": "page", "resolved_event": "/pricing"}
    steps = [start, {"type": "event", "event": "signup", "filters": [condition]}]
    parameters = {"steps": json.dumps(steps)}
    funnel = add(server, token, "/funnels", name="On phones", parameters=parameters)
    parameters = {"start_step": json.dumps(start), "global_filters": json.dumps([condition])}
    flow = add(server, token, "/flows", name="Phones' way", parameters=parameters)
    try:
        tab.goto(FUNNELS)
        line = tab.locator(f"[data-funnel='{funnel}']")
        expect(line.locator("[data-unheld]")).to_be_visible()
        expect(line.locator("[data-started]")).to_have_count(0)
        line.get_by_role("link").click()
        for path, button, name in (
            (f"{FUNNELS}/{funnel}", "Saved funnels", "On phones"),
            (f"{FLOW}/{flow}", "Saved flows", "Phones' way"),
        ):
            expect(tab).to_have_url(path if button == "Saved flows" else re.compile(path))
            notice = tab.get_by_role("status").filter(has_text=name)
            expect(notice).to_be_visible()
            expect(tab.locator("[data-panel]")).to_have_count(0)
            expect(tab.locator("[data-now]")).to_have_text(name)
            check_looks(tab)
            box = menu(tab, button)
            row = box.locator(f"[data-id='{path.rpartition('/')[2]}']")
            expect(row).to_contain_text("and conditions that are not shown")
            box.get_by_role("button", name=f"Edit {name}").press("Enter")
            expect(box.get_by_label("Name")).to_have_value(name)
            expect(box.get_by_label("Replace it")).to_have_count(0)
            tab.keyboard.press("Escape")
            notice.get_by_role("link", name="Show its steps without the conditions").click()
            expect(tab).to_have_url(re.compile(r"[?&](step|start)=page:/pricing"))
            expect(tab.locator("[data-panel]").first).to_be_visible()
            tab.goto(f"{FLOW}/{flow}")
    finally:
        for path, row_id in (("/funnels", funnel), ("/flows", flow)):
            assert server.ask("DELETE", f"{BASE}{path}/{row_id}?domain={SITE}", token)[0] == 200


def test_the_list_of_funnels_follows_the_menu(tab: Page, server: Server, token: str) -> None:
    steps = [{"type": "event", "event": "signup"}, {"type": "event", "event": "page"}]
    row = add(server, token, "/funnels", name="First", parameters={"steps": json.dumps(steps)})
    tab.goto(FUNNELS)
    line = tab.locator(f"[data-funnel='{row}']")
    expect(line).to_contain_text("First")
    box = menu(tab, "Saved funnels")
    box.get_by_role("button", name="Edit First").press("Enter")
    box.get_by_label("Name").fill("Second")
    box.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(line).to_contain_text("Second")
    box.get_by_role("button", name="Edit Second").press("Enter")
    box.get_by_role("button", name="Delete", exact=True).press("Enter")
    box.get_by_role("button", name="Delete it for good").press("Enter")
    expect(line).to_have_count(0)


def test_funnels_below_the_window_are_counted_when_they_are_reached(
    tab: Page, server: Server, token: str
) -> None:
    steps = [{"type": "event", "event": "signup"}, {"type": "event", "event": "page"}]
    parameters = {"steps": json.dumps(steps)}
    rows = [add(server, token, "/funnels", name=f"F{n}", parameters=parameters) for n in range(15)]
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    before = tab.viewport_size
    assert before
    tab.set_viewport_size({"width": before["width"], "height": 800})
    try:
        tab.goto(FUNNELS)
        lines = tab.locator("[data-funnel]")
        expect(lines.first.locator("[data-started]")).not_to_have_text("–")
        wait_until_idle(tab)
        assert len([url for url in asked if "/funnel?" in url]) < lines.count()
        expect(lines.last.locator("[data-started]")).to_have_text("–")
        lines.last.scroll_into_view_if_needed()
        expect(lines.last.locator("[data-started]")).not_to_have_text("–")
    finally:
        tab.set_viewport_size(before)
        for row in rows:
            assert server.ask("DELETE", f"{BASE}/funnels/{row}?domain={SITE}", token)[0] == 200


def test_saved_funnels_are_listed_with_their_numbers(tab: Page, server: Server, token: str) -> None:
    steps = [
        {"type": "event", "event": "page", "resolved_event": "/pricing"},
        {"type": "event", "event": "signup"},
    ]
    parameters = {"steps": json.dumps(steps), "window_seconds": "3600"}
    row = add(server, token, "/funnels", name="Listed", parameters=parameters)
    tab.goto(FUNNELS)
    line = tab.locator(f"[data-funnel='{row}']")
    answer = server.get("/funnel", token, domain=SITE, **parameters)  # all of it is recent
    first, last = answer["data"][0]["users"], answer["data"][-1]["users"]
    expect(line.locator("[data-started]")).to_have_text(str(first))
    expect(line.locator("[data-completed]")).to_have_text(str(last))
    share = f"{100 * answer['data'][-1]['conversion_from_start']:.2f}%"
    expect(line.locator("[data-conversion]")).to_have_text(share)
    check_looks(tab)
    line.get_by_role("link").click()
    expect(tab).to_have_url(re.compile(rf"/funnels/{row}\?w=3600&step="))
    expect(tab.locator("[data-now]")).to_have_text("Listed")
    expect(tab.locator("[data-users]").first).to_have_text(str(first))
