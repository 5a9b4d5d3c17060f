"""The schemas of structs: what answers and bodies are made of, as OpenAPI's components.

A type may be used anywhere in the document instead of its schema; `with_components` replaces all
types at the end.
"""

import re
import types
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, get_origin

import msgspec

from footfall.model.answer import RowsAnswer, TotalledAnswer
from footfall.model.metric import BY_SPELLING
from footfall.model.table import TableAnswer, TotalledTableAnswer
from footfall.model.unit import KEY

Json = dict[str, object]
Schema = object
"""A JSON schema, or the type that it is of."""


def named(name: str, base: Any, **fields: Any) -> Any:
    """A struct under the name by which clients know it; `fields` are those with another type."""
    namespace = {"__annotations__": fields, "__doc__": base.__doc__}
    return types.new_class(name, (base,), {"kw_only": True}, lambda each: each.update(namespace))


@lru_cache(maxsize=256)
def rows_of(row: type, totals: type | None = None) -> Any:
    """The web analytics API's answer with rows and totals of these types."""
    name = f"{row.__name__.removesuffix('Row')}Answer"
    base: Any = RowsAnswer[row] if totals is None else TotalledAnswer[row, totals]  # type: ignore[valid-type]
    return types.new_class(name, (base,), SENT)


@lru_cache(maxsize=256)
def table_of(row: type, totals: type | None = None) -> Any:
    """The flow and funnel API's answer with rows and totals of these types."""
    name = f"{row.__name__.removesuffix('Row')}Table"
    base: Any = TableAnswer[row] if totals is None else TotalledTableAnswer[row, totals]  # type: ignore[valid-type]
    return types.new_class(name, (base,), SENT)


SENT = {"frozen": True, "kw_only": True}


def with_components(document: Json, further: Mapping[str, Json]) -> Json:
    """The document with schemas for all of its types. `further` says of components, by name, what
    their types cannot say."""
    found = list(dict.fromkeys(_types_in(document)))
    schemas, components = msgspec.json.schema_components(
        found, ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(found, schemas, strict=True))
    filled: Any = _replaced(document, lambda each: _tidy(schema_of[each]))
    known = {name: _tidy(schema) for name, schema in sorted(components.items())}
    filled["components"]["schemas"] |= {
        name: {**schema, **further.get(name, {})} for name, schema in known.items()
    }
    return filled  # type: ignore[no-any-return]


def _is_type(value: object) -> bool:
    return isinstance(value, type) or get_origin(value) is not None


def _types_in(value: object) -> Iterator[Any]:
    if _is_type(value):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _types_in(each)


def _replaced(value: object, schema_of: Callable[[Any], Json]) -> object:
    if _is_type(value):
        return schema_of(value)
    if isinstance(value, dict):
        return {name: _replaced(each, schema_of) for name, each in value.items()}
    return [_replaced(each, schema_of) for each in value] if isinstance(value, list) else value


def _tidy(schema: Json) -> Json:
    """As msgspec makes it, but as we encode and as generators of clients like it best."""
    found = {key: _inside(key, value) for key, value in schema.items()}
    if "properties" in found:
        del found["title"]  # the component's name
        if not found["required"]:
            del found["required"]
    if found.get("format") == "decimal":  # our encoder writes numbers
        del found["format"]
        found["type"] = "number"
    choices = found.get("enum")
    if isinstance(choices, list) and "type" not in found:
        found = found | {"type": "string"} if len(choices) > 1 else {"const": choices[0]}
    if found.get("default", "") is None:
        del found["default"]
    return _flat(found) if "anyOf" in found else found


def _inside(key: str, value: Any) -> Any:
    match key:
        case "properties":
            return {name: _with_rule(name, _tidy(each)) for name, each in value.items()}
        case "items" | "additionalProperties" | "propertyNames" if isinstance(value, dict):
            return _tidy(value)
        case "anyOf":
            return [_tidy(each) for each in value]
        case "pattern":
            return re.sub(r"^\\A(.*)\\Z$", r"^\1$", value)
        case "description":
            return " ".join(value.split()).removesuffix(".")
    return value


def _with_rule(name: str, schema: Json) -> Json:
    """A metric's field with the label and the rule of the registry, unless it has its own."""
    metric = BY_SPELLING.get(name)
    if metric is None or "description" in schema:
        return schema
    if schema.get(KEY, "text") != metric.unit or "type" not in schema:
        return schema
    return {**schema, "title": metric.label, "description": metric.rule}


def _flat(schema: Json) -> Json:
    """A choice of simple types as a list of types."""
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    options: Any = schema["anyOf"]
    if {} in options:  # anything; what is left out says more
        return rest
    names = [each.get("type") for each in options]
    if all(len(each) == 1 for each in options) and None not in names:
        given = [name for name in names if name != "integer" or "number" not in names]
        return {**rest, "type": given}
    if len(options) == 2 and names[1] == "null" and isinstance(names[0], str):
        choices = {"enum": [*options[0]["enum"], None]} if "enum" in options[0] else {}
        return {**options[0], **rest, **choices, "type": [names[0], "null"]}
    return schema
