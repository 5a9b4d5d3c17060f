"""The OpenAPI document: valid, complete, and made from the registries."""

import json

import msgspec
import pytest

from footfall.collect.server_call import GoalBody, PaymentBody
from footfall.model.dimension import DIMENSIONS, FILTERS, PATH_OF
from footfall.model.metric import METRICS
from footfall.query.parse.asked import DATES
from footfall.query.parse.flow import FLOW_PARAMS
from footfall.query.parse.funnel import FUNNEL_PARAMS
from footfall.query.parse.retention import RETENTION_PARAMS
from footfall.serve.openapi.document import openapi_document
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.route import REPORT_ROUTES

from .conftest import Api

validator = pytest.importorskip(
    "openapi_spec_validator", reason="install openapi-spec-validator to check the document"
)
schema_validator = pytest.importorskip("openapi_schema_validator")


@pytest.fixture(scope="module")
def document():
    return msgspec.json.decode(msgspec.json.encode(openapi_document()))


def test_it_is_valid_openapi_3_1(document) -> None:
    validator.OpenAPIV31SpecValidator(document).validate()


def test_it_lists_every_path(document) -> None:
    expected = {f"/{path}" for path in PATH_OF} | {
        *(
            "/websites",
            "/websites/{id}/setup",
            "/workspaces",
            "/metadata",
            "/schema",
            "/overview",
            "/timeseries",
        ),
        *("/realtime", "/realtime/map", "/goals", "/breakdown", "/steps", "/ingestion", "/events"),
        *(base + path for base in ("", "/v0") for path in ("/flow", "/funnel", "/retention")),
        *("/v0/raw_events", "/v0/quarantine"),
        *("/visitors", "/visitors/{id}", "/visitors/{id}/export", "/payments"),
        *(call.path for call in MANAGE_CALLS),
    }
    assert set(document["paths"]) == expected


def test_every_filtered_report_lists_every_filter(document) -> None:
    for route in REPORT_ROUTES:
        listed = {
            parameter["$ref"].rpartition("/")[2]
            for parameter in document["paths"][route.path]["get"]["parameters"]
        }
        assert {"websiteId", "domain"} <= listed
        filters = {f"filter_{name}" for name in FILTERS}
        assert filters <= listed if route.has_filters else not filters & listed


def test_every_dimension_can_be_chosen(document) -> None:
    schema = document["components"]["parameters"]["dimension"]["schema"]
    assert schema["items"]["enum"] == list(DIMENSIONS)


def test_every_number_has_its_rule(document) -> None:
    row = document["components"]["schemas"]["OverviewRow"]["properties"]
    for metric in METRICS.values():
        if metric.is_in_overview:
            assert row[metric.name]["description"] == row[metric.alias]["description"]
            assert row[metric.name]["description"] == metric.rule


def parameters_of(document, path: str) -> dict[str, dict[str, object]]:
    """By the name under which they are listed."""
    listed = [
        each["$ref"].rpartition("/")[2] for each in document["paths"][path]["get"]["parameters"]
    ]
    return {name: document["components"]["parameters"][name] for name in listed}


def address_of(document, path: str) -> str:
    """A path behind its own first server, else the document's; asked about ann."""
    server = document["paths"][path].get("servers", document["servers"])[0]["url"]
    return server.rstrip("/") + path.replace("{id}", "ann")


@pytest.mark.parametrize("path", ["/flow", "/v0/flow", "/funnel", "/v0/funnel", "/retention"])
def test_every_parameter_that_is_read_is_listed_under_its_name(document, path: str) -> None:
    names = [parameter["name"] for parameter in parameters_of(document, path).values()]
    assert len(set(names)) == len(names)
    read = {"flow": FLOW_PARAMS, "funnel": FUNNEL_PARAMS, "retention": RETENTION_PARAMS}
    wanted = {*read[path.rpartition("/")[2]], "bots", "timezone", "websiteId", "domain"}
    filters = {f"filter_{name}" for name in FILTERS}
    if path.startswith("/v0"):
        assert set(names) == wanted | {name for names in DATES for name in names}
    else:
        assert set(names) == wanted | {"startAt", "endAt"} | filters


