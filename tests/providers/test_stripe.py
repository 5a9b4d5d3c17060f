"""How Stripe's webhooks are read."""

from decimal import Decimal
from typing import Any

import pytest
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, encode

from footfall.model.errors import BadRequest
from footfall.model.key import client_session_key, visitor_key
from footfall.model.notice import Notice
from footfall.model.payment import Alias, Dispute, Payment, Profile, Refund
from footfall.providers.stripe import read

WEBSITE = 7
PERSON = visitor_key(WEBSITE, stripe.VISITOR)
SESSION = client_session_key(WEBSITE, stripe.SESSION)
PI = "pi_3MtwBwLkdIwHu7ix28a3tqPa"
IN = "in_1MtHbELkdIwHu7ixl4OzzPMv"
CH = "ch_3MtwBwLkdIwHu7ix05lnLAFd"
CS = "cs_live_a1b2c3"


def notice(payload: object) -> Notice:
    return read(encode(payload), WEBSITE, NOW_MS)


def payment(payload: object) -> Payment:
    [found] = notice(payload).entries
    assert isinstance(found, Payment)
    return found


def refusal(payload: object) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        notice(payload)
    return caught.value


def test_a_paid_checkout_is_a_payment_of_its_visitor() -> None:
    assert notice(stripe.session()) == Notice(
        website_id=WEBSITE,
        provider="stripe",
        event_id="evt_1Q0PsIJvEtkwdCNYMSaVuRz6",
        type="checkout.session.completed",
        entries=(
            Payment(
                website_id=WEBSITE,
                transaction_id=PI,
                other_ids=(CS,),
                amount=Decimal("29.99"),
                currency="USD",
                occurred_at=stripe.CREATED * 1000,
                visitor_id=PERSON,
                client_session=SESSION,
                profile=Profile(
                    name="Ada Lovelace", email="ada@example.com", customer_id="cus_NffrFeUfNV2Hib"
                ),
                provider="stripe",
            ),
        ),
    )


def test_the_older_names_of_metadata_are_understood() -> None:
    metadata = {"_fs_vid": stripe.VISITOR, "_fs_sid": stripe.SESSION}
    found = payment(stripe.session(metadata=metadata))
    assert (found.visitor_id, found.client_session) == (PERSON, SESSION)


def test_a_payment_link_brings_the_visitor_as_its_reference() -> None:
    link = {"metadata": {}, "client_reference_id": stripe.VISITOR}
    assert payment(stripe.session(**link)).visitor_id == PERSON


@pytest.mark.parametrize("reference", ["order-4711", "42", "", None, "{}" * 40])
def test_a_shops_own_reference_is_not_a_visitor(reference: str | None) -> None:
    assert payment(stripe.session(metadata=None, client_reference_id=reference)).visitor_id == 0


@pytest.mark.parametrize("value", ["", "not an id!", "x" * 65, None, 5, {"a": 1}])
def test_metadata_that_is_not_a_visitor_leaves_the_payment_without_one(value: Any) -> None:
    assert payment(stripe.session(metadata={"fs_visitor_id": value})).visitor_id == 0


def test_a_notice_names_the_website_of_the_metadata() -> None:
    """All webhooks of an account get all its events, of other websites too."""
    assert notice(stripe.session(metadata={"websiteId": "flid_a"})).website == "flid_a"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"payment_status": "unpaid"}, "not paid yet"),
        ({"mode": "setup", "amount_total": None, "currency": None}, "setup session"),
    ],
)
def test_a_checkout_without_money_is_ignored_with_the_reason(
    fields: dict[str, Any], reason: str
) -> None:
    found = notice(stripe.session(**fields))
    assert found.entries == ()
    assert reason in found.ignored


def test_a_delayed_payment_counts_when_it_arrives() -> None:
    payload = stripe.session() | {"type": "checkout.session.async_payment_succeeded"}
    assert payment(payload).amount == Decimal("29.99")


def test_a_trial_is_a_payment_of_nothing() -> None:
    trial = stripe.subscription_session(amount_total=0, payment_status="no_payment_required")
    assert (payment(trial).amount, payment(trial).transaction_id) == (Decimal("0.00"), IN)


def test_an_object_is_accepted_where_its_id_is_expected() -> None:
    found = payment(stripe.session(payment_intent={"id": PI, "object": "payment_intent"}))
    assert found.transaction_id == PI


