"""The SQL of ingestion: accepted and dropped hits by local day."""

from footfall.model.question import PageQuestion
from footfall.query.sql.statement import Statement

_HITS = """
SELECT toString(toDate(hour, {timezone:String})) AS day, via, outcome, sum(hits) AS hits
FROM ingestion
WHERE website_id = {website_id:UInt32}
  AND toInt64(toUnixTimestamp(hour)) * 1000 >= {from_ms:Int64}
  AND toInt64(toUnixTimestamp(hour)) * 1000 < {to_ms:Int64}
GROUP BY day, via, outcome
ORDER BY day DESC, hits DESC, via, outcome
"""


def ingestion_statement(question: PageQuestion) -> Statement:
    """Rows of day, via, outcome, hits: all of the period, the newest day first."""
    values: dict[str, object] = {
        "website_id": question.website.id,
        "timezone": question.period.timezone,
        "from_ms": question.period.from_ms,
        "to_ms": question.period.to_ms,
    }
    return Statement(_HITS, values)
