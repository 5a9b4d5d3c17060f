"""Breakdowns: lists of rows by a dimension, one or several at once, and the list of goals."""

from collections.abc import Sequence
from typing import Any

import msgspec

from footfall.model.dimension import DIMENSIONS, Dimension
from footfall.model.known_source import source_name
from footfall.model.question import Answer, Pagination, Question, Row
from footfall.query.figure import Figures, read_figures
from footfall.query.number import rounded, share
from footfall.query.reach import find_reach
from footfall.query.sql.breakdown import facts_statement
from footfall.query.sql.covered import Span
from footfall.query.sql.event_list import EVENT_LISTS, event_list_statement, goals_statement
from footfall.query.sql.pagination import CODES, LIST_MEASURES, LISTED, OUTSIDE, REPORT
from footfall.query.sql.statement import Statement
from footfall.query.unconverted import unconverted_rows
from footfall.store.reader import Reader


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


def answer_breakdown(question: Question, reader: Reader) -> Answer:
    """Rows of the question's dimension, or with several rows by dimension: each list, with its
    totals and pagination, is what asking for it alone answers."""
    dimensions = [DIMENSIONS[name] for name in question.dimensions]
    touches_events = any(each.scope == "event" for each in dimensions)
    reach = find_reach(question, reader, touches_events=touches_events)
    report, listings = _read(question, reader, dimensions, reach)
    rows = {each.name: _rows(each, listings[each.name], report) for each in dimensions}
    totals = {each.name: _totals(each, listings[each.name], report) for each in dimensions}
    envelope = _envelope(question, unconverted_rows(question, reader, report, reach))
    pages = {
        name: Pagination(question.limit, question.offset, listing.total)
        for name, listing in listings.items()
    }
    if len(dimensions) == 1:
        [name] = listings
        envelope |= {"dimension": name, "totals": totals[name]}
        return Answer(rows[name], pages[name], envelope)
    pagination = {name: msgspec.structs.asdict(page) for name, page in pages.items()}
    envelope |= {"dimensions": list(rows), "totals": totals, "pagination": pagination}
    return Answer(rows, None, envelope)


def answer_goals(question: Question, reader: Reader) -> Answer:
    """Every goal ever seen on the website, by visitors and then name; the unreached with zeros."""
    reach = find_reach(question, reader, touches_events=True)
    groups = _groups(reader, goals_statement(question, reach))
    report = _report(groups)
    listing = _listing(groups, 0, question)
    rows = [
        {
            "id": line.value,
            "name": line.value,
            "value": line.value,
            "completions": line.figures.completions,
            "visitors": line.figures.visitors,
            "sessions": line.figures.sessions,
            **_revenue(line.figures),
            "percentage": share(line.figures.visitors, report.visitors),
        }
        for line in listing.lines
    ]
    envelope = _envelope(question, unconverted_rows(question, reader, report, reach))
    envelope["totals"] = _totals(DIMENSIONS["goal"], listing, report)
    return Answer(rows, Pagination(question.limit, question.offset, listing.total), envelope)


def _read(
    question: Question, reader: Reader, dimensions: list[Dimension], reach: Span | None
) -> tuple[Figures, dict[str, Listing]]:
    """The report's figures and each list: session facts in one statement, the rest one each."""
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


def _rows(dimension: Dimension, listing: Listing, report: Figures) -> list[Row]:
    return [
        {
            "value": line.value,
            **_extras(dimension, line),
            **_counts(line.figures),
            **_revenue(line.figures),
            "percentage": share(line.figures.visitors, report.visitors),
        }
        for line in listing.lines
    ]


def _extras(dimension: Dimension, line: Line) -> Row:
    """What the dimension's rows have beside their value, where it is known."""
    if dimension.name == "referrer":
        name = source_name(line.value)
        return {"name": name} if name else {}
    if dimension.name in ("goal", "event"):
        return {"completions": line.figures.completions}
    shown = {"countryCode": "country", "regionCode": "region_code", "region": "region"}
    return {key: line.codes[code] for key, code in shown.items() if line.codes[code]}


def _counts(figures: Figures) -> Row:
    return {
        "visitors": figures.visitors,
        "sessions": figures.sessions,
        "pageviews": figures.views,
    }


def _revenue(figures: Figures) -> Row:
    return {
        "revenue": rounded(figures.revenue),
        "newRevenue": rounded(figures.new_revenue),
        "renewalRevenue": rounded(figures.renewal_revenue),
    }


def _totals(dimension: Dimension, listing: Listing, report: Figures) -> Row:
    """The whole report, and how the rows relate to it: `rowsOverlap` where a session can stand
    in several, `outside` for the sessions and payments that lack the fact."""
    totals = {
        **_counts(report),
        **_revenue(report),
        "refundedRevenue": rounded(report.refunded_revenue),
    }
    if dimension.name in EVENT_LISTS:
        totals["rowsOverlap"] = True
    elif dimension.missing is None:
        totals["outside"] = {**_counts(listing.outside), **_revenue(listing.outside)}
    return totals


def _envelope(question: Question, unconverted: list[Row]) -> dict[str, object]:
    return {
        "timezone": question.period.timezone,
        "currency": question.website.currency,
        "unconverted": unconverted,
    }
