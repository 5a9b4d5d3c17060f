"""GET /schema: the registries by which reports are made, for clients that explain numbers."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from footfall.enrich.bot import BOT_RULES
from footfall.enrich.channel import CHANNELS
from footfall.model.answer import Answer
from footfall.model.dimension import DIMENSIONS, PATH_OF, Dimension, Scope
from footfall.model.drop_rule import DROP_RULES
from footfall.model.event import RESERVED_GOAL_RULES
from footfall.model.metric import METRICS, Better, Metric, Unit
from footfall.model.report_rule import REPORT_RULES, PathReport
from footfall.model.unit import Payload
from footfall.query.parse.asked import FILTER_RULE
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import encode, json_response

ReportName = Literal["overview", "timeseries", "lists"]


class MetricEntry(Payload, frozen=True, kw_only=True, rename="camel"):
    """A number: what it is called, how it is counted, and where it can be asked for."""

    name: str
    alias: Annotated[str, Meta(description="The same name in camelCase")]
    label: str
    unit: Unit
    rule: str
    better: Annotated[Better, Meta(description="Which change is good news")]
    reports: Annotated[list[ReportName], Meta(description="Those whose `fields` may name it")]


class DimensionEntry(Payload, frozen=True, kw_only=True, rename="camel"):
    """What reports can be broken down and filtered by."""

    name: str
    label: str
    rule: str
    scope: Annotated[
        Scope,
        Meta(description="session: a session has at most one value, except for all_params"),
    ]
    path: Annotated[str | None, Meta(description="The path that lists it, beside /breakdown")]
    missing: Annotated[
        str | None, Meta(description="The row of sessions without it; null: they are left out")
    ]
    filter: Annotated[str | None, Meta(description="The parameter that filters by it")]
    separators: Annotated[str, Meta(description="The characters between a filter's values")]
    ignores_case: bool
    has_patterns: Annotated[bool, Meta(description="Whether a filter's `*` and `**` are patterns")]


class NamedRule(Payload, frozen=True, kw_only=True):
    """A name and what it means."""

    name: str
    rule: str


class DropEntry(Payload, frozen=True, kw_only=True):
    """A reason for which hits are not counted, and what to do about it."""

    name: str
    rule: str
    remedy: str


class NumberEntry(Payload, frozen=True, kw_only=True):
    """A number of a report, by its name in the answer."""

    name: str
    label: str
    rule: str


class ReportEntry(Payload, frozen=True, kw_only=True):
    """A report whose numbers are not those of `metrics`."""

    name: PathReport
    numbers: list[NumberEntry]


class SchemaData(Payload, frozen=True, kw_only=True, rename="camel"):
    """All registries."""

    metrics: list[MetricEntry]
    reports: Annotated[list[ReportEntry], Meta(description="Their own numbers")]
    dimensions: list[DimensionEntry]
    filter_rule: str
    channels: Annotated[list[NamedRule], Meta(description="The first that matches wins")]
    reserved_goals: Annotated[
        list[NamedRule], Meta(description="Goals that only recorded payments have")
    ]
    bot_reasons: list[NamedRule]
    drop_reasons: list[DropEntry]


class SchemaAnswer(Answer, frozen=True, kw_only=True):
    """What there is to ask for, and the rules by which it is counted."""

    data: SchemaData


def schema_endpoint(api: Api) -> Endpoint:
    """The handler. The answer is the same for all tokens and websites."""

    async def respond(request: Request) -> Response:
        api.admit(request, "read")
        return json_response(request, _encoded())

    return respond


@cache
def _encoded() -> bytes:
    return encode(schema_answer())


def schema_answer() -> SchemaAnswer:
    return SchemaAnswer(
        data=SchemaData(
            metrics=[_metric(metric) for metric in METRICS.values()],
            reports=[
                ReportEntry(name=name, numbers=[NumberEntry(**each._asdict()) for each in numbers])
                for name, numbers in REPORT_RULES.items()
            ],
            dimensions=[_dimension(dimension) for dimension in DIMENSIONS.values()],
            filter_rule=FILTER_RULE,
            channels=[NamedRule(name=each.name, rule=each.rule) for each in CHANNELS],
            reserved_goals=_rules(RESERVED_GOAL_RULES),
            bot_reasons=_rules(BOT_RULES),
            drop_reasons=[
                DropEntry(name=name, rule=rule.happened, remedy=rule.remedy)
                for name, rule in DROP_RULES.items()
            ],
        )
    )


def _rules(rules: Mapping[str, str]) -> list[NamedRule]:
    return [NamedRule(name=name, rule=rule) for name, rule in rules.items()]


def _metric(metric: Metric) -> MetricEntry:
    places: dict[ReportName, bool] = {
        "overview": metric.is_in_overview,
        "timeseries": metric.is_in_overview and metric.unit != "text",
        "lists": metric.is_in_lists,
    }
    return MetricEntry(
        name=metric.name,
        alias=metric.alias,
        label=metric.label,
        unit=metric.unit,
        rule=metric.rule,
        better=metric.better,
        reports=[name for name, is_there in places.items() if is_there],
    )


def _dimension(dimension: Dimension) -> DimensionEntry:
    paths = {name: f"/{path}" for path, name in PATH_OF.items()}
    return DimensionEntry(
        name=dimension.name,
        label=dimension.label,
        rule=dimension.rule,
        scope=dimension.scope,
        path=paths.get(dimension.name),
        missing=dimension.missing,
        filter=f"filter_{dimension.name}" if dimension.has_filter else None,
        separators="|," if dimension.comma_separates or dimension.name == "country" else "|",
        ignores_case=dimension.is_case_insensitive,
        has_patterns=dimension.is_path,
    )
