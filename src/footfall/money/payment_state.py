"""The state of one payment: all entries about it, and what reports show because of them. Pure.

Entries are merged so that neither their order nor a repeat changes the result: each field has a
rule for which entry wins, and which refunds count is computed from all refunds every time.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, NamedTuple, TypeVar

import msgspec

from footfall.model.payment import (
    REFUND_MARK,
    Movement,
    MovementKind,
    PaymentKind,
    RefundStatus,
)

T = TypeVar("T", int, str)
FINE_DIGITS = 4
"""While the currency is not known, amounts are ten-thousandths of its unit."""
TOTAL, DISPUTE, UNNAMED = "total:", "dispute:", "at:"
RESERVED = (TOTAL, DISPUTE, UNNAMED)
"""Prefixes of the refund keys that are made here."""
_PRECISION = 60


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """The payment itself."""

    transaction_id: str
    kind: PaymentKind  # what the provider calls it
    amount: int  # minor units
    digits: int  # of the currency: a minor unit is 10^-digits
    currency: str
    occurred_at: int
    website_amount: Decimal
    rate: Decimal
    is_converted: bool
    is_rate_estimated: bool
    visitor_id: int = 0
    client_session: int = 0
    named_at: int | None = None  # time of the entry that named the visitor
    email_key: int = 0
    customer_key: int = 0
    is_erased: bool = False  # the visitor was deleted: later entries do not bring them back
    provider: str
    recorded_at: int
    subscription_id: str = ""
    decided_kind: PaymentKind | Literal[""] = ""  # '' outside of subscriptions
    is_before_credit: bool = False  # the amounts of other events are preferred to this one
    is_goal_deleted: bool = False  # the goal that it recorded was deleted


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """A refund. If its key starts with TOTAL, it is the sum of all refunds so far."""

    refund_key: str
    amount: int  # ten-thousandths
    currency: str  # '' for the payment's
    occurred_at: int
    provider: str
    recorded_at: int
    status: RefundStatus = "succeeded"
    status_at: int  # time of the entry with this status

    @property
    def is_total(self) -> bool:
        return self.refund_key.startswith(TOTAL)

    def is_part_of(self, total: "Returned") -> bool:
        """Whether a total still includes this refund, which has not succeeded: providers subtract a
        refund from the total when it fails."""
        was_made = self.occurred_at <= total.status_at
        return was_made and (self.status == "pending" or total.status_at <= self.status_at)


class Disputed(msgspec.Struct, frozen=True, kw_only=True):
    dispute_id: str
    status: Literal["open", "won", "lost"]
    amount: int  # ten-thousandths
    currency: str  # '' for the payment's
    occurred_at: int
    provider: str


class Share(NamedTuple):
    """A part of the money given back, and how much of it still fits into the payment."""

    occurred_at: int
    key: str
    amount: int  # ten-thousandths
    counted: int  # minor units
    is_other_currency: bool  # than the payment's: nothing of it counts


class PaymentState(msgspec.Struct, kw_only=True):
    """Everything about one payment. `payment` is None while only refunds, disputes or aliases are
    known."""

    website_id: int
    names: set[str]
    payment: Paid | None = None
    refunds: dict[str, Returned] = {}
    disputes: dict[str, Disputed] = {}

    @property
    def transaction_id(self) -> str:
        """The id under which the state is stored: the payment's, else the least of its names."""
        return self.payment.transaction_id if self.payment else min(self.names)

    def add_payment(self, payment: Paid) -> None:
        self.payment = payment if self.payment is None else _join_paid(self.payment, payment)

    def add_refund(self, refund: Returned) -> None:
        known = self.refunds.get(refund.refund_key, refund)
        latest = max(known, refund, key=_late_then_final)
        self.refunds[refund.refund_key] = msgspec.structs.replace(
            min(known, refund, key=lambda one: (one.occurred_at, one.provider)),
            amount=latest.amount,
            currency=latest.currency,
            recorded_at=min(known.recorded_at, refund.recorded_at),
            status=latest.status,
            status_at=latest.status_at,
        )

    def add_dispute(self, dispute: Disputed) -> None:
        known = self.disputes.get(dispute.dispute_id, dispute)
        self.disputes[dispute.dispute_id] = max(known, dispute, key=_closed_then_late)

    def merge(self, other: "PaymentState") -> None:
        """Add another state, which turned out to belong to the same payment."""
        self.names |= other.names
        if other.payment:
            self.add_payment(other.payment)
        for refund in other.refunds.values():
            self.add_refund(refund)
        for dispute in other.disputes.values():
            self.add_dispute(dispute)

    def shares(self) -> list[Share]:
        """All money given back, by time. At most the payment's amount counts, once it is known, and
        nothing in another currency."""
        payment = self.payment
        room = payment.amount if payment else 0
        digits = payment.digits if payment else 0
        shares = []
        for occurred_at, key, amount in sorted(self._given_back(is_other_currency=False)):
            counted = min(amount * 10**digits // 10**FINE_DIGITS, room)
            room -= counted
            shares.append(Share(occurred_at, key, amount, counted, is_other_currency=False))
        for occurred_at, key, amount in self._given_back(is_other_currency=True):
            shares.append(Share(occurred_at, key, amount, 0, is_other_currency=True))
        return sorted(shares)

    def uncounted(self) -> dict[str, int]:
        """The part of each refund and lost dispute that does not count, by key, in
        ten-thousandths."""
        return {share.key: self._uncounted_of(share) for share in self.shares()}

    def excess(self) -> int:
        """What was given back in the payment's currency beyond its amount, in ten-thousandths."""
        own = [share for share in self.shares() if not share.is_other_currency]
        return sum(self._uncounted_of(share) for share in own)

    def _uncounted_of(self, share: Share) -> int:
        digits = self.payment.digits if self.payment else FINE_DIGITS
        fine: int = 10 ** (FINE_DIGITS - digits)
        return share.amount - share.counted * fine

    def movements(self) -> dict[str, Movement]:
        """The movements that reports show, by id."""
        payment = self.payment
        if payment is None:
            return {}
        name = payment.transaction_id
        original = _major(payment, payment.amount)
        found = {
            name: self._movement(
                name,
                payment.decided_kind or payment.kind,
                payment.occurred_at,
                original,
                payment.website_amount,
            )
        }
        so_far = 0
        for share in self.shares():
            if share.counted:
                # Converted from the running sum, so that partial refunds add up to the whole.
                own = _in_website_currency(payment, so_far + share.counted)
                own -= _in_website_currency(payment, so_far)
                so_far += share.counted
                id_ = f"{name}{REFUND_MARK}{share.key}"
                original = _major(payment, share.counted)
                found[id_] = self._movement(id_, "refund", share.occurred_at, original, own)
        return found

    def movement_ids(self) -> set[str]:
        """Ids of the movements that reports may have, including those of reversed refunds."""
        if self.payment is None:
            return set()
        marked = f"{self.payment.transaction_id}{REFUND_MARK}"
        return self.movements().keys() | {f"{marked}{key}" for key in self.refunds}

    def _given_back(self, *, is_other_currency: bool) -> list[tuple[int, str, int]]:
        """Time, key and amount of the refunds, of the rest of the totals, and of lost disputes: of
        those in the payment's currency, or of those in another one."""

        def is_asked(entry: Returned | Disputed) -> bool:
            own = self.payment.currency if self.payment else entry.currency
            return (entry.currency not in ("", own)) is is_other_currency

        refunds = [refund for refund in self.refunds.values() if is_asked(refund)]
        single = [refund for refund in refunds if not refund.is_total]
        counted = [refund for refund in single if refund.status == "succeeded"]
        found = [(refund.occurred_at, refund.refund_key, refund.amount) for refund in counted]
        known = sum(refund.amount for refund in counted)
        totals = [refund for refund in refunds if refund.is_total]
        for total, amount in _still_counting(
            totals, [refund for refund in single if refund.status != "succeeded"]
        ):
            if amount > known:
                found.append((total.occurred_at, total.refund_key, amount - known))
                known = amount
        lost = [d for d in self.disputes.values() if d.status == "lost" and is_asked(d)]
        return found + [(d.occurred_at, f"{DISPUTE}{d.dispute_id}", d.amount) for d in lost]

    def _movement(
        self, id_: str, kind: MovementKind, at: int, original: Decimal, own: Decimal
    ) -> Movement:
        assert self.payment is not None
        payment = self.payment
        return Movement(
            website_id=self.website_id,
            movement_id=id_,
            kind=kind,
            occurred_at=at,
            amount=own,
            original_amount=original,
            original_currency=payment.currency,
            rate=payment.rate,
            is_converted=payment.is_converted,
            is_rate_estimated=payment.is_rate_estimated,
            visitor_id=payment.visitor_id,
            client_session=payment.client_session,
            has_goal=not payment.is_goal_deleted,
        )


def _still_counting(
    totals: list[Returned], not_counted: list[Returned]
) -> list[tuple[Returned, int]]:
    """The totals by time, each with the amount that still counts: without the refunds in it that
    do not count, and at most the amount of a later total."""
    found: list[tuple[Returned, int]] = []
    left: int | None = None
    for total in sorted(totals, key=lambda t: (t.status_at, t.amount), reverse=True):
        amount = total.amount - sum(r.amount for r in not_counted if r.is_part_of(total))
        left = amount if left is None else min(amount, left)
        found.append((total, left))
    return found[::-1]


def changes(before: dict[str, Movement], after: dict[str, Movement]) -> list[Movement]:
    """The movements to send to reports so that they show `after`. A movement that is gone or has
    another time is sent as void first."""
    void = [
        msgspec.structs.replace(old, is_void=True)
        for id_, old in before.items()
        if id_ not in after or after[id_].occurred_at != old.occurred_at
    ]
    return void + [new for id_, new in after.items() if before.get(id_) != new]


def without_person(payment: Paid) -> Paid:
    return msgspec.structs.replace(
        payment,
        visitor_id=0,
        client_session=0,
        named_at=None,
        email_key=0,
        customer_key=0,
        is_erased=True,
    )


def _join_paid(one: Paid, two: Paid) -> Paid:
    """The time and money of the entry that has what the payer paid, with a rate if one of them has
    one, else of the earlier entry; the visitor of the entry that names one."""
    best = min(one, two, key=_by_money)
    joined = msgspec.structs.replace(
        best,
        transaction_id=min(one.transaction_id, two.transaction_id),
        # Events that do not know the kind have "new".
        kind="renewal" if "renewal" in (one.kind, two.kind) else "new",
        client_session=_least(one.client_session, two.client_session),
        email_key=_least(one.email_key, two.email_key),
        customer_key=_least(one.customer_key, two.customer_key),
        recorded_at=min(one.recorded_at, two.recorded_at),
        subscription_id=_least(one.subscription_id, two.subscription_id),
        is_goal_deleted=one.is_goal_deleted or two.is_goal_deleted,
    )
    naming = min(one, two, key=_by_naming)
    joined = msgspec.structs.replace(joined, visitor_id=naming.visitor_id, named_at=naming.named_at)
    return without_person(joined) if one.is_erased or two.is_erased else joined


def _by_money(payment: Paid) -> tuple[bool, bool, int, int, str, bool, Decimal, Decimal, str]:
    return (
        payment.is_before_credit,
        not payment.is_converted,
        payment.occurred_at,
        -payment.amount,
        payment.currency,
        payment.is_rate_estimated,
        payment.rate,
        payment.website_amount,
        payment.provider,
    )


def _by_naming(payment: Paid) -> tuple[bool, bool, int, int]:
    """A visitor named by an entry comes first, then one found by the payer's keys, then none."""
    named_at = payment.named_at
    return not payment.visitor_id, named_at is None, named_at or 0, payment.visitor_id


def _least(one: T, two: T) -> T:
    """The lesser one, without regard to one that is empty."""
    return min(one or two, two or one)


def _late_then_final(refund: Returned) -> tuple[int, int, int, str]:
    """Of two entries of the same time, the one of the later stage wins."""
    stage = ("pending", "succeeded", "failed").index(refund.status)
    return refund.status_at, stage, refund.amount, refund.currency


def _closed_then_late(dispute: Disputed) -> tuple[bool, int, str, int, str, str]:
    is_closed, at = dispute.status != "open", dispute.occurred_at
    return is_closed, at, dispute.status, dispute.amount, dispute.currency, dispute.provider


def _major(payment: Paid, minor: int) -> Decimal:
    return Decimal(minor).scaleb(-payment.digits)


def _in_website_currency(payment: Paid, minor: int) -> Decimal:
    if minor == payment.amount:
        return payment.website_amount
    exponent = Decimal((0, (1,), int(payment.website_amount.as_tuple().exponent)))
    with localcontext(prec=_PRECISION):
        amount = _major(payment, minor) * payment.rate
        return amount.quantize(exponent, ROUND_HALF_UP) if payment.is_converted else Decimal(0)
