"""Rows that the engine refuses: set aside with the reason, so that one never stops loading."""

from pathlib import Path

import msgspec
import structlog

from footfall.store.engine import Engine, RowsRefused

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