def test_checkout_and_invoice_of_a_subscription_share_the_invoices_name() -> None:
    checkout, paid = payment(stripe.subscription_session()), payment(stripe.invoice())
    assert checkout.transaction_id == paid.transaction_id == IN
    assert (checkout.kind, paid.kind) == ("new", "new")
    assert (paid.visitor_id, paid.client_session) == (PERSON, SESSION)
    assert paid.occurred_at == (stripe.CREATED - 30) * 1000


def test_an_invoice_is_tied_to_its_payment_intent_by_an_event_of_its_own() -> None:
    [found] = notice(stripe.invoice_payment()).entries
    assert found == Alias(website_id=WEBSITE, transaction_id=IN, other_ids=(PI,), provider="stripe")


def test_an_invoice_of_an_older_api_version_names_its_payment_intent_and_charge() -> None:
    found = payment(stripe.older_invoice())
    assert (found.transaction_id, found.other_ids) == (IN, (PI, CH))
    assert (found.visitor_id, found.client_session) == (PERSON, SESSION)


def test_an_invoice_may_list_what_paid_it() -> None:
    paid_by = {"payment": {"type": "payment_intent", "payment_intent": PI}}
    assert payment(stripe.invoice(payments={"data": [paid_by]})).other_ids == (PI,)


def test_the_visitor_may_be_on_a_line_of_the_invoice() -> None:
    assert payment(stripe.invoice(parent=None)).visitor_id == PERSON


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("subscription_create", "new"),
        ("subscription_cycle", "renewal"),
        ("subscription_update", "renewal"),
        ("subscription_threshold", "renewal"),
        ("manual", "new"),
        (None, "new"),
    ],
)
def test_why_an_invoice_was_made_says_whether_it_renews(reason: str | None, kind: str) -> None:
    for type_ in ("invoice.paid", "invoice.payment_succeeded"):
        payload = stripe.invoice(billing_reason=reason) | {"type": type_}
        assert payment(payload).kind == kind


SUB = "sub_1MowQVLkdIwHu7ixeRlqHVzs"


def _line(**fields: Any) -> dict[str, Any]:
    return {"parent": None, "lines": {"data": [{"id": "il_1", **fields}]}}


@pytest.mark.parametrize(
    "payload",
    [
        stripe.subscription_session(),
        stripe.subscription_session(subscription={"id": SUB, "object": "subscription"}),
        stripe.invoice(),
        stripe.older_invoice(),
        stripe.older_invoice(subscription={"id": SUB, "status": "active"}),
        stripe.invoice(**_line(subscription=SUB)),
        stripe.invoice(
            **_line(parent={"subscription_item_details": {"subscription": SUB, "proration": False}})
        ),
        stripe.invoice(parent={"subscription_details": {"subscription": {"id": SUB}}}),
    ],
)
def test_the_subscription_is_found_wherever_the_api_version_has_it(payload: object) -> None:
    assert payment(payload).subscription_id == SUB


def test_a_checkout_or_an_invoice_without_a_subscription_has_none() -> None:
    assert payment(stripe.session()).subscription_id == ""
    assert payment(stripe.invoice(parent=None)).subscription_id == ""
    assert payment(stripe.invoice(parent={"subscription_details": None})).subscription_id == ""


def test_an_unknown_reason_of_a_subscriptions_invoice_does_not_begin_it() -> None:
    assert payment(
        stripe.invoice(billing_reason="automatic_pending_invoice_item_invoice")
    ).kind == ("renewal")


def test_a_checkout_of_a_subscription_does_not_know_what_a_balance_paid() -> None:
    assert payment(stripe.subscription_session()).is_before_credit
    assert not payment(stripe.invoice()).is_before_credit


def test_a_payment_intent_is_known_by_its_charge_too() -> None:
    found = payment(stripe.payment_intent())
    assert (found.transaction_id, found.other_ids) == (PI, (CH,))
    assert found.profile.email == "ada@example.com"


def test_an_invoices_payment_intent_only_ties_its_names_to_the_invoices() -> None:
    """Only the invoice knows whether it is a renewal."""
    by_reference = stripe.payment_intent(
        description="Subscription creation", payment_details={"order_reference": IN}
    )
    for event in (stripe.payment_intent(invoice=IN), by_reference):
        [found] = notice(event).entries
        assert found == Alias(
            website_id=WEBSITE, transaction_id=IN, other_ids=(PI, CH), provider="stripe"
        )


def test_an_invoices_payment_intent_that_does_not_name_it_is_ignored() -> None:
    """Else the invoice and it would be counted as two payments."""
    for description in ("Subscription creation", "Subscription update", "Payment for Invoice"):
        found = notice(stripe.payment_intent(description=description))
        assert found.entries == ()
        assert "invoice.paid" in found.ignored


