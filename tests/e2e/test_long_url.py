"""A page view counts on every way in, however long its address or its referrer is."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from e2e.server import BASE, Server, running

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)
UA = {"User-Agent": CHROME}
URL = f"https://shop.test/landing?utm_source=tiktok&ttclid={'E' * 2100}"
REFERRER = f"https://blog.test/post?x={'y' * 5000}"
HUGE = f"https://shop.test/landing?utm_source=tiktok&x={'E' * 150_000}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("long") / "data") as server:
        yield server
        server.check_log()


def raw_event(url: str) -> dict[str, object]:
    context = {"page_url": url, "referrer": REFERRER, "ttclid": "E" * 2100, "user_agent": CHROME}
    return {
        "type": "page",
        "channel": "web",
        "version": "1",
        "anonymous_id": "v3",
        "context": context,
    }


def test_a_long_address_and_a_long_referrer_count_on_every_way_in(server: Server) -> None:
    website = server.website("shop.test")
    token = server.token(website)
    tracked = {"websiteId": website.tracking_id, "url": URL, "referrer": REFERRER}
    assert server.ask("POST", "/events", body={**tracked, "visitorUid": "v1"}, headers=UA)[0] == 202
    huge = {**tracked, "url": HUGE, "visitorUid": "v1"}
    assert server.ask("POST", "/events", body=huge, headers=UA)[0] == 202
    assert server.ask("GET", f"/events?{urlencode(tracked)}", headers=UA)[0] == 200
    batch = [
        {"url": url, "referrer": REFERRER, "visitorUid": "v2", "userAgent": CHROME}
        for url in (URL, HUGE)
    ]
    status, answer = server.ask("POST", f"{BASE}/events", token, batch)
    assert (status, answer["data"]) == (202, [{"accepted": 2, "rejected": []}])
    status, answer = server.ask(
        "POST",
        "/v0/raw_events",
        server.token(website, "write", kind="formo"),
        json.dumps([raw_event(URL), raw_event(HUGE)]).encode(),
    )
    assert (status, answer["successful_rows"]) == (200, 2), answer
    server.wait_for_loading()
    rows = server.get("/pages", token)["data"]
    assert [(row["value"], row["pageviews"]) for row in rows] == [("/landing", 7)]
    sources = server.get("/breakdown", token, dimension="utm_source")["data"]
    assert [row["value"] for row in sources] == ["tiktok"]
    referrers = server.get("/referrers", token)["data"]
    assert [row["value"] for row in referrers] == ["blog.test"]
