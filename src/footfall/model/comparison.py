"""The period that another is compared with, and which of its buckets belong together."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.period import (
    Bucket,
    Interval,
    Period,
    bucket_at,
    cut,
    first_after,
    local_time,
    midnight,
    ms_of,
    of_days,
)

ComparisonName = Literal["previous_period", "previous_year", "custom"]
COMPARISONS: tuple[str, ...] = get_args(ComparisonName)[:2]
"""Those that are asked for by name. A custom one is written as FROM..TO."""
Match = Literal["weekday"]
MATCHES: tuple[str, ...] = get_args(Match)

_WEEK = timedelta(days=7)
_WEEKS_OF_A_YEAR = 52
_DAY_MS = 86_400_000


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Which other period is asked for; `custom` is set where the caller gave it."""

    name: ComparisonName
    custom: Period | None = None
    matches_weekday: bool = False


class Other(msgspec.Struct, frozen=True):
    """The other period. `move` says for each instant of the first period what instant of the other
    one corresponds to it. `has_own_length`: it may end before or after what corresponds to the
    first."""

    period: Period
    move: Callable[[int], int]
    has_own_length: bool = False


def other_period(period: Period, comparison: Comparison) -> Other:
    """The period that `period`, which has both bounds, is compared with."""
    if comparison.custom is not None:
        return _custom(period, comparison.custom, comparison.matches_weekday)
    if comparison.matches_weekday:
        least = _WEEKS_OF_A_YEAR if comparison.name == "previous_year" else 1
        return _weeks_before(period, max(least, _weeks_of(period)))
    if comparison.name == "previous_year":
        return _year_earlier(period)
    return _shifted(period, previous_period(period))


def aligned(
    buckets: Sequence[Bucket], period: Period, other: Other, interval: Interval
) -> list[Bucket]:
    """The other period in buckets, each of which corresponds to the one of `buckets` at its index.

    A bucket of an hour that clocks skip is empty, and so are those at the end for which nothing is
    left. Where a custom period is shorter, buckets are missing at the end; where it is longer,
    further ones follow. Raises BadRequest for more than 10,000.
    """
    zone = ZoneInfo(period.timezone)
    end_ms = other.period.end_ms
    starts = [other.period.start_ms]
    for bucket in buckets[1:]:
        starts.append(max(starts[-1], min(other.move(bucket.start_ms), end_ms)))
    if not other.has_own_length:
        return [bucket_at(at, zone, interval) for at in starts]
    first, *following = starts
    found = [bucket_at(at, zone, interval) for at in (first, *(t for t in following if t < end_ms))]
    rest_ms = max(starts[-1], other.move(period.end_ms))
    if rest_ms < end_ms:
        found += cut(msgspec.structs.replace(other.period, start_ms=rest_ms), interval)
    return found


def previous_period(period: Period) -> Period:
    """The period of the same length directly before: whole local days if given in days."""
    if period.first_day and period.last_day:
        days = period.last_day - period.first_day + timedelta(days=1)
        return of_days(period, period.first_day - days, period.first_day - timedelta(days=1))
    length = period.end_ms - period.start_ms
    return msgspec.structs.replace(
        period,
        start_ms=period.start_ms - length,
        end_ms=period.start_ms,
        first_day=None,
        last_day=None,
    )


def previous_year(period: Period) -> Period:
    """The same local dates and times a year before; 29 February becomes the 28th."""
    if period.first_day and period.last_day:
        return of_days(period, _year_before(period.first_day), _year_before(period.last_day))
    zone = ZoneInfo(period.timezone)
    return msgspec.structs.replace(
        period,
        start_ms=_year_before_ms(period.start_ms, zone),
        end_ms=_end_a_year_before(period.end_ms, zone),
        first_day=None,
        last_day=None,
    )


def _year_earlier(period: Period) -> Other:
    """A period that begins on 28 February and ends on the 29th at an earlier time of day would end
    before it begins: it keeps its length."""
    zone = ZoneInfo(period.timezone)
    found = previous_year(period)
    if found.start_ms < found.end_ms:
        return Other(found, lambda at: _year_before_instant(at, zone))
    end_ms = found.start_ms + period.end_ms - period.start_ms
    return _shifted(period, msgspec.structs.replace(found, end_ms=end_ms))


