"""Parameters → what every question has: period, zone, bots, filters, in both dialects."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.dimension import FILTERS
from footfall.model.errors import BadRequest
from footfall.model.filter import Filter, parse_filter
from footfall.model.period import Period, parse_period, parse_timezone
from footfall.model.question import BOTS, Asked, Bots
from footfall.model.website import Website
from footfall.query.parse.given import Params, parse_choice, single_values, spelled

DATES = (("dateFrom", "dateTo"), ("date_from", "date_to"))
"""The first and last day in the flow and funnel API's older and newer spelling."""
_BOUNDS = ("startAt", "endAt")
_SPELLINGS = (*DATES, _BOUNDS)
_NOT_SUPPORTED = ("user_filters", "behavior_filters", "source_filter", "channel_filter")
"""Parameters of the original that select people by their profile or their history."""
FILTER_RULE = (
    "`v` is, `!v` is not, `a|b` any of, `!a|b` none of, `~v` contains, `!~v` contains none."
    " A backslash makes the next character literal."
)
"""The grammar of a filter's value, in one sentence for people."""
MAX_FILTERS = 50
MAX_LOOSE = 200
"""Substrings and patterns in all filters together: each is tested on its own."""
_DAY_MS = 86_400_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def asked_of_days(
    params: Params, website: Website, now_ms: int, *, default_weeks: int | None = None
) -> Asked:
    """What the flow and funnel API asks: days in `timezone` (UTC), `bots`; no filters on sessions.

    The dates are required, unless `default_weeks` gives the length of the period without them, in
    weeks that include this one. Raises BadRequest naming the parameter as it is spelled.
    """
    _refuse(params, [f"filter_{name}" for name in FILTERS])
    given = single_values(params, {*sum(_SPELLINGS, ()), "timezone", "bots"})
    timezone = parse_timezone(given.get("timezone", "UTC"))
    fields, first, last = _days(given)
    if first is not None or last is not None or default_weeks is None:
        for field, day in zip(fields, (first, last), strict=True):
            _check_day(field, day or "")
        period = parse_period(first, last, timezone, fields)
    else:
        period = last_weeks(default_weeks, timezone, now_ms)
    return Asked(
        website=website,
        period=within_retention(period, website, now_ms),
        now_at=now_ms,
        bots=parse_bots(given),
    )


def asked_of_report(
    params: Params, website: Website, now_ms: int, *, default_weeks: int | None = None
) -> Asked:
    """What the web analytics API asks: `startAt`, `endAt`, `timezone` (the website's), `bots` and
    `filter_*`. Each API takes the other's names of the dates, too.

    Without dates the period is all time, or the last `default_weeks` weeks, including this one.
    Raises BadRequest naming the parameter.
    """
    _refuse(params)
    given = single_values(params, {*sum(_SPELLINGS, ()), "timezone", "bots"})
    timezone = parse_timezone(given.get("timezone", website.timezone))
    first_name, first = spelled(given, *(names[0] for names in reversed(_SPELLINGS)))
    last_name, last = spelled(given, *(names[1] for names in reversed(_SPELLINGS)))
    if first is not None or last is not None or default_weeks is None:
        period = parse_period(first, last, timezone, (first_name, last_name))
    else:
        period = last_weeks(default_weeks, timezone, now_ms)
    return Asked(
        website=website,
        period=within_retention(period, website, now_ms),
        now_at=now_ms,
        filters=parse_filters(params),
        bots=parse_bots(given),
    )


def _refuse(params: Params, names: Iterable[str] = ()) -> None:
    """Raises BadRequest for parameters that narrow the answer in the other API: ignoring them would
    answer another question than the caller asked."""
    refused = {*names, *_NOT_SUPPORTED}
    for name, value in params:
        if name in refused and value not in ("", "[]"):
            raise BadRequest(
                f"{name} is not supported here; leave it out, or write conditions in `filters`",
                field=name,
            )


def last_weeks(weeks: int, timezone: str, now_ms: int) -> Period:
    """Local weeks from Monday to Sunday. The last one is the current week, up to today."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
    today = moment.astimezone(ZoneInfo(timezone)).date()
    monday = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    return parse_period(monday.isoformat(), today.isoformat(), timezone)


def _days(given: dict[str, str]) -> tuple[tuple[str, str], str | None, str | None]:
    """The two dates with their names; a missing one is named in the spelling of the other."""
    first_name, first = spelled(given, *(names[0] for names in _SPELLINGS))
    last_name, last = spelled(given, *(names[1] for names in _SPELLINGS))
    newer = DATES[1]
    if first is None and last_name in newer:
        first_name = newer[0]
    if last is None and first_name in newer:
        last_name = newer[1]
    return (first_name, last_name), first, last


def _check_day(field: str, text: str) -> None:
    if not text:
        raise BadRequest(f"{field} is missing; give a date, as in 2026-01-31", field=field)
    if not _DAY.fullmatch(text):
        raise BadRequest(
            f"{field} {text[:64]!r} is not a valid date; write YYYY-MM-DD, as in 2026-01-31",
            field=field,
        )


def within_retention(period: Period, website: Website, now_ms: int) -> Period:
    """The period, bounded by the website's retention, and by the oldest day that a share link
    shows: older rows count nowhere."""
    floors = [] if website.retain_days is None else [now_ms - website.retain_days * _DAY_MS]
    if website.hidden_before_ms is not None:
        floors.append(website.hidden_before_ms)
    return msgspec.structs.replace(period, floor_ms=max(floors)) if floors else period


def parse_bots(given: dict[str, str]) -> Bots:
    """Whether people, bots or both count. Raises BadRequest."""
    return cast(Bots, parse_choice(given, "bots", BOTS, "exclude"))


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
