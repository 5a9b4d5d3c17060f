"""The period that a report covers, and its cutting into local hours, days, weeks and months."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from footfall.model.errors import BadRequest

Interval = Literal["hour", "day", "week", "month"]
INTERVALS: tuple[str, ...] = get_args(Interval)
MAX_BUCKETS = 10_000
YEARS = range(1970, 2201)

END_OF_TIME = 2**43
START_OF_TIME = -END_OF_TIME
"""The bounds of a period that has none. They include everything that is stored and every date that
is accepted (1691 to 2248)."""

_DEFAULT_BUCKETS: dict[str, int] = {"hour": 24, "day": 30, "week": 12, "month": 12}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR = "(?:19[7-9][0-9]|2[01][0-9]{2}|2200)"
_LEAP_YEAR = (
    "(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26])"
    "|21(?:0[48]|[2468][048]|[13579][26]))"
)
_LONG_MONTHS = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT_MONTHS = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
DAY_PATTERN = (
    f"(?:{_YEAR}-(?:{_LONG_MONTHS}|{_SHORT_MONTHS}|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
"""A regular expression for exactly the days that a period can be given with, for documents."""
_HOUR = "(?:[01][0-9]|2[0-3])"
MOMENT_PATTERN = (
    f"{DAY_PATTERN}(?:[Tt ]{_HOUR}:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{{1,9}})?)?"
    f"(?:[Zz]|[+ -]{_HOUR}(?::?[0-5][0-9])?)?)?"
)
"""The same for a date with or without a time."""
_FORMS = "2026-01-31, 2026-01-31T18:30:00Z or 2026-01-31T18:30:00+02:00"
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"(?:([Zz])|([+\- ])(\d\d):?(\d\d)?)?)?",
    re.ASCII,
)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """start_ms ≤ t < end_ms, in `timezone` (IANA name).

    `floor_ms`: rows before it have outlived the website's retention and count nowhere.
    `first_day` and `last_day` are set where the bounds were given as dates.
    """

    start_ms: int = START_OF_TIME
    end_ms: int = END_OF_TIME
    timezone: str = "UTC"
    floor_ms: int = START_OF_TIME
    first_day: date | None = None
    last_day: date | None = None

    @property
    def from_ms(self) -> int:
        return max(self.start_ms, self.floor_ms, START_OF_TIME)

    @property
    def to_ms(self) -> int:
        return min(max(self.end_ms, START_OF_TIME), END_OF_TIME)


class Bucket(msgspec.Struct, frozen=True):
    """One step of a timeseries: its first instant, that written with the zone's offset, a label."""

    start_ms: int
    timestamp: str
    name: str


def parse_timezone(name: str, field: str = "timezone") -> str:
    if name not in _timezones():
        raise BadRequest(
            f"{field} {name[:64]!r} is not an IANA time zone such as Europe/Vienna or UTC",
            field=field,
        )
    return name


def parse_period(
    start_at: str | None,
    end_at: str | None,
    timezone: str,
    fields: tuple[str, str] = ("startAt", "endAt"),
) -> Period:
    """The period between two ISO 8601 dates or datetimes, each of which may be missing.

    Without an offset they are local to `timezone`. `end_at` covers its own precision: a date the
    whole day, a minute the whole minute. Raises BadRequest naming the parameter, by `fields`.
    """
    zone = ZoneInfo(timezone)
    period = Period(timezone=timezone)
    if start_at is not None:
        first_ms, _, day = _parse_moment(start_at, fields[0], zone)
        period = msgspec.structs.replace(period, start_ms=first_ms, first_day=day)
    if end_at is not None:
        _, past_ms, day = _parse_moment(end_at, fields[1], zone)
        period = msgspec.structs.replace(period, end_ms=past_ms, last_day=day)
    if period.start_ms >= period.end_ms:
        raise BadRequest(f"{fields[0]} {start_at} is after {fields[1]} {end_at}", field=fields[0])
    return period


