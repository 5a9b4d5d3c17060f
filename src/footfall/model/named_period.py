"""Periods by name, as people say them: `last_30_days`, `this_month`."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

PeriodName = Literal[
    "today",
    "yesterday",
    "last_24_hours",
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "last_12_months",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_year",
    "last_year",
    "all_time",
]
PERIOD_NAMES: tuple[PeriodName, ...] = get_args(PeriodName)
PERIOD_RULE = (
    "last_7_days, last_30_days, last_90_days and last_12_months are complete days and end with"
    " yesterday; this_week, this_month and this_year end with today; weeks begin on Monday"
)
PERIOD_SHORT = (
    "In place of dates, in the website's time zone: last_…_days end with yesterday, this_… with"
    " today"
)

BACK = re.compile(r"([1-9][0-9]{0,3})(h|d|w|mo|y)")
"""A period that reaches back: 24h, 30d, 4w, 12mo, 1y."""
BACK_RULE = (
    "Days (30d), weeks (4w), months (12mo) and years (1y) are complete days and end with yesterday;"
    " hours (24h) end now"
)

_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)  # the API knows no earlier day
_MONTHS = {"mo": 1, "y": 12}
_DAYS = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}


def dates_of(name: PeriodName, timezone: str, now_ms: int) -> dict[str, str]:
    """`startAt` and `endAt` of a period, in an IANA time zone; empty for `all_time`."""
    if name == "all_time":
        return {}
    if name == "last_24_hours":
        return _hours_back(24, timezone, now_ms)
    return _dates(*_days(name, _today(timezone, now_ms)))


def dates_back(text: str, timezone: str, now_ms: int) -> dict[str, str] | None:
    """`startAt` and `endAt` of a period such as 30d, see BACK; None if it is not one."""
    found = BACK.fullmatch(text)
    if found is None:
        return None
    number, unit = int(found[1]), found[2]
    if unit == "h":
        return _hours_back(number, timezone, now_ms)
    today = _today(timezone, now_ms)
    if unit in _MONTHS:
        first = _months_before(today, number * _MONTHS[unit])
    else:
        first = today - number * (7 if unit == "w" else 1) * _DAY
    return _dates(max(first, _EPOCH), today - _DAY)


def _today(timezone: str, now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(timezone)).date()


def _dates(first: date, last: date) -> dict[str, str]:
    return {"startAt": first.isoformat(), "endAt": last.isoformat()}


def _hours_back(hours: int, timezone: str, now_ms: int) -> dict[str, str]:
    """Hours of the absolute clock: a day on which the clock changes has 24 of them, too."""
    now = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(timezone))
    start = datetime.fromtimestamp(now_ms / 1000 - (hours - 1) * 3600, now.tzinfo)
    return {"startAt": _hour(start), "endAt": now.isoformat(timespec="seconds")}


def _hour(moment: datetime) -> str:
    return moment.replace(minute=0, second=0, microsecond=0).isoformat(timespec="seconds")


def _days(name: PeriodName, today: date) -> tuple[date, date]:
    """The first and the last day of a period that consists of days."""
    yesterday, monday = today - _DAY, today - today.weekday() * _DAY
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    if name in _DAYS:
        return today - _DAYS[name] * _DAY, yesterday
    match name:
        case "yesterday":
            return yesterday, yesterday
        case "last_12_months":
            return _months_before(today, 12), yesterday
        case "this_week":
            return monday, today
        case "last_week":
            return monday - 7 * _DAY, monday - _DAY
        case "this_month":
            return month, today
        case "last_month":
            return (month - _DAY).replace(day=1), month - _DAY
        case "this_year":
            return year, today
        case "last_year":
            return (year - _DAY).replace(month=1, day=1), year - _DAY
    return today, today


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < _EPOCH.year:
        return _EPOCH
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
