"""What a format of files is: data by which the one job imports them."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from footfall.catalog import Salts
from footfall.model.errors import BadRequest
from footfall.model.event import DropReason
from footfall.model.hit import Hit
from footfall.model.website import Website

Fault = Literal["format", "time", "client", "request", "future", "address"]
"""Why a row could not be read."""

FAULTS: dict[Fault, str] = {
    "format": "not in the file's format",
    "time": "without a valid time",
    "client": "without the address of a client",
    "request": "without a readable request",
    "future": "from the future",
    "address": "without a valid host or path",
}


class Importable(Protocol):
    """What a row says, kept small until it is the row's turn: many rows wait to be sorted."""

    def to_hit(self, website: Website, salts: Salts) -> Hit:
        """The hit; `salts` are those of the UTC day of the row. Raises BadRequest."""


class Row(NamedTuple):
    """What one row of a file is. `occurred_at` is 0 where the row could not be read."""

    occurred_at: int  # ms since 1970
    outcome: Importable | DropReason
    fault: Fault | None = None  # why the outcome is `invalid`
    format: str = ""  # which of the formats that share a reader it has; '' where none do

    @property
    def is_readable(self) -> bool:
        return self.occurred_at > 0


Reader: TypeAlias = Callable[[bytes], Row | None]
"""Reads a file's lines in their order, without line ends. Never raises.

A reader may keep what earlier lines said. It answers None for a line that is not a row: a header
or a comment, or the first part of a row that goes on in the next line.
"""


class Format(msgspec.Struct, frozen=True):
    """One format. A file has the format whose reader can read most of its lines."""

    name: str  # as in --format
    label: str
    new_reader: Callable[[], Reader]  # formats that share a reader share this function


class Unsupported(msgspec.Struct, frozen=True):
    """A format that we recognize and do not read, with what to do about it."""

    label: str
    pattern: re.Pattern[str]
    advice: str


class Formats(msgspec.Struct, frozen=True):
    """All formats of one kind of file, such as access logs."""

    known: tuple[Format, ...]
    unsupported: tuple[Unsupported, ...]
    advice: str  # what to do with a file that has none of them

    @property
    def names(self) -> str:
        return ", ".join(row.name for row in self.known)

    def find(self, name: str) -> Format:
        """The format of this name. Raises BadRequest that lists them all."""
        for row in self.known:
            if row.name == name.lower():
                return row
        raise BadRequest(
            f"format: {name!r} is not a known format; choose one of {self.names}", field="format"
        )
