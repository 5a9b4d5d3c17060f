"""Breakdowns: lists of rows by a dimension, one or several at once, and the list of goals."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Answer, Pagination, Unconverted
from footfall.model.dimension import DIMENSIONS, Dimension
from footfall.model.known_source import source_name
from footfall.model.metric import METRICS
from footfall.model.question import Question
from footfall.model.unit import Count, Money, Payload, Percent, Seconds
from footfall.query.compare import (
    Change,
    ComparedPeriod,
    change_since,
    compared_period,
    other_question,
)
from footfall.query.figure import Figures, formula_of
from footfall.query.listing import Line, Listing, Listings, Only, read_goals, read_lists, select
from footfall.query.number import rounded, share
from footfall.query.reach import find_reach
from footfall.query.sql.covered import Span
from footfall.query.sql.event_list import EVENT_LISTS
from footfall.query.sql.pagination import Selection
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader

_BY_DEFAULT = (
    *("visitors", "sessions", "pageviews", "revenue", "new_revenue", "renewal_revenue"),
    "percentage",
)
_OF_TOTALS = (*_BY_DEFAULT[:-1], "refunded_revenue")
"""The numbers that rows and totals show without being asked."""


class ComparedRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """The numbers of a row in the period that a list is compared with; 0 if it had no such row."""

    completions: Count | UnsetType = UNSET
    visitors: Count | UnsetType = UNSET
    sessions: Count | UnsetType = UNSET
    pageviews: Count | UnsetType = UNSET
    revenue: Money | UnsetType = UNSET
    new_revenue: Money | UnsetType = UNSET
    renewal_revenue: Money | UnsetType = UNSET
    percentage: Percent | UnsetType = UNSET
    bounce_rate: Percent | UnsetType = UNSET
    avg_session_duration: Seconds | UnsetType = UNSET
    avg_engaged_time: Seconds | UnsetType = UNSET
    revenue_per_visitor: Money | UnsetType = UNSET
    conversion_rate: Percent | UnsetType = UNSET
    kpi_conversion_rate: Percent | UnsetType = UNSET
    change: Change


class BreakdownRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """One value of a dimension and its numbers; `fields` chooses them."""

    value: str
    name: Annotated[str | UnsetType, Meta(description="The name of a known source")] = UNSET
    completions: Annotated[Count | UnsetType, Meta(description="Goals and events only")] = UNSET
    country_code: str | UnsetType = UNSET
    region_code: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    visitors: Count | UnsetType = UNSET
    sessions: Count | UnsetType = UNSET
    pageviews: Count | UnsetType = UNSET
    revenue: Money | UnsetType = UNSET
    new_revenue: Money | UnsetType = UNSET
    renewal_revenue: Money | UnsetType = UNSET
    percentage: Percent | UnsetType = UNSET
    bounce_rate: Percent | UnsetType = UNSET
    avg_session_duration: Seconds | UnsetType = UNSET
    avg_engaged_time: Seconds | UnsetType = UNSET
    revenue_per_visitor: Money | UnsetType = UNSET
    conversion_rate: Percent | UnsetType = UNSET
    kpi_conversion_rate: Percent | UnsetType = UNSET
    compare: ComparedRow | UnsetType = UNSET


class GoalRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """One goal and how often it was reached; `fields` chooses the numbers."""

    id: str
    name: str
    value: str
    completions: Count | UnsetType = UNSET
    visitors: Count | UnsetType = UNSET
    sessions: Count | UnsetType = UNSET
    revenue: Money | UnsetType = UNSET
    new_revenue: Money | UnsetType = UNSET
    renewal_revenue: Money | UnsetType = UNSET
    percentage: Percent | UnsetType = UNSET
    bounce_rate: Percent | UnsetType = UNSET
    avg_session_duration: Seconds | UnsetType = UNSET
    avg_engaged_time: Seconds | UnsetType = UNSET
    revenue_per_visitor: Money | UnsetType = UNSET
    conversion_rate: Percent | UnsetType = UNSET
    kpi_conversion_rate: Percent | UnsetType = UNSET
    compare: ComparedRow | UnsetType = UNSET


class Outside(Payload, frozen=True, kw_only=True, rename="camel"):
    """The sessions and payments that lack the fact and so are in no row."""

    visitors: Count
    sessions: Count
    pageviews: Count
    revenue: Money
    new_revenue: Money
    renewal_revenue: Money


class Totals(Payload, frozen=True, kw_only=True, rename="camel"):
    """The whole report, counted on its own, and how its rows relate to it."""

    visitors: Count
    sessions: Count
    pageviews: Count
    revenue: Money
    new_revenue: Money
    renewal_revenue: Money
    refunded_revenue: Money
    rows_overlap: Annotated[
        bool | UnsetType, Meta(description="True where one session can be in several rows")
    ] = UNSET
    outside: Outside | UnsetType = UNSET
    bounce_rate: Percent | UnsetType = UNSET
    avg_session_duration: Seconds | UnsetType = UNSET
    avg_engaged_time: Seconds | UnsetType = UNSET
    revenue_per_visitor: Money | UnsetType = UNSET
    conversion_rate: Percent | UnsetType = UNSET
    kpi_conversion_rate: Percent | UnsetType = UNSET


class ComparedList(ComparedPeriod, frozen=True, kw_only=True, rename="camel"):
    """The period that lists are compared with, and the change of their totals since."""

    totals: Annotated[Totals, Meta(description="That whole period, counted on its own")]
    change: Change
    unconverted: Unconverted


class ListAnswer(Answer, frozen=True, kw_only=True):
    """What the answers of all lists have in addition to their rows."""

    timezone: str
    currency: str
    unconverted: Unconverted
    compare: ComparedList | UnsetType = UNSET


class BreakdownAnswer(ListAnswer, frozen=True, kw_only=True):
    """The list of one dimension."""

    dimension: str
    totals: Totals
    data: list[BreakdownRow]
    pagination: Pagination


class BreakdownsAnswer(ListAnswer, frozen=True, kw_only=True):
    """The lists of several dimensions, each with its totals and pagination, by dimension."""

    dimensions: list[str]
    totals: dict[str, Totals]
    pagination: dict[str, Pagination]
    data: dict[str, list[BreakdownRow]]


class GoalsAnswer(ListAnswer, frozen=True, kw_only=True):
    """Every goal that the website has ever recorded."""

    totals: Totals
    data: list[GoalRow]
    pagination: Pagination


class _Read(msgspec.Struct, frozen=True):
    """What lists are made of: what was counted, and in the other period if there is one."""

    question: Question
    lists: Listings
    common: dict[str, Any]
    before: Listings | None

    def rows(self, dimension: str, fields: Sequence[str]) -> list[tuple[Line, dict[str, Any]]]:
        """Each row with its numbers and, beside them, those of the other period."""
        columns = _columns(self.question, fields, self.lists.report)
        lines = self.lists.by_dimension[dimension].lines
        if self.before is None:
            return [(line, {name: of(line.figures) for name, of in columns}) for line in lines]
        others = _columns(self.question, fields, self.before.report)
        known = {line.key: line.figures for line in self.before.by_dimension[dimension].lines}
        return [
            _with_other(line, known.get(line.key, Figures()), columns, others) for line in lines
        ]

    def page(self, dimension: str) -> Pagination:
        total = self.lists.by_dimension[dimension].total
        return Pagination(self.question.limit, self.question.offset, total)


Column = tuple[str, Callable[[Figures], float]]
"""The name of a number in rows, and how it is calculated."""

Read = Callable[[Question, Reader, Span | None, Selection, Only | None], Listings]


def answer_breakdown(question: Question, reader: Reader) -> BreakdownAnswer | BreakdownsAnswer:
    """Rows of the question's dimension, or with several rows by dimension: each list, with its
    totals and pagination, is what asking for it alone answers."""
    dimensions = [DIMENSIONS[name] for name in question.dimensions]
    touches_events = any(each.scope == "event" for each in dimensions)

    def read_all(
        asked: Question, reader: Reader, reach: Span | None, chosen: Selection, only: Only | None
    ) -> Listings:
        return read_lists(asked, reader, dimensions, reach, chosen, only)

    read = _read(question, reader, _fields(question, _BY_DEFAULT), read_all, touches_events)
    rows = {each.name: _rows(each, read) for each in dimensions}
    totals = {each.name: _totals(each, read) for each in dimensions}
    pages = {each.name: read.page(each.name) for each in dimensions}
    if len(dimensions) == 1:
        [name] = rows
        return BreakdownAnswer(
            **read.common,
            dimension=name,
            totals=totals[name],
            data=rows[name],
            pagination=pages[name],
        )
    return BreakdownsAnswer(
        **read.common,
        dimensions=list(rows),
        totals=totals,
        pagination=pages,
        data=rows,
    )


def answer_goals(question: Question, reader: Reader) -> GoalsAnswer:
    """Every goal ever seen on the website, by visitors and then name; zeros if not reached."""
    fields = _fields(question, ("completions", *_BY_DEFAULT))
    fields = tuple(name for name in fields if name != "pageviews")
    read = _read(question, reader, fields, read_goals, touches_events=True)
    return GoalsAnswer(
        **read.common,
        totals=_totals(DIMENSIONS["goal"], read),
        data=[
            GoalRow(id=line.value, name=line.value, value=line.value, **numbers)
            for line, numbers in read.rows("goal", fields)
        ],
        pagination=read.page("goal"),
    )


def _fields(question: Question, by_default: Sequence[str]) -> tuple[str, ...]:
    return question.fields or tuple(by_default)


def _read(
    question: Question,
    reader: Reader,
    fields: Sequence[str],
    read: Read,
    touches_events: bool,
) -> _Read:
    selection = select(question, fields)
    reach = find_reach(question, reader, touches_events=touches_events)
    lists = read(question, reader, reach, selection, None)
    common: dict[str, Any] = {
        "timezone": question.period.timezone,
        "currency": question.website.currency,
        "unconverted": unconverted_amounts(question, reader, lists.report, reach),
    }
    if question.compare is None:
        return _Read(question, lists, common, None)
    other, _ = other_question(question)
    reach = find_reach(other, reader, touches_events=touches_events)
    only = {name: [line.value for line in each.lines] for name, each in lists.by_dimension.items()}
    before = read(other, reader, reach, selection, only)
    now, earlier = (_of_totals(question, each.report) for each in (lists, before))
    common["compare"] = ComparedList(
        **compared_period(question, other.period),
        totals=Totals(**earlier),
        change=_change(now, earlier),
        unconverted=unconverted_amounts(other, reader, before.report, reach),
    )
    return _Read(question, lists, common, before)


def _columns(question: Question, fields: Sequence[str], report: Figures) -> list[Column]:
    def percentage(figures: Figures) -> float:
        return share(figures.visitors, report.visitors)

    formulas = [(name, formula_of(question, name)) for name in fields]
    return [(name, formula.value if formula else percentage) for name, formula in formulas]


def _with_other(
    line: Line, other: Figures, columns: Sequence[Column], others: Sequence[Column]
) -> tuple[Line, dict[str, Any]]:
    now = {name: of(line.figures) for name, of in columns}
    before: dict[str, Any] = {name: of(other) for name, of in others}
    return line, {**now, "compare": ComparedRow(**before, change=_change(now, before))}


def _change(now: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    changed = change_since(now, before)
    return {METRICS[name].alias: value for name, value in changed.items()}


def _rows(dimension: Dimension, read: _Read) -> list[BreakdownRow]:
    fields = _fields(read.question, _BY_DEFAULT)
    if dimension.name not in ("goal", "event"):
        fields = tuple(name for name in fields if name != "completions")
    elif not read.question.fields:
        fields = ("completions", *fields)
    return [
        BreakdownRow(value=line.value, **_extras(dimension, line), **numbers)
        for line, numbers in read.rows(dimension.name, fields)
    ]


def _extras(dimension: Dimension, line: Line) -> dict[str, Any]:
    """Further fields of the dimension's rows, if they are known."""
    if dimension.name == "referrer":
        name = source_name(line.value)
        return {"name": name} if name else {}
    shown = {"country_code": "country", "region_code": "region_code", "region": "region"}
    return {field: line.codes[code] for field, code in shown.items() if line.codes[code]}


def _totals(dimension: Dimension, read: _Read) -> Totals:
    is_event_list = dimension.name in EVENT_LISTS
    has_outside = not is_event_list and dimension.missing is None
    return Totals(
        **_of_totals(read.question, read.lists.report),
        rows_overlap=True if is_event_list else UNSET,
        outside=_outside(read.lists.by_dimension[dimension.name]) if has_outside else UNSET,
    )


def _of_totals(question: Question, report: Figures) -> dict[str, Any]:
    """The numbers that totals always have, and those of `fields` that they can have."""
    fields = [*_OF_TOTALS, *(name for name in question.fields if name not in _BY_DEFAULT)]
    columns = _columns(question, [name for name in fields if name != "completions"], report)
    return {name: of(report) for name, of in columns}


def _outside(listing: Listing) -> Outside:
    figures = listing.outside
    return Outside(
        visitors=figures.visitors,
        sessions=figures.sessions,
        pageviews=figures.views,
        revenue=rounded(figures.revenue),
        new_revenue=rounded(figures.new_revenue),
        renewal_revenue=rounded(figures.renewal_revenue),
    )
