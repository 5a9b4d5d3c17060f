"""Every number of every page is the API's answer, in twelve views: period, filter and bots."""

import re
from functools import partial
from typing import Any

import httpx
import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.path_numbers import check_flow, check_funnel, check_retention
from dashboard.watched import (
    SITE,
    STATES,
    Watched,
    check_list,
    curl_of,
    rounded,
    settled,
    shown,
    text_of,
)
from e2e.server import wait_until
from idle import wait_until_idle
from playwright.sync_api import Page, Response, expect

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
FURTHER_TABS = (
    {"sources": "referrer", "pages": "entry_page", "places": "region", "technology": "browser"},
    {"sources": "campaign", "pages": "exit_page", "places": "city", "technology": "os"},
    {"sources": "all_params", "pages": "exit_link", "places": "language", "technology": "screen"},
    {"pages": "hostname", "referrers": "utm_source"},
    {"referrers": "ref"},
)
"""All tabs but the first ones, which test_overview looks at."""
FLOW = "&start=page:/pricing&end=goal:checkout_started"
FUNNEL = "&step=page:/pricing&step=goal:signup&step=goal:payment"


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", STATES)
def test_the_numbers_behind_every_tab(watched: Watched, demo: DemoServer, state: str) -> None:
    for tabs in FURTHER_TABS:
        chosen = "".join(f"&t.{panel}={tab}" for panel, tab in tabs.items())
        page = settled(watched.open(SITE + state + chosen))
        for name, tab in tabs.items():
            panel = page.locator(f"[data-panel={name}]")
            expect(panel.locator(f"[data-tab={tab}]")).to_have_attribute("aria-selected", "true")
            check_list(page, demo, panel)


def test_the_tabs_are_all_that_there_are(watched: Watched) -> None:
    page = settled(watched.open(f"{SITE}?p=7d"))
    found = page.locator("[data-panel] [data-tab]").evaluate_all(
        "all => all.map((each) => [each.closest('[data-panel]').dataset.panel, each.dataset.tab])"
    )
    further = [[panel, tab] for tabs in FURTHER_TABS for panel, tab in tabs.items()]
    selected = page.locator("[data-panel] [data-tab][aria-selected=true]").count()
    assert len(found) == len(further) + selected
    assert [each for each in further if each not in found] == []


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", STATES)
def test_the_numbers_of_flow_funnel_retention_and_visitors(
    watched: Watched, demo: DemoServer, state: str
) -> None:
    page = opened(watched, f"{SITE}/flow{state}{FLOW}")
    if page.locator("[data-panel=flow] [data-sankey]").count():
        check_flow(page, demo.run_curl)
    page = opened(watched, f"{SITE}/funnels/new{state}{FUNNEL}&by=device")
    if page.locator("[data-panel=funnel] [data-revenue]").count():
        check_funnel(page, demo.run_curl)
    page = opened(watched, f"{SITE}/retention{state}")
    if page.locator("[data-days='7']").count():
        check_retention(page, demo.run_curl)
    check_visitors(opened(watched, f"{SITE}/visitors{state}"), demo)


def opened(watched: Watched, path: str) -> Page:
    page = watched.open(path)
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page


def check_visitors(page: Page, demo: DemoServer) -> None:
    page.get_by_role("button", name="Export and copy").click()
    command = page.locator("[data-curl]").get_attribute("data-curl")
    assert command
    page.keyboard.press("Escape")
    answer = demo.run_curl(command)
    total = answer["totals"]["visitors"]
    assert text_of(page.locator("h1")).startswith(f"{total:,} ")
    rows = page.locator("tbody tr")
    assert rows.count() == len(answer["data"])
    shown_rows = rows.evaluate_all(
        "all => all.map((row) => [...row.querySelectorAll('td[data-label]')]"
        ".map((cell) => cell.textContent))"
    )
    for cells, row in zip(shown_rows, answer["data"], strict=True):
        assert cells == [
            shown(row["sessions"], ""),
            shown(row["goals"] or None, ""),
            shown(row["paid"] or None, "revenue"),
        ]


