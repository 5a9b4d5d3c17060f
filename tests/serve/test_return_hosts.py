"""A return from a payment or sign-in page: whose the session and its revenue are."""

from typing import Any

import pytest

from .conftest import Api
from .server_calls import Shop, page

MINUTE = 60_000
STRIPE = "https://checkout.stripe.com/c/pay/cs_live_1"
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)


def visit_and_pay(shop: Shop, back_from: str, minutes: int) -> None:
    """From a search to the shop, to a payment page, back after some minutes; then it is paid."""
    shop.api.send(shop.website, page("anna", referrer="https://www.google.com/"))
    shop.api.now_ms += minutes * MINUTE
    shop.api.send(shop.website, page("anna", referrer=back_from))
    shop.pay("t1", 50, visitorUid="anna")


def revenue(shop: Shop, path: str) -> dict[str, Any]:
    return {value: row["revenue"] for value, row in shop.rows(path).items()}


def test_a_payment_page_earns_no_revenue_when_the_visitor_comes_back_late(api: Api) -> None:
    shop = Shop(api)
    visit_and_pay(shop, STRIPE, 45)
    assert revenue(shop, "referrers") == {"Direct/None": 50, "google.com": 0}
    assert revenue(shop, "channels") == {"Direct": 50, "Organic Search": 0}


def test_the_search_keeps_the_revenue_when_the_visitor_comes_back_at_once(api: Api) -> None:
    shop = Shop(api)
    visit_and_pay(shop, STRIPE, 5)
    assert revenue(shop, "referrers") == {"google.com": 50}


def test_the_first_source_can_be_asked_for(api: Api) -> None:
    shop = Shop(api)
    visit_and_pay(shop, STRIPE, 45)
    api.load()
    answer = api.get("/api/v1/channels", shop.all, params={"attribution": "first"})
    paid = {row["value"]: row["revenue"] for row in answer.json()["data"]}
    assert paid == {"Organic Search": 50, "Direct": 0}


def test_a_website_adds_payment_pages_of_its_own_and_the_next_hit_follows(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", referrer="https://pay.bank.example/return"))
    api.catalog.update_website(shop.website.id, return_hostnames=("Pay.Bank.example",))
    api.now_ms += 1_000
    for visitor, referrer in {
        "ben": "https://pay.bank.example/return",
        "cleo": "https://www.pay.bank.example/",
        "dora": "https://3ds.pay.bank.example/",
        "emil": "https://bank.example/",
    }.items():
        api.send(shop.website, page(visitor, referrer=referrer))
    assert {value: row["visitors"] for value, row in shop.rows("referrers").items()} == {
        "Direct/None": 3,
        "pay.bank.example": 1,  # stored before: facts do not change
        "bank.example": 1,
    }


def test_one_websites_payment_pages_are_not_anothers(api: Api) -> None:
    shop, other = Shop(api), Shop(api, "example.net")
    api.catalog.update_website(shop.website.id, return_hostnames=("pay.bank.example",))
    api.now_ms += 1_000
    sent = {"url": "https://example.net/", "referrer": "https://pay.bank.example/"}
    api.send(other.website, {**sent, "visitorUid": "anna"})
    assert set(other.rows("referrers")) == {"pay.bank.example"}


@pytest.mark.parametrize("way", ["sdk", "browser", "pixel"])
def test_every_way_in_drops_the_referrer_of_a_return(api: Api, way: str) -> None:
    website = api.website()
    headers = {"User-Agent": BROWSER}
    if way == "sdk":
        context = {"page_url": "https://example.com/", "referrer": STRIPE, "user_agent": BROWSER}
        event = {"type": "page", "channel": "web", "version": "1", "anonymous_id": "v"}
        answer = api.ask(
            "POST",
            "/v0/raw_events",
            api.token(website, "collect", kind="formo"),
            json=[event | {"context": context}],
            headers=headers,
        )
    elif way == "browser":
        hit = {"websiteId": website.tracking_id, "type": "page", "url": "https://example.com/"}
        answer = api.ask("POST", "/events", json=hit | {"referrer": STRIPE}, headers=headers)
    else:
        asked = {
            "websiteId": website.tracking_id,
            "url": "https://example.com/",
            "referrer": STRIPE,
        }
        answer = api.ask("GET", "/events", params=asked, headers=headers)
    assert answer.status_code in (200, 202), answer.text
    api.load()
    stored = "SELECT referrer, referrer_url, channel FROM sessions FINAL WHERE website_id = "
    rows = api.parts.engine.query(stored + str(website.id)).rows
    assert rows == [["", "", "Direct"]]
