"""People who said who they are: whose payments theirs are, where their names are shown and where
they never are."""

from typing import Any

import pytest

from .conftest import NOON, Api
from .server_calls import Shop, page

ANN = {"user_id": "u1", "name": "Ann", "email": "Ann@Example.com", "customer_id": "c1"}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REFERRED = {"referrer": "https://www.google.com/", "country": "AT"}


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


def identify(shop: Shop, visitor: str, **traits: Any) -> None:
    """Send it, and do not wait until it is loaded."""
    event = {"type": "identify", "visitorUid": visitor, "properties": traits}
    answer = shop.api.ask("POST", "/api/v1/events", shop.token, json=[event])
    assert answer.json()["data"] == [{"accepted": 1, "rejected": []}], answer.text


@pytest.mark.parametrize("payer", [{"email": " ann@example.COM"}, {"customerId": "c1"}])
def test_a_payment_with_only_the_payers_email_or_customer_id_is_the_identified_visitors(
    shop: Shop, payer: dict[str, str]
) -> None:
    shop.api.send(shop.website, page("ann", **REFERRED), page("ben", country="DE"))
    identify(shop, "ann", **ANN)
    shop.pay("t1", **payer)  # at once, with nothing of it loaded
    channels = {name: row["revenue"] for name, row in shop.rows("channels").items()}
    assert channels == {"Organic Search": 10, "Direct": 0}


def test_an_unknown_payer_stays_unknown(shop: Shop) -> None:
    shop.api.send(shop.website, page("ann", **REFERRED))
    identify(shop, "ann", **ANN)
    shop.pay("t1", email="eve@example.com")
    channels = {name: row["revenue"] for name, row in shop.rows("channels").items()}
    assert channels == {"Organic Search": 0, "Unknown": 10}


def test_a_payment_is_booked_where_loading_fails(shop: Shop) -> None:
    shop.api.loading_fails = OSError("disk")
    shop.pay("t1", email="eve@example.com")
    shop.api.loading_fails = None
    assert shop.overview()["revenue"] == 10


def test_a_visitor_shows_who_they_are_and_the_map_does_not(shop: Shop) -> None:
    shop.api.send(shop.website, page("ann", **REFERRED))
    identify(shop, "ann", **ANN, plan="pro")
    shop.api.load()
    answer = shop.api.get("/api/v1/visitors/ann", shop.token).json()["data"]
    assert answer["profile"] == {
        "userId": "u1",
        "name": "Ann",
        "email": "Ann@Example.com",
        "customerId": "c1",
    }
    seen = shop.api.get("/api/v1/realtime/map", shop.token)
    assert seen.json()["data"][0]["visitorId"] == answer["visitorId"]
    assert "Ann" not in seen.text
    assert "u1" not in seen.text


def test_an_export_holds_a_persons_words_in_their_profile_alone(shop: Shop) -> None:
    shop.api.send(shop.website, page("ann"))
    identify(shop, "ann", **ANN, plan="pro")
    shop.api.load()
    text = shop.api.get("/api/v1/visitors/ann/export", shop.token).text
    assert text.count("Ann@Example.com") == 1
    assert '"plan":"pro"' in text.replace("\\", "").replace(": ", ":")


def test_the_value_that_was_stated_last_is_shown_though_it_came_first(shop: Shop) -> None:
    times = ("2026-11-21T11:00:00Z", "2026-11-20T11:00:00Z")
    for at, name in zip(times, ("Anna", "Ann"), strict=True):
        event = {"type": "identify", "visitorUid": "ann", "timestamp": at}
        shop.api.send(shop.website, event | {"properties": {"user_id": "u1", "name": name}})
    answer = shop.api.get("/api/v1/visitors/ann", shop.token).json()["data"]
    assert answer["profile"]["name"] == "Anna"


def test_a_wrong_identify_is_refused_with_the_property_alone(shop: Shop) -> None:
    events = [
        {"type": "identify", "visitorUid": "ann", "properties": properties}
        for properties in ({"name": "Ann"}, {"email": "ann"}, "ann@example.com", ANN)
    ]
    answer = shop.api.ask("POST", "/api/v1/events", shop.token, json=events)
    [data] = answer.json()["data"]
    assert data["accepted"] == 2
    fields = [(row["index"], row["field"]) for row in data["rejected"]]
    assert fields == [(0, "properties.user_id"), (1, "properties.email")]


def test_an_sdks_wallet_is_identified_without_a_name(shop: Shop) -> None:
    event = {
        "type": "identify",
        "version": "1",
        "channel": "web",
        "anonymous_id": "ann",
        "address": "0xabc",
        "user_id": "did:u1",
        "properties": {"provider_name": "Wallet", "rdns": "io.wallet"},
    }
    key = shop.api.token(shop.website, "collect", kind="formo")
    agent = {"User-Agent": BROWSER}
    answer = shop.api.ask("POST", "/v0/raw_events", key, json=[event], headers=agent)
    assert answer.json() == {"successful_rows": 1, "quarantined_rows": 0}
    shop.api.load()
    data = shop.api.get("/api/v1/visitors/ann/export", shop.token).json()["data"]
    assert data["profile"]["userId"] == "did:u1"
    assert data["events"][0]["properties"] == {"provider_name": "Wallet", "rdns": "io.wallet"}


def test_profiles_go_with_the_website(api: Api, shop: Shop) -> None:
    identify(shop, "ann", **ANN)
    api.load()
    api.catalog.remove_website(shop.website.id, now_ms=NOON)
    api.catalog.forget_website(shop.website.id)
    assert api.catalog.profiles.find_visitor(shop.website.id, email="ann@example.com") == 0
