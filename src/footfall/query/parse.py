"""Parameters → Question. Nothing that a caller sends is believed before it went through here."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, cast

import msgspec

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.errors import BadRequest
from footfall.model.filter import Filter, parse_filter
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
FIELD_REPORTS = ("overview", "timeseries")
_ALWAYS = ("name", "timestamp")
_BREAKDOWNS = ("revenueBreakdown", "revenue_breakdown")
_LISTS = frozenset({"fields", "dimension"})
SWITCHES = {"true": True, "false": False, "1": True, "0": False, "True": True, "False": False}
"""The values of a switch. Python's HTTP clients write the last two."""
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
        limit=parse_optional(
            given, "limit", _DEFAULT_LIMITS.get(report, DEFAULT_LIMIT), 1, MAX_LIMIT
        ),
        offset=parse_optional(given, "offset", 0, 0, MAX_OFFSET),
        search=_search(given.get("search", "")),
        bots=parse_bots(given),
        attribution=cast(Attribution, parse_choice(given, "attribution", ATTRIBUTIONS, "last")),
        compare=_comparison(given),
    )
    _check_together(question)
    return question


def single_values(params: Params, names: Collection[str]) -> dict[str, str]:
    """The values of those parameters among `names` that are given. A list may be repeated instead
    of having commas. Raises BadRequest for any other that is given with two values, and for any
    text that is not valid Unicode."""
    given: dict[str, str] = {}
    for name, value in params:
        _check_text(name, value)
        if name not in names:
            continue
        if name in given and name in _LISTS:
            value = f"{given[name]},{value}"
        elif given.get(name, value) != value:
            raise BadRequest(f"{name} is given twice; give it once", field=name)
        given[name] = value
    return given


def spelled(given: dict[str, str], *spellings: str) -> tuple[str, str | None]:
    """A parameter that has several names: the one it is given by (else the first) and its value,
    None where it is missing. Raises BadRequest where two names have different values."""
    found = {name: given[name] for name in spellings if name in given}
    if len(set(found.values())) > 1:
        name = next(iter(found))
        raise BadRequest(f"{' and '.join(found)} differ; give one of them", field=name)
    return next(iter(found.items()), (spellings[0], None))


def _check_text(name: str, value: str) -> None:
    try:
        name.encode()
        value.encode()
    except UnicodeEncodeError as error:
        shown = name.encode("ascii", "replace").decode()
        raise BadRequest(f"{shown} is no valid UTF-8 text", field=shown) from error


def parse_choice(given: dict[str, str], name: str, choices: Sequence[str], default: str) -> Any:
    """One of `choices`, the default where it is missing. Raises BadRequest."""
    value = given.get(name, default)
    if value not in choices:
        raise BadRequest(f"{name} {value[:64]!r} is not one of {', '.join(choices)}", field=name)
    return value


def parse_switch(given: dict[str, str], name: str) -> bool:
    """Whether a switch is on; off where it is missing. Raises BadRequest."""
    return SWITCHES[parse_choice(given, name, tuple(SWITCHES), "false")]


def parse_bots(given: dict[str, str]) -> Bots:
    """Which of people and bots count. Raises BadRequest."""
    return cast(Bots, parse_choice(given, "bots", BOTS, "exclude"))


def _comparison(given: dict[str, str]) -> Comparison | None:
    if "compare" not in given:
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
    """As parse_whole, of one of several parameters."""
    return parse_whole(given.get(name), name, default, least, most)


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


def field_spellings(report: str) -> tuple[str, ...]:
    """What `fields` may hold in a report that takes it: numbers in both spellings, and what rows
    have beside numbers."""
    metrics = _metrics(report)
    spelled = [text for metric in metrics for text in (metric.name, metric.alias)]
    beside = (*_ALWAYS, *_BREAKDOWNS) if report == "timeseries" else ()
    return tuple(dict.fromkeys((*spelled, *beside)))


def _metrics(report: str) -> list[Metric]:
    return [
        metric
        for metric in METRICS.values()
        if (metric.is_in_overview if report == "overview" else metric.is_in_timeseries)
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
            listed = ", ".join((*names, *(_ALWAYS if report == "timeseries" else ())))
            raise BadRequest(f"unknown field {spelling[:64]!r}; fields: {listed}", field="fields")
        if spelling not in _ALWAYS:
            name = "revenue" if spelling in _BREAKDOWNS else BY_SPELLING[spelling].name
            found.append(name)
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
