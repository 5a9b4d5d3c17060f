"""How Lemon Squeezy's webhooks are read."""

from decimal import Decimal
from typing import Any

import pytest
from providers import other_payload as payload
from providers.signing import NOW_MS, encode
from providers.stripe_payload import SESSION, VISITOR

from footfall.model.errors import BadRequest
from footfall.model.key import client_session_key, visitor_key
from footfall.model.notice import Notice
from footfall.model.payment import Payment, Profile, Refund, TrialStart
from footfall.providers.lemonsqueezy import read

WEBSITE = 7
CREATED_AT = 1_800_000_000_000 - 30 * 60 * 1000  # 07:30


def notice(event: object) -> Notice:
    return read(encode(event), WEBSITE, NOW_MS)


def refund(event: object) -> Refund:
    [found] = notice(event).entries
    assert isinstance(found, Refund)
    return found


def test_an_order_is_a_payment_of_its_visitor() -> None:
    [found] = notice(payload.lemonsqueezy_order()).entries
    assert found == Payment(
        website_id=WEBSITE,
        transaction_id="order_1",
        other_ids=("104e18a2-d755-4d4b-80c4-a6c1dcbe1c10",),
        amount=Decimal("11.99"),
        currency="USD",
        occurred_at=CREATED_AT,
        visitor_id=visitor_key(WEBSITE, VISITOR),
        client_session=client_session_key(WEBSITE, SESSION),
        profile=Profile(name="Ada Lovelace", email="ada@example.com", customer_id="31"),
        provider="lemonsqueezy",
    )


@pytest.mark.parametrize("status", ["pending", "failed", "fraudulent"])
def test_an_order_that_is_not_paid_is_ignored(status: str) -> None:
    found = notice(payload.lemonsqueezy_order(status=status))
    assert found.entries == ()
    assert status in found.ignored


@pytest.mark.parametrize("reason", ["renewal", "updated"])
def test_an_invoice_of_a_running_subscription_is_a_renewal(reason: str) -> None:
    [found] = notice(payload.lemonsqueezy_invoice(billing_reason=reason)).entries
    assert isinstance(found, Payment)
    assert (found.transaction_id, found.kind) == ("subscription_invoice_9", "renewal")
    assert (found.amount, found.currency) == (Decimal("9.99"), "EUR")


def test_a_subscriptions_first_payment_is_counted_as_its_order_only() -> None:
    for name in ("subscription_payment_success", "subscription_payment_refunded"):
        found = notice(payload.lemonsqueezy_invoice(name, billing_reason="initial"))
        assert found.entries == ()
        assert "its order" in found.ignored


TRIAL = TrialStart(
    website_id=WEBSITE,
    subscription_id="subscription_55",
    occurred_at=CREATED_AT,
    provider="lemonsqueezy",
)


def test_an_invoice_belongs_to_its_subscription() -> None:
    [found] = notice(payload.lemonsqueezy_invoice()).entries
    assert isinstance(found, Payment)
    assert found.subscription_id == "subscription_55"


def test_a_first_invoice_of_nothing_says_that_a_trial_began() -> None:
    assert notice(payload.lemonsqueezy_invoice(billing_reason="initial", total=0)).entries == (
        TRIAL,
    )


@pytest.mark.parametrize(
    "fields", [{"status": "on_trial"}, {"trial_ends_at": "2027-01-22T07:30:00.000000Z"}]
)
def test_a_subscription_on_trial_says_that_it_began(fields: dict[str, Any]) -> None:
    assert notice(payload.lemonsqueezy_subscription(**fields)).entries == (TRIAL,)


def test_a_subscription_without_a_trial_is_counted_by_its_order() -> None:
    found = notice(payload.lemonsqueezy_subscription())
    assert found.entries == ()
    assert "its order" in found.ignored


def test_a_refunded_order_has_the_total_refunded_so_far() -> None:
    found = refund(
        payload.lemonsqueezy_order("order_refunded", status="partial_refund", refunded_amount=500)
    )
    assert (found.transaction_id, found.amount, found.is_total) == (
        "order_1",
        Decimal("5.00"),
        True,
    )
    assert found.occurred_at == CREATED_AT + 15 * 60 * 1000


def test_an_older_payload_without_the_amount_is_a_whole_refund() -> None:
    event = payload.lemonsqueezy_order("order_refunded", status="refunded", refunded=True)
    del event["data"]["attributes"]["refunded_amount"]
    assert refund(event).amount == Decimal("11.99")


def test_a_refunded_renewal_is_a_refund_of_its_invoice() -> None:
    found = refund(
        payload.lemonsqueezy_invoice("subscription_payment_refunded", refunded_amount=999)
    )
    assert (found.transaction_id, found.amount) == ("subscription_invoice_9", Decimal("9.99"))


def test_a_repeat_has_the_events_id_and_a_second_refund_another() -> None:
    one = notice(payload.lemonsqueezy_order("order_refunded", refunded_amount=500))
    again = notice(payload.lemonsqueezy_order("order_refunded", refunded_amount=500))
    more = notice(payload.lemonsqueezy_order("order_refunded", refunded_amount=700))
    assert one.event_id == again.event_id != more.event_id


def test_events_of_other_types_are_ignored_with_a_reason() -> None:
    found = notice(payload.lemonsqueezy_order("license_key_created"))
    assert (found.entries, found.ignored) == ((), "events of this type are not processed")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"total": -1}, "data.attributes.total"),
        ({"total": 11.99}, "data.attributes.total"),
        ({"currency": "$"}, "data.attributes.currency"),
        ({"status": None}, "data.attributes.status"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_what_is_wrong_is_refused_by_the_fields_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        notice(payload.lemonsqueezy_order(**fields))
    assert caught.value.field == field
