"""Timeseries: one row per local hour, day, week or month, empty ones included."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Amount, Answer, Pagination, Unconverted
from footfall.model.comparison import aligned
from footfall.model.metric import METRICS
from footfall.model.metric_row import Field, MetricRow, documented_row_type, row_type
from footfall.model.period import Bucket, Interval, cut
from footfall.model.question import Question
from footfall.model.unit import Moment
from footfall.query.compare import (
    Change,
    ComparedPeriod,
    change_since,
    compared_period,
    other_question,
)
from footfall.query.figure import (
    Figures,
    RevenueBreakdown,
    Values,
    breakdown_of_revenue,
    measures_of,
    metric_values,
    read_figures,
)
from footfall.query.marked import read_by_marks
from footfall.query.reach import find_reach
from footfall.query.sql.covered import Span
from footfall.query.sql.overview import kpi_goal
from footfall.query.sql.timeseries import timeseries_statement
from footfall.query.unconverted import unconverted_amounts
from footfall.store.reader import Reader

_BY_DEFAULT = tuple(metric.name for metric in METRICS.values() if metric.is_in_timeseries)
_METRICS = tuple(
    metric.name for metric in METRICS.values() if metric.is_in_overview and metric.unit != "text"
)
_NONE = Figures()
_LAST_S = 2**32 - 1


class _Bucket(MetricRow, frozen=True, kw_only=True):
    """The numbers of one hour, day, week or month."""

    timestamp: Annotated[Moment, Meta(description="The bucket's first instant")]
    name: Annotated[str, Meta(description="As a chart labels it")]
    partial: Annotated[
        bool | UnsetType,
        Meta(description="Whether the bucket is not over yet; where `fields` names it"),
    ] = UNSET


_BY_KIND: tuple[Field, ...] = (("revenueBreakdown", RevenueBreakdown | UnsetType, UNSET),)
if TYPE_CHECKING:
    TimeseriesRow = _Bucket
    TimeseriesTotals = MetricRow
else:
    TimeseriesRow = documented_row_type("TimeseriesRow", _METRICS, base=_Bucket, further=_BY_KIND)
    TimeseriesTotals = documented_row_type("TimeseriesTotals", _METRICS, further=_BY_KIND)


class ComparedSeries(ComparedPeriod, frozen=True, kw_only=True, rename="camel"):
    """The period that a timeseries is compared with, and the change since."""

    totals: Annotated[TimeseriesTotals, Meta(description="That whole period, counted on its own")]
    change: Change
    unconverted: Unconverted
    data: Annotated[
        list[TimeseriesRow],
        Meta(description="Buckets that correspond to those of the answer, in the same order"),
    ]


class TimeseriesAnswer(Answer, frozen=True, kw_only=True):
    """The numbers per hour, day, week or month, and their totals."""

    interval: Interval
    timezone: str
    currency: str
    fields: list[str]
    totals: Annotated[TimeseriesTotals, Meta(description="The whole period, counted on its own")]
    unconverted: Unconverted
    compare: ComparedSeries | UnsetType = UNSET
    data: list[TimeseriesRow]
    pagination: Pagination


class _Series(msgspec.Struct, frozen=True):
    """What was counted in a period: as a whole, and in each of its buckets."""

    total: Figures
    in_buckets: list[Figures]
    unconverted: list[Amount]


def answer_timeseries(question: Question, reader: Reader) -> TimeseriesAnswer:
    """All buckets, whatever limit and offset say: half a curve is of no use. Raises BadRequest
    for too many buckets."""
    fields = question.fields or _BY_DEFAULT
    if "revenue" in fields:
        fields += ("new_revenue", "renewal_revenue", "refunded_revenue")
    fields = tuple(dict.fromkeys(fields))
    buckets = cut(question.period, question.interval)
    series = _read(question, reader, fields, buckets)
    compare: ComparedSeries | UnsetType = UNSET
    if question.compare:
        compare = _compared(question, reader, fields, buckets, series.total)
    return TimeseriesAnswer(
        interval=question.interval,
        timezone=question.period.timezone,
        currency=question.website.currency,
        fields=list(question.fields or fields),
        totals=_totals(question, series.total, fields),
        unconverted=series.unconverted,
        compare=compare,
        data=_rows(question, series, fields, buckets),
        pagination=Pagination(question.limit, question.offset, len(buckets)),
    )


def _compared(
    question: Question,
    reader: Reader,
    fields: tuple[str, ...],
    buckets: Sequence[Bucket],
    total: Figures,
) -> ComparedSeries:
    other, shift = other_question(msgspec.structs.replace(question, shows_partial=False))
    others = aligned(buckets, question.period, shift, question.interval)
    series = _read(other, reader, fields, others)
    now, before = (metric_values(question, each, fields) for each in (total, series.total))
    return ComparedSeries(
        **compared_period(question, other.period),
        totals=_totals(other, series.total, fields),
        change=change_since(now, before),
        unconverted=series.unconverted,
        data=_rows(other, series, fields, others),
    )


def _read(
    question: Question, reader: Reader, fields: tuple[str, ...], buckets: Sequence[Bucket]
) -> _Series:
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)
    total, in_buckets = _figures(question, reader, fields, buckets, reach)
    return _Series(total, in_buckets, unconverted_amounts(question, reader, total, reach))


def _figures(
    question: Question,
    reader: Reader,
    fields: tuple[str, ...],
    buckets: Sequence[Bucket],
    reach: Span | None,
) -> tuple[Figures, list[Figures]]:
    """The whole period's figures and each bucket's."""
    starts = [_second(bucket) for bucket in buckets]
    bounds = [start for start in dict.fromkeys(starts) if start < _LAST_S]

    def read(measures: tuple[str, ...]) -> tuple[Figures, dict[int, Figures]]:
        statement = timeseries_statement(question, bounds or [0], measures, reach)
        total, by_start = _NONE, {}
        rows = reader.query(statement.text, statement.values, statement.reads).rows
        for is_total, start, *row in rows:
            figures = read_figures(measures, row)
            if is_total:
                total = figures
            else:
                by_start[start] = figures
        return total, by_start

    measures = measures_of(question, fields)
    total, by_start = read_by_marks(question, measures, read, lambda found: found[0])
    # Of several buckets that begin together, all but the last are empty.
    is_empty = [one == following for one, following in pairwise([*starts, -1])]
    return total, [
        _NONE if empty else by_start.get(start, _NONE)
        for start, empty in zip(starts, is_empty, strict=True)
    ]


def _second(bucket: Bucket) -> int:
    return max(0, bucket.start_ms // 1000)


def _rows(
    question: Question, series: _Series, fields: tuple[str, ...], buckets: Sequence[Bucket]
) -> list[TimeseriesRow]:
    row = _row_type("TimeseriesRow", fields, _Bucket)
    ends = [*(bucket.start_ms for bucket in buckets[1:]), question.period.end_ms]
    return [
        row(
            timestamp=bucket.timestamp,
            name=bucket.name,
            partial=end_ms > question.now_at if question.shows_partial else UNSET,
            **_values(question, figures, fields),
        )
        for bucket, end_ms, figures in zip(buckets, ends, series.in_buckets, strict=True)
    ]


def _totals(question: Question, figures: Figures, fields: tuple[str, ...]) -> TimeseriesTotals:
    totals: TimeseriesTotals = _row_type("TimeseriesTotals", fields, MetricRow)(
        **_values(question, figures, fields)
    )
    return totals


@lru_cache(maxsize=128)
def _row_type(name: str, fields: tuple[str, ...], base: type[MetricRow]) -> Callable[..., Any]:
    return row_type(name, fields, base=base, further=_BY_KIND)


def _values(
    question: Question, figures: Figures, fields: tuple[str, ...]
) -> dict[str, float | str | RevenueBreakdown]:
    """A row's fields by name."""
    values: Values = metric_values(question, figures, fields)
    if "revenue" in fields:
        return {**values, "revenueBreakdown": breakdown_of_revenue(figures)}
    return {**values}
