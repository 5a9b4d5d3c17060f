"""Two segments beside each other: every number of both sides is the answer to its own curl."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.path_numbers import check_cohort, nodes_of, share_text
from dashboard.shown import NASTY, check_looks, check_width
from dashboard.watched import SITE, Watched, cells_of, check_axe, duration, rounded, text_of
from idle import wait_until_idle
from playwright.sync_api import Locator, Page, Route, expect

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
STATES = ["?p=7d", "?p=7d&b=in&f=country:!Germany", "?p=2026-11-16..2026-11-19&f=page:/pricing"]
TABS = "&t.pages=entry_page&t.places=city&t.technology=browser&t.sources=all_params"
TILES = {
    "visitors": lambda number: f"{number:,}",
    "sessions": lambda number: f"{number:,}",
    "bounce_rate": lambda number: f"{rounded(number, 1)}%",
    "avg_engaged_time": duration,
    "kpi_conversion_rate": lambda number: f"{rounded(number, 2)}%",
    "conversion_rate": lambda number: f"{rounded(number, 2)}%",
    "revenue_per_visitor": lambda number: f"${rounded(number, 2)}",
}
FUNNEL = "&step=page:/pricing&step=goal:signup&step=goal:payment"
FLOW = "&start=page:/pricing&end=goal:checkout_started"
SIDES = ("a", "b")


@pytest.fixture(scope="module")
def pair(demo: DemoServer) -> str:
    """Two segments, as the address names them."""
    first = add(demo, "Organic Search", ("channel", "Organic Search"))
    second = add(demo, "Elsewhere", ("channel", "Organic Social|Email"))
    return f"&s={first}&s2={second}"


def add(demo: DemoServer, name: str, *filters: tuple[str, str]) -> str:
    content = json.dumps([{"dimension": name, "value": value} for name, value in filters])
    now = demo.server.clock()
    saved = demo.server.catalog.saved
    return saved.add(demo.website.id, "segment", None, name, content, now_ms=now).id


def opened(watched: Watched, path: str) -> Page:
    page = watched.open(path)
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page


def answers(page: Page, demo: DemoServer, block: Locator, name: str) -> list[dict[str, Any]]:
    """What the two commands of a block's menu answer: A's, then B's."""
    block.get_by_role("button", name=f"{name}: export and copy, A and B").click()
    commands = [
        block.locator(f"[data-curl][data-side={side}]").get_attribute("data-curl") or ""
        for side in "AB"
    ]
    page.keyboard.press("Escape")
    return [demo.run_curl(command) for command in commands]


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", STATES)
def test_each_number_of_both_sides_is_that_of_its_curl(
    watched: Watched, demo: DemoServer, pair: str, state: str
) -> None:
    page = opened(watched, SITE + state + pair)
    check_tiles(page, demo)
    panels = page.locator("[data-panel]")
    assert panels.count() == 6
    for panel in panels.all():
        check_panel(page, demo, panel)
    page.goto(SITE + state + pair + TABS)
    wait_until_idle(page)
    for name in ("pages", "places", "technology", "sources"):
        check_panel(page, demo, page.locator(f"[data-panel={name}]"))


def check_tiles(page: Page, demo: DemoServer) -> None:
    sides = answers(page, demo, page.locator("main"), "Numbers")
    tiles = page.locator("[data-tile]")
    assert tiles.evaluate_all("all => all.map((tile) => tile.dataset.tile)") == list(TILES)
    for field, write in TILES.items():
        for side, answer in zip(SIDES, sides, strict=True):
            text = page.locator(f"[data-tile={field}] [data-side={side}]")
            assert text_of(text) == write(answer["data"][0][field]), (field, side)


