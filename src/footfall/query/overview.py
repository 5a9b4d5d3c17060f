"""Overview: one row, and on request that of an earlier period and the change since."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
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
from footfall.query.figure import Figures, Values, measures_of, metric_values, read_figures
from footfall.query.marked import read_by_marks
from footfall.query.parts import Excluded, NumberParts, number_parts, read_excluded
from footfall.query.reach import find_reach
from footfall.query.sql.covered import Span
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
    parts: Annotated[
        dict[str, NumberParts] | UnsetType,
        Meta(description="What each number is made of, by its name in snake_case"),
    ] = UNSET
    excluded: Excluded | UnsetType = UNSET
    data: Annotated[list[OverviewRow], Meta(min_length=1, max_length=1)]


class _Read(msgspec.Struct, frozen=True):
    """What was counted."""

    figures: Figures
    unconverted: list[Amount]
    reach: Span | None


def answer_overview(question: Question, reader: Reader) -> OverviewAnswer:
    fields = question.fields or _METRICS
    read = _read(question, reader, fields)
    values = metric_values(question, read.figures, fields)
    shows_parts = question.shows_parts
    return OverviewAnswer(
        timezone=question.period.timezone,
        currency=question.website.currency,
        fields=list(fields),
        unconverted=read.unconverted,
        compare=_comparison(question, reader, fields, values) if question.compare else UNSET,
        parts=number_parts(question, read.figures, fields) if shows_parts else UNSET,
        excluded=(
            read_excluded(question, reader, read.reach, read.unconverted) if shows_parts else UNSET
        ),
        data=[_row_type(fields)(**values)],
    )


@lru_cache(maxsize=128)
def _row_type(fields: tuple[str, ...]) -> Callable[..., Any]:
    return row_type("OverviewRow", fields)


def _read(question: Question, reader: Reader, fields: tuple[str, ...]) -> _Read:
    measures = measures_of(question, fields)
    if not measures:
        return _Read(Figures(), [], None)
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)

    def read(measures: tuple[str, ...]) -> Figures:
        statement = overview_statement(question, measures, reach)
        [row] = reader.query(statement.text, statement.values, statement.reads).rows
        return read_figures(measures, row)

    figures = read_by_marks(question, measures, read, lambda figures: figures)
    return _Read(figures, unconverted_amounts(question, reader, figures, reach), reach)


def _comparison(
    question: Question, reader: Reader, fields: tuple[str, ...], values: Values
) -> Compared:
    """The other period's row, and the change since."""
    other, _ = other_question(question)
    before = metric_values(other, _read(other, reader, fields).figures, fields)
    return Compared(
        **compared_period(question, other.period),
        data=[_row_type(fields)(**before)],
        change=change_since(values, before),
    )
