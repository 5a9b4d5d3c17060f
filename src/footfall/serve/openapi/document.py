"""Our own OpenAPI 3.1 document, made from the registries of dimensions, filters and metrics."""

from collections.abc import Mapping
from typing import Annotated, cast, get_args

from msgspec import Meta

from footfall.collect.server import Taken
from footfall.collect.wire import MAX_BATCH_EVENTS, Batch, ServerEvent
from footfall.model.answer import Error
from footfall.model.comparison import COMPARISONS, MATCHES
from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.filter import MAX_LENGTH
from footfall.model.filter_pattern import filter_pattern
from footfall.model.period import INTERVALS, MOMENT_PATTERN
from footfall.model.question import (
    ATTRIBUTIONS,
    BOTS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_MINUTES,
    MAX_PAYMENTS,
    ORDERS,
)
from footfall.query.ask import REPORTS, TABLE_REPORTS
from footfall.query.parse.asked import FILTER_RULE
from footfall.query.parse.given import MAX_OFFSET, MAX_SEARCH
from footfall.query.parse.question import (
    FIELD_REPORTS,
    RANGE,
    field_spellings,
    sort_spellings,
)
from footfall.serve.openapi.component import Json, Schema, named, rows_of, with_components
from footfall.serve.openapi.given import (
    GIVEN_MOMENT,
    GIVEN_SWITCH,
    GIVEN_TEXT,
    ref,
    timezone_schema,
)
from footfall.serve.openapi.manage import COOKIE_SCHEME, MANAGE_PARAMETERS, manage_paths
from footfall.serve.openapi.operation import (
    LIMIT_HEADERS,
    parameter,
    reading,
    responses,
    writing,
)
from footfall.serve.openapi.server_call import (
    SERVER_CALL_PARAMETERS,
    goals_operations,
    payments_operations,
    visitor_delete,
)
from footfall.serve.openapi.table import TABLE_FURTHER, TABLE_PARAMETERS, table_operation
from footfall.serve.openapi.v0 import V0_FURTHER, V0_PARAMETERS, V0_RESPONSES, v0_paths
from footfall.serve.openapi.visitor import (
    LIST_PARAMETERS,
    VISITOR_PARAMETERS,
    visitor_list_path,
    visitor_paths,
)
from footfall.serve.rest.base import BASES
from footfall.serve.rest.lists import (
    DEFAULT_WEBSITES,
    MetadataRow,
    WebsiteRow,
    WorkspaceRow,
)
from footfall.serve.rest.route import PAGE, PERIOD, REPORT_ROUTES, SELECTOR, ReportRoute
from footfall.serve.rest.schema import SchemaAnswer
from footfall.serve.rest.setup import SetupAnswer

API_VERSION = "1.0.0"

_MOMENT = "ISO 8601 date or date and time, as in 2026-01-31 or 2026-01-31T18:30:00Z"
_COMPARE_PATTERN = (
    f"^(?:{'|'.join(COMPARISONS)}|{MOMENT_PATTERN}{RANGE.replace('.', '[.]')}{MOMENT_PATTERN})$"
)
_FAILURES = {
    "400": "A parameter or field is wrong; the message names it and what is right",
    "401": "The token is missing or unknown",
    "403": "The token may not do this",
    "404": "There is no such website, or nothing under this id",
    "409": "It is recorded already; nothing was changed",
    "413": "The body is too large",
    "414": "The address is too long",
    "429": "Too many requests; Retry-After says when to try again",
    "500": "Something went wrong here; the log has the reason under requestId",
    "503": "The server cannot do this now; Retry-After says when to try again",
}


