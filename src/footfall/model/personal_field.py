"""Which fields of a request's parameters may say who somebody is."""

from collections.abc import Iterable, Iterator

import msgspec

from footfall.model.json_text import MALFORMED
from footfall.model.step import EVENT_COLUMNS

_ABOUT_PEOPLE = frozenset({"address", "all_params"})
"""Columns and dimensions. So may any property of an event."""
_COLUMNS = frozenset(EVENT_COLUMNS) - _ABOUT_PEOPLE
_FIELDS = ("field", "operand")
_GROUPS = frozenset({"dimension", "breakdown", "group_by"})


def personal_fields(
    params: Iterable[tuple[str, str]], *, with_properties: bool = True
) -> Iterator[tuple[str, str]]:
    """Parameters that group or compare such fields, each with the field. By comparing a property
    with a guess, one could find out an e-mail address."""
    for name, value in params:
        is_group = name in _GROUPS
        asked = [each.strip() for each in value.split(",")] if is_group else _fields_in(value)
        has_properties = with_properties and name != "dimension"
        for field in asked:
            if field in _ABOUT_PEOPLE or (has_properties and field and field not in _COLUMNS):
                yield name, field


def _fields_in(text: str) -> Iterator[str]:
    """The columns and properties that the conditions of a JSON parameter name."""
    if not text.lstrip().startswith(("[", "{")):
        return
    try:
        waiting: list[object] = [msgspec.json.decode(text)]
    except MALFORMED:
        return  # the report refuses it
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (str(value[name]) for name in _FIELDS if value.get(name) is not None)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