def test_a_refund_has_its_own_id() -> None:
    [found] = notice(stripe.refund()).entries
    assert found == Refund(
        website_id=WEBSITE,
        transaction_id=PI,
        amount=Decimal("10.00"),
        currency="USD",
        occurred_at=(stripe.CREATED - 2) * 1000,
        refund_id="re_1Nispe2eZvKYlo2Cd31jOCgZ",
        status_at=stripe.CREATED * 1000,
        provider="stripe",
    )


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (None, "succeeded"),
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_a_refund_has_the_status_of_the_event(status: str | None, ours: str) -> None:
    for type_ in ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"):
        [found] = notice(stripe.refund(status=status) | {"type": type_}).entries
        assert isinstance(found, Refund)
        assert (found.status, found.status_at) == (ours, stripe.CREATED * 1000)


def test_a_refunded_charge_has_the_total() -> None:
    [found] = notice(stripe.charge()).entries
    assert isinstance(found, Refund)
    assert (found.transaction_id, found.amount, found.is_total) == (PI, Decimal("10.00"), True)


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("needs_response", "open"),
        ("under_review", "open"),
        ("warning_needs_response", "open"),
        ("warning_closed", "won"),
        ("won", "won"),
        ("lost", "lost"),
        ("prevented", "won"),
    ],
)
def test_a_dispute_is_open_until_won_or_lost(status: str, ours: str) -> None:
    [found] = notice(stripe.dispute("charge.dispute.closed", status=status)).entries
    assert isinstance(found, Dispute)
    assert (found.dispute_id, found.status) == ("du_1MtJUT2eZvKYlo2CNaw2HvEv", ours)
    assert (found.transaction_id, found.amount) == (PI, Decimal("29.99"))


@pytest.mark.parametrize(
    ("currency", "amount", "is_worth"),
    [
        ("usd", 2999, "29.99"),
        ("jpy", 2999, "2999"),
        ("krw", 50, "50"),
        ("kwd", 5120, "5.120"),
        ("huf", 104500, "1045.00"),
        ("twd", 80000, "800.00"),
        ("isk", 500, "5"),
        ("ugx", 500, "5"),
        ("mga", 500, "500.00"),
        ("clp", 500, "500"),
    ],
)
def test_amounts_are_in_stripes_smallest_unit_of_the_currency(
    currency: str, amount: int, is_worth: str
) -> None:
    found = payment(stripe.session(currency=currency, amount_total=amount))
    assert (found.amount, found.currency) == (Decimal(is_worth), currency.upper())


def test_half_a_krona_is_refused() -> None:
    assert refusal(stripe.session(currency="isk", amount_total=550)).field == (
        "data.object.amount_total"
    )


def test_an_unknown_currency_is_refused() -> None:
    assert refusal(stripe.session(currency="xyz")).field == "currency"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount_total": -1}, "data.object.amount_total"),
        ({"amount_total": 2999.5}, "data.object.amount_total"),
        ({"amount_total": "2999.5"}, "data.object.amount_total"),
        ({"amount_total": "29_99"}, "data.object.amount_total"),
        ({"amount_total": " 2999"}, "data.object.amount_total"),
        ({"amount_total": ""}, "data.object.amount_total"),
        ({"amount_total": True}, "data.object.amount_total"),
        ({"amount_total": None}, "data.object.amount_total"),
        ({"amount_total": 10**13}, "data.object.amount_total"),
        ({"currency": None}, "data.object.currency"),
        ({"id": ""}, "data.object.id"),
        ({"id": "has space"}, "data.object.id"),
        ({"payment_intent": "x" * 256}, "data.object.payment_intent"),
        ({"customer_details": "Ada"}, "data.object.customer_details"),
        ({"metadata": []}, "data.object.metadata"),
    ],
)
def test_what_is_wrong_is_refused_by_the_fields_name(fields: dict[str, Any], field: str) -> None:
    error = refusal(stripe.session(**fields))
    assert error.field == field
    assert field in error.message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000, b"{}"])
def test_a_body_that_is_not_an_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read(body, WEBSITE, NOW_MS)


def test_events_of_other_types_are_ignored_with_a_reason() -> None:
    found = notice(stripe.event("customer.subscription.deleted", {"id": "sub_1"}))
    assert (found.entries, found.ignored) == ((), "events of this type are not processed")


@pytest.mark.parametrize("created", [None, 0, -5, 10**12, 1.5e300, stripe.CREATED + 10**6])
def test_an_invalid_time_is_replaced_by_the_time_of_receipt(created: float | None) -> None:
    assert payment(stripe.session() | {"created": created}).occurred_at == NOW_MS
