"""Where loading goes on when the spool cannot say: the store knows its newest batch."""

from typing import NamedTuple

import msgspec

from footfall.journal.reader import Positions
from footfall.load.batch import SEQ_PER_BATCH
from footfall.load.rewrite import delete_rows
from footfall.store.engine import Engine

_decode_positions = msgspec.json.Decoder(Positions).decode


class Stored(NamedTuple):
    """The newest batch that is in the store as a whole."""

    number: int
    positions: Positions
    is_recorded: bool  # else it is what the rows say, which may be too little


def newest_stored(engine: Engine) -> Stored:
    """The newest whole batch; number 0 before the first. Raises EngineError."""
    rows = engine.query("SELECT number, positions FROM batches ORDER BY number DESC LIMIT 1").rows
    for number, positions in rows:
        return Stored(number, _decode_positions(positions), is_recorded=True)
    return Stored(_newest_number(engine), {}, is_recorded=False)


def remove_unfinished(engine: Engine, number: int, unread_since: int) -> None:
    """Remove the rows of batches after `number`. Raises EngineError.

    They are of a batch that a crash interrupted: its records, received from `unread_since` (ms) on,
    are still in the journals. With their eventIds in the store they would count as repeats.
    """
    first_seq = (number + 1) * SEQ_PER_BATCH
    values = {"number": number, "first_seq": first_seq, "since": unread_since}
    session_ids = "SELECT session_id FROM sessions WHERE version > {number:UInt64}"
    of_later_sessions = (
        f"session_id IN ({session_ids}) AND session_id NOT IN"
        " (SELECT session_id FROM sessions WHERE version <= {number:UInt64})"
    )
    delete_rows(engine, "visits", of_later_sessions, values)
    delete_rows(engine, "events", "seq >= {first_seq:UInt64}", values)
    for table in ("sessions", "payments"):
        delete_rows(engine, table, "version > {number:UInt64}", values)
    since = "received_at >= fromUnixTimestamp64Milli({since:Int64})"
    delete_rows(engine, "event_ids", since, values)


def _newest_number(engine: Engine) -> int:
    """The newest batch's number by its rows, in a store from before `batches` was kept."""
    (versions,), (seqs,) = (
        engine.query("SELECT max(version) FROM sessions").rows[0],
        engine.query("SELECT max(seq) FROM events").rows[0],
    )
    return int(max(versions, seqs // SEQ_PER_BATCH))
