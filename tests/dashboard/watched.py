"""A browser at the demo website that notes what must not happen, and how pages write numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from browser import WAIT_S
from dashboard.accessible import AXE, violations
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.kept_context import hearing
from idle import wait_until_idle
from playwright.sync_api import BrowserContext, Locator, Page, expect

SITE = "/w/demo.example"
STATES = [
    "?p=7d",
    "?p=7d&b=in",
    "?p=7d&b=only&c=off",
    "?p=7d&f=channel:Organic%20Search",
    "?p=7d&f=country:!Germany|Austria&b=in",
    "?p=7d&f=page:/pricing&f=device:Mobile",
    "?p=yesterday",
    "?p=today&c=off",
    "?p=24h",
    "?p=2026-11-16..2026-11-19&c=2026-11-23..2026-11-26",
    "?p=2026-11-14..2026-11-20&f=browser:~Safari&a=first",
    "?p=all&f=page:/blog/**",
]
"""Period, filter, comparison and bots: the views in which every number is checked."""


class Watched:
    """A signed-in browser that notes what must not happen."""

    def __init__(self, context: BrowserContext, demo: DemoServer) -> None:
        self.context = context
        self.wrong: list[str] = []
        self.expected_status = 0
        """An error that a test itself causes."""
        self._origin = demo.url
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT_S * 1000)
        self.page.clock.set_fixed_time(datetime.fromtimestamp(NOW_MS / 1000, UTC))

    def check_origin(self, url: str) -> None:
        if not url.startswith((f"{self._origin}/", "data:", "blob:")):
            self.wrong.append(f"a request left the origin: {url}")

    def check_status(self, status: int, url: str) -> None:
        if status >= 400 and status != self.expected_status:
            self.wrong.append(f"{status}: {url}")

    def check_console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.wrong.append(f"console: {text}")

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page


def watching(context: BrowserContext, demo: DemoServer) -> Iterator[Watched]:
    """For a fixture: a browser of which nothing may be wrong in the end."""
    watched = Watched(context, demo)
    with hearing(
        context,
        request=lambda request: watched.check_origin(request.url),
        weberror=lambda error: watched.wrong.append(f"script: {error.error}"),
        console=lambda line: watched.check_console(line.type, line.text),
        response=lambda answer: watched.check_status(answer.status, answer.url),
    ):
        yield watched
    assert not watched.wrong


def settled(page: Page) -> Page:
    """Wait until everything that was asked for is shown."""
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true], .waiting")).to_have_count(0)
    expect(page.locator("[data-panel=sources] table, [data-panel=sources] .empty")).to_have_count(1)
    return page


def rounded(value: float, digits: int) -> str:
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(repr(value)).quantize(step, ROUND_HALF_UP):,}"


def duration(seconds: float) -> str:
    whole = int(Decimal(repr(seconds)).quantize(Decimal(1), ROUND_HALF_UP))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {whole % 60}s" if minutes else f"{whole}s"


def shown(value: float | None, field: str) -> str:
    """A number as the dashboard writes it in English."""
    if value is None:
        return "–"
    if field in ("percentage", "bounce_rate"):
        return f"{rounded(value, 1)}%"
    if field == "rate":
        return f"{rounded(value, 2)}%"
    if field == "avg_engaged_time":
        return duration(value)
    if "revenue" in field.lower():
        return f"${rounded(value, 2)}"
    return f"{value:,.0f}"


def text_of(locator: Locator) -> str:
    return re.sub(r"\s+", " ", locator.inner_text()).strip()


def cells_of(rows: Locator, cell: str) -> list[tuple[str, list[str]]]:
    """Of each row: its value, and the texts of its cells. One question for a whole table."""
    found: list[tuple[str, list[str]]] = rows.evaluate_all(
        "(rows, cell) => rows.map((row) => [row.dataset.row,"
        " [...row.querySelectorAll(cell)].map((each) => each.innerText)])",
        cell,
    )
    return [
        (value, [re.sub(r"\s+", " ", text).strip() for text in texts]) for value, texts in found
    ]


def curl_of(page: Page, panel: Locator) -> str:
    """The command that the panel's menu copies."""
    panel.locator("[aria-haspopup=menu]").first.click()
    command = panel.locator("[data-curl]").get_attribute("data-curl")
    assert command
    page.keyboard.press("Escape")
    return command


def check_list(page: Page, demo: DemoServer, panel: Locator) -> None:
    answer = demo.run_curl(curl_of(page, panel))
    fields = ("visitors", "percentage", "revenue", "revenuePerVisitor")
    columns = [cells_of(panel.locator("tbody tr"), f"[data-field={field}]") for field in fields]
    rows = columns[0]
    assert len(rows) == min(9, len(answer["data"]))
    for at, expected in enumerate(answer["data"][: len(rows)]):
        assert rows[at][0] == expected["value"]
        for field, column in zip(fields, columns, strict=True):
            value = expected[field] or (None if field == "revenue" else 0)
            assert column[at][1] == [shown(value, field)]
    if rows:
        totals = answer["totals"]
        assert text_of(panel.locator("[data-total=visitors]")) == shown(totals["visitors"], "")
        assert text_of(panel.locator("[data-total=revenue]")) == shown(totals["revenue"], "revenue")
        check_sum(panel, answer)


def check_sum(panel: Locator, answer: dict[str, Any]) -> None:
    """The sentence under the rows."""
    sentence = text_of(panel.locator("[data-sum]"))
    total = sum(row["visitors"] for row in answer["data"])
    if answer["pagination"]["total"] > len(answer["data"]):
        assert sentence.startswith("rows do not add up: ")
    elif total == answer["totals"]["visitors"]:
        assert sentence == "rows add up exactly"
    else:
        assert sentence.startswith(f"rows add up to {total:,}: ")


def check_axe(page: Page) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make check-dashboard")
    expect(page.locator("[aria-busy=true], .waiting")).to_have_count(0)  # what waits is shown paler
    found = violations(page)
    assert not found, found
