"""The ledger: payments, refunds and disputes, each booked once whatever the order of telling.

What reports must hear of lies in the outbox, written in the same transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog import Catalog
from footfall.catalog.database import writing
from footfall.catalog.profile import PayerKeys
from footfall.catalog.table import DISPUTES, OUTBOX, PAYMENTS, REFUNDS, WEBHOOK_EVENTS
from footfall.model.errors import Conflict, NotFound
from footfall.model.money import Converted
from footfall.model.payment import Alias, Dispute, Movement, Payment, Refund, TrialStart
from footfall.money import entry, payment_row, subscription
from footfall.money.payment_state import UNNAMED, Paid, PaymentState, without_person

REMOVED_AT_ONCE = 200  # 2 ms each


class OpenDispute(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is '' while the payment is not known."""

    transaction_id: str
    dispute_id: str
    amount: Decimal
    currency: str
    occurred_at: int
    provider: str


class WaitingRefund(msgspec.Struct, frozen=True, kw_only=True):
    """What of a refund does not count: its payment is not known (`currency` is '') or was given
    back already."""

    transaction_id: str
    refund_key: str
    amount: Decimal
    currency: str
    occurred_at: int
    provider: str


class PaymentWithRefunds(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a visitor and what was given back of it, in order of time."""

    transaction_id: str
    provider: str
    subscription_id: str
    payment: Movement
    refunds: tuple[Movement, ...]


class Ledger:
    """Every call but `delete` and `purge` is one transaction. Calls that write raise Unavailable
    where that is not possible now. Safe to use from several threads and processes.

    A transaction id is any of a payment's names: other ids must be the payment's own, never those
    of a customer or subscription.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database
        self._profiles = catalog.profiles

    # Tellings

    def add_payment(
        self, payment: Payment, converted: Converted, *, now_ms: int, merges: bool = False
    ) -> bool:
        """Whether the payment is new in the states. What its profile tells becomes its visitor's
        where nothing was told before.

        One that names no visitor is that of the payer's customer id or e-mail, be that known from
        a profile or from another payment, told before or after. Does it name a session that is
        known, this goes first (load decides).

        Known already: Conflict naming transactionId; with `merges` the telling fills in what is
        missing, and of two that differ the earlier one's money counts. Raises BadRequest naming
        amount or currency, NotFound.
        """
        keys = self._profiles.keys(payment.website_id, payment.profile)
        told = entry.paid(payment, converted, keys, now_ms)
        names = (payment.transaction_id, *payment.other_ids)
        with self._changing(payment.website_id, names) as (connection, state):
            before = state.payment
            if before and not merges:
                raise Conflict(
                    f"transactionId {payment.transaction_id!r} is in the books already",
                    field="transactionId",
                )
            state.add_payment(told)
            paid = _matched(connection, payment.website_id, state.payment or told)
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
        """Whether the books hold anything new by it.

        One that has not succeeded does not count; one that failed after it had is reversed.

        Without `may_wait` raises NotFound where the payment is not known, BadRequest naming amount
        past what is left of it, and Conflict for a repeat that cannot be told from a second refund
        (no id, the same amount within 24 hours) or that names another amount. With it a refund
        waits for its payment, and so does what is past the payment's amount.
        """
        told = entry.returned(refund, now_ms)
        with self._changing(refund.website_id, (refund.transaction_id,)) as (_, state):
            if not may_wait:
                entry.refuse_unknown(state, refund)
            known = state.refunds.get(told.refund_key)
            if told.refund_key.startswith(UNNAMED) and not (known and may_wait):
                entry.refuse_repeat(state, told)
            if known and not may_wait and known.amount != told.amount:
                raise Conflict(
                    f"refundId {told.refund_key!r} is in the books with another amount",
                    field="refundId",
                )
            if (told.amount or told.is_total) and (known is None or may_wait):
                state.add_refund(told)
            if known is None and not may_wait:
                entry.refuse_too_much(state, refund)
            return state.refunds.get(told.refund_key) != known

    def set_dispute(self, dispute: Dispute, *, now_ms: int) -> None:
        """Keep how a dispute stands; a lost one counts as a refund. One that is closed stays so,
        and its payment may come later. Raises BadRequest naming amount, NotFound."""
        del now_ms  # a dispute's own time says which telling is the newer one
        told = entry.disputed(dispute)
        with self._changing(dispute.website_id, (dispute.transaction_id,)) as (_, state):
            state.add_dispute(told)

    def add_alias(self, alias: Alias) -> None:
        """Keep that these are names of one payment. What was booked under them becomes one."""
        with self._changing(alias.website_id, (alias.transaction_id, *alias.other_ids)):
            pass

    def add_trial(self, trial: TrialStart) -> bool:
        """Keep that a subscription began with a trial. Whether that is new. Raises NotFound."""
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
        is_open = (DISPUTES.c.website_id == website_id) & (DISPUTES.c.status == "open")
        wanted = (
            select(DISPUTES, PAYMENTS.c.currency)
            .outerjoin(PAYMENTS, _same_payment(DISPUTES))
            .where(is_open)
            .order_by(DISPUTES.c.occurred_at, DISPUTES.c.dispute_id)
        )
        with self._database.connect() as connection:
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

    def waiting_refunds(self, website_id: int) -> list[WaitingRefund]:
        """The oldest first."""
        wanted = (
            select(REFUNDS, PAYMENTS.c.currency)
            .outerjoin(PAYMENTS, _same_payment(REFUNDS))
            .where(REFUNDS.c.website_id == website_id, REFUNDS.c.uncounted > 0)
            .order_by(REFUNDS.c.occurred_at, REFUNDS.c.transaction_id, REFUNDS.c.refund_key)
        )
        with self._database.connect() as connection:
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
        """Transaction ids of the payments that fit all that is given, the oldest first; times are
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
        """Ids of the movements that reports hold of these payments, once the outbox is empty."""
        found: set[str] = set()
        with self._database.connect() as connection:
            for name in transaction_ids:
                for state in payment_row.read_states(connection, website_id, [name]):
                    found |= state.movement_ids()
        return sorted(found)

    def movements(
        self, website_id: int, transaction_ids: Iterable[str]
    ) -> tuple[dict[str, Movement], set[str]]:
        """What reports show of these payments, by movement id, and the ids of all movements that
        they may have shown once. At most some thousand payments in one call."""
        with self._database.connect() as connection:
            states = payment_row.read_states(connection, website_id, transaction_ids)
        shown = {id_: m for state in states for id_, m in state.movements().items()}
        return shown, {id_ for state in states for id_ in state.movement_ids()}

    # Outbox

    def outbox(self, limit: int = 1000) -> list[tuple[int, Movement]]:
        """The oldest movements that reports have not heard of, with their numbers, in order."""
        wanted = select(OUTBOX.c.id, OUTBOX.c.movement).order_by(OUTBOX.c.id).limit(limit)
        with self._database.connect() as connection:
            return [
                (row.id, payment_row.decode_movement(row.movement))
                for row in connection.execute(wanted)
            ]

    def drop_outbox(self, up_to: int) -> None:
        """Forget the movements up to a number: reports have them."""
        with writing(self._database) as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.id <= up_to))

    # Deletes

    def delete(self, website_id: int, transaction_ids: Iterable[str]) -> list[str]:
        """Remove payments with all that belongs to them; their ids are free again. Each goes whole,
        a few in one transaction: others can write in between.

        Answers the ids of the movements that reports may hold. They are told nothing of it. Which
        of a subscription's payments is new is decided again, as if the removed ones had never been
        known: what changes by that is in the outbox.
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
        """Note that the goals of these payments were deleted: they are not recorded again."""
        for names in _parts(transaction_ids):
            chosen = PAYMENTS.c.website_id == website_id, PAYMENTS.c.transaction_id.in_(names)
            with writing(self._database) as connection:
                connection.execute(update(PAYMENTS).where(*chosen).values(is_goal_deleted=True))

    def forget_visitor(
        self, website_id: int, visitor_id: int, transaction_ids: Iterable[str] = ()
    ) -> list[Movement]:
        """Take the person out of their payments, and out of what the outbox still holds.

        `transaction_ids` are further payments of theirs, which only a session's key ties to them.
        Call it before their profile is deleted, which leads to payments as well.

        Answers the movements as they are now, which are in the outbox too: until reports have
        those, they know the person. Nobody comes back by a telling that is late.
        """
        movements: list[Movement] = []
        with writing(self._database) as connection:
            keys = payment_row.keys_of_visitor(connection, website_id, visitor_id)
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
            payment_row.forget_payer(connection, website_id, keys)
        return movements

    def purge(self, website_id: int, before_ms: int) -> None:
        """Remove the payments before a time with all that belongs to them, what waits for a payment
        from before it, and the webhooks' events. The kinds of later payments stay."""
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
        """The state of these names, to be changed; it is written when the block ends well. Raises
        NotFound where there is no such website."""
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
                    _match_others(connection, state)
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


def _matched(connection: Connection, website_id: int, paid: Paid) -> Paid:
    """With the visitor to whom the payer's keys lead, where none is named."""
    if paid.visitor_id or paid.is_erased:
        return paid
    keys = PayerKeys(paid.email_key, paid.customer_key)
    found = payment_row.find_payer(connection, website_id, keys)
    return msgspec.structs.replace(paid, visitor_id=found)


def _match_others(connection: Connection, state: PaymentState) -> None:
    """Give the payment's visitor to the payer's other payments that have none, and so on with
    what is known of their payer."""
    if state.payment is None or not state.payment.visitor_id:
        return
    keys = PayerKeys(state.payment.email_key, state.payment.customer_key)
    waiting = [] if keys == PayerKeys() else [keys]
    while waiting:
        for other in payment_row.find_unmatched(connection, state.website_id, waiting.pop()):
            theirs = payment_row.read_state(connection, state.website_id, other.transaction_id)
            if theirs.payment and not theirs.payment.visitor_id:
                before = theirs.movements()
                visitor_id = state.payment.visitor_id
                theirs.payment = msgspec.structs.replace(theirs.payment, visitor_id=visitor_id)
                payment_row.write_state(connection, theirs, {other.transaction_id}, before)
                waiting.append(other.keys)


def _parts(names: Iterable[str]) -> Iterator[list[str]]:
    """As many as are removed in one transaction."""
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


def _same_payment(table: Table) -> ColumnElement[bool]:
    return (PAYMENTS.c.website_id == table.c.website_id) & (
        PAYMENTS.c.transaction_id == table.c.transaction_id
    )
