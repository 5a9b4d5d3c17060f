"""An event that the server fails to process, on each way in: the rest of its batch is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.enrich.draft import Draft
from footfall.enrich.pipeline import STEPS, Enricher
from footfall.model.website import Website
from footfall.store.engine import Engine

from .conftest import Api

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)
TITLES = ("First", "Trouble", "Third")


def add_trouble(draft: Draft) -> None:
    if draft.hit.title == "Trouble":
        raise ValueError(draft.hit.title)


@pytest.fixture(scope="module")
def failing() -> Iterator[Enricher]:
    enricher = Enricher(steps=(*STEPS, add_trouble))
    yield enricher
    enricher.close()


@pytest.fixture
def api(tmp_path: Path, engine: Engine, failing: Enricher) -> Iterator[Api]:
    api = Api(tmp_path, engine, with_enricher=failing)
    yield api
    api.close()


def ingested(api: Api, website: Website) -> dict[str, int]:
    """What became of the website's hits, by outcome, once all of it is loaded."""
    api.load()
    answer = api.get("/api/v1/ingestion", api.token(website))
    totals: dict[str, int] = answer.json()["totals"]
    return totals


def page(website: Website, title: str) -> dict[str, Any]:
    return {"websiteId": website.tracking_id, "url": "https://example.com/", "title": title}


def test_the_tracker_reads_which_event_was_dropped_and_why(api: Api) -> None:
    website = api.website()
    answer = api.ask(
        "POST",
        "/events",
        json=[page(website, title) for title in TITLES],
        headers={"User-Agent": BROWSER},
    )
    assert answer.status_code == 202
    (data,) = answer.json()["data"]
    assert data["accepted"] == 2
    assert [dropped["reason"] for dropped in data["dropped"]] == ["internal_error"]
    assert "the server failed" in data["dropped"][0]["message"]
    assert ingested(api, website) == {"accepted": 2, "internal_error": 1}


def test_one_event_of_the_tracker_alone_is_answered_202(api: Api) -> None:
    """Sending it again would not help, so it is not an error that a client repeats."""
    website = api.website()
    answer = api.ask("POST", "/events", json=page(website, "Trouble"))
    assert answer.status_code == 202
    assert answer.json()["data"][0]["accepted"] == 0


def test_the_pixel_is_shown_all_the_same(api: Api) -> None:
    website = api.website()
    query = f"websiteId={website.tracking_id}&url=https://example.com/&title=Trouble"
    answer = api.ask("GET", f"/events?{query}", headers={"User-Agent": BROWSER})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert ingested(api, website) == {"internal_error": 1}


def test_a_backend_reads_the_index_of_the_event_and_the_rest_is_kept(api: Api) -> None:
    website = api.website()
    answer = api.ask(
        "POST",
        "/api/v1/events",
        api.token(website),
        json=[{"url": "https://example.com/", "title": title} for title in TITLES],
    )
    assert answer.status_code == 202
    (data,) = answer.json()["data"]
    assert data["accepted"] == 2
    assert [rejected["index"] for rejected in data["rejected"]] == [1]
    assert "the server failed" in data["rejected"][0]["message"]
    assert ingested(api, website) == {"accepted": 2, "internal_error": 1}


def test_an_sdks_event_is_quarantined_with_the_reason(api: Api) -> None:
    website = api.website()
    events = [
        {
            "type": "page",
            "channel": "web",
            "version": "1",
            "anonymous_id": "a1",
            "context": {"page_url": "https://example.com/", "page_title": title},
        }
        for title in TITLES
    ]
    answer = api.ask(
        "POST",
        "/v0/raw_events",
        api.token(website, "collect", kind="formo"),
        json=events,
        headers={"User-Agent": BROWSER},
    )
    assert answer.status_code == 200
    assert answer.json() == {"successful_rows": 2, "quarantined_rows": 1}
    assert ingested(api, website) == {"accepted": 2, "internal_error": 1}
    (aside,) = api.parts.engine.query(
        f"SELECT message FROM quarantine WHERE website_id = {website.id}"
    ).rows
    assert "the server failed" in aside[0]
