"""Stripe: signed events of checkouts, invoices, PaymentIntents, refunds and disputes.

A payment has several ids: of a Checkout Session, a PaymentIntent, an invoice, a charge. Each event
has some of them. A notice passes on all of them, so that the notices of one payment are joined.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.money import check_currency
from footfall.model.notice import Entry, Notice
from footfall.model.payment import Alias, Dispute, Payment, PaymentKind, Profile, Refund
from footfall.providers import stripe_object as stripe
from footfall.providers.payload import (
    Minor,
    Payer,
    decode,
    find_payer,
    ignored,
    major,
    names,
    open_envelope,
    payment_kind,
    profile,
    refund_status,
    seconds_at,
)
from footfall.providers.signature import verify_timestamped

NAME = "stripe"
DIGITS = {"ISK": 2, "MGA": 0, "UGX": 2}
"""The digits where Stripe's smallest unit differs from ISO 4217."""

_AT = "data.object"
_RENEWALS = frozenset(
    {"subscription", "subscription_cycle", "subscription_update", "subscription_threshold"}
)
_BEGINNINGS = frozenset({None, "subscription_create", "quote_accept", "manual"})
# The descriptions of PaymentIntents that Stripe creates for invoices. Since API version 2025-03-31
# nothing else on them shows that they belong to an invoice.
_OF_INVOICES = frozenset({"Subscription creation", "Subscription update", "Payment for Invoice"})
# Of disputes that end without money taken back; what was refunded instead has events of its own.
_WON = frozenset({"won", "warning_closed", "prevented", "charge_refunded"})


class _Context(msgspec.Struct, frozen=True):
    """The event around an object."""

    website_id: int
    occurred_at: int


class _Read(msgspec.Struct, frozen=True):
    """The entries of an event, or why it has none."""

    entries: tuple[Entry, ...] = ()
    ignored: str = ""
    website: str = ""


_EVENT = msgspec.json.Decoder(stripe.Event)
_SESSION = msgspec.json.Decoder(stripe.Session)
_INVOICE = msgspec.json.Decoder(stripe.Invoice)
_INVOICE_PAYMENT = msgspec.json.Decoder(stripe.InvoicePayment)
_PAYMENT_INTENT = msgspec.json.Decoder(stripe.PaymentIntent)
_REFUND = msgspec.json.Decoder(stripe.Refund)
_CHARGE = msgspec.json.Decoder(stripe.Charge)
_DISPUTE = msgspec.json.Decoder(stripe.Dispute)


def verify(headers: Mapping[str, str], body: bytes, secret: str, now_ms: int) -> None:
    """Raises Unauthorized."""
    header = headers.get("stripe-signature")
    verify_timestamped("Stripe-Signature", header, body, secret, now_ms)


def read(body: bytes, website_id: int, received_at: int) -> Notice:
    """Raises BadRequest naming the field."""
    envelope = open_envelope(body, _READERS, "type")
    if not envelope.is_processed:
        return ignored(website_id, NAME, envelope.type, body)
    event = decode(_EVENT, body)
    context = _Context(website_id, seconds_at(event.created, received_at))
    found = _READERS[event.type](event.data.object, context)
    return Notice(
        website_id=website_id,
        provider=NAME,
        event_id=event.id,
        type=event.type,
        entries=found.entries,
        ignored=found.ignored,
        website=found.website,
    )


def _read_session(raw: msgspec.Raw, context: _Context) -> _Read:
    session = decode(_SESSION, raw, _AT)
    if session.mode == "setup":
        return _Read(ignored="a setup session has no payment")
    if session.payment_status == "unpaid":
        return _Read(
            ignored="not paid yet: checkout.session.async_payment_succeeded is sent when it is, or"
            " payment_intent.succeeded after a manual capture"
        )
    is_free = session.payment_status == "no_payment_required"
    customer = session.customer_details or stripe.Customer()
    intent, invoice = _id(session.payment_intent), _id(session.invoice)
    ordered = (invoice, intent) if session.mode == "subscription" else (intent, invoice)
    reference = session.client_reference_id or ""
    return _payment(
        context,
        names(*ordered, session.id),
        (0 if is_free else session.amount_total, session.currency, f"{_AT}.amount_total"),
        find_payer(
            context.website_id,
            session.metadata,
            visitor_uid=reference if _is_visitor(reference) else "",
        ),
        profile(
            name=customer.name,
            email=customer.email or session.customer_email,
            customer_id=_id(session.customer),
        ),
        subscription_id=_id(session.subscription) or "",
        is_before_credit=session.mode == "subscription",
    )


