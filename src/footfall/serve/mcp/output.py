"""The output schemas of tools: outlines of the answers in our own OpenAPI document.

A model reads the schemas of all tools before it answers anything. An outline goes as deep as the
rows of an answer, with types, required fields and the units of percentages, durations and money.
What is deeper is only said to be an object or a list; OpenAPI describes it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from footfall.model.unit import KEY
from footfall.serve.mcp.schema import (
    COMPONENTS,
    DEFS,
    Deletion,
    Json,
    document,
    operation,
    takes_period,
)
from footfall.serve.mcp.tool import Path, Tool

_ROWS = "data"
_SHOWN_UNITS = ("percent", "seconds", "money")
_KEPT = ("type", "const", "enum", "required")


@lru_cache(maxsize=256)
def output_schema(tool: Tool) -> Json:
    """The JSON schema of a tool's structured content."""
    result = _result(tool)
    for path in tool.personal:
        _make_optional(result, path)
    properties = {"notice": {"type": "string"}, "result": result}
    if takes_period(tool):
        properties["period"] = {"type": "object", "description": "The dates of the named period"}
    if tool.kind == "report":
        properties["next"] = {"type": "object", "description": "What to change for the next page"}
    return _object(properties, ["notice", "result"])


def _result(tool: Tool) -> Json:
    if tool.kind == "delete":
        (schema,), own = msgspec.json.schema_components([Deletion], ref_template=DEFS + "{name}")
        return _outline(schema, own)
    known = document()["components"]["schemas"]
    if tool.kind == "explain":
        metric = _outline({"$ref": f"{COMPONENTS}MetricEntry"}, known)
        return _object({"metric": metric, "overview": {"type": "object"}}, ["metric"])
    if tool.kind == "why":
        answers = {name: {"type": "object"} for name in ("ingestion", "quarantine")}
        return _object({**answers, "reasons": {"type": "array"}}, [*answers, "reasons"])
    responses = operation(tool)["responses"]
    answer = next(iter(responses.values()))["content"]["application/json"]["schema"]
    return _outline(answer, known)


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required}


def _outline(schema: Json, known: Json, depth: int = 1) -> Json:
    """A schema without what is deeper than `depth` objects, of which `data` is not counted."""
    if reference := schema.get("$ref"):
        return _outline(known[reference.rpartition("/")[2]], known, depth)
    if "anyOf" in schema:
        return {"anyOf": [_outline(each, known, depth) for each in schema["anyOf"]]}
    found = {key: schema[key] for key in _KEPT if key in schema}
    if schema.get(KEY) in _SHOWN_UNITS:
        found["description"] = schema[KEY]
    if depth and "items" in schema:
        found["items"] = _outline(schema["items"], known, depth)
    if depth and "properties" in schema:
        found["properties"] = {
            name: _outline(each, known, depth if name == _ROWS else depth - 1)
            for name, each in schema["properties"].items()
        }
    else:
        found.pop("required", None)
    return found


def _make_optional(schema: Json, path: Path | Sequence[str]) -> None:
    """Let a field be absent, if the outline is that deep."""
    name, *rest = path
    inner: Any = schema.get("items") if name == "*" else schema.get("properties", {}).get(name)
    if rest and inner:
        _make_optional(inner, rest)
    elif name in schema.get("required", []):
        schema["required"] = [each for each in schema["required"] if each != name]
