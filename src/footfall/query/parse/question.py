"""Parameters → Question: overview, timeseries, breakdowns, goals, realtime."""

from collections.abc import Iterable, Sequence
from typing import cast

from footfall.model.comparison import COMPARISONS, MATCHES, Comparison, ComparisonName
from footfall.model.dimension import DIMENSIONS
from footfall.model.errors import BadRequest
from footfall.model.metric import BY_SPELLING, METRICS, Metric
from footfall.model.period import (
    END_OF_TIME,
    INTERVALS,
    START_OF_TIME,
    Interval,
    Period,
    parse_period,
    parse_timezone,
    window,
)
from footfall.model.question import (
    ATTRIBUTIONS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_MINUTES,
    MAX_PAYMENTS,
    ORDERS,
    VALUE,
    Attribution,
    Question,
)
from footfall.model.website import Website
from footfall.query.parse.asked import parse_bots, parse_filters, within_retention
from footfall.query.parse.given import (
    MAX_OFFSET,
    Params,
    parse_choice,
    parse_optional,
    parse_search,
    parse_switch,
    single_values,
)

_REALTIME = ("realtime", "realtime_map")
_DEFAULT_LIMITS = {"realtime_map": MAX_LIMIT}
FIELD_REPORTS = ("overview", "timeseries")
LIST_REPORTS = ("breakdown", "goals")
COMPARED_REPORTS = (*FIELD_REPORTS, *LIST_REPORTS)
RANGE = ".."
"""Between the two dates of a custom comparison."""
_ALWAYS = ("name", "timestamp")
_PARTIAL = "partial"
_DEFAULT_SORT = "visitors"
_OF_GOALS = {"goal", "event"}
"""Dimensions whose rows have completions."""
_BESIDE = (*_ALWAYS, _PARTIAL)
_BREAKDOWNS = ("revenueBreakdown", "revenue_breakdown")
_SINGLE = frozenset(
    {
        "startAt",
        "endAt",
        "timezone",
        "limit",
        "offset",
        "search",
        "fields",
        "interval",
        "dimension",
        "bots",
        "attribution",
        "compare",
        "match",
        "sort",
        "order",
        "parts",
        "minutes",
        "payments",
    }
)


def parse_question(report: str, params: Params, website: Website, now_ms: int) -> Question:
    """The question that a request's parameters ask of `website`.

    `report` is one that asks a Question, in `query.ask.REPORTS`. Unknown parameters are ignored,
    unknown filters are not. Raises BadRequest naming the parameter and what is valid.
    """
    given = single_values(params, _SINGLE)
    interval: Interval = parse_choice(given, "interval", INTERVALS, "day")
    period = _period(report, given, website, interval, now_ms)
    dimensions = _dimensions(report, given.get("dimension"))
    sort = _sort(report, dimensions, given)
    question = Question(
        website=website,
        report=report,
        period=period,
        now_at=now_ms,
        filters=parse_filters(params),
        fields=_fields(report, dimensions, given.get("fields")),
        interval=interval,
        dimensions=dimensions,
        limit=parse_optional(
            given, "limit", _DEFAULT_LIMITS.get(report, DEFAULT_LIMIT), 1, MAX_LIMIT
        ),
        offset=parse_optional(given, "offset", 0, 0, MAX_OFFSET),
        search=parse_search(given.get("search", "")),
        bots=parse_bots(given),
        attribution=cast(Attribution, parse_choice(given, "attribution", ATTRIBUTIONS, "last")),
        compare=_comparison(report, given, period.timezone),
        sort=sort,
        is_ascending=_is_ascending(report, given, sort),
        shows_parts=report == "overview" and parse_switch(given, "parts"),
        shows_partial=_shows_partial(report, given.get("fields")),
        minutes=_of_realtime(report, given, "minutes", MAX_MINUTES),
        payments=_of_realtime(report, given, "payments", MAX_PAYMENTS),
    )
    _check_together(question)
    return question


def _comparison(report: str, given: dict[str, str], timezone: str) -> Comparison | None:
    text = given.get("compare")
    matches_weekday = "match" in given
    if matches_weekday and report in COMPARED_REPORTS:
        parse_choice(given, "match", MATCHES, "")
    if text is None:
        if matches_weekday and report in COMPARED_REPORTS:
            raise BadRequest("match works with compare only; give compare, too", field="match")
        return None
    if text in COMPARISONS:
        return Comparison(name=cast(ComparisonName, text), matches_weekday=matches_weekday)
    first, is_range, last = text.partition(RANGE)
    if not is_range:
        raise BadRequest(
            f"compare {text[:64]!r} is not one of {', '.join(COMPARISONS)}, or a period as in"
            f" 2026-01-01{RANGE}2026-01-31",
            field="compare",
        )
    custom = parse_period(first, last, timezone, ("compare", "compare"))
    return Comparison(name="custom", custom=custom, matches_weekday=matches_weekday)


def _period(
    report: str, given: dict[str, str], website: Website, interval: Interval, now_ms: int
) -> Period:
    timezone = parse_timezone(given.get("timezone", website.timezone))
    if report in _REALTIME:
        period = Period(timezone=timezone)
    else:
        period = parse_period(given.get("startAt"), given.get("endAt"), timezone)
    if report == "timeseries":
        period = window(period, interval, now_ms)
    return within_retention(period, website, now_ms)