def _read_invoice(raw: msgspec.Raw, context: _Context) -> _Read:
    invoice = decode(_INVOICE, raw, _AT)
    parent = invoice.parent or stripe.Parent()
    subscriptions = (parent.subscription_details, invoice.subscription_details)
    lines = (invoice.lines or stripe.Lines()).data or ()
    payments = (invoice.payments or stripe.InvoicePayments()).data or ()
    paid_by = [entry.payment for entry in payments if entry]
    subscription_id = _subscription_of(invoice)
    paid_at = (invoice.status_transitions or stripe.Transitions()).paid_at
    return _payment(
        msgspec.structs.replace(context, occurred_at=seconds_at(paid_at, context.occurred_at)),
        names(
            invoice.id,
            _id(invoice.payment_intent),
            _id(invoice.charge),
            *(name for entry in paid_by if entry for name in _names_of(entry)),
        ),
        (invoice.amount_paid, invoice.currency, f"{_AT}.amount_paid"),
        find_payer(
            context.website_id,
            invoice.metadata,
            *(details.metadata for details in subscriptions if details),
            *(line.metadata for line in lines),
        ),
        profile(
            name=invoice.customer_name,
            email=invoice.customer_email,
            customer_id=_id(invoice.customer),
        ),
        kind=payment_kind(
            invoice.billing_reason, subscription_id, beginnings=_BEGINNINGS, renewals=_RENEWALS
        ),
        subscription_id=subscription_id,
    )


def _subscription_of(invoice: stripe.Invoice) -> str:
    """The subscription's id. Its place in the payload depends on the API version."""
    parent = invoice.parent or stripe.Parent()
    lines = (invoice.lines or stripe.Lines()).data or ()
    parents = [line.parent or stripe.Parent() for line in lines]
    details = [
        parent.subscription_details,
        invoice.subscription_details,
        *(of_line.subscription_item_details for of_line in parents),
    ]
    refs = (
        invoice.subscription,
        *(found.subscription for found in details if found),
        *(line.subscription for line in lines),
    )
    return next(iter(names(*map(_id, refs))), "")


def _read_invoice_payment(raw: msgspec.Raw, context: _Context) -> _Read:
    payment = decode(_INVOICE_PAYMENT, raw, _AT)
    invoice = _id(payment.invoice)
    others = _names_of(payment.payment) if payment.payment else ()
    if not invoice or not others:
        return _Read(ignored="it does not connect an invoice with a payment")
    return _Read((_alias(context, invoice, others),))


def _read_payment_intent(raw: msgspec.Raw, context: _Context) -> _Read:
    intent = decode(_PAYMENT_INTENT, raw, _AT)
    reference = (intent.payment_details or stripe.PaymentDetails()).order_reference or ""
    invoice = _id(intent.invoice) or (reference if reference.startswith("in_") else None)
    if invoice:  # invoice.paid has the payment, and whether it is a renewal
        others = names(intent.id, _id(intent.latest_charge))
        return _Read((_alias(context, invoice, others),))
    if intent.description in _OF_INVOICES:
        return _Read(ignored="the payment of an invoice: it is recorded with invoice.paid")
    return _payment(
        context,
        names(intent.id, _id(intent.latest_charge)),
        (intent.amount_received, intent.currency, f"{_AT}.amount_received"),
        find_payer(context.website_id, intent.metadata),
        profile(name=None, email=intent.receipt_email, customer_id=_id(intent.customer)),
    )


def _read_refund(raw: msgspec.Raw, context: _Context) -> _Read:
    refund = decode(_REFUND, raw, _AT)
    [name, *_] = names(_id(refund.payment_intent), _id(refund.charge), refund.id)
    entry = Refund(
        website_id=context.website_id,
        transaction_id=name,
        amount=_amount(refund.amount, refund.currency, f"{_AT}.amount"),
        currency=check_currency(refund.currency),
        occurred_at=seconds_at(refund.created, context.occurred_at),
        refund_id=refund.id,
        status=refund_status(refund.status),
        status_at=context.occurred_at,
        provider=NAME,
    )
    return _Read((entry,))


