"""Periods by name, as people say them: `last_30_days`, `this_month`."""

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

_DAY = timedelta(days=1)
_DAYS = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}


def dates_of(name: PeriodName, timezone: str, now_ms: int) -> dict[str, str]:
    """`startAt` and `endAt` of a period, in an IANA time zone; empty for `all_time`."""
    now = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(timezone))
    if name == "all_time":
        return {}
    if name == "last_24_hours":
        # Hours of the absolute clock: a day on which the clock changes has 24 of them, too.
        start = datetime.fromtimestamp(now_ms / 1000 - 23 * 3600, now.tzinfo)
        return {"startAt": _hour(start), "endAt": now.isoformat(timespec="seconds")}
    first, last = _days(name, now.date())
    return {"startAt": first.isoformat(), "endAt": last.isoformat()}


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
            return _year_before(today), yesterday
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


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)
