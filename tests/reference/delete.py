"""Deletes, as if what is deleted had been taken out of the log by hand."""

from dataclasses import replace

from reference.join import UNKNOWN_FACTS, Log, Row


def delete_goals(
    log: Log,
    *,
    name: str = "",
    visitor_id: int = 0,
    from_ms: int | None = None,
    to_ms: int | None = None,
    among: list[Row] | None = None,
) -> int:
    """Completions that pass every filter. "a session's numbers are worked out again from what is
    left, its start and facts stay" (contract.md, DELETE /goals). Of those `among` is a delete only
    that was asked for when these were in the log."""
    known = None if among is None else {id(row) for row in among}

    def goes(row: Row) -> bool:
        return (
            row.type == "track"
            and (known is None or id(row) in known)
            and (not name or row.name == name)
            and (not visitor_id or row.visitor_id == visitor_id)
            and (from_ms is None or row.occurred_at >= from_ms)
            and (to_ms is None or row.occurred_at < to_ms)
        )

    gone = [row for row in log.rows if goes(row)]
    _take_out(log, gone)
    return len(gone)


def delete_payments(log: Log, movement_ids: set[str]) -> int:
    """Movements of money and the goals that they recorded."""
    gone = [p for p in log.payments if p.movement.movement_id in movement_ids]
    log.payments = [payment for payment in log.payments if payment not in gone]
    _take_out(log, [row for row in log.rows if row.movement_id in movement_ids])
    return len(gone)


def delete_visitor(log: Log, visitor_id: int) -> int:
    """A person: sessions and events go, their payments stay in the ledger without the person, and
    so do the goals that these recorded."""
    gone = [row for row in log.rows if row.visitor_id == visitor_id and not row.movement_id]
    _take_out(log, gone)
    for row in log.rows:
        if row.visitor_id == visitor_id:
            row.visitor_id, row.session, row.facts = 0, None, UNKNOWN_FACTS
    log.sessions = [session for session in log.sessions if session.visitor_id != visitor_id]
    log.payments = [
        replace(
            payment,
            visitor_id=0,
            session=None,
            facts=UNKNOWN_FACTS,
            entry_page="",
            exit_page="",
            exit_link="",
        )
        if payment.visitor_id == visitor_id
        else payment
        for payment in log.payments
    ]
    return len(gone)


def _take_out(log: Log, gone: list[Row]) -> None:
    log.rows = [row for row in log.rows if row not in gone]
    for session in log.sessions:
        session.rows = [row for row in session.rows if row not in gone]
        session.server_rows = [row for row in session.server_rows if row not in gone]