@pytest.mark.parametrize("bots", ["", "?b=in"])
def test_the_numbers_of_the_live_page(watched: Watched, demo: DemoServer, bots: str) -> None:
    asked: list[str] = []
    watched.page.on("response", partial(_note, asked))
    page = opened(watched, f"{SITE}/live{bots}")
    now = demo.fetch(next(url for url in asked if "/realtime?" in url))
    assert text_of(page.locator("[data-now]")) == shown(now["data"][0]["visitors"], "")
    bars = page.locator("[data-minutes] li")
    visitors = [int(bar.get_attribute("data-visitors") or -1) for bar in bars.all()]
    assert visitors == [each["visitors"] for each in now["minutes"]]
    assert len(visitors) == 30
    assert any(visitors)
    expect(bars.first).to_contain_text("11:31: ")  # in the website's time zone
    expect(bars.last).to_contain_text("12:00: ")
    page.get_by_role("button", name="Who is here: Export and copy").click()
    command = page.locator("[data-curl]").get_attribute("data-curl")
    assert command
    people = demo.run_curl(command)["data"]
    check_payments(page, demo)
    rows = page.locator("tbody tr")
    assert rows.count() == len(people)
    for row, person in zip(rows.all(), people, strict=True):
        assert text_of(row.locator("td.number").first) == shown(person["pageviews"], "")
        if person["isCustomer"]:
            paid = shown(person["totalRevenue"], "revenue")
            assert text_of(row.locator(".customer")).endswith(paid)


def check_payments(page: Page, demo: DemoServer) -> None:
    panel = page.locator("[data-panel=payments]")
    payments = demo.run_curl(curl_of(page, panel))["payments"]
    assert payments
    rows = panel.locator("li").all()
    assert [row.get_attribute("data-kind") for row in rows] == [each["kind"] for each in payments]
    for row, payment in zip(rows, payments, strict=True):
        amount = shown(abs(payment["amount"]), "revenue")
        sign = "-" if payment["amount"] < 0 else ""
        assert text_of(row.locator("[data-amount]")) == f"{sign}{amount}"
        who = row.locator("a")
        if customer := payment.get("customer"):
            assert (who.get_attribute("href") or "").endswith(f"/visitors/{customer['visitorId']}")
        else:
            assert not who.count()


def test_a_payment_is_on_the_live_page_as_it_arrives(timed: Watched, demo: DemoServer) -> None:
    timed.page.clock.install(time=NOW_MS / 1000)
    page = opened(timed, f"{SITE}/live")
    rows = page.locator("[data-panel=payments] li")
    expect(rows.first).to_be_visible()
    before = rows.count()
    token, _ = demo.server.catalog.add_token(
        website_id=demo.website.id, scopes=("read", "write"), now_ms=NOW_MS
    )
    payment = {"transactionId": "live-1", "amount": 1234.5, "currency": "USD"}
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{demo.url}/api/v1/payments", json=payment, headers=headers)
    assert answer.status_code == 200, answer.text
    newest = {"domain": demo.website.domain, "payments": "1"}
    wait_until(
        lambda: demo.get("/realtime", **newest)["payments"][0]["amount"] == 1234.5,
        "the payment is in the report",
    )
    page.clock.run_for(10_500)
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("$1,234.50")


@pytest.mark.sample(1)
@pytest.mark.parametrize("state", [state for state in STATES if "f=" not in state])
def test_the_numbers_of_all_websites(watched: Watched, demo: DemoServer, state: str) -> None:
    """Websites have no menus of their own; the API is asked what the page asked it."""
    domain = "second.example"
    if domain not in [website.domain for website in demo.server.catalog.websites()]:
        demo.server.catalog.add_website(domain, now_ms=demo.server.clock())
        demo.server.registry.refresh()
    asked: list[str] = []
    watched.page.on("response", partial(_note, asked))
    page = opened(watched, f"/{state}")
    rows = page.locator("tbody tr[data-website]")
    expect(rows).to_have_count(2)
    for row in rows.all():
        name = row.get_attribute("data-website")
        mine = [url for url in asked if f"domain={name}" in url]
        series = demo.fetch(next(url for url in mine if "/timeseries?" in url))
        live = demo.fetch(next(url for url in mine if "/realtime?" in url))
        cells = [text_of(cell) for cell in row.locator("td.number").all()]
        assert cells[0] == shown(series["totals"]["visitors"], "")
        assert cells[2] == shown(series["totals"]["revenue"], "revenue")
        assert cells[3] == shown(live["data"][0]["visitors"], "")
        check_change(cells[1], series)


def check_change(cell: str, series: dict[str, Any]) -> None:
    compared = series.get("compare")
    if not compared or not compared["totals"]["visitors"]:  # there is nothing to compare with
        assert not re.search(r"\d", cell)
        return
    change = rounded(abs(compared["change"]["visitors"]), 1)
    assert cell.endswith(f"{change}%")


def _note(asked: list[str], response: Response) -> None:
    if "/api/v1/" in response.url:
        asked.append(response.url)
