"""Whatever a provider sends, signed or not: a notice or a refusal that names what is wrong."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from providers import other_payload as other
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, encode

from footfall.model.errors import BadRequest
from footfall.model.event import EARLIEST_AT, MAX_AHEAD_MS
from footfall.model.money import MAX_AMOUNT
from footfall.model.payment import Alias, TrialStart
from footfall.providers.provider import PROVIDERS

pytestmark = pytest.mark.slow

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["usd", "paid", "succeeded", "2027-01-15T07:30:00Z", "9999-12-31T23:59:59Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS: list[tuple[str, Callable[[], dict[str, Any]]]] = [
    *(
        ("stripe", make)
        for make in (
            stripe.session,
            stripe.subscription_session,
            stripe.invoice,
            stripe.older_invoice,
            stripe.invoice_payment,
            stripe.payment_intent,
            stripe.charge,
            stripe.refund,
            stripe.dispute,
        )
    ),
    ("lemonsqueezy", other.lemonsqueezy_order),
    ("lemonsqueezy", other.lemonsqueezy_invoice),
    ("lemonsqueezy", lambda: other.lemonsqueezy_order("order_refunded")),
    ("lemonsqueezy", lambda: other.lemonsqueezy_subscription(status="on_trial")),
    ("polar", other.polar_order),
    ("polar", other.polar_refund),
    ("polar", lambda: other.polar_order("order.refunded")),
    ("generic", other.generic_payment),
    ("generic", other.generic_refund),
    ("generic", other.generic_dispute),
]


def check(provider: str, body: bytes) -> None:
    try:
        notice = PROVIDERS[provider].read(body, 7, NOW_MS)
    except BadRequest:
        return
    assert 1 <= len(notice.event_id) <= 255
    assert 1 <= len(notice.type) <= 64
    assert bool(notice.entries) != bool(notice.ignored)
    for found in notice.entries:
        assert (found.website_id, found.provider) == (7, provider)
        if isinstance(found, TrialStart):
            assert 1 <= len(found.subscription_id) <= 300
            continue
        assert 1 <= len(found.transaction_id) <= 255
        if not isinstance(found, Alias):
            assert Decimal(0) <= found.amount <= MAX_AMOUNT
            assert EARLIEST_AT <= found.occurred_at <= NOW_MS + MAX_AHEAD_MS


def places(value: object) -> list[tuple[Any, Any]]:
    """Every container of a document with every key in it."""
    if isinstance(value, dict):
        own = [(value, key) for key in value]
        return own + [place for inner in value.values() for place in places(inner)]
    if isinstance(value, list):
        own = [(value, index) for index in range(len(value))]
        return own + [place for inner in value for place in places(inner)]
    return []


@pytest.mark.parametrize(("provider", "make"), EVENTS)
@given(data=st.data())
def test_a_payload_with_anything_in_any_place_is_read_or_refused(
    provider: str, make: Callable[[], dict[str, Any]], data: st.DataObject
) -> None:
    payload = make()
    for _ in range(data.draw(st.integers(1, 3))):
        if not (left := places(payload)):
            break
        container, key = data.draw(st.sampled_from(left))
        if isinstance(container, dict) and data.draw(st.booleans()):
            container.pop(key, None)
        elif isinstance(container, dict) or key < len(container):
            container[key] = data.draw(JSON)
    check(provider, encode(payload))


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@given(payload=JSON)
def test_any_json_is_read_or_refused(provider: str, payload: object) -> None:
    check(provider, encode(payload))


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(provider: str, body: bytes) -> None:
    check(provider, body)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_what_nests_too_deeply_is_refused(provider: str) -> None:
    for body in (b"[" * 100_000, b'{"data":' * 50_000, b'{"data":{"object":' + b"[" * 100_000):
        with pytest.raises(BadRequest):
            PROVIDERS[provider].read(body, 7, NOW_MS)
