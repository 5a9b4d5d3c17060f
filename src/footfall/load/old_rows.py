"""Which rows are removed without a request: those of a removed website, and those older than a
retention (a purge)."""

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
_OF_WEBSITE = "website_id = {website_id:UInt32}"
OF_WEBSITE = [Change(table=table, rows=_OF_WEBSITE) for table in _PLACED_BY]
"""The changes that remove all rows of the website `website_id`."""
_BEFORE = "fromUnixTimestamp64Milli({before:Int64})"


def rows_of_website(website_id: int) -> tuple[list[Change], Values]:
    """The changes that remove a website's rows from every table, and the values of their
    conditions."""
    return OF_WEBSITE, {"website_id": website_id}


def rows_before(website_id: int, before_ms: int) -> tuple[list[Change], Values]:
    """As `rows_of_website`, but only for the rows placed before a time."""
    changes = [
        Change(table=table, rows=f"{_OF_WEBSITE} AND {column} < {_BEFORE}")
        for table, column in _PLACED_BY.items()
    ]
    return changes, {"website_id": website_id, "before": before_ms}


def rows_received_before(table: str, before_ms: int) -> tuple[Change, Values]:
    """The change that removes the rows that a table received before a time, of every website."""
    return Change(table=table, rows=f"received_at < {_BEFORE}"), {"before": before_ms}