def _weeks_of(period: Period) -> int:
    """How many weeks it takes at least to go back before the period, by the local clock."""
    if period.first_day and period.last_day:
        length = period.last_day - period.first_day + timedelta(days=1)
    else:
        zone = ZoneInfo(period.timezone)
        first, last = (local_time(at, zone) for at in (period.start_ms, period.end_ms))
        length = last.replace(tzinfo=None) - first.replace(tzinfo=None)
    return -(-length // _WEEK)


def _weeks_before(period: Period, weeks: int) -> Other:
    return _shifted(period, _moved(period, timedelta(weeks=-weeks)), timedelta(weeks=-weeks))


def _custom(period: Period, custom: Period, matches_weekday: bool) -> Other:
    found = _on_weekday(custom, period) if matches_weekday else custom
    other = _shifted(period, msgspec.structs.replace(found, floor_ms=period.floor_ms))
    return msgspec.structs.replace(other, has_own_length=True)


def _on_weekday(custom: Period, period: Period) -> Period:
    """Moved to the nearest day with the weekday on which `period` begins, on the side of it on
    which it is: a period before it stays before it."""
    zone = ZoneInfo(period.timezone)
    wanted, given = (local_time(each.start_ms, zone).weekday() for each in (period, custom))
    later = (wanted - given) % 7
    nearest = sorted((later, later - 7), key=abs)
    moved = [_moved(custom, timedelta(days=days)) for days in nearest]
    return next((each for each in moved if _side(each, period) == _side(custom, period)), moved[0])


def _side(other: Period, period: Period) -> int:
    return (other.start_ms >= period.end_ms) - (other.end_ms <= period.start_ms)


def _moved(period: Period, by: timedelta) -> Period:
    """The same dates and times of day, some days earlier or later."""
    if period.first_day and period.last_day:
        return of_days(period, period.first_day + by, period.last_day + by)
    zone = ZoneInfo(period.timezone)
    return msgspec.structs.replace(
        period,
        start_ms=_moved_instant(period.start_ms, by, zone),
        end_ms=_moved_instant(period.end_ms, by, zone),
        first_day=None,
        last_day=None,
    )


def _shifted(period: Period, other: Period, by: timedelta | None = None) -> Other:
    """Instants correspond by the local clock if both periods are given in days (or `by` says how
    many days lie between them), else by the time since the periods began."""
    zone = ZoneInfo(period.timezone)
    if by is None and period.last_day and other.last_day and period.first_day and other.first_day:
        by = other.first_day - period.first_day
    if by is not None:
        days = by
        return Other(other, lambda at: _moved_instant(at, days, zone))
    distance_s = (other.start_ms - period.start_ms) // 1000
    return Other(other, lambda at: at + distance_s * 1000)


def _moved_instant(at: int, by: timedelta, zone: ZoneInfo) -> int:
    local = local_time(at, zone)
    return _first_at(local.date() + by, local.time(), zone)


def _year_before_instant(at: int, zone: ZoneInfo) -> int:
    local = local_time(at, zone)
    return _first_at(_year_before(local.date()), local.time(), zone)


def _first_at(day: date, clock: time, zone: ZoneInfo) -> int:
    """The first instant at which the local clock shows this time, or a later one if clocks skip
    it."""
    if clock == time():
        return midnight(day, zone)
    wall = datetime.combine(day, clock.replace(fold=0))  # the first, if it occurs twice
    at = ms_of(wall.replace(tzinfo=zone))
    if local_time(at, zone).replace(tzinfo=None) == wall:
        return at
    return first_after(at - _DAY_MS, at, lambda t: local_time(t, zone).replace(tzinfo=None) >= wall)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def _end_a_year_before(at: int, zone: ZoneInfo) -> int:
    """Of a period that includes the whole 28 February of a leap year, and not the 29th, the other
    one includes the whole 28th, too."""
    day = local_time(at, zone).date()
    if (day.month, day.day) == (2, 29) and at == midnight(day, zone):
        return midnight(day.replace(year=day.year - 1, month=3, day=1), zone)
    return _year_before_ms(at, zone)


def _year_before_ms(at: int, zone: ZoneInfo) -> int:
    local = local_time(at, zone)
    return ms_of(datetime.combine(_year_before(local.date()), local.timetz()))
