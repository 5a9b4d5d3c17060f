"""The single parameters of a request: one value for each name, whole numbers, choices, switches."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from footfall.model.answer import Pagination
from footfall.model.errors import BadRequest
from footfall.model.question import MAX_LIMIT

Params = Sequence[tuple[str, str]]
"""Names and values in the order in which they were sent."""

MAX_OFFSET = 10**9
MAX_SEARCH = 200
SWITCHES = {"true": True, "false": False, "1": True, "0": False, "True": True, "False": False}
"""The values of a switch. Python's HTTP clients write the last two."""
_LISTS = frozenset({"fields", "dimension", "include"})


def single_values(params: Params, names: Collection[str]) -> dict[str, str]:
    """The values of the parameters in `names` that are given. A list may be repeated instead of
    having commas. Raises BadRequest for any other that is given with two values, and for any
    text that is not valid Unicode."""
    given: dict[str, str] = {}
    for name, value in params:
        _check_text(name, value)
        if name not in names:
            continue
        if name in given and name in _LISTS:
            value = f"{given[name]},{value}"
        elif given.get(name, value) != value:
            raise BadRequest(f"{name} is given with two values; give one", field=name)
        given[name] = value
    return given


def one(params: Params, name: str) -> str:
    """A parameter's value, '' where it is missing. Raises BadRequest if it is given with two
    values."""
    return single_values(params, (name,)).get(name, "")


def spelled(given: dict[str, str], *spellings: str) -> tuple[str, str | None]:
    """A parameter that has several names: the name that was used (else the first) and its value,
    None if it is missing. Raises BadRequest if two names have different values."""
    found = {name: given[name] for name in spellings if name in given}
    if len(set(found.values())) > 1:
        name = next(iter(found))
        raise BadRequest(f"{' and '.join(found)} differ; give one of them", field=name)
    return next(iter(found.items()), (spellings[0], None))


def _check_text(name: str, value: str) -> None:
    try:
        name.encode()
        value.encode()
    except UnicodeEncodeError as error:
        shown = name.encode("ascii", "replace").decode()
        raise BadRequest(f"{shown} is not valid UTF-8 text", field=shown) from error


def parse_choice(given: dict[str, str], name: str, choices: Sequence[str], default: str) -> Any:
    """One of `choices`, the default if it is missing. Raises BadRequest."""
    value = given.get(name, default)
    if value not in choices:
        raise BadRequest(f"{name} {value[:64]!r} is not one of {', '.join(choices)}", field=name)
    return value


def parse_switch(given: dict[str, str], name: str) -> bool:
    """Whether a switch is on; off if it is missing. Raises BadRequest."""
    return SWITCHES[parse_choice(given, name, tuple(SWITCHES), "false")]


def parse_whole(text: str | None, name: str, default: int, least: int, most: int) -> int:
    """A parameter's whole number, the default if it is missing. Raises BadRequest."""
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or not least <= int(text) <= most:
        raise BadRequest(
            f"{name} {text[:32]!r} is not a whole number from {least} to {most}", field=name
        )
    return int(text)


def parse_optional(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """`parse_whole` of one of the parameters given."""
    return parse_whole(given.get(name), name, default, least, most)


def parse_search(text: str) -> str:
    """A text to look for. Raises BadRequest if it is too long."""
    if len(text) > MAX_SEARCH:
        raise BadRequest(f"search is longer than {MAX_SEARCH} characters", field="search")
    return text


def parse_page(params: Params, default_limit: int) -> Pagination:
    """`limit` and `offset`; the total stays 0. Raises BadRequest naming the wrong one."""
    given = single_values(params, ("limit", "offset"))
    return Pagination(
        parse_optional(given, "limit", default_limit, 1, MAX_LIMIT),
        parse_optional(given, "offset", 0, 0, MAX_OFFSET),
        0,
    )
