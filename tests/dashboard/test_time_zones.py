"""Days are the website's: of 23 and 25 hours, in Kathmandu, in weeks of two years. A day that is
not over is dashed, and "last 30 days" ends yesterday."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from dashboard.demo_server import NOW_MS, DemoServer
from dashboard.watched import SITE, Watched, settled, text_of
from playwright.sync_api import Browser, Page, expect

from footfall.serve.dashboard import Dashboard

pytestmark = pytest.mark.skipif(
    not Dashboard().is_built, reason="the dashboard is not built: make dashboard"
)
BERLIN, KATHMANDU = "berlin.example", "kathmandu.example"
VISITS = {
    BERLIN: (
        "2026-10-25T02:30:00+02:00",  # the hour that comes twice, for the first time
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T23:59:00+01:00",
        "2026-03-29T01:59:00+01:00",
        "2026-03-29T03:00:00+02:00",  # a minute later
        "2025-12-28T23:59:00+01:00",
        "2025-12-29T00:00:00+01:00",  # a Monday, whose week ends in the next year
        "2026-01-04T23:59:00+01:00",
        "2026-01-05T00:00:00+01:00",
    ),
    KATHMANDU: (
        "2026-11-27T23:59:00+05:45",
        "2026-11-28T00:00:00+05:45",  # in Berlin it is still the day before
        "2026-11-28T00:01:00+05:45",
    ),
}
NOTES_LINES = """(() => {
    window.dashed = [];
    const points = new WeakMap();
    const { lineTo } = Path2D.prototype;
    Path2D.prototype.lineTo = function (x, y) {
        points.set(this, (points.get(this) ?? 0) + 1);
        lineTo.call(this, x, y);
    };
    const canvas = CanvasRenderingContext2D.prototype;
    const { stroke } = canvas;
    canvas.stroke = function (...given) {
        if (given[0] instanceof Path2D && this.getLineDash().length) {
            window.dashed.push(points.get(given[0]) ?? 0);
        }
        stroke.apply(this, given);
    };
})()"""
"""Notes of each dashed line that is drawn how many pieces it has."""


@pytest.fixture(scope="module")
def visited(demo: DemoServer, chromium: Browser) -> DemoServer:
    with chromium.new_context() as context:
        for domain, moments in VISITS.items():
            zone = "Europe/Berlin" if domain == BERLIN else "Asia/Kathmandu"
            website = demo.server.catalog.add_website(domain, timezone=zone, now_ms=NOW_MS)
            demo.server.registry.refresh()
            secret, _ = demo.server.catalog.add_token(
                website_id=website.id, scopes=("write",), now_ms=NOW_MS
            )
            events = [
                {"url": f"https://{domain}/", "visitorUid": f"v{number}", "timestamp": moment}
                for number, moment in enumerate(moments)
            ]
            headers = {"Authorization": f"Bearer {secret}"}
            url = f"{demo.url}/api/v1/events"
            answer = context.request.post(url, data=events, headers=headers)
            assert not answer.json()["data"][0]["rejected"], answer.text()
    for domain, moments in VISITS.items():
        for _ in range(600):
            found = demo.get("/overview", domain=domain, startAt="2025-01-01")
            if found["data"][0]["visitors"] == len(moments):
                break
            time.sleep(0.05)
        else:
            raise AssertionError(found)
    return demo


def table(page: Page) -> list[tuple[str, str]]:
    """The chart's buckets and their visitors."""
    page.locator("[data-chart]").get_by_label("As table").click()
    rows = page.locator("[data-chart] tbody tr")
    rows.first.wait_for()
    return [(text_of(row.locator("th")), text_of(row.locator("td").first)) for row in rows.all()]


@pytest.mark.sample(1)
@pytest.mark.usefixtures("visited")
@pytest.mark.parametrize(
    ("day", "hours", "visitors"), [("2026-10-25", 25, 3), ("2026-03-29", 23, 2)]
)
def test_a_day_has_the_hours_of_its_clock(
    watched: Watched, day: str, hours: int, visitors: int
) -> None:
    page = settled(watched.open(f"/w/{BERLIN}?p={day}..{day}&i=hour&c=off"))
    assert text_of(page.locator("[data-tile=visitors] [data-value]")) == str(visitors)
    rows = table(page)
    assert len(rows) == hours
    assert sum(int(count) for _, count in rows) == visitors
    twice = [count for name, count in rows if re.search(r"\b0?2:00|\b02\b", name)]
    assert twice == (["1", "1"] if hours == 25 else [])


@pytest.mark.usefixtures("visited")
def test_a_week_of_two_years_is_one(watched: Watched) -> None:
    page = settled(watched.open(f"/w/{BERLIN}?p=2025-12-22..2026-01-11&i=week&c=off"))
    assert [count for _, count in table(page)] == ["1", "2", "1"]


@pytest.mark.usefixtures("visited")
def test_days_begin_at_midnight_in_kathmandu(watched: Watched) -> None:
    for period, visitors in (("today", "2"), ("yesterday", "1")):
        page = settled(watched.open(f"/w/{KATHMANDU}?p={period}&c=off"))
        assert text_of(page.locator("[data-tile=visitors] [data-value]")) == visitors
    expect(page.get_by_text("Days are Asia/Kathmandu")).to_be_visible()


def test_the_last_30_days_end_yesterday_and_say_so(watched: Watched) -> None:
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    page = settled(watched.open(SITE))
    button = page.locator("[aria-haspopup=dialog]", has_text="Last 30 days")
    assert re.search("29 Oct – 27 Nov 2026$", text_of(button))
    [overview] = [url for url in asked if "/overview?" in url]
    query = parse_qs(urlsplit(overview).query)
    assert (query["startAt"], query["endAt"]) == (["2026-10-29"], ["2026-11-27"])


@pytest.mark.parametrize(("period", "is_dashed"), [("7d", False), ("month", True)])
def test_a_day_that_is_not_over_is_dashed_and_says_so(
    watched: Watched, period: str, is_dashed: bool
) -> None:
    watched.page.add_init_script(NOTES_LINES)
    page = settled(watched.open(f"{SITE}?p={period}&c=off"))
    pieces = page.evaluate("window.dashed")
    assert any(pieces) == is_dashed, pieces
    rows = table(page)
    assert ["not over yet" in name for name, _ in rows] == [
        is_dashed and at == len(rows) - 1 for at in range(len(rows))
    ]
