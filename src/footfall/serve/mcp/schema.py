"""The schemas of tools, made from our own OpenAPI document, which derives from the registries."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from footfall.model.metric import METRICS
from footfall.model.named_period import PERIOD_NAMES, PERIOD_RULE
from footfall.model.unit import Count
from footfall.serve.mcp.tool import SELECTORS, Path, Tool
from footfall.serve.openapi.document import openapi_document

Json = dict[str, Any]
DEFS = "#/$defs/"
_COMPONENTS = "#/components/schemas/"
_TOO_LONG = ("pattern", "x-unit", "example", "examples", "title", "format")
"""Keywords that models do not need; the API checks what they say."""
FILTERS_RULE = (
    "A filter_ argument keeps what has the value in this dimension: value, !value (is not), ~text"
    " (contains), !~text (does not contain), a|b (any of)"
)
_UNDESCRIBED = {"metadata": "Up to 10 facts about it: names and texts"}
_SELECTED = dict(zip(SELECTORS, ("id", "domain"), strict=True))

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


@cache
def document() -> Json:
    return openapi_document()


def operation(tool: Tool) -> Json:
    found: Json = document()["paths"][tool.path][tool.method.lower()]
    return found


def parameters(tool: Tool) -> Iterator[Json]:
    """The parameters of the tool's operation that are in the path or the query."""
    for given in operation(tool)["parameters"]:
        name = given.get("$ref", "").rpartition("/")[2]
        found = document()["components"]["parameters"][name] if name else given
        if found["in"] != "header" and found["name"] != "dryRun":
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


def _own(tool: Tool) -> Json:
    """The arguments that a tool has beside those of its operation."""
    found: Json = {}
    if takes_period(tool):
        found[PERIOD] = {
            "type": "string",
            "enum": list(PERIOD_NAMES),
            "description": "A named period, in the website's time zone, in place of startAt and"
            f" endAt. {PERIOD_RULE}",
        }
    if tool.personal or tool.personal_arguments:
        found[PERSONAL] = {
            "type": "boolean",
            "default": False,
            "description": "Also answer with what identifies a person or tells about them (names,"
            " e-mail addresses, IDs, places, payments). Only if the user asks for it and is"
            " authorized to see it",
        }
    if tool.kind == "delete":
        found[CODE] = {
            "type": "string",
            "description": "Only in the second call, after the user has confirmed: the code of the"
            " first call, whose other arguments must be repeated",
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
    if given["name"] in ("startAt", "endAt"):
        text += ". Or use period"
    elif given["name"] in ("websiteId", "domain"):
        text = _selector_text(given["name"])
    if "examples" in schema and given["name"] == "compare":
        text = f"{', '.join(schema['examples'])}. {text}"
    if "items" in schema:
        schema = {**schema, "items": _in_one_spelling(schema["items"])}
    return {**_in_one_spelling(schema), "description": text}


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
    return f"The website's {_SELECTED[name]} as list_websites has it"


def _body_schema(tool: Tool) -> Json:
    content = operation(tool)["requestBody"]["content"]["application/json"]["schema"]
    found: Json = document()["components"]["schemas"][content["$ref"].rpartition("/")[2]]
    return found


def body_names(tool: Tool) -> frozenset[str]:
    """The fields of the body that the tool's operation takes, if it takes one."""
    return frozenset(_body_schema(tool)["properties"]) if tool.kind == "write" else frozenset()


@lru_cache(maxsize=256)
def output_schema(tool: Tool) -> Json:
    """The JSON schema of a tool's structured content."""
    result = _result(tool)
    schema = {
        "type": "object",
        "properties": {
            "notice": {"type": "string", "description": "How to treat the texts in `result`"},
            "result": result,
            "period": {
                "type": "object",
                "description": "The dates of the named period",
                "properties": {name: {"type": "string"} for name in ("startAt", "endAt")},
            },
            "next": {
                "type": "object",
                "description": "There are more rows: the arguments to change for the next page",
            },
        },
        "required": ["notice", "result"],
    }
    whole = _with_definitions(_tidy(schema))
    for path in tool.personal:
        _make_optional(whole, whole["properties"]["result"], path)
    return whole


def _answer(path: str, method: str = "get") -> Json:
    responses = document()["paths"][path][method]["responses"]
    found: Json = next(iter(responses.values()))["content"]["application/json"]["schema"]
    return found


def _result(tool: Tool) -> Json:
    if tool.kind == "delete":
        (schema,), components = msgspec.json.schema_components(
            [Deletion], ref_template=DEFS + "{name}"
        )
        return {**schema, "$own": components}
    if tool.kind == "explain":
        return _object(
            {"metric": _named("MetricEntry"), "overview": _answer("/overview")}, ["metric"]
        )
    if tool.kind == "why":
        answers = {"ingestion": _answer("/ingestion"), "quarantine": _answer("/v0/quarantine")}
        reasons = {"reasons": {"type": "array", "items": _named("DropEntry")}}
        return _object(answers | reasons, [*answers, "reasons"])
    return _answer(tool.path, tool.method.lower())


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required}


def _named(component: str) -> Json:
    return {"$ref": f"{_COMPONENTS}{component}"}


def _tidy(value: Any) -> Any:
    """Without the keywords that models do not need. Names of fields are no keywords."""
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        if key == "properties":
            found[key] = {name: _tidy(schema) for name, schema in each.items()}
        elif key == "$ref":
            found[key] = each.replace(_COMPONENTS, DEFS)
        elif key not in _TOO_LONG:
            found[key] = each if key in ("enum", "default", "required") else _tidy(each)
    return found


def _with_definitions(schema: Json) -> Json:
    """The schema with all definitions that it refers to."""
    known = document()["components"]["schemas"]
    own = schema.get("properties", {}).get("result", {}).pop("$own", {})
    found: Json = {}
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _tidy(own.get(name) or known[name])
            waiting += _references(found[name])
    return {**schema, "$defs": found} if found else schema


def _references(value: Any) -> Iterator[str]:
    return iter(re.findall(rf'"{re.escape(DEFS)}([^"]+)"', msgspec.json.encode(value).decode()))


def _make_optional(whole: Json, schema: Json, path: Path | Sequence[str]) -> None:
    """Let a field be absent."""
    if reference := schema.get("$ref"):
        schema = whole["$defs"][reference.removeprefix(DEFS)]
    name, *rest = path
    if name == "*":
        _make_optional(whole, schema["items"], rest)
    elif rest:
        _make_optional(whole, schema["properties"][name], rest)
    elif name in schema.get("required", []):
        schema["required"] = [each for each in schema["required"] if each != name]
