"""Finding the visitor of a payment that names none, by the payer's customer id or e-mail, which are
stored as keyed hashes. Every function works within the caller's transaction."""

import msgspec
from sqlalchemy import ColumnElement, Connection, or_, select, update

from footfall.catalog.profile import PayerKeys, find_by_keys
from footfall.catalog.table import PAYMENTS, PROFILES
from footfall.money import payment_row
from footfall.money.payment_state import Paid, PaymentState


class Unmatched(msgspec.Struct, frozen=True):
    """A payment without a visitor, and the keys of its payer."""

    transaction_id: str
    keys: PayerKeys


def with_visitor(connection: Connection, website_id: int, paid: Paid) -> Paid:
    """The payment with the visitor that the payer's keys lead to, if it names none."""
    if paid.visitor_id or paid.is_erased:
        return paid
    keys = PayerKeys(paid.email_key, paid.customer_key)
    found = _find_visitor(connection, website_id, keys)
    return msgspec.structs.replace(paid, visitor_id=found)


def give_visitor_to_others(connection: Connection, state: PaymentState) -> None:
    """Give the payment's visitor to the payer's other payments without one, and then to the
    payments that share a key with those."""
    if state.payment is None or not state.payment.visitor_id:
        return
    keys = PayerKeys(state.payment.email_key, state.payment.customer_key)
    waiting = [] if keys == PayerKeys() else [keys]
    while waiting:
        for other in _find_unmatched(connection, state.website_id, waiting.pop()):
            theirs = payment_row.read_state(connection, state.website_id, other.transaction_id)
            if theirs.payment and not theirs.payment.visitor_id:
                before = theirs.movements()
                visitor_id = state.payment.visitor_id
                theirs.payment = msgspec.structs.replace(theirs.payment, visitor_id=visitor_id)
                payment_row.write_state(connection, theirs, {other.transaction_id}, before)
                waiting.append(other.keys)


def forget(connection: Connection, website_id: int, keys: PayerKeys) -> None:
    """Remove a payer's keys from payments without a visitor, for good."""
    connection.execute(
        update(PAYMENTS)
        .where(PAYMENTS.c.website_id == website_id, PAYMENTS.c.visitor_id == 0, _has_key(keys))
        .values(email_key=0, customer_key=0, is_erased=True)
    )


def keys_of_visitor(connection: Connection, website_id: int, visitor_id: int) -> PayerKeys:
    of_visitor = (PROFILES.c.website_id == website_id, PROFILES.c.visitor_id == visitor_id)
    wanted = select(PROFILES.c.email_key, PROFILES.c.customer_key).where(*of_visitor)
    row = connection.execute(wanted).first()
    return PayerKeys() if row is None else PayerKeys(row.email_key, row.customer_key)


def _find_visitor(connection: Connection, website_id: int, keys: PayerKeys) -> int:
    """The visitor with the payer's keys in a profile, else in another payment; 0 for none."""
    found = find_by_keys(connection, website_id, keys)
    for column, key in (
        (PAYMENTS.c.customer_key, keys.customer),
        (PAYMENTS.c.email_key, keys.email),
    ):
        if key and not found:
            of_website = PAYMENTS.c.website_id == website_id
            others = (of_website, column == key, PAYMENTS.c.visitor_id != 0)
            order = (PAYMENTS.c.occurred_at, PAYMENTS.c.transaction_id)
            wanted = select(PAYMENTS.c.visitor_id).where(*others).order_by(*order).limit(1)
            found = connection.execute(wanted).scalar() or 0
    return found


def _find_unmatched(connection: Connection, website_id: int, keys: PayerKeys) -> list[Unmatched]:
    """The payer's payments without a visitor."""
    is_open = (
        PAYMENTS.c.website_id == website_id,
        PAYMENTS.c.visitor_id == 0,
        PAYMENTS.c.is_erased.is_(False),
        _has_key(keys),
    )
    rows = connection.execute(select(PAYMENTS).where(*is_open).order_by(PAYMENTS.c.transaction_id))
    return [
        Unmatched(row.transaction_id, PayerKeys(row.email_key, row.customer_key))
        for row in rows.all()
    ]


def _has_key(keys: PayerKeys) -> ColumnElement[bool]:
    """False for every payment if neither key is known."""
    has_email = (PAYMENTS.c.email_key == keys.email) & (PAYMENTS.c.email_key != 0)
    has_customer = (PAYMENTS.c.customer_key == keys.customer) & (PAYMENTS.c.customer_key != 0)
    return or_(has_email, has_customer)
