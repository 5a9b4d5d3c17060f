"""Removing rows for good: a removed website's, or those past a website's retention."""

from footfall.store.engine import Engine

_PLACED_BY = {
    "events": "report_at",
    "sessions": "started_at",
    "visits": "started_at",
    "payments": "report_at",
    "ingestion": "hour",
    "event_ids": "received_at",
}
"""Table → the column that places its rows in time."""


def purge(engine: Engine, website_id: int, before_ms: int | None = None) -> None:
    """Remove a website's rows from every table, or only those placed before `before_ms`.

    Gone from every answer when it returns. Raises EngineError.
    """
    for table, column in _PLACED_BY.items():
        older = f" AND {column} < toDateTime64({{before_s:Int64}}, 3, 'UTC')" if before_ms else ""
        engine.command(
            f"ALTER TABLE {table} DELETE WHERE website_id = {{website_id:UInt32}}{older}"
            " SETTINGS mutations_sync = 1",
            {"website_id": website_id, "before_s": (before_ms or 0) // 1000},
        )
