"""When a website was visited first."""

from footfall.query.sql.statement import Statement


def first_visit_statement(website_id: int) -> Statement:
    """The start (ms) of a person's first session that counts, as one row; no row without one."""
    return Statement(
        """
SELECT toUnixTimestamp64Milli(started_at)
FROM sessions FINAL
WHERE website_id = {website_id:UInt32} AND bot = '' AND counted_events > 0
ORDER BY started_at
LIMIT 1""",
        {"website_id": website_id},
    )
