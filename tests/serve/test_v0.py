"""The flow and funnel API over HTTP, and the same reports in the other API: keys, parameters in
both dialects, envelopes, errors. What the numbers are is tested elsewhere."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall.model.website import Website
from footfall.serve.http.reply import exception_handlers
from footfall.serve.v0.reply import ERROR_CODES, render_failure
from footfall.store.engine import EngineError

from .conftest import Api

ANY_PAGE = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
SIGNUP = {"type": "track", "event": "signup", "resolved_event": "signup"}
DAYS = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
V0, BASE = "/v0", "/api/v1"
DIALECTS = [V0, BASE]
FLOW_META = [
    {"name": "step", "type": "UInt32"},
    {"name": "source", "type": "String"},
    {"name": "target", "type": "String"},
    {"name": "transitions", "type": "UInt64"},
    {"name": "percentage", "type": "Float64"},
]


def dated(dialect: str, **params: Any) -> dict[str, Any]:
    """Parameters with November 2026 in the dialect's own words."""
    days = DAYS if dialect == V0 else {"startAt": "2026-11-01", "endAt": "2026-11-30"}
    texts = {
        name: value if isinstance(value, str | int) else json.dumps(value)
        for name, value in params.items()
    }
    return days | texts


def flow(**params: Any) -> dict[str, Any]:
    return dated(V0, start_step=ANY_PAGE, **params)


@pytest.fixture
def website(api: Api) -> Website:
    """A website on which ann went / → /pricing → signup, and bob only saw /."""
    website = api.website()

    def event(uid: str, at: str, **fields: Any) -> dict[str, Any]:
        timestamp = f"2026-11-21T11:{at}Z"
        return {"visitorUid": uid, "timestamp": timestamp, "userAgent": BROWSER} | fields

    api.send(
        website,
        event("ann", "50:00", url="https://example.com/"),
        event("ann", "51:00", url="https://example.com/pricing"),
        event("ann", "52:00", type="track", name="signup"),
        event("bob", "50:00", url="https://example.com/"),
    )
    return website


# Answers


def test_a_flow_is_a_table_with_its_columns_types(api: Api, website: Website) -> None:
    answer = api.get("/v0/flow", api.token(website, "read", kind="formo"), params=flow())
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["meta", "data", "rows", "rows_before_limit_at_least", "statistics"]
    assert body["meta"] == FLOW_META
    assert body["data"] == [
        {"step": 1, "source": "/", "target": "/pricing", "transitions": 1, "percentage": 100.0},
        {"step": 2, "source": "/pricing", "target": "signup", "transitions": 1, "percentage": 100},
    ]
    assert [list(row) for row in body["data"]] == [[c["name"] for c in FLOW_META]] * 2
    assert (body["rows"], body["rows_before_limit_at_least"]) == (2, 2)
    statistics = body["statistics"]
    assert list(statistics) == ["elapsed", "rows_read", "bytes_read"]
    assert statistics["elapsed"] > 0
    assert isinstance(statistics["rows_read"], int)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_a_percentage_has_no_trailing_zeros_and_counts_no_quotes(
    api: Api, website: Website
) -> None:
    text = api.get("/v0/flow", api.token(website), params=flow(drop_off="true")).text
    assert '"transitions":1,"percentage":50.0}' in text


def test_rows_before_limit_count_what_limit_and_offset_leave_out(
    api: Api, website: Website
) -> None:
    params = flow(limit=1, offset=1)
    body = api.get("/v0/flow", api.token(website), params=params).json()
    assert [row["step"] for row in body["data"]] == [2]
    assert (body["rows"], body["rows_before_limit_at_least"]) == (1, 2)


@pytest.mark.parametrize("base", ["/api/v1", "/analytics/api/v1"])
def test_the_other_api_answers_the_same_rows_in_its_envelope(
    api: Api, website: Website, base: str
) -> None:
    token = api.token(website)
    rows = api.get("/v0/flow", token, params=flow()).json()["data"]
    body = api.get(f"{base}/flow", token, params=dated(BASE, start_step=ANY_PAGE)).json()
    assert body == {
        "status": "success",
        "data": rows,
        "pagination": {"limit": 10_000, "offset": 0, "total": 2},
    }


