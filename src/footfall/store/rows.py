"""What SELECTs answer, and on which rows a SELECT depends."""

from collections.abc import Mapping
from typing import Any

import msgspec

from footfall.model.json_text import MALFORMED
from footfall.store.error import EngineError


class Rows(msgspec.Struct, frozen=True):
    """The result of a SELECT: rows as lists, in the SELECT's order, and their cost.

    Decimals come as strings, 64-bit integers as integers, DateTime64 as the SELECT casts it
    (select `toUnixTimestamp64Milli(…)`).
    """

    rows: list[list[Any]]
    elapsed_s: float
    rows_read: int
    bytes_read: int


class Reads(msgspec.Struct, frozen=True):
    """The rows that decide what a SELECT answers: those of one website of which any time (start,
    report_at or occurred_at) is before `until_ms`, or all of them if that is None.

    `further` is a SELECT with its values whose only number (ms) is the latest time of rows that
    also matter, if it is after `until_ms`.
    """

    website_id: int
    until_ms: int | None
    further: tuple[str, Mapping[str, object]] | None = None


class _Statistics(msgspec.Struct):
    elapsed: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0


class _Reply(msgspec.Struct):
    data: list[list[Any]]
    statistics: _Statistics


decode_reply = msgspec.json.Decoder(_Reply).decode


def rows_of(body: bytes) -> Rows:
    """The rows of the engine's reply (JSONCompact). Raises EngineError."""
    try:
        reply = decode_reply(body)
    except MALFORMED as error:
        raise EngineError(f"the engine's answer cannot be read: {error}") from error
    stats = reply.statistics
    return Rows(reply.data, stats.elapsed, stats.rows_read, stats.bytes_read)
