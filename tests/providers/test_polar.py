"""How Polar's webhooks are read."""

from decimal import Decimal
from typing import Any

import pytest
from providers import other_payload as payload
from providers.signing import NOW_MS, encode
from providers.stripe_payload import SESSION, VISITOR

from footfall.model.errors import BadRequest
from footfall.model.key import client_session_key, visitor_key
from footfall.model.notice import Notice
from footfall.model.payment import Payment, Profile, Refund
from footfall.providers.polar import read

WEBSITE = 7


def notice(event: object) -> Notice:
    return read(encode(event), WEBSITE, NOW_MS)


def payment(event: object) -> Payment:
    [found] = notice(event).entries
    assert isinstance(found, Payment)
    return found


def refund(event: object) -> Refund:
    [found] = notice(event).entries
    assert isinstance(found, Refund)
    return found


def test_a_paid_order_is_a_payment_of_its_visitor() -> None:
    assert payment(payload.polar_order()) == Payment(
        website_id=WEBSITE,
        transaction_id=payload.ORDER,
        other_ids=("e4b478fa-cd25-4253-9f1f-8a41e6370ede",),
        amount=Decimal("107.20"),
        currency="USD",
        occurred_at=NOW_MS - 30 * 60 * 1000,
        visitor_id=visitor_key(WEBSITE, VISITOR),
        client_session=client_session_key(WEBSITE, SESSION),
        profile=Profile(
            name="Ada Lovelace",
            email="ada@example.com",
            customer_id="992fae2a-2a17-4b7a-8d9e-e287cf90131b",
        ),
        provider="polar",
    )


@pytest.mark.parametrize(
    ("reason", "is_named"),
    [
        ("purchase", True),
        ("subscription_create", True),
        ("subscription_cycle_after_trial", False),
        ("subscription_cycle", False),
        ("subscription_update", False),
    ],
)
def test_only_the_first_order_of_a_checkout_has_its_name(reason: str, *, is_named: bool) -> None:
    """Later orders of the subscription with the same checkout would be taken for the first."""
    order = payload.polar_order(billing_reason=reason, subscription_id="sub")
    assert bool(payment(order).other_ids) is is_named


def test_created_paid_and_updated_are_the_same_payment() -> None:
    found = {
        payment(payload.polar_order(f"order.{verb}")) for verb in ("created", "paid", "updated")
    }
    assert len(found) == 1


@pytest.mark.parametrize("status", ["pending", "draft", "void"])
def test_an_order_that_is_not_paid_is_ignored(status: str) -> None:
    found = notice(payload.polar_order("order.created", status=status, paid=False))
    assert found.entries == ()
    assert status in found.ignored


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("purchase", "new"),
        ("subscription_create", "new"),
        ("subscription_cycle", "renewal"),
        ("subscription_update", "renewal"),
        ("subscription_meter_cycle", "renewal"),
    ],
)
def test_the_billing_reason_says_whether_an_order_renews(reason: str, kind: str) -> None:
    assert payment(payload.polar_order(billing_reason=reason)).kind == kind


@pytest.mark.parametrize(
    "fields", [{"subscription_id": "sub-1"}, {"subscription": {"id": "sub-1", "metadata": None}}]
)
def test_an_order_belongs_to_its_subscription(fields: dict[str, Any]) -> None:
    assert payment(payload.polar_order(**fields)).subscription_id == "sub-1"
    assert payment(payload.polar_order()).subscription_id == ""


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("subscription_create", "new"),
        ("subscription_cycle_after_trial", "new"),
        ("subscription_cycle", "renewal"),
        ("subscription_seats_added", "renewal"),
    ],
)
def test_only_some_orders_begin_a_subscription(reason: str, kind: str) -> None:
    found = payment(payload.polar_order(billing_reason=reason, subscription_id="sub-1"))
    assert found.kind == kind


def test_a_renewals_visitor_may_be_on_the_subscription_or_the_customer() -> None:
    labels = {"metadata": {"_fs_vid": VISITOR}}
    for fields in ({"subscription": labels}, {"customer": labels}):
        found = payment(payload.polar_order(metadata={}, **fields))
        assert found.visitor_id == visitor_key(WEBSITE, VISITOR)


def test_a_notice_names_the_website_of_the_metadata() -> None:
    assert notice(payload.polar_order(metadata={"website_id": "flid_a"})).website == "flid_a"


def test_a_refund_gives_back_the_tax_too() -> None:
    assert refund(payload.polar_refund()) == Refund(
        website_id=WEBSITE,
        transaction_id=payload.ORDER,
        amount=Decimal("53.60"),
        currency="USD",
        occurred_at=NOW_MS - 10 * 60 * 1000,
        refund_id="5b3c1d2e-8f4a-4c6b-9d7e-0a1b2c3d4e5f",
        status_at=NOW_MS - 5 * 60 * 1000,
        provider="polar",
    )


@pytest.mark.parametrize(
    ("status", "ours"), [("pending", "pending"), ("failed", "failed"), ("canceled", "failed")]
)
def test_a_refund_has_the_status_of_the_event(status: str, ours: str) -> None:
    found = refund(payload.polar_refund("refund.updated", status=status))
    assert (found.status, found.status_at) == (ours, NOW_MS - 5 * 60 * 1000)


def test_without_a_time_of_the_event_a_refund_changed_when_it_was_modified_or_made() -> None:
    """Older payloads: else an old success that is sent again would be later than the failure."""
    made, failed = payload.polar_refund(), payload.polar_refund("refund.updated", status="failed")
    failed["data"]["modified_at"] = "2027-01-15T07:53:00Z"
    for event in (made, failed):
        del event["timestamp"]
    assert refund(made).status_at == NOW_MS - 10 * 60 * 1000
    assert refund(failed).status_at == NOW_MS - 7 * 60 * 1000


def test_a_refunded_order_has_the_total() -> None:
    fields = {"status": "partially_refunded", "refunded_amount": 5000, "refunded_tax_amount": 360}
    found = refund(payload.polar_order("order.refunded", **fields))
    assert (found.amount, found.is_total, found.refund_id) == (Decimal("53.60"), True, "")


def test_yen_have_no_cents() -> None:
    assert payment(payload.polar_order(currency="jpy", total_amount=500)).amount == Decimal(500)


def test_checkouts_and_subscriptions_are_ignored_with_a_reason() -> None:
    for type_ in ("checkout.updated", "subscription.updated"):
        found = notice({"type": type_, "data": {"id": "x"}})
        assert (found.entries, found.ignored) == ((), "events of this type are not processed")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"total_amount": None}, "data.total_amount"),
        ({"total_amount": 1.5}, "data.total_amount"),
        ({"id": 5}, "data.id"),
        ({"currency": "us"}, "data.currency"),
        ({"customer": []}, "data.customer"),
    ],
)
def test_what_is_wrong_is_refused_by_the_fields_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        notice(payload.polar_order(**fields))
    assert caught.value.field == field