def check_panel(page: Page, demo: DemoServer, panel: Locator) -> None:
    is_goals = panel.get_attribute("data-panel") == "goals"
    digits = 2 if is_goals else 1
    sides = answers(page, demo, panel, text_of(panel.locator("h2")))
    shares = [shares_of(answer) for answer in sides]
    rows = cells_of(panel.locator("tbody tr"), "td")
    keys = {key for side in shares for key in side}
    assert len(rows) == min(9, len(keys))
    for value, cells in rows:
        assert tuple(cells) in [
            written(shares[0].get(key, Decimal(0)), shares[1].get(key, Decimal(0)), digits)
            for key in keys
            if key[0] == value
        ]


def shares_of(answer: dict[str, Any]) -> dict[tuple[str, str, str], Decimal]:
    return {
        (row["value"], row.get("region") or "", row.get("countryCode") or ""): Decimal(
            repr(row["percentage"])
        )
        for row in answer["data"]
    }


def written(a: Decimal, b: Decimal, digits: int) -> tuple[str, str, str]:
    """A row's cells: both shares, and the points between them."""
    by = a - b
    size = rounded(float(abs(by)), digits)
    sign = "" if not Decimal(size.replace(",", "")) else "+" if by > 0 else "−"
    return (
        f"{rounded(float(a), digits)}%",
        f"{rounded(float(b), digits)}%",
        f"{sign}{size} pts",
    )


@pytest.mark.sample(1)
@pytest.mark.parametrize("metric", ["bounce_rate", "kpi_conversion_rate"])
def test_the_chart_has_a_line_of_each_side(
    watched: Watched, demo: DemoServer, pair: str, metric: str
) -> None:
    page = opened(watched, f"{SITE}?p=7d{pair}")
    tile = page.locator(f"[data-tile={metric}]")
    name = text_of(tile.locator(".choose"))
    tile.locator(".choose").click()
    chart = page.locator("[data-chart]")
    plot = chart.get_by_role("application")
    plot.focus()
    page.keyboard.press("Home")
    sides = answers(page, demo, chart, name)
    first = [f"{rounded(side['data'][0][metric], 1)}%" for side in sides]
    plot.focus()
    page.keyboard.press("Home")
    card = page.locator("[data-hover]")
    expect(card).to_contain_text(f"A Organic Search{first[0]}")
    expect(card).to_contain_text(f"B Elsewhere{first[1]}")
    expect(page.locator("[data-spoken]")).to_contain_text(f"B Elsewhere: {first[1]}")
    chart.get_by_role("button", name="As table").click()
    rows = chart.locator("tbody tr")
    expect(rows).to_have_count(7)
    for place, row in enumerate(rows.all()):
        cells = [text_of(cell) for cell in row.locator("td").all()]
        assert cells == [f"{rounded(side['data'][place][metric], 1)}%" for side in sides]