def test_the_other_api_has_its_filters_and_needs_no_dates(api: Api, website: Website) -> None:
    token = api.token(website)
    for value, found in (("/pricing", 2), ("/nowhere", 0)):
        params = {"start_step": json.dumps(ANY_PAGE), "filter_page": value}
        answer = api.get("/api/v1/flow", token, params=params)
        assert len(answer.json()["data"]) == found, answer.text


def test_filters_on_sessions_belong_to_the_other_api(api: Api, website: Website) -> None:
    answer = api.get("/v0/flow", api.token(website), params=flow(filter_page="/nowhere"))
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "filter_page"


def test_a_funnel_is_the_same_in_both_apis(api: Api, website: Website) -> None:
    token = api.token(website)
    table = api.get("/v0/funnel", token, params=dated(V0, steps=[ANY_PAGE, SIGNUP])).json()
    assert [column["name"] for column in table["meta"]] == list(table["data"][0])
    assert [(row["step"], row["users"]) for row in table["data"]] == [(1, 2), (2, 1)]
    params = dated(BASE, steps=[ANY_PAGE, SIGNUP])
    assert api.get("/api/v1/funnel", token, params=params).json() == {
        "status": "success",
        "data": table["data"],
    }


def test_retention_is_one_row_in_both_apis_and_needs_no_dates(api: Api, website: Website) -> None:
    token = api.token(website)
    table = api.get("/v0/retention", token, params={"min_users": 1}).json()
    assert [column["name"] for column in table["meta"]] == ["metric", "user"]
    assert table["rows"] == 1
    assert table["data"][0]["metric"]["user_count"] == 2
    assert [cohort["num_users"] for cohort in table["data"][0]["user"]] == [2]
    answer = api.get("/api/v1/retention", token, params={"min_users": 1})
    assert answer.json() == {"status": "success", "data": table["data"]}


