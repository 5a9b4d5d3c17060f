"""Timeseries: one row per local hour, day, week or month, empty ones included."""

from footfall.model.metric import METRICS
from footfall.model.period import Bucket, cut
from footfall.model.question import Answer, Pagination, Question, Row
from footfall.query.figure import (
    Figures,
    breakdown_of_revenue,
    measures_of,
    metric_row,
    read_figures,
)
from footfall.query.reach import find_reach
from footfall.query.sql.covered import Span
from footfall.query.sql.overview import kpi_goal
from footfall.query.sql.timeseries import timeseries_statement
from footfall.query.unconverted import unconverted_rows
from footfall.store.reader import Reader

_NONE = Figures()
_LAST_S = 2**32 - 1


def answer_timeseries(question: Question, reader: Reader) -> Answer:
    """All buckets, whatever limit and offset say: half a curve helps nobody."""
    fields = question.fields or tuple(m.name for m in METRICS.values() if m.is_in_timeseries)
    if "revenue" in fields:
        fields += ("new_revenue", "renewal_revenue", "refunded_revenue")
    fields = tuple(dict.fromkeys(fields))
    buckets = cut(question.period, question.interval)
    reach = find_reach(question, reader, touches_events=kpi_goal(question) is not None)
    total, by_start = _figures(question, reader, fields, buckets, reach)
    return Answer(
        [
            {
                "timestamp": bucket.timestamp,
                "name": bucket.name,
                **_row(question, by_start.get(_second(bucket), _NONE), fields),
            }
            for bucket in buckets
        ],
        Pagination(question.limit, question.offset, len(buckets)),
        {
            "interval": question.interval,
            "timezone": question.period.timezone,
            "currency": question.website.currency,
            "fields": list(question.fields or fields),
            "totals": _row(question, total, fields),
            "unconverted": unconverted_rows(question, reader, total, reach),
        },
    )


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


def _row(question: Question, figures: Figures, fields: tuple[str, ...]) -> Row:
    row = metric_row(question, figures, fields)
    if "revenue" in fields:
        row["revenueBreakdown"] = breakdown_of_revenue(figures)
    return row
