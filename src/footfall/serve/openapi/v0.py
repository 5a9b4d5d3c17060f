"""The flow and funnel API in the OpenAPI document."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from footfall.collect.raw import MAX_RAW_EVENTS, RawEvent
from footfall.collect.sdk import RawTaken
from footfall.query.ask import REPORTS, TABLE_REPORTS
from footfall.serve.openapi.component import Json, table_of
from footfall.serve.openapi.given import GIVEN_DAY, ref
from footfall.serve.openapi.operation import parameter, reading, responses, writing
from footfall.serve.openapi.table import OWN_PARAMETERS
from footfall.serve.rest.route import PAGE, SELECTOR
from footfall.serve.v0.reply import ERROR_CODES, RAW_EVENTS_PATH, V0Error

_PREFIX = "V0_"
_OF_NO_OPERATION = {405, 409}
"""No operation has a wrong method, and nothing under /v0 conflicts."""
_SERVERS: Json = {"servers": [{"url": "/"}]}
_DAY: Json = {**GIVEN_DAY, "examples": ["2026-01-31"]}
_FIRST = "First day. One of the two spellings is required for flow and funnel"
_LAST = "Last day, whole. One of the two spellings is required for flow and funnel"
_DATES = ("date_from", "date_to", "dateFrom", "dateTo", "days_timezone", "bots")


V0_PARAMETERS: Json = {
    "date_from": parameter("date_from", _FIRST, _DAY),
    "date_to": parameter("date_to", _LAST, _DAY),
    "dateFrom": parameter("dateFrom", "The same as date_from", _DAY),
    "dateTo": parameter("dateTo", "The same as date_to", _DAY),
    "days_timezone": parameter(
        "timezone", "IANA zone in which days begin and end; UTC without it", ref("TimeZone")
    ),
}
V0_FURTHER: Mapping[str, Json] = {"RawEvent": {"required": ["type", "version", "channel"]}}
V0_RESPONSES: Json = responses(
    {
        str(status): ", or ".join(
            f"{code}: {meaning}" for code, (of, meaning) in ERROR_CODES.items() if of == status
        )
        for status in sorted({status for status, _ in ERROR_CODES.values()} - _OF_NO_OPERATION)
    },
    V0Error,
    _PREFIX,
)


def v0_paths() -> Json:
    """The paths under /v0, which have a server of their own."""
    found: Json = {}
    for name in TABLE_REPORTS:
        parameters = (*SELECTOR, *_DATES, *OWN_PARAMETERS[name])
        found[f"/v0/{name}"] = {**_SERVERS, "get": _reading(name, "paths", parameters)}
    found[RAW_EVENTS_PATH] = {**_SERVERS, "post": _collecting()}
    parameters = (*SELECTOR, *_DATES[:-1], *PAGE)
    found["/v0/quarantine"] = {
        **_SERVERS,
        "get": _reading("quarantine", "collecting", parameters),
    }
    return found


def _reading(name: str, tag: str, parameters: tuple[str, ...]) -> Json:
    report = REPORTS[name]
    answer = table_of(report.row, report.totals)
    return reading(f"v0_{name}", report.summary, tag, parameters, answer, failures=_PREFIX)


def _collecting() -> Json:
    several = Annotated[list[RawEvent], Meta(max_length=MAX_RAW_EVENTS)]
    return writing(
        "v0_raw_events",
        f"Send up to {MAX_RAW_EVENTS:,} events of an SDK, with a key of scope collect or write."
        " Each is checked on its own: an invalid one is quarantined with its reason",
        SELECTOR,
        {"oneOf": [several, RawEvent]},
        "200",
        RawTaken,
        failures=_PREFIX,
    )