def test_both_spellings_of_dates_and_conditions_are_understood(api: Api, website: Website) -> None:
    token = api.token(website)
    older = {"operand": "device", "operator": "equals", "value": "desktop"}
    newer = {"field": "device", "op": "eq", "value": "desktop"}
    answers = [
        api.get(
            "/v0/flow",
            token,
            params={
                first: "2026-11-01",
                last: "2026-11-30",
                "start_step": json.dumps(ANY_PAGE | {"filters": [condition]}),
                "end_step": json.dumps(SIGNUP),
                "global_filters": json.dumps([condition]),
                "window_seconds": "1209600",
                "max_steps": "4",
            },
        )
        for first, last, condition in (
            ("dateFrom", "dateTo", older),
            ("date_from", "date_to", newer),
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    assert answers[0].json()["data"] == answers[1].json()["data"]
    assert answers[0].json()["data"][-1]["target"] == "signup__END_MATCH__"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("report", ["flow", "funnel", "retention"])
@pytest.mark.parametrize("name", ["filters", "global_filters"])
def test_filters_and_global_filters_narrow_every_report(
    api: Api, website: Website, dialect: str, report: str, name: str
) -> None:
    token = api.token(website)
    steps = {"start_step": ANY_PAGE, "steps": [ANY_PAGE, SIGNUP], "min_users": 1}
    nobody = {"field": "city", "op": "eq", "value": "Atlantis"}

    def ask(**filters: Any) -> Any:
        return api.get(f"{dialect}/{report}", token, params=dated(dialect, **steps, **filters))

    everybody, none = ask().json()["data"], ask(**{name: [nobody]}).json()["data"]
    assert everybody != none
    both = {"filters": [{**DEVICE, "value": "desktop"}], "global_filters": [nobody]}
    assert ask(**both).json()["data"] == none
    wrong = ask(**{name: "x"})
    assert wrong.status_code == 400
    assert f"{name} " in wrong.text


def test_unknown_parameters_are_ignored(api: Api, website: Website) -> None:
    token = api.token(website)
    params = flow(page_scope="session", include_previous_period="true", x="")
    assert len(api.get("/v0/flow", token, params=params).json()["data"]) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("given", "taken"), [("1", "2"), ("-5", "2"), ("99", "10"), ("9" * 40, "10")]
)
def test_max_steps_out_of_range_is_clamped(
    api: Api, website: Website, dialect: str, given: str, taken: str
) -> None:
    token = api.token(website)
    answers = [
        api.get(
            f"{dialect}/flow", token, params=dated(dialect, start_step=ANY_PAGE, max_steps=steps)
        )
        for steps in (given, taken)
    ]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json()["data"] == answers[1].json()["data"]


# What is wrong


def condition(**fields: object) -> dict[str, object]:
    return ANY_PAGE | {"filters": [fields]}


DEVICE = {"field": "device", "op": "equals"}
WRONG = [
    ("flow", {"start_step": "{"}, "start_step"),
    ("flow", {"start_step": "[]"}, "start_step"),
    ("flow", {"start_step": ""}, "start_step"),
    ("flow", {"end_step": "page"}, "end_step"),
    ("flow", {"start_step": {"event": "page"}}, "start_step.type"),
    ("flow", {"start_step": {"type": "event"}}, "start_step.event"),
    ("flow", {"start_step": {"type": "click", "event": "page"}}, "start_step.type"),
    (
        "flow",
        {"start_step": condition(field="device", op="like", value="x")},
        "start_step.filters.0.op",
    ),
    (
        "flow",
        {"start_step": condition(operand="device", operator="~", value="x")},
        "start_step.filters.0.operator",
    ),
    (
        "flow",
        {"start_step": condition(operator="equals", value="x")},
        "start_step.filters.0.operand",
    ),
    (
        "flow",
        {"start_step": condition(**DEVICE, value="x" * 3000)},
        "start_step.filters.0.value",
    ),
    ("flow", {"global_filters": [{**DEVICE, "value": "x" * 60_000}]}, "global_filters"),
    ("flow", {"global_filters": {}}, "global_filters"),
    ("flow", {"window_seconds": "0"}, "window_seconds"),
    ("flow", {"window_seconds": "9" * 30}, "window_seconds"),
    ("flow", {"max_steps": "four"}, "max_steps"),
    ("flow", {"nodes_per_step": "0"}, "nodes_per_step"),
    ("flow", {"direction": "sideways"}, "direction"),
    ("flow", {"drop_off": "perhaps"}, "drop_off"),
    ("flow", {"percentage_base": "all"}, "percentage_base"),
    ("flow", {"limit": "0"}, "limit"),
    ("flow", {"offset": "-1"}, "offset"),
    ("flow", {"bots": "some"}, "bots"),
    ("flow", {"timezone": "Mars/Base"}, "timezone"),
    ("funnel", {"steps": [ANY_PAGE] * 11}, "steps"),
    ("funnel", {"steps": [ANY_PAGE]}, "steps"),
    ("funnel", {"steps": ""}, "steps"),
    ("funnel", {"steps": [ANY_PAGE, {"type": "track"}]}, "steps.1.event"),
    ("funnel", {"funnel_type": "ajar"}, "funnel_type"),
    ("funnel", {"group_by": "volume"}, "group_by"),
    ("funnel", {"limit": "101"}, "limit"),
    ("funnel", {"attribution": "last"}, "attribution"),
    ("retention", {"id_type": "user_id"}, "id_type"),
    ("retention", {"limit": "53"}, "limit"),
    ("retention", {"filters": "{}"}, "filters"),
    ("retention", {"event_type": "click"}, "event_type"),
]


@pytest.mark.sample(36)
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("report", "params", "param"), WRONG)
def test_a_wrong_parameter_is_a_400_that_names_it(
    api: Api, dialect: str, report: str, params: dict[str, Any], param: str
) -> None:
    needed: dict[str, Any] = {
        "flow": {"start_step": ANY_PAGE},
        "funnel": {"steps": [ANY_PAGE, SIGNUP]},
    }.get(report, {})
    asked = dated(dialect, **(needed | params))
    answer = api.get(f"{dialect}/{report}", api.token(api.website()), params=asked)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    if dialect == BASE:
        assert (error["code"], error["field"]) == (400, param)
        return
    message = error["message"]
    assert error == {
        "code": "INVALID_VALIDATION_REQUEST",
        "message": message,
        "doc_url": "http://test/llms.txt#errors",
        "param": param,
        "details": {f"query.{param}": message},
    }
    assert param.partition(".")[0] in message


