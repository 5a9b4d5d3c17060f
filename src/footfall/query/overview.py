"""Overview: one row, and on request that of an earlier period and the change since."""

from decimal import Decimal

import msgspec

from footfall.model.metric import METRICS
from footfall.model.period import (
    END_OF_TIME,
    START_OF_TIME,
    Period,
    previous_period,
    previous_year,
    write_moment,
)
from footfall.model.question import Answer, Question, Row
from footfall.query.figure import measures_of, metric_row, read_figures
from footfall.query.number import share
from footfall.query.reach import find_reach
from footfall.query.sql.overview import kpi_goal, overview_statement
from footfall.query.unconverted import unconverted_rows
from footfall.store.reader import Reader


def answer_overview(question: Question, reader: Reader) -> Answer:
    row, unconverted = _row(question, reader)
    period = question.period
    envelope: dict[str, object] = {
        "timezone": period.timezone,
        "currency": question.website.currency,
        "fields": list(_fields(question)),
        "unconverted": unconverted,
    }
    if question.compare:
        envelope["compare"] = _comparison(question, reader, row)
    return Answer([row], None, envelope)


def write_bounds(period: Period) -> Row:
    """First instant and the one after the last; None where the period has no such bound."""
    return {
        "startAt": None
        if period.start_ms == START_OF_TIME
        else write_moment(period.start_ms, period.timezone),
        "endBefore": None
        if period.end_ms == END_OF_TIME
        else write_moment(period.end_ms, period.timezone),
    }


def _fields(question: Question) -> tuple[str, ...]:
    return question.fields or tuple(m.name for m in METRICS.values() if m.is_in_overview)


def _row(question: Question, reader: Reader) -> tuple[Row, list[Row]]:
    fields = _fields(question)
    measures = measures_of(question, fields)
    if not measures:
        return metric_row(question, read_figures((), ()), fields), []
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)
    statement = overview_statement(question, measures, reach)
    rows = reader.query(statement.text, statement.values).rows
    figures = read_figures(measures, rows[0])
    row = metric_row(question, figures, fields)
    return row, unconverted_rows(question, reader, figures, reach)


def _comparison(question: Question, reader: Reader, row: Row) -> Row:
    """The other period's row and by how many percent each number changed (0 where it was 0)."""
    period = question.period
    if period.end_ms == END_OF_TIME:
        period = msgspec.structs.replace(period, end_ms=question.now_at)
    shift = previous_period if question.compare == "previous_period" else previous_year
    other = msgspec.structs.replace(question, period=shift(period))
    before, _ = _row(other, reader)
    change = {
        name: share(_exact(now) - _exact(before[name]), _exact(before[name]))
        for name, now in row.items()
        if name != "currency"
    }
    bounds = write_bounds(other.period)
    return {"period": question.compare, **bounds, "data": [before], "change": change}


def _exact(value: object) -> Decimal:
    return Decimal(str(value))
