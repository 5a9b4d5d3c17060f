"""Nobody becomes more than they are by what a body says: fields that are not theirs to set are
refused, and so are values above their own role."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from footfall.catalog.table import WORKSPACE
from footfall.serve.rest.manage.call import ManageCall
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.store.engine import Engine

from .browsing import PASSWORD, Browser, add_user, signed_in
from .conftest import Api

WRITING = [call for call in MANAGE_CALLS if call.body is not None]
TEMPTING = (
    *("id", "role", "roles", "isAdmin", "isOwner", "admin", "owner", "rank", "member"),
    *("workspace", "workspaceId", "workspace_id", "website", "websiteId", "website_id", "domain"),
    *("user", "userId", "user_id", "createdBy", "invitedBy", "scope", "scopes", "token", "slug"),
    *("passwordHash", "password_hash", "hasTotp", "totpStep", "createdAt", "__proto__", "csrf"),
)
NEW = {"email": "new@example.com", "name": "New", "password": PASSWORD}
Tried = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Api]:
    api = Api(tmp_path_factory.mktemp("rights"), engine, rate_limit_per_minute=0)
    api.website()
    yield api
    api.close()


@pytest.fixture(scope="module")
def members(place: Api) -> dict[str, Browser]:
    return {role: signed_in(place, role) for role in ("viewer", "admin", "owner")}


@pytest.mark.parametrize("call", WRITING, ids=lambda call: call.name)
def test_no_field_is_taken_but_those_that_are_documented(
    members: dict[str, Browser], call: ManageCall
) -> None:
    known = {field.encode_name for field in msgspec.structs.fields(call.body)}
    path = call.path.replace("{id}", "none").replace("{name}", "none")
    path = path.replace("{code}", "none").replace("{slug}", "none")
    for number, field in enumerate(TEMPTING):
        if field in known:
            continue
        browser = members["owner"]
        browser.peer = f"203.0.113.{number}"  # attempts from one address are limited
        answer = browser.ask(call.method, f"{path}?domain=example.com", json={field: "owner"})
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def attempts(ids: dict[str, str]) -> dict[str, list[Tried]]:
    """What each tries, so as to become more than they are."""
    everyone: list[Tried] = [
        *(("PATCH", f"/members/{id_}", {"role": "owner"}) for id_ in ids.values()),
        ("POST", "/members", {**NEW, "role": "owner"}),
        ("POST", "/invites", {"role": "owner"}),
    ]
    viewers: list[Tried] = [
        *(("PATCH", f"/members/{id_}", {"role": "admin"}) for id_ in ids.values()),
        ("POST", "/members", {**NEW, "role": "admin"}),
        ("POST", "/members", {**NEW, "role": "viewer"}),
        ("POST", "/invites", {"role": "viewer"}),
        ("POST", "/tokens", {"scopes": ["read"]}),
        ("POST", "/tokens", {"scopes": ["manage"], "websiteId": "example.com"}),
        ("POST", "/shares", {"name": "x", "pages": ["overview"]}),
    ]
    lesser: list[Tried] = [
        ("PATCH", f"/members/{ids['owner']}", {"role": "viewer"}),
        ("DELETE", f"/members/{ids['owner']}", {}),
    ]
    return {"viewer": [*everyone, *viewers, *lesser], "admin": [*everyone, *lesser]}


def rights(api: Api) -> object:
    members = [(each.user.id, each.role) for each in api.catalog.users.members(WORKSPACE)]
    invites = [each.id for each in api.catalog.invites.pending(WORKSPACE, api.now_ms)]
    return members, invites, [token.id for token in api.catalog.tokens()]


def test_nobody_gets_or_gives_more_rights_than_they_have(
    place: Api, members: dict[str, Browser]
) -> None:
    rows = members["owner"].get("/members").json()["data"]
    tried = attempts({row["role"]: row["id"] for row in rows})
    before = rights(place)
    for role, all_tried in tried.items():
        for method, path, body in all_tried:
            given = {"json": body} if body else {}
            answer = members[role].ask(method, f"{path}?domain=example.com", **given)
            assert answer.status_code == 403, f"{role}: {method} {path} {body}: {answer.text}"
    assert rights(place) == before


@pytest.mark.parametrize("scopes", [("manage",), ("read", "write", "delete", "manage")])
def test_a_token_makes_no_owner_and_gives_no_scope_that_it_lacks(
    place: Api, scopes: tuple[str, ...]
) -> None:
    browser = Browser(place)
    browser.token = place.token(None, *scopes)
    before = rights(place)
    for path in ("/members", "/invites"):
        body = {"role": "owner", **(NEW if path == "/members" else {})}
        assert browser.ask("POST", path, json=body).status_code == 403
    for scope in {"read", "write", "delete"} - set(scopes):
        answer = browser.ask("POST", "/tokens", json={"scopes": [scope]})
        assert answer.status_code == 403, scope
    assert rights(place) == before


def test_a_right_that_was_taken_away_is_gone_at_once(place: Api) -> None:
    member = add_user(place, "once@example.com", "admin")
    browser = Browser(place)
    assert browser.sign_in("once@example.com").status_code == 200
    assert browser.get("/members").status_code == 200
    place.catalog.users.set_role(member.user.id, WORKSPACE, "viewer")
    assert browser.get("/members").status_code == 403
    assert browser.get("/me").json()["data"]["role"] == "viewer"
