"""GET /websites/{id}/setup: what the page that waits for a website's first visit shows."""

import asyncio
from typing import Any

import httpx2
import pytest

from footfall.collect.recent import FORGOTTEN_MS, MAX_ENTRIES, RecentHits
from footfall.model.event import DROP_REASONS, Dropped
from footfall.model.website import Website
from footfall.serve.rest.setup import REMEDIES
from footfall.serve.static import TrackerScript

from .conftest import NOON, Api

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)
NOT_OF_TRACKERS = {
    *("too_large", "duplicate", "refused_by_engine", "asset", "error_status", "not_get"),
}
"""Reasons that no hit of a website's tracker has."""


def status(api: Api, website: Website) -> dict[str, Any]:
    answer = api.get(f"/api/v1/websites/{website.public_id}/setup", api.token(website))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def hit(api: Api, tracking_id: str, url: str, agent: str = CHROME, **fields: Any) -> None:
    event = {"websiteId": tracking_id, "url": url, "type": "page", **fields}
    answer = api.ask("POST", "/events", json=event, headers={"User-Agent": agent})
    assert answer.status_code in (202, 400), answer.text


def test_at_first_nothing_is_known(api: Api) -> None:
    website = api.website()
    assert status(api, website) == {
        "trackingId": website.tracking_id,
        "domain": "example.com",
        "scriptRequests": [],
        "lastHit": None,
        "refused": [],
        "firstVisitAt": None,
    }


def test_the_first_counted_visit_is_shown(api: Api) -> None:
    website = api.website(timezone="UTC")
    hit(api, website.tracking_id, "https://example.com/start")
    found = status(api, website)
    assert found["lastHit"] == {
        "outcome": "accepted",
        "host": "example.com",
        "path": "/start",
        "at": "2026-11-21T12:00:00+00:00",
    }
    assert (found["refused"], found["firstVisitAt"]) == ([], None)  # not loaded yet
    api.load()
    assert status(api, website)["firstVisitAt"] == "2026-11-21T12:00:00+00:00"


def test_a_foreign_host_is_named_with_the_command_that_allows_it(api: Api) -> None:
    website = api.website()
    for _ in range(2):
        hit(api, website.tracking_id, "https://shop.example.net/cart?token=secret#x")
    [refused] = status(api, website)["refused"]  # at once, before anything is loaded
    assert refused == {
        "reason": "foreign_hostname",
        "host": "shop.example.net",
        "path": "/cart",
        "hits": 2,
        "lastAt": "2026-11-21T12:00:00+00:00",
        "message": "shop.example.net is not example.com",
        "remedy": "Allow this host, or change the website's domain",
        "command": "footfall website set example.com --allow-hostname shop.example.net",
    }
    api.catalog.update_website(website.id, allowed_hostnames=("shop.example.net",))
    api.now_ms += 2000
    hit(api, website.tracking_id, "https://shop.example.net/cart")
    assert status(api, website)["lastHit"]["outcome"] == "accepted"


def test_bots_and_wrong_tracking_ids_are_explained(api: Api) -> None:
    website = api.website()
    hit(api, website.tracking_id, "https://example.com/", "curl/8.0")
    api.now_ms += 1
    hit(api, "flid_wrong", "https://www.example.com/tag")
    hit(api, "flid_wrong", "https://elsewhere.example/")
    wrong, bot = status(api, website)["refused"]
    assert (wrong["reason"], wrong["host"], wrong["path"]) == (
        "unknown_website",
        "www.example.com",
        "/tag",
    )
    assert website.tracking_id in wrong["remedy"]
    assert (bot["reason"], bot["command"]) == ("bot", None)
    assert "bots=include" in bot["remedy"]
    api.load()
    assert status(api, website)["firstVisitAt"] is None


def test_hits_of_other_websites_are_not_shown(api: Api) -> None:
    website, other = api.website(), api.website("other.example")
    hit(api, other.tracking_id, "https://other.example/")
    hit(api, other.tracking_id, "https://foreign.example/")
    assert (status(api, website)["lastHit"], status(api, website)["refused"]) == (None, [])
    answer = api.get(f"/api/v1/websites/{other.public_id}/setup", api.token(website))
    assert answer.status_code == 403
    assert api.get("/api/v1/websites/00000000/setup", api.token()).status_code == 404
    assert api.get(f"/api/v1/websites/{other.public_id}/setup").status_code == 401


@pytest.mark.parametrize(
    ("referrer", "is_shown"),
    [
        ("https://example.com/", True),
        ("https://www.example.com/a", True),
        ("http://localhost:3000/", True),
        ("https://elsewhere.example/", False),
        ("", False),
        ("javascript:x", False),
        ("https://example.com.elsewhere.example/", False),
    ],
)
def test_requests_for_the_script_are_shown_by_the_pages_host(
    api: Api, referrer: str, is_shown: bool
) -> None:
    website = api.website()
    script = TrackerScript(api.recent.note_script)

    async def ask() -> None:
        transport = httpx2.ASGITransport(app=script)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            for _ in range(2):
                await client.get("/js/main.js", headers={"Referer": referrer})
            await client.request("HEAD", "/js/main.js", headers={"Referer": referrer})

    asyncio.run(ask())
    shown = status(api, website)["scriptRequests"]
    assert [each["requests"] for each in shown] == ([2] if is_shown else [])


WEBSITE = Website(
    **{"id": 1, "tracking_id": "flid_1", "domain": "example.com", "name": "", "created_at": 0},
    timezone="UTC",
    currency="EUR",
)


def test_a_referrer_that_no_browser_sends_is_not_looked_at() -> None:
    recent = RecentHits(lambda: NOON)
    recent.note_script("https://é.example.com/")
    assert recent.scripts_of(WEBSITE) == []
    recent.note_script("https://xn--9ca.example.com/")
    assert [each.host for each in recent.scripts_of(WEBSITE)] == ["xn--9ca.example.com"]


def test_what_is_old_is_forgotten_and_memory_has_limits() -> None:
    now, website = [NOON], WEBSITE
    recent = RecentHits(lambda: now[0])
    drop = Dropped("foreign_hostname", "url", "x" * 5000)
    for number in range(3 * MAX_ENTRIES):
        recent.note_drop(1, f"https://h{number}.example/{'p' * 1000}", drop)
        recent.note_script(f"https://h{number}.example.com/")
    assert len(recent.hits_of(website)) == MAX_ENTRIES
    assert all(len(each.path) + len(each.detail) <= 600 for each in recent.hits_of(website))
    assert recent.scripts_of(website)
    now[0] += FORGOTTEN_MS + 1
    assert (recent.hits_of(website), recent.scripts_of(website)) == ([], [])
    recent.note_drop(1, f"https://h{3 * MAX_ENTRIES - 1}.example/{'p' * 1000}", drop)
    assert [each.hits for each in recent.hits_of(website)] == [1]


def test_every_reason_of_a_trackers_hit_has_a_remedy() -> None:
    assert set(REMEDIES) == {"bot", *DROP_REASONS} - NOT_OF_TRACKERS
