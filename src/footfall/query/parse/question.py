"""Parameters → Question: overview, timeseries, breakdowns, goals, realtime."""

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
    single_values,
)

MAX_SEARCH = 200
_REALTIME = ("realtime", "realtime_map")
_DEFAULT_LIMITS = {"realtime_map": MAX_LIMIT}
FIELD_REPORTS = ("overview", "timeseries")
COMPARED_REPORTS = ("overview", "timeseries")
RANGE = ".."
"""Between the two dates of a custom comparison."""
_ALWAYS = ("name", "timestamp")
_PARTIAL = "partial"
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
    question = Question(
        website=website,
        report=report,
        period=period,
        now_at=now_ms,
        filters=parse_filters(params),
        fields=_fields(report, given.get("fields")),
        interval=interval,
        dimensions=_dimensions(report, given.get("dimension")),
        limit=parse_optional(
            given, "limit", _DEFAULT_LIMITS.get(report, DEFAULT_LIMIT), 1, MAX_LIMIT
        ),
        offset=parse_optional(given, "offset", 0, 0, MAX_OFFSET),
        search=_search(given.get("search", "")),
        bots=parse_bots(given),
        attribution=cast(Attribution, parse_choice(given, "attribution", ATTRIBUTIONS, "last")),
        compare=_comparison(given, period.timezone),
        shows_partial=_shows_partial(report, given.get("fields")),
    )
    _check_together(question)
    return question


def _comparison(given: dict[str, str], timezone: str) -> Comparison | None:
    matches_weekday = "match" in given and parse_choice(given, "match", MATCHES, "") == "weekday"
    text = given.get("compare")
    if text is None:
        if matches_weekday:
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


def _search(text: str) -> str:
    if len(text) > MAX_SEARCH:
        raise BadRequest(f"search is longer than {MAX_SEARCH} characters", field="search")
    return text


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


def field_spellings(report: str) -> tuple[str, ...]:
    """What `fields` may hold in a report that takes it: numbers in both spellings, and what rows
    have beside numbers."""
    metrics = _metrics(report)
    spelled = [text for metric in metrics for text in (metric.name, metric.alias)]
    beside = (*_BESIDE, *_BREAKDOWNS) if report == "timeseries" else ()
    return tuple(dict.fromkeys((*spelled, *beside)))


def _metrics(report: str) -> list[Metric]:
    """Those that `fields` may name. A timeseries has its currency once, beside the rows."""
    return [
        metric
        for metric in METRICS.values()
        if metric.is_in_overview and (report == "overview" or metric.unit != "text")
    ]


def _fields(report: str, text: str | None) -> tuple[str, ...]:
    """The names of the numbers asked for, () for all."""
    if text is None or report not in FIELD_REPORTS:
        return ()
    known = field_spellings(report)
    found: list[str] = []
    for spelling in (part.strip() for part in text.split(",")):
        if spelling not in known:
            names = [metric.name for metric in _metrics(report)]
            listed = ", ".join((*names, *(_BESIDE if report == "timeseries" else ())))
            raise BadRequest(f"unknown field {spelling[:64]!r}; fields: {listed}", field="fields")
        if spelling not in _BESIDE:
            name = "revenue" if spelling in _BREAKDOWNS else BY_SPELLING[spelling].name
            found.append(name)
    return tuple(dict.fromkeys(found))


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
