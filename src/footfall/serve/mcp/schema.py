"""The arguments of tools, made from our own OpenAPI document, which derives from the registries.

A model reads the schemas of all tools before it answers anything, so they are kept short: shared
arguments have short texts, and of several spellings there is one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from footfall.model.metric import METRICS
from footfall.model.named_period import PERIOD_NAMES, PERIOD_SHORT
from footfall.model.step import EVENT_COLUMNS, OPERATORS
from footfall.model.unit import Count
from footfall.serve.mcp.tool import SELECTORS, Tool

Json = dict[str, Any]
DEFS = "#/$defs/"
COMPONENTS = "#/components/schemas/"
_TOO_LONG = ("pattern", "x-unit", "example", "examples", "title", "format")
"""Keywords that models do not need; the API checks what they say."""
FILTERS_RULE = (
    "A filter_ argument keeps what has the value in this dimension: value, !value (is not), ~text"
    " (contains), !~text (does not contain), a|b (any of)"
)
FILTERS_HINT = (
    "filter_ takes values as the lists show them (a country also by its code): value, !value (is"
    " not), ~text (contains), !~text, a|b (any of)"
)
_SHORT: Mapping[str, str] = {
    "startAt": "First day, as in 2026-01-31, or a time, as in 2026-01-31T18:30:00Z. Or use period",
    "endAt": "Last day, which is included, or a time. Or use period",
    "timezone": "IANA zone; without it the website's",
    "offset": "Rows to skip",
    "fields": "The numbers to answer with; without it the usual ones",
    "sort": "What rows are sorted by",
    "order": "Without it numbers begin with the greatest",
    "compare": "previous_period, previous_year or DATE..DATE: adds that period and the change",
    "match": "Moves the period of compare so that weekdays correspond",
    "global_filters": "Conditions on every event",
    "end_step": "Keeps sessions that reach this; its label ends in __END_MATCH__",
    "anchors": "Steps between start and end that a path must pass through, in this order",
    "end_mode": "only: without the sessions that do not reach end_step; mark: with them",
    "exclude": "Labels to drop, comma-separated; `*` and `**` in paths",
    "before": "Continues lists: the `cursor` of the last row",
}
"""Texts of arguments that many tools have, in place of the longer ones of the API's description."""
_CHOSEN = ("fields", "sort")
"""They have other choices in every tool, but mean the same."""
_ALIAS = "The same as "
"""How the description of a second name begins."""
_NULL = {"type": "null"}
_UNDESCRIBED = {"metadata": "Up to 10 facts about it: names and texts"}
_SELECTED = dict(zip(SELECTORS, ("id", "domain"), strict=True))

_RECENT = ("/timeseries", "/retention")
"""They cover the latest weeks or days where no dates are given."""

PERIOD = "period"
PERSONAL = "include_personal_data"
CODE = "confirmationCode"
METRIC = "metric"


class DeletedWebsite(msgspec.Struct, frozen=True, kw_only=True):
    """The website of a deletion."""

    id: str
    domain: str