def field_spellings(report: str, dimensions: Sequence[str] = ()) -> tuple[str, ...]:
    """What `fields` may hold in a report that takes it: numbers in both spellings, and what rows
    have beside numbers."""
    beside = (*_BESIDE, *_BREAKDOWNS) if report == "timeseries" else ()
    return tuple(dict.fromkeys((*_spellings(_metrics(report, dimensions)), *beside)))


def sort_spellings(report: str, dimensions: Sequence[str]) -> tuple[str, ...]:
    """What `sort` may be in a list: a number that all of its rows have, in either spelling, or
    their value."""
    metrics = _metrics(report, dimensions)
    if not set(dimensions) <= _OF_GOALS:
        metrics = [metric for metric in metrics if not metric.is_of_goals]
    return (VALUE, *_spellings(metrics))


def _spellings(metrics: Iterable[Metric]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for metric in metrics for text in (metric.name, metric.alias)))


def _metrics(report: str, dimensions: Sequence[str]) -> list[Metric]:
    """Those that `fields` may name. A timeseries has its currency once, beside the rows; the list
    of goals does not look at their sessions' pageviews."""
    if report == "goals":
        return [each for each in METRICS.values() if each.is_in_lists and each.name != "pageviews"]
    if report == "breakdown":
        has_goals = bool(_OF_GOALS & set(dimensions))
        listed = [metric for metric in METRICS.values() if metric.is_in_lists]
        return [metric for metric in listed if has_goals or not metric.is_of_goals]
    return [
        metric
        for metric in METRICS.values()
        if metric.is_in_overview and (report == "overview" or metric.unit != "text")
    ]


def _fields(report: str, dimensions: Sequence[str], text: str | None) -> tuple[str, ...]:
    """The names of the numbers asked for, () if the caller does not choose."""
    if text is None or report not in COMPARED_REPORTS:
        return ()
    known = field_spellings(report, dimensions)
    found: list[str] = []
    for spelling in (part.strip() for part in text.split(",")):
        if spelling not in known:
            names = [metric.name for metric in _metrics(report, dimensions)]
            listed = ", ".join((*names, *(_BESIDE if report == "timeseries" else ())))
            raise BadRequest(f"unknown field {spelling[:64]!r}; fields: {listed}", field="fields")
        if spelling not in _BESIDE:
            name = "revenue" if spelling in _BREAKDOWNS else BY_SPELLING[spelling].name
            found.append(name)
    return tuple(dict.fromkeys(found))


def _sort(report: str, dimensions: Sequence[str], given: dict[str, str]) -> str:
    """The name of the metric that rows are sorted by, or VALUE."""
    text = given.get("sort", _DEFAULT_SORT)
    if report not in LIST_REPORTS:
        return _DEFAULT_SORT
    known = sort_spellings(report, dimensions or ("goal",))
    if text not in known:
        names = [name for name in known if name == VALUE or name in METRICS]
        raise BadRequest(
            f"sort {text[:64]!r} is not one of {', '.join(names)}, by which all rows here can be"
            " sorted",
            field="sort",
        )
    return text if text == VALUE else BY_SPELLING[text].name


def _is_ascending(report: str, given: dict[str, str], sort: str) -> bool:
    """Without `order`, numbers begin with the greatest, texts with the first."""
    if report not in LIST_REPORTS:
        return False
    by_default = "asc" if sort == VALUE else "desc"
    return bool(parse_choice(given, "order", ORDERS, by_default) == "asc")


def _of_realtime(report: str, given: dict[str, str], name: str, most: int) -> int:
    if report != "realtime":
        return 0
    return parse_optional(given, name, 0, 1, most)


def _shows_partial(report: str, text: str | None) -> bool:
    return report == "timeseries" and _PARTIAL in [part.strip() for part in (text or "").split(",")]


def _dimensions(report: str, text: str | None) -> tuple[str, ...]:
    if report != "breakdown":
        return ()
    listed = ", ".join(DIMENSIONS)
    if not text:
        raise BadRequest(f"dimension is missing; one or several of {listed}", field="dimension")
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if name not in DIMENSIONS:
            raise BadRequest(
                f"unknown dimension {name[:64]!r}; dimensions: {listed}", field="dimension"
            )
    return tuple(dict.fromkeys(names))


def _check_together(question: Question) -> None:
    if question.filters and question.report in _REALTIME:
        name = f"filter_{question.filters[0].dimension}"
        raise BadRequest(f"{name}: realtime has no filters; leave it out", field=name)
    if not question.compare:
        return
    if question.report not in COMPARED_REPORTS:
        listed = ", ".join(COMPARED_REPORTS)
        raise BadRequest(f"compare works with {listed} only; leave it out", field="compare")
    if question.period.start_ms == START_OF_TIME:
        raise BadRequest("compare needs startAt, the period's beginning", field="compare")
    if question.period.end_ms == END_OF_TIME and question.period.start_ms >= question.now_at:
        raise BadRequest("startAt is in the future; give an endAt after it", field="startAt")
