"""Disputes that are open, and refunds that do not count or do not count in full."""

from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select

from footfall.catalog.table import DISPUTES, PAYMENTS, REFUNDS
from footfall.money import entry


class OpenDispute(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is '' while the payment is not known."""

    transaction_id: str
    dispute_id: str
    amount: Decimal
    currency: str
    occurred_at: int
    provider: str


class WaitingRefund(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a refund that does not count: its payment is not known (`currency` is '') or is
    refunded already."""

    transaction_id: str
    refund_key: str
    amount: Decimal
    currency: str
    occurred_at: int
    provider: str

    @property
    def why_waiting(self) -> str:
        is_past = self.currency != ""
        return "more was refunded than paid" if is_past else "the refund's payment is not known"


def open_disputes(connection: Connection, website_id: int) -> list[OpenDispute]:
    """The oldest first."""
    is_open = (DISPUTES.c.website_id == website_id) & (DISPUTES.c.status == "open")
    wanted = (
        select(DISPUTES, PAYMENTS.c.currency)
        .outerjoin(PAYMENTS, _same_payment(DISPUTES))
        .where(is_open)
        .order_by(DISPUTES.c.occurred_at, DISPUTES.c.dispute_id)
    )
    return [
        OpenDispute(
            transaction_id=row.transaction_id,
            dispute_id=row.dispute_id,
            amount=entry.major(row.amount, row.currency),
            currency=row.currency or "",
            occurred_at=row.occurred_at,
            provider=row.provider,
        )
        for row in connection.execute(wanted)
    ]


def waiting_refunds(connection: Connection, website_id: int) -> list[WaitingRefund]:
    """The oldest first."""
    wanted = (
        select(REFUNDS, PAYMENTS.c.currency)
        .outerjoin(PAYMENTS, _same_payment(REFUNDS))
        .where(REFUNDS.c.website_id == website_id, REFUNDS.c.uncounted > 0)
        .order_by(REFUNDS.c.occurred_at, REFUNDS.c.transaction_id, REFUNDS.c.refund_key)
    )
    return [
        WaitingRefund(
            transaction_id=row.transaction_id,
            refund_key=row.refund_key,
            amount=entry.major(row.uncounted, row.currency),
            currency=row.currency or "",
            occurred_at=row.occurred_at,
            provider=row.provider,
        )
        for row in connection.execute(wanted)
    ]


def _same_payment(table: Table) -> ColumnElement[bool]:
    return (PAYMENTS.c.website_id == table.c.website_id) & (
        PAYMENTS.c.transaction_id == table.c.transaction_id
    )
