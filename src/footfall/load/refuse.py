"""Rows that the engine refuses: set aside with the reason, so that one never stops loading."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from footfall.durable import write_whole
from footfall.load.time_text import TIME_PLACES, read_time
from footfall.store.engine import Engine, RowsRefused

_VISITOR = {"events": 3, "sessions": 3, "visits": 1, "payments": 6}
"""Table → which value of its rows is the visitor."""

log = structlog.get_logger()


def insert_all(engine: Engine, table: str, lines: bytes, token: str, refused: Path) -> int:
    """Insert a block; halve it where the engine refuses a row, until that row stands alone.

    The halves' tokens follow from the block's, so sending the same block again stores nothing
    twice. Answers how many rows it refused. Raises EngineError where the fault is not in the rows.
    """
    try:
        engine.insert(table, lines, token)
        return 0
    except RowsRefused as error:
        rows = lines.split(b"\n")
        if len(rows) == 1:
            _set_aside(table, lines, token, str(error), refused)
            return 1
    middle = len(rows) // 2
    return insert_all(engine, table, b"\n".join(rows[:middle]), token + "a", refused) + insert_all(
        engine, table, b"\n".join(rows[middle:]), token + "b", refused
    )


def _set_aside(table: str, line: bytes, token: str, reason: str, refused: Path) -> None:
    log.error("the engine refused a row; it is set aside", table=table, file=str(refused))
    entry = {"token": token, "table": table, "reason": reason, "row": line.decode()}
    with refused.open("ab") as file:
        file.write(msgspec.json.encode(entry) + b"\n")


class Refused(msgspec.Struct, frozen=True):
    """A row that was set aside: its table, and its values in the table's order."""

    table: str
    values: list[Any]

    @property
    def website_id(self) -> int:
        return int(self.values[0])

    @property
    def visitor_id(self) -> int:
        """0 for a row that has none."""
        place = _VISITOR.get(self.table)
        return int(self.values[place]) if place else 0

    @property
    def placed_at(self) -> int:
        """Milliseconds since 1970: the time by which retention judges it."""
        return read_time(self.values[TIME_PLACES[self.table][0]])


def drop_refused(path: Path, is_wanted: Callable[[Refused], bool]) -> None:
    """Take rows out of what was set aside, for good. A line that cannot be read, as after a crash,
    goes with them: nobody can say whose it is. Raises OSError."""
    if not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _is_kept(line, is_wanted)]
    if kept == lines:
        return
    if kept:
        write_whole(path, b"".join(kept))
    else:
        path.unlink()


def _is_kept(line: bytes, is_wanted: Callable[[Refused], bool]) -> bool:
    try:
        entry = msgspec.json.decode(line, type=dict[str, str])
        row = Refused(entry["table"], msgspec.json.decode(entry["row"], type=list[Any]))
        return not is_wanted(row)
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return False
