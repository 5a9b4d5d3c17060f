"""A filter and the grammar of its value.

    v      is              !v      is not
    a|b    any of          !a|b    none of
    ~v     contains        !~v     contains none

A comma separates values like '|' where a dimension's values cannot hold one. In a path '*'
matches within a segment and '**' across segments.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

import msgspec

from footfall.model.country import COUNTRY_CODES, country_code, country_name
from footfall.model.dimension import Dimension
from footfall.model.errors import BadRequest
from footfall.model.known_source import domain_of_name

MAX_VALUES = 200
MAX_LENGTH = 8192
MAX_STARS = 20


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Keeps the sessions whose fact is one of `values`, holds one of `parts` or matches one of
    `patterns` (RE2, anchored); with `is_negated` the others.

    Values are as the store holds them: '' for a missing fact, a country's code, a domain.
    `codes` are tested on the dimension's `code_column`.
    """

    dimension: str
    is_negated: bool = False
    values: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def parse_filter(dimension: Dimension, text: str) -> Filter:
    """Read `text` by the grammar above. Raises BadRequest naming the parameter."""
    is_negated = text.startswith("!")
    rest = text[1:] if is_negated else text
    is_contains = rest.startswith("~")
    wanted = _split(dimension, rest[1:] if is_contains else rest)
    if is_contains:
        return _containing(dimension, wanted, is_negated)
    patterns = [v for v in wanted if dimension.is_path and "*" in v]
    plain = [v for v in wanted if v not in patterns]
    _check_stars(dimension, patterns)
    return Filter(
        dimension=dimension.name,
        is_negated=is_negated,
        values=_unique(stored for value in plain for stored in _stored(dimension, value)),
        patterns=_unique(path_pattern(_path(value)) for value in patterns),
        codes=_unique(v.upper() for v in plain if dimension.code_column and v != dimension.missing),
    )


def path_pattern(path: str) -> str:
    """RE2 for a path: '*' stands for anything but '/', two or more for anything."""
    pieces = re.split(r"(\*+)", path)
    return "^" + "".join(_piece(piece) for piece in pieces) + "$"


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*" if piece == "*" else ".*"
    return "".join(_escape(character) for character in piece)


def _escape(character: str) -> str:
    if character == "\0":
        return r"\x00"
    is_special = character.isascii() and character.isprintable() and not character.isalnum()
    return "\\" + character if is_special and character not in " _" else character


def _check_stars(dimension: Dimension, patterns: list[str]) -> None:
    if any(value.count("*") > MAX_STARS for value in patterns):
        name = f"filter_{dimension.name}"
        raise BadRequest(f"{name} has more than {MAX_STARS} '*' in one value", field=name)


def _split(dimension: Dimension, text: str) -> list[str]:
    name = f"filter_{dimension.name}"
    if len(text) > MAX_LENGTH:
        raise BadRequest(f"{name} is longer than {MAX_LENGTH} characters", field=name)
    separators = r"[|,]" if dimension.comma_separates else r"\|"
    values = re.split(separators, text)
    if dimension.comma_separates:
        values = [value.strip() for value in values]
    if not all(values):
        raise BadRequest(
            f"{name} has an empty value; write v, !v, a|b, !a|b, ~v or !~v, and"
            f" {dimension.missing or 'Unknown'!r} for a missing one",
            field=name,
        )
    if len(values) > MAX_VALUES:
        raise BadRequest(f"{name} has more than {MAX_VALUES} values", field=name)
    return values


def _containing(dimension: Dimension, parts: list[str], is_negated: bool) -> Filter:
    """The missing fact reads Unknown (or Direct/None), so '~know' finds it."""
    found = [""] if any(_is_in(dimension, part, _missing(dimension)) for part in parts) else []
    if dimension.name == "country":
        found += [
            code
            for code in COUNTRY_CODES
            if any(_is_in(dimension, part, country_name(code)) for part in parts)
        ]
        return Filter(dimension=dimension.name, is_negated=is_negated, values=_unique(found))
    return Filter(
        dimension=dimension.name,
        is_negated=is_negated,
        values=tuple(found),
        parts=_unique(parts),
    )


def _is_in(dimension: Dimension, part: str, text: str) -> bool:
    if dimension.is_case_insensitive:
        return part.casefold() in text.casefold()
    return bool(text) and part in text


def _missing(dimension: Dimension) -> str:
    """How a missing fact reads; '' where rows cannot lack it (a session either has it or not)."""
    if dimension.scope == "event":
        return ""
    return dimension.missing or "Unknown"


def _stored(dimension: Dimension, value: str) -> tuple[str, ...]:
    """What the store may hold for a value that a person writes."""
    folded = value.casefold() if dimension.is_case_insensitive else value
    missing = _missing(dimension)
    if missing and folded == (missing.casefold() if dimension.is_case_insensitive else missing):
        return ("", value)
    if dimension.is_path:
        return (_path(value),)
    if dimension.name == "country":
        return (country_code(value) or value,)
    if dimension.name == "referrer":
        domain = domain_of_name(value)
        return (folded.removeprefix("www."), *([domain] if domain else []))
    if dimension.name == "browser" and folded == "safari":
        return (value, "Mobile Safari")
    return (value,)


def _path(value: str) -> str:
    """The path of a full URL, decoded as the collector decodes it; a path as it is."""
    if not value.lower().startswith(("http://", "https://")):
        return value
    try:
        raw = urlsplit(value).path or "/"
    except ValueError:
        return value
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return raw


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
