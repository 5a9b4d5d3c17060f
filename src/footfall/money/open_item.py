"""Disputes that are open, and money given back that does not count or does not count in full."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select

from footfall.catalog.table import DISPUTES, PAYMENTS, REFUNDS
from footfall.money import entry, payment_row
from footfall.money.payment_state import DISPUTE, Disputed, PaymentState, Returned

_READ_AT_ONCE = 1000

WaitingKind = Literal["waiting_refund", "refund_currency", "refund_excess"]
"""Why it does not count: the payment is not known, is in another currency, or is less."""


class OpenDispute(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is '' if it is not known."""

    transaction_id: str
    dispute_id: str
    amount: Decimal
    currency: str
    occurred_at: int
    provider: str


class WaitingRefund(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a refund or of a lost dispute that does not count. `currency` is '' if it is not
    known, `paid_in` is '' while the payment is not known."""

    transaction_id: str
    refund_key: str
    amount: Decimal
    currency: str
    paid_in: str
    occurred_at: int
    provider: str

    @property
    def kind(self) -> WaitingKind:
        if not self.paid_in:
            return "waiting_refund"
        return "refund_currency" if self.currency != self.paid_in else "refund_excess"

    @property
    def why_waiting(self) -> str:
        what = "lost dispute" if self.refund_key.startswith(DISPUTE) else "refund"
        match self.kind:
            case "waiting_refund":
                return f"the {what}'s payment is not known"
            case "refund_currency":
                return f"the {what} is in {self.currency} and its payment in {self.paid_in}"
            case "refund_excess":
                return "more was refunded than paid"


def open_disputes(connection: Connection, website_id: int) -> list[OpenDispute]:
    """The oldest first."""
    is_open = (DISPUTES.c.website_id == website_id) & (DISPUTES.c.status == "open")
    wanted = (
        select(DISPUTES, PAYMENTS.c.currency.label("paid_in"))
        .outerjoin(PAYMENTS, _same_payment(DISPUTES))
        .where(is_open)
        .order_by(DISPUTES.c.occurred_at, DISPUTES.c.dispute_id)
    )
    found = []
    for row in connection.execute(wanted):
        currency = row.currency or row.paid_in or ""
        open_one = OpenDispute(
            transaction_id=row.transaction_id,
            dispute_id=row.dispute_id,
            amount=entry.major(row.amount, currency),
            currency=currency,
            occurred_at=row.occurred_at,
            provider=row.provider,
        )
        found.append(open_one)
    return found


def waiting_refunds(connection: Connection, website_id: int) -> list[WaitingRefund]:
    """The oldest first."""
    waiting = select(REFUNDS.c.transaction_id).where(
        REFUNDS.c.website_id == website_id, REFUNDS.c.uncounted > 0
    )
    lost = select(DISPUTES.c.transaction_id).where(
        DISPUTES.c.website_id == website_id, DISPUTES.c.status == "lost"
    )
    names = connection.execute(waiting.union(lost)).scalars().all()
    found = [
        refund
        for begin in range(0, len(names), _READ_AT_ONCE)
        for state in payment_row.read_states(
            connection, website_id, names[begin : begin + _READ_AT_ONCE]
        )
        for refund in _waiting_in(state)
    ]
    return sorted(found, key=lambda one: (one.occurred_at, one.transaction_id, one.refund_key))


def _waiting_in(state: PaymentState) -> Iterator[WaitingRefund]:
    paid_in = state.payment.currency if state.payment else ""
    disputes = {f"{DISPUTE}{dispute.dispute_id}": dispute for dispute in state.disputes.values()}
    entries: dict[str, Returned | Disputed] = {**state.refunds, **disputes}
    for key, uncounted in state.uncounted().items():
        currency = entries[key].currency or paid_in
        if uncounted:
            yield WaitingRefund(
                transaction_id=state.transaction_id,
                refund_key=key,
                amount=entry.major(uncounted, currency),
                currency=currency,
                paid_in=paid_in,
                occurred_at=entries[key].occurred_at,
                provider=entries[key].provider,
            )


def _same_payment(table: Table) -> ColumnElement[bool]:
    return (PAYMENTS.c.website_id == table.c.website_id) & (
        PAYMENTS.c.transaction_id == table.c.transaction_id
    )
