"""Parameters → PageQuestion about quarantined SDK events."""

import msgspec

from footfall.model.question import DEFAULT_LIMIT, PageQuestion
from footfall.model.website import Website
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.given import Params, parse_page

_DEFAULT_WEEKS = 3  # no event is kept for longer than two


def parse_quarantine(params: Params, website: Website, now_ms: int) -> PageQuestion:
    """What `asked_of_days` reads, and `limit` and `offset`. Raises BadRequest naming the
    parameter."""
    asked = asked_of_days(params, website, now_ms, default_weeks=_DEFAULT_WEEKS)
    page = parse_page(params, DEFAULT_LIMIT)
    return PageQuestion(**msgspec.structs.asdict(asked), limit=page.limit, offset=page.offset)
