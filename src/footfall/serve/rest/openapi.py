"""Our own OpenAPI 3.1 document, made from the registries of dimensions, filters and metrics."""

from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.metric import METRICS
from footfall.model.period import INTERVALS
from footfall.model.question import (
    ATTRIBUTIONS,
    BOTS,
    COMPARISONS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
)
from footfall.serve.rest.lists import DEFAULT_WEBSITES
from footfall.serve.rest.route import BASES, PAGE, PERIOD, REPORT_ROUTES, SELECTOR, ReportRoute
from footfall.serve.rest.schema import SCHEMAS, array_of, ref

Json = dict[str, object]

API_VERSION = "1.0.0"

_MOMENT = "ISO 8601 date or date and time, as in 2026-01-31 or 2026-01-31T18:30:00Z"
_FILTER_RULE = (
    "`v` is, `!v` is not, `a|b` any of, `!a|b` none of, `~v` contains, `!~v` contains none."
)


def openapi_document() -> Json:
    """The whole document, as JSON values."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Footfall",
            "version": API_VERSION,
            "summary": "Web analytics: visitors, pages, sources, goals and revenue of a website.",
            "description": "Both servers below answer the same. Numbers are exact; the rule of"
            " each stands with its field.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base} for base in reversed(BASES)],
        "security": [{"token": []}],
        "tags": [{"name": "catalog"}, {"name": "reports"}, {"name": "collecting"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": _parameters(),
            "responses": _responses(),
            "headers": _headers(),
            "schemas": SCHEMAS,
        },
    }


def filter_names() -> tuple[str, ...]:
    return tuple(f"filter_{name}" for name in FILTERS)


def _paths() -> Json:
    paths: Json = {
        "/websites": _listing("websites", "The token's websites", "WebsiteRow", PAGE),
        "/workspaces": _listing(
            "workspaces", "The token's workspace (workspace tokens only)", "WorkspaceRow", ()
        ),
        "/metadata": _listing(
            "metadata",
            "A website's settings; of all where a workspace token names none",
            "MetadataRow",
            (*SELECTOR, *PAGE),
        ),
    }
    for route in REPORT_ROUTES:
        paths[route.path] = {"get": _report(route)}
    paths["/ingestion"] = {
        "get": _operation(
            "ingestion",
            "What became of hits per day: accepted, a bot's, or dropped and why",
            "reports",
            (*SELECTOR, *PERIOD, *PAGE),
            ref("IngestionAnswer"),
        )
    }
    paths["/events"] = {"post": _collecting()}
    return paths


def _listing(name: str, summary: str, row: str, parameters: tuple[str, ...]) -> Json:
    return {"get": _operation(name, summary, "catalog", parameters, _answer(array_of(ref(row))))}


def _report(route: ReportRoute) -> Json:
    name = route.path.strip("/").replace("/", "_").replace("-", "_")
    filters = filter_names() if route.has_filters else ()
    parameters = (*SELECTOR, *route.parameters, *filters)
    return _operation(name, route.summary, "reports", parameters, _report_answer(route))


def _report_answer(route: ReportRoute) -> Json:
    if route.report in ("overview", "timeseries"):
        return ref(f"{route.report.capitalize()}Answer")
    rows: Json = array_of(ref(route.row))
    if route.report.startswith("realtime"):
        return _answer(rows)
    one: Json = {"allOf": [_answer(rows), ref("ListEnvelope")]}
    if "dimension" not in route.parameters:
        return one
    return {"anyOf": [one, ref("ListsAnswer")]}


def _operation(
    name: str, summary: str, tag: str, parameters: tuple[str, ...], schema: Json
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": [{"$ref": f"#/components/parameters/{each}"} for each in parameters],
        "responses": {
            "200": {
                "description": "The answer",
                "headers": {each: {"$ref": f"#/components/headers/{each}"} for each in _headers()},
                "content": {"application/json": {"schema": schema}},
            },
            **_failures("400", "401", "403", "404", "414", "429", "500", "503"),
        },
    }


def _collecting() -> Json:
    return {
        "operationId": "send_events",
        "summary": "Send up to 1,000 events from a backend. Accepted ones are on disk when this"
        " answers and in reports within 2 seconds",
        "tags": ["collecting"],
        "parameters": [{"$ref": f"#/components/parameters/{each}"} for each in SELECTOR],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("Batch")}},
        },
        "responses": {
            "202": {
                "description": "What became of the events",
                "content": {"application/json": {"schema": ref("TakenAnswer")}},
            },
            **_failures("400", "401", "403", "404", "413", "414", "500", "503"),
        },
    }


def _answer(data: Json) -> Json:
    return {
        "type": "object",
        "required": ["status", "data"],
        "properties": {
            "status": {"const": "success"},
            "data": data,
            "pagination": ref("Pagination"),
        },
    }


def _failures(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _responses() -> Json:
    descriptions = {
        "400": "A parameter or field is wrong; the message names it and what is right",
        "401": "No token, or one that is not known here",
        "403": "The token may not do this",
        "404": "There is no such website",
        "413": "The body is too large",
        "414": "The address is too long",
        "429": "Too many requests; Retry-After says when to come back",
        "500": "Something went wrong here; the log has the reason under requestId",
        "503": "The server cannot take this now; Retry-After says when to come back",
    }
    content = {"application/json": {"schema": ref("Error")}}
    retry = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
    return {
        status: {
            "description": description,
            "content": content,
            **({"headers": retry} if status in ("429", "503") else {}),
        }
        for status, description in descriptions.items()
    }


def _headers() -> Json:
    described = {
        "RateLimit-Limit": "Requests a minute for this token",
        "RateLimit-Remaining": "Requests left in this minute",
        "RateLimit-Reset": "Seconds until the next minute begins",
    }
    return {
        name: {"description": description, "schema": {"type": "integer"}}
        for name, description in described.items()
    }


def _parameters() -> Json:
    plain: dict[str, tuple[str, Json]] = {
        "websiteId": (
            "The website, by id or tracking id; a workspace token needs this or domain",
            {"type": "string"},
        ),
        "domain": ("The website, by domain", {"type": "string"}),
        "startAt": (f"{_MOMENT}. Without it: from the beginning", {"type": "string"}),
        "endAt": (f"{_MOMENT}; a date covers the whole day", {"type": "string"}),
        "timezone": (
            "IANA zone that bounds and cuts the period; without it the website's",
            {"type": "string", "examples": ["Europe/Vienna"]},
        ),
        "limit": (
            f"Rows to answer; without it {DEFAULT_LIMIT} ({DEFAULT_WEBSITES} websites)",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        ),
        "offset": ("Rows to skip", {"type": "integer", "minimum": 0, "default": 0}),
        "search": ("Keeps rows whose value contains this", {"type": "string", "maxLength": 200}),
        "interval": ("", {"type": "string", "enum": list(INTERVALS), "default": "day"}),
        "compare": (
            "Adds another period and the change; needs startAt",
            {"type": "string", "enum": list(COMPARISONS)},
        ),
        "bots": ("Automated visits", {"type": "string", "enum": list(BOTS), "default": "exclude"}),
        "attribution": (
            "Which session a payment is counted for: the visitor's last before it, or first ever",
            {"type": "string", "enum": list(ATTRIBUTIONS), "default": "last"},
        ),
        "fields": (
            f"Numbers to answer, without it all; names of {', '.join(METRICS)}, or their"
            " camelCase spelling",
            {"type": "array", "items": {"type": "string"}},
        ),
        "dimension": (
            "What to list. Several answer as an object of lists",
            {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "enum": list(DIMENSIONS)},
            },
        ),
    }
    filters: dict[str, tuple[str, Json]] = {
        f"filter_{name}": (f"{dimension.rule} {_FILTER_RULE}", {"type": "string"})
        for name, dimension in FILTERS.items()
    }
    return {
        name: _parameter(name, description, schema)
        for name, (description, schema) in (plain | filters).items()
    }


def _parameter(name: str, description: str, schema: Json) -> Json:
    found: Json = {"name": name, "in": "query", "schema": schema}
    if description:
        found["description"] = description
    if name == "dimension":
        found["required"] = True
    if schema["type"] == "array":
        found |= {"style": "form", "explode": False}
    return found
