"""The rule behind a number, in every panel and report, in the server's words and with its parts."""

import pytest
from dashboard.demo_server import DemoServer
from dashboard.watched import SITE, Watched, settled
from playwright.sync_api import Locator, Page, expect

COLUMNS = {
    "sources": ("channel", "visitors", "percentage", "revenue", "revenue_per_visitor"),
    "goals": ("goal", "visitors", "completions", "percentage", "revenue"),
}
REPORTS = {
    "flow?p=7d&start=page%3A%2F": "flow",
    "funnels/new?p=7d&step=page%3A%2F&step=page%3A%2Fpricing": "funnel",
    "retention": "retention",
    "visitors?p=7d": "visitors",
    "live": "realtime",
}


def rules_of(page: Page) -> Locator:
    dialog = page.get_by_role("dialog").filter(has=page.locator("dl.rules"))
    expect(dialog.locator("dl.rules[aria-busy=false]")).to_have_count(1)
    return dialog


def said(demo: DemoServer) -> dict[str, str]:
    """Rules by the name of a metric or dimension."""
    schema = demo.get("/schema")["data"]
    return {each["name"]: each["rule"] for each in schema["metrics"] + schema["dimensions"]}


@pytest.mark.sample(1)
@pytest.mark.parametrize("panel", COLUMNS)
def test_a_panels_menu_explains_its_columns(panel: str, watched: Watched, demo: DemoServer) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    page.locator(f"[data-panel={panel}] [aria-haspopup=menu]").click()
    page.locator("[role=menuitem][data-rules]").click()
    dialog, rules = rules_of(page), said(demo)
    shown = dialog.locator("[data-rule]")
    assert shown.evaluate_all("all => all.map(each => each.dataset.rule)") == list(COLUMNS[panel])
    for name in COLUMNS[panel]:
        expect(dialog.locator(f"[data-rule={name}]")).to_contain_text(rules[name])
    answer = demo.run_curl(str(dialog.locator("[data-curl]").get_attribute("data-curl")))
    visitors = dialog.locator("[data-rule=visitors] [data-numerator]")
    expect(visitors).to_have_text(f"{answer['parts']['visitors']['numerator']['value']:,}")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert not watched.wrong


def test_the_question_mark_explains_where_the_focus_is(watched: Watched) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    page.locator("[data-panel=pages] tbody a").first.focus()
    page.keyboard.press("?")
    expect(rules_of(page).locator("[data-rule=page]")).to_have_count(1)
    close(page)
    page.locator("[data-tile=bounce_rate] .choose").focus()
    page.keyboard.press("?")
    expect(page.locator("[data-rule=bounce_rate] [data-denominator]")).to_have_count(1)
    close(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def close(page: Page) -> None:
    """Escape closes, and only then does the focus return to where it was."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_what_the_browser_does_not_copy_is_shown_to_be_copied_by_hand(watched: Watched) -> None:
    """Without TLS it lets no page copy."""
    page = settled(watched.open(f"{SITE}?p=7d"))
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    tile = page.locator("[data-tile=visitors]")
    tile.locator(".why").click()
    link = tile.locator("[data-curl]")
    link.click()
    command = str(link.get_attribute("data-curl"))
    assert command.startswith("curl ")
    expect(page.locator("dialog textarea")).to_have_value(command)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    assert not watched.wrong


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", REPORTS)
def test_a_report_explains_its_own_numbers(path: str, watched: Watched, demo: DemoServer) -> None:
    schema = demo.get("/schema")["data"]
    [report] = [each for each in schema["reports"] if each["name"] == REPORTS[path]]
    page = watched.open(f"{SITE}/{path}")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.locator("main").get_by_role("button", name="Export and copy").first.click()
    page.locator("[role=menuitem][data-rules]").click()
    dialog = rules_of(page)
    shown = dialog.locator("[data-rule]")
    assert shown.evaluate_all("all => all.map(each => each.dataset.rule)") == [
        each["name"] for each in report["numbers"]
    ]
    for each in report["numbers"]:
        expect(dialog.locator(f"[data-rule='{each['name']}']")).to_contain_text(each["rule"])
    assert not watched.wrong


def test_a_flow_names_the_colours_that_it_has(watched: Watched) -> None:
    """Wallets have one of their own, which most websites never see."""
    panel = watched.open(f"{SITE}/flow?start=page:/app&n=2&p=7d").locator("[data-panel=flow]")
    expect(panel.locator(".bar.chain").first).to_be_attached()
    expect(panel.locator(".legend")).to_contain_text("pagegoalwalletOthers")
    panel = watched.open(f"{SITE}/flow?start=page:/docs&n=2&rows=2&p=7d").locator(
        "[data-panel=flow]"
    )
    expect(panel.locator(".bar.visited").first).to_be_attached()
    expect(panel.locator(".bar.chain")).to_have_count(0)
    expect(panel.locator(".legend")).to_contain_text("pagegoalOthers")
