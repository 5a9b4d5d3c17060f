"""Breakdowns: lists of rows by a dimension, one or several at once, and the list of goals."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Answer, Pagination, Unconverted
from footfall.model.dimension import DIMENSIONS, Dimension
from footfall.model.known_source import source_name
from footfall.model.question import Question
from footfall.model.unit import Count, Money, Payload, Percent
from footfall.query.figure import Figures, read_figures
from footfall.query.number import rounded, share
from footfall.query.reach import find_reach
from footfall.query.sql.breakdown import facts_statement
from footfall.query.sql.covered import Span
from footfall.query.sql.event_list import EVENT_LISTS, event_list_statement, goals_statement
from footfall.query.sql.pagination import CODES, LIST_MEASURES, LISTED, OUTSIDE, REPORT
from footfall.query.sql.statement import Statement
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader


class BreakdownRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """One value of a dimension and its numbers."""

    value: str
    name: Annotated[str | UnsetType, Meta(description="The name of a known source")] = UNSET
    completions: Annotated[Count | UnsetType, Meta(description="Goals and events only")] = UNSET
    country_code: str | UnsetType = UNSET
    region_code: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    visitors: Count
    sessions: Count
    pageviews: Count
    revenue: Money
    new_revenue: Money
    renewal_revenue: Money
    percentage: Percent


class GoalRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """One goal and how often it was reached."""

    id: str
    name: str
    value: str
    completions: Count
    visitors: Count
    sessions: Count
    revenue: Money
    new_revenue: Money
    renewal_revenue: Money
    percentage: Percent


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


class ListAnswer(Answer, frozen=True, kw_only=True):
    """What the answers of all lists have in addition to their rows."""

    timezone: str
    currency: str
    unconverted: Unconverted


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


class Line(msgspec.Struct, frozen=True):
    """A row of a list."""

    value: str
    codes: dict[str, str]
    figures: Figures


class Listing(msgspec.Struct, frozen=True):
    """One list: its page of rows, how many there are in all, what it leaves out."""

    lines: list[Line] = []
    total: int = 0
    outside: Figures = Figures()


Groups = dict[tuple[int, int], tuple[int, list[Line]]]
"""What a list statement answers: by list and role, how many rows there are and the first."""


def answer_breakdown(question: Question, reader: Reader) -> BreakdownAnswer | BreakdownsAnswer:
    """Rows of the question's dimension, or with several rows by dimension: each list, with its
    totals and pagination, is what asking for it alone answers."""
    dimensions = [DIMENSIONS[name] for name in question.dimensions]
    touches_events = any(each.scope == "event" for each in dimensions)
    reach = find_reach(question, reader, touches_events=touches_events)
    report, listings = _read(question, reader, dimensions, reach)
    rows = {each.name: _rows(each, listings[each.name], report) for each in dimensions}
    totals = {each.name: _totals(each, listings[each.name], report) for each in dimensions}
    pages = {name: _page(question, listing) for name, listing in listings.items()}
    timezone, currency = question.period.timezone, question.website.currency
    unconverted = unconverted_amounts(question, reader, report, reach)
    if len(dimensions) == 1:
        [name] = listings
        return BreakdownAnswer(
            timezone=timezone,
            currency=currency,
            unconverted=unconverted,
            dimension=name,
            totals=totals[name],
            data=rows[name],
            pagination=pages[name],
        )
    return BreakdownsAnswer(
        timezone=timezone,
        currency=currency,
        unconverted=unconverted,
        dimensions=list(rows),
        totals=totals,
        pagination=pages,
        data=rows,
    )


def answer_goals(question: Question, reader: Reader) -> GoalsAnswer:
    """Every goal ever seen on the website, by visitors and then name; zeros if not reached."""
    reach = find_reach(question, reader, touches_events=True)
    groups = _groups(reader, goals_statement(question, reach))
    report = _report(groups)
    listing = _listing(groups, 0, question)
    return GoalsAnswer(
        timezone=question.period.timezone,
        currency=question.website.currency,
        unconverted=unconverted_amounts(question, reader, report, reach),
        totals=_totals(DIMENSIONS["goal"], listing, report),
        data=[_goal(line, report) for line in listing.lines],
        pagination=_page(question, listing),
    )


def _goal(line: Line, report: Figures) -> GoalRow:
    return GoalRow(
        id=line.value,
        name=line.value,
        value=line.value,
        completions=line.figures.completions,
        visitors=line.figures.visitors,
        sessions=line.figures.sessions,
        revenue=rounded(line.figures.revenue),
        new_revenue=rounded(line.figures.new_revenue),
        renewal_revenue=rounded(line.figures.renewal_revenue),
        percentage=share(line.figures.visitors, report.visitors),
    )


def _page(question: Question, listing: Listing) -> Pagination:
    return Pagination(question.limit, question.offset, listing.total)


def _read(
    question: Question, reader: Reader, dimensions: list[Dimension], reach: Span | None
) -> tuple[Figures, dict[str, Listing]]:
    """The report's figures and each list. Session facts share one statement; other lists have one
    each."""
    event_lists = [each for each in dimensions if each.name in EVENT_LISTS]
    facts = [each for each in dimensions if each.name not in EVENT_LISTS]
    report: Figures | None = None
    listings: dict[str, Listing] = {}
    if facts:
        report, listings = _read_facts(question, reader, facts, reach)
    for dimension in event_lists:
        statement = event_list_statement(question, dimension, reach, with_report=report is None)
        groups = _groups(reader, statement)
        report = report or _report(groups)
        listings[dimension.name] = _listing(groups, 0, question)
    return report or Figures(), {each.name: listings[each.name] for each in dimensions}


def _read_facts(
    question: Question, reader: Reader, facts: list[Dimension], reach: Span | None
) -> tuple[Figures, dict[str, Listing]]:
    by_keys = {each.keys: each for each in facts}  # campaign and utm_campaign are one list
    groups = _groups(reader, facts_statement(question, list(by_keys.values()), reach))
    listings = {keys: _listing(groups, n, question) for n, keys in enumerate(by_keys)}
    return _report(groups), {each.name: listings[each.keys] for each in facts}


def _groups(reader: Reader, statement: Statement) -> Groups:
    groups: Groups = {}
    for number, role, total, rows in reader.query(statement.text, statement.values).rows:
        groups[number, role] = (total, [_line(row) for row in rows])
    return groups


def _line(row: Sequence[Any]) -> Line:
    _, value, *rest = row
    codes = dict(zip(CODES, rest, strict=False))
    return Line(value, codes, read_figures(LIST_MEASURES, rest[len(CODES) :]))


def _listing(groups: Groups, number: int, question: Question) -> Listing:
    total, lines = groups.get((number, LISTED), (0, []))
    _, outside = groups.get((number, OUTSIDE), (0, []))
    return Listing(lines[question.offset :], total, outside[0].figures if outside else Figures())


def _report(groups: Groups) -> Figures:
    _, lines = groups.get((0, REPORT), (0, []))
    return lines[0].figures if lines else Figures()


def _rows(dimension: Dimension, listing: Listing, report: Figures) -> list[BreakdownRow]:
    return [
        BreakdownRow(
            value=line.value,
            **_extras(dimension, line),
            visitors=line.figures.visitors,
            sessions=line.figures.sessions,
            pageviews=line.figures.views,
            revenue=rounded(line.figures.revenue),
            new_revenue=rounded(line.figures.new_revenue),
            renewal_revenue=rounded(line.figures.renewal_revenue),
            percentage=share(line.figures.visitors, report.visitors),
        )
        for line in listing.lines
    ]


def _extras(dimension: Dimension, line: Line) -> dict[str, Any]:
    """Further fields of the dimension's rows, if they are known."""
    if dimension.name == "referrer":
        name = source_name(line.value)
        return {"name": name} if name else {}
    if dimension.name in ("goal", "event"):
        return {"completions": line.figures.completions}
    shown = {"country_code": "country", "region_code": "region_code", "region": "region"}
    return {field: line.codes[code] for field, code in shown.items() if line.codes[code]}


def _totals(dimension: Dimension, listing: Listing, report: Figures) -> Totals:
    is_event_list = dimension.name in EVENT_LISTS
    has_outside = not is_event_list and dimension.missing is None
    return Totals(
        visitors=report.visitors,
        sessions=report.sessions,
        pageviews=report.views,
        revenue=rounded(report.revenue),
        new_revenue=rounded(report.new_revenue),
        renewal_revenue=rounded(report.renewal_revenue),
        refunded_revenue=rounded(report.refunded_revenue),
        rows_overlap=True if is_event_list else UNSET,
        outside=_outside(listing.outside) if has_outside else UNSET,
    )


def _outside(figures: Figures) -> Outside:
    return Outside(
        visitors=figures.visitors,
        sessions=figures.sessions,
        pageviews=figures.views,
        revenue=rounded(figures.revenue),
        new_revenue=rounded(figures.new_revenue),
        renewal_revenue=rounded(figures.renewal_revenue),
    )
