"""Parameters → StepsQuestion: which events can be a step of a flow or funnel."""

import msgspec

from footfall.model.question import DEFAULT_LIMIT, StepsQuestion
from footfall.model.website import Website
from footfall.query.parse.asked import asked_of_report
from footfall.query.parse.given import Params, parse_page, parse_search, single_values


def parse_steps(params: Params, website: Website, now_ms: int) -> StepsQuestion:
    """What `asked_of_report` reads, `search`, `limit` and `offset`. Raises BadRequest naming the
    parameter."""
    asked = asked_of_report(params, website, now_ms)
    page = parse_page(params, DEFAULT_LIMIT)
    given = single_values(params, ("search",))
    return StepsQuestion(
        **msgspec.structs.asdict(asked),
        limit=page.limit,
        offset=page.offset,
        search=parse_search(given.get("search", "")),
    )
