"""What decides how one signs in, or hands out rights, needs the password in an old sign-in."""

from collections.abc import Mapping
from typing import Any

import pyotp
import pytest

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
    "recovery codes": ("POST", "/me/totp/recovery", {}),
    "passkey": ("POST", "/me/passkey/options", {}),
    "token": ("POST", "/tokens", {"scopes": ["read"]}),
}


def send(ann: Browser, name: str, **further: str) -> tuple[int, str | None]:
    """The status, and the field that the answer complains about."""
    method, path, body = CALLS[name]
    if "code" in body:
        body = body | {"code": pyotp.TOTP(SECRET).at(ann.api.now_ms // 1000)}
    answer = ann.ask(method, path, json=body | further)
    return answer.status_code, answer.json().get("error", {}).get("field")


def browser_of(api: Api, name: str, *, password: str | None = PASSWORD) -> Browser:
    member = add_user(api, password=password)
    ann = Browser(api, ORIGIN)
    follow_link(ann, member)
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
    before = (ann.get("/me").json(), ann.get("/tokens").json())
    api.now_ms += FRESH_MS
    assert send(ann, name) == (400, "current")
    assert send(ann, name, current="a guess") == (400, "current")
    assert (ann.get("/me").json(), ann.get("/tokens").json()) == before
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
