"""Polar: orders (every payment is one) and refunds. Signed as Standard Webhooks."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from footfall.model.money import check_currency
from footfall.model.notice import Notice
from footfall.model.payment import Payment, Refund
from footfall.providers.payload import (
    MAX_MINOR,
    Code,
    Id,
    Metadata,
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
    payment_kind,
    profile,
    refund_status,
    whole,
)
from footfall.providers.signature import verify_standard

NAME = "polar"
_RENEWALS = frozenset({"subscription_cycle", "subscription_update", "subscription_meter_cycle"})
_OF_CHECKOUTS = frozenset({None, "purchase", "subscription_create"})
_BEGINNINGS = _OF_CHECKOUTS | {"subscription_cycle_after_trial"}
_TAKEN = frozenset({"paid", "refunded", "partially_refunded"})
_AT = "data"


class _Subscription(msgspec.Struct, frozen=True):
    id: Id | None = None
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
    applied_balance_amount: Minor | None = None  # negative: paid from the customer's balance
    refunded_amount: Minor | None = None
    refunded_tax_amount: Minor | None = None
    billing_reason: str | None = None
    checkout_id: Id | None = None
    customer_id: Id | None = None
    metadata: Metadata = None
    subscription_id: Id | None = None
    subscription: _Subscription | None = None
    customer: _Customer | None = None
    created_at: str | None = None


class _Refund(msgspec.Struct, frozen=True):
    id: Id
    order_id: Id
    amount: Minor
    currency: Code
    status: str
    tax_amount: Minor | None = None
    created_at: str | None = None
    modified_at: str | None = None


class _Event(msgspec.Struct, frozen=True):
    type: str
    data: msgspec.Raw
    timestamp: str | None = None


class _Labelled(msgspec.Struct, frozen=True):
    id: Id = ""


class _Context(msgspec.Struct, frozen=True):
    website_id: int
    occurred_at: int
    is_timed: (
        bool  # False: older payloads have no time of their own, and this is when it was received
    )


class _Read(msgspec.Struct, frozen=True):
    """The entries of an event, or why it has none."""

    entries: tuple[Payment | Refund, ...] = ()
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


def read(body: bytes, website_id: int, received_at: int) -> Notice:
    """Raises BadRequest naming the field."""
    envelope = open_envelope(body, _READERS, "type")
    if not envelope.is_processed:
        return ignored(website_id, NAME, envelope.type, body)
    event = decode(_EVENT, body)
    context = _Context(
        website_id, iso_at(event.timestamp, received_at), is_timed=bool(event.timestamp)
    )
    found = _READERS[event.type](event.data, context)
    return Notice(
        website_id=website_id,
        provider=NAME,
        event_id=body_id(event.type, decode(_LABELLED, event.data, _AT).id, body),
        type=event.type,
        entries=found.entries,
        ignored=found.ignored,
        website=found.website,
    )


def _read_order(raw: msgspec.Raw, context: _Context) -> _Read:
    order = decode(_ORDER, raw, _AT)
    if order.status not in _TAKEN:
        return _Read(ignored=f"the order is {order.status}: order.paid is sent when it is paid")
    customer = order.customer or _Customer()
    payer = find_payer(
        context.website_id,
        order.metadata,
        (order.subscription or _Subscription()).metadata,
        customer.metadata,
    )
    return _Read((_payment(order, customer, payer, context),), website=payer.website)


def _payment(order: _Order, customer: _Customer, payer: Payer, context: _Context) -> Payment:
    inner = order.subscription or _Subscription()
    subscription_id = order.subscription_id or inner.id or ""
    return Payment(
        website_id=context.website_id,
        transaction_id=order.id,
        # later orders of a subscription may name the checkout that started it
        other_ids=names(order.checkout_id if order.billing_reason in _OF_CHECKOUTS else None),
        kind=payment_kind(
            order.billing_reason, subscription_id, beginnings=_BEGINNINGS, renewals=_RENEWALS
        ),
        subscription_id=subscription_id,
        amount=_paid(order),
        currency=check_currency(order.currency),
        occurred_at=iso_at(order.created_at, context.occurred_at),
        visitor_id=payer.visitor_id,
        client_session=payer.client_session,
        profile=profile(name=customer.name, email=customer.email, customer_id=order.customer_id),
        provider=NAME,
    )


def _read_refunded_order(raw: msgspec.Raw, context: _Context) -> _Read:
    order = decode(_ORDER, raw, _AT)
    refunded = _sum(order, "refunded_amount", "refunded_tax_amount")
    entry = Refund(
        website_id=context.website_id,
        transaction_id=order.id,
        amount=_amount(refunded, order.currency, "refunded_amount"),
        currency=check_currency(order.currency),
        occurred_at=context.occurred_at,
        is_total=True,
        provider=NAME,
    )
    return _Read((entry,))


def _read_refund(raw: msgspec.Raw, context: _Context) -> _Read:
    refund = decode(_REFUND, raw, _AT)
    changed_at = refund.modified_at or refund.created_at
    entry = Refund(
        website_id=context.website_id,
        transaction_id=refund.order_id,
        amount=_amount(_sum(refund, "amount", "tax_amount"), refund.currency, "amount"),
        currency=check_currency(refund.currency),
        occurred_at=iso_at(refund.created_at, context.occurred_at),
        refund_id=refund.id,
        status=refund_status(refund.status),
        status_at=context.occurred_at
        if context.is_timed
        else iso_at(changed_at, context.occurred_at),
        provider=NAME,
    )
    return _Read((entry,))


_READERS: dict[str, Callable[[msgspec.Raw, _Context], _Read]] = {
    "order.created": _read_order,
    "order.paid": _read_order,
    "order.updated": _read_order,
    "order.refunded": _read_refunded_order,
    "refund.created": _read_refund,
    "refund.updated": _read_refund,
}


def _paid(order: _Order) -> Decimal:
    """What the payer paid: the total minus what was taken from their balance. A negative balance is
    a debt, which is paid with the order."""
    applied = order.applied_balance_amount or 0
    balance = whole(applied, f"{_AT}.applied_balance_amount", least=-MAX_MINOR)
    total = whole(order.total_amount, f"{_AT}.total_amount")
    return _amount(max(total + balance, 0), order.currency, "total_amount")


def _sum(source: _Order | _Refund, *fields: str) -> int:
    return sum(whole(getattr(source, field) or 0, f"{_AT}.{field}") for field in fields)


def _amount(minor: Minor, code: str, field: str) -> Decimal:
    return major(minor, check_currency(code), f"{_AT}.{field}")
