"""Overview: one row, and on request that of an earlier period and the change since."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Amount, Answer, Unconverted
from footfall.model.metric import METRICS
from footfall.model.metric_row import MetricRow, documented_row_type, row_type
from footfall.model.period import (
    END_OF_TIME,
    START_OF_TIME,
    Period,
    previous_period,
    previous_year,
    write_moment,
)
from footfall.model.question import Comparison, Question
from footfall.model.unit import Moment, Payload, Percent
from footfall.query.figure import Values, measures_of, metric_values, read_figures
from footfall.query.number import share
from footfall.query.reach import find_reach
from footfall.query.sql.overview import kpi_goal, overview_statement
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader

_METRICS = tuple(metric.name for metric in METRICS.values() if metric.is_in_overview)

if TYPE_CHECKING:
    OverviewRow = MetricRow
else:
    OverviewRow = documented_row_type("OverviewRow", _METRICS)


class Compared(Payload, frozen=True, kw_only=True, rename="camel"):
    """The period that an overview is compared with, and the change since."""

    period: Comparison
    start_at: Annotated[Moment | None, Meta(description="The first instant of the period")]
    end_before: Annotated[Moment | None, Meta(description="The instant after its last")]
    data: list[OverviewRow]
    change: Annotated[
        dict[str, Percent], Meta(description="Percent by which each number changed since")
    ]


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
    """The other period's row and by how many percent each number changed (0 where it was 0)."""
    assert question.compare
    period = question.period
    if period.end_ms == END_OF_TIME:
        period = msgspec.structs.replace(period, end_ms=question.now_at)
    shift = previous_period if question.compare == "previous_period" else previous_year
    other = msgspec.structs.replace(question, period=shift(period))
    before, _ = _values(other, reader, fields)
    return Compared(
        period=question.compare,
        start_at=_bound(other.period, other.period.start_ms),
        end_before=_bound(other.period, other.period.end_ms),
        data=[_row_type(fields)(**before)],
        change={
            name: share(_exact(now) - _exact(before[name]), _exact(before[name]))
            for name, now in values.items()
            if name != "currency"
        },
    )


def _bound(period: Period, at: int) -> str | None:
    """None if the period has no such bound."""
    return None if at in (START_OF_TIME, END_OF_TIME) else write_moment(at, period.timezone)


def _exact(value: float | str) -> Decimal:
    return Decimal(str(value))
