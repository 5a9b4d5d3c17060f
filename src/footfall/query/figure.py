"""Counts and sums from the engine → rounded metrics."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter

import msgspec

from footfall.model.metric import METRICS, Unit
from footfall.model.question import Question
from footfall.model.unit import Money, Payload
from footfall.query.number import money, quotient, rounded, share
from footfall.query.sql.overview import kpi_goal

Values = dict[str, float | str]
"""Metrics by name; a count is an integer, the currency text."""


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
    unmarked: int = 0  # not 0: `visitors` was counted by marks that may be wrong
    unwalked: int = 0  # not 0: a list that was counted from walks lacks sessions
    namesakes: int = 0  # not 0: the row `page` of a list of events counted some visitors twice

    @property
    def revenue(self) -> Decimal:
        return self.new_revenue + self.renewal_revenue


class Formula(msgspec.Struct, frozen=True):
    """How a metric is calculated from figures, which of them it needs, and its unit.

    It is the figure `part`, or `part` divided by `whole`.
    """

    unit: Unit
    needs: tuple[str, ...]
    value: Callable[[Figures], float]
    part: str
    whole: str = ""


def _count(figure: str) -> Formula:
    return Formula("count", (figure,), attrgetter(figure), figure)


def _percent(part: str, whole: str) -> Formula:
    parts = attrgetter(part, whole)
    return Formula("percent", (part, whole), lambda figures: share(*parts(figures)), part, whole)


def _mean_seconds(figure: str) -> Formula:
    total = attrgetter(figure)
    return Formula(
        "seconds",
        (figure, "sessions"),
        lambda figures: quotient(total(figures), figures.sessions * 1000),
        figure,
        "sessions",
    )


_REVENUE = ("new_revenue", "renewal_revenue", "refunded_revenue", "unconverted")


def _amount(figure: str) -> Formula:
    amount = attrgetter(figure)
    return Formula("money", _REVENUE, lambda figures: rounded(amount(figures)), figure)


_FORMULAS: Mapping[str, Formula] = {
    "visitors": _count("visitors"),
    "sessions": _count("sessions"),
    "pageviews": _count("views"),
    "bounce_rate": _percent("bounces", "sessions"),
    "avg_session_duration": _mean_seconds("duration"),
    "avg_engaged_time": _mean_seconds("engaged"),
    "revenue": _amount("revenue"),
    "new_revenue": _amount("new_revenue"),
    "renewal_revenue": _amount("renewal_revenue"),
    "refunded_revenue": _amount("refunded_revenue"),
    "revenue_per_visitor": Formula(
        "money",
        ("new_revenue", "renewal_revenue", "visitors", "unconverted"),
        lambda figures: quotient(figures.revenue, figures.visitors),
        "revenue",
        "visitors",
    ),
    "conversion_rate": _percent("payers", "visitors"),
    "completions": _count("completions"),
}
_KPI_AS_REVENUE: Mapping[str, str] = {
    "kpi_value": "revenue",
    "kpi_per_visitor": "revenue_per_visitor",
    "kpi_conversion_rate": "conversion_rate",
}
_KPI_AS_GOAL: Mapping[str, Formula] = {
    "kpi_value": _count("completions"),
    "kpi_per_visitor": Formula(
        "ratio or money",
        ("completions", "visitors"),
        lambda figures: quotient(figures.completions, figures.visitors),
        "completions",
        "visitors",
    ),
    "kpi_conversion_rate": _percent("achievers", "visitors"),
}


def check_units(formulas: Mapping[str, Formula]) -> None:
    """Raises TypeError for a metric whose declared unit is not what its formula gives."""
    for name, formula in formulas.items():
        declared = METRICS[name].unit
        if formula.unit != declared and formula.unit not in declared.split(" or "):
            raise TypeError(f"{name} is declared as {declared}, but worked out as {formula.unit}")


check_units(_FORMULAS)
check_units(_KPI_AS_GOAL)
check_units({name: _FORMULAS[other] for name, other in _KPI_AS_REVENUE.items()})


def measures_of(question: Question, metrics: Iterable[str]) -> tuple[str, ...]:
    """What has to be counted for `metrics`."""
    needed = (formula.needs for name in metrics if (formula := formula_of(question, name)))
    return tuple(dict.fromkeys(figure for needs in needed for figure in needs))


def formula_of(question: Question, metric: str) -> Formula | None:
    """None for the currency, which is not calculated, and for a row's share of its report."""
    if metric in _KPI_AS_GOAL:
        if kpi_goal(question):
            return _KPI_AS_GOAL[metric]
        metric = _KPI_AS_REVENUE[metric]
    return None if metric in ("currency", "percentage") else _FORMULAS[metric]


def read_figures(names: Iterable[str], row: Iterable[object]) -> Figures:
    """Figures of an engine's row whose columns are the measures `names`."""
    read: dict[str, object] = {}
    for name, value in zip(names, row, strict=True):
        read[name] = money(value) if isinstance(value, str) else value
    return msgspec.structs.replace(Figures(), **read)


def metric_value(question: Question, figures: Figures, name: str) -> float | str:
    """One metric, by its rule in the registry."""
    formula = formula_of(question, name)
    return formula.value(figures) if formula else question.website.currency


def metric_values(question: Question, figures: Figures, metrics: Iterable[str]) -> Values:
    """`metrics` under both spellings."""
    values = {name: metric_value(question, figures, name) for name in metrics}
    return values | {METRICS[name].alias: value for name, value in values.items()}


class RevenueBreakdown(Payload, frozen=True, kw_only=True):
    """Revenue by kind of payment."""

    new: Money
    renewal: Money
    refund: Money


def breakdown_of_revenue(figures: Figures) -> RevenueBreakdown:
    return RevenueBreakdown(
        new=rounded(figures.new_revenue),
        renewal=rounded(figures.renewal_revenue),
        refund=rounded(figures.refunded_revenue),
    )