def window(period: Period, interval: Interval, now_at: int) -> Period:
    """Fill in the bounds a timeseries was not given: it ends with the bucket that holds now and
    goes back 24 hours, 30 days, 12 weeks or 12 months. Raises BadRequest if it has no length."""
    zone = ZoneInfo(period.timezone)
    start_ms, end_ms = period.start_ms, period.end_ms
    if end_ms == END_OF_TIME:
        end_ms = _next_start(_bucket_key(now_at, zone, interval), now_at, zone, interval)
    if start_ms == START_OF_TIME:
        start_ms = end_ms - 1
        for _ in range(_DEFAULT_BUCKETS[interval] - 1):
            start_ms = _first_of(start_ms, zone, interval) - 1
        start_ms = _first_of(start_ms, zone, interval)
    if start_ms >= end_ms:
        raise BadRequest("startAt is in the future; give an endAt after it", field="startAt")
    return in_days(msgspec.structs.replace(period, start_ms=start_ms, end_ms=end_ms))


def in_days(period: Period) -> Period:
    """The period with its first and last day, if it begins and ends with a local day."""
    zone = ZoneInfo(period.timezone)
    first = local_time(period.start_ms, zone).date()
    last = local_time(period.end_ms - 1, zone).date()
    is_whole = period.start_ms == midnight(first, zone)
    if not is_whole or period.end_ms != midnight(last + timedelta(days=1), zone):
        return period
    return msgspec.structs.replace(period, first_day=first, last_day=last)


def of_days(period: Period, first: date, last: date) -> Period:
    """The local days from `first` to `last`, in the zone of `period`."""
    zone = ZoneInfo(period.timezone)
    return msgspec.structs.replace(
        period,
        start_ms=midnight(first, zone),
        end_ms=midnight(last + timedelta(days=1), zone),
        first_day=first,
        last_day=last,
    )


def cut(period: Period, interval: Interval) -> list[Bucket]:
    """The local hours, days, weeks (from Monday) or months of a period, in order; the first and
    the last are cut at its ends. Raises BadRequest for more than 10,000."""
    zone = ZoneInfo(period.timezone)
    buckets: list[Bucket] = []
    at = period.start_ms
    while at < period.end_ms:
        if len(buckets) == MAX_BUCKETS:
            raise BadRequest(
                f"that is more than {MAX_BUCKETS:,} {interval}s; choose a longer interval or"
                " a shorter period",
                field="interval",
            )
        buckets.append(bucket_at(at, zone, interval))
        at = _next_start(_bucket_key(at, zone, interval), at, zone, interval)
    return buckets


def write_moment(at: int, timezone: str = "UTC") -> str:
    """ISO 8601 with the zone's offset; milliseconds only where there are some."""
    local = local_time(at, ZoneInfo(timezone))
    return local.isoformat(timespec="milliseconds" if at % 1000 else "seconds")


def timezone_names() -> tuple[str, ...]:
    """The IANA zones that are known here, in alphabetical order."""
    return tuple(sorted(_timezones()))


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "posixrules", "Factory"}


