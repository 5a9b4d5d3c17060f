"""Each operation documents the statuses that it answers with, and no others.

Every condition below is tried on every operation. What the application answers decides which
statuses belong to an operation; the document must list the same.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from footfall.serve.openapi.document import openapi_document
from footfall.store.engine import Engine

from .conftest import Api

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
PAGE = {"type": "event", "event": "page"}
STEP = msgspec.json.encode(PAGE).decode()
QUERIES = {
    "/breakdown": {"dimension": "page"},
    "/flow": {"start_step": STEP},
    "/funnel": {"steps": f"[{STEP},{STEP}]"},
}
DAYS = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
DELETED = {"/goals": {"name": "signup"}, "/payments": {"transactionId": "t1"}}
BODIES: dict[str, Any] = {
    "/events": [{"url": "https://example.com/", "visitorUid": "ann"}],
    "/goals": {"name": "signup"},
    "/payments": {"amount": 9.5, "currency": "EUR", "transactionId": "t1"},
    "/v0/raw_events": [{"type": "page", "channel": "web", "version": "1"}],
}
ALWAYS_POSSIBLE = {500, 503}
"""A defect of ours, and a server that is stopping or overloaded, can happen to any request."""


class Operation(NamedTuple):
    method: str
    path: str

    @property
    def documented(self) -> set[int]:
        item = DOCUMENT["paths"][self.path][self.method.lower()]
        return {int(status) for status in item["responses"]}

    @property
    def is_of_workspaces(self) -> bool:
        return self.path == "/workspaces"

    def ask(self, api: Api, token: str | None, **further: Any) -> int:
        """A valid request, changed by `further`: its status."""
        bare = self.path.removeprefix("/v0")
        params = dict(QUERIES.get(bare, {})) if self.method == "GET" else {}
        if self.path.startswith("/v0") and self.method == "GET":
            params |= DAYS
        if self.method == "DELETE":
            params |= {**DELETED.get(self.path, {}), "dryRun": "true"}
        options: dict[str, Any] = {"params": params | further.pop("params", {})}
        if self.method == "POST" and "content" not in further:
            options["json"] = BODIES[self.path]
        address = self.path if self.path.startswith("/v0") else f"/api/v1{self.path}"
        known = "example.com" if self.path.startswith("/websites/") else "ann"
        address = address.replace("{id}", further.pop("id", known))
        answer = api.ask(self.method, address, token, **options, **further)
        assert answer.status_code < 500 or answer.status_code in ALWAYS_POSSIBLE, answer.text
        return answer.status_code


OPERATIONS = [
    Operation(method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method != "servers" and item[method]["tags"] != ["access"]
]
"""How the dashboard's own calls fail depends on who is signed in: see `test_route_access`."""


class Place(NamedTuple):
    """An API with one visitor, whose tokens may do everything."""

    api: Api
    own: str
    workspace: str
    restricted: tuple[str, ...]
    """Tokens of one scope each, and an SDK's key."""

    def token(self, operation: Operation) -> str:
        return self.workspace if operation.is_of_workspaces else self.own


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path_factory.mktemp("place"), engine)
    website = api.website(currency="EUR")
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    scopes = ("read", "write", "delete", "collect")
    restricted = [api.token(website, scope) for scope in scopes]
    key = api.token(website, "read", kind="formo")
    yield Place(api, api.token(website, *scopes), api.token(None, *scopes), (*restricted, key))
    api.close()


def valid(place: Place, operation: Operation) -> Iterator[int]:
    yield operation.ask(place.api, place.token(operation))


def repeated(place: Place, operation: Operation) -> Iterator[int]:
    for _ in range(2):
        yield operation.ask(place.api, place.token(operation))


def not_text(place: Place, operation: Operation) -> Iterator[int]:
    yield operation.ask(place.api, place.token(operation), params={"a": "\0"})


def wrong_body(place: Place, operation: Operation) -> Iterator[int]:
    yield operation.ask(place.api, place.token(operation), content=b"{")


def without_token(place: Place, operation: Operation) -> Iterator[int]:
    yield operation.ask(place.api, None)
    yield operation.ask(place.api, "flow_unknown")


def restricted_token(place: Place, operation: Operation) -> Iterator[int]:
    for token in place.restricted:
        yield operation.ask(place.api, token)


def other_website(place: Place, operation: Operation) -> Iterator[int]:
    for token in (place.own, place.workspace):
        yield operation.ask(place.api, token, params={"domain": "elsewhere.example"})


def unknown_id(place: Place, operation: Operation) -> Iterator[int]:
    for token in (place.token(operation), place.workspace):
        yield operation.ask(place.api, token, id="nobody")


def large_body(place: Place, operation: Operation) -> Iterator[int]:
    yield operation.ask(place.api, place.token(operation), content=b" " * (17 * 1024 * 1024))


def long_address(place: Place, operation: Operation) -> Iterator[int]:
    long = {"a": "x" * 9000, "b": "x" * 9000}
    yield operation.ask(place.api, place.token(operation), params=long)


CONDITIONS: tuple[Callable[[Place, Operation], Iterator[int]], ...] = (
    *(valid, repeated, not_text, wrong_body, without_token, restricted_token),
    *(other_website, unknown_id, large_body, long_address),
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Api]:
    """An API that takes one request a minute from a token, and whose journal is full."""
    folder = tmp_path_factory.mktemp("full")
    api = Api(folder, engine, rate_limit_per_minute=1, journal_max_bytes=1)
    yield api
    api.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_an_operation_documents_the_statuses_it_answers_with(
    place: Place, full: Api, operation: Operation
) -> None:
    seen = {
        status: condition.__name__
        for condition in CONDITIONS
        for status in condition(place, operation)
    }
    seen |= dict.fromkeys(of_a_full_server(full, operation), "a full server")
    undocumented = {status: seen[status] for status in set(seen) - operation.documented}
    assert not undocumented
    assert operation.documented - set(seen) <= ALWAYS_POSSIBLE
    assert operation.documented >= ALWAYS_POSSIBLE


def of_a_full_server(api: Api, operation: Operation) -> Iterator[int]:
    domain = f"{operation.method}-{OPERATIONS.index(operation)}.example".lower()
    website = None if operation.is_of_workspaces else api.website(domain, currency="EUR")
    token = api.token(website, "read", "write", "delete", "collect")
    for _ in range(2):
        yield operation.ask(api, token)
