"""The overview shows what the API answers, in all states, and nothing but text."""

import json
import random
import re
from secrets import token_hex
from typing import Any
from urllib.parse import quote

import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import (
    SITE,
    STATES,
    Watched,
    check_axe,
    check_list,
    curl_of,
    rounded,
    settled,
    shown,
    text_of,
)
from idle import wait_until_idle
from playwright.sync_api import Locator, Page, expect
from selection import IS_ALL, some_of

from footfall.serve.dashboard import Dashboard

NASTY = (
    "<script>document.title='taken'</script>",
    "\"'><img src=x onerror=\"document.title='taken'\">",
    "=HYPERLINK(1)",
    "\u202egnp.exe \u05d0\u05d1",
    "x" * 2000,
)


needs_build = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
pytestmark = needs_build


LISTS = ("sources", "pages", "places", "technology", "referrers")


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", STATES)
def test_each_number_is_that_of_the_copied_curl(
    watched: Watched, demo: DemoServer, state: str
) -> None:
    page = settled(watched.open(SITE + state))
    for name in LISTS:
        check_list(page, demo, page.locator(f"[data-panel={name}]"))
    check_goals(page, demo)
    check_tiles(page, demo)
    check_chart(page, demo)
    check_counted(page, demo)


def test_each_thing_is_asked_for_once(watched: Watched) -> None:
    """The scripts use the answers to early requests, and do not send these requests again."""
    asked: list[str] = []
    watched.page.on("requestfinished", lambda request: asked.append(request.url))
    settled(watched.open(SITE))
    of_server = [url for url in asked if "/api/" in url]
    assert len(of_server) == len(set(of_server)) >= 8
    assert sum(url.endswith("/me") for url in of_server) == 1


def check_goals(page: Page, demo: DemoServer) -> None:
    panel = page.locator("[data-panel=goals]")
    answer = demo.run_curl(curl_of(page, panel))
    rows = panel.locator("tbody tr").all()
    assert len(rows) == min(9, len(answer["data"]))
    for row, expected in zip(rows, answer["data"], strict=False):
        assert row.get_attribute("data-row") == expected["value"]
        for field in ("visitors", "completions"):
            assert text_of(row.locator(f"[data-field={field}]")) == shown(expected[field], field)
        assert text_of(row.locator("[data-field=percentage]")) == shown(
            expected["percentage"], "rate"
        )


def check_tiles(page: Page, demo: DemoServer) -> None:
    for tile in page.locator("[data-tile]").all():
        name = tile.get_attribute("data-tile") or ""
        tile.locator("[aria-haspopup=dialog]").click()
        command = tile.locator("[data-curl]").get_attribute("data-curl")
        assert command
        answer = demo.run_curl(command)
        check_rule(tile, answer, name)
        page.keyboard.press("Escape")
        assert text_of(tile.locator("[data-value]")) == shown(answer["data"][0][name], name)
        before = answer["compare"]["data"][0][name] if "compare" in answer else None
        if before is None:
            assert tile.locator("[data-before]").count() == 0
            continue
        assert text_of(tile.locator("[data-before]")) == f"from {shown(before, name)}"
        change = answer["compare"]["change"][name]
        if before:
            assert f"{rounded(abs(change), 1)}%" in text_of(tile.locator(".before"))


def check_rule(tile: Locator, answer: dict[str, Any], name: str) -> None:
    """The fraction behind the number."""
    parts = answer["parts"][name]
    unit = {"money": "revenue", "seconds": "avg_engaged_time"}.get(parts["numerator"]["unit"], "")
    numerator = tile.locator("[data-numerator]")
    assert text_of(numerator) == shown(parts["numerator"]["value"], unit)
    if parts["denominator"]:
        denominator = tile.locator("[data-denominator]")
        assert text_of(denominator) == shown(parts["denominator"]["value"], "")


def check_chart(page: Page, demo: DemoServer) -> None:
    chart = page.locator("[data-chart]")
    answer = demo.run_curl(curl_of(page, chart))
    chart.get_by_label("As table").click()
    rows = chart.locator("tbody tr").all()
    expected = answer["data"]
    if "startAt" not in answer or len(rows) != len(expected):  # all time begins with its first row
        expected = expected[len(expected) - len(rows) :]
        assert not any(row["visitors"] for row in answer["data"][: -len(rows)])
    for row, numbers in zip(rows, expected, strict=True):
        cells = [text_of(cell) for cell in row.locator("td").all()]
        assert cells[0] == shown(numbers["visitors"], "")
        money = ("new_revenue", "renewal_revenue", "refunded_revenue")
        assert cells[-3:] == [shown(numbers[field], field) for field in money]
    chart.get_by_label("As picture").click()


