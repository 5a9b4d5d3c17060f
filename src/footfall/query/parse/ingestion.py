"""Parameters → PageQuestion about accepted and dropped hits."""

from footfall.model.period import parse_period, parse_timezone
from footfall.model.question import DEFAULT_LIMIT, PageQuestion
from footfall.model.website import Website
from footfall.query.parse.given import Params, parse_page, single_values


def parse_ingestion(params: Params, website: Website, now_ms: int) -> PageQuestion:
    """`startAt`, `endAt`, `timezone` (the website's), `limit`, `offset`. Retention does not
    apply: counts of hits are kept. Raises BadRequest naming the parameter."""
    given = single_values(params, ("startAt", "endAt", "timezone"))
    timezone = parse_timezone(given.get("timezone", website.timezone))
    period = parse_period(given.get("startAt"), given.get("endAt"), timezone)
    page = parse_page(params, DEFAULT_LIMIT)
    return PageQuestion(
        website=website, period=period, now_at=now_ms, limit=page.limit, offset=page.offset
    )
