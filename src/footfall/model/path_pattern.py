r"""Patterns of paths: `*` matches within a segment, `**` across segments, and a backslash makes
the next character literal, so `\*` is an asterisk."""

import re
from itertools import groupby

from footfall.model.errors import BadRequest
from footfall.model.escape import check_escapes, escape, tokens

MAX_STARS = 20

_ENCODED = re.compile(r"\\?((?:%[0-9A-Fa-f]{2})+)")


def has_star(text: str) -> bool:
    """Whether the text is a pattern: it holds an asterisk that is not escaped."""
    return "*" in text and "*" in tokens(text)


def check_pattern(text: str, field: str) -> None:
    """Raises BadRequest naming `field` for a malformed escape or too many asterisks."""
    check_escapes(text, field)
    if text.count("*") > MAX_STARS and tokens(text).count("*") > MAX_STARS:
        raise BadRequest(f"{field} {text[:64]!r} has more than {MAX_STARS} '*'", field=field)


def path_pattern(text: str) -> str:
    """RE2 for a path: '*' matches anything but '/', two or more match anything."""
    runs = (("".join(run), is_stars) for is_stars, run in groupby(tokens(text), "*".__eq__))
    return "^" + "".join(_stars(run) if is_stars else _literal(run) for run, is_stars in runs) + "$"


def decode_pattern(text: str) -> str:
    """The pattern with its percent-encoded characters decoded where they are valid UTF-8."""
    return _ENCODED.sub(_decode, text)


def _decode(match: re.Match[str]) -> str:
    try:
        return escape(bytes.fromhex(match[1].replace("%", "")).decode(), "*")
    except UnicodeDecodeError:
        return match[0]


def _stars(run: str) -> str:
    return "[^/]*" if run == "*" else ".*"


def _literal(run: str) -> str:
    return "".join(_escape(token[-1]) for token in tokens(run))


def _escape(character: str) -> str:
    if character == "\0":
        return r"\x00"
    is_special = character.isascii() and character.isprintable() and not character.isalnum()
    return "\\" + character if is_special and character not in " _" else character
