"""The time of a log line, in the spellings that logs use."""

import re
from calendar import monthrange, timegm
from datetime import UTC, datetime
from functools import lru_cache

from footfall.model.event import EARLIEST_AT

_COMMON = re.compile(
    r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d)(\d\d)"
)
_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_MAX_OFFSET_H = 14
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?")
_DATE_LENGTH = len("2026-11-28")
_FAR_AHEAD_S = 1e11  # as seconds, the year 5138: a greater number counts something smaller


@lru_cache(4_096)
def parse_common_time(text: str) -> int:
    """Milliseconds since 1970 of "17/May/2015:10:05:03 +0000"; 0 if it is not a valid time.

    A time before 2000 comes from a clock that was not set, and is not valid either.
    """
    match = _COMMON.fullmatch(text)
    if match is None:
        return 0
    day, year, hour, minute, second, offset_h, offset_min = (
        int(match[index]) for index in (1, 3, 4, 5, 6, 8, 9)
    )
    month = _MONTHS.get(match[2], 0)
    if not month or year < 1970 or not 1 <= day <= monthrange(year, month)[1]:
        return 0
    if hour > 23 or minute > 59 or second > 60 or offset_h > _MAX_OFFSET_H or offset_min > 59:
        return 0
    offset_s = (offset_h * 60 + offset_min) * 60
    local_s = timegm((year, month, day, hour, minute, second))
    return _not_too_early((local_s - (offset_s if match[7] == "+" else -offset_s)) * 1000)


@lru_cache(4_096)
def parse_iso_time(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time, UTC where it has no offset; 0 if invalid.

    A date alone is not a time.
    """
    text = text.strip()
    if len(text) <= _DATE_LENGTH:
        return 0
    try:
        moment = datetime.fromisoformat(text.replace("/", "-").replace(",", "."))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return _not_too_early(int(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        return 0


def parse_time(value: object) -> int:
    """The time of a JSON field: a number (s, ms, µs or ns since 1970), or text in any spelling."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return parse_common_time(value.strip("[]")) or parse_iso_time(value)
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e20:
        return 0
    while value >= _FAR_AHEAD_S:
        value /= 1000
    return _not_too_early(round(value * 1000))


def _not_too_early(at: int) -> int:
    return at if at >= EARLIEST_AT else 0
