"""The registry of metrics: the numbers that reports show, each with its one rule."""

from typing import Literal

import msgspec

Unit = Literal["count", "percent", "seconds", "money", "count or money", "ratio or money", "text"]
"""What a number is measured in; `footfall.model.unit` has the type of each. Those of the KPI are
money where a website's KPI is its revenue."""


Better = Literal["higher", "lower", "neither"]
"""Which change of a number is good news."""


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One number. `name` is snake_case, `alias` the same in camelCase: answers carry both."""

    name: str
    label: str
    unit: Unit
    rule: str  # one sentence, shown to users
    better: Better = "higher"
    is_in_overview: bool = True
    is_in_timeseries: bool = False  # without being asked for
    is_in_lists: bool = False
    is_of_goals: bool = False  # only lists of goals and events have it

    @property
    def alias(self) -> str:
        head, *rest = self.name.split("_")
        return head + "".join(word.capitalize() for word in rest)


_ALL: tuple[Metric, ...] = (
    Metric(
        name="visitors",
        label="Visitors",
        unit="count",
        rule="Distinct visitors of the sessions covered: exact, never estimated.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="sessions",
        label="Sessions",
        unit="count",
        rule="Sessions that began in the period.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="pageviews",
        label="Pageviews",
        unit="count",
        rule="Page events of the sessions covered.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="bounce_rate",
        label="Bounce rate",
        unit="percent",
        rule="Share of sessions with exactly one page event and no other counted event.",
        is_in_lists=True,
        better="lower",
    ),
    Metric(
        name="avg_session_duration",
        label="Session duration",
        unit="seconds",
        rule="Mean over all sessions, bounces included, of last event minus start.",
        is_in_lists=True,
    ),
    Metric(
        name="avg_engaged_time",
        label="Engaged time",
        unit="seconds",
        rule="Mean over all sessions of the seconds in which the page was visible.",
        is_in_lists=True,
    ),
    Metric(
        name="revenue",
        label="Revenue",
        unit="money",
        rule="New and renewal payments of the period, before refunds.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="new_revenue",
        label="New revenue",
        unit="money",
        rule="Payments of the period that are not renewals, before refunds.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="renewal_revenue",
        label="Renewal revenue",
        unit="money",
        rule="Renewal payments of the period, before refunds.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="refunded_revenue",
        label="Refunded",
        unit="money",
        rule="Refunds, by the refund's own time; never subtracted from revenue.",
        is_in_timeseries=True,
        better="lower",
    ),
    Metric(
        name="revenue_per_visitor",
        label="Revenue per visitor",
        unit="money",
        rule="Revenue divided by visitors.",
        is_in_lists=True,
    ),
    Metric(
        name="conversion_rate",
        label="Conversion rate",
        unit="percent",
        rule="Share of visitors who also made a new payment above zero in the period.",
        is_in_timeseries=True,
        is_in_lists=True,
    ),
    Metric(
        name="kpi_value",
        label="KPI",
        unit="count or money",
        rule="Completions of the website's KPI goal, or revenue where it has none.",
        is_in_timeseries=True,
    ),
    Metric(
        name="kpi_per_visitor",
        label="KPI per visitor",
        unit="ratio or money",
        rule="The KPI divided by visitors.",
    ),
    Metric(
        name="kpi_conversion_rate",
        label="KPI conversion rate",
        unit="percent",
        rule="Share of visitors who completed the KPI goal, or who paid where it is revenue.",
        is_in_lists=True,
    ),
    Metric(
        name="currency",
        label="Currency",
        unit="text",
        rule="The website's currency, in which all money is given.",
        better="neither",
    ),
    Metric(
        name="completions",
        label="Completions",
        unit="count",
        rule="How often a goal was reached: its events in the rows covered.",
        is_in_overview=False,
        is_in_lists=True,
        is_of_goals=True,
    ),
    Metric(
        name="percentage",
        label="Share",
        unit="percent",
        rule="The row's visitors as a share of the report's visitors.",
        is_in_overview=False,
        is_in_lists=True,
        better="neither",
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
BY_SPELLING: dict[str, Metric] = METRICS | {metric.alias: metric for metric in _ALL}
"""Metrics by either spelling."""
