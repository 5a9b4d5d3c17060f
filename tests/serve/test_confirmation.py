"""What decides how one signs in, or hands out rights, needs the password in an old sign-in."""

from collections.abc import Mapping
from typing import Any

import pyotp
import pytest

from footfall.catalog.table import WORKSPACE
from footfall.model.member import Role

from .browsing import PASSWORD, Browser, add_user, follow_link
from .conftest import Api

ORIGIN = "https://stats.example.com"
FRESH_MS = 15 * 60_000
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CALLS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "e-mail address": ("PATCH", "/me", {"email": "new@example.com"}),
    "secret of an app": ("POST", "/me/totp", {}),
    "app on": ("POST", "/me/totp", {"secret": SECRET, "code": "of now"}),
    "app off": ("DELETE", "/me/totp", {"code": "of now"}),
    "recovery codes": ("POST", "/me/totp/recovery", {"code": "of now"}),
    "passkey": ("POST", "/me/passkey/options", {}),
    "token": ("POST", "/tokens", {"scopes": ["read"]}),
    "member": (
        "POST",
        "/members",
        {"email": "bo@example.com", "name": "Bo", "password": PASSWORD, "role": "viewer"},
    ),
    "invitation": ("POST", "/invites", {"role": "owner"}),
    "higher role": ("PATCH", "/members/of Cy", {"role": "owner"}),
}


def send(ann: Browser, name: str, **further: str) -> tuple[int, str | None]:
    """The status, and the field that the answer complains about."""
    method, path, body = CALLS[name]
    if name == "higher role":
        path = f"/members/{member_id(ann, 'cy@example.com')}"
    if "code" in body:
        body = body | {"code": pyotp.TOTP(SECRET).at(ann.api.now_ms // 1000)}
    answer = ann.ask(method, path, json=body | further)
    return answer.status_code, answer.json().get("error", {}).get("field")


def member_id(ann: Browser, email: str) -> str:
    [found] = [each for each in ann.get("/members").json()["data"] if each["email"] == email]
    return str(found["id"])


def state(ann: Browser) -> list[Any]:
    return [ann.get(path).json() for path in ("/me", "/tokens", "/members", "/invites")]


def browser_of(api: Api, name: str, *, password: str | None = PASSWORD) -> Browser:
    member = add_user(api, password=password)
    ann = Browser(api, ORIGIN)
    follow_link(ann, member)
    if name == "higher role":
        add_user(api, "cy@example.com", "admin")
    if name in ("app off", "recovery codes"):
        api.catalog.totp.set(member.user.id, SECRET)
    return ann


@pytest.mark.parametrize("name", CALLS)
def test_a_fresh_sign_in_is_enough(api: Api, name: str) -> None:
    ann = browser_of(api, name)
    api.now_ms += FRESH_MS - 1
    assert send(ann, name) == (200, None)


@pytest.mark.parametrize("name", CALLS)
def test_an_old_one_needs_the_password(api: Api, name: str) -> None:
    ann = browser_of(api, name)
    before = state(ann)
    api.now_ms += FRESH_MS
    assert send(ann, name) == (400, "current")
    assert send(ann, name, current="a guess") == (400, "current")
    assert state(ann) == before
    assert send(ann, name, current=PASSWORD) == (200, None)


@pytest.mark.parametrize("name", CALLS)
def test_without_a_password_one_signs_in_again(api: Api, name: str) -> None:
    ann = browser_of(api, name, password=None)
    api.now_ms += FRESH_MS
    assert send(ann, name, current=PASSWORD) == (403, None)


def test_guesses_are_limited(api: Api) -> None:
    ann = browser_of(api, "token")
    api.now_ms += FRESH_MS
    for _ in range(10):
        assert send(ann, "token", current="a guess") == (400, "current")
    assert send(ann, "e-mail address", current=PASSWORD)[0] == 429


def test_guesses_at_the_sign_in_do_not_lock_out_who_is_signed_in(api: Api) -> None:
    ann = browser_of(api, "token")
    api.now_ms += FRESH_MS
    wrong = [Browser(api, ORIGIN).sign_in(password="a guess").status_code for _ in range(11)]
    assert wrong == [401] * 10 + [429]
    assert send(ann, "token", current=PASSWORD) == (200, None)


def test_a_right_password_leaves_the_guesses_of_codes_counted(api: Api) -> None:
    """Who knows the password and sits at an open browser guesses no code with its help."""
    ann = browser_of(api, "app off")
    api.now_ms += FRESH_MS
    for _ in range(2):
        wrong = [Browser(api, ORIGIN).sign_in(totp="000000").status_code for _ in range(4)]
        assert wrong == [401] * 4
        assert send(ann, "token", current=PASSWORD) == (200, None)
    wrong = [Browser(api, ORIGIN).sign_in(totp="000000").status_code for _ in range(3)]
    assert wrong == [401, 401, 429]


def test_a_name_and_an_unchanged_address_need_nothing(api: Api) -> None:
    ann = browser_of(api, "token")
    api.now_ms += FRESH_MS
    body = {"name": "Anna", "email": "ANN@example.com"}
    assert ann.ask("PATCH", "/me", json=body).status_code == 200


def test_a_token_makes_tokens_at_any_time(api: Api) -> None:
    program = Browser(api)
    program.token = api.token(None, "read", "manage")
    api.now_ms += 10 * FRESH_MS
    assert send(program, "token") == (200, None)


def test_a_token_invites_and_raises_roles_at_any_time(api: Api) -> None:
    browser_of(api, "higher role")
    program = Browser(api)
    program.token = api.token(None, "manage")
    cy = member_id(program, "cy@example.com")
    for role in ("viewer", "admin"):
        answer = program.ask("PATCH", f"/members/{cy}", json={"role": role})
        assert answer.status_code == 200
    assert program.ask("POST", "/invites", json={"role": "admin"}).status_code == 200


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("viewer", "admin", 400),
        ("viewer", "owner", 400),
        ("admin", "owner", 400),
        ("owner", "admin", 200),
        ("admin", "viewer", 200),
        ("admin", "admin", 200),
    ],
)
def test_only_a_higher_role_needs_it(api: Api, before: Role, after: Role, status: int) -> None:
    ann = browser_of(api, "token")
    cy = add_user(api, "cy@example.com", before).user.id
    api.now_ms += FRESH_MS
    assert ann.ask("PATCH", f"/members/{cy}", json={"role": after}).status_code == status
    assert api.catalog.users.member(cy, WORKSPACE).role == (after if status == 200 else before)


def test_an_old_sign_in_removes_members_and_withdraws_invitations(api: Api) -> None:
    """What takes rights away must be possible at once."""
    ann = browser_of(api, "token")
    cy = add_user(api, "cy@example.com", "admin").user.id
    invitation = ann.ask("POST", "/invites", json={"role": "viewer"}).json()["data"]["id"]
    api.now_ms += FRESH_MS
    assert ann.ask("DELETE", f"/members/{cy}").status_code == 200
    assert ann.ask("DELETE", f"/invites/{invitation}").status_code == 200
