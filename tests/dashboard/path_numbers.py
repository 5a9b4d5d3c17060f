"""Every number of a flow, a funnel and retention beside the answer to the panel's curl command."""

import re
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from dashboard.watched import rounded
from e2e.server import Answer
from playwright.sync_api import Locator, Page, expect

END = "__END_MATCH__"
STEP_ROWS = "[data-panel=funnel] .row[data-step]"
Run = Callable[[str], Answer]
"""A curl command → its answer."""


def curl_of(tab: Page, panel: str) -> str:
    """The command that the panel's menu copies."""
    menu = tab.get_by_role("button", name="Export and copy").nth(0 if panel != "matrix" else 1)
    menu.click()
    command = tab.locator("[data-curl]").get_attribute("data-curl")
    tab.keyboard.press("Escape")
    assert command
    return command


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer["data"]
    return rows


def nodes_of(answer: Answer, *, is_backward: bool) -> dict[str, tuple[int, float]]:
    """Sessions and revenue of each node, by its column and label, added up from the rows."""
    found: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for row in rows_of(answer):
        near, far = ("target", "source") if is_backward else ("source", "target")
        ends = [f"{row['step']}:{row[far]}"]
        if row["step"] == 1:
            ends.append(f"0:{row[near]}")
        for end in ends:
            sessions, revenue = found[end]
            found[end] = (sessions + row["transitions"], revenue + row["revenue"])
    return found


def shown_nodes(tab: Page) -> dict[str, str]:
    """What is written at each node of the first picture: the line with its numbers."""
    found: dict[str, str] = tab.locator("[data-panel=flow] [data-sankey]").evaluate(
        "svg => Object.fromEntries([...svg.querySelectorAll('[data-label]')].map("
        "(label) => [label.dataset.label, label.querySelector('.numbers').textContent]))"
    )
    return found


def money(amount: float) -> str:
    """Without decimals, but those of a small amount."""
    exact = round(amount, 6)  # a sum of floats
    if exact < 10 and exact % 1:
        return f"${rounded(exact, 2).rstrip('0')}"
    return f"${rounded(exact, 0)}"


def check_flow(tab: Page, run: Run) -> None:
    answer = run(curl_of(tab, "flow"))
    totals = answer["totals"]
    expected = nodes_of(answer, is_backward="dir=backward" in tab.url)
    shown = shown_nodes(tab)
    assert shown.keys() == expected.keys()
    for node, (sessions, revenue) in expected.items():
        text = f"{sessions:,} · {rounded(100 * sessions / totals['paths'], 1)}%"
        assert shown[node].startswith(text), node
        rest = shown[node].removeprefix(text)
        assert rest == (money(revenue) if revenue else ""), node
    ends = sum(each[0] for node, each in expected.items() if node.endswith(END))
    if totals["reached_end"] is not None:
        assert ends == totals["reached_end"] - totals["beyond_max_steps"]
    expect(tab.locator("[data-adds-up]")).to_have_attribute("data-adds-up", "true")
    if "left=0" not in tab.url:
        first = tab.locator(".sum").first.inner_text()
        assert re.match(rf"{totals['paths']:,} = ", first)


def check_funnel(tab: Page, run: Run) -> None:
    steps = tab.locator(STEP_ROWS)
    answer = run(curl_of(tab, "funnel"))
    for place, row in enumerate(rows_of(answer)):
        cells = steps.nth(place).locator("[role=cell]").all_inner_texts()[1:]
        ratios = (row["conversion_from_start"], row["conversion_from_previous"])
        shares = ["–" if ratio is None else f"{rounded(100 * ratio, 2)}%" for ratio in ratios]
        assert cells[:3] == [f"{row['users']:,}", *shares]
    users = [row["users"] for row in rows_of(answer)]
    for place, (here, further) in enumerate(pairwise(users), start=1):
        stopped = tab.locator(f"[data-stopped='{place}']").inner_text()
        expected = f"{here - further:,} stopped here" if here > further else "nobody stopped here"
        assert expected in stopped
    revenue = tab.locator("[data-panel=funnel] [data-revenue]").inner_text()
    assert revenue == f"${rounded(answer['totals']['revenue'], 2)}"
    groups = rows_of(run(curl_of(tab, "matrix")))
    lines = tab.locator("[data-panel=matrix] tbody tr")
    expect(lines).to_have_count(sum(row["step"] == 1 for row in groups) + 1)
    counts = tab.locator("[data-panel=matrix] tr:not(.all) [data-count]").all_inner_texts()
    assert counts == [f"{row['users']:,}" for row in groups]


def check_retention(tab: Page, run: Run) -> None:
    [row] = rows_of(run(curl_of(tab, "retention")))
    metric = row["metric"]
    for days in (7, 30, 90):
        rate, text = metric[f"day{days}_retention_rate"], tab.locator(f"[data-days='{days}']")
        if rate is None:
            expect(text.locator("b")).to_have_text("–")
        else:
            facts = f"{metric[f'day{days}_retained']:,} of {metric[f'day{days}_users']:,}"
            expect(text).to_contain_text(facts)
    weeks = tab.locator("tr[data-week]")
    if "curve" in tab.url:
        expect(weeks).to_have_count(0)
        return
    expect(weeks).to_have_count(len(row["user"]))
    for place, cohort in enumerate(row["user"]):
        check_cohort(weeks.nth(place).locator("td"), cohort)


def check_cohort(cells: Locator, cohort: dict[str, Any]) -> None:
    """The cells of a cohort's row: people, and the share of them in each week."""
    expect(cells.first).to_have_text(f"{cohort['num_users']:,}")
    shares = [cohort[f"week_{week}"] for week in range(13)]
    shown = cells.all_inner_texts()[1:]
    assert shown
    for share, text in zip(shares, shown, strict=False):
        assert text == share_text(share)


def share_text(share: float | None) -> str:
    if share is None:
        return "not over yet"
    whole = {0: "0%", 1: "100%"}.get(share)
    return whole or (f"{rounded(100 * share, 1)}%" if share >= 0.0005 else "<0.1%")
