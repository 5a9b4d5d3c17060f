"""What the API answers from memory is what it would answer without: after every kind of change."""

from collections.abc import Callable

import pytest

from footfall.store.cache import Cache

from .browsing import signed_in
from .conftest import Api
from .server_calls import Shop, page

DAY = "startAt=2026-03-01&endAt=2026-03-31"
STEP = "%7B%22type%22%3A%22event%22%2C%22event%22%3A%22page%22%7D"  # a page event, as JSON
PANELS = (
    f"overview?{DAY}&parts=true&compare=previous_period",
    f"timeseries?{DAY}&interval=week",
    f"breakdown?{DAY}&dimension=channel,country,device",
    f"breakdown?{DAY}&dimension=page",
    f"goals?{DAY}",
    f"flow?{DAY}&start_step={STEP}",
    f"retention?{DAY}",
    f"overview?{DAY}&filter_page=/x",
)
AT = "2026-03-03T12:00:00Z"


@pytest.fixture
def shop(api: Api) -> Shop:
    shop = Shop(api)
    url = "https://example.com"
    api.send(
        shop.website,
        page("anna", url=f"{url}/", timestamp=AT, country="AT"),
        page("anna", url=f"{url}/x", timestamp="2026-03-03T12:05:00Z"),
        page("bert", url=f"{url}/x", timestamp=AT, country="DE"),
    )
    shop.accepted("goals", name="signup", visitorUid="anna", timestamp=AT)
    shop.pay("t1", visitorUid="anna", timestamp=AT)
    api.load()
    return shop


def cache_of(shop: Shop) -> Cache:
    cache = shop.api.parts.engine.cache
    assert cache is not None
    return cache


def answers(shop: Shop) -> list[bytes]:
    found = []
    for panel in PANELS:
        answer = shop.api.get(f"/api/v1/{panel}", shop.all)
        assert answer.status_code == 200, answer.text
        found.append(answer.content)
    return found


def set_website(shop: Shop, **settings: object) -> None:
    path = f"/websites/{shop.website.public_id}"
    answer = signed_in(shop.api, "owner").ask("PATCH", path, json=settings)
    assert answer.status_code == 200, answer.text


def reset(shop: Shop) -> None:
    path = f"/websites/{shop.website.public_id}/reset"
    answer = signed_in(shop.api, "owner").ask("POST", path, json={"domain": "example.com"})
    assert answer.status_code == 200, answer.text


CHANGES: dict[str, Callable[[Shop], object]] = {
    "a late event": lambda shop: shop.api.send(
        shop.website, page("carl", url="https://example.com/late", timestamp=AT)
    ),
    "a later event of a session": lambda shop: shop.api.send(
        shop.website, page("anna", url="https://example.com/", timestamp="2026-03-03T12:09:00Z")
    ),
    "a goal": lambda shop: shop.accepted("goals", name="new", visitorUid="bert", timestamp=AT),
    "a payment": lambda shop: shop.pay("t2", visitorUid="bert", timestamp=AT),
    "an unconverted payment": lambda shop: shop.pay("t3", 5, currency="XAF", timestamp=AT),
    "a refund": lambda shop: shop.pay("t1", 4, isRefund=True, timestamp="2026-03-04T00:00:00Z"),
    "a goal is deleted": lambda shop: shop.delete("goals", name="signup"),
    "a payment is deleted": lambda shop: shop.delete("payments", transactionId="t1"),
    "a visitor is deleted": lambda shop: shop.delete("visitors/bert"),
    "a reset": reset,
    "the time zone": lambda shop: set_website(shop, timezone="Asia/Kathmandu"),
    "the KPI": lambda shop: set_website(shop, kpi="signup"),
    "the retention": lambda shop: set_website(shop, retainDays=30),
}


@pytest.mark.parametrize("name", sorted(CHANGES))
@pytest.mark.sample(2)
def test_after_a_change_the_api_answers_as_without_a_cache(shop: Shop, name: str) -> None:
    before = answers(shop)
    assert answers(shop) == before
    CHANGES[name](shop)
    shop.api.load()
    after = answers(shop)
    assert after != before, "the change changes an answer"
    cache_of(shop).clear()
    assert after == answers(shop)


def test_another_websites_traffic_and_todays_leave_earlier_answers(shop: Shop) -> None:
    other = Shop(shop.api, "other.example")
    cache = cache_of(shop)
    panels = PANELS[:4]
    for panel in panels:
        shop.api.get(f"/api/v1/{panel}", shop.all)
    misses, hits = cache.misses, cache.hits
    shop.api.send(other.website, page("dora", url="https://other.example/", timestamp=AT))
    shop.api.send(shop.website, page("dora", timestamp="2026-11-21T11:00:00Z"))
    for panel in panels:
        shop.api.get(f"/api/v1/{panel}", shop.all)
    assert cache.misses == misses
    assert cache.hits > hits


def test_nobody_gets_an_answer_about_another_website(shop: Shop) -> None:
    answers(shop)
    other = Shop(shop.api, "other.example")
    for panel in PANELS:
        answer = shop.api.get(f"/api/v1/{panel}&websiteId={shop.website.public_id}", other.all)
        assert answer.status_code in (403, 404), answer.text
        own = shop.api.get(f"/api/v1/{panel}", other.all)
        assert "/x" not in own.text
        assert '"visitors":2' not in own.text


def test_the_metrics_say_what_it_does(shop: Shop) -> None:
    answers(shop)
    before = metrics(shop)
    answers(shop)
    after = metrics(shop)
    assert after["footfall_cache_hits_total"] > before["footfall_cache_hits_total"]
    assert after["footfall_cache_misses_total"] == before["footfall_cache_misses_total"]
    assert after["footfall_cache_entries"] == cache_of(shop).entries > 0
    assert after["footfall_cache_bytes"] == cache_of(shop).bytes > 0


def metrics(shop: Shop) -> dict[str, float]:
    lines = shop.api.get("/metrics", shop.all).text.splitlines()
    pairs = [line.split() for line in lines if line.startswith("footfall_cache")]
    return {name: float(value) for name, value in pairs}
