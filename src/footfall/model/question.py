"""A question about a website."""

from typing import Literal, get_args

import msgspec

from footfall.model.comparison import Comparison
from footfall.model.filter import Filter
from footfall.model.period import Interval, Period
from footfall.model.website import Website

Bots = Literal["exclude", "include", "only"]
BOTS: tuple[str, ...] = get_args(Bots)
Attribution = Literal["last", "first"]
ATTRIBUTIONS: tuple[str, ...] = get_args(Attribution)

VALUE = "value"
"""What `sort` calls the value of a row."""
ORDERS = ("asc", "desc")
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_MINUTES = 60
MAX_PAYMENTS = 100
"""How many realtime shows at most."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every question has, checked and complete: nothing in it needs to be checked again."""

    website: Website
    period: Period
    now_at: int
    filters: tuple[Filter, ...] = ()  # on sessions
    bots: Bots = "exclude"


class Question(Asked, frozen=True, kw_only=True):
    """A question to one of the reports.

    `dimensions` names the lists of a breakdown; `fields` the metrics that an overview or a
    timeseries shows, () for those that it shows without being asked. `shows_partial`: a timeseries
    says of each bucket whether it is over. `shows_parts`: an overview says what its numbers are
    made of. Rows of lists are sorted by `sort`, a metric or VALUE. `minutes`: how many of the last
    minutes realtime counts apart, 0 for none. `payments`: how many of the newest payments it shows.
    """

    report: str
    fields: tuple[str, ...] = ()
    interval: Interval = "day"
    dimensions: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    search: str = ""
    attribution: Attribution = "last"
    compare: Comparison | None = None
    shows_partial: bool = False
    shows_parts: bool = False
    sort: str = "visitors"
    is_ascending: bool = False
    minutes: int = 0
    payments: int = 0


class PageQuestion(Asked, frozen=True, kw_only=True):
    """A question whose answer is one page of a list."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0


class StepsQuestion(PageQuestion, frozen=True, kw_only=True):
    """A question after what can be a step. `search`: only steps whose label contains it."""

    search: str = ""
