"""Breakdowns: lists of rows by a dimension, one or several at once, and the list of goals."""

from collections.abc import Sequence

from footfall.model.dimension import DIMENSIONS, Dimension
from footfall.model.known_source import source_name
from footfall.model.question import Answer, Pagination, Question, Row
from footfall.query.figure import Figures, read_figures, unconverted_rows
from footfall.query.number import rounded, share
from footfall.query.reach import find_reach
from footfall.query.sql.breakdown import facts_statement
from footfall.query.sql.covered import Span
from footfall.query.sql.held import HELD_LISTS, goals_statement, held_statement
from footfall.query.sql.page import CODES, LIST_MEASURES, LISTED, OUTSIDE, REPORT
from footfall.query.sql.statement import Statement
from footfall.store.engine import Engine


class Line:
    """A row of a list statement, read."""

    def __init__(self, row: Sequence[object]) -> None:
        self.list, self.role, self.position, self.total = (int(str(v)) for v in row[:4])
        self.value = str(row[4])
        self.codes = dict(zip(CODES, (str(v) for v in row[5:8]), strict=True))
        self.figures: Figures = read_figures(LIST_MEASURES, row[8:])


class Listing:
    """One list: its page of rows, how many there are in all, what it leaves out."""

    def __init__(self, lines: Sequence[Line], question: Question) -> None:
        past = question.offset + question.limit
        listed = [line for line in lines if line.role == LISTED]
        self.lines = [line for line in listed if question.offset < line.position <= past]
        self.total = listed[0].total if listed else 0
        outside = [line.figures for line in lines if line.role == OUTSIDE]
        self.outside = outside[0] if outside else Figures()
        self.pagination = Pagination(question.limit, question.offset, self.total)


def answer_breakdown(question: Question, engine: Engine) -> Answer:
    """Rows of the question's dimension, or with several rows by dimension: each list, with its
    totals and pagination, is what asking for it alone answers."""
    dimensions = [DIMENSIONS[name] for name in question.dimensions]
    report, listings = _read(question, engine, dimensions)
    rows = {each.name: _rows(each, listings[each.name], report) for each in dimensions}
    totals = {each.name: _totals(each, listings[each.name], report) for each in dimensions}
    envelope = _envelope(question, report)
    if len(dimensions) == 1:
        name = dimensions[0].name
        envelope |= {"dimension": name, "totals": totals[name]}
        return Answer(rows[name], listings[name].pagination, envelope)
    pagination = {
        name: {"limit": p.limit, "offset": p.offset, "total": p.total}
        for name, p in ((name, listing.pagination) for name, listing in listings.items())
    }
    envelope |= {"dimensions": list(rows), "totals": totals, "pagination": pagination}
    return Answer(rows, None, envelope)


def answer_goals(question: Question, engine: Engine) -> Answer:
    """Every goal ever seen on the website, by visitors and then name; the unreached with zeros."""
    reach = find_reach(question, engine, touches_events=True)
    lines = _lines(engine, goals_statement(question, reach))
    report = _report(lines)
    listing = Listing(lines, question)
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
    envelope = _envelope(question, report)
    envelope["totals"] = _totals(DIMENSIONS["goal"], listing, report)
    return Answer(rows, listing.pagination, envelope)


def _read(
    question: Question, engine: Engine, dimensions: list[Dimension]
) -> tuple[Figures, dict[str, Listing]]:
    """The report's figures and each list: session facts in one statement, the rest one each."""
    held = [each for each in dimensions if each.name in HELD_LISTS]
    facts = [each for each in dimensions if each.name not in HELD_LISTS]
    touches_events = any(each.scope == "event" for each in held)
    reach = find_reach(question, engine, touches_events=touches_events)
    report: Figures | None = None
    listings: dict[str, Listing] = {}
    if facts:
        report, listings = _read_facts(question, engine, facts, reach)
    for dimension in held:
        statement = held_statement(question, dimension, reach, with_report=report is None)
        lines = _lines(engine, statement)
        report = report or _report(lines)
        listings[dimension.name] = Listing(lines, question)
    return report or Figures(), {each.name: listings[each.name] for each in dimensions}


def _read_facts(
    question: Question, engine: Engine, facts: list[Dimension], reach: Span | None
) -> tuple[Figures, dict[str, Listing]]:
    by_keys = {each.keys: each for each in facts}  # campaign and utm_campaign are one list
    lines = _lines(engine, facts_statement(question, list(by_keys.values()), reach))
    listings: dict[str, Listing] = {}
    for number, keys in enumerate(by_keys):
        own = [line for line in lines if line.list == number and line.role != REPORT]
        listing = Listing(own, question)
        listings |= {each.name: listing for each in facts if each.keys == keys}
    return _report(lines), listings


def _lines(engine: Engine, statement: Statement) -> list[Line]:
    return [Line(row) for row in engine.query(statement.text, statement.values).rows]


def _report(lines: Sequence[Line]) -> Figures:
    found = [line.figures for line in lines if line.role == REPORT]
    return found[0] if found else Figures()


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
    if dimension.name in HELD_LISTS:
        totals["rowsOverlap"] = True
    elif dimension.missing is None:
        totals["outside"] = {**_counts(listing.outside), **_revenue(listing.outside)}
    return totals


def _envelope(question: Question, report: Figures) -> dict[str, object]:
    return {
        "timezone": question.period.timezone,
        "currency": question.website.currency,
        "unconverted": unconverted_rows(report),
    }
