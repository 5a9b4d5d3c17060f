"""Quoted fields of text logs, and the request line that is one of them."""

import re
from functools import lru_cache

from footfall.model.hostname import host_in

QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)'
"""A quoted field without the quote at its end. It may hold \\" and \\xHH."""

_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_UNESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
_REQUEST = re.compile(r"(\S{1,32}) (\S.*?)(?: HTTP/\d(?:\.\d)?)?", re.DOTALL)


def quoted(group: str) -> str:
    """The pattern of a quoted field, with its text as a named group."""
    return QUOTED.replace("(", f"(?P<{group}>", 1) + '"'


def unescape(field: str) -> str:
    """A quoted field as it was sent."""
    if "\\" not in field:
        return field
    return _ESCAPE.sub(_escaped_byte, field.encode()).decode("utf-8", "replace")


def plain_field(field: str) -> str:
    """A quoted field as it was sent, '' for "-"."""
    return "" if field == "-" else unescape(field)


def split_request(request: str) -> tuple[str, str]:
    """Method and target of "GET /a HTTP/1.1"; two times '' if it is not a request line."""
    match = _REQUEST.fullmatch(request)
    return (match[1], match[2]) if match else ("", "")


@lru_cache(1_024)
def plain_host(text: str) -> str:
    """A host without its port in its one spelling; '' where a server writes that it has none
    ("-", "_")."""
    name = text.strip().partition(":")[0]
    return "" if name in ("-", "_", "*") else host_in(text)


def _escaped_byte(match: re.Match[bytes]) -> bytes:
    digits, character = match.groups()
    if digits:
        return bytes((int(digits, 16),))
    return _UNESCAPED.get(character, character)
