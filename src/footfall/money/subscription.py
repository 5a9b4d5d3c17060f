"""Which payments of a subscription are new and which are renewals. Functions with a connection work
within the caller's transaction.

The first amount above 0 of a subscription is new and all later ones are renewals, whatever the
provider calls the invoice. For that, the start of the subscription must be known: if there are only
renewals, it started before the provider was connected, and none of them is the first.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, insert, select, update

from footfall.catalog.table import PAYMENT_NAMES, PAYMENTS, SUBSCRIPTIONS
from footfall.model.payment import PaymentKind
from footfall.money import payment_row
from footfall.money.payment_state import Paid, PaymentState


class Charge(NamedTuple):
    """A payment of a subscription; `kind` is what its provider calls it."""

    transaction_id: str
    kind: PaymentKind
    amount: int
    occurred_at: int


class History(NamedTuple):
    """What is known about a subscription in addition to the payments in the ledger."""

    is_begun: bool = False  # it started with a trial, or with a payment that was purged
    is_paid: bool = False  # an amount above 0 was purged


def decide_kinds(charges: Iterable[Charge], history: History) -> dict[str, PaymentKind]:
    """The kind of each charge by transaction id, independent of their order. Pure.

    An amount of 0 is new (a free trial) if the subscription starts with it.
    """
    kinds: dict[str, PaymentKind] = {}
    is_begun, is_paid = history
    has_start = False
    for charge in sorted(charges, key=_by_time):
        is_start = charge.kind == "new"
        if charge.amount:
            is_new = not is_paid and (is_begun or is_start)
            is_paid = True
        else:
            is_new = is_start and not (has_start or is_paid)
        has_start = has_start or is_start
        is_begun = is_begun or is_start
        kinds[charge.transaction_id] = "new" if is_new else "renewal"
    return kinds


def decided(connection: Connection, state: PaymentState, kept: Iterable[str]) -> Paid | None:
    """The state's payment with its kind decided. The state replaces those stored under `kept`."""
    payment = state.payment
    if payment is None or not payment.subscription_id:
        return payment
    rows = _rows(connection, state.website_id, payment.subscription_id)
    replaced = set(kept)
    others = [_charge(row) for row in rows if row.transaction_id not in replaced]
    history = _history(connection, state.website_id, payment.subscription_id)
    kinds = decide_kinds([*others, _charge(payment)], history)
    return msgspec.structs.replace(payment, decided_kind=kinds[payment.transaction_id])


def settle(connection: Connection, website_id: int, subscription_ids: Iterable[str]) -> None:
    """Decide the kinds of all payments of these subscriptions. Changes go into the outbox."""
    for subscription_id in sorted(set(subscription_ids) - {""}):
        rows = _rows(connection, website_id, subscription_id)
        kinds = decide_kinds(map(_charge, rows), _history(connection, website_id, subscription_id))
        for row in rows:
            kind = kinds[row.transaction_id]
            if row.decided_kind != kind:
                state = payment_row.read_state(connection, website_id, row.transaction_id)
                before = state.movements()
                assert state.payment is not None
                state.payment = msgspec.structs.replace(state.payment, decided_kind=kind)
                payment_row.write_state(connection, state, {row.transaction_id}, before)


def subscriptions_of(connection: Connection, website_id: int, names: Iterable[str]) -> set[str]:
    """The subscriptions of the payments with these names."""
    rows = _of_names(connection, website_id, names)
    return {row.subscription_id for row in rows}


def begin(connection: Connection, website_id: int, subscription_id: str, at: int) -> bool:
    """Record that a subscription started with a trial. Returns whether that is new. Raises
    IntegrityError if there is no such website."""
    is_known = _history(connection, website_id, subscription_id).is_begun
    _remember(connection, website_id, subscription_id, History(is_begun=True), at)
    return not is_known


def remember(connection: Connection, website_id: int, names: Iterable[str]) -> None:
    """Record what payments that are about to be purged show about their subscriptions, so that
    their later payments keep their kinds."""
    for row in _of_names(connection, website_id, names):
        history = History(is_begun=row.kind == "new", is_paid=row.amount > 0)
        _remember(connection, website_id, row.subscription_id, history, row.occurred_at)


def forget_ended(connection: Connection, website_id: int, before_ms: int) -> None:
    """Forget the subscriptions without payments that were last seen before a time."""
    columns = SUBSCRIPTIONS.c
    is_paid = exists().where(
        PAYMENTS.c.website_id == columns.website_id,
        PAYMENTS.c.subscription_id == columns.subscription_id,
    )
    is_old = columns.known_at < before_ms
    connection.execute(
        delete(SUBSCRIPTIONS).where(columns.website_id == website_id, is_old, ~is_paid)
    )


def _by_time(charge: Charge) -> tuple[int, bool, bool, str]:
    """At the same time, the start of a subscription comes first, and a trial before an amount."""
    return charge.occurred_at, charge.kind != "new", charge.amount > 0, charge.transaction_id


def _charge(payment: Any) -> Charge:
    return Charge(payment.transaction_id, payment.kind, payment.amount, payment.occurred_at)


def _rows(connection: Connection, website_id: int, subscription_id: str) -> list[Row[Any]]:
    of_website = PAYMENTS.c.website_id == website_id
    wanted = select(PAYMENTS).where(of_website, PAYMENTS.c.subscription_id == subscription_id)
    return list(connection.execute(wanted).all())


def _of_names(connection: Connection, website_id: int, names: Iterable[str]) -> list[Row[Any]]:
    kept = select(PAYMENT_NAMES.c.transaction_id).where(
        PAYMENT_NAMES.c.website_id == website_id, PAYMENT_NAMES.c.name.in_(list(names))
    )
    wanted = select(PAYMENTS).where(
        PAYMENTS.c.website_id == website_id,
        PAYMENTS.c.subscription_id != "",
        PAYMENTS.c.transaction_id.in_(kept),
    )
    return list(connection.execute(wanted).all())


def _history(connection: Connection, website_id: int, subscription_id: str) -> History:
    wanted = select(SUBSCRIPTIONS).where(*_is(website_id, subscription_id))
    row = connection.execute(wanted).first()
    return History(row.is_begun, row.is_paid) if row else History()


def _remember(
    connection: Connection, website_id: int, subscription_id: str, history: History, at: int
) -> None:
    known = connection.execute(
        select(SUBSCRIPTIONS).where(*_is(website_id, subscription_id))
    ).first()
    if known is None:
        ids = {"website_id": website_id, "subscription_id": subscription_id}
        connection.execute(insert(SUBSCRIPTIONS).values(**ids, **history._asdict(), known_at=at))
        return
    values = {
        "is_begun": known.is_begun or history.is_begun,
        "is_paid": known.is_paid or history.is_paid,
        "known_at": max(known.known_at, at),
    }
    connection.execute(
        update(SUBSCRIPTIONS).where(*_is(website_id, subscription_id)).values(**values)
    )


def _is(website_id: int, subscription_id: str) -> tuple[ColumnElement[bool], ...]:
    columns = SUBSCRIPTIONS.c
    return columns.website_id == website_id, columns.subscription_id == subscription_id
