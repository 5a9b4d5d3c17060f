"""Counts and sums of the engine → the metrics that people see, rounded."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from footfall.model.metric import METRICS
from footfall.model.question import Question, Row
from footfall.query.number import money, quotient, rounded, share
from footfall.query.sql.overview import kpi_goal

_NEEDS: dict[str, tuple[str, ...]] = {
    "visitors": ("visitors",),
    "sessions": ("sessions",),
    "pageviews": ("views",),
    "bounce_rate": ("bounces", "sessions"),
    "avg_session_duration": ("duration", "sessions"),
    "avg_engaged_time": ("engaged", "sessions"),
    "revenue": ("new_revenue", "renewal_revenue", "refunded_revenue", "unconverted"),
    "revenue_per_visitor": ("new_revenue", "renewal_revenue", "visitors"),
    "conversion_rate": ("payers", "visitors"),
    "currency": (),
}
_NEEDS["new_revenue"] = _NEEDS["renewal_revenue"] = _NEEDS["refunded_revenue"] = _NEEDS["revenue"]
_OF_KPI: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "kpi_value": ("revenue", "kpi_value", ("completions",)),
    "kpi_per_visitor": ("revenue_per_visitor", "kpi_per_visitor", ("completions", "visitors")),
    "kpi_conversion_rate": ("conversion_rate", "kpi_conversion_rate", ("achievers", "visitors")),
}


class Figures(msgspec.Struct, frozen=True):
    """What was counted, exactly. Money in the website's currency, times in milliseconds."""

    visitors: int = 0
    sessions: int = 0
    views: int = 0
    bounces: int = 0
    duration: int = 0
    engaged: int = 0
    payers: int = 0
    achievers: int = 0
    completions: int = 0
    new_revenue: Decimal = Decimal(0)
    renewal_revenue: Decimal = Decimal(0)
    refunded_revenue: Decimal = Decimal(0)
    unconverted: int = 0  # payments without a rate

    @property
    def revenue(self) -> Decimal:
        return self.new_revenue + self.renewal_revenue


def measures_of(question: Question, metrics: Iterable[str]) -> tuple[str, ...]:
    """What has to be counted for `metrics`."""
    found: dict[str, None] = {}
    for name in metrics:
        if name in _OF_KPI:
            as_revenue, _, as_goal = _OF_KPI[name]
            needed = as_goal if kpi_goal(question) else _NEEDS[as_revenue]
        else:
            needed = _NEEDS[name]
        found |= dict.fromkeys(needed)
    return tuple(found)


def read_figures(names: Iterable[str], row: Iterable[object]) -> Figures:
    """Figures of an engine's row whose columns are the measures `names`."""
    read: dict[str, object] = {}
    for name, value in zip(names, row, strict=True):
        read[name] = money(value) if isinstance(value, str) else value
    return msgspec.structs.replace(Figures(), **read)


def metric_value(question: Question, figures: Figures, name: str) -> object:
    """One metric by the rule that the registry writes down."""
    if name == "currency":
        return question.website.currency
    if name in _OF_KPI and not kpi_goal(question):
        return metric_value(question, figures, _OF_KPI[name][0])
    f = figures
    numbers: dict[str, object] = {
        "visitors": f.visitors,
        "sessions": f.sessions,
        "pageviews": f.views,
        "bounce_rate": share(f.bounces, f.sessions),
        "avg_session_duration": quotient(f.duration, f.sessions * 1000),
        "avg_engaged_time": quotient(f.engaged, f.sessions * 1000),
        "revenue": rounded(f.revenue),
        "new_revenue": rounded(f.new_revenue),
        "renewal_revenue": rounded(f.renewal_revenue),
        "refunded_revenue": rounded(f.refunded_revenue),
        "revenue_per_visitor": quotient(f.revenue, f.visitors),
        "conversion_rate": share(f.payers, f.visitors),
        "kpi_value": f.completions,
        "kpi_per_visitor": quotient(f.completions, f.visitors),
        "kpi_conversion_rate": share(f.achievers, f.visitors),
    }
    return numbers[name]


def metric_row(question: Question, figures: Figures, metrics: Iterable[str]) -> Row:
    """`metrics` under both spellings."""
    row: Row = {}
    for name in metrics:
        row[name] = metric_value(question, figures, name)
    for name in metrics:
        row[METRICS[name].alias] = row[name]
    return row


def breakdown_of_revenue(figures: Figures) -> Row:
    return {
        "new": rounded(figures.new_revenue),
        "renewal": rounded(figures.renewal_revenue),
        "refund": rounded(figures.refunded_revenue),
    }
