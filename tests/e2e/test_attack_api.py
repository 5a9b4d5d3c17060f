"""Bad questions: SQL in every value, foreign tokens, floods. Always an answer, never a leak."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from e2e.senders import BROWSER
from e2e.server import BASE, Answer, Server, running
from selection import IS_ALL, some_of
from serve.operations import ABOUT_NO_WEBSITE, Operation

from footfall.clock import now_ms
from footfall.model.dimension import DIMENSIONS, FILTERS
from footfall.model.filter import escape_filter_value
from footfall.model.website import Website
from footfall.query.ask import TABLE_REPORTS
from footfall.serve.rest.base import BASES
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.route import REPORT_ROUTES

PAYLOADS = [
    "' OR 1=1 --",
    "x') OR ('1'='1",
    "\\' UNION ALL SELECT * FROM system.tables --",
    '"; DROP TABLE events; /*',
    "{website_id:UInt32}",
    "${jndi:ldap://x}%s%n{{7*7}}",
    "`events`\\",
    "%' AND sleep(3) AND '%'='",
    "‘ OR ’1’=’1",
    "*" * 50,
    "!~" + "a*" * 20,
    "|,|,!",
    "-1",
    "0x7FFFFFFF",
    "9" * 99,
    "NaN",
    "null",
    "\ud7ff\U0001f4a9\u202e",
    "../../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
]
OWN_PARAMETERS = (
    *("startAt", "endAt", "timezone", "limit", "offset", "search", "fields", "interval"),
    *("dimension", "bots", "attribution", "compare", "websiteId", "domain"),
)
MAIN_PATHS = ["/overview", "/timeseries", "/pages", "/breakdown", "/goals", "/realtime/map"]
PATHS = [route.path for route in REPORT_ROUTES]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("questions") / "data"
    with running(folder, rate_limit_per_minute=0) as server:
        yield server


class Shop:
    def __init__(self, server: Server, domain: str) -> None:
        self.server = server
        self.website: Website = server.website(domain)
        self.token = server.token(self.website)

    def send(self, *events: dict[str, Any]) -> None:
        status, answer = self.server.ask("POST", f"{BASE}/events", self.token, list(events))
        assert (status, answer["data"][0]["rejected"]) == (202, [])
        self.server.wait_for_loading()

    def ask(self, path: str, **parameters: object) -> tuple[int, Answer]:
        query = urlencode(parameters)
        return self.server.ask("GET", f"{BASE}{path}?{query}", self.token)

    def sessions(self, **parameters: object) -> int:
        (row,) = self.server.get("/overview", self.token, **parameters)["data"]
        return int(row["sessions"])


@pytest.fixture(scope="module")
def shop(server: Server) -> Shop:
    """A website with one session."""
    shop = Shop(server, "shop.test")
    shop.send(
        {"url": "http://shop.test/", "visitorUid": "v1"},
        {"url": "http://shop.test/", "type": "track", "name": "signup", "visitorUid": "v1"},
    )
    return shop


def test_sql_in_every_filter_finds_nothing_and_breaks_nothing(shop: Shop) -> None:
    everywhere = [
        (payload, path)
        for payload in PAYLOADS
        for path in (PATHS if payload in PAYLOADS[:3] else MAIN_PATHS)
    ]
    for payload, path in some_of(everywhere, 40):
        given = {f"filter_{name}": payload for name in FILTERS}
        status, answer = shop.ask(path, dimension="page", **given)
        assert status in (200, 400), f"{path} {payload!r}: {answer}"
        assert answer["status"] == ("success" if status == 200 else "error")
    for payload, name in some_of(product(PAYLOADS[:3], FILTERS), 40):
        status, answer = shop.ask("/overview", **{f"filter_{name}": payload})
        assert status in (200, 400), f"{name} {payload!r}: {answer}"
        if status == 200:
            assert answer["data"][0]["sessions"] == 0, f"{name} {payload!r}"
    assert shop.sessions() == 1


def test_sql_in_every_other_parameter_is_refused_or_harmless(shop: Shop) -> None:
    paths = ("/overview", "/timeseries", "/breakdown", "/ingestion")
    for payload, name, path in some_of(product(PAYLOADS, OWN_PARAMETERS, paths), 300):
        status, answer = shop.ask(path, **{"dimension": "page"} | {name: payload})
        assert status in (200, 400, 403), f"{path} {name}={payload!r}: {answer}"
        if status == 400:
            assert name in answer["message"], f"{path} {name}={payload!r}: {answer}"
    assert shop.sessions() == 1


WRONG = [
    ("limit", "0"),
    ("limit", "1001"),
    ("limit", "1.5"),
    ("limit", "١"),
    ("offset", "-1"),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../../etc/passwd"),
    ("timezone", "Europe"),
    ("startAt", "yesterday"),
    ("startAt", "2026-02-30"),
    ("endAt", "99999-01-01"),
    ("interval", "minute"),
    ("dimension", "password"),
    ("fields", "visitors,secret"),
    ("bots", "maybe"),
    ("filter_cuntry", "Germany"),
    ("filter_", "x"),
    ("filter_page", ""),
    ("filter_page", "|".join("x" * 300)),
    ("filter_page", "x" * 9000),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_a_400_that_names_the_parameter(shop: Shop, name: str, value: str) -> None:
    paths = {"interval": "/timeseries", "dimension": "/breakdown"}
    status, answer = shop.ask(
        paths.get(name, "/overview" if name == "fields" else "/pages"), **{name: value}
    )
    if name == "fields":
        name = "secret"
    assert status == 400, answer
    assert name in answer["message"]


BROKEN_QUERIES = [
    "limit=%ff",
    "%ff=1",
    "search=%00",
    "a&" * 200,
    "search=" + "x" * 20_000,
    "limit=1&limit=2",
]


def test_a_query_that_is_not_text_is_a_4xx(shop: Shop) -> None:
    for query in BROKEN_QUERIES:
        status, answer = shop.server.ask("GET", f"{BASE}/pages?{query}", shop.token)
        assert 400 <= status < 500, f"{query[:40]}: {answer}"


def test_patterns_of_any_kind_are_answered_in_bounded_time(server: Server) -> None:
    shop = Shop(server, "patterns.test")
    shop.send({"url": f"http://patterns.test/{'a' * 1500}b", "visitorUid": "v1"})
    for pattern in ("/" + "a*" * 500 + "c", "*" * 4000, "/" + "**a" * 900, "~" + "(a+)+$" * 50):
        status, answer = shop.ask("/pages", filter_page=pattern)
        assert status in (200, 400), answer
        assert answer["data" if status == 200 else "message"] is not None


def test_sql_as_data_is_stored_and_found_as_it_is(server: Server) -> None:
    shop = Shop(server, "data.test")
    texts = PAYLOADS[:9]
    tags = [
        urlencode({"utm_campaign": text, "utm_source": f"s{n}"}) for n, text in enumerate(texts)
    ]
    shop.send(
        *(
            {
                "url": f"http://data.test/{quote(text)}?{tags[n]}",
                "visitorUid": f"v{n}",
                "title": text,
                "city": text,
                "properties": {text: text},
            }
            for n, text in enumerate(texts)
        )
    )
    assert shop.sessions() == len(texts)
    for text in texts:
        assert (
            shop.sessions(filter_page=escape_filter_value(DIMENSIONS["page"], f"/{text}")) == 1
        ), text
    campaigns = {row["value"] for row in shop.ask("/campaigns")[1]["data"]}
    assert len(campaigns) == len(texts)


# Which scope each route needs; None: public. A route without a rule fails the test below.
SCOPES: dict[tuple[str, str], str | None] = {
    **{("get", path): "read" for path in PATHS},
    ("get", "/websites"): "read",
    ("get", "/websites/{id}/setup"): "read",
    ("get", "/metadata"): "read",
    ("get", "/schema"): "read",
    ("get", "/workspaces"): "read",
    ("get", "/ingestion"): "read",
    ("post", "/events"): "write",
    ("get", "/visitors"): "read",
    ("get", "/visitors/{id}"): "read",
    ("get", "/visitors/{id}/export"): "read",
    ("post", "/goals"): "write",
    ("post", "/payments"): "write",
    ("delete", "/goals"): "delete",
    ("delete", "/payments"): "delete",
    ("delete", "/visitors/{id}"): "delete",
    **{("get", f"{base}/{name}"): "read" for base in ("", "/v0") for name in TABLE_REPORTS},
    ("get", "/v0/quarantine"): "read",
    ("post", "/v0/raw_events"): "write",
    ("get", "/openapi.json"): None,
    ("get", "/llms.txt"): None,
    ("get", "/health"): None,
    ("get", "/metrics"): None,
    **{
        (call.method.lower(), call.path): None if call.is_open else call.scope
        for call in MANAGE_CALLS
    },
}


def described_operations(server: Server) -> Iterator[Operation]:
    document = server.ask("GET", "/openapi.json")[1]
    for path, methods in document["paths"].items():
        for method in methods:
            if method in ("get", "post", "put", "patch", "delete"):
                yield Operation(method.upper(), path)


def test_every_route_asks_for_a_token_of_its_scope_and_website(server: Server, shop: Shop) -> None:
    other = server.website("other.test")
    others = server.token(other, "read", "write", "delete", "manage")
    write_key = server.token(shop.website, "collect")
    formo_key = server.token(shop.website, "read", "write", kind="formo")
    refused = {
        "": 401,
        "flow_nonsense": 401,
        "x" * 9000: 401,
        others: 403,
        write_key: 403,
        formo_key: 403,
    }
    without = {
        "read": server.token(shop.website, "write", "delete", "manage"),
        "write": server.token(shop.website, "read", "delete", "manage"),
        "delete": server.token(shop.website, "read", "write", "manage"),
        "manage": server.token(shop.website, "read", "write", "delete"),
    }
    for operation in described_operations(server):
        method, rule = operation.method, operation.path
        assert (method.lower(), rule) in SCOPES, f"no rule for {operation.route}"
        scope = SCOPES[method.lower(), rule]
        if scope is None:
            continue
        lacking = {without[scope]: 403}
        is_v0 = rule.startswith("/v0/")
        taken = {formo_key} if is_v0 else set()
        taken |= {write_key} if rule == "/v0/raw_events" else set()
        id_ = shop.website.public_id if operation.names_website else "v1"
        for token, expected in (refused | lacking).items():
            is_own = token == others and operation.route in ABOUT_NO_WEBSITE
            for base in () if token in taken else ("",) if is_v0 else BASES:
                url = f"{base}{operation.address(id=id_)}?websiteId={shop.website.public_id}"
                url += "&startAt=2000-01-01" if method == "DELETE" else "&dimension=page"
                status, answer = server.ask(method, url, token, operation.body)
                assert status == expected or is_own, f"{method} {url} {token[:9]}: {answer}"
                assert "shop.test" not in str(answer), f"{method} {url} {token[:9]}: {answer}"
    server.wait_for_loading()
    assert shop.sessions() == 1
    completions = {row["name"]: row["completions"] for row in shop.ask("/goals")[1]["data"]}
    assert completions == {"signup": 1, "payment": 0, "free_trial": 0}


def test_a_websites_token_sees_its_own_website_alone(server: Server, shop: Shop) -> None:
    other = server.website("neighbour.test")
    token = server.token(other)
    for path in (*PATHS, "/ingestion", "/metadata", "/websites"):
        url = f"{BASE}{path}?dimension=page"
        status, answer = server.ask("GET", url, token)
        assert status == 200, f"{path}: {answer}"
        assert "shop.test" not in str(answer)
        assert "signup" not in str(answer)
        for selector in (
            f"websiteId={shop.website.public_id}",
            "domain=shop.test",
            "domain=no.test",
        ):
            status, answer = server.ask("GET", f"{url}&{selector}", token)
            assert status == 403 or path == "/websites", f"{path} {selector}: {answer}"
            assert "shop.test" not in str(answer)


def test_a_token_in_the_address_is_refused_and_not_logged(server: Server, shop: Shop) -> None:
    for name in ("token", "api_key", "x"):
        url = f"{BASE}/overview?{name}={shop.token}"
        assert server.ask("GET", url)[0] == 401
        assert server.ask("GET", url, shop.token)[0] == 401
    assert shop.token not in server.logged()


def test_a_revoked_token_is_refused_at_once(server: Server, shop: Shop) -> None:
    with server.catalog() as catalog:
        token, made = catalog.add_token(
            website_id=shop.website.id, scopes={"read"}, now_ms=now_ms()
        )
        assert server.ask("GET", f"{BASE}/overview", token)[0] == 200
        catalog.revoke_token(made.id)
    time.sleep(1.1)  # the server follows the catalog within a second
    assert server.ask("GET", f"{BASE}/overview", token)[0] == 401


def test_answers_are_json_that_no_browser_takes_for_a_page(server: Server) -> None:
    shop = Shop(server, "xss.test")
    text = "<script>alert(1)</script>"
    shop.send({"url": f"http://xss.test/{quote(text)}", "title": text, "visitorUid": "v1"})
    request = urllib.request.Request(
        f"{server.url}{BASE}/pages", headers={"Authorization": f"Bearer {shop.token}"}
    )
    with urllib.request.urlopen(request, timeout=180) as reply:
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert text in reply.read().decode()


def test_a_flood_of_heavy_questions_does_not_stop_collecting(server: Server) -> None:
    shop = Shop(server, "flood.test")
    for start in range(0, 3000, 1000):
        shop.send(
            *(
                {"url": f"http://flood.test/{n}?utm_source=s{n}", "visitorUid": f"v{n % 1000}"}
                for n in range(start, start + 1000)
            )
        )
    statuses: list[int] = []
    several = ",".join(list(DIMENSIONS)[:9])

    def ask() -> None:
        statuses.append(shop.ask("/breakdown", dimension=several, limit=1000)[0])

    askers = [threading.Thread(target=ask) for _ in range(50 if IS_ALL else 25)]
    for asker in askers:
        asker.start()
    body = {
        "websiteId": shop.website.tracking_id,
        "url": "http://flood.test/now",
        "visitorUid": "x",
    }
    posted = 0
    while any(asker.is_alive() for asker in askers):
        assert server.ask("POST", "/events", "", body, {"User-Agent": BROWSER})[0] == 202
        posted += 1
    assert posted > 20, "collecting stood still"
    assert set(statuses) <= {200, 503}
    server.wait_for_loading()
    (row,) = server.get("/pages", shop.token, filter_page="/now", limit=1)["data"]
    assert row["pageviews"] == posted
