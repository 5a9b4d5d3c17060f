"""Entries in the form that the ledger stores, and the reasons to refuse one."""

from decimal import Decimal

from footfall.catalog.profile import PayerKeys
from footfall.model.errors import BadRequest, Conflict, NotFound
from footfall.model.money import MAX_AMOUNT, Converted, minor_digits, round_money, to_minor
from footfall.model.payment import Dispute, Payment, Refund
from footfall.money.payment_state import (
    FINE_DIGITS,
    RESERVED,
    TOTAL,
    UNNAMED,
    Disputed,
    Paid,
    PaymentState,
    Returned,
)

REPEAT_MS = 24 * 3_600_000
"""A refund without an id and with the same amount as another one within this time is a repeat."""


def paid(payment: Payment, converted: Converted, keys: PayerKeys, now_ms: int) -> Paid:
    """Raises BadRequest naming amount or currency."""
    has_visitor = payment.visitor_id != 0
    minor, digits = to_minor(payment.amount, payment.currency), minor_digits(payment.currency)
    is_same = converted.rate == 1 and converted.amount == payment.amount
    return Paid(
        transaction_id=payment.transaction_id,
        kind=payment.kind,
        amount=minor,
        digits=digits,
        currency=payment.currency,
        occurred_at=payment.occurred_at,
        # Partial refunds are converted with the same number of decimals.
        website_amount=Decimal(minor).scaleb(-digits) if is_same else converted.amount,
        rate=converted.rate,
        is_converted=converted.is_converted,
        is_rate_estimated=converted.is_rate_estimated,
        visitor_id=payment.visitor_id,
        client_session=payment.client_session,
        named_at=payment.occurred_at if has_visitor else None,
        email_key=keys.email,
        customer_key=keys.customer,
        provider=payment.provider,
        recorded_at=now_ms,
        subscription_id=payment.subscription_id,
        is_before_credit=payment.is_before_credit,
    )


def returned(refund: Refund, now_ms: int) -> Returned:
    """Raises BadRequest naming amount or refundId."""
    amount = _fine(refund.amount)
    if refund.refund_id.startswith(RESERVED):
        raise BadRequest(
            f"refundId must not begin with {' or '.join(RESERVED)}: the ledger uses these",
            field="refundId",
        )
    key = refund.refund_id or f"{UNNAMED}{refund.occurred_at}:{amount}"
    status_at = refund.occurred_at if refund.status_at is None else refund.status_at
    return Returned(
        refund_key=f"{TOTAL}{amount}:{status_at}" if refund.is_total else key,
        amount=amount,
        currency=refund.currency,
        occurred_at=refund.occurred_at,
        status=refund.status,
        status_at=status_at,
        provider=refund.provider,
        recorded_at=now_ms,
    )


def disputed(dispute: Dispute) -> Disputed:
    """Raises BadRequest naming amount."""
    return Disputed(
        dispute_id=dispute.dispute_id,
        status=dispute.status,
        amount=_fine(dispute.amount),
        currency=dispute.currency,
        occurred_at=dispute.occurred_at,
        provider=dispute.provider,
    )


def refuse_unknown(state: PaymentState, refund: Refund) -> None:
    """Raises NotFound if the payment is not known, BadRequest for another currency or an amount of
    0."""
    if state.payment is None:
        raise NotFound(
            f"there is no payment with transactionId {refund.transaction_id!r}",
            field="transactionId",
        )
    if refund.currency not in ("", state.payment.currency):
        raise BadRequest(
            f"currency {refund.currency} differs from the payment's: use {state.payment.currency}",
            field="currency",
        )
    if not to_minor(refund.amount, state.payment.currency):
        raise BadRequest("amount of a refund must be greater than 0", field="amount")


def refuse_repeat(state: PaymentState, refund: Returned) -> None:
    for other in state.refunds.values():
        is_near = abs(refund.recorded_at - other.recorded_at) <= REPEAT_MS
        is_same = is_same_money(state, other, refund) and other.status != "failed"
        if is_same and is_near and not other.is_total:
            raise Conflict(
                "a refund of the same amount was recorded within 24 hours: send a refundId if this"
                " is another refund",
                field="refundId",
            )


def is_same_money(state: PaymentState, one: Returned, two: Returned) -> bool:
    """Whether two refunds of a payment have one amount and currency."""
    paid_in = state.payment.currency if state.payment else ""
    same_currency = (one.currency or paid_in) == (two.currency or paid_in)
    return same_currency and one.amount == two.amount


def refuse_too_much(state: PaymentState, refund: Refund) -> None:
    """Raises BadRequest if the refund, which the state includes already, exceeds the payment."""
    over = state.excess()
    if over and state.payment:
        left = max(refund.amount - major(over, state.payment.currency), Decimal(0))
        raise BadRequest(
            f"amount {refund.amount} is more than the rest of the payment:"
            f" {left} {state.payment.currency}",
            field="amount",
        )


def major(fine: int, currency: str) -> Decimal:
    """An amount in whole units, with the currency's decimals if they are known and enough."""
    amount = Decimal(fine).scaleb(-FINE_DIGITS)
    exact = round_money(amount, currency)
    return exact if exact == amount else amount


def _fine(amount: Decimal) -> int:
    """In ten-thousandths, exactly. Raises BadRequest naming amount."""
    fine = amount.scaleb(FINE_DIGITS) if amount.is_finite() else Decimal(-1)
    if not 0 <= fine <= MAX_AMOUNT.scaleb(FINE_DIGITS) or fine != int(fine):
        raise BadRequest(f"amount {amount} is not an amount of money", field="amount")
    return int(fine)
