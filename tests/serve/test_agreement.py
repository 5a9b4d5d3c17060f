"""The document and the server agree: what a parameter's schema allows is accepted, and what it
forbids is a 400 that names the parameter."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from footfall.model.dimension import FILTERS, PATH_OF
from footfall.model.errors import BadRequest
from footfall.model.filter import parse_filter
from footfall.model.filter_pattern import filter_pattern
from footfall.model.funnel import MAX_FUNNEL_STEPS
from footfall.model.period import DAY_PATTERN, MOMENT_PATTERN, Period, parse_period
from footfall.model.question import Asked
from footfall.model.website import Website
from footfall.query.parse.flow import EXCLUDED_PATTERN, FLOW_PARAMS, parse_flow
from footfall.query.parse.funnel import FUNNEL_PARAMS
from footfall.query.parse.visitor_list import FLOW_LINK_PARAMS, FUNNEL_STEP_PARAMS
from footfall.serve.openapi.document import openapi_document

from .conftest import Api

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
BASE = "/api/v1"
PAGE = {"type": "event", "event": "page"}
STEP = json.dumps(PAGE)
CANDIDATES = (
    *("", " ", "-1", "0", "1", "7", "1.5", "1001", "99999999999", "abc", "yes"),
    *("true", "TRUE", "True"),
    *("2026-01-31", "2026-02-29", "2024-02-29", "1969-12-31", "2026-01-31T18:30", "2026-01-31 "),
    *("2026-01-31T18:30:00.5+02:00", "2026-01-31T24:00", "Europe/Vienna", "Etc/GMT+1", "Mars"),
    *(
        "day",
        "last",
        "exclude",
        "asc",
        "first_touch",
        "previous_year",
        "weekday",
        "backward",
        "closed",
        "source",
    ),
    *("device", "visitors", "revenueBreakdown", "visitors,bounceRate", "country,page", "a,,b", ","),
    *(STEP, f"[{STEP},{STEP}]", "[]", "{", "null", '[{"field":"os","op":"isEmpty"}]', "[1]"),
    *("1795262400000_0_00000000000000ff", "9795262400000_0_00000000000000ff", "1_2_3", "x" * 300),
)
FILTER_CANDIDATES = ("a", "~x", "a|", "", "!")
"""All of them on one report, the last on each."""
REQUIRED: dict[str, dict[str, str]] = {
    "/breakdown": {"dimension": "page"},
    "/flow": {"start_step": STEP},
    "/funnel": {"steps": f"[{STEP},{STEP}]"},
}
DAYS = {"date_from": "1970-01-01", "date_to": "2200-12-31"}
RELATED: dict[tuple[str, str], dict[str, str]] = {
    ("/overview", "compare"): {"startAt": "2026-01-01"},
    ("/overview", "match"): {"startAt": "2026-01-01", "compare": "previous_year"},
    ("/timeseries", "match"): {"compare": "previous_year"},
    ("/timeseries", "startAt"): {"interval": "month", "endAt": "2200-12-31T23:59:59Z"},
    ("/timeseries", "endAt"): {"interval": "month"},
}
"""What a parameter needs beside it to be of use."""


def operations() -> Iterator[tuple[str, str]]:
    for path, item in DOCUMENT["paths"].items():
        for method in item:
            if method != "servers":
                yield method.upper(), path


def parameters_of(method: str, path: str) -> list[dict[str, Any]]:
    listed = DOCUMENT["paths"][path][method.lower()]["parameters"]
    return [
        DOCUMENT["components"]["parameters"][each["$ref"].rpartition("/")[2]] for each in listed
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def is_valid(schema: dict[str, Any], value: object) -> bool:
    return OAS31Validator({**schema, "components": DOCUMENT["components"]}).is_valid(value)


def allows(schema: dict[str, Any], text: str) -> bool:
    """Whether a parameter's schema allows the text, read as its type is written in a query."""
    schema = resolved(schema)
    if "contentSchema" in schema:
        try:
            return is_valid(schema["contentSchema"], json.loads(text))
        except ValueError:
            return False
    if "anyOf" in schema:
        return any(allows(option, text) for option in schema["anyOf"])
    kind = schema["type"]
    if kind == "array":
        return is_valid(schema, text.split(","))
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return is_valid(schema, int(text))
    if kind == "boolean" and text in ("true", "false"):
        return True
    return is_valid(schema, text)


