"""What became of a website's hits, per local day: accepted, a bot's, or dropped and why."""

from footfall.model.event import DROP_REASONS
from footfall.model.period import parse_period, parse_timezone
from footfall.model.question import Answer, Pagination, Row
from footfall.model.website import Website
from footfall.query.parse.given import Params, parse_page, single_values
from footfall.serve.rest.route import PERIOD
from footfall.store.reader import Reader

OUTCOMES = ("accepted", "bot", *DROP_REASONS)

_SQL = """
SELECT toString(toDate(hour, {timezone:String})) AS day, via, outcome, sum(hits) AS hits
FROM ingestion
WHERE website_id = {website_id:UInt32}
  AND toInt64(toUnixTimestamp(hour)) * 1000 >= {from_ms:Int64}
  AND toInt64(toUnixTimestamp(hour)) * 1000 < {to_ms:Int64}
GROUP BY day, via, outcome
ORDER BY day DESC, hits DESC, via, outcome
"""


def ingestion_report(reader: Reader, website: Website, params: Params) -> Answer:
    """Rows {date, via, outcome, hits}, the newest day first. An hour counts on the local day in
    which it begins. Raises BadRequest naming the parameter, EngineError."""
    given = single_values(params, PERIOD)
    timezone = parse_timezone(given.get("timezone", website.timezone))
    period = parse_period(given.get("startAt"), given.get("endAt"), timezone)
    page = parse_page(params, 100)
    values = {
        "website_id": website.id,
        "timezone": timezone,
        "from_ms": period.from_ms,
        "to_ms": period.to_ms,
    }
    found = reader.query(_SQL, values).rows
    rows: list[Row] = [
        {"date": day, "via": via, "outcome": outcome, "hits": hits}
        for day, via, outcome, hits in found
    ]
    totals = {
        outcome: hits
        for outcome in OUTCOMES
        if (hits := sum(row[3] for row in found if row[2] == outcome))
    }
    return Answer(
        rows[page.offset : page.offset + page.limit],
        Pagination(page.limit, page.offset, len(rows)),
        {"timezone": timezone, "totals": totals},
    )
