"""Polar: orders, which every payment is, and refunds. Signed as Standard Webhooks."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from footfall.model.money import check_currency
from footfall.model.payment import Payment, Refund
from footfall.payments.signature import verify_standard
from footfall.payments.telling import (
    Code,
    EventType,
    Id,
    Metadata,
    Minor,
    Payer,
    Telling,
    body_id,
    decode,
    find_payer,
    iso_at,
    major,
    names,
    profile,
)

NAME = "polar"
_RENEWALS = frozenset({"subscription_cycle", "subscription_update", "subscription_meter_cycle"})
_TAKEN = frozenset({"paid", "refunded", "partially_refunded"})
_AT = "data"


class _Labels(msgspec.Struct, frozen=True):
    """An object within an order that may bear metadata."""

    metadata: Metadata = None


class _Customer(msgspec.Struct, frozen=True):
    metadata: Metadata = None
    email: str | None = None
    name: str | None = None


class _Order(msgspec.Struct, frozen=True):
    id: Id
    total_amount: Minor
    currency: Code
    status: str
    refunded_amount: Minor = 0
    refunded_tax_amount: Minor = 0
    billing_reason: str | None = None
    checkout_id: Id | None = None
    customer_id: Id | None = None
    metadata: Metadata = None
    subscription: _Labels | None = None
    customer: _Customer | None = None
    created_at: str | None = None


class _Refund(msgspec.Struct, frozen=True):
    id: Id
    order_id: Id
    amount: Minor
    currency: Code
    status: str
    tax_amount: Minor = 0
    created_at: str | None = None


class _Event(msgspec.Struct, frozen=True):
    type: EventType
    data: msgspec.Raw
    timestamp: str | None = None


class _Labelled(msgspec.Struct, frozen=True):
    id: Id = ""


class _Context(msgspec.Struct, frozen=True):
    website_id: int
    occurred_at: int


class _Read(msgspec.Struct, frozen=True):
    """What is told, else why nothing is."""

    told: tuple[Payment | Refund, ...] = ()
    ignored: str = ""
    website: str = ""


_EVENT = msgspec.json.Decoder(_Event)
_ORDER = msgspec.json.Decoder(_Order)
_REFUND = msgspec.json.Decoder(_Refund)
_LABELLED = msgspec.json.Decoder(_Labelled)


def verify(headers: Mapping[str, str], body: bytes, secret: str, now_ms: int) -> None:
    """Raises Unauthorized."""
    message_id, sent_at = headers.get("webhook-id"), headers.get("webhook-timestamp")
    signature = headers.get("webhook-signature")
    verify_standard((message_id, sent_at, signature), body, secret, now_ms)


def read(body: bytes, website_id: int, received_at: int) -> Telling:
    """Raises BadRequest naming the field."""
    event = decode(_EVENT, body)
    reader = _READERS.get(event.type)
    found = _Read(ignored="events of this type tell of no money that order.paid does not tell")
    if reader is not None:
        context = _Context(website_id, iso_at(event.timestamp, received_at))
        found = reader(event.data, context)
    return Telling(
        website_id=website_id,
        provider=NAME,
        event_id=body_id(event.type, decode(_LABELLED, event.data, _AT).id, body),
        type=event.type,
        told=found.told,
        ignored=found.ignored,
        website=found.website,
    )


def _read_order(raw: msgspec.Raw, context: _Context) -> _Read:
    order = decode(_ORDER, raw, _AT)
    if order.status not in _TAKEN:
        return _Read(ignored=f"the order is {order.status}: order.paid follows when it is paid")
    customer = order.customer or _Customer()
    payer = find_payer(
        context.website_id,
        order.metadata,
        (order.subscription or _Labels()).metadata,
        customer.metadata,
    )
    return _Read((_payment(order, customer, payer, context),), website=payer.website)


def _payment(order: _Order, customer: _Customer, payer: Payer, context: _Context) -> Payment:
    return Payment(
        website_id=context.website_id,
        transaction_id=order.id,
        other_ids=names(order.checkout_id),
        kind="renewal" if order.billing_reason in _RENEWALS else "new",
        amount=_amount(order.total_amount, order.currency, "total_amount"),
        currency=check_currency(order.currency),
        occurred_at=iso_at(order.created_at, context.occurred_at),
        visitor_id=payer.visitor_id,
        client_session=payer.client_session,
        profile=profile(name=customer.name, email=customer.email, customer_id=order.customer_id),
        provider=NAME,
    )


def _read_refunded_order(raw: msgspec.Raw, context: _Context) -> _Read:
    order = decode(_ORDER, raw, _AT)
    refunded = order.refunded_amount + order.refunded_tax_amount
    told = Refund(
        website_id=context.website_id,
        transaction_id=order.id,
        amount=_amount(refunded, order.currency, "refunded_amount"),
        occurred_at=context.occurred_at,
        is_total=True,
        provider=NAME,
    )
    return _Read((told,))


def _read_refund(raw: msgspec.Raw, context: _Context) -> _Read:
    refund = decode(_REFUND, raw, _AT)
    if refund.status != "succeeded":
        return _Read(ignored=f"the refund is {refund.status}; only one that succeeded counts")
    told = Refund(
        website_id=context.website_id,
        transaction_id=refund.order_id,
        amount=_amount(refund.amount + refund.tax_amount, refund.currency, "amount"),
        occurred_at=iso_at(refund.created_at, context.occurred_at),
        refund_id=refund.id,
        provider=NAME,
    )
    return _Read((told,))


_READERS: dict[str, Callable[[msgspec.Raw, _Context], _Read]] = {
    "order.created": _read_order,
    "order.paid": _read_order,
    "order.updated": _read_order,
    "order.refunded": _read_refunded_order,
    "refund.created": _read_refund,
    "refund.updated": _read_refund,
}


def _amount(minor: int, code: str, field: str) -> Decimal:
    return major(minor, check_currency(code), f"{_AT}.{field}")