def candidates_for(schema: dict[str, Any]) -> list[str]:
    """The first few that a schema allows, and the first few that it forbids."""
    allowed = [text for text in CANDIDATES if allows(schema, text)]
    forbidden = [text for text in CANDIDATES if text not in allowed]
    return [*allowed[:3], *forbidden[:6], *forbidden[-3:]]


def beside(path: str, name: str) -> dict[str, str]:
    bare = path.removeprefix("/v0")
    given = dict(REQUIRED.get(bare, {})) | RELATED.get((bare, name), {})
    if path.startswith("/v0") and not name.startswith("date"):
        given |= DAYS
    if name in ("date_from", "dateFrom"):
        given["dateTo" if name == "dateFrom" else "date_to"] = DAYS["date_to"]
    if name in ("date_to", "dateTo"):
        given["dateFrom" if name == "dateTo" else "date_from"] = DAYS["date_from"]
    if name in ("compare", "match") and bare.strip("/") in ("breakdown", "goals", *PATH_OF):
        given |= {"startAt": "2026-01-01"}
        given |= {"compare": "previous_year"} if name == "match" else {}
    if bare == "/visitors":
        given |= people_behind(name)
    return given


def people_behind(name: str) -> dict[str, str]:
    """The flow or funnel to which a parameter of /visitors belongs."""
    if name in FUNNEL_STEP_PARAMS or (name in FUNNEL_PARAMS and name not in FLOW_PARAMS):
        return {"steps": f"[{','.join([STEP] * MAX_FUNNEL_STEPS)}]"}
    if name in FLOW_LINK_PARAMS or (name in FLOW_PARAMS and name != "limit"):
        return {"start_step": STEP, "flow_step": "1"}
    return {}


def named(answer: Any) -> str:
    error = answer.json()["error"]
    return str(error.get("field", error.get("param", ""))).partition(".")[0]


READS = [
    (method, path)
    for method, path in operations()
    if method == "GET" and DOCUMENT["paths"][path]["get"]["tags"] != ["access"]
]
"""Those of the dashboard's own calls are in `test_route_access`."""


@pytest.mark.sample(6)
@pytest.mark.parametrize(("method", "path"), READS, ids=lambda part: part)
def test_a_report_accepts_what_its_document_allows_and_nothing_else(
    api: Api, method: str, path: str
) -> None:
    token = api.token(None if path == "/workspaces" else api.website())
    address = path if path.startswith("/v0") else BASE + path
    for parameter in parameters_of(method, path):
        name, schema = parameter["name"], parameter["schema"]
        if parameter["in"] != "query" or name in ("websiteId", "domain"):
            continue
        is_filter = name.startswith("filter_")
        chosen = FILTER_CANDIDATES[0 if path == "/pages" else -1 :]
        for text in chosen if is_filter else candidates_for(schema):
            asked = {**beside(path, name), name: text}
            answer = api.get(address.replace("{id}", "nobody"), token, params=asked)
            shown = f"{path} {name}={text[:40]!r}: {answer.status_code} {answer.text[:200]}"
            if not allows(schema, text):
                assert answer.status_code == 400, shown
                assert named(answer) == name, shown
            else:
                assert answer.status_code == (404 if "{id}" in path else 200), shown


def test_deletes_accept_what_their_document_allows_and_nothing_else(api: Api) -> None:
    token = api.token(api.website(), "delete")
    for path in ("/goals", "/payments", "/visitors/{id}"):
        for parameter in parameters_of("DELETE", path):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] != "query" or name in ("websiteId", "domain"):
                continue
            for text in candidates_for(schema):
                filters = {} if "{id}" in path else {"visitorId": "nobody"}
                asked = {"dryRun": "true", **filters, name: text}
                address = f"{BASE}{path}".replace("{id}", "nobody")
                answer = api.ask("DELETE", address, token, params=asked)
                shown = f"{path} {name}={text[:40]!r}: {answer.status_code} {answer.text[:200]}"
                if not allows(schema, text):
                    assert answer.status_code == 400, shown
                    assert named(answer) == name, shown
                else:
                    assert answer.status_code == (404 if "{id}" in path else 200), shown


