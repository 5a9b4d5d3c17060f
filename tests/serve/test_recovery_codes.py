"""Recovery codes: each replaces a code of a lost authenticator app, once."""

import re

import pyotp
import pytest
from sqlalchemy import text

from footfall.catalog.database import writing
from footfall.catalog.recovery import HOW_MANY

from .browsing import PASSWORD, Browser, add_user
from .conftest import Api

_FAIL = (
    "CREATE TRIGGER fail BEFORE INSERT ON recovery_codes"
    " BEGIN SELECT RAISE(ABORT, 'the table takes nothing'); END"
)


def turn_on(api: Api, email: str = "ann@example.com") -> tuple[Browser, list[str]]:
    """A browser whose account asks for codes of an app, and its recovery codes."""
    add_user(api, email)
    browser = Browser(api)
    browser.sign_in(email)
    secret = browser.ask("POST", "/me/totp", json={}).json()["data"]["secret"]
    body = {"secret": secret, "code": pyotp.TOTP(secret).at(api.now_ms // 1000)}
    made = browser.ask("POST", "/me/totp", json=body).json()["data"]
    return browser, made["recoveryCodes"]


def left(browser: Browser) -> int:
    found: int = browser.get("/me/totp").json()["data"]["recoveryCodes"]
    return found


def test_each_signs_in_once_however_it_is_typed(api: Api) -> None:
    ann, codes = turn_on(api)
    assert len(set(codes)) == HOW_MANY
    assert all(re.fullmatch(r"([2-9a-z]{4}-){3}[2-9a-z]{4}", code) for code in codes)
    assert left(ann) == HOW_MANY
    typed = [codes[0], codes[1].upper(), codes[2].replace("-", " "), f" {codes[3]} "]
    for number, code in enumerate(typed, start=1):
        assert Browser(api).sign_in(totp=code).status_code == 200
        assert left(ann) == HOW_MANY - number
        again = Browser(api).sign_in(totp=code)
        assert (again.status_code, again.json()["error"]["field"]) == (401, "totp")
    actions = [each.action for each in api.catalog.audit.list()]
    assert actions.count("use recovery code") == len(typed)


@pytest.mark.parametrize("change", [lambda code: code[:-1], lambda code: f"{code}2", lambda _: "-"])
def test_what_is_not_one_signs_nobody_in(api: Api, change) -> None:
    _, codes = turn_on(api)
    assert Browser(api).sign_in(totp=change(codes[0])).status_code == 401


def test_they_are_of_one_account_and_need_its_password(api: Api) -> None:
    _, codes = turn_on(api)
    turn_on(api, "bea@example.com")
    assert Browser(api).sign_in("bea@example.com", totp=codes[0]).status_code == 401
    assert Browser(api).sign_in(password="not the password", totp=codes[0]).status_code == 401
    assert Browser(api).sign_in(totp=codes[0]).status_code == 200


def test_new_ones_replace_those_before(api: Api) -> None:
    ann, before = turn_on(api)
    Browser(api).sign_in(totp=before[0])
    body = {"code": before[2]}
    codes = ann.ask("POST", "/me/totp/recovery", json=body).json()["data"]["codes"]
    assert left(ann) == HOW_MANY
    assert not set(codes) & set(before)
    assert Browser(api).sign_in(totp=before[1]).status_code == 401
    assert Browser(api).sign_in(totp=codes[0]).status_code == 200
    assert api.catalog.audit.list()[1].action != "make recovery codes"
    assert "make recovery codes" in [each.action for each in api.catalog.audit.list()]


def test_new_ones_need_a_code(api: Api) -> None:
    """Otherwise one who finds an open browser makes them, and turns the app off with one."""
    ann, codes = turn_on(api)
    for body, field in (({}, "code"), ({"code": ""}, "code"), ({"code": "000000"}, "code")):
        answer = ann.ask("POST", "/me/totp/recovery", json=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert left(ann) == HOW_MANY
    assert Browser(api).sign_in(totp=codes[0]).status_code == 200
    used = ann.ask("POST", "/me/totp/recovery", json={"code": codes[0]})
    assert used.status_code == 400


def test_guesses_for_new_ones_and_for_turning_off_are_limited_together(api: Api) -> None:
    ann, codes = turn_on(api)
    calls = [("POST", "/me/totp/recovery"), ("DELETE", "/me/totp")] * 5
    for method, path in calls:
        assert ann.ask(method, path, json={"code": "000000"}).status_code == 400
    for method, path in calls[:2]:
        assert ann.ask(method, path, json={"code": codes[0]}).status_code == 429
    assert left(ann) == HOW_MANY


def test_an_app_without_recovery_codes_is_not_turned_on(api: Api) -> None:
    """Both happen in one transaction, or nothing does."""
    add_user(api)
    ann = Browser(api)
    ann.sign_in()
    secret = ann.ask("POST", "/me/totp", json={}).json()["data"]["secret"]
    with writing(api.catalog.database) as connection:
        connection.execute(text(_FAIL))
    body = {"secret": secret, "code": pyotp.TOTP(secret).at(api.now_ms // 1000)}
    assert ann.ask("POST", "/me/totp", json=body).status_code == 500
    assert ann.get("/me/totp").json()["data"] == {"active": False, "recoveryCodes": 0}
    assert Browser(api).sign_in().status_code == 200


def test_one_turns_the_app_off_and_with_it_the_others_end(api: Api) -> None:
    ann, codes = turn_on(api)
    assert ann.ask("DELETE", "/me/totp", json={"code": codes[0]}).status_code == 200
    assert ann.get("/me/totp").json()["data"] == {"active": False, "recoveryCodes": 0}
    assert ann.ask("POST", "/me/totp/recovery", json={"code": codes[1]}).status_code == 409
    assert Browser(api).sign_in().status_code == 200


def test_without_the_key_to_the_apps_secret_they_still_sign_in(api: Api, tmp_path) -> None:
    _, codes = turn_on(api)
    for file in tmp_path.rglob("secret.key"):
        file.unlink()
    api.catalog.totp._secrets._key = b""
    assert Browser(api).sign_in(totp="123456").status_code == 503
    assert Browser(api).sign_in(totp=codes[0]).status_code == 200


def test_only_hashes_are_stored_and_guessing_is_limited(api: Api, tmp_path) -> None:
    ann, codes = turn_on(api)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("catalog*") if path.is_file())
    assert stored
    assert not any(code.encode() in stored for code in codes)
    assert not any(code.replace("-", "").encode() in stored for code in codes)
    tries = [Browser(api).sign_in(totp="aaaa-aaaa-aaaa-aaaa").status_code for _ in range(11)]
    assert tries == [401] * 10 + [429]
    ann.ask("DELETE", "/me/signins")


def test_a_removed_account_leaves_none(api: Api) -> None:
    owner, _ = turn_on(api)
    member = add_user(api, "bea@example.com", "viewer", password=PASSWORD)
    api.catalog.recovery.renew(member.user.id)
    assert owner.ask("DELETE", f"/members/{member.user.id}").status_code == 200
    assert api.catalog.recovery.count(member.user.id) == 0
