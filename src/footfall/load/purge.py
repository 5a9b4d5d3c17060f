"""Removing rows for good: a removed website's, or those past a website's retention."""

from footfall.load.draft import Change

Values = dict[str, object]

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


def old_rows(website_id: int, before_ms: int | None = None) -> tuple[list[Change], Values]:
    """What removes a website's rows from every table, or only those placed before a time; and the
    values of its conditions."""
    values: Values = {"website_id": website_id, "before": before_ms or 0}
    of_website = "website_id = {website_id:UInt32}"
    if before_ms is None:
        return [Change(table=table, rows=of_website) for table in _PLACED_BY], values
    is_older = "{column} < fromUnixTimestamp64Milli({before:Int64})"
    rows = {
        table: f"{of_website} AND {is_older.replace('{column}', column)}"
        for table, column in _PLACED_BY.items()
    }
    return [Change(table=table, rows=condition) for table, condition in rows.items()], values


def received_before(table: str, before_ms: int) -> tuple[Change, Values]:
    """What removes the rows that a table received before a time."""
    rows = "received_at < fromUnixTimestamp64Milli({before:Int64})"
    return Change(table=table, rows=rows), {"before": before_ms}