def test_an_idempotency_key_is_what_its_document_allows(api: Api) -> None:
    token = api.token(api.website())
    schema = DOCUMENT["components"]["parameters"]["idempotency_key"]["schema"]
    for number, key in enumerate(("", " ", "a", "a b", "a\tb", "ä", "x" * 255, "x" * 256)):
        headers = {"Idempotency-Key": key.encode()}
        answer = api.ask("POST", f"{BASE}/goals", token, headers=headers, json={"name": "g"})
        expected = 200 if is_valid(schema, key) else 400
        assert answer.status_code == expected, f"{number}: {answer.text}"
        if expected == 400:
            assert named(answer) == "Idempotency-Key"


SPACES = " \t\x1c\x1f\x85\u00a0\u2028\ufeff"
"""Python and ECMA 262 differ in which of these are spaces."""
VALUES = st.text(f"ab|,!~*\\/ é{SPACES}", max_size=8) | st.text(max_size=4)


@pytest.mark.parametrize("name", FILTERS)
@settings(max_examples=100, deadline=None)
@given(text=VALUES.filter(lambda text: "\0" not in text))
def test_a_filters_pattern_is_its_grammar(name: str, text: str) -> None:
    try:
        parse_filter(FILTERS[name], text)
        is_accepted = True
    except BadRequest:
        is_accepted = False
    pattern = filter_pattern(FILTERS[name]).removesuffix("$") + r"\Z"
    assert bool(re.search(pattern, text)) == is_accepted


WEBSITE = Website(
    id=1, tracking_id="", domain="", name="", timezone="UTC", currency="EUR", created_at=0
)


@settings(max_examples=300, deadline=None)
@given(text=st.text(f"a,*\\/[{SPACES}", max_size=10) | st.text(max_size=4))
@example(text="/" + "*a" * 20)
@example(text="\\/" + "*a" * 21)
@example(text=",".join("a" * 50))
@example(text=",".join("a" * 51))
def test_the_pattern_of_excluded_labels_is_their_grammar(text: str) -> None:
    assume("\0" not in text and not text.lstrip().startswith("["))
    asked = Asked(website=WEBSITE, period=Period(timezone="UTC"), now_at=0)
    try:
        parse_flow([("start_step", STEP), ("exclude", text)], asked)
        is_accepted = True
    except BadRequest:
        is_accepted = False
    assert bool(re.fullmatch(EXCLUDED_PATTERN, text)) == is_accepted


DATES = st.from_regex(r"(?:19|20|21|22)[0-9]{2}-[0-1][0-9]-[0-3][0-9]", fullmatch=True)
TIMES = st.from_regex(
    r"[Tt ]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.,][0-9]{1,10})?", fullmatch=True
)
OFFSETS = st.from_regex(r"Z|z|[+ -][0-2][0-9](:?[0-6][0-9])?", fullmatch=True)
MOMENTS = st.builds("{}{}{}".format, DATES, st.just("") | TIMES, st.just("") | OFFSETS) | st.text(
    "0123456789-T:Z+ ", max_size=25
)


@settings(max_examples=500, deadline=None)
@given(MOMENTS)
def test_a_moments_pattern_is_what_is_read(text: str) -> None:
    try:
        parse_period(text, None, "UTC")
        is_accepted = True
    except BadRequest:
        is_accepted = False
    assert bool(re.fullmatch(MOMENT_PATTERN, text)) == is_accepted
    is_day = is_accepted and len(text) == len("2026-01-31")
    assert bool(re.fullmatch(DAY_PATTERN, text)) == is_day


def test_every_day_of_the_leap_years_in_question_is_in_the_pattern() -> None:
    for year in range(1960, 2211):
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        found = bool(re.fullmatch(DAY_PATTERN, f"{year}-02-29"))
        assert found == (is_leap and 1970 <= year <= 2200), year
