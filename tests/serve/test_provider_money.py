"""What providers say of money, from their payloads to the reports."""

from typing import Any

import pytest
from payments import other_payload as other
from payments import stripe_payload as stripe
from payments.signing import NOW_MS, encode

from footfall.payments.provider import PROVIDERS

from .conftest import Api

Payload = dict[str, Any]
PERIOD = {"startAt": "2027-01-01", "endAt": "2027-01-31"}


class Till:
    """A website that hears from providers, and its reports."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.now_ms = NOW_MS
        self.website = api.website("shop.example", currency="USD")
        self.token = api.token(self.website, "read", "write", "delete")

    def hear(self, provider: str, *payloads: Payload) -> None:
        """Each one is loaded before the next, as on a quiet day."""
        for payload in payloads:
            telling = PROVIDERS[provider].read(encode(payload), self.website.id, self.api.now_ms)
            self.api.run(self.api.books.tell(telling))
            self.api.load()

    def ask(self, path: str, **params: str) -> Any:
        answer = self.api.get(f"/api/v1/{path}", self.token, params={**PERIOD, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def money(self) -> tuple[float, float, float]:
        """New, renewed and refunded."""
        [row] = self.ask("overview")["data"]
        return row["new_revenue"], row["renewal_revenue"], row["refunded_revenue"]

    def goals(self) -> dict[str, int]:
        return {
            row["name"]: row["completions"]
            for row in self.ask("goals")["data"]
            if row["completions"]
        }

    def refunds_by_day(self) -> dict[str, float]:
        rows = self.ask("timeseries", interval="day")["data"]
        return {
            row["timestamp"][:10]: row["refundedRevenue"] for row in rows if row["refundedRevenue"]
        }

    def visitor(self) -> Any:
        return self.ask(f"visitors/{stripe.VISITOR}")["data"]

    def exported(self) -> list[tuple[str, float]]:
        data = self.ask(f"visitors/{stripe.VISITOR}/export")["data"]
        return [(row["type"], float(row["amount"])) for row in data["payments"]]


@pytest.fixture
def till(api: Api) -> Till:
    till = Till(api)
    page = {"url": "https://shop.example/", "visitorUid": stripe.VISITOR}
    api.send(till.website, page | {"timestamp": "2027-01-14T12:00:00Z"})
    return till


def refund(day: int, **fields: Any) -> Payload:
    """A Stripe event of a refund that was made on the 13th, in January 2027."""
    made, said = 1_799_798_400, 1_799_798_400 + (day - 13) * 86_400
    return stripe.refund(**{"created": made, "amount": 2999} | fields) | {"created": said}


def test_a_reversed_refund_falls_out_of_every_report(till: Till) -> None:
    till.hear("stripe", stripe.session(), refund(13))
    assert till.money() == (29.99, 0, 29.99)
    assert till.refunds_by_day() == {"2027-01-13": 29.99}
    assert till.visitor()["revenue"]["refundedRevenue"] == 29.99
    assert till.exported() == [("refund", 29.99), ("new", 29.99)]
    till.hear("stripe", refund(14, status="failed") | {"type": "refund.failed"})
    assert till.money() == (29.99, 0, 0)
    assert till.refunds_by_day() == {}
    assert till.visitor()["revenue"]["refundedRevenue"] == 0
    assert [row["type"] for row in till.visitor()["activityTimeline"]].count("payment") == 1
    assert till.exported() == [("new", 29.99)]


def test_a_refund_made_again_after_it_failed_counts_on_its_own_day(till: Till) -> None:
    again = stripe.refund(id="re_2", amount=2999, created=1_799_884_800)
    till.hear("stripe", refund(14, status="failed"), stripe.session(), again, refund(13))
    assert till.money() == (29.99, 0, 29.99)
    assert till.refunds_by_day() == {"2027-01-14": 29.99}


def test_a_polar_refund_that_fails_is_reversed(till: Till) -> None:
    till.hear("polar", other.polar_order(), other.polar_refund())
    assert till.money() == (107.2, 0, 53.6)
    till.hear("polar", other.polar_refund("refund.updated", status="failed"))
    assert till.money() == (107.2, 0, 0)


def test_our_own_refund_that_fails_is_reversed(till: Till) -> None:
    paid = other.generic_payment(currency="USD")
    given = other.generic_refund(currency="USD", timestamp="2027-01-15T07:40:00Z")
    till.hear("generic", paid, given, given | {"status": "failed"})
    assert till.money() == (29.99, 0, 0)


def test_a_payment_whose_refund_was_reversed_is_deleted_whole(till: Till) -> None:
    till.hear("stripe", stripe.session(), refund(13), refund(14, status="canceled"))
    answer = till.api.ask(
        "DELETE",
        "/api/v1/payments?transactionId=pi_3MtwBwLkdIwHu7ix28a3tqPa",
        till.token,
    )
    assert answer.json()["data"][0]["deleted"] == 1
    assert till.money() == (0, 0, 0)
    assert till.goals() == {}
    till.hear("stripe", stripe.session(), refund(13))
    assert till.money() == (29.99, 0, 29.99)
