"""The SQL of quarantined SDK events."""

from footfall.model.question import PageQuestion
from footfall.query.sql.statement import Statement

_FROM = """
FROM quarantine
WHERE website_id = {website_id:UInt32}
  AND received_at >= fromUnixTimestamp64Milli({from_ms:Int64})
  AND received_at < fromUnixTimestamp64Milli({to_ms:Int64})
"""
_COUNT = f"SELECT count() {_FROM}"
_ROWS = f"""
SELECT concat(formatDateTime(received_at, '%Y-%m-%dT%H:%i:%S.'),
              leftPad(toString(toUnixTimestamp64Milli(received_at) % 1000), 3, '0'), 'Z') AS at,
       message_id, type, name, field, message
{_FROM}
ORDER BY received_at DESC, message_id, type, name, field, message
LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}
"""


def quarantine_count(question: PageQuestion) -> Statement:
    """How many events of the period were quarantined."""
    return Statement(_COUNT, _bounds(question))


def quarantine_page(question: PageQuestion) -> Statement:
    """One page of them, the newest first."""
    page = {"limit": question.limit, "offset": question.offset}
    return Statement(_ROWS, {**_bounds(question), **page})


def _bounds(question: PageQuestion) -> dict[str, object]:
    return {
        "website_id": question.website.id,
        "from_ms": question.period.from_ms,
        "to_ms": question.period.to_ms,
    }