def openapi_document() -> Json:
    """The whole document, as JSON values."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Footfall",
            "version": API_VERSION,
            "summary": "Web analytics: visitors, pages, sources, goals, revenue, paths.",
            "description": "Both servers below give the same answers; paths under /v0 have a"
            " server of their own. Numbers are exact; the description of a number's field is its"
            " rule, and `x-unit` its unit.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base} for base in reversed(BASES)],
        "security": [{"token": []}, {"cookie": []}],
        "tags": [
            {"name": name}
            for name in (
                *("catalog", "reports", "people", "paths", "collecting", "deleting", "access"),
            )
        ],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "cookie": COOKIE_SCHEME,
            },
            "parameters": {
                **_parameters(),
                **VISITOR_PARAMETERS,
                **LIST_PARAMETERS,
                **SERVER_CALL_PARAMETERS,
                **TABLE_PARAMETERS,
                **V0_PARAMETERS,
                **MANAGE_PARAMETERS,
            },
            "responses": {**responses(_FAILURES, Error), **V0_RESPONSES},
            "headers": _headers(),
            "schemas": {"TimeZone": timezone_schema()},
        },
    }
    return with_components(document, {**TABLE_FURTHER, **V0_FURTHER})


def filter_names() -> tuple[str, ...]:
    return tuple(f"filter_{name}" for name in FILTERS)


def _paths() -> Json:
    paths: Json = {
        "/websites": _listing("websites", "The token's websites", WebsiteRow, PAGE),
        "/websites/{id}/setup": {
            "get": reading(
                "setup_status",
                "Whether a website's tag works: requests for the script, the latest hits, and why"
                " some do not count",
                "catalog",
                ("path_id",),
                SetupAnswer,
            )
        },
        "/workspaces": _listing(
            "workspaces", "The token's workspace (workspace tokens only)", WorkspaceRow, ()
        ),
        "/metadata": _listing(
            "metadata",
            "A website's settings, in one row",
            MetadataRow,
            SELECTOR,
        ),
    }
    paths["/schema"] = {
        "get": reading(
            "schema",
            "The registries: metrics, dimensions, channels and reasons, each with its rule",
            "catalog",
            (),
            SchemaAnswer,
        )
    }
    for route in REPORT_ROUTES:
        paths[route.path] = {"get": _report(route)}
    ingestion = REPORTS["ingestion"]
    parameters = (*SELECTOR, *PERIOD, *PAGE)
    paths["/ingestion"] = {
        "get": reading(
            *("ingestion", ingestion.summary, "reports", parameters, ingestion.answer),
            has_csv=True,
        )
    }
    paths |= (
        visitor_list_path(filter_names())
        | visitor_paths()
        | {
            "/events": {"post": _collecting()},
            "/payments": payments_operations(),
        }
    )
    _add_operations(paths, "/goals", goals_operations())
    _add_operations(paths, "/visitors/{id}", {"delete": visitor_delete()})
    for name in TABLE_REPORTS:
        paths[f"/{name}"] = {"get": table_operation(name, filter_names())}
    for path, operations in manage_paths().items():
        paths[path] = {**cast(Json, paths.get(path, {})), **operations}
    paths |= v0_paths()
    return paths


def _add_operations(paths: Json, path: str, operations: Json) -> None:
    """Beside those that the path has."""
    known = paths[path]
    assert isinstance(known, dict)
    paths[path] = known | operations


def _listing(name: str, summary: str, row: type, parameters: tuple[str, ...]) -> Json:
    return {"get": reading(name, summary, "catalog", parameters, rows_of(row))}


def _report(route: ReportRoute) -> Json:
    name = route.path.strip("/").replace("/", "_").replace("-", "_")
    filters = filter_names() if route.has_filters else ()
    parameters = (*SELECTOR, *route.parameters, *filters)
    answer = _report_answer(route)
    return reading(name, route.summary, "reports", parameters, answer, has_csv=True)


def _report_answer(route: ReportRoute) -> Schema:
    """One list, or for several dimensions an object of lists."""
    answers = get_args(REPORTS[route.report].answer)
    if not answers:
        return REPORTS[route.report].answer
    return answers[0] if route.dimension else {"anyOf": list(answers)}


def _collecting() -> Json:
    event = named("Event", ServerEvent)
    several = Annotated[list[event], Meta(max_length=MAX_BATCH_EVENTS)]  # type: ignore[valid-type]
    return writing(
        "send_events",
        f"Send up to {MAX_BATCH_EVENTS:,} events from a backend. Accepted ones are on disk when"
        " this answers and in reports within 2 seconds",
        SELECTOR,
        {"oneOf": [several, named("Batch", Batch, events=several)]},
        "202",
        rows_of(Taken),
    )


def _headers() -> Json:
    return {
        name: {"description": description, "schema": {"type": "integer"}}
        for name, description in LIMIT_HEADERS.items()
    }


def _parameters() -> Json:
    """The parameters that several operations share, by component name."""
    return _field_parameters() | {
        name: parameter(name, description, schema, is_required=name == "dimension")
        for name, (description, schema) in (_plain_parameters() | _filter_parameters()).items()
    }


def _plain_parameters() -> dict[str, tuple[str, Json]]:
    return {
        "websiteId": (
            "The website, by id or tracking id; a workspace token needs this or domain",
            GIVEN_TEXT,
        ),
        "domain": ("The website, by domain", GIVEN_TEXT),
        "startAt": (f"{_MOMENT}. Without it: from the beginning", GIVEN_MOMENT),
        "endAt": (f"{_MOMENT}; a date covers the whole day", GIVEN_MOMENT),
        "timezone": (
            "IANA zone that bounds and cuts the period; without it the website's",
            ref("TimeZone"),
        ),
        "limit": (
            f"Rows to answer; without it {DEFAULT_LIMIT} ({DEFAULT_WEBSITES} websites)",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        ),
        "offset": (
            "Rows to skip",
            {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
        ),
        "search": (
            "Keeps rows whose value contains this",
            {**GIVEN_TEXT, "maxLength": MAX_SEARCH},
        ),
        "interval": (
            "The length of a bucket",
            {"type": "string", "enum": list(INTERVALS), "default": "day"},
        ),
        "compare": (
            "Adds another period and the change; needs startAt, except for a timeseries. Two dates"
            f" with `{RANGE}` between them are a period of the caller's own",
            {"type": "string", "pattern": _COMPARE_PATTERN, "examples": [*COMPARISONS]},
        ),
        "match": (
            "Moves the period of `compare` by whole days so that weekdays correspond",
            {"type": "string", "enum": list(MATCHES)},
        ),
        "parts": (
            "Adds what each number is made of, and what was left out of it",
            GIVEN_SWITCH,
        ),
        "minutes": (
            "Adds the visitors of each of the last minutes, the current one included",
            {"type": "integer", "minimum": 1, "maximum": MAX_MINUTES},
        ),
        "payments": (
            "Adds so many of the newest payments and refunds of the last 24 hours",
            {"type": "integer", "minimum": 1, "maximum": MAX_PAYMENTS},
        ),
        "order": (
            "Without it numbers begin with the greatest, values with the first",
            {"type": "string", "enum": list(ORDERS)},
        ),
        "bots": ("Automated visits", {"type": "string", "enum": list(BOTS), "default": "exclude"}),
        "attribution": (
            "Which session a payment counts for: the visitor's last before it, or the first ever",
            {"type": "string", "enum": list(ATTRIBUTIONS), "default": "last"},
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


def _filter_parameters() -> dict[str, tuple[str, Json]]:
    return {
        f"filter_{name}": (
            f"{dimension.rule} {FILTER_RULE}",
            {"type": "string", "maxLength": MAX_LENGTH, "pattern": filter_pattern(dimension)},
        )
        for name, dimension in FILTERS.items()
    }


_LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "list": ("breakdown", ()),
    "breakdown": ("breakdown", ("goal", "event")),
    "goals": ("goals", ("goal",)),
}
"""Kinds of lists, by which numbers their rows can have: a report with dimensions."""


def _field_parameters() -> Json:
    fields = {report: field_spellings(report) for report in FIELD_REPORTS}
    fields |= {kind: field_spellings(*of) for kind, of in _LISTS.items()}
    sorts = {kind: sort_spellings(*of) for kind, of in _LISTS.items()}
    found: Json = {}
    for kind, names in fields.items():
        found[f"{kind}_fields"] = parameter(
            "fields",
            "The numbers to answer with, in snake_case or camelCase. Without it"
            f" {'all' if kind == 'overview' else 'some'}",
            {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(names)}},
        )
    for kind, names in sorts.items():
        found[f"{kind}_sort"] = parameter(
            "sort",
            "The number by which rows are sorted, or their value",
            {"type": "string", "enum": list(names), "default": "visitors"},
        )
    return found
