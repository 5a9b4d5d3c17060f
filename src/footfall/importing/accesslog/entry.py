"""What a log line says about a request, in any format."""

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

Fault = Literal["format", "time", "client", "request", "future", "address"]
"""Why a line could not be read."""

FAULTS: dict[Fault, str] = {
    "format": "not in the log's format",
    "time": "without a valid time",
    "client": "without the address of a client",
    "request": "without a readable request",
    "future": "from the future",
    "address": "without a valid host or path",
}


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


Read: TypeAlias = Entry | Fault | None
"""An entry, why there is none, or None for a line that is not about a request at all."""

Reader: TypeAlias = Callable[[str], Read]
"""Reads a log's lines in their order: what one line says may matter for the next ones."""