def _read_charge(raw: msgspec.Raw, context: _Context) -> _Read:
    charge = decode(_CHARGE, raw, _AT)
    [name, *_] = names(_id(charge.payment_intent), _id(charge.invoice), charge.id)
    entry = Refund(
        website_id=context.website_id,
        transaction_id=name,
        amount=_amount(charge.amount_refunded, charge.currency, f"{_AT}.amount_refunded"),
        currency=check_currency(charge.currency),
        occurred_at=context.occurred_at,
        is_total=True,
        provider=NAME,
    )
    return _Read((entry,))


def _read_dispute(raw: msgspec.Raw, context: _Context) -> _Read:
    dispute = decode(_DISPUTE, raw, _AT)
    [name, *_] = names(_id(dispute.payment_intent), _id(dispute.charge), dispute.id)
    status: Literal["open", "won", "lost"] = "lost" if dispute.status == "lost" else "open"
    entry = Dispute(
        website_id=context.website_id,
        transaction_id=name,
        dispute_id=dispute.id,
        status="won" if dispute.status in _WON else status,
        amount=_amount(dispute.amount, dispute.currency, f"{_AT}.amount"),
        currency=check_currency(dispute.currency),
        occurred_at=context.occurred_at,
        provider=NAME,
    )
    return _Read((entry,))


_READERS: dict[str, Callable[[msgspec.Raw, _Context], _Read]] = {
    "checkout.session.completed": _read_session,
    "checkout.session.async_payment_succeeded": _read_session,
    "invoice.paid": _read_invoice,
    "invoice.payment_succeeded": _read_invoice,
    "invoice_payment.paid": _read_invoice_payment,
    "payment_intent.succeeded": _read_payment_intent,
    "charge.refunded": _read_charge,
    "refund.created": _read_refund,
    "refund.updated": _read_refund,
    "refund.failed": _read_refund,
    "charge.refund.updated": _read_refund,
    "charge.dispute.created": _read_dispute,
    "charge.dispute.updated": _read_dispute,
    "charge.dispute.closed": _read_dispute,
}


def _payment(
    context: _Context,
    ids: tuple[str, ...],
    money: tuple[Minor | None, str | None, str],
    payer: Payer,
    who: Profile,
    *,
    kind: PaymentKind = "new",
    subscription_id: str = "",
    is_before_credit: bool = False,
) -> _Read:
    """`money` is the amount, the currency and the name of the amount's field."""
    amount, code, field = money
    if amount is None or code is None:
        missing = field if amount is None else f"{_AT}.currency"
        raise BadRequest(f"{missing}: required for a payment", field=missing)
    payment = Payment(
        website_id=context.website_id,
        transaction_id=ids[0],
        other_ids=ids[1:],
        kind=kind,
        amount=_amount(amount, code, field),
        currency=check_currency(code),
        occurred_at=context.occurred_at,
        visitor_id=payer.visitor_id,
        client_session=payer.client_session,
        profile=who,
        provider=NAME,
        subscription_id=subscription_id,
        is_before_credit=is_before_credit,
    )
    return _Read((payment,), website=payer.website)


def _alias(context: _Context, invoice: str, others: tuple[str, ...]) -> Alias:
    return Alias(
        website_id=context.website_id, transaction_id=invoice, other_ids=others, provider=NAME
    )


def _amount(minor: Minor, code: str, field: str) -> Decimal:
    code = check_currency(code)
    return major(minor, code, field, digits=DIGITS.get(code))


def _id(ref: stripe.Ref) -> str | None:
    return ref.id if isinstance(ref, stripe.Object) else ref


def _names_of(paid_by: stripe.PaidBy) -> tuple[str, ...]:
    return names(_id(paid_by.payment_intent), _id(paid_by.charge))


def _is_visitor(reference: str) -> bool:
    """Whether it is an id of our tracker, not an order number of the shop."""
    try:
        return str(UUID(reference)) == reference.lower()
    except ValueError:
        return False