def check_counted(page: Page, demo: DemoServer) -> None:
    panel = page.locator("[data-panel=counted]")
    totals = demo.run_curl(curl_of(page, panel))["totals"]
    left = sum(hits for outcome, hits in totals.items() if outcome not in ("accepted", "bot"))
    expected = {"counted": totals.get("accepted", 0), "bots": totals.get("bot", 0), "left": left}
    for kind, hits in expected.items():
        assert text_of(panel.locator(f"[data-count={kind}]")) == f"{hits:,}"


OPENERS = (
    "[aria-haspopup=dialog]:has-text('Filter')",
    "[aria-haspopup=dialog]:has-text('Last 7 days')",
    "[data-panel=sources] [aria-haspopup=menu]",
    "[data-tile=bounce_rate] [aria-haspopup=dialog]",
)


@pytest.mark.sample(1)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_and_what_opens_on_it_are_accessible(
    watched: Watched, theme: str, width: int
) -> None:
    watched.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    watched.page.set_viewport_size({"width": width, "height": 900})
    page = settled(watched.open(f"{SITE}?p=7d&f=device:Desktop"))
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"
    for opener in OPENERS:
        page.locator(opener).first.click()
        wait_until_idle(page)
        check_axe(page)
        page.keyboard.press("Escape")
    settled(watched.open(f"{SITE}?p=7d&d=pages.page"))
    page.locator("dialog tbody tr").first.wait_for()
    check_axe(page)


def test_filters_by_click_and_keyboard_and_the_way_back(watched: Watched) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    everyone = text_of(page.locator("[data-tile=visitors] [data-value]"))
    page.locator("[data-panel=sources] tbody a", has_text="Direct").click()
    expect(page).to_have_url(re.compile(r"\?p=7d&f=channel:Direct$"))
    settled(page)
    expect(page.locator("[data-panel=sources] tbody tr")).to_have_count(1)
    row = page.locator("[data-panel=technology] tbody tr").first
    row.hover()
    row.get_by_role("button", name="is not").click()
    expect(page).to_have_url(re.compile(r"f=channel:Direct&f=device:!Desktop$"))
    page.go_back()
    page.go_back()
    settled(page)
    expect(page).to_have_url(re.compile(r"\?p=7d$"))
    expect(page.locator("[data-tile=visitors] [data-value]")).to_have_text(everyone)
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(r"\?p=yesterday$"))
    page.keyboard.press("f")
    editor = page.get_by_role("dialog", name="Filters")
    editor.get_by_role("combobox").last.fill("Email")
    editor.get_by_role("option", name="Email").wait_for()
    page.keyboard.press("Enter")
    editor.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"\?p=yesterday&f=channel:Email$"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"\?p=yesterday$"))


def test_a_typed_value_counts_without_enter(watched: Watched) -> None:
    page = settled(watched.open(f"{SITE}?p=yesterday&f=device:Mobile"))
    page.keyboard.press("f")
    editor = page.get_by_role("dialog", name="Filters")
    editor.get_by_role("combobox").last.fill("Desktop")
    editor.get_by_role("button", name="And another").click()
    editor.get_by_role("combobox").last.fill("~land")
    editor.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"f=device:Mobile\|Desktop&f=country:~land$"))


def test_a_click_elsewhere_opens_what_it_opens_and_closes_the_rest(watched: Watched) -> None:
    page = settled(watched.open(f"{SITE}?p=yesterday&f=device:Mobile"))
    editor = page.get_by_role("dialog", name="Filters")
    page.locator(".chip .text").click()
    page.wait_for_timeout(300)  # it would be closed at once
    expect(editor).to_be_visible()
    page.mouse.click(5, 300)  # beside the page's content
    expect(editor).to_have_count(0)
    page.get_by_role("button", name="Compare: ").click()
    page.get_by_role("menuitem", name="Custom").click()
    page.wait_for_timeout(300)
    expect(page.locator(".anchor.period .floating")).to_be_visible()


def test_the_chart_is_one_tab_stop_that_speaks(watched: Watched, demo: DemoServer) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    rows = demo.run_curl(curl_of(page, page.locator("[data-chart]")))
    plot = page.get_by_role("application")
    plot.focus()
    page.keyboard.press("Home")
    spoken = page.locator("[data-spoken]")
    expect(spoken).to_have_text(
        f"Saturday 21 November, {rows['data'][0]['visitors']} Visitors,"
        f" {rows['compare']['data'][0]['visitors']} in the period before"
    )
    page.keyboard.press("ArrowRight")
    expect(spoken).to_have_text(re.compile("^Sunday 22 November, "))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"p=2026-11-22\.\.2026-11-22$"))


