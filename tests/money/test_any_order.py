"""All notices of one payment, in any order and repeated, make the same ledger."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from new_catalog import open_catalog
from providers import other_payload as other
from providers import stripe_payload as stripe
from providers.signing import NOW_MS, encode
from selection import IS_ALL

from footfall.catalog import Catalog
from footfall.model.key import visitor_key
from footfall.money.ledger import Ledger
from footfall.money.posting import post_notice
from footfall.money.rate import Rates
from footfall.providers.provider import PROVIDERS

pytestmark = pytest.mark.slow

RATES = Rates()
PAYLOADS: dict[str, tuple[str, list[dict[str, Any]], dict[str, str]]] = {
    "a Stripe checkout, refunded in part": (
        "stripe",
        [stripe.session(), stripe.payment_intent(), stripe.refund(), stripe.charge()],
        {"new": "29.99", "refund": "10.00"},
    ),
    "a Stripe subscription, its dispute lost": (
        "stripe",
        [
            stripe.subscription_session(),
            stripe.invoice(),
            stripe.invoice_payment(),
            stripe.payment_intent(description="Subscription creation"),
            stripe.dispute(),
            stripe.dispute("charge.dispute.closed", status="lost"),
        ],
        {"new": "29.99", "refund": "29.99"},
    ),
    "a Stripe renewal of an older API version, refunded twice": (
        "stripe",
        [
            stripe.older_invoice(billing_reason="subscription_cycle"),
            stripe.payment_intent(invoice="in_1MtHbELkdIwHu7ixl4OzzPMv"),
            stripe.refund(),
            stripe.refund(id="re_2", amount=500),
            stripe.charge(),
            stripe.charge(amount_refunded=1500),
        ],
        {"renewal": "29.99", "refund": "15.00"},
    ),
    "a Stripe refund that failed and was made again": (
        "stripe",
        [
            stripe.session(),
            stripe.refund(amount=2999),
            stripe.charge(amount_refunded=2999),
            stripe.refund(amount=2999, status="failed", failure_reason="expired_or_canceled_card")
            | {"type": "refund.failed", "created": stripe.CREATED + 3600},
            stripe.refund(amount=2999, status="failed")
            | {"type": "charge.refund.updated", "created": stripe.CREATED + 3600},
            stripe.refund(id="re_2", amount=2999, created=stripe.CREATED + 7200)
            | {"created": stripe.CREATED + 7200},
            stripe.charge(amount_refunded=2999) | {"created": stripe.CREATED + 7200},
        ],
        {"new": "29.99", "refund": "29.99"},
    ),
    "Stripe refunds of which one was cancelled": (
        "stripe",
        [
            stripe.session(),
            stripe.refund(amount=1000),
            stripe.charge(amount_refunded=1000),
            stripe.refund(id="re_2", amount=500, status="pending"),
            stripe.charge(amount_refunded=1500),
            stripe.refund(amount=1000, status="canceled")
            | {"type": "refund.updated", "created": stripe.CREATED + 60},
            stripe.refund(id="re_2", amount=500)
            | {"type": "refund.updated", "created": stripe.CREATED + 90},
        ],
        {"new": "29.99", "refund": "5.00"},
    ),
    "a Polar refund that failed": (
        "polar",
        [
            other.polar_order(),
            other.polar_refund(),
            other.polar_order("order.refunded", refunded_amount=5000, refunded_tax_amount=360),
            other.polar_refund("refund.updated", status="failed")
            | {"timestamp": "2027-01-15T07:59:00Z"},
        ],
        {"new": "107.20"},
    ),
    "a Lemon Squeezy subscription, refunded step by step": (
        "lemonsqueezy",
        [
            other.lemonsqueezy_order(),
            other.lemonsqueezy_invoice(billing_reason="initial"),
            other.lemonsqueezy_order("order_refunded", refunded_amount=500),
            other.lemonsqueezy_order("order_refunded", refunded_amount=1199),
        ],
        {"new": "11.99", "refund": "11.99"},
    ),
    "a Polar order, refunded": (
        "polar",
        [
            other.polar_order("order.created", status="pending"),
            other.polar_order(),
            other.polar_refund(),
            other.polar_order("order.refunded", refunded_amount=5000, refunded_tax_amount=360),
        ],
        {"new": "107.20", "refund": "53.60"},
    ),
    "our own payment, disputed and won": (
        "generic",
        [
            other.generic_payment(),
            other.generic_refund(),
            other.generic_dispute(status="open"),
            other.generic_dispute(status="won", timestamp="2027-01-15T08:00:30Z"),
        ],
        {"new": "29.99", "refund": "10.00"},
    ),
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder: Path = tmp_path_factory.mktemp("data")
    catalog = open_catalog(folder)
    yield catalog
    catalog.close()


@pytest.fixture(scope="module")
def next_domain() -> Callable[[], str]:
    numbers = iter(range(1_000_000))
    return lambda: f"shop{next(numbers)}.example"


@pytest.mark.parametrize("story", PAYLOADS)
@settings(
    max_examples=25 if IS_ALL else 8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_the_ledger_does_not_depend_on_the_order_of_notices(
    story: str, data: st.DataObject, catalog: Catalog, next_domain: Callable[[], str]
) -> None:
    provider, payloads, expected = PAYLOADS[story]
    currency = "EUR" if provider == "generic" else "USD"
    website = catalog.add_website(next_domain(), currency=currency, now_ms=NOW_MS)
    repeats = data.draw(st.lists(st.sampled_from(payloads), max_size=2))
    for payload in data.draw(st.permutations(payloads + repeats)):
        notice = PROVIDERS[provider].read(encode(payload), website.id, NOW_MS)
        post_notice(notice, website, ledger=Ledger(catalog), rates=RATES, now_ms=NOW_MS)

    [transaction] = Ledger(catalog).find_transactions(website.id)
    person = visitor_key(website.id, stripe.VISITOR)
    [bought] = Ledger(catalog).payments_of(website.id, person)
    assert bought.transaction_id == transaction
    sums: Counter[str] = Counter()
    for movement in (bought.payment, *bought.refunds):
        sums[movement.kind] += movement.amount  # type: ignore[assignment]
    assert sums == {kind: Decimal(amount) for kind, amount in expected.items()}
    assert catalog.profiles.get(website.id, person).email == "ada@example.com"
    assert Ledger(catalog).open_disputes(website.id) == []
    assert Ledger(catalog).waiting_refunds(website.id) == []