def test_the_chart_shows_each_bucket_as_a_share_of_its_own_segment(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    page = opened(watched, f"{SITE}?p=7d{pair}")
    chart = page.locator("[data-chart]")
    wholes = [
        answer["data"][0]["visitors"]
        for answer in answers(page, demo, page.locator(".menu-at"), "Numbers")
    ]
    sides = answers(page, demo, chart, "Visitors")
    chart.get_by_role("button", name="Share of own").click()
    expect(page).to_have_url(re.compile("[?&]own=1"))
    chart.get_by_role("button", name="As table").click()
    for place, row in enumerate(chart.locator("tbody tr").all()):
        cells = [text_of(cell) for cell in row.locator("td").all()]
        numbers = [side["data"][place]["visitors"] for side in sides]
        assert cells == [
            f"{rounded(100 * number / whole, 1)}%"
            for number, whole in zip(numbers, wholes, strict=True)
        ]
    page.locator("[data-tile=bounce_rate] .choose").click()
    expect(chart.get_by_role("button", name="Share of own")).to_have_count(0)
    page.locator("[data-tile=visitors] .choose").click()
    chart.get_by_role("button", name="Counts").click()
    expect(page).not_to_have_url(re.compile("[?&]own="))
    expect(chart.locator("tbody td").first).to_have_text(f"{sides[0]['data'][0]['visitors']:,}")


def test_each_side_of_a_tile_has_its_own_rule(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    page = opened(watched, f"{SITE}?p=7d{pair}")
    tile = page.locator("[data-tile=kpi_conversion_rate]")
    name = text_of(tile.locator(".choose"))
    for side, segment in (("a", "A, Organic Search"), ("b", "B, Elsewhere")):
        tile.get_by_role("button", name=f"{segment}: {name}").click()
        card = page.get_by_role("dialog").filter(has_text=segment)
        expect(card.locator(".made-of")).to_be_visible()
        answer = demo.run_curl(card.locator("[data-curl]").get_attribute("data-curl") or "")
        number = f"{rounded(answer['data'][0]['kpi_conversion_rate'], 2)}%"
        assert text_of(tile.locator(f"[data-side={side}]")) == number
        page.keyboard.press("Escape")


@pytest.mark.sample(1)
@pytest.mark.parametrize("path", ["?p=7d", f"/funnels/new?p=7d{FUNNEL}", f"/flow?p=7d{FLOW}"])
def test_every_block_explains_its_numbers(watched: Watched, pair: str, path: str) -> None:
    page = opened(watched, SITE + path + pair)
    menus = page.get_by_role("button", name=re.compile(": export and copy, A and B$"))
    assert menus.count()
    for menu in menus.all():
        menu.click()
        page.get_by_role("menuitem", name="How it is counted").click()
        rules = page.get_by_role("dialog").locator("[data-rule]")
        expect(rules.first).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name="Close").click()
        expect(rules).to_have_count(0)


def test_a_block_asks_once_for_each_side(watched: Watched, pair: str) -> None:
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    opened(watched, f"{SITE}?p=7d{pair}")
    paths = [re.sub(r".*/api/v1|\?.*", "", url) for url in asked if "/api/v1/" in url]
    counts = {path: paths.count(path) for path in set(paths)}
    assert (counts["/overview"], counts["/timeseries"]) == (2, 2)
    assert (counts["/breakdown"], counts["/goals"]) == (2, 2)
    assert not any("compare=" in url for url in asked)


def test_a_day_that_is_not_over_is_asked_for_again(timed: Watched, pair: str) -> None:
    page = timed.page
    page.clock.install(time=NOW_MS / 1000)
    opened(timed, f"{SITE}?p=today&t.pages=entry_page{pair}")
    page.locator("[data-panel=places] [data-tab=city]").click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    wait_until_idle(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(re.sub(r".*/api/v1|\?.*", "", request.url)))
    with page.expect_response(re.compile("/goals")):
        page.clock.run_for(61_000)
    wait_until_idle(page)
    counts = {path: asked.count(path) for path in ("/overview", "/timeseries", "/goals")}
    assert counts == {"/overview": 2, "/timeseries": 2, "/goals": 2}
    assert asked.count("/breakdown") == 2 + 2  # of the first tabs, and of the one that was opened


@pytest.mark.parametrize("name", ["weeks", "curve"])
def test_retention_has_both_sides(watched: Watched, demo: DemoServer, pair: str, name: str) -> None:
    curve = "&wk=curve" if name == "curve" else ""
    page = opened(watched, f"{SITE}/retention?p=7d{pair}{curve}")
    panel = page.locator("[data-panel=retention]")
    sides = [answer["data"][0] for answer in answers(page, demo, panel, "Retention")]
    for days in (7, 30, 90):
        for side, answer in zip(SIDES, sides, strict=True):
            check_days(panel.locator(f"[data-days='{days}'] [data-side={side}]"), answer, days)
    weeks = {cohort["cohort_week"] for answer in sides for cohort in answer["user"]}
    assert weeks
    rows = panel.locator("tr[data-week]")
    if curve:
        expect(rows).to_have_count(0)
        label = panel.get_by_role("img").get_attribute("aria-label") or ""
        assert "A: week 1 " in label
        assert "; B: week 1 " in label
        return
    expect(rows).to_have_count(2 * len(weeks))
    for side, answer in zip(SIDES, sides, strict=True):
        for cohort in answer["user"]:
            row = f"tr[data-week='{cohort['cohort_week']}'][data-side={side}]"
            check_cohort(panel.locator(row).locator("td"), cohort)


def check_days(shown: Locator, answer: dict[str, Any], days: int) -> None:
    metric = answer["metric"]
    rate = metric[f"day{days}_retention_rate"]
    expect(shown.locator("b")).to_have_text("–" if rate is None else share_text(rate))
    if rate is not None:
        facts = f"{metric[f'day{days}_retained']:,} of {metric[f'day{days}_users']:,} "
        expect(shown).to_contain_text(facts)


def test_retention_explains_two_segments_and_fits(watched: Watched, pair: str) -> None:
    for curve in ("", "&wk=curve"):
        page = opened(watched, f"{SITE}/retention?p=7d{pair}{curve}")
        check_every_look(page)
    expect(page.get_by_text("not on this report")).to_have_count(0)
    page.get_by_role("button", name="Retention: export and copy, A and B").click()
    page.get_by_role("menuitem", name="How it is counted").click()
    expect(page.get_by_role("dialog").locator("[data-rule]").first).to_be_visible()


def test_retention_of_b_is_no_zero_while_it_loads(watched: Watched, pair: str) -> None:
    page, held = watched.page, list[Route]()
    page.route(re.compile(r"/api/v1/retention\?.*Email"), lambda route: held.append(route))
    watched.open(f"{SITE}/retention?p=7d{pair}")
    b = page.locator("tr[data-side=b]")
    expect(b.first).to_be_visible()
    for row in b.all():
        expect(row.locator("td.people")).to_have_text("…")
        expect(row.locator("td").last).to_have_text("loading")
    for days in (7, 30, 90):
        expect(page.locator(f"[data-days='{days}'] [data-side=b]")).to_contain_text("loading")
    expect(page.get_by_text("fewer than 10 people")).to_have_count(0)
    held[0].continue_()
    expect(b.first.locator("td.people")).to_have_text(re.compile("[1-9]"))
    expect(page.get_by_text("loading")).to_have_count(0)


def test_retention_says_which_weeks_a_side_does_not_list(watched: Watched, pair: str) -> None:
    """A has its newest 52 weeks, and B older ones: nothing is known of A in those."""
    monday = date(2025, 11, 24)
    newest = [cohort_of(monday + timedelta(weeks=number)) for number in range(52)]
    older = [cohort_of(monday - timedelta(weeks=1)), *newest[2:]]

    def answer(route: Route) -> None:
        user = older if "Email" in route.request.url else newest
        route.fulfill(json={"status": "success", "data": [{"metric": {}, "user": user}]})

    watched.page.route(re.compile(r"/api/v1/retention\?"), answer)
    page = opened(watched, f"{SITE}/retention?p=2025-01-01..2026-11-28{pair}")
    first = page.locator(f"tr[data-week='{monday - timedelta(weeks=1)}'][data-side=a]")
    expect(first.locator("td.people")).to_have_text("…")
    expect(first.locator("td").last).to_have_text("not listed")
    few = page.locator(f"tr[data-week='{monday}'][data-side=b]")
    expect(few.locator("td.people")).to_have_text("–")
    expect(few.locator("td").last).to_have_text("fewer than 10 people")
    expect(page.get_by_text("the report lists 52 weeks of each segment")).to_be_visible()
    check_axe(page)
    check_width(page)


def cohort_of(week: date) -> dict[str, Any]:
    return {"cohort_week": week.isoformat(), "num_users": 20, "week_0": 1, "week_1": 0.1}


def test_segments_are_chosen_swapped_sorted_and_listed(watched: Watched, pair: str) -> None:
    ids = re.findall(r"seg_[\w-]+", pair)
    page = opened(watched, f"{SITE}?p=7d&s={ids[0]}")
    page.get_by_role("button", name="Segments", exact=True).click()
    page.get_by_role("button", name="Compare with Elsewhere").click()
    expect(page).to_have_url(re.compile(rf"s={ids[0]}&s2={ids[1]}$"))
    expect(page.locator("[data-tile=visitors] [data-side=b]")).to_be_visible()
    before = text_of(page.locator("[data-tile=visitors] [data-side=b]"))
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.locator("[data-tile=visitors] [data-side=a]")).to_have_text(before)
    expect(page).to_have_url(re.compile(rf"s={ids[1]}&s2={ids[0]}$"))
    page.go_back()

    panel = page.locator("[data-panel=pages]")
    panel.locator("[data-sort=difference]").click()
    expect(page).to_have_url(re.compile("o.pages=difference"))
    assert points(panel) == sorted(points(panel), reverse=True)
    panel.locator("[data-sort=difference]").click()
    expect(panel.locator("th.difference")).to_have_attribute("aria-sort", "ascending")
    assert points(panel) == sorted(points(panel))

    panel.get_by_role("link", name="All rows").click()
    box = page.get_by_role("dialog", name="Pages: Page")
    box.get_by_role("searchbox").fill("blog")
    expect(page).to_have_url(re.compile("q=blog"))
    expect(box.locator("tbody tr:not([data-row*=blog])")).to_have_count(0)
    expect(box.locator("tbody tr").first).to_be_visible()
    box.get_by_role("button", name="Close").click()

    page.get_by_role("button", name=re.compile("Remove the filter Elsewhere")).click()
    expect(page.locator("[data-tile=visitors] [data-value]")).to_be_visible()
    assert "s2=" not in page.url


