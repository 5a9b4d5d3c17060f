"""Periods and buckets: local days as instants. metrics.md, "Which rows a report covers" 2."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FOREVER = 1 << 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = 60_000


@dataclass(frozen=True)
class Period:
    """From `start` (inclusive) to `end` (exclusive), milliseconds."""

    start: int
    end: int

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end


def local_time(at: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone))


@lru_cache(maxsize=100_000)
def first_instant(day: date, zone: str) -> int:
    """The first millisecond of a local day: found by halving, whatever its clock did."""
    utc_midnight = (day - date(1970, 1, 1)).days * 86_400_000
    low, high = utc_midnight - 86_400_000, utc_midnight + 86_400_000
    while low < high:
        middle = (low + high) // 2
        if local_time(middle, zone).date() < day:
            low = middle + 1
        else:
            high = middle
    return low


def read_period(start_at: str | None, end_at: str | None, zone: str) -> Period:
    start = 0 if start_at is None else read_instant(start_at, zone)[0]
    end = FOREVER if end_at is None else read_instant(end_at, zone)[1]
    return Period(start, end)


def read_instant(text: str, zone: str) -> tuple[int, int]:
    """The first instant that the text covers and the first one after: by its own precision."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return first_instant(day, zone), first_instant(day + timedelta(days=1), zone)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    start = (moment - _EPOCH) // timedelta(milliseconds=1)
    if "." in text:
        return start, start + 1
    has_seconds = re.search(r"T\d\d:\d\d:\d\d", text)
    return start, start + (1000 if has_seconds else _MINUTE)


def buckets(period: Period, interval: str, zone: str) -> list[Period]:
    """Local hours, days, weeks or months, the first and the last cut at the period's ends."""
    found = []
    at = period.start
    while at < period.end:
        end = min(_next_bucket(at, interval, zone), period.end)
        found.append(Period(at, end))
        at = end
    return found


DEFAULT_BUCKETS = {"hour": 24, "day": 30, "week": 12, "month": 12}


def fill_in(period: Period, interval: str, zone: str, now_ms: int) -> Period:
    """contract.md: without dates 24 h, 30 days, 12 weeks or 12 months, to the bucket of now."""
    start, end = period.start, period.end
    if end == FOREVER:
        end = _next_bucket(now_ms, interval, zone)
    if start == 0:
        start = bucket_start(end - 1, interval, zone)
        for _ in range(DEFAULT_BUCKETS[interval] - 1):
            start = bucket_start(start - 1, interval, zone)
    return Period(start, end)


def bucket_start(at: int, interval: str, zone: str) -> int:
    """Where the whole bucket begins that holds this instant, cut or not."""
    if interval != "hour":
        return first_instant(_first_day(local_time(at, zone).date(), interval), zone)
    minute = at - at % _MINUTE
    while _hour_of(minute - 1, zone) == _hour_of(minute, zone):
        minute -= _MINUTE
    return minute


def _next_bucket(at: int, interval: str, zone: str) -> int:
    if interval == "hour":
        minute = at - at % _MINUTE + _MINUTE
        while _hour_of(minute, zone) == _hour_of(at, zone):
            minute += _MINUTE
        return minute
    first = _first_day(local_time(at, zone).date(), interval)
    if interval == "day":
        following = first + timedelta(days=1)
    elif interval == "week":
        following = first + timedelta(days=7)
    else:
        following = (first + timedelta(days=31)).replace(day=1)
    return first_instant(following, zone)


def _first_day(day: date, interval: str) -> date:
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def _hour_of(at: int, zone: str) -> tuple[date, int, timedelta | None]:
    """A local hour; the one that the clock shows twice in autumn is two."""
    local = local_time(at, zone)
    return local.date(), local.hour, local.utcoffset()


def stamp(at: int, zone: str) -> str:
    """ISO 8601 with the zone's offset."""
    return local_time(at, zone).isoformat(timespec="milliseconds" if at % 1000 else "seconds")
