"""Payment states as rows of the catalog. Every function works within the caller's transaction."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from footfall.catalog.table import (
    DISPUTES,
    OUTBOX,
    PAYMENT_NAMES,
    PAYMENTS,
    REFUNDS,
    WEBHOOK_EVENTS,
)
from footfall.model.payment import Movement
from footfall.money.payment_state import Disputed, Paid, PaymentState, Returned, changes

_TABLES: tuple[Table, ...] = (PAYMENTS, REFUNDS, DISPUTES, PAYMENT_NAMES)

_encode_movement = msgspec.msgpack.Encoder(decimal_format="string").encode
decode_movement = msgspec.msgpack.Decoder(Movement).decode


def read_states(
    connection: Connection, website_id: int, names: Iterable[str]
) -> list[PaymentState]:
    """The states with one of these names; several if they are still to be merged."""
    of_names = _of(PAYMENT_NAMES, website_id, PAYMENT_NAMES.c.name.in_(list(names)))
    found = connection.execute(select(PAYMENT_NAMES.c.transaction_id).where(*of_names))
    kept = {row.transaction_id for row in found}
    return _read(connection, website_id, sorted(kept))


def read_state(connection: Connection, website_id: int, name: str) -> PaymentState:
    """The state with this name, or an empty one."""
    states = read_states(connection, website_id, (name,))
    return states[0] if states else PaymentState(website_id=website_id, names={name})


def write_state(
    connection: Connection, state: PaymentState, kept: Iterable[str], before: dict[str, Movement]
) -> None:
    """Replace the states stored under the ids `kept`, and put what reports, which show `before`,
    have to change into the outbox. Raises IntegrityError if there is no such website."""
    for transaction_id in kept:
        _drop(connection, state.website_id, transaction_id)
    ids = {"website_id": state.website_id, "transaction_id": state.transaction_id}
    uncounted = state.uncounted()
    _insert(connection, PAYMENT_NAMES, ids, [{"name": name} for name in sorted(state.names)])
    if state.payment:
        payment = msgspec.structs.asdict(state.payment)
        for name in ("website_amount", "rate"):
            payment[name] = format(payment[name], "f")
        _insert(connection, PAYMENTS, ids, [payment])
    _insert(
        connection,
        REFUNDS,
        ids,
        [
            msgspec.structs.asdict(refund) | {"uncounted": uncounted.get(refund.refund_key, 0)}
            for refund in state.refunds.values()
        ],
    )
    disputes = [msgspec.structs.asdict(dispute) for dispute in state.disputes.values()]
    _insert(connection, DISPUTES, ids, disputes)
    movements = changes(before, state.movements())
    _insert(connection, OUTBOX, ids, [{"movement": _encode_movement(m)} for m in movements])


def remove_state(connection: Connection, website_id: int, name: str) -> set[str]:
    """Remove the state with this name, and its providers' events: one that is sent again is not a
    repeat. Returns the ids of the movements that reports may have."""
    removed: set[str] = set()
    for state in read_states(connection, website_id, (name,)):
        removed |= state.movement_ids()
        removed |= {movement.movement_id for _, movement in _unsent(connection, state)}
        of_names = WEBHOOK_EVENTS.c.transaction_id.in_(state.names)
        connection.execute(delete(WEBHOOK_EVENTS).where(*_of(WEBHOOK_EVENTS, website_id, of_names)))
        connection.execute(delete(OUTBOX).where(*_outbox_of(state)))
        _drop(connection, website_id, state.transaction_id)
    return removed


def forget_in_outbox(connection: Connection, state: PaymentState) -> None:
    """Remove the visitor from the movements that are still in the outbox."""
    for id_, movement in _unsent(connection, state):
        anonymous = msgspec.structs.replace(movement, visitor_id=0, session_uid=0, client_session=0)
        values = {"movement": _encode_movement(anonymous)}
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == id_).values(values))


def find_orphans(connection: Connection, website_id: int, before_ms: int) -> list[str]:
    """Transaction ids without a payment, whose refunds and disputes are from before a time."""
    found: set[str] = set()
    for table in (REFUNDS, DISPUTES):
        paid = select(PAYMENTS.c.transaction_id).where(PAYMENTS.c.website_id == website_id)
        without = _of(table, website_id, table.c.transaction_id.not_in(paid))
        grouped = select(table.c.transaction_id).where(*without).group_by(table.c.transaction_id)
        last_at = func.max(table.c.occurred_at)
        rows = connection.execute(grouped.having(last_at < before_ms))
        found |= {row.transaction_id for row in rows}
    return sorted(found)


def _read(
    connection: Connection, website_id: int, transaction_ids: Iterable[str]
) -> list[PaymentState]:
    """The states stored under these transaction ids, in their order."""
    wanted = list(dict.fromkeys(transaction_ids))

    def rows_of(table: Table) -> dict[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {name: [] for name in wanted}
        of_these = _of(table, website_id, table.c.transaction_id.in_(wanted))
        for row in connection.execute(select(table).where(*of_these)):
            found[row.transaction_id].append(row)
        return found

    payments, names, refunds, disputes = map(rows_of, (PAYMENTS, PAYMENT_NAMES, REFUNDS, DISPUTES))
    return [
        PaymentState(
            website_id=website_id,
            names={row.name for row in names[name]},
            payment=next(map(_paid, payments[name]), None),
            refunds={row.refund_key: _struct(Returned, row) for row in refunds[name]},
            disputes={row.dispute_id: _struct(Disputed, row) for row in disputes[name]},
        )
        for name in wanted
    ]


def _paid(row: Row[Any]) -> Paid:
    values = row._asdict()
    del values["website_id"]
    values["website_amount"] = Decimal(row.website_amount)
    values["rate"] = Decimal(row.rate)
    return Paid(**values)


def _struct(kind: type[Any], row: Row[Any]) -> Any:
    values = row._asdict()
    return kind(**{name: values[name] for name in kind.__struct_fields__})


def _insert(
    connection: Connection, table: Table, ids: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    if rows:
        connection.execute(insert(table), [{**row, **ids} for row in rows])


def _drop(connection: Connection, website_id: int, transaction_id: str) -> None:
    for table in _TABLES:
        connection.execute(delete(table).where(*_kept(table, website_id, transaction_id)))


def _unsent(connection: Connection, state: PaymentState) -> list[tuple[int, Movement]]:
    rows = connection.execute(select(OUTBOX).where(*_outbox_of(state)).order_by(OUTBOX.c.id))
    return [(row.id, decode_movement(row.movement)) for row in rows.all()]


def _outbox_of(state: PaymentState) -> tuple[ColumnElement[bool], ...]:
    return _of(OUTBOX, state.website_id, OUTBOX.c.transaction_id.in_(state.names))


def _kept(table: Table, website_id: int, transaction_id: str) -> tuple[ColumnElement[bool], ...]:
    return _of(table, website_id, table.c.transaction_id == transaction_id)


def _of(
    table: Table, website_id: int, *conditions: ColumnElement[bool]
) -> tuple[ColumnElement[bool], ...]:
    return (table.c.website_id == website_id, *conditions)
