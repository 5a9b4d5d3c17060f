"""Where loading continues after a start, according to the spool, the store and the inventory."""

from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import msgspec

from footfall.damage import Part as DamagedPart
from footfall.journal.reader import Positions
from footfall.journal.segment import START, Position, segment_numbers, writer_folders
from footfall.load.batch import SEQ_PER_BATCH, Batch
from footfall.load.inventory import Inventory
from footfall.load.remove_rows import remove_rows
from footfall.load.spool import Found
from footfall.store.engine import Engine

Finding = tuple[DamagedPart, str, str, str, bytes | None]
"""The arguments of `DamageLog.add`."""

_decode_positions = msgspec.json.Decoder(Positions).decode


class Start(NamedTuple):
    """Where loading continues."""

    series: str
    number: int  # of the newest batch
    positions: Positions
    batch: Batch | None  # which is sent first
    findings: list[Finding]
    is_unfinished: bool = False  # rows after `number` are of a batch that a crash interrupted


class Stored(NamedTuple):
    """The newest batch that is completely in the store."""

    number: int
    positions: Positions
    is_recorded: bool  # otherwise its number comes from the rows and may be too small


def find_start(engine: Engine, journal: Path, found: Found, inventory: Inventory) -> Start:
    """Raises EngineError.

    A batch is written to the spool, then to the store, then to the inventory. So the spool is
    decisive; if it cannot be read, the newer one of the others is.
    """
    stored, batch = newest_stored(engine), found.batch
    findings = _report_files(found)
    number = max(batch.number if batch else 0, inventory.number)
    is_behind = stored.number < max(batch.number - 1 if batch else 0, inventory.number)
    if is_behind and _is_older(engine, stored, batch, inventory):
        return _read_again(journal, stored, batch, number, findings)
    if batch and batch.number >= stored.number:
        is_in = stored.is_recorded and stored.number == batch.number
        is_in = is_in or inventory.number >= batch.number
        positions, last = batch.positions, None if is_in else batch
        return Start(batch.series, batch.number, positions, last, findings)
    return _without_spool(stored, inventory, findings)


def _is_older(engine: Engine, stored: Stored, batch: Batch | None, inventory: Inventory) -> bool:
    """Whether the whole store is an older copy or empty, and not just its table of batches."""
    if stored.is_recorded:
        return newest_number(engine) <= stored.number
    is_known = bool(inventory.number or (batch and batch.has_inventory))
    return is_known and not any(
        engine.query(f"SELECT 1 FROM {table} LIMIT 1").rows
        for table in ("events", "sessions", "payments", "ingestion")
    )


def _read_again(
    journal: Path, stored: Stored, batch: Batch | None, number: int, findings: list[Finding]
) -> Start:
    """Continue after the newest batch in the store, with what the journals still contain."""
    missing = (
        f"batches {stored.number + 1} to {number} are missing from the store: it is empty or an"
        " older copy. As far as the journals still contain them, they are loaded again"
    )
    findings.append(("store", "engine", str(stored.number), missing, None))
    positions = dict(batch.positions if batch else {}) | stored.positions
    for folder in writer_folders(journal):
        if numbers := segment_numbers(folder):
            first = Position(numbers[0], 0)
            positions[folder.name] = max(stored.positions.get(folder.name, START), first)
    series = batch.series if batch else token_hex(8)
    if batch and not _is_in_journals(batch, positions):
        return Start(series, number, batch.positions, batch, findings)
    return Start(series, number, positions, None, findings)


def _is_in_journals(batch: Batch, positions: Positions) -> bool:
    """Whether a batch's records will all be read from the journals, from `positions` on."""
    if batch.began is None:
        return False
    read = {name for name, end in batch.positions.items() if batch.began.get(name, START) != end}
    began = {name: max(batch.began.get(name, START), Position(1, 0)) for name in read}
    if not read:
        return batch.tables.keys() <= {"batches"}
    return all(positions.get(name, began[name]) <= began[name] for name in read)


def _without_spool(stored: Stored, inventory: Inventory, findings: list[Finding]) -> Start:
    """The newest batch's file is lost, or there is none yet."""
    number, positions = stored.number, stored.positions
    if inventory.number > number or (inventory.number and not stored.is_recorded):
        number, positions = inventory.number, inventory.positions
    if number:
        message = (
            f"the newest batch was lost; loading continues after batch {number}, the newest one"
            " in the store, with what the journals still contain"
        )
        findings.append(("spool", "spool", str(number), message, None))
    return Start(token_hex(8), number, positions, None, findings, is_unfinished=bool(number))


def _report_files(found: Found) -> list[Finding]:
    message = "the file cannot be read" + (
        "; its copy was used, nothing is lost" if found.batch else ": see the folder spool"
    )
    return [("spool", f"spool/{path.name}", "", message, _content(path)) for path in found.damaged]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def newest_stored(engine: Engine) -> Stored:
    """The newest complete batch; number 0 before the first. Raises EngineError."""
    rows = engine.query("SELECT number, positions FROM batches ORDER BY number DESC LIMIT 1").rows
    for number, positions in rows:
        return Stored(number, _decode_positions(positions), is_recorded=True)
    return Stored(newest_number(engine), {}, is_recorded=False)


def remove_unfinished(engine: Engine, number: int, unread_since: int) -> None:
    """Remove the rows of batches after `number`. Raises EngineError.

    They belong to a batch that a crash interrupted. Its records, received from `unread_since` (ms)
    on, are still in the journals. If their eventIds stayed in the store, they would count as
    repeats.
    """
    first_seq = (number + 1) * SEQ_PER_BATCH
    values = {"number": number, "first_seq": first_seq, "since": unread_since}
    session_ids = "SELECT session_id FROM sessions WHERE version > {number:UInt64}"
    of_later_sessions = (
        f"session_id IN ({session_ids}) AND session_id NOT IN"
        " (SELECT session_id FROM sessions WHERE version <= {number:UInt64})"
    )
    remove_rows(engine, "visits", of_later_sessions, values)
    remove_rows(engine, "events", "seq >= {first_seq:UInt64}", values)
    for table in ("sessions", "payments"):
        remove_rows(engine, table, "version > {number:UInt64}", values)
    since = "received_at >= fromUnixTimestamp64Milli({since:Int64})"
    remove_rows(engine, "event_ids", since, values)


def newest_number(engine: Engine) -> int:
    """The newest batch's number according to its rows, for a store from before the table
    `batches`."""
    (versions,), (seqs,) = (
        engine.query("SELECT max(version) FROM sessions").rows[0],
        engine.query("SELECT max(seq) FROM events").rows[0],
    )
    return int(max(versions, seqs // SEQ_PER_BATCH))
