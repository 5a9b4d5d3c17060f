"""A workspace token says which website it asks about, on every call that is about one."""

from collections.abc import Iterator
from typing import NamedTuple

import httpx2
import pytest

from footfall.serve.rest.base import BASES
from footfall.store.engine import Engine

from .conftest import Api
from .operations import ABOUT_NO_WEBSITE, OPERATIONS, Operation

SCOPES = ("read", "write", "delete", "collect", "manage")
DOMAIN = "example.com"


def with_bases(operations: list[Operation]) -> list[tuple[str, Operation]]:
    return [
        (base, operation)
        for operation in operations
        for base in ([""] if operation.path.startswith("/v0") else BASES)
    ]


SELECTING = with_bases([each for each in OPERATIONS if each.needs_selector])
NAMING = with_bases([each for each in OPERATIONS if each.names_website])
WITHOUT_WEBSITE = with_bases([each for each in OPERATIONS if each.route in ABOUT_NO_WEBSITE])


def ids(value: object) -> str:
    return value.route if isinstance(value, Operation) else str(value)


class Place(NamedTuple):
    """An API with one website, and a workspace token that may do everything."""

    api: Api
    token: str

    def ask(self, base: str, operation: Operation, **selector: str) -> httpx2.Response:
        body = {} if operation.body is None else {"json": operation.body}
        address = base + operation.address()
        return self.api.ask(operation.method, address, self.token, params=selector, **body)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path_factory.mktemp("place"), engine, rate_limit_per_minute=0)
    api.website(DOMAIN)
    yield Place(api, api.token(None, *SCOPES))
    api.close()


@pytest.mark.parametrize(("base", "operation"), SELECTING, ids=ids)
def test_a_workspace_token_needs_a_selector(place: Place, base: str, operation: Operation) -> None:
    answer = place.ask(base, operation)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert "Website ID or domain is required" in error["message"]
    assert error.get("field", error.get("param")) == "websiteId"


@pytest.mark.parametrize(("base", "operation"), SELECTING, ids=ids)
def test_a_selector_of_an_unknown_website_is_a_404(
    place: Place, base: str, operation: Operation
) -> None:
    answer = place.ask(base, operation, domain="nobody.example")
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(("base", "operation"), NAMING, ids=ids)
def test_a_path_of_an_unknown_website_is_a_404(
    place: Place, base: str, operation: Operation
) -> None:
    """Whatever website the query names."""
    for selector in ({}, {"domain": DOMAIN}):
        answer = place.ask(base, operation, **selector)
        assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(("base", "operation"), WITHOUT_WEBSITE, ids=ids)
def test_what_is_about_no_website_needs_no_selector(
    place: Place, base: str, operation: Operation
) -> None:
    for selector in ({}, {"domain": "nobody.example"}):
        answer = place.ask(base, operation, **selector)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("operation", OPERATIONS, ids=ids)
def test_the_document_lists_the_selectors_wherever_one_is_needed(operation: Operation) -> None:
    listed = {"websiteId", "domain"} & operation.parameters
    assert listed == ({"websiteId", "domain"} if operation.needs_selector else set())


def test_each_published_route_about_no_website_is_there() -> None:
    assert set(ABOUT_NO_WEBSITE) <= {each.route for each in OPERATIONS}
