"""Timeseries: one row per local hour, day, week or month, empty ones included."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Answer, Pagination, Unconverted
from footfall.model.metric import METRICS
from footfall.model.metric_row import Field, MetricRow, documented_row_type, row_type
from footfall.model.period import Bucket, Interval, cut
from footfall.model.question import Question
from footfall.model.unit import Moment
from footfall.query.figure import (
    Figures,
    RevenueBreakdown,
    breakdown_of_revenue,
    measures_of,
    metric_values,
    read_figures,
)
from footfall.query.reach import find_reach
from footfall.query.sql.covered import Span
from footfall.query.sql.overview import kpi_goal
from footfall.query.sql.timeseries import timeseries_statement
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader

_METRICS = tuple(metric.name for metric in METRICS.values() if metric.is_in_timeseries)
_NONE = Figures()
_LAST_S = 2**32 - 1


class _Bucket(MetricRow, frozen=True, kw_only=True):
    """The numbers of one hour, day, week or month."""

    timestamp: Annotated[Moment, Meta(description="The bucket's first instant")]
    name: Annotated[str, Meta(description="As a chart labels it")]


_BY_KIND: tuple[Field, ...] = (("revenueBreakdown", RevenueBreakdown | UnsetType, UNSET),)
if TYPE_CHECKING:
    TimeseriesRow = _Bucket
    TimeseriesTotals = MetricRow
else:
    TimeseriesRow = documented_row_type("TimeseriesRow", _METRICS, base=_Bucket, further=_BY_KIND)
    TimeseriesTotals = documented_row_type("TimeseriesTotals", _METRICS, further=_BY_KIND)


class TimeseriesAnswer(Answer, frozen=True, kw_only=True):
    """The numbers per hour, day, week or month, and their totals."""

    interval: Interval
    timezone: str
    currency: str
    fields: list[str]
    totals: Annotated[TimeseriesTotals, Meta(description="The whole period, counted on its own")]
    unconverted: Unconverted
    data: list[TimeseriesRow]
    pagination: Pagination


def answer_timeseries(question: Question, reader: Reader) -> TimeseriesAnswer:
    """All buckets, whatever limit and offset say: half a curve is of no use. Raises BadRequest
    for too many buckets."""
    fields = question.fields or _METRICS
    if "revenue" in fields:
        fields += ("new_revenue", "renewal_revenue", "refunded_revenue")
    fields = tuple(dict.fromkeys(fields))
    buckets = cut(question.period, question.interval)
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)
    total, by_start = _figures(question, reader, fields, buckets, reach)
    row = _row_type("TimeseriesRow", fields, _Bucket)
    totals = _row_type("TimeseriesTotals", fields, MetricRow)
    return TimeseriesAnswer(
        interval=question.interval,
        timezone=question.period.timezone,
        currency=question.website.currency,
        fields=list(question.fields or fields),
        totals=totals(**_values(question, total, fields)),
        unconverted=unconverted_amounts(question, reader, total, reach),
        data=[
            row(
                timestamp=bucket.timestamp,
                name=bucket.name,
                **_values(question, by_start.get(_second(bucket), _NONE), fields),
            )
            for bucket in buckets
        ],
        pagination=Pagination(question.limit, question.offset, len(buckets)),
    )


@lru_cache(maxsize=128)
def _row_type(name: str, fields: tuple[str, ...], base: type[MetricRow]) -> Callable[..., Any]:
    return row_type(name, fields, base=base, further=_BY_KIND)


def _figures(
    question: Question,
    reader: Reader,
    fields: tuple[str, ...],
    buckets: list[Bucket],
    reach: Span | None,
) -> tuple[Figures, dict[int, Figures]]:
    """The whole period's figures and each bucket's by its start in seconds."""
    measures = measures_of(question, fields)
    starts = [_second(bucket) for bucket in buckets if _second(bucket) < _LAST_S]
    statement = timeseries_statement(question, starts or [0], measures, reach)
    total, by_start = _NONE, {}
    for is_total, start, *row in reader.query(statement.text, statement.values).rows:
        figures = read_figures(measures, row)
        if is_total:
            total = figures
        else:
            by_start[start] = figures
    return total, by_start


def _second(bucket: Bucket) -> int:
    return max(0, bucket.start_ms // 1000)


def _values(
    question: Question, figures: Figures, fields: tuple[str, ...]
) -> dict[str, float | str | RevenueBreakdown]:
    """A row's fields by name."""
    values = metric_values(question, figures, fields)
    if "revenue" in fields:
        return {**values, "revenueBreakdown": breakdown_of_revenue(figures)}
    return {**values}