def test_details_are_searched_sorted_and_paged_with_an_address_of_their_own(
    watched: Watched, demo: DemoServer
) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    page.locator("[data-panel=pages] .panel-foot a").first.click()
    dialog = page.get_by_role("dialog", name="Pages: Page")
    dialog.get_by_label("Search pages").fill("docs")
    expect(page).to_have_url(re.compile(r"d=pages\.page&q=docs$"))
    dialog.get_by_role("button", name="Sessions").click()
    expect(page).to_have_url(re.compile(r"q=docs&sort=sessions$"))
    page.reload()
    dialog.locator("tbody tr").first.wait_for()
    values = [row.get_attribute("data-row") for row in dialog.locator("tbody tr").all()]
    week = {"startAt": "2026-11-21", "endAt": "2026-11-27", "domain": "demo.example"}
    answer = demo.get("/pages", search="docs", sort="sessions", limit="50", **week)
    assert values == [row["value"] for row in answer["data"]]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_random_addresses_show_a_page(watched: Watched) -> None:
    choice = random.Random(NOW_MS)
    names = ["p", "c", "f", "i", "b", "m", "d", "q", "t.pages", "sort", "page", "start", "x", "é"]
    values = ["7d", "", "today", "..", "channel:Direct", "country:!~%", "hour", "<b>", "-1"]
    values += [
        "pages.page",
        "%00",
        "2026-11-31..",
        "2026-11-01..2026-11-03",
        "9" * 40,
        "\U0001f600",
    ]
    for _ in range(50 if IS_ALL else 8):
        pairs = [(choice.choice(names), choice.choice(values)) for _ in range(choice.randint(0, 5))]
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
        page = watched.open(f"{SITE}?{query}")
        expect(page.locator("[data-tile=visitors] [data-value]")).to_be_visible()
        assert page.locator("main").inner_text().strip()


def tags(text: str) -> str:
    return f"?utm_campaign={quote(text)}&utm_source={quote(text)}"


def test_what_visitors_choose_is_shown_as_text(watched: Watched, demo: DemoServer) -> None:
    domain = f"nasty-{token_hex(4)}.example"  # another one when the test is tried again
    website = demo.server.catalog.add_website(domain, now_ms=NOW_MS)
    demo.server.registry.refresh()
    secret, _ = demo.server.catalog.add_token(
        website_id=website.id, scopes=("read", "write"), now_ms=NOW_MS
    )
    events = [
        {
            "url": f"https://{domain}/{quote(text)}" + (tags(text) if len(text) < 1000 else ""),
            "visitorUid": f"v{number}",
            "title": text,
            "timestamp": "2026-11-28T09:00:00+01:00",
        }
        for number, text in enumerate(NASTY)
    ]
    answer = watched.context.request.post(
        f"{demo.url}/api/v1/events", data=events, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status == 202, answer.text()
    listed: list[dict[str, Any]] = []
    for _ in range(100):
        listed = demo.get("/pages", domain=domain)["data"]
        if len(listed) == len(events):
            break
        watched.page.wait_for_timeout(100)
    assert len(listed) == len(events)
    page = settled(watched.open(f"/w/{domain}?p=today&c=off&t.sources=campaign"))
    pages = page.locator("[data-panel=pages]")
    values = [row.get_attribute("data-row") for row in pages.locator("tbody tr").all()]
    assert sorted(map(str, values)) == sorted(row["value"] for row in listed)
    assert "taken" not in page.title()
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for value in some_of([row["value"] for row in listed], 2):
        settled(watched.open(f"/w/{domain}?p=today&c=off"))
        pages.locator("tbody tr").nth([row["value"] for row in listed].index(value)).locator(
            "a"
        ).click()
        settled(page)
        expect(pages.locator("tbody tr")).to_have_count(1)
        assert pages.locator("tbody tr").get_attribute("data-row") == value
    assert "taken" not in page.title()


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (500, {}, "error 500"),
        (503, {"Retry-After": "30"}, "Tries again in"),
        (429, {"Retry-After": "7"}, "error 429"),
    ],
)
def test_errors_name_their_code_and_are_tried_again(
    watched: Watched, status: int, headers: dict[str, str], says: str
) -> None:
    """The server's answers, as a proxy in front of it would replace them."""
    detail = {"code": status, "message": "Not now"}
    body = json.dumps({"status": "error", "error": detail, "requestId": "r1"})
    broken = re.compile(r"/api/v1/(goals|breakdown|overview)\?")
    watched.expected_status = status
    watched.page.route(
        broken, lambda route: route.fulfill(status=status, body=body, headers=headers)
    )
    page = watched.open(f"{SITE}?p=7d")
    panel = page.locator("[data-panel=goals]")
    expect(panel.get_by_role("alert")).to_contain_text("Not now")
    expect(panel.get_by_role("alert")).to_contain_text(says)
    expect(panel.get_by_role("alert")).to_contain_text("r1")
    check_axe(page)
    page.unroute(broken)
    panel.get_by_role("button", name="Retry").click()
    expect(panel.locator("tbody tr").first).to_be_visible()