def _parse_moment(text: str, field: str, zone: ZoneInfo) -> tuple[int, int, date | None]:
    """First instant meant, the instant after the last one, and the day if it was a date."""
    found = _MOMENT.fullmatch(text)
    if not found:
        raise BadRequest(
            f"{field} {text[:40]!r} is not an ISO 8601 date; write {_FORMS}", field=field
        )
    year, month, day, hour, minute, second, fraction, utc, sign, off_h, off_m = found.groups()
    try:
        on = date(int(year), int(month), int(day))
        clock = time(int(hour or 0), int(minute or 0), int(second or 0))
        offset = timedelta(hours=int(off_h or 0), minutes=int(off_m or 0))
    except ValueError as error:
        raise BadRequest(f"{field} {text!r} is not a valid date: {error}", field=field) from error
    if on.year not in YEARS:
        raise BadRequest(f"{field} {text!r} is outside 1970 to 2200", field=field)
    if hour is None:
        return midnight(on, zone), midnight(on + timedelta(days=1), zone), on
    if offset >= timedelta(hours=24) or int(off_m or 0) > 59:
        raise BadRequest(f"{field} {text!r} has an invalid offset; write {_FORMS}", field=field)
    wall = datetime.combine(on, clock)
    if utc or sign:
        instant = ms_of(wall.replace(tzinfo=UTC) - (-offset if sign == "-" else offset))
        first = last = instant
    else:
        both = [ms_of(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
        first, last = min(both), max(both)  # a wall time that occurs twice, or never
    return (*_with_precision(first, last, second, fraction), None)


def _with_precision(
    first: int, last: int, second: str | None, fraction: str | None
) -> tuple[int, int]:
    if second is None:
        return first, last + 60_000
    if fraction is None:
        return first, last + 1000
    ms = int(fraction[:3].ljust(3, "0"))
    is_finer = bool(fraction[3:].strip("0"))
    return first + ms + is_finer, last + ms + int(10 ** max(0, 3 - len(fraction)))


def ms_of(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def local_time(at: int, zone: ZoneInfo) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local day, also where clocks skip midnight."""
    at = ms_of(datetime.combine(day, time(), tzinfo=zone))
    local = local_time(at, zone)
    if local.replace(tzinfo=None) == datetime.combine(day, time()):
        return at
    before = at - 86_400_000
    return first_after(before, at, lambda instant: local_time(instant, zone).date() >= day)


def first_after(before: int, after: int, is_past: Callable[[int], bool]) -> int:
    """The first whole second in (before, after] for which `is_past` holds; it holds for after."""
    low, high = before // 1000, after // 1000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_past(middle * 1000) else (middle, high)
    return high * 1000


_Key = tuple[date, int, timedelta]


def _bucket_key(at: int, zone: ZoneInfo, interval: Interval) -> _Key:
    """What all instants of a bucket share: for hours also the offset, so that the hour that
    occurs twice in autumn is two."""
    local = local_time(at, zone)
    day = local.date()
    if interval == "hour":
        return day, local.hour, local.utcoffset() or timedelta()
    if interval == "week":
        day -= timedelta(days=day.weekday())
    elif interval == "month":
        day = day.replace(day=1)
    return day, 0, timedelta()


def _next_start(key: _Key, at: int, zone: ZoneInfo, interval: Interval) -> int:
    """The first instant after the bucket `key` that holds `at`."""
    day, hour, offset = key
    if interval == "hour":
        full = datetime.combine(day, time(hour), tzinfo=UTC) - offset + timedelta(hours=1)
        then = ms_of(full)
        if local_time(then - 1, zone).utcoffset() == offset:
            return then
        return first_after(at, then, lambda t: local_time(t, zone).utcoffset() != offset)
    step = {"day": 1, "week": 7, "month": 32}[interval]
    following = day + timedelta(days=step)
    then = midnight(following.replace(day=1) if interval == "month" else following, zone)
    while then <= at:  # a local day that was skipped altogether
        following += timedelta(days=1)
        then = midnight(following, zone)
    return then


def _first_of(at: int, zone: ZoneInfo, interval: Interval) -> int:
    """The first instant of the bucket that holds `at`."""
    day, hour, offset = _bucket_key(at, zone, interval)
    if interval != "hour":
        return midnight(day, zone)
    full = ms_of(datetime.combine(day, time(hour), tzinfo=UTC) - offset)
    if local_time(full, zone).utcoffset() == offset:
        return full
    return first_after(full, at, lambda t: local_time(t, zone).utcoffset() == offset)


def bucket_at(at: int, zone: ZoneInfo, interval: Interval) -> Bucket:
    """The bucket that begins at an instant, which it may be cut at."""
    local = local_time(at, zone)
    month = _MONTHS[local.month - 1]
    if interval == "hour":
        name = f"{local:%H:%M}"
    elif interval == "month":
        name = f"{month} {local.year}"
    else:
        name = f"{local.day:02d} {month}"
    return Bucket(at, write_moment(at, zone.key), name)
