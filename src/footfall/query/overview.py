"""Overview: one row, and on request that of an earlier period and the change since."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Amount, Answer, Unconverted
from footfall.model.metric import METRICS
from footfall.model.metric_row import MetricRow, documented_row_type, row_type
from footfall.model.question import Question
from footfall.query.compare import (
    Change,
    ComparedPeriod,
    change_since,
    compared_period,
    other_question,
)
from footfall.query.figure import Values, measures_of, metric_values, read_figures
from footfall.query.reach import find_reach
from footfall.query.sql.overview import kpi_goal, overview_statement
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader

_METRICS = tuple(metric.name for metric in METRICS.values() if metric.is_in_overview)

if TYPE_CHECKING:
    OverviewRow = MetricRow
else:
    OverviewRow = documented_row_type("OverviewRow", _METRICS)


class Compared(ComparedPeriod, frozen=True, kw_only=True, rename="camel"):
    """The period that an overview is compared with, and the change since."""

    data: list[OverviewRow]
    change: Change


class OverviewAnswer(Answer, frozen=True, kw_only=True):
    """All numbers of a period, in one row."""

    timezone: str
    currency: str
    fields: list[str]
    unconverted: Unconverted
    compare: Compared | UnsetType = UNSET
    data: Annotated[list[OverviewRow], Meta(min_length=1, max_length=1)]


def answer_overview(question: Question, reader: Reader) -> OverviewAnswer:
    fields = question.fields or _METRICS
    values, unconverted = _values(question, reader, fields)
    compare = _comparison(question, reader, fields, values) if question.compare else UNSET
    return OverviewAnswer(
        timezone=question.period.timezone,
        currency=question.website.currency,
        fields=list(fields),
        unconverted=unconverted,
        compare=compare,
        data=[_row_type(fields)(**values)],
    )


@lru_cache(maxsize=128)
def _row_type(fields: tuple[str, ...]) -> Callable[..., Any]:
    return row_type("OverviewRow", fields)


def _values(
    question: Question, reader: Reader, fields: tuple[str, ...]
) -> tuple[Values, list[Amount]]:
    measures = measures_of(question, fields)
    if not measures:
        return metric_values(question, read_figures((), ()), fields), []
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)
    statement = overview_statement(question, measures, reach)
    rows = reader.query(statement.text, statement.values).rows
    figures = read_figures(measures, rows[0])
    values = metric_values(question, figures, fields)
    return values, unconverted_amounts(question, reader, figures, reach)


def _comparison(
    question: Question, reader: Reader, fields: tuple[str, ...], values: Values
) -> Compared:
    """The other period's row, and the change since."""
    other, _ = other_question(question)
    before, _ = _values(other, reader, fields)
    return Compared(
        **compared_period(question, other.period),
        data=[_row_type(fields)(**before)],
        change=change_since(values, before),
    )