def test_every_example_is_what_its_schema_says_and_answers(document, api: Api) -> None:
    token = api.token(api.website())
    for path in ("/flow", "/v0/flow", "/funnel", "/v0/funnel", "/retention", "/v0/retention"):
        asked = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
        for parameter in parameters_of(document, path).values():
            if "example" in parameter:
                content = parameter["schema"]["contentSchema"]
                whole = {**content, "components": document["components"]}
                schema_validator.OAS31Validator(whole).validate(json.loads(parameter["example"]))
                asked[parameter["name"]] = parameter["example"]
        answer = api.get(address_of(document, path), token, params=asked)
        assert answer.status_code == 200, answer.text
        check(document, path, "get", 200, answer.json())


def test_raw_events_and_what_became_of_them_are_as_described(document, api: Api) -> None:
    website = api.website()
    event = {
        **{"type": "page", "channel": "web", "version": "1", "anonymous_id": "ann"},
        "context": {"page_url": "https://example.com/a", "utm_source": None},
    }
    body = document["paths"]["/v0/raw_events"]["post"]["requestBody"]["content"]
    whole = {**body["application/json"]["schema"], "components": document["components"]}
    for sent in ([event], event, [event, event | {"type": "screen", "properties": {}}]):
        schema_validator.OAS31Validator(whole).validate(sent)
    key = api.token(website, "collect", kind="formo")
    answer = api.ask("POST", "/v0/raw_events", key, json=[event, {"type": "page"}])
    assert answer.json() == {"successful_rows": 1, "quarantined_rows": 1}
    check(document, "/v0/raw_events", "post", 200, answer.json())
    api.load()
    answer = api.get("/v0/quarantine", api.token(website, "read", kind="formo"))
    assert answer.json()["rows"] == 1
    check(document, "/v0/quarantine", "get", 200, answer.json())


def test_every_way_to_fail_is_as_described(document, api: Api) -> None:
    token = api.token(api.website())
    errors = [
        api.get("/v0/flow"),
        api.get("/v0/flow", token),
        api.get("/v0/flow?domain=b.example", token),
        api.get("/v0/flow?domain=b.example", api.token()),
        api.get("/v0/flow?a=" + "x" * 9000 + "&b=" + "x" * 9000, token),
    ]
    assert [answer.status_code for answer in errors] == [401, 400, 403, 404, 414]
    for answer in errors:
        check(document, "/v0/flow", "get", answer.status_code, answer.json())


