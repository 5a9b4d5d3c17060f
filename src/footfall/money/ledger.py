"""The ledger: payments, refunds and disputes, each recorded once, in whatever order they arrive.

The changes that reports have to learn of are in the outbox, written in the same transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog import Catalog
from footfall.catalog.database import writing
from footfall.catalog.table import OUTBOX, PAYMENTS, WEBHOOK_EVENTS, WEBSITES
from footfall.model.errors import Conflict, NotFound, Unavailable
from footfall.model.money import Converted
from footfall.model.payment import Alias, Dispute, Movement, Payment, Refund, TrialStart
from footfall.money import entry, open_item, payer, payment_row, subscription
from footfall.money.open_item import OpenDispute, WaitingRefund
from footfall.money.payment_state import UNNAMED, Paid, PaymentState, without_person

REMOVED_AT_ONCE = 200  # 2 ms each
RETRY_AFTER_S = 2  # by then every process has seen a change of the website


class PaymentWithRefunds(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a visitor with its refunds, by time."""

    transaction_id: str
    provider: str
    subscription_id: str
    payment: Movement
    refunds: tuple[Movement, ...]


class Ledger:
    """Every call except `delete` and `purge` is one transaction. Calls that write raise Unavailable
    if that is not possible now. Safe to use from several threads and processes.

    A transaction id is any of a payment's names. Other ids must belong to the payment itself, not
    to a customer or a subscription.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database
        self._profiles = catalog.profiles

    # Entries

    def add_payment(
        self, payment: Payment, converted: Converted, *, now_ms: int, merges: bool = False
    ) -> bool:
        """Returns whether the payment is new. Its profile fills gaps in the visitor's profile.

        A payment that names no visitor belongs to the visitor with the payer's customer id or
        e-mail, known from a profile or another payment, whether before or after this one. If it
        names a known session, the session's visitor comes first (load decides).

        A known payment raises Conflict naming transactionId. With `merges` the entry fills in what
        is missing instead. If two entries differ, the money of one with a rate counts, and of
        several that of the earliest. Raises BadRequest naming amount or currency, NotFound, and
        Unavailable if the website has got another currency since the amount was converted.
        """
        keys = self._profiles.keys(payment.website_id, payment.profile)
        new = entry.paid(payment, converted, keys, now_ms)
        names = (payment.transaction_id, *payment.other_ids)
        with self._changing(payment.website_id, names) as (connection, state):
            _check_currency_is(connection, payment.website_id, converted.currency)
            before = state.payment
            if before and not merges:
                raise Conflict(
                    f"transactionId {payment.transaction_id!r} is recorded already",
                    field="transactionId",
                )
            state.add_payment(new)
            paid = payer.with_visitor(connection, payment.website_id, state.payment or new)
            state.payment = paid
            if paid.visitor_id and not paid.is_erased:
                self._profiles.write(
                    connection,
                    payment.website_id,
                    paid.visitor_id,
                    payment.profile,
                    now_ms,
                    replaces=False,
                )
        return before is None

    def add_refund(self, refund: Refund, *, now_ms: int, may_wait: bool = False) -> bool:
        """Returns whether the entry changes anything.

        A refund that has not succeeded does not count; one that failed after success is reversed.

        Without `may_wait` it raises NotFound if the payment is not known, BadRequest naming amount
        if the refund exceeds the rest of the payment, and Conflict for a repeat with another
        amount or without an id (the same amount within 24 hours). With `may_wait` a refund waits
        for its payment, and so do the part that exceeds the payment and a refund in another
        currency.
        """
        new = entry.returned(refund, now_ms)
        with self._changing(refund.website_id, (refund.transaction_id,)) as (_, state):
            if not may_wait:
                entry.refuse_unknown(state, refund)
            known = state.refunds.get(new.refund_key)
            if new.refund_key.startswith(UNNAMED) and not (known and may_wait):
                entry.refuse_repeat(state, new)
            if known and not may_wait and not entry.is_same_money(state, known, new):
                raise Conflict(
                    f"refundId {new.refund_key!r} is recorded with another amount or currency",
                    field="refundId",
                )
            if (new.amount or new.is_total) and (known is None or may_wait):
                state.add_refund(new)
            if known is None and not may_wait:
                entry.refuse_too_much(state, refund)
            return state.refunds.get(new.refund_key) != known

    def set_dispute(self, dispute: Dispute) -> None:
        """Record the status of a dispute; of two entries, the dispute's own time decides which is
        newer. A lost one counts as a refund and waits for its payment like one, and a closed one
        stays closed. Raises BadRequest naming amount, NotFound."""
        new = entry.disputed(dispute)
        with self._changing(dispute.website_id, (dispute.transaction_id,)) as (_, state):
            state.add_dispute(new)

    def add_alias(self, alias: Alias) -> None:
        """Record that these are names of one payment. What is recorded under them is merged."""
        with self._changing(alias.website_id, (alias.transaction_id, *alias.other_ids)):
            pass

    def add_trial(self, trial: TrialStart) -> bool:
        """Record that a subscription started with a trial. Returns whether that is new. Raises
        NotFound."""
        ids = trial.website_id, trial.subscription_id
        try:
            with writing(self._database) as connection:
                is_new = subscription.begin(connection, *ids, trial.occurred_at)
                subscription.settle(connection, trial.website_id, [trial.subscription_id])
        except IntegrityError:
            raise NotFound("the website was removed meanwhile", field="website") from None
        return is_new

    # Answers

    def open_disputes(self, website_id: int) -> list[OpenDispute]:
        """The oldest first."""
        with self._database.connect() as connection:
            return open_item.open_disputes(connection, website_id)

    def waiting_refunds(self, website_id: int) -> list[WaitingRefund]:
        """The oldest first."""
        with self._database.connect() as connection:
            return open_item.waiting_refunds(connection, website_id)

    def currency_of(self, website_id: int, transaction_id: str) -> str:
        """The currency of a payment by any of its names, '' while it is not known."""
        with self._database.connect() as connection:
            payment = payment_row.read_state(connection, website_id, transaction_id).payment
        return payment.currency if payment else ""

    def payments_of(self, website_id: int, visitor_id: int) -> list[PaymentWithRefunds]:
        """All payments of a visitor, the newest first."""
        with self._database.connect() as connection:
            names = self._find(connection, website_id, PAYMENTS.c.visitor_id == visitor_id)
            states = [payment_row.read_state(connection, website_id, name) for name in names]
        return [_with_refunds(state, state.payment) for state in reversed(states) if state.payment]

    def find_transactions(
        self,
        website_id: int,
        *,
        transaction_id: str = "",
        visitor_id: int = 0,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[str]:
        """Transaction ids of the payments that match all given filters, the oldest first. Times are
        the payment's own, inclusive."""
        conditions: list[ColumnElement[bool]] = []
        if visitor_id:
            conditions.append(PAYMENTS.c.visitor_id == visitor_id)
        if from_ms is not None:
            conditions.append(PAYMENTS.c.occurred_at >= from_ms)
        if to_ms is not None:
            conditions.append(PAYMENTS.c.occurred_at <= to_ms)
        with self._database.connect() as connection:
            if transaction_id:
                state = payment_row.read_state(connection, website_id, transaction_id)
                conditions.append(PAYMENTS.c.transaction_id == state.transaction_id)
            return self._find(connection, website_id, *conditions)

    def movement_ids(self, website_id: int, transaction_ids: Iterable[str]) -> list[str]:
        """Ids of the movements of these payments that reports have once the outbox is empty."""
        found: set[str] = set()
        with self._database.connect() as connection:
            for name in transaction_ids:
                for state in payment_row.read_states(connection, website_id, [name]):
                    found |= state.movement_ids()
        return sorted(found)

    def movements(
        self, website_id: int, transaction_ids: Iterable[str]
    ) -> tuple[dict[str, Movement], set[str]]:
        """The movements of these payments that reports show, by id, and the ids of all movements
        that they may ever have shown. For at most some thousand payments in one call."""
        with self._database.connect() as connection:
            states = payment_row.read_states(connection, website_id, transaction_ids)
        shown = {id_: m for state in states for id_, m in state.movements().items()}
        return shown, {id_ for state in states for id_ in state.movement_ids()}

    # Outbox

    def outbox(self, limit: int = 1000) -> list[tuple[int, Movement]]:
        """The oldest movements that are not sent to reports yet, with their numbers, in order."""
        wanted = select(OUTBOX.c.id, OUTBOX.c.movement).order_by(OUTBOX.c.id).limit(limit)
        with self._database.connect() as connection:
            return [
                (row.id, payment_row.decode_movement(row.movement))
                for row in connection.execute(wanted)
            ]

    def drop_outbox(self, up_to: int) -> None:
        """Remove the movements up to a number: reports have them."""
        with writing(self._database) as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.id <= up_to))

    # Deletions

    def delete(self, website_id: int, transaction_ids: Iterable[str]) -> list[str]:
        """Remove payments with everything that belongs to them; their ids are free again. Some are
        removed in one transaction, each completely, so that others can write in between.

        Returns the ids of the movements that reports may have; removing them there is up to the
        caller. The kinds of a subscription's payments are decided again, as if the removed ones
        had never existed, and the changes are put into the outbox.
        """
        removed = set[str]()
        for names in _parts(transaction_ids):
            with writing(self._database) as connection:
                changed = subscription.subscriptions_of(connection, website_id, names)
                for name in names:
                    removed |= payment_row.remove_state(connection, website_id, name)
                subscription.settle(connection, website_id, changed)
        return sorted(removed)

    def forget_goals(self, website_id: int, transaction_ids: Iterable[str]) -> None:
        """Record that the goals of these payments were deleted, so that they do not come back."""
        for names in _parts(transaction_ids):
            chosen = PAYMENTS.c.website_id == website_id, PAYMENTS.c.transaction_id.in_(names)
            with writing(self._database) as connection:
                connection.execute(update(PAYMENTS).where(*chosen).values(is_goal_deleted=True))

    def forget_visitor(
        self, website_id: int, visitor_id: int, transaction_ids: Iterable[str] = ()
    ) -> list[Movement]:
        """Remove a visitor from their payments and from the movements in the outbox.

        `transaction_ids` are more of their payments, connected only by a session's key. Call it
        before the profile is deleted: the profile leads to payments, too.

        Returns the movements as they are now. They are in the outbox as well: until reports have
        them, reports know the visitor. A late entry does not bring the visitor back.
        """
        movements: list[Movement] = []
        with writing(self._database) as connection:
            keys = payer.keys_of_visitor(connection, website_id, visitor_id)
            theirs = self._find(connection, website_id, PAYMENTS.c.visitor_id == visitor_id)
            for state in payment_row.read_states(
                connection, website_id, [*theirs, *transaction_ids]
            ):
                if state.payment:
                    payment_row.forget_in_outbox(connection, state)
                    before = state.movements()
                    state.payment = without_person(state.payment)
                    payment_row.write_state(connection, state, {state.transaction_id}, before)
                    movements += state.movements().values()
            payer.forget(connection, website_id, keys)
        return movements

    def purge(self, website_id: int, before_ms: int) -> None:
        """Remove the payments, waiting refunds, disputes and webhook events from before a time. The
        kinds of later payments stay."""
        for names in _parts(self.find_transactions(website_id, to_ms=before_ms - 1)):
            with writing(self._database) as connection:
                subscription.remember(connection, website_id, names)
                for name in names:
                    payment_row.remove_state(connection, website_id, name)
        with writing(self._database) as connection:
            subscription.forget_ended(connection, website_id, before_ms)
            for name in payment_row.find_orphans(connection, website_id, before_ms):
                payment_row.remove_state(connection, website_id, name)
            received = WEBHOOK_EVENTS.c.received_at < before_ms
            of_website = WEBHOOK_EVENTS.c.website_id == website_id
            connection.execute(delete(WEBHOOK_EVENTS).where(of_website, received))

    @contextmanager
    def _changing(
        self, website_id: int, names: Iterable[str]
    ) -> Iterator[tuple[Connection, PaymentState]]:
        """The state with these names, to be changed. It is written if the block does not raise.
        Raises NotFound if there is no such website."""
        try:
            with writing(self._database) as connection:
                found = payment_row.read_states(connection, website_id, names)
                kept = {state.transaction_id for state in found}
                before = {id_: m for state in found for id_, m in state.movements().items()}
                state = PaymentState(website_id=website_id, names=set(names))
                for part in found:
                    state.merge(part)
                unchanged = msgspec.structs.replace(
                    state,
                    names=found[0].names if len(found) == 1 else set(),
                    refunds=dict(state.refunds),
                    disputes=dict(state.disputes),
                )
                yield connection, state
                state.payment = subscription.decided(connection, state, kept)
                if state != unchanged or len(found) > 1:
                    payment_row.write_state(connection, state, kept, before)
                    paid = [part.payment for part in (*found, state) if part.payment]
                    changed = [payment.subscription_id for payment in paid]
                    subscription.settle(connection, website_id, changed)
                    payer.give_visitor_to_others(connection, state)
        except IntegrityError:
            raise NotFound("the website was removed meanwhile", field="website") from None

    def _find(
        self, connection: Connection, website_id: int, *conditions: ColumnElement[bool]
    ) -> list[str]:
        wanted = select(PAYMENTS.c.transaction_id).where(
            PAYMENTS.c.website_id == website_id, *conditions
        )
        order = (PAYMENTS.c.occurred_at, PAYMENTS.c.transaction_id)
        rows = connection.execute(wanted.order_by(*order))
        return [row.transaction_id for row in rows]


def _check_currency_is(connection: Connection, website_id: int, currency: str) -> None:
    """Raise Unavailable if a website has another currency now."""
    wanted = select(WEBSITES.c.currency).where(WEBSITES.c.id == website_id)
    now = connection.execute(wanted).scalar()
    if now not in (None, currency):
        raise Unavailable(
            f"the website's currency was changed from {currency} to {now} a moment ago",
            retry_after_s=RETRY_AFTER_S,
        )


def _parts(names: Iterable[str]) -> Iterator[list[str]]:
    """Lists of as many names as are removed in one transaction."""
    waiting = list(names)
    for begin in range(0, len(waiting), REMOVED_AT_ONCE):
        yield waiting[begin : begin + REMOVED_AT_ONCE]


def _with_refunds(state: PaymentState, payment: Paid) -> PaymentWithRefunds:
    first, *refunds = state.movements().values()
    return PaymentWithRefunds(
        transaction_id=payment.transaction_id,
        provider=payment.provider,
        subscription_id=payment.subscription_id,
        payment=first,
        refunds=tuple(refunds),
    )
