r"""A filter and the grammar of its value.

    v      is              !v      is not
    a|b    any of          !a|b    none of
    ~v     contains        !~v     contains none

A comma separates values like '|' where a dimension's values cannot hold one. In a path '*'
matches within a segment and '**' across segments. A backslash makes the next character literal.
Before the first character it also means that the value is only itself: `\Unknown` is the campaign
of that name, while `Unknown` includes sessions without a campaign.
"""

import re
from collections.abc import Iterable

import msgspec

from footfall.model.country import COUNTRY_CODES, country_code, country_name
from footfall.model.dimension import Dimension
from footfall.model.errors import BadRequest
from footfall.model.escape import check_escapes, escape, split, strip, unescape
from footfall.model.hostname import clean_host, host_in, to_ascii
from footfall.model.known_source import domain_of_name, main_domain
from footfall.model.page_path import decode_path
from footfall.model.path_pattern import check_pattern, decode_pattern, has_star, path_pattern
from footfall.model.text import hide_secrets, one_line

MAX_VALUES = 200
MAX_LENGTH = 8192

_URL = re.compile(r"https?://([^/\\?#]*)((?:\\.|[^?#\\])*)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_EDGE_SPACE = re.compile(r"\A\s|\s\Z")
_REGION_CODE = re.compile(r"[A-Za-z]{2}-[A-Za-z0-9]{1,3}")


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
    patterns = [v for v in wanted if dimension.is_path and has_star(v)]
    plain = [v for v in wanted if v not in patterns]
    return Filter(
        dimension=dimension.name,
        is_negated=is_negated,
        values=_unique(stored for value in plain for stored in _stored(dimension, value)),
        patterns=_unique(pattern for value in patterns for pattern in _patterns(value)),
        codes=_unique(code for value in plain for code in _codes(dimension, value)),
    )


def escape_filter_value(dimension: Dimension, value: str) -> str:
    """The text by which a filter selects exactly the sessions of the row `value` of a list."""
    text = _EDGE_SPACE.sub(r"\\\g<0>", escape(value, "|,*!~"))
    is_name = dimension.name == "country" or value == dimension.missing
    if is_name or text.startswith("\\"):
        return text
    is_exact = _stored(dimension, text) == (value,) and not _codes(dimension, text)
    return text if is_exact else f"\\{text}"


def _split(dimension: Dimension, text: str) -> list[str]:
    """The values as they are written, with their backslashes."""
    name = f"filter_{dimension.name}"
    if len(text) > MAX_LENGTH:
        raise BadRequest(f"{name} is longer than {MAX_LENGTH} characters", field=name)
    check_escapes(text, name)
    values = split(text, "|,") if dimension.comma_separates else split(text, "|")
    if dimension.comma_separates:
        values = [strip(value) for value in values]
    if not all(values):
        raise BadRequest(
            f"{name} has an empty value; write v, !v, a|b, !a|b, ~v or !~v, and"
            f" {dimension.missing or 'Unknown'!r} for a missing one",
            field=name,
        )
    if dimension.name == "country":
        values = [country for value in values for country in _countries(value)]
    if len(values) > MAX_VALUES:
        raise BadRequest(f"{name} has more than {MAX_VALUES} values", field=name)
    if dimension.is_path:
        for value in values:
            check_pattern(value, name)
    return values


def _countries(text: str) -> list[str]:
    """The countries between commas, some of whose official names hold a comma themselves."""
    pieces, found = split(text, ","), []
    while pieces:
        sizes = range(len(pieces), 1, -1)
        is_name = (n for n in sizes if country_code(unescape(",".join(pieces[:n]))))
        size = next(is_name, 1)
        found.append(strip(",".join(pieces[:size])))
        del pieces[:size]
    return [value for value in found if value]


def _containing(dimension: Dimension, wanted: list[str], is_negated: bool) -> Filter:
    """The missing fact reads Unknown (or Direct/None), so '~know' finds it."""
    parts = [unescape(part) for part in wanted]
    named = [unescape(part) for part in wanted if not part.startswith("\\")]
    found = [""] if any(_is_in(dimension, part, _missing(dimension)) for part in named) else []
    if dimension.name == "country":
        found += [
            code
            for code in COUNTRY_CODES
            if any(_is_in(dimension, part, country_name(code)) for part in parts)
        ]
        return Filter(dimension=dimension.name, is_negated=is_negated, values=_unique(found))
    if dimension.is_host:
        parts = [to_ascii(part) or part for part in parts]
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


def _codes(dimension: Dimension, written: str) -> tuple[str, ...]:
    """The code that a value may be, where the dimension has codes."""
    is_code = dimension.code_column and _REGION_CODE.fullmatch(written)
    return (written.upper(),) if is_code else ()


def _stored(dimension: Dimension, written: str) -> tuple[str, ...]:
    """What the store may hold for a value that a person writes."""
    value = unescape(written)
    if dimension.name == "country":
        is_missing = value.casefold() == "unknown"
        return ("", value) if is_missing else (country_code(value) or value,)
    if written.startswith("\\"):
        return (value,)
    folded = value.casefold() if dimension.is_case_insensitive else value
    missing = _missing(dimension)
    if missing and folded == (missing.casefold() if dimension.is_case_insensitive else missing):
        return ("", value)
    if dimension.is_path:
        return _paths(written)
    if dimension.name == "hostname":
        return (host_in(value),)
    if dimension.name == "referrer":
        host, domain = host_in(value).removeprefix("www."), domain_of_name(value)
        return _unique((host, main_domain(host), *([domain] if domain else [])))
    if dimension.name == "browser" and folded == "safari":
        return (value, "Mobile Safari")
    return _unique((value, hide_secrets(one_line(value))))


def _paths(written: str) -> tuple[str, ...]:
    """The path of a full URL as the collector stores it; a path both as written and decoded."""
    path = _path_in(written)
    if path is not None:
        return (decode_path(unescape(path)),)
    value = unescape(written)
    return _unique((value, decode_path(value))) if value.startswith("/") else (value,)


def _patterns(written: str) -> tuple[str, ...]:
    if written.startswith("\\"):
        return (path_pattern(written),)
    path = _path_in(written) or written
    return _unique(map(path_pattern, (path, decode_pattern(path))))


def _path_in(written: str) -> str | None:
    """The path of a full URL, still escaped and encoded; None for anything else."""
    match = _URL.fullmatch(written)
    return match[2] or "/" if match and clean_host(match[1]) else None


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
