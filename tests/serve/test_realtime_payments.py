"""The newest payments of the live page, and who sees whose they are."""

from typing import Any

import pytest
from httpx import Response

from .browsing import Browser, opened, signed_in
from .conftest import Api

PATH = "/realtime?domain=example.com"


@pytest.fixture
def website(api: Api) -> Any:
    """A payment and its refund, a renewal in a currency without a rate, and one that is too old."""
    website = api.website(currency="EUR")
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    token = api.token(website, "read", "write")
    for payment in (
        {"transactionId": "t1", "amount": 29.99, "visitorUid": "ann", "email": "ann@example.org"},
        {"transactionId": "t1", "amount": 10, "isRefund": True, "timestamp": at("11:59:50")},
        {"transactionId": "t2", "amount": 5, "currency": "UZS", "isRenewal": True},
        {"transactionId": "t3", "amount": 7, "timestamp": "2026-11-20T11:59:59.999Z"},
    ):
        sent = {"currency": "EUR", "timestamp": at("11:59:30")} | payment
        answer = api.ask("POST", "/api/v1/payments", token, json=sent)
        assert answer.status_code == 200, answer.text
    api.load()
    return website


def at(clock: str) -> str:
    return f"2026-11-21T{clock}Z"


def payments(answer: Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["payments"]
    return found


def test_the_newest_payments_and_refunds_of_the_last_day(api: Api, website) -> None:
    token = api.token(website)
    assert set(api.get(f"/api/v1{PATH}", token).json()) == {"status", "data"}
    rows = payments(api.get(f"/api/v1{PATH}&payments=100", token))
    shown = [(row["kind"], row["amount"], row["originalAmount"]) for row in rows]
    assert shown == [("refund", -10.0, -10.0), ("new", 29.99, 29.99), ("renewal", None, 5.0)]
    assert rows[0]["occurredAt"] == at("11:59:50")
    assert rows[2]["originalCurrency"] == "UZS"
    assert payments(api.get(f"/api/v1{PATH}&payments=1", token)) == rows[:1]


def test_who_paid_is_for_those_who_may_see_visitors(api: Api, website) -> None:
    asked = f"{PATH}&payments=9"
    shown = payments(api.get(f"/api/v1{asked}", api.token(website)))
    [_, paid, unknown] = shown
    assert paid["customer"]["email"] == "ann@example.org"
    assert paid["customer"]["userId"] is None
    assert "customer" not in unknown
    assert payments(signed_in(api, "admin").get(asked)) == shown
    assert payments(signed_in(api, "owner").get(asked)) == shown
    without = [{name: row[name] for name in row if name != "customer"} for row in shown]
    assert payments(signed_in(api, "viewer").get(asked)) == without
    assert payments(share(api, website, "live", "overview").get(asked)) == without


@pytest.mark.parametrize("pages", [["live"], ["overview"], ["overview", "flow"]])
def test_a_share_link_without_live_page_and_revenue_shows_no_payments(
    api: Api, website, pages: list[str]
) -> None:
    shared = share(api, website, *pages)
    assert shared.get(PATH).status_code == 200
    refused = shared.get(f"{PATH}&payments=9")
    assert refused.status_code == 403
    assert refused.json()["error"]["field"] == "payments"


def share(api: Api, website, *pages: str) -> Browser:
    return opened(api, website, pages=list(pages))
