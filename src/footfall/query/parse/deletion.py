"""Parameters → what a delete covers. Stricter than for reports: unknown parameters are refused."""

from difflib import get_close_matches

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.period import END_OF_TIME, START_OF_TIME, parse_period, parse_timezone
from footfall.model.website import Website
from footfall.query.parse.given import Params, parse_switch, single_values

GOAL_FILTERS = ("visitorId", "name", "startAt", "endAt")
PAYMENT_FILTERS = ("transactionId", "visitorId", "startAt", "endAt")
_OTHERS = ("websiteId", "domain", "workspaceId", "timezone", "dryRun")


class DeletionFilters(msgspec.Struct, frozen=True):
    """`given` are the filters as they were sent. Times are ms since 1970, from_ms ≤ t < to_ms; None
    if there is no such bound."""

    given: dict[str, str]
    from_ms: int | None
    to_ms: int | None
    is_dry: bool


def parse_deletion(params: Params, website: Website, names: tuple[str, ...]) -> DeletionFilters:
    """The filters of a delete that takes those in `names`, at least one of them. Raises BadRequest
    naming the parameter."""
    _check_names(params, names)
    given = single_values(params, names)
    for name, value in given.items():
        if not value:
            raise BadRequest(f"{name} is empty: give a value or leave it out", field=name)
    if names and not given:
        raise BadRequest(f"A delete needs at least one filter: {', '.join(names)}", field=names[0])
    others = single_values(params, ("timezone", "dryRun"))
    timezone = parse_timezone(others.get("timezone", website.timezone))
    period = parse_period(given.get("startAt"), given.get("endAt"), timezone)
    return DeletionFilters(
        given,
        from_ms=period.start_ms if period.start_ms > START_OF_TIME else None,
        to_ms=period.end_ms if period.end_ms < END_OF_TIME else None,
        is_dry=parse_switch(others, "dryRun"),
    )


def _check_names(params: Params, names: tuple[str, ...]) -> None:
    """If an unknown filter were ignored, more would be deleted than was meant."""
    known = (*names, *_OTHERS)
    for name, _ in params:
        if name not in known:
            closest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise BadRequest(
                f"unknown parameter {name[:64]!r}; did you mean {closest}? A delete takes:"
                f" {', '.join(known)}",
                field=name[:64],
            )
