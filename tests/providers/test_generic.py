"""Our own webhook, for every provider that has no module: strict, as it is written for us."""

from decimal import Decimal
from typing import Any

import pytest
from providers import other_payload as payload
from providers.signing import NOW_MS, encode
from providers.stripe_payload import SESSION, VISITOR

from footfall.model.errors import BadRequest
from footfall.model.key import client_session_key, visitor_key
from footfall.model.notice import Notice
from footfall.model.payment import Dispute, Payment, Profile, Refund
from footfall.providers.generic import read

WEBSITE = 7


def notice(event: object) -> Notice:
    return read(encode(event), WEBSITE, NOW_MS)


def test_a_payment_has_all_fields_of_the_event() -> None:
    assert notice(payload.generic_payment()) == Notice(
        website_id=WEBSITE,
        provider="generic",
        event_id="payment:ev-1",
        type="payment",
        entries=(
            Payment(
                website_id=WEBSITE,
                transaction_id="order-4711",
                amount=Decimal("29.99"),
                currency="EUR",
                occurred_at=NOW_MS - 30 * 60 * 1000,
                visitor_id=visitor_key(WEBSITE, VISITOR),
                client_session=client_session_key(WEBSITE, SESSION),
                profile=Profile(name="Ada Lovelace", email="ada@example.com", customer_id="c-31"),
                provider="generic",
            ),
        ),
    )


def test_amount_currency_and_transaction_are_enough() -> None:
    body = {"type": "payment", "transactionId": "t", "amount": "5", "currency": "jpy"}
    [found] = notice(body).entries
    assert isinstance(found, Payment)
    assert (found.amount, found.currency, found.occurred_at) == (Decimal(5), "JPY", NOW_MS)
    assert (found.kind, found.visitor_id, found.profile) == ("new", 0, Profile())


def test_a_renewal_and_a_rate_are_read() -> None:
    [found] = notice(payload.generic_payment(isRenewal=True, rate="1.0842")).entries
    assert isinstance(found, Payment)
    assert (found.kind, found.rate) == ("renewal", Decimal("1.0842"))


def test_a_refund_is_known_by_its_id() -> None:
    [found] = notice(payload.generic_refund()).entries
    assert found == Refund(
        website_id=WEBSITE,
        transaction_id="order-4711",
        amount=Decimal("10.00"),
        currency="EUR",
        occurred_at=NOW_MS,
        refund_id="r-1",
        provider="generic",
    )


@pytest.mark.parametrize(
    ("status", "ours"),
    [("pending", "pending"), ("failed", "failed"), ("canceled", "failed"), ("cancelled", "failed")],
)
def test_a_refund_may_have_a_status(status: str, ours: str) -> None:
    [found] = notice(payload.generic_refund(status=status)).entries
    assert isinstance(found, Refund)
    assert found.status == ours
    with pytest.raises(BadRequest) as caught:
        notice(payload.generic_refund(status="lost"))
    assert caught.value.field == "status"


def test_a_dispute_has_a_status() -> None:
    [found] = notice(payload.generic_dispute()).entries
    assert found == Dispute(
        website_id=WEBSITE,
        transaction_id="order-4711",
        dispute_id="d-1",
        status="lost",
        amount=Decimal("29.99"),
        currency="EUR",
        occurred_at=NOW_MS,
        provider="generic",
    )


def test_without_an_id_a_repeat_is_known_by_its_body() -> None:
    event = payload.generic_payment(id=None)
    assert notice(event).event_id == notice(event).event_id
    assert notice(event).event_id != notice(event | {"amount": 5}).event_id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": None}, "type"),
        ({"type": 5}, "type"),
        ({"amount": -1}, "amount"),
        ({"amount": "29,99"}, "amount"),
        ({"amount": 29.999}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1_000"}, "amount"),
        ({"currency": "JPY"}, "amount"),
        ({"currency": "euro"}, "currency"),
        ({"currency": "ABC"}, "currency"),
        ({"transactionId": ""}, "transactionId"),
        ({"transactionId": "a b"}, "transactionId"),
        ({"visitorUid": "not one"}, "visitorUid"),
        ({"email": "x" * 256}, "email"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "1999-12-31T23:59:59Z"}, "timestamp"),
        ({"timestamp": "2099-01-01T00:00:00Z"}, "timestamp"),
        ({"rate": 0}, "rate"),
        ({"isRenewal": "yes"}, "isRenewal"),
    ],
)
def test_what_is_wrong_is_refused_by_the_fields_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        notice(payload.generic_payment(**fields))
    assert caught.value.field == field
    assert caught.value.message


def test_a_refund_with_the_id_of_its_payments_message_is_not_a_repeat_of_it() -> None:
    event = payload.generic_refund(id="ev-1")
    assert notice(event).event_id != notice(payload.generic_payment()).event_id


def test_a_mistyped_field_is_refused_and_named() -> None:
    with pytest.raises(BadRequest, match="visitorUID"):
        notice(payload.generic_payment(visitorUID="x"))


def test_a_missing_field_is_named() -> None:
    event = payload.generic_refund()
    del event["refundId"]
    with pytest.raises(BadRequest, match="refundId"):
        notice(event)
