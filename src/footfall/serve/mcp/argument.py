"""The arguments of a tool → the path, the parameters and the body of a request."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.personal_field import personal_fields
from footfall.serve.mcp.schema import (
    CODE,
    METRIC,
    PERIOD,
    PERSONAL,
    argument_name,
    body_names,
    input_schema,
    parameters,
)
from footfall.serve.mcp.tool import SELECTORS, Tool

Arguments = Mapping[str, Any]
_OWN = frozenset({CODE, METRIC, PERIOD, PERSONAL})


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool asks of the API. `body` None: none."""

    path: str
    params: dict[str, str]
    body: dict[str, Any] | None = None

    @property
    def selectors(self) -> dict[str, str]:
        """The parameters that name the website."""
        return {name: self.params[name] for name in SELECTORS if name in self.params}


def check_arguments(tool: Tool, arguments: Arguments) -> None:
    """Raise BadRequest for an argument that the tool does not have, one that is missing or not one
    of its choices, and for personal data that is asked for by the way."""
    schema = input_schema(tool)
    known = schema["properties"]
    for name in arguments:
        if name not in known:
            raise BadRequest(f"{tool.name} has no argument {name[:64]!r}{_suggest(name, known)}")
    for name in schema.get("required", ()):
        if arguments.get(name) in (None, ""):
            raise BadRequest(f"{name} is missing: {known[name].get('description', '')}")
    for name in _OWN & arguments.keys():
        _check_own(name, arguments[name], known[name])
    if arguments.get(PERIOD) and any(arguments.get(name) for name in ("startAt", "endAt")):
        raise BadRequest(f"Send either {PERIOD} or startAt and endAt, not both")
    for name in tool.personal_arguments:
        if arguments.get(name) and not arguments.get(PERSONAL):
            raise _needs_personal(name)


def check_conditions(tool: Tool, request: Request) -> None:
    """Raise BadRequest for conditions and groups that could single out persons. Single visitors are
    listed only by what many have in common: no property of their events."""
    lists_people = tool.path == "/visitors"
    params = request.params.items() if tool.has_conditions else ()
    for name, field in personal_fields(params, with_properties=lists_people):
        raise _needs_personal(f"{name} with {field[:64]!r}")


def _needs_personal(what: str) -> BadRequest:
    return BadRequest(
        f"{what} could single out a person, so it needs {PERSONAL}=true: set it only if the user"
        " asked for a person and is authorized to see the data"
    )


def _check_own(name: str, value: Any, schema: Mapping[str, Any]) -> None:
    if schema["type"] == "boolean" and not isinstance(value, bool | None):
        raise BadRequest(f"{name} is true or false")
    if schema["type"] == "string" and not isinstance(value, str | None):
        raise BadRequest(f"{name} is a text")
    if value is not None and value not in schema.get("enum", (value,)):
        choices = ", ".join(schema["enum"])
        raise BadRequest(f"{name} {str(value)[:64]!r} is not one of {choices}")


def _suggest(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, 1)
    listed = ", ".join(known)
    return f"; did you mean {close[0]}?" if close else f"; it has {listed}"


def request_of(tool: Tool, arguments: Arguments) -> Request:
    """The request for checked arguments, without those that the tools have beside the API."""
    given = {name: value for name, value in arguments.items() if value is not None}
    path, params = tool.path, {}
    in_body = body_names(tool)
    for parameter in parameters(tool):
        name = argument_name(parameter)
        if name not in given or name in in_body:
            continue
        text = _text(name, given[name], is_json="contentSchema" in parameter["schema"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _segment(name, text))
        else:
            params[parameter["name"]] = text
    if tool.kind != "write":
        return Request(path=path, params=params)
    body = {name: value for name, value in given.items() if name in in_body}
    return Request(path=path, params=params, body=body)


def _segment(name: str, text: str) -> str:
    """A part of a path: nothing that could lead to another operation."""
    if not text.isascii() or not all(each.isalnum() or each in "_-" for each in text):
        raise BadRequest(f"{name} {text[:64]!r} is not an id: use letters, digits, _ and -")
    return text


def _text(name: str, value: Any, *, is_json: bool) -> str:
    if is_json and not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case str():
            return value
        case list() if all(isinstance(each, str) for each in value):
            return ",".join(value)
    raise BadRequest(f"{name} cannot be {type(value).__name__}; see the tool's input schema")
