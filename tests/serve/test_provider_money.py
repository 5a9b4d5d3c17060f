"""What providers say of money, from their payloads to the reports."""

from typing import Any

import pytest
from providers import other_payload as other
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, encode

from footfall.providers.provider import PROVIDERS

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
            notice = PROVIDERS[provider].read(encode(payload), self.website.id, self.api.now_ms)
            self.api.run(self.api.payment_service.post_notice(notice))
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


def trial(*, sub: str = "sub_1", prefix: str = "") -> dict[str, Payload]:
    """Stripe's events of a trial from the 10th, paid on the 12th and again on the 13th."""
    day = 86_400
    tenth = 1_799_798_400 - 3 * day

    def invoice(id_: str, amount: int, on: int, reason: str) -> Payload:
        return stripe.invoice(
            id=f"{prefix}{id_}",
            amount_paid=amount,
            billing_reason=reason,
            parent={"subscription_details": {"subscription": sub}},
            status_transitions={"paid_at": tenth + on * day},
        )

    session = stripe.subscription_session(
        id=f"{prefix}cs_1",
        invoice=f"{prefix}in_0",
        amount_total=0,
        payment_status="no_payment_required",
        subscription=sub,
    ) | {"created": tenth + 5}
    return {
        "session": session,
        "start": invoice("in_0", 0, 0, "subscription_create"),
        "first": invoice("in_1", 2900, 2, "subscription_cycle"),
        "second": invoice("in_2", 2900, 3, "subscription_cycle"),
    }


@pytest.mark.parametrize(
    "order", ["session start first second", "second first start session", "first session second"]
)
def test_what_follows_a_trial_is_new_once_and_then_renews(till: Till, order: str) -> None:
    events = trial()
    till.hear("stripe", *(events[name] for name in order.split()))
    assert till.money() == (29, 29, 0)
    assert till.goals() == {"free_trial": 1, "payment": 1}
    assert till.ask("overview")["data"][0]["conversion_rate"] == 100
    rows = till.ask("timeseries", interval="day")["data"]
    assert {row["timestamp"][:10]: row["newRevenue"] for row in rows if row["newRevenue"]} == {
        "2027-01-12": 29
    }
    names = [row["eventName"] for row in till.visitor()["activityTimeline"] if row["eventName"]]
    assert sorted({*names}) == ["free_trial", "payment", "renewal"]


def test_deleting_a_first_payment_makes_the_next_one_new_in_the_reports(till: Till) -> None:
    till.hear("stripe", *trial().values())
    path = "/api/v1/payments?transactionId=in_1"
    assert till.api.ask("DELETE", path, till.token).json()["data"][0]["deleted"] == 1
    assert till.money() == (29, 0, 0)
    assert till.goals() == {"free_trial": 1, "payment": 1}


def test_two_subscriptions_of_one_customer_have_a_first_payment_each(till: Till) -> None:
    both = zip(trial().values(), trial(sub="sub_2", prefix="b_").values(), strict=True)
    till.hear("stripe", *(event for pair in both for event in pair))
    assert till.money() == (58, 58, 0)
    assert till.goals() == {"free_trial": 2, "payment": 2}


def test_a_subscription_from_before_the_connection_only_renews(till: Till) -> None:
    till.hear("stripe", trial()["first"], trial()["second"])
    assert till.money() == (0, 58, 0)
    assert till.goals() == {}


@pytest.mark.parametrize("checkout_id", [None, "the-checkout-that-began-it"])
def test_a_polar_trial_becomes_new(till: Till, checkout_id: str | None) -> None:
    def order(id_: str, total: int, day: int, reason: str) -> Payload:
        return other.polar_order(
            id=id_,
            checkout_id=checkout_id,
            total_amount=total,
            subscription_id="sub-1",
            billing_reason=reason,
            created_at=f"2027-01-{day}T07:30:00Z",
        )

    start = order("o-0", 0, 10, "subscription_create")
    first = order("o-1", 3000, 12, "subscription_cycle")
    second = order("o-2", 3000, 13, "subscription_cycle")
    till.hear("polar", second, first, start)
    assert till.money() == (30, 30, 0)
    assert till.goals() == {"free_trial": 1, "payment": 1}


@pytest.mark.parametrize("sent_by", ["subscription", "invoice", "both"])
def test_a_lemon_squeezy_trial_becomes_new(till: Till, sent_by: str) -> None:
    def invoice(id_: str, day: int, total: int, reason: str = "renewal") -> Payload:
        at = f"2027-01-{day}T07:30:00.000000Z"
        fields = {"created_at": at, "total": total, "currency": "USD"}
        payload = other.lemonsqueezy_invoice(billing_reason=reason, **fields)
        payload["data"]["id"] = id_
        return payload

    till.hear("lemonsqueezy", invoice("2", 13, 999), invoice("1", 12, 999))
    assert till.money() == (0, 19.98, 0)
    till.hear("lemonsqueezy", other.lemonsqueezy_order(total=0))
    if sent_by != "invoice":
        till.hear("lemonsqueezy", other.lemonsqueezy_subscription(status="on_trial"))
    if sent_by != "subscription":
        till.hear("lemonsqueezy", invoice("0", 10, 0, "initial"))
    assert till.money() == (9.99, 9.99, 0)
    assert till.goals() == {"free_trial": 1, "payment": 1}


def test_a_lemon_squeezy_subscription_without_a_trial_is_new_by_its_order(till: Till) -> None:
    renewal = other.lemonsqueezy_invoice(currency="USD", created_at="2027-01-15T07:40:00Z")
    initial = other.lemonsqueezy_invoice(billing_reason="initial", currency="USD")
    initial["data"]["id"] = "8"
    begun = other.lemonsqueezy_subscription()
    till.hear("lemonsqueezy", renewal, begun, initial, other.lemonsqueezy_order(total=999))
    assert till.money() == (9.99, 9.99, 0)
    assert till.goals() == {"payment": 1}


@pytest.mark.parametrize("checkout_first", [True, False])
def test_a_balance_that_paid_a_part_of_a_subscription_is_not_counted(
    till: Till, checkout_first: bool
) -> None:
    checkout = stripe.subscription_session(amount_total=3000) | {"created": 1_799_000_000}
    invoice = stripe.invoice(amount_paid=1000, total=3000, starting_balance=-2000)
    till.hear("stripe", *((checkout, invoice) if checkout_first else (invoice, checkout)))
    assert till.money() == (10, 0, 0)


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
