"""What the API answers: lists, reports, ingestion, batches, public pages, errors."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import structlog
from selection import some_of

from footfall.model.dimension import DIMENSIONS, FILTERS, PATH_OF
from footfall.model.metric import METRICS
from footfall.serve.rest.base import BASES
from footfall.serve.rest.route import REPORT_ROUTES

from .conftest import NOON, Api

PAGE = {"url": "https://example.com/pricing", "userAgent": "Mozilla/5.0 Firefox/130.0"}


def visit(uid: str, **fields: Any) -> dict[str, Any]:
    return {**PAGE, "visitorUid": uid, "timestamp": "2026-11-21T11:59:00Z", **fields}


def test_websites_are_listed_with_all_their_fields(api: Api) -> None:
    website = api.website(timezone="Europe/Berlin", currency="EUR", kpi="signup", name="Shop")
    _, key = api.make_token(website)
    api.website("a.example")
    answer = api.get("/api/v1/websites", api.token()).json()
    assert [row["domain"] for row in answer["data"]] == ["a.example", "example.com"]
    assert answer["data"][1] == {
        "id": website.public_id,
        "domain": "example.com",
        "name": "Shop",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "logo": None,
        "kpi": "signup",
        "kpiColorScheme": None,
        "trackingId": website.tracking_id,
        "apiKeyPrefix": key.prefix,
    }
    assert answer["pagination"] == {"limit": 1000, "offset": 0, "total": 2}


def test_websites_can_be_paged(api: Api) -> None:
    for domain in ("a.example", "b.example", "c.example"):
        api.website(domain)
    answer = api.get("/api/v1/websites?limit=1&offset=1", api.token()).json()
    assert [row["domain"] for row in answer["data"]] == ["b.example"]
    assert answer["pagination"] == {"limit": 1, "offset": 1, "total": 3}


def test_a_websites_token_lists_its_own_website(api: Api) -> None:
    api.website("a.example")
    answer = api.get("/api/v1/websites", api.token(api.website())).json()
    assert [row["domain"] for row in answer["data"]] == ["example.com"]


def test_a_website_added_while_serving_is_there_at_once(api: Api) -> None:
    token = api.token()
    website = api.website()
    answer = api.get("/api/v1/overview", token, params={"domain": website.domain})
    assert answer.status_code == 200


def test_metadata_is_one_row_of_settings(api: Api) -> None:
    answer = api.get("/api/v1/metadata", api.token(api.website())).json()
    assert answer == {
        "status": "success",
        "data": [
            {
                "domain": "example.com",
                "timezone": "UTC",
                "name": "example.com",
                "logo": None,
                "kpiColorScheme": None,
                "kpi": None,
                "currency": "USD",
            }
        ],
    }


def test_workspaces_are_for_workspace_tokens(api: Api) -> None:
    answer = api.get("/api/v1/workspaces", api.token()).json()
    assert len(answer["data"]) == 1
    assert answer["data"][0]["id"] == "default"
    assert answer["data"][0]["current"] is True
    assert api.get("/api/v1/workspaces", api.token(api.website())).status_code == 400


def test_what_is_sent_is_in_every_report(api: Api) -> None:
    website = api.website()
    api.send(
        website,
        visit("ann", referrer="https://www.google.com/"),
        visit("ann", url="https://example.com/", timestamp="2026-11-21T11:59:30Z"),
        visit("bob", type="track", name="signup"),
    )
    token = api.token(website)

    def data(path: str) -> Any:
        answer = api.get(f"/api/v1{path}", token)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "success"
        return answer.json()["data"]

    overview = data("/overview")[0]
    assert (overview["visitors"], overview["sessions"], overview["pageviews"]) == (2, 2, 2)
    for metric in METRICS.values():
        if metric.is_in_overview:
            assert overview[metric.name] == overview[metric.alias]
    assert data("/realtime") == [{"visitors": 2}]
    assert len(data("/realtime/map")) == 2
    assert sum(row["visitors"] for row in data("/timeseries?interval=day")) == 2
    assert {row["value"]: row["visitors"] for row in data("/pages")} == {"/pricing": 1, "/": 1}
    assert {row["value"] for row in data("/referrers")} == {"google.com", "Direct/None"}
    assert {row["name"] for row in data("/goals")} >= {"signup"}
    for path, dimension in PATH_OF.items():
        assert data(f"/{path}") == data(f"/breakdown?dimension={dimension}")
    several = data("/breakdown?dimension=page,browser")
    assert several == {"page": data("/pages"), "browser": data("/browsers")}


def test_every_dimension_and_filter_answers(api: Api) -> None:
    website = api.website()
    api.send(website, visit("ann"))
    token = api.token(website)
    for dimension in DIMENSIONS:
        answer = api.get(f"/api/v1/breakdown?dimension={dimension}", token)
        assert answer.status_code == 200, dimension
        assert answer.json()["pagination"]["limit"] == 100
    values = ("x", "!x", "~x", "a|b", "!~a|b", "Unknown", "/a*")
    for name, value in some_of(product(FILTERS, values), 70):
        answer = api.get("/api/v1/overview", token, params={f"filter_{name}": value})
        assert answer.status_code == 200, (name, value)


def test_a_shortcut_lists_its_dimension_whatever_the_query_says(api: Api) -> None:
    website = api.website()
    api.send(website, visit("ann"))
    answer = api.get("/api/v1/pages?dimension=browser", api.token(website)).json()
    assert [row["value"] for row in answer["data"]] == ["/pricing"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=%D9%A1", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("timezone=Mars/Base", "timezone"),
        ("timezone=../../etc/passwd", "timezone"),
        ("startAt=yesterday", "startAt"),
        ("endAt=2026-13-01", "endAt"),
        ("filter_contry=DE", "filter_country"),
        ("bots=maybe", "bots"),
        ("search=%FF", "search"),
        ("filter_page=%ED%A0%80", "filter_page"),
        ("search=a%00b", "search"),
        ("%FF=1", "%FF"),
        ("domain=a&domain=b", "domain"),
        ("&".join(f"a{n}=1" for n in range(101)), "parameters"),
        ("filter_page=" + "x" * 9000, "filter_page"),
        ("filter_page=" + "x" * 60_000, "filter_page"),
    ],
)
def test_a_wrong_parameter_is_a_400_that_names_it(api: Api, query: str, named: str) -> None:
    answer = api.get(f"/api/v1/pages?{query}", api.token(api.website()))
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["message"]


def test_an_address_too_long_is_a_414(api: Api) -> None:
    query = "&".join(f"unknown{n}=" + "x" * 9000 for n in range(2))
    answer = api.get(f"/api/v1/pages?{query}", api.token(api.website()))
    assert answer.status_code == 414
    assert answer.json()["status"] == "error"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE events; --", "{x:String}", "\\\\", "%", "🙂", "a\nb"]
)
def test_sql_in_a_value_is_a_value(api: Api, text: str) -> None:
    token = api.token(api.website())
    for name in ("search", "filter_city", "filter_page", "filter_goal"):
        answer = api.get("/api/v1/pages", token, params={name: text})
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["data"] == []


def test_ingestion_shows_what_became_of_hits(api: Api) -> None:
    website = api.website(timezone="Asia/Tokyo")
    answer = api.ask(
        "POST",
        "/api/v1/events",
        api.token(website),
        json=[visit("ann"), visit("bob"), visit("eve", url="javascript:alert(1)")],
    )
    assert answer.json()["data"][0]["accepted"] == 2
    assert answer.json()["data"][0]["rejected"][0]["index"] == 2
    api.load()
    token = api.token(website)
    answer = api.get("/api/v1/ingestion", token).json()
    assert answer["totals"] == {"accepted": 2, "invalid": 1}
    assert answer["timezone"] == "Asia/Tokyo"
    assert answer["data"] == [
        {"date": "2026-11-21", "via": "server", "outcome": "accepted", "hits": 2},
        {"date": "2026-11-21", "via": "server", "outcome": "invalid", "hits": 1},
    ]
    assert answer["pagination"] == {"limit": 100, "offset": 0, "total": 2}
    paged = api.get("/api/v1/ingestion?limit=1&offset=1", token).json()
    assert [row["outcome"] for row in paged["data"]] == ["invalid"]
    before = api.get("/api/v1/ingestion?endAt=2026-11-20", token).json()
    assert (before["data"], before["totals"]) == ([], {})
    assert api.get("/api/v1/ingestion?startAt=x", token).status_code == 400


def test_a_workspace_token_names_the_website_of_a_batch(api: Api) -> None:
    website = api.website()
    token = api.token()

    def sent(body: Any, query: str = "") -> int:
        return api.ask("POST", f"/api/v1/events{query}", token, json=body).status_code

    assert sent([visit("ann")]) == 400
    assert sent({"websiteId": website.public_id, "events": [visit("ann")]}) == 202
    assert sent({"domain": "example.com", "events": [visit("ann")]}) == 202
    assert sent([visit("ann")], "?domain=example.com") == 202
    assert sent({"domain": "unknown.example", "events": [visit("ann")]}) == 404
    other = api.token(api.website("other.example"))
    body = {"domain": "example.com", "events": []}
    assert api.ask("POST", "/api/v1/events", other, json=body).status_code == 403


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"17", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"events": 5}', {}, 400),
        (b"[" + b"{}," * 1000 + b"{}]", {}, 400),
        (b"[" + b" " * (9 * 1024 * 1024) + b"]", {}, 413),
        (gzip.compress(b"[" + b" " * (9 * 1024 * 1024) + b"]"), {"Content-Encoding": "gzip"}, 413),
        (b"[]", {"Content-Encoding": "gzip"}, 400),
        (b"[]", {"Content-Encoding": "rot13"}, 400),
    ],
)
def test_a_wrong_body_is_a_4xx(
    api: Api, content: bytes, headers: dict[str, str], status: int
) -> None:
    token = api.token(api.website())
    answer = api.ask("POST", "/api/v1/events", token, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == status


def test_a_body_without_a_length_is_cut_off_too(api: Api) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 1_000_000

    token = api.token(api.website())
    assert api.ask("POST", "/api/v1/events", token, content=endless()).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v1/overview/", 404),
        ("GET", "/api/v1/unknown", 404),
        ("GET", "/api/v1/%00%ff", 404),
        ("GET", "/api/v1/../../etc/passwd", 404),
        ("POST", "/api/v1/overview", 405),
        ("PUT", "/api/v1/goals", 405),
        ("GET", "/api/v1/events", 405),
        ("PATCH", "/health", 405),
    ],
)
def test_another_path_or_method_is_an_error_in_the_envelope(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = api.ask(method, path, api.token())
    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert answer.json()["statusCode"] == status


def test_head_works_where_get_does(api: Api) -> None:
    token = api.token(api.website())
    for path in ("/api/v1/overview", "/api/v1/websites", "/openapi.json", "/metrics"):
        assert api.ask("HEAD", path, token).status_code == 200


def test_public_pages_need_no_token(api: Api) -> None:
    for base in ("", *BASES):
        assert api.get(f"{base}/openapi.json").json()["openapi"] == "3.1.0"
        text = api.get(f"{base}/llms.txt").text
        for name in (*DIMENSIONS, *METRICS, *(route.path for route in REPORT_ROUTES)):
            assert name in text
    assert api.get("/metrics").headers["content-type"].startswith("text/plain")
    assert b"footfall_journal_backlog_bytes" in api.get("/metrics").content


def test_health_is_a_503_while_nothing_can_be_loaded(api: Api) -> None:
    assert api.get("/health").json()["status"] == "ok"
    api.loading_error = "disk full"
    answer = api.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"


def test_answers_are_not_cached_by_others(api: Api) -> None:
    answer = api.get("/api/v1/websites", api.token())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


@pytest.fixture
def broken(engine: Any) -> Iterator[None]:
    """A store that fails when asked for ingestion."""
    engine.command("RENAME TABLE ingestion TO ingestion_away")
    yield
    engine.command("RENAME TABLE ingestion_away TO ingestion")


@pytest.mark.usefixtures("broken")
def test_what_fails_inside_is_a_numbered_500_that_reveals_nothing(api: Api) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = api.get("/api/v1/ingestion", api.token(api.website()))
    assert answer.status_code == 500
    body = answer.json()
    assert body["requestId"] == answer.headers["x-request-id"]
    assert body["requestId"] in body["message"]
    assert "ingestion" not in answer.text
    assert "ratelimit-remaining" in answer.headers
    assert [entry["request_id"] for entry in logged] == [body["requestId"]]
    assert "EngineError" in logged[0]["exception"]


@pytest.mark.usefixtures("broken")
def test_the_log_of_a_failure_holds_neither_token_nor_query(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    token = api.token(api.website())
    assert api.get("/api/v1/ingestion?search=private", token).status_code == 500
    logged = capsys.readouterr()
    assert "request failed" in logged.out + logged.err
    assert token not in logged.out + logged.err
    assert "private" not in logged.out + logged.err


def test_the_log_of_a_failure_names_no_visitor(
    api: Api, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    token = api.token(api.website())
    engine.command("RENAME TABLE visits TO visits_away")
    try:
        assert api.get("/api/v1/visitors/private", token).status_code == 500
    finally:
        engine.command("RENAME TABLE visits_away TO visits")
    logged = capsys.readouterr()
    assert "/api/v1/visitors/{id}" in logged.out + logged.err
    assert "private" not in logged.out + logged.err


def test_a_caller_that_goes_away_costs_no_reader(api: Api) -> None:
    website = api.website()
    headers = [(b"authorization", f"Bearer {api.token(website)}".encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/pages",
        "query_string": b"",
        "headers": headers,
    }

    async def go_away() -> None:
        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(_message: Any) -> None:
            await asyncio.sleep(0)

        asked = [asyncio.create_task(api.app(dict(scope), receive, send)) for _ in range(30)]
        await asyncio.sleep(0.01)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    api.run(go_away())
    assert api.get("/api/v1/pages", api.token(website)).status_code == 200


def test_many_questions_at_once_are_all_answered(api: Api) -> None:
    website = api.website()
    api.send(website, visit("ann"))
    token = api.token(website)

    async def ask_all() -> list[Any]:
        asked = (
            api._ask("GET", "/api/v1/overview", headers={"Authorization": f"Bearer {token}"})
            for _ in range(40)
        )
        return await asyncio.gather(*asked)

    answers = api.run(ask_all())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum(t.name.startswith("report") for t in threading.enumerate()) > 0


def test_the_clock_of_the_server_is_the_reports_clock(api: Api) -> None:
    website = api.website()
    api.send(website, visit("ann"))
    token = api.token(website)
    assert api.get("/api/v1/realtime", token).json()["data"] == [{"visitors": 1}]
    api.now_ms = NOON + 10 * 60_000
    assert api.get("/api/v1/realtime", token).json()["data"] == [{"visitors": 0}]
