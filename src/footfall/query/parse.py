"""Parameters → Question. Nothing that a caller sends is believed before it went through here."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, cast

import msgspec

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.errors import BadRequest
from footfall.model.filter import Filter, parse_filter
from footfall.model.metric import BY_SPELLING, METRICS
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
    BOTS,
    COMPARISONS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    REPORTS,
    Attribution,
    Bots,
    Comparison,
    Question,
    Report,
)
from footfall.model.website import Website

Params = Sequence[tuple[str, str]]
Choice = TypeVar("Choice", bound=str)

MAX_SEARCH = 200
MAX_FILTERS = 50
MAX_LOOSE = 200
"""Substrings and patterns in all filters together: each is tested on its own."""
_DAY_MS = 86_400_000
_REALTIME = ("realtime", "realtime_map")
MAX_OFFSET = 10**9
_DEFAULT_LIMITS = {"realtime_map": MAX_LIMIT}
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
    }
)


def parse_question(report: str, params: Params, website: Website, now_ms: int) -> Question:
    """The question that a request's parameters ask of `website`.

    `report` is one of REPORTS, already chosen by the route. Unknown parameters are ignored,
    unknown filters are not. Raises BadRequest naming the parameter and what is valid.
    """
    if report not in REPORTS:
        raise BadRequest(f"unknown report {report!r}; reports: {', '.join(REPORTS)}")
    given = single_values(params, _SINGLE)
    interval: Interval = parse_choice(given, "interval", INTERVALS, "day")
    question = Question(
        website=website,
        report=cast(Report, report),
        period=_period(report, given, website, interval, now_ms),
        now_at=now_ms,
        filters=parse_filters(params),
        fields=_fields(report, given.get("fields")),
        interval=interval,
        dimensions=_dimensions(report, given.get("dimension")),
        limit=parse_whole(
            given.get("limit"), "limit", _DEFAULT_LIMITS.get(report, DEFAULT_LIMIT), 1, MAX_LIMIT
        ),
        offset=parse_whole(given.get("offset"), "offset", 0, 0, MAX_OFFSET),
        search=_search(given.get("search", "")),
        bots=parse_bots(given),
        attribution=cast(Attribution, parse_choice(given, "attribution", ATTRIBUTIONS, "last")),
        compare=_comparison(given),
    )
    _check_together(question)
    return question


def single_values(params: Params, names: Collection[str]) -> dict[str, str]:
    """The values of those parameters among `names` that are given. Raises BadRequest for one that
    is given with two values, and for any text that is no valid Unicode."""
    given: dict[str, str] = {}
    for name, value in params:
        _check_text(name, value)
        if name in names:
            if given.get(name, value) != value:
                raise BadRequest(f"{name} is given twice; give it once", field=name)
            given[name] = value
    return given


def spelled(given: dict[str, str], *spellings: str) -> tuple[str, str]:
    """A parameter that has several names: the one it is given by (else the first) and its value,
    '' where it is missing. Raises BadRequest where two names have different values."""
    filled = {name: given[name] for name in spellings if given.get(name)}
    if len(set(filled.values())) > 1:
        name = next(iter(filled))
        raise BadRequest(f"{' and '.join(filled)} differ; give one of them", field=name)
    return next(iter(filled.items()), (spellings[0], ""))


def _check_text(name: str, value: str) -> None:
    try:
        name.encode()
        value.encode()
    except UnicodeEncodeError as error:
        shown = name.encode("ascii", "replace").decode()
        raise BadRequest(f"{shown} is no valid UTF-8 text", field=shown) from error


def parse_choice(given: dict[str, str], name: str, choices: Sequence[str], default: str) -> Any:
    """One of `choices`, the default where it is missing or empty. Raises BadRequest."""
    value = given.get(name) or default
    if value not in choices:
        raise BadRequest(f"{name} {value[:64]!r} is not one of {', '.join(choices)}", field=name)
    return value


def parse_bots(given: dict[str, str]) -> Bots:
    """Which of people and bots count. Raises BadRequest."""
    return cast(Bots, parse_choice(given, "bots", BOTS, "exclude"))


def _comparison(given: dict[str, str]) -> Comparison | None:
    if not given.get("compare"):
        return None
    return cast(Comparison, parse_choice(given, "compare", COMPARISONS, ""))


def parse_whole(text: str | None, name: str, default: int, least: int, most: int) -> int:
    """A whole number of a parameter, the default where it is not given. Raises BadRequest."""
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or not least <= int(text) <= most:
        raise BadRequest(
            f"{name} {text[:32]!r} is not a whole number from {least} to {most}", field=name
        )
    return int(text)


def parse_optional(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """As parse_whole, and an empty value is a missing one."""
    return parse_whole(given.get(name) or None, name, default, least, most)


def _search(text: str) -> str:
    if len(text) > MAX_SEARCH:
        raise BadRequest(f"search is longer than {MAX_SEARCH} characters", field="search")
    return text


def _period(
    report: str, given: dict[str, str], website: Website, interval: Interval, now_ms: int
) -> Period:
    timezone = parse_timezone(given.get("timezone") or website.timezone)
    if report in _REALTIME:
        period = Period(timezone=timezone)
    else:
        period = parse_period(given.get("startAt") or None, given.get("endAt") or None, timezone)
    if report == "timeseries":
        period = window(period, interval, now_ms)
    return retained(period, website, now_ms)


def retained(period: Period, website: Website, now_ms: int) -> Period:
    """The period with the bound below which rows have outlived the website's retention."""
    if website.retain_days is None:
        return period
    return msgspec.structs.replace(period, floor_ms=now_ms - website.retain_days * _DAY_MS)


