"""Removing rows for good: a removed website's, or those past a website's retention."""

from footfall.load.rewrite import delete_rows
from footfall.store.engine import Engine

_PLACED_BY = {
    "events": "report_at",
    "sessions": "started_at",
    "visits": "started_at",
    "payments": "report_at",
    "ingestion": "hour",
    "event_ids": "received_at",
    "quarantine": "received_at",
}
"""Table → the column that places its rows in time."""


def purge_event_ids(engine: Engine, before_ms: int) -> None:
    """Forget the eventIds received before a time. Raises EngineError."""
    _purge_received("event_ids", engine, before_ms)


def purge_quarantine(engine: Engine, before_ms: int) -> None:
    """Forget what was quarantined before a time. Raises EngineError."""
    _purge_received("quarantine", engine, before_ms)


def purge(engine: Engine, website_id: int, before_ms: int | None = None) -> None:
    """Remove a website's rows from every table, or only those placed before `before_ms`.

    Gone from every answer when it returns. Raises EngineError.
    """
    for table, column in _PLACED_BY.items():
        is_older = f" AND {column} < fromUnixTimestamp64Milli({{before:Int64}})"
        rows = "website_id = {website_id:UInt32}" + ("" if before_ms is None else is_older)
        if delete_rows(engine, table, rows, {"website_id": website_id, "before": before_ms or 0}):
            engine.drop_replaced_parts(table)


def _purge_received(table: str, engine: Engine, before_ms: int) -> None:
    rows = "received_at < fromUnixTimestamp64Milli({before:Int64})"
    delete_rows(engine, table, rows, {"before": before_ms})