def test_saving_and_choosing_a_segment_leave_the_other_side_as_it_is(
    watched: Watched, pair: str
) -> None:
    second = re.findall(r"seg_[\w-]+", pair)[1]
    page = opened(watched, f"{SITE}?p=7d&f=device:Mobile{pair}")
    of_b = page.locator("[data-tile=visitors] [data-side=b]")
    before = text_of(of_b)
    page.get_by_role("button", name="Segments", exact=True).click()
    box = page.locator("[data-saved]")
    box.get_by_role("button", name="Save the current filters").click()
    box.get_by_label("Name").fill("Mobile search")
    box.get_by_label("Name").press("Enter")
    expect(page.locator(".chip[data-side=a]")).to_contain_text("Mobile search")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(of_b).to_have_text(before)  # whose filters were those of the page as well
    assert f"s2={second}" in page.url

    page.get_by_role("button", name="Segments", exact=True).click()
    box.locator(f"[data-id={second}]").click()
    expect(page).to_have_url(re.compile(rf"s={second}$"))  # and not beside itself


def points(panel: Locator) -> list[float]:
    cells = panel.locator("[data-field=difference]").all_inner_texts()
    return [float(cell.removesuffix(" pts").replace("−", "-")) for cell in cells]


def test_everybody_beside_a_segment_and_an_unknown_second_one(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    second = re.findall(r"seg_[\w-]+", pair)[1]
    page = opened(watched, f"{SITE}?p=7d&s2={second}")
    expect(page.locator(".chip[data-side=a]")).to_contain_text("All visitors")
    check_tiles(page, demo)
    page = opened(watched, f"{SITE}?p=7d&s2=seg_gone")
    expect(page.get_by_role("status").filter(has_text="s2=seg_gone")).to_be_visible()
    expect(page.locator("[data-tile=visitors] [data-value]")).to_be_visible()


@pytest.mark.parametrize("report", ["visitors"])
def test_a_report_of_one_segment_names_the_second_and_leaves_it_out(
    watched: Watched, pair: str, report: str
) -> None:
    page = opened(watched, f"{SITE}/{report}?p=7d{pair}")
    expect(page.locator(".chip[data-segment]").first).to_contain_text("Organic Search")
    chip = page.locator(".chip[data-side=b]")
    expect(chip).to_contain_text("Elsewhere")
    expect(chip).to_contain_text("not on this report")
    check_axe(page)
    chip.get_by_role("button", name="Remove the filter Elsewhere").click()
    expect(chip).to_have_count(0)
    assert "s2=" not in page.url


def test_another_website_is_opened_without_this_ones_segments(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    catalog = demo.server.catalog
    other = catalog.add_website("elsewhere.example", now_ms=demo.server.clock())
    demo.server.registry.refresh()
    try:
        page = opened(watched, f"{SITE}?p=7d{pair}")
        page.locator("button.site").click()
        switch = page.get_by_role("menuitemradio")
        expect(switch.filter(has_text="elsewhere")).to_have_attribute(
            "href", f"/w/{other.domain}?p=7d"
        )
        here = switch.filter(has_text="demo.example")
        expect(here).to_have_attribute("href", f"{SITE}?p=7d{pair}")
    finally:
        catalog.remove_website(other.id, now_ms=demo.server.clock())
        demo.server.registry.refresh()


def check_every_look(page: Page) -> None:
    """Accessible and not too wide, on a desktop and a phone, in both themes."""
    page.emulate_media(reduced_motion="reduce")  # colours are at once what they will be
    expect(page.locator("[aria-busy=true], .waiting")).to_have_count(0)
    check_looks(page)


def test_names_are_text_and_the_page_is_accessible(watched: Watched, demo: DemoServer) -> None:
    nasty = [add(demo, name[:200], ("page", "/pricing")) for name in (NASTY[0], NASTY[-1])]
    page = opened(watched, f"{SITE}?p=7d&s={nasty[0]}&s2={nasty[1]}")
    expect(page.locator(".chip[data-side=a]")).to_contain_text(NASTY[0])
    expect(page.locator("main script, main img")).to_have_count(0)
    check_every_look(page)
    page.get_by_role("button", name="Segments", exact=True).click()
    expect(page.locator("[data-saved=segments] ul")).to_be_visible()
    check_axe(page)


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", ["?p=7d", "?p=7d&f=country:!Germany&b=in"])
def test_each_number_of_a_funnel_of_two_is_that_of_its_curl(
    watched: Watched, demo: DemoServer, pair: str, state: str
) -> None:
    page = opened(watched, f"{SITE}/funnels/new{state}{pair}{FUNNEL}&by=device")
    panel = page.locator("[data-panel=funnel]")
    expect(panel.locator("[data-revenue=b]")).to_be_visible()
    title = text_of(page.locator("h1"))
    sides = answers(page, demo, panel, title)
    for at, rows in enumerate(zip(*(side["data"] for side in sides), strict=True)):
        step = panel.locator("tbody[data-step]").nth(at)
        for side, row in zip(SIDES, rows, strict=True):
            count = step.locator(f"[data-users={side}]")
            assert text_of(count) == f"{side.upper()} {row['users']:,}"
            for field, name in (
                ("conversion_from_start", "start"),
                ("conversion_from_previous", "previous"),
            ):
                ratio = row[field]
                text = "–" if ratio is None else f"{rounded(100 * ratio, 2)}%"
                assert text_of(step.locator(f"[data-{name}={side}]")) == text
    for side, answer in zip(SIDES, sides, strict=True):
        revenue = text_of(panel.locator(f"[data-revenue={side}]"))
        assert revenue == f"${rounded(answer['totals']['revenue'], 2)}"
    check_matrix(page, demo)


def test_the_others_of_two_funnels_are_two_rows(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    page = opened(watched, f"{SITE}/funnels/new?p=7d{pair}{FUNNEL}&by=browser")
    check_matrix(page, demo, "By Browser")


def test_the_list_of_funnels_says_whose_numbers_it_has(watched: Watched, pair: str) -> None:
    page = opened(watched, f"{SITE}/funnels?p=7d{pair}")
    expect(page.locator("[data-of-a]")).to_have_text("Numbers of A, Organic Search")


def check_matrix(page: Page, demo: DemoServer, name: str = "By Device") -> None:
    matrix = page.locator("[data-panel=matrix]")
    expect(matrix.locator("[aria-busy=true]")).to_have_count(0)
    sides = answers(page, demo, matrix, name)
    groups = [{row["breakdown"] for row in answer["data"]} for answer in sides]
    others = sum("Others" in group for group in groups)
    assert (
        matrix.locator("tbody tr:not(.all)").count()
        == len((groups[0] | groups[1]) - {"Others"}) + others
    )
    for at, (side, answer) in enumerate(zip(SIDES, sides, strict=True)):
        for missing in groups[1 - at] - groups[at] - {"Others"}:
            cells = matrix.locator(f"[data-group='{missing}'] [data-count={side}]")
            assert text_of(cells.first) == ("–" if "Others" in groups[at] else "0")
        last = max(row["step"] for row in answer["data"])
        for row in answer["data"]:
            value = row["breakdown"]
            label = f"{side.upper()}, Others" if value == "Others" else value
            group = matrix.locator(f"[data-group='{label}']")
            if row["step"] == 1:
                assert text_of(group.locator(f"[data-count={side}]").first) == f"{row['users']:,}"
            if row["step"] == last:
                ratio = row["conversion_from_start"]
                text = "–" if ratio is None else f"{rounded(100 * ratio, 2)}%"
                assert text_of(group.locator(f"[data-end={side}]")) == text


def test_a_flow_has_the_shares_of_both_and_the_other_ones_paths(
    watched: Watched, demo: DemoServer, pair: str
) -> None:
    page = opened(watched, f"{SITE}/flow?p=7d{pair}{FLOW}")
    box = page.locator("[data-panel=flow-b]")
    first, second = answers(page, demo, box, "Organic Search and Elsewhere")
    expected = nodes_of(second, is_backward=False)
    base = second["totals"]["paths"]
    names = labels(page.locator("[data-panel=flow] [data-sankey]"), ".other")
    assert set(names) == set(nodes_of(first, is_backward=False))
    columns_with_others = {node.partition(":")[0] for node in expected if node.endswith(":Others")}
    for node, text in names.items():
        column, _, label = node.partition(":")
        is_left = label == "__DROP_OFF__"  # who is never among Others
        is_beyond = node not in expected and column in columns_with_others and not is_left
        if label == "Others" or is_beyond:
            assert text == "B –"
        else:
            share = rounded(100 * expected.get(node, (0, 0.0))[0] / base, 1)
            assert text == f"B {share}%", node
    # all of B, in a picture of its own
    for node, text in labels(box.locator("[data-sankey]"), ".numbers").items():
        sessions = expected[node][0]
        assert text.startswith(f"{sessions:,} · {rounded(100 * sessions / base, 1)}%")


def labels(picture: Locator, part: str) -> dict[str, str]:
    found: dict[str, str] = picture.evaluate(
        "(svg, part) => Object.fromEntries([...svg.querySelectorAll('[data-label]')].map("
        "(label) => [label.dataset.label, label.querySelector(part).textContent]))",
        part,
    )
    return found


@pytest.mark.sample(1)
@pytest.mark.parametrize("path", [f"/funnels/new?p=7d{FUNNEL}", f"/flow?p=7d{FLOW}"])
def test_paths_of_two_are_accessible(watched: Watched, pair: str, path: str) -> None:
    page = opened(watched, SITE + path + pair)
    check_every_look(page)
