"""A movement of money as the ledger hands it to reports."""

from decimal import Decimal
from typing import Literal

import msgspec

PaymentKind = Literal["new", "renewal"]
MovementKind = Literal["new", "renewal", "refund"]
RefundStatus = Literal["pending", "succeeded", "failed"]
"""`failed` also for one that was cancelled. Only `succeeded` counts."""

REFUND_MARK = "\x1f"
"""Separates transaction and refund in a movement's id. No id that is sent may contain it, so the
refund r1 of T is never mistaken for a payment named T/r1."""

TRANSACTION_ID = "transaction_id"
"""The property by which a payment's goal is known to be its."""


class Movement(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A payment or a refund, already in its final amount, before it is tied to a session.

    `amount` is in major units of the website's currency, `original_amount` in those of
    `original_currency`; a refund is positive too. If `is_converted` is false, no rate was known:
    `amount` is 0 and the original amount is reported apart. A later movement with the same id and
    time replaces the earlier one, and removes it if it is void.
    """

    website_id: int
    movement_id: str  # transactionId; of a refund REFUND_MARK and its key follow
    kind: MovementKind
    occurred_at: int
    amount: Decimal
    original_amount: Decimal
    original_currency: str
    rate: Decimal = Decimal(1)
    is_converted: bool = True
    is_rate_estimated: bool = False
    visitor_id: int = 0
    session_uid: int = 0
    client_session: int = 0  # key of the client's session id, which need not name a visitor
    is_void: bool = False
    has_goal: bool = True  # False: its goal was deleted, and is not recorded again


class Profile(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a person or a shop has said about a visitor; '' for what is not known."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    customer_id: str = ""


NO_PROFILE = Profile()


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as a shop or its provider reports it: checked, not yet in the ledger."""

    website_id: int
    transaction_id: str  # unique on the website
    kind: PaymentKind = "new"  # what the provider calls it; of a subscription the ledger decides
    amount: Decimal  # major units, ≥ 0, at most the currency's decimals
    currency: str  # ISO 4217, upper case
    occurred_at: int
    rate: Decimal | None = None  # given by the caller instead of a reference rate
    visitor_id: int = 0  # key of the visitor's uid
    client_session: int = 0  # key of the client's session id
    profile: Profile = NO_PROFILE
    provider: str = "api"
    other_ids: tuple[str, ...] = ()  # by which the provider names it in refunds and disputes
    subscription_id: str = ""  # of which this is one of the payments; '' for none
    is_before_credit: bool = False  # a customer's balance or credit may have paid a part of it


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money given back: `amount` of the payment's, in its currency.

    Some providers report each refund by its id, some only how much of a payment has been given
    back in all (`is_total`), some both. What was given back is the greater of two sums: of the
    refunds with an id that succeeded, and the latest total without those that did not succeed.
    Which status and which total is the latest is decided by `status_at`, so that the order of
    arrival changes nothing.
    """

    website_id: int
    transaction_id: str  # or one of the payment's other ids
    amount: Decimal
    occurred_at: int
    refund_id: str = ""  # by which a repeat is recognized; '' for none
    is_total: bool = False  # `amount` is all that was given back so far, not this refund alone
    status: RefundStatus = "succeeded"
    status_at: int | None = None  # time of the provider's notification; None: `occurred_at`
    currency: str = ""  # if it was sent: one that is not the payment's does not count
    provider: str = "api"


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A payer's bank asks for the money back; a lost one counts as a refund of `amount`."""

    website_id: int
    transaction_id: str
    dispute_id: str
    status: Literal["open", "won", "lost"]
    amount: Decimal
    currency: str  # one that is not the payment's does not count
    occurred_at: int
    provider: str


class TrialStart(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription that began with nothing to pay, where no payment of 0 says so: its first
    amount above 0 is new."""

    website_id: int
    subscription_id: str
    occurred_at: int
    provider: str


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """Other names of a payment, sent separately, before it or after it."""

    website_id: int
    transaction_id: str  # or one of the payment's other ids
    other_ids: tuple[str, ...]
    provider: str