@pytest.mark.parametrize(
    ("days", "param"),
    [
        ({}, "dateFrom"),
        ({"date_from": "2026-11-01"}, "date_to"),
        ({"dateTo": "2026-11-01"}, "dateFrom"),
        ({"date_from": "2026-11-02", "date_to": "2026-11-01"}, "date_from"),
        ({"dateFrom": "2026-11-02", "dateTo": "2026-11-01"}, "dateFrom"),
        ({"date_from": "yesterday", "date_to": "2026-11-01"}, "date_from"),
        ({"date_from": "2026-02-30", "date_to": "2026-11-01"}, "date_from"),
        ({"date_from": "2026-11-01T00:00:00Z", "date_to": "2026-11-02"}, "date_from"),
        ({"date_from": "2026-11-01", "dateFrom": "2026-11-02", "date_to": "2026-11-03"}, "date"),
    ],
)
def test_wrong_days_are_named_as_they_were_spelled(
    api: Api, days: dict[str, str], param: str
) -> None:
    params = {**days, "start_step": json.dumps(ANY_PAGE)}
    answer = api.get("/v0/flow", api.token(api.website()), params=params)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith(param)


def test_what_is_wrong_as_a_whole_is_a_bad_request(api: Api) -> None:
    query = "&".join(f"a{n}=1" for n in range(101))
    error = api.get(f"/v0/flow?{query}", api.token(api.website())).json()["error"]
    assert error["code"] == "BAD_REQUEST"
    assert set(error) == {"code", "message", "doc_url"}


