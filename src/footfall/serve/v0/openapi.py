"""The flow and funnel API in the OpenAPI document."""

from footfall.serve.rest.operation import parameter, reading, responses
from footfall.serve.rest.route import SELECTOR
from footfall.serve.rest.schema import COUNT, NUMBER, TEXT, Json, array_of, record, ref
from footfall.serve.rest.table_schema import OWN_PARAMETERS, row_of
from footfall.serve.table_report import TABLE_REPORTS
from footfall.serve.v0.reply import ERROR_CODES

_PREFIX = "V0_"
_DAY: Json = {"type": "string", "format": "date", "examples": ["2026-01-31"]}
_FIRST = "First day. One of the two spellings is required for flow and funnel"
_LAST = "Last day, whole. One of the two spellings is required for flow and funnel"
_DATES = ("date_from", "date_to", "dateFrom", "dateTo", "days_timezone", "bots")

V0_PARAMETERS: Json = {
    "date_from": parameter("date_from", _FIRST, _DAY),
    "date_to": parameter("date_to", _LAST, _DAY),
    "dateFrom": parameter("dateFrom", "The same as date_from", _DAY),
    "dateTo": parameter("dateTo", "The same as date_to", _DAY),
    "days_timezone": parameter(
        "timezone", "IANA zone in which days begin and end", {"type": "string", "default": "UTC"}
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
            "data": {"type": "array"},
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
}
V0_RESPONSES: Json = responses(
    {
        str(status): ", or ".join(
            f"{code}: {meaning}" for code, (of, meaning) in ERROR_CODES.items() if of == status
        )
        for status in sorted({status for status, _ in ERROR_CODES.values()})
    },
    "V0Error",
    _PREFIX,
)


def v0_paths() -> Json:
    """The paths under /v0, which have a server of their own."""
    found: Json = {}
    for name, report in TABLE_REPORTS.items():
        parameters = (*SELECTOR, *_DATES, *OWN_PARAMETERS[name])
        operation = reading(
            f"v0_{name}", report.summary, "paths", parameters, _table(name), failures=_PREFIX
        )
        found[f"/v0/{name}"] = {"servers": [{"url": "/"}], "get": operation}
    return found


def _table(name: str) -> Json:
    rows = record({"data": array_of(ref(row_of(name)))})
    return {"allOf": [ref("Table"), rows]}
