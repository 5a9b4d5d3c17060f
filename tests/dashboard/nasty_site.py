"""A website where every text that a visitor or member can set is an attack, and what a page must
not do with it."""

import re
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from dashboard.demo_server import NOW_MS, DemoServer
from idle import wait_until_idle
from playwright.sync_api import APIResponse, BrowserContext, Page, expect

DOMAIN = "nasty.example"
SITE = f"/w/{DOMAIN}"
TEXTS = (
    "<script>window.taken=1</script>",
    '"\'><img src=x onerror="window.taken=1">',
    "</title></svg></style><svg onload=window.taken=1>",
    "javascript:window.taken=1",
    '=HYPERLINK("http://evil.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-2",
    "-1+1",
    "\uff1d1+1",
    "\u202egnp.exe \u2067\u05d0\u05d1\u2069 \u0645\u0631\u062d\u0628\u0627",
    "👩‍👩‍👧‍👦🏳️‍🌈 é ﷽",
    "{{7*7}}${7*7}%s%n",
    "W" * 2000,
)
GOAL = "a" * 64
"""Names of goals are letters, digits, - and _; this is the longest."""
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
TOO_WIDE = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const scrolls = (each) => getComputedStyle(each).overflowX !== "visible";
    const parents = (each) => each ? [each, ...parents(each.parentElement)] : [];
    return [...document.querySelectorAll("body *")]
        .filter((each) => each.getBoundingClientRect().right > innerWidth)
        .filter((each) => !parents(each.parentElement).some(scrolls))
        .map((each) => each.outerHTML.slice(0, 120)).slice(0, 6);
}"""
"""What makes a page wider than its window."""
LATEST = "2026-11-28T09:%02d:00+01:00"
OURS = "all => all.map((each) => each.href).filter((href) => !href.startsWith(location.origin))"


def fill(demo: DemoServer, context: BrowserContext) -> None:
    """One visitor for each text, who sends it in everything that can be sent. Where a text is too
    long, as much of it as fits."""
    catalog = demo.server.catalog
    website = catalog.add_website(DOMAIN, name=TEXTS[1][:60], kpi=GOAL, now_ms=NOW_MS)
    demo.server.registry.refresh()
    secret, _ = catalog.add_token(website_id=website.id, scopes=("read", "write"), now_ms=NOW_MS)
    events = [each for number, text in enumerate(TEXTS) for each in _events(number, text)]
    headers = {"Authorization": f"Bearer {secret}"}
    for start in range(0, len(events), 50):
        answer = context.request.post(
            f"{demo.url}/api/v1/events", data=events[start : start + 50], headers=headers
        )
        assert answer.status == 202, answer.text()
        assert not answer.json()["data"][0]["rejected"], answer.text()
    for _ in range(600):
        listed = demo.get("/visitors", domain=DOMAIN, startAt="2026-11-28")
        if listed["totals"]["visitors"] == len(TEXTS) and all(
            each["goals"] for each in listed["data"]
        ):
            break
        context.pages[0].wait_for_timeout(100)
    else:
        raise AssertionError(listed)


def _events(number: int, text: str) -> list[dict[str, Any]]:
    tags = {
        f"utm_{name}": text[:200] for name in ("source", "medium", "campaign", "term", "content")
    }
    query = urlencode({**tags, "ref": text[:200], "source": text[:200], "via": text[:200]})
    visitor = {"visitorUid": f"v{number}", "timestamp": LATEST % number}
    page = {"type": "page", "title": text, "language": text[:20], "city": text[:90], **visitor}
    printable = "".join(filter(str.isprintable, text))  # others are refused in it
    address = re.sub(r"[\s@]", "", text)[:60]
    person = {"user_id": text[:200], "name": text[:200], "email": f"{address}@x.example"}
    return [
        {
            **page,
            "url": f"https://{DOMAIN}/in?{query}",
            "referrer": f"https://r.example/{quote(text)}",
        },
        {**page, "url": f"https://{DOMAIN}/{quote(text[:1500])}"},
        {"type": "track", "name": GOAL, "properties": {text[:60]: text[:200]}, **visitor},
        {"type": "decoded_log", "name": printable[:128], **visitor},
        {"type": "identify", "properties": person, **visitor},
    ]


def save_everything(page: Page, demo: DemoServer) -> None:
    """A segment, funnel, flow and note for everybody with each text as its name."""
    step = {"type": "event", "event": "page", "resolved_event": f"/{TEXTS[0]}"}
    content: dict[str, dict[str, Any]] = {
        "segments": {"filters": [{"dimension": "page", "value": f"/{TEXTS[10]}"}]},
        "funnels": {"parameters": {"steps": msgspec.json.encode([step, step]).decode()}},
        "flows": {"parameters": {"start_step": msgspec.json.encode(step).decode()}},
        "annotations": {"at": "2026-11-28"},
    }
    for kind, given in content.items():
        for text in TEXTS:
            body = {"name": text[:200], "personal": False, **given}
            answer = write(page, demo, f"/{kind}?domain={DOMAIN}", body)
            assert answer.ok, answer.text()


def write(page: Page, demo: DemoServer, path: str, body: dict[str, Any]) -> APIResponse:
    me = page.request.get(f"{demo.url}/api/v1/me").json()["data"]
    headers = {"X-Footfall-CSRF": me["csrf"], "Origin": demo.url, "Sec-Fetch-Site": "same-origin"}
    return page.request.post(f"{demo.url}/api/v1{path}", data=body, headers=headers)


def check_harmless(page: Page) -> None:
    """Texts are texts: nothing ran, nothing was added, nothing leads elsewhere or is too wide."""
    assert not page.evaluate("window.taken"), page.url
    assert (
        page.locator("body script, body img:not([src^='blob:']), svg[onload], [onerror]").count()
        == 0
    )
    for href in page.locator("a[href]").evaluate_all(OURS):
        assert href == "https://db-ip.com/", f"{page.url} leads to {href}"
    wide = page.evaluate(TOO_WIDE)
    assert not wide, f"{page.url[:200]} is too wide for {page.viewport_size}: {wide}"


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    wait_until_idle(page)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page
