"""A workspace token says which website it asks about, on every call but the two lists of them."""

import pytest

from footfall.serve.openapi.document import openapi_document
from footfall.serve.rest.route import BASES

from .conftest import Api

WITHOUT_SELECTOR = {"/websites", "/workspaces"}
BODIES = {
    "/events": [{"url": "https://example.com/"}],
    "/goals": {"name": "signup"},
    "/payments": {"amount": 1, "currency": "EUR", "transactionId": "t1"},
    "/v0/raw_events": [{"type": "page", "channel": "web", "version": "1"}],
}
OPERATIONS = [
    (base, path, method.upper())
    for path, item in openapi_document()["paths"].items()  # type: ignore[attr-defined]
    for method in item
    if method != "servers"
    for base in ([""] if path.startswith("/v0") else BASES)
]


def ask(api: Api, operation: tuple[str, str, str], **selector: str):
    base, path, method = operation
    token = api.token(None, "read", "write", "delete", "collect")
    address = base + path.replace("{id}", "ann")
    body = {"json": BODIES[path]} if method == "POST" else {}
    return api.ask(method, address, token, params=selector, **body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: " ".join(operation))
def test_a_workspace_token_needs_a_selector(api: Api, operation: tuple[str, str, str]) -> None:
    api.website()
    answer = ask(api, operation)
    if operation[1] in WITHOUT_SELECTOR:
        assert answer.status_code == 200, answer.text
        return
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert "Website ID or domain is required" in error["message"]
    assert error.get("field", error.get("param")) == "websiteId"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: " ".join(operation))
def test_a_selector_of_an_unknown_website_is_a_404(
    api: Api, operation: tuple[str, str, str]
) -> None:
    api.website()
    answer = ask(api, operation, domain="nobody.example")
    assert answer.status_code == (200 if operation[1] in WITHOUT_SELECTOR else 404), answer.text


def test_the_document_lists_the_selectors_wherever_one_is_needed() -> None:
    for path, item in openapi_document()["paths"].items():  # type: ignore[attr-defined]
        for method, operation in item.items():
            if method == "servers":
                continue
            listed = {each["$ref"].rpartition("/")[2] for each in operation["parameters"]}
            if path in WITHOUT_SELECTOR:
                assert not {"websiteId", "domain"} & listed, path
            else:
                assert {"websiteId", "domain"} <= listed, path
