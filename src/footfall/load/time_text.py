"""Times in the rows of a batch: ISO text in UTC, which all versions of the engine read the same
way.

Numbers do not work: servers before 26.9 reject 1767268800.123 and read 1767268800 as milliseconds.
Earlier versions of Footfall wrote such numbers, in seconds; their spool and the rows that they set
aside are rewritten by `with_text_times`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = [f"{minute:02}:{second:02}" for minute in range(60) for second in range(60)]
_MILLISECONDS = [f"{number:03}" for number in range(1000)]
_decode_row = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.encode

TIME_PLACES: Mapping[str, tuple[int, ...]] = {
    "events": (1, 4),
    "sessions": (1, 7, 13, 15),
    "visits": (2,),
    "payments": (1, 8),
    "ingestion": (1,),
    "event_ids": (2,),
    "quarantine": (1,),
}
"""Table → which values of its rows are times. The first of them places the row in time."""


@lru_cache(maxsize=1024)  # an event and its session share most times
def time_text(at: int) -> str:
    """Milliseconds since 1970 as `2026-01-01 12:00:00.123`.

    A time outside the calendar becomes a text that the engine refuses, so that a wrong row is set
    aside and does not stop the batch.
    """
    return f"{_hour_text(at // 3_600_000)}{_SECONDS[at // 1000 % 3600]}.{_MILLISECONDS[at % 1000]}"


@lru_cache(maxsize=4096)
def _hour_text(hours: int) -> str:
    try:
        return str(_EPOCH + timedelta(hours=hours))[:14]
    except OverflowError:
        return f"{hours} hours since 1970, "


def read_time(value: object) -> int:
    """Milliseconds since 1970 of a time in a row: a text, or seconds in a row of an earlier
    version. 0 if it is not a time."""
    if isinstance(value, int | float):
        return round(value * 1000)
    try:
        at = datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return 0
    return round(at.timestamp() * 1000)


def with_text_times(table: str, lines: bytes) -> bytes:
    """Rows of an earlier version with their times as text; other rows as they are."""
    places = TIME_PLACES.get(table)
    if not places or not _has_numbers(lines.split(b"\n", 1)[0], places):
        return lines
    return b"\n".join(_convert(line, places) for line in lines.split(b"\n"))


def _has_numbers(line: bytes, places: tuple[int, ...]) -> bool:
    return not bytes(_decode_row(line)[places[0]]).startswith(b'"')


def _convert(line: bytes, places: tuple[int, ...]) -> bytes:
    row = _decode_row(line)
    for place in places:
        at = read_time(msgspec.json.decode(row[place]))
        row[place] = msgspec.Raw(_encode(time_text(at)))
    return _encode(row)
