"""Parameters → VisitorQuestion; an id → the visitors that it may mean."""

import re

from footfall.model.errors import BadRequest, NotFound
from footfall.model.key import visitor_key
from footfall.model.period import Period, parse_period, parse_timezone
from footfall.model.question import Asked
from footfall.model.uid import is_uid
from footfall.model.website import Website
from footfall.query.parse.asked import within_retention
from footfall.query.parse.given import Params, parse_optional, single_values
from footfall.query.sql.visitor import Position

MAX_ACTIONS = 100
_OWN_ID = re.compile(r"[0-9a-f]{16}")
CURSOR_PATTERN = "(?:[0-7][0-9]{12}|[0-9]{1,12})_[01]_[0-9a-f]{16}"
"""Milliseconds, a rank and a tie. It can hold every date that a caller can give."""
_CURSOR = re.compile(CURSOR_PATTERN)
INCLUDED = ("sessions", "events")
"""What a story has only if it is asked for."""
_SINGLE = ("timezone", "limit", "before", "include")


class VisitorQuestion(Asked, frozen=True, kw_only=True):
    """How many of a visitor's actions to show: the newest `limit` of each list, before a position
    if one is given."""

    limit: int = MAX_ACTIONS
    before: Position | None = None
    include: frozenset[str] = frozenset()


def parse_visitor(params: Params, website: Website, now_ms: int) -> VisitorQuestion:
    """`timezone` (the website's), `limit` (1 to 100), `before`: an ISO 8601 time, or the cursor of
    a row, and `include`: names of INCLUDED, comma-separated. Raises BadRequest naming the
    parameter."""
    given = single_values(params, _SINGLE)
    timezone = parse_timezone(given.get("timezone", website.timezone))
    return VisitorQuestion(
        website=website,
        period=within_retention(Period(timezone=timezone), website, now_ms),
        now_at=now_ms,
        limit=parse_optional(given, "limit", MAX_ACTIONS, 1, MAX_ACTIONS),
        before=_position(given["before"], timezone) if "before" in given else None,
        include=_included(given["include"]) if "include" in given else frozenset(),
    )


def visitor_ids(website_id: int, text: str) -> tuple[int, ...]:
    """The visitors that an id may mean, in this order: by our own id, as /realtime/map shows it; by
    the id that the client sent. Raises NotFound if the text cannot be an id."""
    if not is_uid(text):
        raise NotFound(
            "Visitor not found: an id is 1 to 64 of A-Z a-z 0-9 _ -, the cookie _fs_vid or a"
            " visitorId as /realtime/map has it",
            field="id",
        )
    by_uid = visitor_key(website_id, text)
    own = int(text, 16) if _OWN_ID.fullmatch(text) else 0
    return (own, by_uid) if own else (by_uid,)


def _included(text: str) -> frozenset[str]:
    names = text.split(",")
    for name in names:
        if name not in INCLUDED:
            raise BadRequest(
                f"include {name[:64]!r} is not one of {', '.join(INCLUDED)}", field="include"
            )
    return frozenset(names)


def _position(text: str, timezone: str) -> Position:
    if _CURSOR.fullmatch(text):
        at, rank, tie = text.split("_")
        return Position(int(at), int(rank), int(tie, 16))
    try:
        period = parse_period(text, None, timezone, ("before", ""))
    except BadRequest as error:
        raise BadRequest(f"{error.message}; or give the cursor of a row", field="before") from error
    return Position(period.start_ms)
