"""Set-up, signing in and out, and what an attacker would try against each."""

import asyncio
import hashlib
import time
from pathlib import Path

import pyotp
import pytest

from footfall.catalog.secret import SecretBox
from footfall.catalog.sign_in import IDLE_MS, LIVES_MS
from footfall.catalog.table import WORKSPACE
from footfall.catalog.totp import Totp
from footfall.damage import DamageLog
from footfall.model.errors import Conflict, Unauthorized
from footfall.serve.http.browser import COOKIE, CSRF_HEADER, SECURE_COOKIE

from .browsing import HOUR_MS, PASSWORD, Browser, add_user, signed_in
from .conftest import Api

OWNER = {"email": "Ann@Example.com", "name": "Ann", "password": PASSWORD}


def setup_code(api: Api) -> str:
    return api.catalog.codes.add("setup", expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms)


def test_the_owner_is_made_once_with_the_code_of_the_terminal(api: Api) -> None:
    browser = Browser(api)
    assert browser.get("/setup").json()["data"] == {"needed": True}
    wrong = browser.ask("POST", "/setup", json={"code": "x" * 24, **OWNER})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (403, "code")
    assert not api.catalog.users.has_owner()
    code = setup_code(api)
    answer = browser.ask("POST", "/setup", json={"code": code, **OWNER})
    assert answer.status_code == 200, answer.text
    me = answer.json()["data"]
    assert (me["email"], me["role"], me["workspace"]["id"]) == (
        "Ann@Example.com",
        "owner",
        WORKSPACE,
    )
    assert browser.get("/me").json()["data"] == me
    assert browser.get("/setup").json()["data"] == {"needed": False}
    again = Browser(api).ask("POST", "/setup", json={"code": code, **OWNER})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ann"}, "email"),
        ({"email": "ann@example.com\nBcc: eve@example.com"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 300}, "password"),
        ({"role": "owner"}, "role"),
        ({"code": 5}, "code"),
    ],
)
def test_a_mistake_in_set_up_is_named_and_does_not_use_up_the_code(
    api: Api, change: dict[str, object], field: str
) -> None:
    code = setup_code(api)
    answer = Browser(api).ask("POST", "/setup", json={"code": code, **OWNER, **change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert field in answer.json()["message"]
    assert Browser(api).ask("POST", "/setup", json={"code": code, **OWNER}).status_code == 200


def test_a_signed_in_member_reads_reports_and_has_the_rights_of_the_role(api: Api) -> None:
    website = api.website()
    api.send(website, {"url": "https://example.com/", "visitorUid": "ann"})
    owner, viewer = signed_in(api, "owner"), signed_in(api, "viewer")
    for browser in (owner, viewer):
        answer = browser.get("/overview?domain=example.com")
        assert answer.json()["data"][0]["visitors"] == 1
        assert [each["domain"] for each in browser.get("/websites").json()["data"]] == [
            "example.com"
        ]
        assert browser.get("/v0/quarantine?domain=example.com").status_code == 200
    goal = {"name": "signup", "domain": "example.com"}
    assert owner.ask("POST", "/goals", json=goal).status_code == 200
    refused = viewer.ask("POST", "/goals", json=goal)
    assert (refused.status_code, "viewer" in refused.json()["message"]) == (403, True)
    dry = "/goals?domain=example.com&name=signup&dryRun=true"
    assert owner.ask("DELETE", dry).status_code == 200
    assert viewer.ask("DELETE", dry).status_code == 403


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(api: Api) -> None:
    """By the answer, nor by the work: hashes are counted, since clocks vary."""
    add_user(api)
    add_user(api, "bea@example.com", "viewer", password=None)
    passwords = api.catalog.users.passwords
    answers, work = [], []
    odd = ("bea@example.com", "", "a\0b@example.com")
    for email in ("ann@example.com", "nobody@example.com", *odd):
        before = passwords.work
        answers.append(Browser(api).sign_in(email, "wrong password"))
        work.append(passwords.work - before)
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert set(work) == {1}
    before = passwords.work
    assert Browser(api).sign_in().status_code == 200
    assert passwords.work - before == 1


def test_guessing_is_limited_by_account_and_by_address(api: Api) -> None:
    add_user(api)
    for number in range(10):
        browser = Browser(api, peer=f"203.0.113.{number}")
        answer = browser.sign_in("ANN@example.com", f"guess{number}")
        assert answer.status_code == 401
    refused = Browser(api, peer="203.0.113.99").sign_in()
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    unknown = [Browser(api, peer="192.0.2.1").sign_in(f"u{n}@example.com") for n in range(31)]
    assert [answer.status_code for answer in unknown] == [401] * 30 + [429]
    api.now_ms += 900_000
    assert Browser(api, peer="203.0.113.99").sign_in().status_code == 200


def test_one_network_of_ipv6_addresses_is_one_guesser(api: Api) -> None:
    answers = [
        Browser(api, peer=f"2001:db8:0:1:{n}::{n}").sign_in(f"u{n}@example.com") for n in range(31)
    ]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert Browser(api, peer="2001:db8:0:2::1").sign_in("u@example.com").status_code == 401


def test_a_success_forgets_earlier_mistakes(api: Api) -> None:
    add_user(api)
    for number in range(24):
        browser = Browser(api, peer=f"203.0.113.{number}")
        right = number % 8 == 7
        assert browser.sign_in(password=PASSWORD if right else "x").status_code == (
            200 if right else 401
        )


def test_the_cookie_is_strict_and_its_value_is_stored_as_a_hash(api: Api, tmp_path: Path) -> None:
    add_user(api)
    browser = Browser(api)
    [line] = browser.sign_in().headers.get_list("set-cookie")
    assert line.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line
    secret = browser.cookies[COOKIE]
    assert len(secret) >= 43
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("catalog.sqlite*"))
    assert secret.encode() not in stored
    assert hashlib.sha256(secret.encode()).digest() in stored


def test_over_tls_the_cookie_is_bound_to_the_host(api: Api) -> None:
    add_user(api)
    browser = Browser(api, "https://test")
    [line] = browser.sign_in().headers.get_list("set-cookie")
    assert line.startswith(f"{SECURE_COOKIE}=")
    assert "Secure" in line.split("; ")
    assert browser.get("/me").status_code == 200
    plain = {"Cookie": f"{COOKIE}={browser.cookies[SECURE_COOKIE]}"}
    assert browser.get("/me", headers=plain).status_code == 401


def test_a_proxy_says_that_the_connection_is_encrypted_and_others_cannot(api: Api) -> None:
    add_user(api)
    headers = {"X-Forwarded-Proto": "https"}
    for peer, name in (("10.0.0.1", SECURE_COOKIE), ("198.51.100.7", COOKIE)):
        body = {"email": "ann@example.com", "password": PASSWORD}
        answer = Browser(api, peer=peer).ask("POST", "/signin", json=body, headers=headers)
        assert answer.headers["set-cookie"].startswith(f"{name}=")


def test_a_cookie_that_was_planted_before_is_not_signed_in(api: Api) -> None:
    """Session fixation: every sign-in has a new secret, and the one before is over."""
    add_user(api)
    victim, thief = Browser(api), Browser(api)
    victim.cookies[COOKIE] = thief.cookies[COOKIE] = "a" * 43
    victim.sign_in()
    assert victim.cookies[COOKIE] != "a" * 43
    assert thief.get("/me").status_code == 401
    first = dict(victim.cookies)
    victim.sign_in()
    assert victim.cookies != first
    thief.cookies = first
    assert thief.get("/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {CSRF_HEADER: None},
        {CSRF_HEADER: "0" * 32},
        {CSRF_HEADER: "é".encode()},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_website_cannot_write(api: Api, headers: dict[str, str | None]) -> None:
    api.website()
    browser = signed_in(api)
    for method, path, body in (
        ("PATCH", "/me", {"name": "Eve"}),
        ("POST", "/signout", None),
        ("POST", "/goals", {"name": "signup", "domain": "example.com"}),
        ("DELETE", "/goals?domain=example.com&name=signup", None),
    ):
        options = {"json": body} if body else {}
        assert browser.ask(method, path, headers=headers, **options).status_code == 403
    assert browser.get("/me").json()["data"]["name"] == "owner"


def test_a_page_of_another_website_cannot_sign_a_browser_in(api: Api) -> None:
    add_user(api)
    browser = Browser(api)
    body = {"email": "ann@example.com", "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.ask("POST", "/signin", json=body, headers=headers)
        assert (answer.status_code, answer.headers.get_list("set-cookie")) == (403, [])


def test_a_token_takes_precedence_over_the_cookie_and_has_no_account(api: Api) -> None:
    website = api.website()
    browser = signed_in(api, "viewer")
    headers = {"Authorization": f"Bearer {api.token(website)}", CSRF_HEADER: None}
    goal = {"name": "signup"}
    assert browser.ask("POST", "/goals", json=goal, headers=headers).status_code == 200
    headers["Authorization"] = f"Bearer {api.token(None, 'read')}"
    answer = browser.get("/me", headers=headers)
    assert (answer.status_code, "no account" in answer.json()["message"]) == (403, True)


def test_sign_ins_end_unused_and_in_any_case(api: Api) -> None:
    browser = signed_in(api)
    for _ in range(LIVES_MS // (IDLE_MS // 2)):
        api.now_ms += IDLE_MS // 2
        use_until_seen(api, browser)
    api.now_ms += IDLE_MS // 2
    assert browser.get("/me").status_code == 401
    idle = signed_in(api, "viewer")
    api.now_ms += IDLE_MS
    assert idle.get("/me").status_code == 401


def use_until_seen(api: Api, browser: Browser) -> None:
    """Requests until the time of one is stored, which no answer waits for.

    One request may not be enough: while the time of an earlier one is being stored, none is noted.
    """
    give_up_at = time.monotonic() + 60
    while True:
        me = browser.get("/me")
        assert me.status_code == 200
        user_id = me.json()["data"]["id"]
        if api.catalog.sign_ins.list(user_id, api.now_ms)[0].seen_at == api.now_ms:
            return
        assert time.monotonic() < give_up_at
        api.run(asyncio.sleep(0.01))


def test_one_signs_out_here_or_elsewhere(api: Api) -> None:
    add_user(api)
    here, there, third = Browser(api), Browser(api), Browser(api)
    for browser in (here, there, third):
        browser.sign_in()
    listed = here.get("/me/signins").json()
    assert listed["pagination"]["total"] == 3
    assert [each["current"] for each in listed["data"]].count(True) == 1
    assert here.ask("POST", "/signout").json()["data"] == {"signedOut": True}
    assert COOKIE not in here.cookies
    assert (here.get("/me").status_code, there.get("/me").status_code) == (401, 200)
    [other] = [each for each in there.get("/me/signins").json()["data"] if not each["current"]]
    assert there.ask("DELETE", f"/me/signins/{other['id']}").json()["data"] == {"ended": 1}
    assert third.get("/me").status_code == 401
    third.sign_in()
    assert there.ask("DELETE", "/me/signins").json()["data"] == {"ended": 1}
    assert (third.get("/me").status_code, there.get("/me").status_code) == (401, 200)


def test_a_sign_in_of_someone_else_cannot_be_ended(api: Api) -> None:
    owner, viewer = signed_in(api, "owner"), signed_in(api, "viewer")
    [mine] = owner.get("/me/signins").json()["data"]
    assert viewer.ask("DELETE", f"/me/signins/{mine['id']}").status_code == 404
    assert owner.get("/me").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_the_other_sign_ins(api: Api) -> None:
    add_user(api)
    here, there = Browser(api), Browser(api)
    here.sign_in()
    there.sign_in()
    new = "another long password"
    for current in (None, "wrong"):
        answer = here.ask("PUT", "/me/password", json={"password": new, "current": current})
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "current")
    assert there.get("/me").status_code == 200
    body = {"password": new, "current": PASSWORD}
    assert here.ask("PUT", "/me/password", json=body).status_code == 200
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)
    assert there.sign_in().status_code == 401
    assert there.sign_in(password=new).status_code == 200


def test_a_sign_in_that_a_change_of_the_password_overtakes_fails(api: Api) -> None:
    member = add_user(api)
    users, sign_ins = api.catalog.users, api.catalog.sign_ins
    found = users.check("ann@example.com", PASSWORD)
    assert found is not None
    users.set_password(member.user.id, "another long password")
    with pytest.raises(Unauthorized):
        sign_ins.add(member.user.id, "password", "", now_ms=api.now_ms, password_hash=found[1])
    assert sign_ins.list(member.user.id, api.now_ms) == []


def test_a_link_works_once_and_lets_a_lost_password_be_replaced(api: Api) -> None:
    member = add_user(api)
    code = api.catalog.codes.add(
        "link", member.user.id, expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms
    )
    browser = Browser(api)
    answer = browser.ask("POST", "/signin/link", json={"code": code})
    browser.csrf = answer.json()["data"]["csrf"]
    assert Browser(api).ask("POST", "/signin/link", json={"code": code}).status_code == 403
    body = {"password": "a password that I remember"}
    assert browser.ask("PUT", "/me/password", json=body).status_code == 200
    api.now_ms += HOUR_MS
    late = browser.ask("PUT", "/me/password", json={"password": "stolen cookie's password"})
    assert (late.status_code, late.json()["error"]["field"]) == (400, "current")


def test_a_first_password_needs_a_fresh_sign_in(api: Api) -> None:
    """Whoever finds an open browser cannot leave a way back in."""
    browser, body = signed_in(api, "viewer"), {"password": PASSWORD}
    api.now_ms += 15 * 60_000
    for given in (body, body | {"current": PASSWORD}):
        late = browser.ask("PUT", "/me/password", json=given)
        assert (late.status_code, late.json()["message"]) == (
            403,
            "Sign in again: a first password is set within 15 minutes after signing in",
        )
    api.now_ms -= 1
    assert browser.ask("PUT", "/me/password", json=body).status_code == 200
    assert Browser(api).sign_in("viewer@default.example").status_code == 200


def test_a_link_ends_when_it_expires_and_when_another_is_printed(api: Api) -> None:
    member = add_user(api)

    def print_code() -> str:
        return api.catalog.codes.add(
            "link", member.user.id, expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms
        )

    first, second = print_code(), print_code()
    assert Browser(api).ask("POST", "/signin/link", json={"code": first}).status_code == 403
    api.now_ms += HOUR_MS
    assert Browser(api).ask("POST", "/signin/link", json={"code": second}).status_code == 403


@pytest.mark.parametrize(
    ("origin", "peer", "headers", "status"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", {}, 200),
        ("http://localhost:8000", "::1", {}, 200),
        ("http://127.0.0.1:8000", "198.51.100.7", {}, 403),
        ("http://rebound.example:8000", "127.0.0.1", {}, 403),
        ("http://127.0.0.1:8000", "127.0.0.1", {"Host": "[", "Origin": None}, 403),
        ("http://127.0.0.1:8000", "127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, 403),
        ("http://127.0.0.1:8000", "198.51.100.7", {"X-Forwarded-For": "127.0.0.1"}, 403),
    ],
)
def test_the_demos_link_works_on_this_machine_only(
    api: Api, origin: str, peer: str, headers: dict[str, str | None], status: int
) -> None:
    member = add_user(api)
    code = api.catalog.codes.add(
        "link",
        member.user.id,
        is_local=True,
        expires_at=api.now_ms + HOUR_MS,
        now_ms=api.now_ms,
    )
    browser = Browser(api, origin, peer)
    answer = browser.ask("POST", "/signin/link", json={"code": code}, headers=headers)
    assert answer.status_code == status


def test_a_code_of_an_app_is_asked_for_and_works_once(api: Api) -> None:
    add_user(api)
    browser = Browser(api)
    browser.sign_in()
    made = browser.ask("POST", "/me/totp", json={}).json()["data"]
    app = pyotp.TOTP(made["secret"])
    assert made["secret"] in made["uri"]

    def code(seconds: int = 0) -> str:
        return app.at(api.now_ms // 1000 + seconds)

    wrong = {"secret": made["secret"], "code": code(300)}
    assert browser.ask("POST", "/me/totp", json=wrong).status_code == 400
    body = {"secret": made["secret"], "code": code()}
    assert browser.ask("POST", "/me/totp", json=body).json()["data"]["active"]
    other = Browser(api)
    for totp in (None, "", "000000", "²³⁴⁵⁶⁷", code(300)):
        answer = other.sign_in(totp=totp)
        assert (answer.status_code, answer.json()["error"]["field"]) == (401, "totp")
    assert other.sign_in(totp=code()).status_code == 401, "it was used to set the app up"
    api.now_ms += 30_000
    assert other.sign_in(totp=code()).status_code == 200
    assert Browser(api).sign_in(totp=code()).status_code == 401
    api.now_ms += 30_000
    assert Browser(api).sign_in(totp=code()).status_code == 200
    assert browser.ask("DELETE", "/me/totp", json={"code": code()}).status_code == 400
    api.now_ms += 30_000
    assert browser.ask("DELETE", "/me/totp", json={"code": code()}).status_code == 200
    assert Browser(api).sign_in().status_code == 200


def test_of_two_apps_that_are_set_up_at_once_one_is(api: Api) -> None:
    """Both requests were admitted before either was carried out."""
    member = add_user(api)
    totp = api.catalog.totp
    first, second = (totp.new_secret("ann@example.com")[0] for _ in range(2))
    now_s = api.now_ms // 1000
    assert totp.begin(member.user.id, first, pyotp.TOTP(first).at(now_s), api.now_ms)
    with pytest.raises(Conflict):
        totp.begin(member.user.id, second, pyotp.TOTP(second).at(now_s), api.now_ms)
    assert Browser(api).sign_in(totp=pyotp.TOTP(first).at(now_s + 30)).status_code == 200


def test_without_the_key_to_its_secret_a_code_is_not_checked_and_a_link_works(
    api: Api, tmp_path: Path
) -> None:
    member = add_user(api)
    secret, _ = api.catalog.totp.new_secret("ann@example.com")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Totp(api.catalog.database, SecretBox(elsewhere)).set(member.user.id, secret)
    log = DamageLog(tmp_path, lambda: api.now_ms)
    api.catalog.totp.check_secrets(log)
    assert "codes of an authenticator app are refused" in log.unseen()[0].message
    answer = Browser(api).sign_in(totp=pyotp.TOTP(secret).at(api.now_ms // 1000))
    assert (answer.status_code, "footfall user link" in answer.json()["message"]) == (503, True)
    code = api.catalog.codes.add(
        "link", member.user.id, expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms
    )
    assert Browser(api).ask("POST", "/signin/link", json={"code": code}).status_code == 200


def test_name_address_and_preferences_are_ones_own(api: Api) -> None:
    add_user(api, "bea@example.com", "viewer")
    browser = signed_in(api)
    answer = browser.ask("PATCH", "/me", json={"name": "<script>\u202eAnn", "email": "a@b.example"})
    assert answer.json()["data"]["name"] == "<script> Ann"
    assert browser.get("/me").json()["data"]["email"] == "a@b.example"
    taken = browser.ask("PATCH", "/me", json={"email": "BEA@example.com"})
    assert (taken.status_code, taken.json()["error"]["field"]) == (409, "email")
    body = {"preferences": {"theme": "dark"}}
    assert browser.ask("PUT", "/preferences", json=body).json()["data"] == body
    assert browser.get("/preferences").json()["data"] == body
    for wrong in ({"preferences": {"": "x"}}, {"preferences": {"x": "y" * 1001}}, {"theme": "x"}):
        assert browser.ask("PUT", "/preferences", json=wrong).status_code == 400


def test_a_member_cannot_raise_the_own_role(api: Api) -> None:
    viewer = signed_in(api, "viewer")
    for body in ({"role": "owner"}, {"name": "x", "workspace": "other"}, {"id": "usr_1"}):
        answer = viewer.ask("PATCH", "/me", json=body)
        assert answer.status_code == 400
        assert "is not a field" in answer.json()["message"]
    assert viewer.get("/me").json()["data"]["role"] == "viewer"


def test_pages_of_others_cannot_frame_an_answer(api: Api) -> None:
    browser = signed_in(api)
    for path in ("/me", "/setup", "/me/signins"):
        headers = browser.get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_what_members_do_is_audited_without_their_address(api: Api) -> None:
    add_user(api)
    browser = Browser(api)
    browser.sign_in()
    body = {"password": "another long password", "current": PASSWORD}
    browser.ask("PUT", "/me/password", json=body)
    browser.ask("PATCH", "/me", json={"email": "new@example.com"})
    entries = api.catalog.audit.list()
    assert [entry.action for entry in entries] == [
        "change e-mail address",
        "change password",
        "sign in by password",
    ]
    assert {entry.actor for entry in entries} == {f"user {browser.get('/me').json()['data']['id']}"}
    assert "example.com" not in str(entries)
