"""The flow and funnel API in the OpenAPI document."""

import msgspec

from footfall.collect.raw import MAX_RAW_EVENTS, RAW_TYPES, RawEvent
from footfall.query.ask import TABLE_REPORTS
from footfall.query.quarantine import QuarantineRow
from footfall.serve.openapi.operation import parameter, reading, responses, writing
from footfall.serve.openapi.schema import (
    COUNT,
    GIVEN_DAY,
    NUMBER,
    TEXT,
    Json,
    array_of,
    record,
    ref,
)
from footfall.serve.openapi.table_schema import OWN_PARAMETERS, row_of
from footfall.serve.rest.route import PAGE, SELECTOR
from footfall.serve.v0.reply import ERROR_CODES, RAW_EVENTS_PATH

_PREFIX = "V0_"
_OF_NO_OPERATION = {405, 409}
"""A wrong method is no operation, and nothing under /v0 conflicts."""
_SERVERS: Json = {"servers": [{"url": "/"}]}
_DAY: Json = {**GIVEN_DAY, "examples": ["2026-01-31"]}
_FIRST = "First day. One of the two spellings is required for flow and funnel"
_LAST = "Last day, whole. One of the two spellings is required for flow and funnel"
_DATES = ("date_from", "date_to", "dateFrom", "dateTo", "days_timezone", "bots")


def _raw_event() -> Json:
    """The event as the collector decodes it, and what it asks of it further."""
    _, found = msgspec.json.schema_components((RawEvent,))
    event = found.pop(RawEvent.__name__)
    [context] = found.values()
    fields = {name: field for name, field in context.items() if name != "title"}
    event["properties"] |= {
        "type": {"type": "string", "enum": [*RAW_TYPES, "screen"]},
        "context": {"anyOf": [fields, {"type": "null"}]},
    }
    return {**event, "required": ["type", "version", "channel"]}


V0_PARAMETERS: Json = {
    "date_from": parameter("date_from", _FIRST, _DAY),
    "date_to": parameter("date_to", _LAST, _DAY),
    "dateFrom": parameter("dateFrom", "The same as date_from", _DAY),
    "dateTo": parameter("dateTo", "The same as date_to", _DAY),
    "days_timezone": parameter(
        "timezone", "IANA zone in which days begin and end; UTC without it", ref("TimeZone")
    ),
}
V0_SCHEMAS: Json = {
    "Table": record(
        {
            "meta": array_of(
                record(
                    {"name": TEXT, "type": {**TEXT, "description": "As the engine names it"}},
                    *("name", "type"),
                )
            ),
            "data": array_of({"type": "object"}),
            "rows": COUNT,
            "rows_before_limit_at_least": COUNT,
            "statistics": record(
                {
                    "elapsed": {**NUMBER, "description": "Seconds"},
                    "rows_read": COUNT,
                    "bytes_read": COUNT,
                },
                *("elapsed", "rows_read", "bytes_read"),
            ),
        },
        *("meta", "data", "rows", "rows_before_limit_at_least", "statistics"),
    ),
    "V0Error": record(
        {
            "error": record(
                {
                    "code": {
                        "type": "string",
                        "enum": list(ERROR_CODES),
                        "description": "; ".join(
                            f"{code}: {meaning}" for code, (_, meaning) in ERROR_CODES.items()
                        ),
                    },
                    "message": TEXT,
                    "doc_url": {"type": "string", "format": "uri"},
                    "param": {**TEXT, "description": "Dotted path of what is wrong"},
                    "details": {"type": "object", "additionalProperties": TEXT},
                },
                *("code", "message", "doc_url"),
            )
        },
        "error",
    ),
    "RawEvent": _raw_event(),
    "RawTaken": record(
        {
            "successful_rows": {**COUNT, "description": "On disk"},
            "quarantined_rows": {**COUNT, "description": "Put aside, see /v0/quarantine"},
        },
        *("successful_rows", "quarantined_rows"),
    ),
    "QuarantineRow": record(
        dict.fromkeys(QuarantineRow.__struct_fields__, TEXT), *QuarantineRow.__struct_fields__
    ),
}
V0_RESPONSES: Json = responses(
    {
        str(status): ", or ".join(
            f"{code}: {meaning}" for code, (of, meaning) in ERROR_CODES.items() if of == status
        )
        for status in sorted({status for status, _ in ERROR_CODES.values()} - _OF_NO_OPERATION)
    },
    "V0Error",
    _PREFIX,
)


def v0_paths() -> Json:
    """The paths under /v0, which have a server of their own."""
    found: Json = {}
    for name, report in TABLE_REPORTS.items():
        parameters = (*SELECTOR, *_DATES, *OWN_PARAMETERS[name])
        found[f"/v0/{name}"] = {
            **_SERVERS,
            "get": _reading(name, report.summary, "paths", parameters),
        }
    found[RAW_EVENTS_PATH] = {**_SERVERS, "post": _collecting()}
    found["/v0/quarantine"] = {
        **_SERVERS,
        "get": _reading(
            "quarantine",
            "SDK events that were not taken in the last two weeks, and why",
            "collecting",
            (*SELECTOR, *_DATES[:-1], *PAGE),
        ),
    }
    return found


def _reading(name: str, summary: str, tag: str, parameters: tuple[str, ...]) -> Json:
    rows = record({"data": array_of(ref(row_of(name)))})
    table: Json = {"allOf": [ref("Table"), rows]}
    return reading(f"v0_{name}", summary, tag, parameters, table, failures=_PREFIX)


def _collecting() -> Json:
    event = ref("RawEvent")
    return writing(
        "v0_raw_events",
        f"Send up to {MAX_RAW_EVENTS:,} events of an SDK, with a key of scope collect or write."
        " Each stands for itself: a wrong one is put aside with its reason",
        SELECTOR,
        {"oneOf": [{**array_of(event), "maxItems": MAX_RAW_EVENTS}, event]},
        "200",
        ref("RawTaken"),
        failures=_PREFIX,
    )
