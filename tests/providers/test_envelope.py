"""What surrounds an event's money: shapes of payloads that must not matter, and those that do."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from providers import other_payload as other
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, encode

from footfall.model.errors import BadRequest
from footfall.model.notice import Notice
from footfall.model.payment import Alias, TrialStart
from footfall.providers.provider import PROVIDERS

Payload = dict[str, Any]
Make = Callable[..., Payload]
MONEY: list[tuple[str, Make, str, int]] = [
    ("stripe", stripe.session, "amount_total", 2999),
    ("stripe", stripe.invoice, "amount_paid", 2999),
    ("stripe", stripe.payment_intent, "amount_received", 2999),
    ("stripe", stripe.charge, "amount_refunded", 1000),
    ("stripe", stripe.refund, "amount", 1000),
    ("stripe", lambda **fields: stripe.dispute(**fields), "amount", 2999),
    ("lemonsqueezy", other.lemonsqueezy_order, "total", 1199),
    ("lemonsqueezy", other.lemonsqueezy_invoice, "total", 999),
    (
        "lemonsqueezy",
        lambda **fields: other.lemonsqueezy_order("order_refunded", **fields),
        "refunded_amount",
        1199,
    ),
    ("polar", other.polar_order, "total_amount", 10720),
    ("polar", other.polar_refund, "amount", 5000),
    ("polar", other.polar_refund, "tax_amount", 360),
    (
        "polar",
        lambda **fields: other.polar_order("order.refunded", **fields),
        "refunded_amount",
        5000,
    ),
]
each_amount = pytest.mark.parametrize(("provider", "make", "field", "amount"), MONEY)
SHAPES: list[object] = [
    {},
    {"data": None},
    {"data": []},
    {"data": {"object": None}},
    {"data": {"object": {"id": 5, "amount": -1.5}}},
    {"id": None, "created": None, "timestamp": None},
    {"id": {"a": 1}, "created": "2027-01-15T08:00:00.000Z"},
    {"id": "x" * 5000, "created": {"seconds": 1}},
    {"object": "v2.core.event", "related_object": {"id": "ed_1"}, "context": None},
]
TYPES = ("a.b", "v2.core.event_destination.ping", "x" * 3000, "has space", "\u2603", "\u0000")


def read(provider: str, payload: object) -> Notice:
    return PROVIDERS[provider].read(encode(payload), 7, NOW_MS)


def with_type(provider: str, type_: object, shape: dict[str, Any]) -> Payload:
    if provider == "lemonsqueezy":
        return shape | {"meta": {"event_name": type_, "custom_data": 5}}
    return shape | {"type": type_}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@pytest.mark.parametrize("type_", TYPES)
def test_an_event_that_is_not_processed_may_have_any_shape(provider: str, type_: str) -> None:
    for shape in SHAPES:
        assert isinstance(shape, dict)
        found = read(provider, with_type(provider, type_, shape))
        assert found.entries == ()
        assert found.ignored.startswith("events of ")
        assert 1 <= len(found.type) <= 64
        assert 1 <= len(found.event_id) <= 255


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@pytest.mark.parametrize("type_", [None, 5, [], {}, "", True])
def test_an_event_without_a_type_is_refused_by_the_fields_name(
    provider: str, type_: object
) -> None:
    with pytest.raises(BadRequest) as caught:
        read(provider, with_type(provider, type_, {}))
    assert caught.value.field in ("type", "meta.event_name")


@each_amount
@pytest.mark.parametrize("write", [float, str, lambda amount: f"{amount}.0"])
def test_a_whole_amount_may_be_written_with_a_point_or_as_a_text(
    provider: str, make: Make, field: str, amount: int, write: Callable[[int], object]
) -> None:
    found = read(provider, make(**{field: write(amount)})).entries
    assert found == read(provider, make(**{field: amount})).entries
    assert found


@each_amount
@pytest.mark.parametrize("wrong", [1859.5, "1859.5", -1, "-1", "1,859", "1e3", "NaN", 10**40, []])
def test_an_amount_that_is_not_whole_is_refused_by_the_fields_name(
    provider: str, make: Make, field: str, amount: int, wrong: object
) -> None:
    del amount
    with pytest.raises(BadRequest) as caught:
        read(provider, make(**{field: wrong}))
    assert caught.value.field.endswith(f".{field}")
    assert field in caught.value.message


def _events() -> list[tuple[str, Payload]]:
    made = [(provider, make()) for provider, make, _, _ in MONEY]
    return [*made, ("stripe", stripe.invoice_payment()), ("stripe", stripe.older_invoice())]


@pytest.mark.parametrize(("provider", "payload"), _events())
def test_unknown_fields_change_nothing(provider: str, payload: Payload) -> None:
    before = read(provider, payload).entries
    inner = payload["data"]
    for holder in (payload, inner, inner.get("object", {}), inner.get("attributes", {})):
        holder["x_new"] = {"deep": [1, 2.5, None]}
    assert read(provider, payload).entries == before


OPTIONAL = {
    "checkout.session": "payment_intent invoice customer customer_details customer_email"
    " client_reference_id metadata subscription",
    "invoice": "billing_reason payment_intent charge payments customer customer_email customer_name"
    " metadata subscription_details parent lines status_transitions subscription",
    "payment_intent": "invoice latest_charge customer description receipt_email metadata"
    " payment_details",
    "refund": "payment_intent charge status created metadata",
    "charge": "payment_intent invoice",
    "dispute": "payment_intent charge",
}


@pytest.mark.parametrize("kind", OPTIONAL)
def test_what_is_optional_may_be_null_or_missing(kind: str) -> None:
    makes: dict[str, Make] = {
        "checkout.session": stripe.session,
        "invoice": stripe.older_invoice,
        "payment_intent": stripe.payment_intent,
        "refund": stripe.refund,
        "charge": stripe.charge,
        "dispute": lambda **fields: stripe.dispute(**fields),
    }
    for field in OPTIONAL[kind].split():
        empty = makes[kind](**{field: None})
        missing = makes[kind]()
        missing["data"]["object"].pop(field, None)
        found = read("stripe", empty).entries
        assert found == read("stripe", missing).entries, field
        assert found, field


@pytest.mark.parametrize(
    "fields",
    [{"lines": {"data": None}}, {"payments": {"data": None}}, {"payments": {"data": [None]}}],
)
def test_a_list_of_an_invoice_may_be_null(fields: dict[str, Any]) -> None:
    assert read("stripe", stripe.invoice(**fields)).entries


def test_references_may_be_ids_or_objects() -> None:
    """Somebody who forwards events may have them expanded."""
    references = {
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "charge": "ch_3MtwBwLkdIwHu7ix05lnLAFd",
        "customer": "cus_NffrFeUfNV2Hib",
    }
    for make in (stripe.older_invoice, stripe.refund, stripe.dispute):
        for field, id_ in references.items():
            plain, expanded = make(), make()
            plain["data"]["object"][field] = id_
            expanded["data"]["object"][field] = {"id": id_, "object": field, "amount": 1.5}
            assert read("stripe", expanded).entries == read("stripe", plain).entries


@pytest.mark.parametrize(
    "created", [1_799_999_000, 1_799_999_000.0, "1799999000", "2027-01-15T07:43:20.000Z"]
)
def test_an_events_time_may_be_a_number_or_a_text(created: object) -> None:
    [found] = read("stripe", stripe.session() | {"created": created}).entries
    assert not isinstance(found, Alias | TrialStart)
    assert found.occurred_at == 1_799_999_000_000


@pytest.mark.parametrize(("provider", "payload"), _events())
def test_a_text_that_was_cut_inside_an_emoji_changes_nothing(
    provider: str, payload: Payload
) -> None:
    before = read(provider, payload).entries
    body = encode(payload).replace(b"{", b'{"x_note": "Lemonade \\ud83c", ', 1)
    assert PROVIDERS[provider].read(body, 7, NOW_MS).entries == before


def test_lemon_squeezy_writes_empty_custom_data_as_a_list() -> None:
    payload = other.lemonsqueezy_order()
    payload["meta"]["custom_data"] = []
    assert len(read("lemonsqueezy", payload).entries) == 1


@pytest.mark.parametrize(
    ("applied", "paid"),
    [
        (-2000, "10.00"),
        (-3000, "0.00"),
        (-5000, "0.00"),
        (0, "30.00"),
        (None, "30.00"),
        (500, "35.00"),
        ("-2000", "10.00"),
        (-2000.0, "10.00"),
    ],
)
def test_of_a_polar_order_counts_what_the_payer_paid(applied: object, paid: str) -> None:
    payload = other.polar_order(total_amount=3000, applied_balance_amount=applied)
    [found] = read("polar", payload).entries
    assert not isinstance(found, Alias | TrialStart)
    assert found.amount == Decimal(paid)


def test_an_applied_balance_that_is_not_whole_is_refused_by_the_fields_name() -> None:
    with pytest.raises(BadRequest) as caught:
        read("polar", other.polar_order(applied_balance_amount=-0.5))
    assert caught.value.field == "data.applied_balance_amount"
