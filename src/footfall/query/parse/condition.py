"""JSON → conditions that test each event."""

import re
from typing import cast

from footfall.model.country import country_code
from footfall.model.errors import BadRequest
from footfall.model.hostname import to_ascii
from footfall.model.step import OPERATOR_ALIASES, OPERATORS, Condition, Operator
from footfall.model.text import clean_lines, one_line
from footfall.query.parse.json_value import MAX_TEXT, Piece, check_text, read_json

MAX_CONDITIONS = 50
MAX_VALUES = 200
MAX_FIELD = 256
CONDITION_PARAMS = ("global_filters", "filters")
"""The parameters whose conditions test every event; the official command line sends the second."""

_EXAMPLE = '{"field":"device","op":"equals","value":"mobile"}'
_LISTS = ("in", "notIn")
_SAME = ("equals", "notEquals", *_LISTS)
_WITHOUT_VALUE = ("notEmpty", "isEmpty")
_CODE_LENGTH = 2  # of a stored country
_JOINED = re.compile(r"\\([|\\])|(\|)")


def read_conditions(given: dict[str, str]) -> tuple[Condition, ...]:
    """The conditions of CONDITION_PARAMS, JSON arrays, which mean the same: all of them must hold.

    Raises BadRequest naming the parameter.
    """
    conditions: list[Condition] = []
    for name in CONDITION_PARAMS:
        conditions += parse_conditions(read_json(given.get(name), name, f"[{_EXAMPLE}]"))
        if len(conditions) > MAX_CONDITIONS:
            raise BadRequest(
                f"{name}: {len(conditions)} conditions; at most {MAX_CONDITIONS} in"
                f" {' and '.join(CONDITION_PARAMS)} together",
                field=name,
            )
    return tuple(conditions)


def parse_conditions(array: Piece) -> tuple[Condition, ...]:
    """Conditions of a JSON array; () where it is missing or null. Raises BadRequest.

    A condition may have further ones in `filters`, which the same event must meet.
    """
    conditions: list[Condition] = []
    for piece in array.items(MAX_CONDITIONS, "conditions"):
        conditions.append(parse_condition(piece))
        nested = piece.get("filters").items(MAX_CONDITIONS, "conditions")
        for inner in nested:
            conditions.append(parse_condition(inner))
            if inner.get("filters").value not in (None, []):
                raise BadRequest(
                    f"{inner.field}.filters: conditions can be nested one level deep; write them"
                    f" in {array.field}",
                    field=f"{inner.field}.filters",
                )
    return tuple(conditions)


def parse_condition(piece: Piece) -> Condition:
    """`{operand, operator, value, values}`, or with `field` and `op`. Raises BadRequest."""
    piece.check_object(_EXAMPLE)
    field = _field(piece)
    operator = _operator(piece)
    if operator in _WITHOUT_VALUE:
        return Condition(field=field, operator=operator)
    value, values = piece.get("value"), piece.get("values")
    found = _several(value, values) if operator in _LISTS else [_one(operator, value, values)]
    if operator in _SAME:
        found = [stored for text in found for stored in _stored(field, text)]
    return Condition(field=field, operator=operator, values=tuple(dict.fromkeys(found)))


def _stored(field: str, text: str) -> tuple[str, ...]:
    """What the store may hold for a text: hosts are ASCII, countries codes, other texts clean."""
    if field in ("location", "country"):
        is_code = len(text) == _CODE_LENGTH  # which is compared as it is: its case matters
        return ((not is_code and country_code(text)) or text,)
    if field in ("referrer", "origin"):
        return (text if text.isascii() else to_ascii(text) or text,)
    return (text, one_line(text), clean_lines(text))


def _field(piece: Piece) -> str:
    given = piece.get("operand", "field")
    field = given.text("a column or a property's name", MAX_FIELD)
    if not field:
        raise BadRequest(
            f"{given.field} is missing; give a column, as in device, or a property's name",
            field=given.field,
        )
    if not all(field.split(".")):
        raise given.refusal("has an empty part; write names with single dots, as in user.plan")
    return field


def _operator(piece: Piece) -> Operator:
    given = piece.get("operator", "op")
    listed = ", ".join((*OPERATORS, *OPERATOR_ALIASES))
    if given.is_missing:
        raise BadRequest(f"{given.field} is missing; one of {listed}", field=given.field)
    spelling = given.value if isinstance(given.value, str) else ""
    operator = OPERATOR_ALIASES.get(spelling, spelling)
    if operator not in OPERATORS:
        raise given.refusal(f"is not one of {listed}")
    return cast(Operator, operator)


def _several(value: Piece, values: Piece) -> list[str]:
    """`values` if it holds any, else `value`: an array as well, or texts joined by '|'."""
    given = value if values.value in (None, []) else values
    if given.value in (None, "", []):
        raise BadRequest(
            f"{given.field} is missing; give values as an array, or value as a|b", field=given.field
        )
    if given is values or isinstance(given.value, list):
        return [each.scalar_text() for each in given.items(MAX_VALUES, "values")]
    if not isinstance(given.value, str):
        return [given.scalar_text()]
    parts = split_joined(given.value)
    if len(parts) > MAX_VALUES:
        raise BadRequest(
            f"{given.field} has {len(parts)} values; at most {MAX_VALUES}", field=given.field
        )
    return [check_text(part, given.field, MAX_TEXT) for part in parts]


def _one(operator: Operator, value: Piece, values: Piece) -> str:
    if value.is_missing:
        several = values.items(MAX_VALUES, "values")
        if len(several) > 1:
            raise BadRequest(
                f"{values.field} has {len(several)} values, and {operator} takes one; give it"
                " as value, or use in",
                field=values.field,
            )
        if not several:
            raise BadRequest(
                f"{value.field} is missing; give the text, number, true or false that {operator}"
                " compares with",
                field=value.field,
            )
        value = several[0]
    return value.scalar_text()


def split_joined(text: str) -> list[str]:
    r"""The texts between the bars. `\|` is a bar itself, `\\` a backslash."""
    parts, begin = [""], 0
    for found in _JOINED.finditer(text):
        parts[-1] += text[begin : found.start()] + (found[1] or "")
        begin = found.end()
        if found[2]:
            parts.append("")
    parts[-1] += text[begin:]
    return parts
