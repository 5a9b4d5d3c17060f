"""Lemon Squeezy: orders, subscription invoices and their refunds.

The first payment of a subscription is sent twice, as an order and as an initial invoice, and no id
connects the two. Only the order counts, and only its refunds.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from footfall.model.money import check_currency
from footfall.model.notice import Notice
from footfall.model.payment import Payment, PaymentKind, Refund, TrialStart
from footfall.providers.payload import (
    Code,
    Id,
    Minor,
    Payer,
    body_id,
    decode,
    find_payer,
    ignored,
    iso_at,
    major,
    names,
    open_envelope,
    profile,
    whole,
)
from footfall.providers.signature import verify_body

NAME = "lemonsqueezy"
_TAKEN = frozenset({"paid", "refunded", "partial_refund"})
_BY_ORDER = "the first payment of a subscription: it is recorded with its order"


class _Meta(msgspec.Struct, frozen=True):
    event_name: str
    custom_data: object = None  # an empty object is sent as a list


class _Attributes(msgspec.Struct, frozen=True):
    """The attributes of orders and of subscription invoices."""

    total: Minor
    currency: Code
    status: str
    refunded_amount: Minor | None = None
    refunded: bool | None = None
    refunded_at: str | None = None
    billing_reason: str | None = None
    subscription_id: Id | int | None = None
    identifier: Id | None = None
    customer_id: int | str | None = None
    user_name: str | None = None
    user_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class _Subscription(msgspec.Struct, frozen=True):
    status: str | None = None
    trial_ends_at: str | None = None
    created_at: str | None = None


class _Data(msgspec.Struct, frozen=True):
    id: Id | int
    attributes: msgspec.Raw


class _Event(msgspec.Struct, frozen=True):
    meta: _Meta
    data: _Data


class _Context(msgspec.Struct, frozen=True):
    website_id: int
    received_at: int
    transaction_id: str
    payer: Payer


_EVENT = msgspec.json.Decoder(_Event)
_ATTRIBUTES = msgspec.json.Decoder(_Attributes)
_SUBSCRIPTION = msgspec.json.Decoder(_Subscription)
_AT = "data.attributes"


def verify(headers: Mapping[str, str], body: bytes, secret: str, now_ms: int) -> None:  # noqa: ARG001
    """Raises Unauthorized. The signature has no time; a replay is recognized by its event id."""
    verify_body("X-Signature", headers.get("x-signature"), body, secret)


def read(body: bytes, website_id: int, received_at: int) -> Notice:
    """Raises BadRequest naming the field."""
    envelope = open_envelope(body, _READERS, "meta", "event_name")
    if not envelope.is_processed:
        return ignored(website_id, NAME, envelope.type, body)
    event = decode(_EVENT, body)
    type_, object_id = event.meta.event_name, str(event.data.id)
    custom = event.meta.custom_data
    payer = find_payer(website_id, custom if isinstance(custom, dict) else None)
    kind, reader = _READERS[type_]
    context = _Context(website_id, received_at, f"{kind}_{object_id}", payer)
    found = reader(event.data.attributes, context)
    return Notice(
        website_id=website_id,
        provider=NAME,
        event_id=body_id(type_, object_id, body),
        type=type_,
        entries=() if isinstance(found, str) else (found,),
        ignored=found if isinstance(found, str) else "",
        website=payer.website,
    )


def _read_order(raw: msgspec.Raw, context: _Context) -> Payment | str:
    order = decode(_ATTRIBUTES, raw, _AT)
    if order.status not in _TAKEN:
        return f"the order is {order.status}; only paid orders count"
    return _payment(order, context, "new")


def _read_invoice(raw: msgspec.Raw, context: _Context) -> Payment | TrialStart | str:
    invoice = decode(_ATTRIBUTES, raw, _AT)
    if invoice.billing_reason == "initial":
        is_free = whole(invoice.total, f"{_AT}.total") == 0
        subscription_id = _subscription_of(invoice)
        if not (is_free and subscription_id):
            return _BY_ORDER
        return _trial(subscription_id, invoice.created_at, context)
    if invoice.status not in _TAKEN:
        return f"the invoice is {invoice.status}; only paid invoices count"
    return _payment(invoice, context, "renewal")


def _read_subscription(raw: msgspec.Raw, context: _Context) -> TrialStart | str:
    begun = decode(_SUBSCRIPTION, raw, _AT)
    if begun.status != "on_trial" and not begun.trial_ends_at:
        return _BY_ORDER
    return _trial(context.transaction_id, begun.created_at, context)


def _trial(subscription_id: str, created_at: str | None, context: _Context) -> TrialStart:
    return TrialStart(
        website_id=context.website_id,
        subscription_id=subscription_id,
        occurred_at=iso_at(created_at, context.received_at),
        provider=NAME,
    )


def _subscription_of(invoice: _Attributes) -> str:
    return f"subscription_{invoice.subscription_id}" if invoice.subscription_id else ""


def _read_refund(raw: msgspec.Raw, context: _Context) -> Refund | str:
    refunded = decode(_ATTRIBUTES, raw, _AT)
    if refunded.billing_reason == "initial":
        return _BY_ORDER
    minor, field = refunded.refunded_amount, "refunded_amount"
    if minor is None:  # older payloads are sent for full refunds only
        minor, field = refunded.total, "total"
    return Refund(
        website_id=context.website_id,
        transaction_id=context.transaction_id,
        amount=_amount(minor, refunded.currency, field),
        currency=check_currency(refunded.currency),
        occurred_at=iso_at(refunded.refunded_at or refunded.updated_at, context.received_at),
        status_at=iso_at(refunded.updated_at or refunded.refunded_at, context.received_at),
        is_total=True,
        provider=NAME,
    )


_Read = Payment | Refund | TrialStart | str
_READERS: dict[str, tuple[str, Callable[[msgspec.Raw, _Context], _Read]]] = {
    "order_created": ("order", _read_order),
    "order_refunded": ("order", _read_refund),
    "subscription_created": ("subscription", _read_subscription),
    "subscription_payment_success": ("subscription_invoice", _read_invoice),
    "subscription_payment_recovered": ("subscription_invoice", _read_invoice),
    "subscription_payment_refunded": ("subscription_invoice", _read_refund),
}


def _payment(paid: _Attributes, context: _Context, kind: PaymentKind) -> Payment:
    return Payment(
        website_id=context.website_id,
        transaction_id=context.transaction_id,
        other_ids=names(paid.identifier),
        kind=kind,
        subscription_id=_subscription_of(paid),
        amount=_amount(paid.total, paid.currency, "total"),
        currency=check_currency(paid.currency),
        occurred_at=iso_at(paid.created_at, context.received_at),
        visitor_id=context.payer.visitor_id,
        client_session=context.payer.client_session,
        profile=profile(name=paid.user_name, email=paid.user_email, customer_id=paid.customer_id),
        provider=NAME,
    )


def _amount(minor: Minor, code: str, field: str) -> Decimal:
    return major(minor, check_currency(code), f"{_AT}.{field}")