def test_parameters_too_long_together_are_a_414(api: Api) -> None:
    query = "&".join(f"a{n}=" + "x" * 9000 for n in range(2))
    answer = api.get(f"/v0/flow?{query}", api.token(api.website()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (414, "URI_TOO_LONG")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v0", 404, "NOT_FOUND"),
        ("GET", "/v0/", 404, "NOT_FOUND"),
        ("GET", "/v0/flow/", 404, "NOT_FOUND"),
        ("GET", "/v0/kpis", 404, "NOT_FOUND"),
        ("GET", "/v0/%00%ff", 404, "NOT_FOUND"),
        ("POST", "/v0/flow", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/v0/funnel", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_another_path_or_method_is_an_error_in_the_envelope(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = api.ask(method, path, api.token())
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_head_works_where_get_does(api: Api, website: Website) -> None:
    assert api.ask("HEAD", "/v0/flow", api.token(website), params=flow()).status_code == 200


def test_every_code_is_on_the_page_that_errors_point_to(api: Api) -> None:
    error = api.get("/v0/flow").json()["error"]
    page, _, heading = error["doc_url"].removeprefix("http://test").partition("#")
    text = api.get(page).text
    assert f"\n## {heading.capitalize()}\n" in text
    assert all(f"- {code} ({status})" in text for code, (status, _) in ERROR_CODES.items())


@pytest.fixture
def broken(api: Api, engine: Any) -> Iterator[Api]:
    """An API whose store has lost its events."""
    engine.command("RENAME TABLE events TO events_away")
    yield api
    engine.command("RENAME TABLE events_away TO events")


def test_what_fails_inside_is_a_numbered_500_that_reveals_nothing(broken: Api) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = broken.get("/v0/flow", broken.token(broken.website()), params=flow())
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert error["details"] == {"request_id": answer.headers["x-request-id"]}
    assert "events" not in error["message"]
    assert [entry["request_id"] for entry in logged] == [answer.headers["x-request-id"]]


@pytest.mark.parametrize("reason", ["TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"])
def test_a_question_beyond_the_engines_limits_is_a_503(api: Api, reason: str) -> None:
    async def exceed(_request: Request) -> Response:
        raise EngineError(f"Code: 0. DB::Exception: it took too much. ({reason})")

    handlers = exception_handlers(render_failure)
    api.v0 = Starlette(routes=[Route("/v0/flow", exceed)], exception_handlers=handlers)
    with structlog.testing.capture_logs():
        answer = api.get("/v0/flow")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "shorter period" in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "text",
    [
        *("'; DROP TABLE events; --", "') OR 1=1 --", "{v0:String}", "\\", "%", "`", "🙂", "a\nb"),
        *("*" * 10, "[", "(?i)x", "__END_MATCH__", "\ufffe", "toString(1)", "\x01"),
    ],
)
def test_sql_in_any_text_is_a_text(api: Api, website: Website, text: str) -> None:
    token = api.token(website)
    tested = [
        {"field": text, "op": "eq", "value": text},
        {"field": "event", "op": "neq", "value": text},
    ]
    step = {"type": "track", "event": text, "status_value": text, "filters": tested}
    page = {"type": "event", "event": "page", "resolved_event": f"/{text}"}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("flow", {"start_step": step, "end_step": page, "exclude": text}),
        ("flow", {"start_step": ANY_PAGE, "global_filters": tested[1:], "exclude": [text]}),
        ("funnel", {"steps": [page, step | {"name": text}], "group_by": "event"}),
        ("funnel", {"steps": [ANY_PAGE, step], "funnel_type": "open", "group_by": "page_path"}),
        ("retention", {"filters": tested, "event_name": text}),
    ]
    for report, params in asked:
        for dialect in DIALECTS:
            answer = api.get(f"{dialect}/{report}", token, params=dated(dialect, **params))
            assert answer.status_code in (200, 400), answer.text
    assert len(api.get("/v0/flow", token, params=flow()).json()["data"]) == 2


# Keys


def test_a_key_without_selector_asks_about_its_website(api: Api, website: Website) -> None:
    for token in (api.token(website, "read", kind="formo"), api.token(website)):
        for selector in ({}, {"websiteId": website.public_id}, {"domain": "example.com"}):
            answer = api.get("/v0/flow", token, params=flow(**selector))
            assert len(answer.json()["data"]) == 2


def test_a_workspace_token_needs_a_selector(api: Api) -> None:
    api.website()
    token = api.token()
    error = api.get("/v0/flow", token, params=flow()).json()["error"]
    assert (error["code"], error["param"]) == ("INVALID_VALIDATION_REQUEST", "websiteId")
    assert api.get("/v0/flow", token, params=flow(domain="example.com")).status_code == 200
    answer = api.get("/v0/flow", token, params=flow(domain="unknown.example"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_key_may_not_ask_about_another_website(api: Api) -> None:
    key = api.token(api.website(), "read", kind="formo")
    api.website("other.example")
    answer = api.get("/v0/flow", key, params=flow(domain="other.example"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("kind", ["flow", "formo"])
def test_a_write_key_reads_nothing(api: Api, kind: str) -> None:
    key = api.token(api.website(), "collect", kind=kind)
    answer = api.get("/v0/flow", key, params=flow())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert "'read'" in answer.json()["error"]["message"]


@pytest.mark.parametrize("report", ["flow", "funnel", "retention", "overview"])
def test_a_key_of_this_api_is_refused_by_the_other(api: Api, report: str) -> None:
    key = api.token(api.website(), "read", kind="formo")
    answer = api.get(f"/api/v1/{report}", key)
    assert answer.status_code == 403
    assert "flow and funnel API" in answer.json()["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer formo_unknown"}])
def test_without_a_known_key_there_is_no_answer(api: Api, headers: dict[str, str]) -> None:
    answer = api.get("/v0/flow", headers=headers, params=flow())
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    error = answer.json()["error"]
    assert error["code"] == "UNAUTHORIZED"
    assert set(error) == {"code", "message", "doc_url"}


@pytest.mark.parametrize("name", ["api_key", "token", "start_step"])
def test_a_key_in_the_address_is_refused(api: Api, name: str) -> None:
    key = api.token(api.website(), "read", kind="formo")
    answer = api.get("/v0/flow", key, params=flow() | {name: key})
    assert answer.status_code == 401
    assert "never in the address" in answer.json()["error"]["message"]
    assert key not in answer.text


def test_one_rate_counts_for_both_apis(tmp_path: Any, engine: Any) -> None:
    api = Api(tmp_path, engine, rate_limit_per_minute=2)
    token = api.token(api.website())
    asked = [
        api.get("/v0/flow", token, params=flow()),
        api.get("/api/v1/flow", token, params=dated(BASE, start_step=ANY_PAGE)),
        api.get("/v0/flow", token, params=flow()),
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in asked] == ["1", "0", "0"]
    assert 1 <= int(asked[2].headers["retry-after"]) <= 60
    assert asked[2].json()["error"]["code"] == "TOO_MANY_REQUESTS"
    api.close()


# Other origins


def test_other_origins_read_no_reports(api: Api, website: Website) -> None:
    headers = {"Origin": "https://app.example"}
    answer = api.get("/v0/flow", api.token(website), params=flow(), headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


PAGE_VIEW = {
    **{"type": "page", "channel": "web", "version": "1", "anonymous_id": "ann"},
    "context": {"page_url": "https://example.com/"},
}


def test_a_page_of_any_origin_may_read_whatever_becomes_of_its_raw_events(
    api: Api,
) -> None:
    website = api.website()
    key = api.token(website, "collect", kind="formo")
    headers = {"Origin": "https://app.example"}

    def send(token: str | None, **options: Any) -> tuple[int, str]:
        answer = api.ask("POST", "/v0/raw_events", token, headers=headers, **options)
        assert answer.headers["access-control-allow-origin"] == "*", answer.text
        assert "access-control-allow-credentials" not in answer.headers
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    large = b"[" + b" " * (9 * 1024 * 1024) + b"]"
    assert send(key, json=[PAGE_VIEW]) == (200, "")
    assert send(key, json=PAGE_VIEW) == (200, "")
    assert send(key, content=b"{") == (400, "BAD_REQUEST")
    assert send(key, content=large) == (413, "PAYLOAD_TOO_LARGE")
    assert send(key, json=[], params={"a": key}) == (401, "UNAUTHORIZED")
    assert send(None, json=[]) == (401, "UNAUTHORIZED")
    assert send("formo_unknown", json=[]) == (401, "UNAUTHORIZED")
    assert send(api.token(website, "read", kind="formo"), json=[]) == (403, "FORBIDDEN")
    answer = api.get("/v0/raw_events", key, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"POST", "OPTIONS"} <= set(answer.headers["allow"].split(", "))


def test_a_page_of_any_origin_may_read_that_the_journal_is_full(tmp_path: Any, engine: Any) -> None:
    api = Api(tmp_path, engine, journal_max_bytes=1)
    key = api.token(api.website(), "collect", kind="formo")
    answer = api.ask("POST", "/v0/raw_events", key, json=[PAGE_VIEW])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert int(answer.headers["retry-after"]) > 0
    api.close()


def test_a_page_of_any_origin_may_ask_to_send_raw_events(api: Api) -> None:
    answer = api.ask("OPTIONS", "/v0/raw_events", headers={"Origin": "https://app.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers
