"""The question about visitors: who came, or who is behind a number of a flow or funnel."""

from typing import Literal, get_args

import msgspec

from footfall.model.flow import FlowQuestion
from footfall.model.funnel import FunnelQuestion
from footfall.model.question import DEFAULT_LIMIT, Asked

VisitorSort = Literal["last_seen", "first_seen", "sessions", "pageviews", "goals", "paid"]
VISITOR_SORTS: tuple[str, ...] = get_args(VisitorSort)
Order = Literal["desc", "asc"]
ORDERS: tuple[str, ...] = get_args(Order)
MAX_FOUND = 5000
"""So many profiles may match a search."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A transition of a flow, as its row names it; an empty label is any."""

    step: int
    source: str = ""
    target: str = ""


class OfFlow(msgspec.Struct, frozen=True):
    """The sessions of a flow's paths, or of one of its links."""

    question: FlowQuestion
    link: Link | None = None


class OfFunnel(msgspec.Struct, frozen=True):
    """The people at a step of a funnel or further; with `has_dropped` those who got no further,
    nobody at the last step."""

    question: FunnelQuestion
    step: int
    has_dropped: bool = False


class VisitorPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of the list ended: by the number that sorts it, then by the visitor's key."""

    key: int
    visitor_id: int


class VisitorsQuestion(Asked, frozen=True, kw_only=True):
    """One page of visitors, after a place if one is given. `behind` is the number whose people are
    asked for; None: everybody with a session that the report covers."""

    behind: OfFlow | OfFunnel | None = None
    search: str = ""
    sort: VisitorSort = "last_seen"
    order: Order = "desc"
    after: VisitorPlace | None = None
    limit: int = DEFAULT_LIMIT
