"""What a log line says about a request, in any format."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from footfall.importing.format import Fault


class Entry(NamedTuple):
    """One request as its log has it. '' where the line says nothing; a status of 0 is unknown."""

    occurred_at: int  # ms since 1970
    method: str  # '' together with an empty target: the request line is garbage
    target: str  # as sent: path and query, or a full address
    status: int
    client: str  # an address in its one spelling, or a host name
    host: str = ""  # lower-case ASCII, without port
    referrer: str = ""
    user_agent: str | None = None  # None: the log's format has none
    format: str = ""  # which of the formats that share a reader it has


Read: TypeAlias = Entry | Fault | None
"""An entry, the fault, or None for a line that is not about a request."""

TextReader: TypeAlias = Callable[[str], Read]
"""Reads a log's lines in their order: a line may decide how the next ones are read."""
