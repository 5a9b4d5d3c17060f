"""Doubts: reasons why marks and walks in the store may be wrong. While there is one, no report uses
them.

Rows of sessions were lost or refused, or their visits, by which the loader finds a visitor's
sessions. `load/marking.py` settles doubts by marking all sessions again.
"""

from collections.abc import Iterable

import structlog

from footfall.load.work import Work

DECISIVE = frozenset({"sessions", "visits"})
"""The tables that marks are made of."""
_TABLE = "doubts"

log = structlog.get_logger()


def doubt(work: Work, reason: str) -> None:
    """Use no marks and walks from now on. Can be done again. Raises EngineError."""
    log.warning("visitors are counted without marks until all are made again", reason=reason)
    work.command("INSERT INTO doubts SELECT {reason:String}", {"reason": reason})


def doubt_loss(work: Work, tables: Iterable[str]) -> None:
    """The same if one of the tables that have lost rows decides about marks. Does nothing in a
    store from before there were doubts; repeat it after the migration."""
    lost = sorted((DECISIVE | {_TABLE}).intersection(tables))
    if lost and _has_table(work):
        doubt(work, f"rows of {' and '.join(lost)} are lost")


def _has_table(work: Work) -> bool:
    tables = "SELECT count() FROM system.tables WHERE database = currentDatabase()"
    [[count]] = work.query(f"{tables} AND name = {{name:String}}", {"name": _TABLE}).rows
    return bool(count)


def has_doubts(work: Work) -> bool:
    """Raises EngineError."""
    [[count]] = work.query("SELECT count() FROM doubts").rows
    return bool(count)


def drop_doubts(work: Work) -> None:
    """Raises EngineError."""
    work.command("TRUNCATE TABLE doubts")
