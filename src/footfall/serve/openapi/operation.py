"""The parts of the OpenAPI document's operations."""

from collections.abc import Iterable, Sequence

import msgspec

from footfall.serve.openapi.component import Json, Schema

LIMIT_HEADERS = {
    "RateLimit-Limit": "Requests a minute for this token",
    "RateLimit-Remaining": "Requests left in this minute",
    "RateLimit-Reset": "Seconds until the next minute begins",
}
_ALWAYS = ("400", "401", "403", "414", "500", "503")
"""How any request can fail."""
_FOUND = frozenset({"websiteId", "domain", "visitor_id", "path_id"})
"""Parameters that name something which may not exist."""


def parameters_of(names: Iterable[str]) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def parameter(name: str, description: str, schema: Json, *, is_required: bool = False) -> Json:
    """A parameter of the query. Arrays are comma-separated."""
    found: Json = {"name": name, "in": "query", "schema": schema}
    if description:
        found["description"] = description
    if is_required:
        found["required"] = True
    if schema.get("type") == "array":
        found |= {"style": "form", "explode": False}
    return found


def json_parameter(
    name: str, description: str, schema: Schema, example: object, *, is_required: bool = False
) -> Json:
    """A parameter whose value is JSON text. It is a string with a schema of its content: common
    generators of clients skip operations that have a parameter with `content`."""
    text: Json = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": schema if is_required else {"anyOf": [schema, {"type": "null"}]},
    }
    shown = msgspec.json.encode(example).decode()
    found = parameter(name, f"{description}. JSON text, as in `{shown}`", text)
    return {**found, "required": is_required, "example": shown}


def reading(
    name: str,
    summary: str,
    tag: str,
    parameters: Sequence[str],
    answer: Schema,
    *,
    failures: str = "",
    has_csv: bool = False,
) -> Json:
    """A GET that answers `answer`. `failures` is what the names of its failures begin with.
    `has_csv`: with the header `Accept: text/csv` it answers a spreadsheet's rows."""
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": parameters_of(parameters),
        "responses": {
            "200": _counted("The answer", answer, has_csv=has_csv),
            **_failures_of(parameters, "429", prefix=failures),
        },
    }


def deleting(name: str, summary: str, parameters: Sequence[str], answer: Schema) -> Json:
    """A DELETE that answers `answer`; it takes no body."""
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["deleting"],
        "parameters": parameters_of(parameters),
        "responses": {
            "200": _counted("Complete: what was deleted is in no report any more", answer),
            **_failures_of(parameters, "413", "429"),
        },
    }


def writing(
    name: str,
    summary: str,
    parameters: Sequence[str],
    body: Schema,
    status: str,
    answer: Schema,
    *,
    failures: str = "",
    is_counted: bool = False,
    may_conflict: bool = False,
) -> Json:
    """A POST that takes `body` and answers `answer` with `status`. `is_counted`: the rate limit
    applies. `may_conflict`: it may repeat something that is recorded already."""
    found: Json = {
        "description": "What became of the events",
        "content": {"application/json": {"schema": answer}},
    }
    further = ("413", *(["429"] if is_counted else []), *(["409"] if may_conflict else []))
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["collecting"],
        "parameters": parameters_of(parameters),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            status: _counted("On disk", answer) if is_counted else found,
            **_failures_of(parameters, *further, prefix=failures),
        },
    }


def _counted(description: str, schema: Schema, *, has_csv: bool = False) -> Json:
    """An answer that says what is left of the token's rate."""
    headers = {header: {"$ref": f"#/components/headers/{header}"} for header in LIMIT_HEADERS}
    content: Json = {"application/json": {"schema": schema}}
    if has_csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"description": description, "headers": headers, "content": content}


def _failures_of(parameters: Sequence[str], *further: str, prefix: str = "") -> Json:
    """How an operation with these parameters can fail, and `further` ways, by status."""
    return failures_of(parameters, (*_ALWAYS, *further), prefix)


def failures_of(parameters: Sequence[str], statuses: Iterable[str], prefix: str = "") -> Json:
    """The failures with these statuses, and those of looking something up."""
    found = ("404",) if _FOUND.intersection(parameters) else ()
    statuses = sorted({*statuses, *found})
    return {status: {"$ref": f"#/components/responses/{prefix}{status}"} for status in statuses}


def responses(descriptions: dict[str, str], schema: Schema, prefix: str = "") -> Json:
    """The failures by status, to be referred to by operations."""
    content = {"application/json": {"schema": schema}}
    retry = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
    return {
        f"{prefix}{status}": {
            "description": description,
            "content": content,
            **({"headers": retry} if status in ("429", "503") else {}),
        }
        for status, description in descriptions.items()
    }