def parse_filters(params: Params) -> tuple[Filter, ...]:
    """The filters on sessions, `filter_…`. Raises BadRequest naming the wrong one."""
    found: list[Filter] = []
    for name, value in params:
        if not name.startswith("filter_"):
            continue
        dimension = FILTERS.get(name.removeprefix("filter_"))
        if dimension is None:
            raise _unknown_filter(name)
        found.append(parse_filter(dimension, value))
        if len(found) > MAX_FILTERS or sum(len(f.parts + f.patterns) for f in found) > MAX_LOOSE:
            raise BadRequest(
                f"{name}: too many filters; at most {MAX_FILTERS} with {MAX_LOOSE} '~' or '*'"
                " values together",
                field=name,
            )
    return tuple(dict.fromkeys(found))


def _unknown_filter(name: str) -> BadRequest:
    known = [f"filter_{filter_name}" for filter_name in FILTERS]
    closest = get_close_matches(name, known, n=1, cutoff=0.0)
    return BadRequest(
        f"unknown filter {name[:64]!r}; did you mean {closest[0]}? Filters: {', '.join(known)}",
        field=name[:64],
    )


def _fields(report: str, text: str | None) -> tuple[str, ...]:
    if not text or report not in ("overview", "timeseries"):
        return ()
    known = [
        metric.name
        for metric in METRICS.values()
        if (metric.is_in_overview if report == "overview" else metric.is_in_timeseries)
    ]
    always = ("name", "timestamp") if report == "timeseries" else ()
    found: list[str] = []
    for spelling in (part.strip() for part in text.split(",")):
        if spelling in ("revenueBreakdown", "revenue_breakdown") and report == "timeseries":
            spelling = "revenue"
        metric = BY_SPELLING.get(spelling)
        if metric is not None and metric.name in known:
            found.append(metric.name)
        elif spelling not in always:
            raise BadRequest(
                f"unknown field {spelling[:64]!r}; fields: {', '.join((*known, *always))}",
                field="fields",
            )
    return tuple(dict.fromkeys(found))


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
        raise BadRequest(f"{name}: realtime takes no filters; leave them out", field=name)
    if not question.compare:
        return
    if question.report != "overview":
        raise BadRequest("compare works with overview only", field="compare")
    if question.period.start_ms == START_OF_TIME:
        raise BadRequest("compare needs startAt, the period's beginning", field="compare")
    if question.period.end_ms == END_OF_TIME and question.period.start_ms >= question.now_at:
        raise BadRequest("startAt lies in the future; give an endAt after it", field="startAt")
