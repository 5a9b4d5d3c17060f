"""Every route, called by everybody: route → who may is what the table says, and nothing else."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest
from sqlalchemy import insert
from starlette.routing import Route

from footfall.catalog.database import writing
from footfall.catalog.table import WORKSPACES
from footfall.model.share import SHARE_PAGES
from footfall.serve.http.access import PUBLIC_PATHS, RANKS, ROUTE_ACCESS, Who
from footfall.serve.openapi.document import openapi_document
from footfall.serve.rest.base import BASES
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.store.engine import Engine

from .browsing import Browser, opened, signed_in
from .conftest import Api

RULES: dict[str, Who] = {
    **ROUTE_ACCESS,
    **{f"{call.method} {call.path}": call.who for call in MANAGE_CALLS},
}
DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
TOKENS_ONLY = {"POST /v0/raw_events"}
"""Browsers of any page send to it, so it never looks at a cookie."""
ENDS_THE_SIGN_IN = {"POST /signout"}
ADDRESSES = (f"203.0.113.{number % 250}" for number in count())
"""A further one for each request: attempts from one address are limited."""
OURS = "ours.example"
FOREIGN = "the-other-workspace"


class Place(NamedTuple):
    """An API, and one browser for each who may ask it."""

    api: Api
    browsers: dict[str, Browser]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path_factory.mktemp("place"), engine, rate_limit_per_minute=0)
    website = api.website(OURS)
    api.send(website, {"url": f"https://{OURS}/", "visitorUid": "ann"})
    with writing(api.catalog.database) as connection:
        connection.execute(insert(WORKSPACES).values(id=FOREIGN, name="Other"))
    browsers = {
        "anonymous": Browser(api),
        "share": opened(api, website, pages=list(SHARE_PAGES)),
        "viewer": signed_in(api, "viewer"),
        "admin": signed_in(api, "admin"),
        "owner": signed_in(api, "owner"),
        FOREIGN: signed_in(api, "owner", FOREIGN),
    }
    yield Place(api, browsers)
    api.close()


def routes(api: Api) -> Iterator[tuple[str, str]]:
    """Every method and path, in the form of the tables."""
    for route in (*api.app.routes, *api.v0.routes):
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, route.path


def test_every_route_has_a_rule_and_every_rule_a_route(place: Place) -> None:
    found = {f"{method} {path.removeprefix(BASES[1])}" for method, path in routes(place.api)}
    own = {each for each in found if not each.split()[1].startswith(BASES[0])}
    public = {f"{method} {path}" for path in PUBLIC_PATHS for method in ("GET", "POST")}
    assert own - public == set(RULES)


def test_no_rule_is_of_the_other_base_alone(place: Place) -> None:
    paths = {base: set() for base in BASES}
    for method, path in routes(place.api):
        for base in BASES:
            if path.startswith(base):
                paths[base].add((method, path.removeprefix(base)))
    assert paths[BASES[0]] == paths[BASES[1]]


def ask(browser: Browser, method: str, path: str, **options: Any) -> httpx2.Response:
    path = re.sub(r"{\w+}", "0000000000000000", path)
    if method in ("POST", "PUT", "PATCH"):
        options.setdefault("json", {})
    browser.peer = next(ADDRESSES)
    [website] = browser.api.catalog.websites()
    return browser.ask(method, f"{path}?websiteId={website.public_id}", **options)


@pytest.mark.parametrize("route", sorted(set(RULES) - ENDS_THE_SIGN_IN))
def test_only_those_may_whom_the_rule_names(place: Place, route: str) -> None:
    """Whoever may gets past the door: what the request lacks is then a 400 or 404."""
    method, path = route.split()
    for who in RANKS:
        status = ask(place.browsers[who], method, path).status_code
        if RULES[route] == "anonymous":
            assert status in (200, 400, 403, 404), who
        elif who == "anonymous" or route in TOKENS_ONLY:
            assert status == 401, who
        elif RANKS.index(who) < RANKS.index(RULES[route]):
            assert status == 403, who
        else:
            assert status in (200, 202, 400, 404, 409), who


@pytest.mark.parametrize("route", sorted(set(RULES) - ENDS_THE_SIGN_IN))
def test_an_owner_of_another_workspace_sees_nothing_of_this_one(place: Place, route: str) -> None:
    method, path = route.split()
    answer = ask(place.browsers[FOREIGN], method, path)
    assert OURS not in answer.text.replace(f"@{FOREIGN}.example", "")
    if path in DOCUMENT["paths"] and method == "GET":
        listed = str(DOCUMENT["paths"][path]["get"]["parameters"])
        if "websiteId" in listed:
            assert answer.status_code in (404, 400)


@pytest.mark.parametrize("route", sorted(set(RULES) - {"POST /v0/raw_events"}))
def test_no_write_is_taken_without_the_csrf_header(place: Place, route: str) -> None:
    method, path = route.split()
    if method == "GET" or RULES[route] == "anonymous":
        return
    answer = ask(place.browsers["owner"], method, path, headers={"X-Footfall-CSRF": None})
    assert (answer.status_code, "X-Footfall-CSRF" in answer.text) == (403, True)


@pytest.mark.parametrize("call", MANAGE_CALLS, ids=lambda call: call.name)
def test_a_token_needs_the_scope_and_never_has_an_owners_rights(place: Place, call: Any) -> None:
    if call.is_open:
        return
    for scopes in (("read",), ("read", "write", "delete"), ("manage",)):
        token = place.api.token(None, *scopes)
        browser = Browser(place.api)
        headers = {"Authorization": f"Bearer {token}"}
        answer = ask(browser, call.method, call.path, headers=headers)
        if call.scope not in scopes or call.who == "owner":
            assert answer.status_code == 403, scopes
        else:
            assert answer.status_code != 401, scopes


@pytest.mark.parametrize("call", MANAGE_CALLS, ids=lambda call: call.name)
def test_a_call_documents_how_it_fails(place: Place, call: Any) -> None:
    documented = set(DOCUMENT["paths"][call.path][call.method.lower()]["responses"])
    method, path = call.method, call.path
    if call.name == "sign_out":
        return
    browsers = place.browsers
    answers = [ask(browsers[who], method, path) for who in ("anonymous", "viewer", "owner")]
    answers.append(ask(browsers["owner"], method, path, params={"a": "\0"}))
    answers.append(ask(browsers["owner"], method, path, headers={"Origin": "https://e.example"}))
    if call.body is not None:
        answers.append(ask(browsers["owner"], method, path, content=b"{", json=None))
        large = b" " * 100_000
        answers.append(ask(browsers["owner"], method, path, content=large, json=None))
        assert answers[-1].status_code == 413
        unknown = ask(browsers["owner"], method, path, json={"no_such_field": 1})
        assert (unknown.status_code, unknown.json()["error"]["field"]) == (400, "no_such_field")
    assert {str(answer.status_code) for answer in answers} <= documented


@pytest.mark.parametrize("path", [call.path for call in MANAGE_CALLS if call.is_list])
def test_a_list_is_answered_in_pages(place: Place, path: str) -> None:
    owner = place.browsers["owner"]
    [website] = place.api.catalog.websites()
    path = path.replace("{id}", website.public_id)
    for name, value in (("limit", "0"), ("limit", "1001"), ("offset", "-1"), ("limit", "x")):
        answer = owner.get(f"{path}?domain={OURS}&{name}={value}")
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, name)
    whole = owner.get(f"{path}?domain={OURS}").json()
    second = owner.get(f"{path}?domain={OURS}&limit=1&offset=1").json()
    total = whole["pagination"]["total"]
    assert second["pagination"] == {"limit": 1, "offset": 1, "total": total}
    if path != "/audit":  # it grows meanwhile
        assert second["data"] == whole["data"][1:2]
