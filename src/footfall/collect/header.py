"""A request's headers, and the Forwarded header's own grammar."""

import re
from collections.abc import Iterable

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 – RFC 9110 calls a word so
_PAIR = re.compile(
    rf'[ \t]*(?:({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;\\]+)))?[ \t]*(?:([,;])|$)'
)
_ESCAPED = re.compile(r"\\(.)")


class Headers:
    """The headers of a request by their lower-case names.

    A header may be repeated: its lines are one list, in the order in which they came (RFC 9110,
    section 5.3).
    """

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        """`raw` is an ASGI scope's `headers`."""
        given = [*raw]
        self._values = dict(given)  # quicker than lists, and few requests repeat a header
        self._repeated: dict[bytes, list[bytes]] = {}
        if len(self._values) < len(given):
            for name, value in given:
                self._repeated.setdefault(name, []).append(value)

    def __contains__(self, name: bytes) -> bool:
        return name in self._values

    def lines(self, name: bytes) -> list[str]:
        """The header's lines, none where it is missing."""
        if name not in self._values:
            return []
        return [line.decode("latin-1") for line in self._repeated.get(name, [self._values[name]])]

    def text(self, name: bytes) -> str:
        """The whole list as one line, '' where the header is missing."""
        if self._repeated:
            return ", ".join(self.lines(name))
        value = self._values.get(name)
        return "" if value is None else value.decode("latin-1")


def accepts(accept_encoding: str, coding: str) -> bool:
    """Whether an Accept-Encoding header names a coding, and not with a quality of zero."""
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() == coding:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
    return False


def forwarded_for(lines: Iterable[str]) -> list[str]:
    """The `for` of each hop of a Forwarded header (RFC 7239), the client's side first.

    A hop without a `for` is '', and so is everything in a line from where it is malformed: a
    client that sends an open quote must not decide what a proxy's own words mean.
    """
    return [hop for line in lines for hop in _hops(line)]


def _hops(line: str) -> list[str]:
    hops: list[str] = []
    pairs: dict[str, str] = {}
    position = 0
    while True:
        found = _PAIR.match(line, position)
        name = found[1].lower() if found and found[1] else ""
        if found is None or name in pairs:
            return [*hops, ""]
        if name:
            quoted = found[2]
            pairs[name] = found[3] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if found[4] != ";" and pairs:
            hops.append(pairs.get("for", ""))
            pairs = {}
        if not found[4]:
            return hops
        position = found.end()