class Deletion(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a delete tool would delete, or has deleted."""

    outcome: Literal["confirmation_required", "nothing_found", "deleted"]
    message: Annotated[str, Meta(description="What to do, or what was done")]
    website: DeletedWebsite
    filters: dict[str, str]
    dates: Annotated[str, Meta(description="Which part of the history it covers")]
    count: Annotated[Count, Meta(description="How many records would be, or were, deleted")]
    confirmation_code: Annotated[
        str | None, Meta(description="For the second call, once, within ten minutes")
    ] = None
    expires_at: str | None = None


def made_document() -> Json:
    """Our own OpenAPI document, made from the registries."""
    from footfall.serve.openapi.document import openapi_document  # imports the whole server

    return openapi_document()


_source: list[Callable[[], Json]] = [made_document]


def take_document_from(source: Callable[[], Json]) -> None:
    """Where the document comes from from now on, for a process that has it already."""
    _source[:] = [source]
    document.cache_clear()


@cache
def document() -> Json:
    [source] = _source
    return source()


def operation(tool: Tool) -> Json:
    found: Json = document()["paths"][tool.path][tool.method.lower()]
    return found


def parameters(tool: Tool) -> Iterator[Json]:
    """The parameters of the tool's operation that are in the path or the query."""
    for given in operation(tool)["parameters"]:
        name = given.get("$ref", "").rpartition("/")[2]
        found = document()["components"]["parameters"][name] if name else given
        is_alias = found.get("description", "").startswith(_ALIAS)
        if found["in"] != "header" and found["name"] != "dryRun" and not is_alias:
            yield found


def argument_name(given: Json) -> str:
    """The argument that is sent as a parameter: an id in a path is a visitor's."""
    return "visitorId" if given["in"] == "path" else str(given["name"])


def takes_period(tool: Tool) -> bool:
    return any(each["name"] == "startAt" for each in parameters(tool))


@lru_cache(maxsize=256)
def input_schema(tool: Tool) -> Json:
    """The JSON schema of a tool's arguments."""
    properties: Json = {}
    required: list[str] = []
    if tool.kind == "explain":
        properties[METRIC] = {
            "type": "string",
            "enum": list(METRICS),
            "description": "The number to explain",
        }
        required.append(METRIC)
    for given in parameters(tool):
        if tool.kind == "explain" and given["name"] in ("fields", "parts"):
            continue
        properties[argument_name(given)] = _argument(given)
        if given.get("required"):
            required.append(argument_name(given))
    if tool.kind == "write":
        body = _body_schema(tool)
        properties |= {name: _field(name, each) for name, each in body["properties"].items()}
        required += body.get("required", [])
    properties |= _own(tool)
    schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
    return _with_definitions(_tidy(schema))


def period_names(tool: Tool) -> list[str]:
    """The named periods of a report. Without dates, some do not cover all time."""
    return [name for name in PERIOD_NAMES if name != "all_time" or tool.path not in _RECENT]


def _own(tool: Tool) -> Json:
    """The arguments that a tool has beside those of its operation."""
    found: Json = {}
    if takes_period(tool):
        found[PERIOD] = {
            "type": "string",
            "enum": period_names(tool),
            "description": PERIOD_SHORT,
        }
    if tool.personal or tool.personal_arguments or tool.has_conditions:
        found[PERSONAL] = {
            "type": "boolean",
            "default": False,
            "description": "Adds names, e-mail addresses, IDs, places and payments of persons. Only"
            " if the user asks for them and is authorized to see them",
        }
    if tool.kind == "delete":
        found[CODE] = {
            "type": "string",
            "description": "Only in the second call, after the user has confirmed: the first call's"
            " code. Repeat its other arguments",
        }
    return found


def _argument(given: Json) -> Json:
    schema = dict(given["schema"])
    if schema.get("$ref", "").endswith("/TimeZone"):
        schema = {"type": "string"}
    if "contentSchema" in schema:
        schema = schema["contentSchema"]
    if "anyOf" in schema and "boolean" in str(schema["anyOf"][0]):
        schema = {"type": "boolean", "default": False}
    text: str = given.get("description", "").partition(" JSON text, as in")[0]
    if given["name"].startswith("filter_"):
        return {"type": "string"}  # the tool's description has the rule, once for all filters
    if given["name"] in _SELECTED:
        text = _selector_text(given["name"])
    elif given["name"] in _CHOSEN or _is_shared(given):
        text = _SHORT.get(given["name"], text)
    if "items" in schema:
        schema = {**schema, "items": _in_one_spelling(schema["items"])}
    return {**_in_one_spelling(schema), "description": text}


def _is_shared(given: Json) -> bool:
    """Whether a parameter means the same in all tools: a limit, for example, does not."""
    return document()["components"]["parameters"].get(given["name"]) is given


def _in_one_spelling(schema: Json) -> Json:
    """Numbers have two spellings in the API: one is enough for a model."""
    choices = schema.get("enum", ())
    plain = [name for name in choices if str(name).islower()]
    return (
        {**schema, "enum": plain}
        if 0 < len(plain) < len(choices) and "visitors" in plain
        else schema
    )


def has_filters(tool: Tool) -> bool:
    return any(each["name"].startswith("filter_") for each in parameters(tool))


def _field(name: str, schema: Json) -> Json:
    """A field of a body, as an argument."""
    if name in _SELECTED:
        return {"type": "string", "description": _selector_text(name)}
    described = {"description": _UNDESCRIBED.get(name, f"The {name}"), **schema}
    return {key: value for key, value in described.items() if key not in _TOO_LONG}


def _selector_text(name: str) -> str:
    return f"The website's {_SELECTED[name]}"


def _body_schema(tool: Tool) -> Json:
    content = operation(tool)["requestBody"]["content"]["application/json"]["schema"]
    found: Json = document()["components"]["schemas"][content["$ref"].rpartition("/")[2]]
    return found


def body_names(tool: Tool) -> frozenset[str]:
    """The fields of the body that the tool's operation takes, if it takes one."""
    return frozenset(_body_schema(tool)["properties"]) if tool.kind == "write" else frozenset()


def _tidy(value: Any) -> Any:
    """Without the keywords that models do not need. Names of fields are no keywords."""
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    if not isinstance(value, dict):
        return value
    found: Json = {}
    if "anyOf" in value and _NULL in value["anyOf"]:
        value = _first_choice(value)
    for key, each in value.items():
        if key == "type" and isinstance(each, list):
            others = [name for name in each if name != "null"]
            found[key] = others[0] if len(others) == 1 else others
        elif key == "enum":
            found[key] = [choice for choice in each if choice is not None]
        elif key == "properties":
            found[key] = {name: _tidy(schema) for name, schema in each.items()}
        elif key == "$ref":
            found[key] = each.replace(COMPONENTS, DEFS)
        elif key not in _TOO_LONG:
            found[key] = each if key in ("default", "required") else _tidy(each)
    return found


def _first_choice(value: Json) -> Json:
    """Without null: what is not meant is left out."""
    others = [each for each in value["anyOf"] if each != _NULL]
    beside = {key: each for key, each in value.items() if key != "anyOf"}
    return {**beside, "anyOf": others} if len(others) > 1 else {**others[0], **beside}


def _with_definitions(schema: Json) -> Json:
    """The schema with all definitions that it refers to."""
    known = document()["components"]["schemas"]
    found: Json = {}
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _plainer(name, _tidy(known[name]))
            waiting += _references(found[name])
    return {**schema, "$defs": found} if found else schema


def _plainer(name: str, schema: Json) -> Json:
    """A definition without second names, and without the rule of every column."""
    fields = schema.get("properties", {})
    aliases = [each for each in fields if fields[each].get("description", "").startswith(_ALIAS)]
    found = {**schema, "properties": {key: fields[key] for key in fields if key not in aliases}}
    if name != "Condition":
        return found
    del found["allOf"]
    found["properties"]["operator"] = {"type": "string", "enum": list(OPERATORS)}
    found["required"] = ["operand", "operator"]
    found["description"] = (
        f"A test of one event. operand: {', '.join(EVENT_COLUMNS)}, or the name of a property."
        " device, browser and os are in lower case, location is a country's code"
    )
    return found


def _references(value: Any) -> Iterator[str]:
    return iter(re.findall(rf'"{re.escape(DEFS)}([^"]+)"', msgspec.json.encode(value).decode()))
