"""The objects in Stripe's events, with the fields that we read. All other fields are ignored.

A field that only some API versions have is None in the others.
"""

import msgspec

from footfall.providers.payload import Code, Id, Metadata, Minor, Moment


class Object(msgspec.Struct, frozen=True):
    id: Id


Ref = Id | Object | None
"""Another object: its id, or the object itself where it was expanded."""


class Data(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class Event(msgspec.Struct, frozen=True):
    id: Id
    type: str
    data: Data
    created: Moment = None


class Customer(msgspec.Struct, frozen=True):
    email: str | None = None
    name: str | None = None


class Session(msgspec.Struct, frozen=True):
    id: Id
    mode: str | None = None
    payment_status: str | None = None
    amount_total: Minor | None = None
    currency: Code | None = None
    payment_intent: Ref = None
    invoice: Ref = None
    customer: Ref = None
    customer_details: Customer | None = None
    customer_email: str | None = None
    subscription: Ref = None
    client_reference_id: str | None = None
    metadata: Metadata = None


class Subscription(msgspec.Struct, frozen=True):
    """The subscription's part of an invoice or of one of its lines."""

    subscription: Ref = None
    metadata: Metadata = None


class Parent(msgspec.Struct, frozen=True):
    subscription_details: Subscription | None = None
    subscription_item_details: Subscription | None = None  # on a line


class Line(msgspec.Struct, frozen=True):
    metadata: Metadata = None
    subscription: Ref = None
    parent: Parent | None = None


class Lines(msgspec.Struct, frozen=True):
    data: tuple[Line, ...] | None = None


class PaidBy(msgspec.Struct, frozen=True):
    payment_intent: Ref = None
    charge: Ref = None


class InvoicePayment(msgspec.Struct, frozen=True):
    invoice: Ref = None
    payment: PaidBy | None = None


class InvoicePayments(msgspec.Struct, frozen=True):
    data: tuple[InvoicePayment | None, ...] | None = None


class Transitions(msgspec.Struct, frozen=True):
    paid_at: Moment = None


class Invoice(msgspec.Struct, frozen=True):
    id: Id
    amount_paid: Minor
    currency: Code
    billing_reason: str | None = None
    payment_intent: Ref = None
    charge: Ref = None
    payments: InvoicePayments | None = None
    customer: Ref = None
    customer_email: str | None = None
    customer_name: str | None = None
    metadata: Metadata = None
    subscription: Ref = None
    subscription_details: Subscription | None = None
    parent: Parent | None = None
    lines: Lines | None = None
    status_transitions: Transitions | None = None


class PaymentDetails(msgspec.Struct, frozen=True):
    order_reference: str | None = None


class PaymentIntent(msgspec.Struct, frozen=True):
    id: Id
    amount_received: Minor
    currency: Code
    invoice: Ref = None
    latest_charge: Ref = None
    customer: Ref = None
    description: str | None = None
    receipt_email: str | None = None
    metadata: Metadata = None
    payment_details: PaymentDetails | None = None


class Refund(msgspec.Struct, frozen=True):
    id: Id
    amount: Minor
    currency: Code
    payment_intent: Ref = None
    charge: Ref = None
    status: str | None = None
    created: Moment = None


class Charge(msgspec.Struct, frozen=True):
    id: Id
    amount_refunded: Minor
    currency: Code
    payment_intent: Ref = None
    invoice: Ref = None


class Dispute(msgspec.Struct, frozen=True):
    id: Id
    amount: Minor
    currency: Code
    status: str
    payment_intent: Ref = None
    charge: Ref = None