def check(document, path: str, method: str, status: int, body: object) -> None:
    """Fail unless `body` is what the document promises for the answer."""
    answer = document["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    schema_validator.OAS31Validator(whole).validate(body)


def test_every_answer_is_as_described(document, api: Api) -> None:
    website = api.website(kpi="signup")
    visit = {"url": "https://example.com/a", "visitorUid": "ann", "userAgent": "Firefox/130.0"}
    goal = {"type": "track", "name": "signup", "visitorUid": "ann"}
    token = api.token()
    body = {"domain": "example.com", "events": [visit, goal, {"type": "page"}]}
    sent = api.ask("POST", "/api/v1/events", token, json=body)
    check(document, "/events", "post", 202, sent.json())
    api.load()
    params = {"domain": website.domain, "date_from": "2026-11-01", "date_to": "2026-11-30"}
    page = {"type": "event", "event": "page"}
    params |= {"start_step": json.dumps(page), "steps": json.dumps([page, page])}
    for path, operations in document["paths"].items():
        if "get" not in operations or operations["get"]["tags"] == ["access"]:
            continue  # a token has no account
        asked = {**params, "dimension": "page"} if path == "/breakdown" else params
        address = address_of(document, path).replace(
            "websites/ann", f"websites/{website.public_id}"
        )
        if path == "/visitors":  # behind a flow or behind a funnel
            asked = {name: value for name, value in params.items() if name != "steps"}
        answer = api.get(address, token, params=asked)
        assert answer.status_code == 200, path
        check(document, path, "get", 200, answer.json())
    for query in (
        "/overview?compare=previous_period&startAt=2026-11-01",
        "/overview?fields=visitors,bounceRate",
        "/timeseries?fields=revenue&interval=month",
        "/breakdown?dimension=country,page,goal,all_params",
    ):
        answer = api.get(f"/api/v1{query}&domain=example.com", token)
        assert answer.status_code == 200, query
        check(document, query.partition("?")[0], "get", 200, answer.json())


def test_what_is_sent_and_deleted_is_as_described(document, api: Api) -> None:
    website = api.website(currency="EUR")
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    token = api.token(website, "read", "write", "delete")
    person = {"visitorUid": "ann", "sessionUid": None, "timestamp": "2026-11-21T12:00:00Z"}
    payment = {"amount": "10.00", "currency": "EUR", "transactionId": "t1", **person}
    goal = {"name": "signup", "metadata": {"plan": "pro", "seats": 3, "ref": None}, **person}
    refund = {**payment, "amount": 4, "isRefund": True, "refundId": "r1", "idempotencyKey": None}
    for path, call in (
        ("/goals", goal),
        ("/payments", {**payment, "email": "ann@example.org", "rate": 1.5}),
        ("/payments", refund),
    ):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        whole = {**body["schema"], "components": document["components"]}
        schema_validator.OAS31Validator(whole).validate(call)
        answer = api.ask("POST", f"/api/v1{path}", token, json=call)
        check(document, path, "post", 200, answer.json())
    for body, status in ((payment, 409), ({**payment, "amount": -1}, 400), ({}, 400)):
        answer = api.ask("POST", "/api/v1/payments", token, json=body)
        assert answer.status_code == status
        check(document, "/payments", "post", status, answer.json())
    for path, query in (
        ("/goals", "?name=signup&visitorId=ann&endAt=2026-12-01&timezone=UTC&dryRun=true"),
        ("/payments", "?transactionId=t1&startAt=2026-01-01"),
        ("/visitors/{id}", "?dryRun=false"),
    ):
        listed = document["paths"][path]["delete"]["parameters"]
        parameters = document["components"]["parameters"]
        names = {parameters[each["$ref"].rpartition("/")[2]]["name"] for each in listed}
        assert {pair.partition("=")[0] for pair in query[1:].split("&")} <= names
        answer = api.ask("DELETE", f"/api/v1{path}{query}".replace("{id}", "ann"), token)
        assert answer.status_code == 200, answer.text
        check(document, path, "delete", 200, answer.json())


@pytest.mark.parametrize("path", ["/goals", "/payments"])
def test_every_field_that_is_read_is_listed(document, path: str) -> None:
    shape = {"/goals": GoalBody, "/payments": PaymentBody}[path]
    schema = document["components"]["schemas"][{"/goals": "Goal", "/payments": "Payment"}[path]]
    fields = msgspec.structs.fields(shape)
    assert set(schema["properties"]) == {field.encode_name for field in fields}
    assert set(schema["required"]) == {field.encode_name for field in fields if field.required}


def test_every_error_is_as_described(document, api: Api) -> None:
    website = api.website()
    token = api.token(website)
    errors = [
        api.get("/api/v1/pages"),
        api.get("/api/v1/pages?limit=0", token),
        api.get("/api/v1/pages?domain=b.example", token),
        api.get("/api/v1/pages?domain=b.example", api.token()),
        api.get("/api/v1/pages?a=" + "x" * 9000 + "&b=" + "x" * 9000, token),
    ]
    assert [answer.status_code for answer in errors] == [401, 400, 403, 404, 414]
    for answer in errors:
        check(document, "/pages", "get", answer.status_code, answer.json())
