"""Passkeys: adding, signing in and removing, and what an attacker would try against each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.catalog.passkey import MAX_OF_USER
from footfall.model.errors import Conflict
from footfall.model.period import write_moment
from footfall.serve.http.authenticator import from_base64url, place_of, to_base64url
from footfall.serve.http.challenge import LIVES_MS, MAX_CHALLENGES, Challenges
from footfall.store.engine import Engine

from .authenticator import PRESENT, Authenticator
from .browsing import PASSWORD, Browser, add_user, follow_link
from .conftest import Api

ORIGIN, HOST = "https://stats.example.com", "stats.example.com"


def browser_of(api: Api, email: str = "ann@example.com", origin: str = ORIGIN) -> Browser:
    """Signed in by password, at an address where browsers allow passkeys."""
    if api.catalog.users.find(email) is None:
        add_user(api, email, "viewer" if api.catalog.users.has_owner() else "owner")
    browser = Browser(api, origin)
    assert browser.sign_in(email).status_code == 200
    return browser


def options_of(browser: Browser, **body: Any) -> dict[str, Any]:
    answer = browser.ask("POST", "/me/passkey/options", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def add(browser: Browser, name: str = "Phone") -> Authenticator:
    phone = Authenticator(ORIGIN, HOST)
    answer = browser.ask("POST", "/me/passkeys", json=phone.make(options_of(browser), name))
    assert answer.status_code == 200, answer.text
    return phone


def sign_in_options(browser: Browser) -> dict[str, Any]:
    answer = browser.ask("POST", "/signin/passkey/options", json={})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def enter(browser: Browser, phone: Authenticator, **change: Any) -> httpx2.Response:
    body = phone.sign(sign_in_options(browser)) | change
    return browser.ask("POST", "/signin/passkey", json=body)


def test_a_passkey_is_added_signs_in_and_is_removed(api: Api) -> None:
    ann = browser_of(api)
    options = options_of(ann)
    assert options["rp"] == {"id": HOST, "name": "Footfall"}
    assert options["user"]["name"] == "ann@example.com"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    phone = Authenticator(ORIGIN, HOST)
    made = ann.ask("POST", "/me/passkeys", json=phone.make(options)).json()["data"]
    assert (made["name"], made["usedAt"]) == ("Phone", None)
    assert options_of(ann)["excludeCredentials"] == [
        {"type": "public-key", "id": to_base64url(phone.id)}
    ]
    other = Browser(api, ORIGIN)
    api.now_ms += 60_000
    answer = enter(other, phone)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["email"] == "ann@example.com"
    assert other.get("/me").status_code == 200
    assert [each["method"] for each in other.get("/me/signins").json()["data"]] == [
        "passkey",
        "password",
    ]
    [row] = other.get("/me/passkeys").json()["data"]
    assert (row["id"], row["usedAt"]) == (made["id"], write_moment(api.now_ms))
    assert enter(Browser(api, ORIGIN), phone).status_code == 200
    assert ann.ask("DELETE", f"/me/passkeys/{made['id']}").status_code == 200
    assert ann.ask("DELETE", f"/me/passkeys/{made['id']}").status_code == 404
    assert enter(Browser(api, ORIGIN), phone).status_code == 401
    actions = [each["action"] for each in ann.get("/audit").json()["data"]]
    assert actions[:4] == [
        "remove passkey",
        "sign in by passkey",
        "sign in by passkey",
        "add passkey",
    ]


def test_it_replaces_password_and_code(api: Api) -> None:
    ann = browser_of(api)
    phone = add(ann)
    user = api.catalog.users.find("ann@example.com")
    assert user is not None
    api.catalog.totp.set(user.id, "A" * 32)
    assert Browser(api, ORIGIN).sign_in().status_code == 401
    assert enter(Browser(api, ORIGIN), phone).status_code == 200


def test_a_new_sign_in_gets_a_new_secret(api: Api) -> None:
    """What a browser had as a cookie before is worth nothing afterwards (session fixation)."""
    phone = add(browser_of(api))
    browser = browser_of(api)
    before = dict(browser.cookies)
    assert enter(browser, phone).status_code == 200
    fixed = Browser(api, ORIGIN)
    fixed.cookies = before
    assert browser.cookies != before
    assert fixed.get("/me").status_code == 401


Change = Callable[[Authenticator], None]


def said(**client_data: Any) -> Change:
    return lambda phone: phone.client_data.update(client_data)


def lied(name: str, value: Any) -> Change:
    return lambda phone: setattr(phone, name, value)


LIES: dict[str, Change] = {
    "a page of another website": lied("origin", "https://evil.example"),
    "the same name without TLS": lied("origin", f"http://{HOST}"),
    "another port": lied("origin", f"{ORIGIN}:8443"),
    "a key of another host": lied("rp_id", "evil.example"),
    "a key of the domain above": lied("rp_id", "example.com"),
    "nobody was verified": lied("flags", PRESENT),
    "nobody was there": lied("flags", 0),
    "a page in another website's frame": said(crossOrigin=True),
    "another challenge": said(challenge=to_base64url(bytes(32))),
    "no challenge": said(challenge=""),
    "another ceremony": said(type="webauthn.other"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_of_this_server_and_its_user_is_refused(api: Api, lie: str) -> None:
    ann = browser_of(api)
    phone = add(ann)
    LIES[lie](phone)
    other = Browser(api, ORIGIN)
    answer = enter(other, phone)
    assert answer.status_code == 401, lie
    assert "set-cookie" not in answer.headers
    assert other.get("/me").status_code == 401
    fresh = Authenticator(ORIGIN, HOST)
    LIES[lie](fresh)
    added = ann.ask("POST", "/me/passkeys", json=fresh.make(options_of(ann)))
    assert added.status_code == 400, lie
    assert added.json()["error"]["field"] in ("clientData", "attestation")
    assert len(ann.get("/me/passkeys").json()["data"]) == 1


def test_deeply_nested_client_data_is_refused(api: Api) -> None:
    ann = browser_of(api)
    phone = add(ann)
    nested = {"clientData": to_base64url(b'{"x":' + b"[" * 5000)}
    body = phone.sign(sign_in_options(ann)) | nested
    assert Browser(api, ORIGIN).ask("POST", "/signin/passkey", json=body).status_code == 401
    made = Authenticator(ORIGIN, HOST).make(options_of(ann)) | nested
    answer = ann.ask("POST", "/me/passkeys", json=made)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "clientData")


def test_an_answer_works_once(api: Api) -> None:
    ann = browser_of(api)
    phone, other = add(ann), Browser(api, ORIGIN)
    phone.counts = False  # as those that are synchronized: the counter would not notice
    body = phone.sign(sign_in_options(other))
    assert other.ask("POST", "/signin/passkey", json=body).status_code == 200
    replayed = Browser(api, ORIGIN).ask("POST", "/signin/passkey", json=body)
    assert replayed.status_code == 401
    second = Authenticator(ORIGIN, HOST)
    made = second.make(options_of(ann))
    assert ann.ask("POST", "/me/passkeys", json=made).status_code == 200
    again = ann.ask("POST", "/me/passkeys", json=made)
    assert (again.status_code, again.json()["error"]["field"]) == (400, "clientData")


def test_a_challenge_is_over_after_five_minutes(api: Api) -> None:
    ann = browser_of(api)
    phone, other = add(ann), Browser(api, ORIGIN)
    options, new = sign_in_options(other), options_of(ann)
    api.now_ms += LIVES_MS
    assert other.ask("POST", "/signin/passkey", json=phone.sign(options)).status_code == 401
    made = Authenticator(ORIGIN, HOST).make(new)
    assert ann.ask("POST", "/me/passkeys", json=made).status_code == 400


def test_a_challenge_is_for_one_sign_in_and_one_purpose(api: Api) -> None:
    ann, bea = browser_of(api), browser_of(api, "bea@example.com")
    phone = add(ann)
    # what bea was offered does not add to ann's account, nor to that of ann's other browser
    for asked, sent in ((bea, ann), (browser_of(api), ann)):
        made = Authenticator(ORIGIN, HOST).make(options_of(asked))
        assert sent.ask("POST", "/me/passkeys", json=made).status_code == 400
    # a challenge for adding signs nobody in, and the reverse
    body = phone.sign(options_of(ann))
    assert Browser(api, ORIGIN).ask("POST", "/signin/passkey", json=body).status_code == 401
    options = {**options_of(ann), "challenge": sign_in_options(Browser(api, ORIGIN))["challenge"]}
    made = Authenticator(ORIGIN, HOST).make(options)
    assert ann.ask("POST", "/me/passkeys", json=made).status_code == 400


def test_nobody_signs_in_as_somebody_else(api: Api) -> None:
    ann, bea = browser_of(api), browser_of(api, "bea@example.com")
    anns, beas = add(ann), add(bea)
    other = Browser(api, ORIGIN)
    # bea's authenticator with ann's name, ann's passkey, or both
    assert enter(other, beas, userHandle=anns.handle).status_code == 401
    assert enter(other, beas, id=to_base64url(anns.id)).status_code == 401
    forged = {"id": to_base64url(anns.id), "userHandle": anns.handle}
    assert enter(other, beas, **forged).status_code == 401
    assert enter(other, anns, userHandle="").status_code == 401
    # what an authenticator has made for bea is hers: ann's ID is not added a second time
    thief = Authenticator(ORIGIN, HOST)
    thief.id = anns.id
    taken = bea.ask("POST", "/me/passkeys", json=thief.make(options_of(bea)))
    assert taken.status_code == 409
    assert enter(other, anns).json()["data"]["email"] == "ann@example.com"


def test_nobody_removes_somebody_elses_passkey(api: Api) -> None:
    ann, bea = browser_of(api), browser_of(api, "bea@example.com")
    phone = add(ann)
    [row] = ann.get("/me/passkeys").json()["data"]
    assert bea.get("/me/passkeys").json()["data"] == []
    refused = bea.ask("DELETE", f"/me/passkeys/{row['id']}")
    unknown = bea.ask("DELETE", "/me/passkeys/pky_000000000000")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.text.replace(row["id"], "") == unknown.text.replace("pky_000000000000", "")
    assert enter(Browser(api, ORIGIN), phone).status_code == 200


def test_a_copied_authenticator_is_noticed_by_its_count(api: Api) -> None:
    phone = add(browser_of(api))
    assert enter(Browser(api, ORIGIN), phone).status_code == 200
    copied = phone.count
    assert enter(Browser(api, ORIGIN), phone).status_code == 200
    phone.count = copied
    assert enter(Browser(api, ORIGIN), phone).status_code == 401


def test_two_uses_of_one_count_do_not_both_succeed(api: Api) -> None:
    """Between reading the passkey and writing the count, another request may have used it."""
    phone = add(browser_of(api))
    passkey = api.catalog.passkeys.find(phone.id)
    assert passkey is not None
    assert api.catalog.passkeys.note_use(passkey, 1, api.now_ms)
    assert not api.catalog.passkeys.note_use(passkey, 1, api.now_ms)


def test_an_unknown_passkey_gets_the_same_answer_as_a_wrong_one(api: Api) -> None:
    phone = add(browser_of(api))
    wrong = enter(Browser(api, ORIGIN), phone, signature=to_base64url(b"x" * 70))
    stranger = Authenticator(ORIGIN, HOST)
    unknown = enter(Browser(api, ORIGIN), stranger, userHandle=phone.handle)
    assert (wrong.status_code, wrong.text) == (401, unknown.text)
    assert unknown.status_code == 401


def test_guessing_is_limited_by_passkey_and_by_address(api: Api) -> None:
    phone = add(browser_of(api))
    for number in range(10):
        browser = Browser(api, ORIGIN, peer=f"203.0.113.{number}")
        assert enter(browser, phone, signature="AA").status_code == 401
    assert enter(Browser(api, ORIGIN, peer="203.0.113.99"), phone).status_code == 429
    api.now_ms += 900_000
    assert enter(Browser(api, ORIGIN, peer="203.0.113.99"), phone).status_code == 200
    asker = Browser(api, ORIGIN, peer="192.0.2.1")
    asked = [asker.ask("POST", "/signin/passkey/options", json={}) for _ in range(31)]
    assert [each.status_code for each in asked] == [200] * 30 + [429]


def test_pages_of_other_websites_cannot_use_it(api: Api) -> None:
    ann = browser_of(api)
    for path in ("/me/passkey/options", "/signin/passkey/options", "/signin/passkey"):
        foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert ann.ask("POST", path, json={}, headers=foreign).status_code == 403
    ann.csrf = ""
    assert ann.ask("POST", "/me/passkey/options", json={}).status_code == 403


def test_a_forged_host_changes_nothing(api: Api) -> None:
    """Where a passkey works is what it was made for, whatever a request says later."""
    phone = add(browser_of(api))
    evil = "https://evil.example"
    # a proxy of an attacker shows our page under its own name: its browser's answers are refused
    phone.origin, phone.rp_id = evil, "evil.example"
    assert enter(Browser(api, evil), phone).status_code == 401
    # and so is one that was made for the right name, in a page of the wrong one
    phone.rp_id = HOST
    assert enter(Browser(api, evil), phone).status_code == 401
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    ann = browser_of(api)
    answer = ann.ask("POST", "/me/passkey/options", json={}, headers=forged)
    assert answer.status_code in (403, 409)


def test_the_public_url_says_where_passkeys_work(tmp_path: Path, engine: Engine) -> None:
    """The same origin that links begin with, also where a request names another host."""
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path, engine, public_url="https://public.example")
    ann = browser_of(api)
    options = options_of(ann)
    assert options["rp"]["id"] == "public.example"
    wrong = Authenticator(ORIGIN, HOST).make(options)
    assert ann.ask("POST", "/me/passkeys", json=wrong).status_code == 400
    right = Authenticator("https://public.example", "public.example").make(options_of(ann))
    assert ann.ask("POST", "/me/passkeys", json=right).status_code == 200
    api.close()


@pytest.mark.parametrize(
    ("public_url", "origin", "host"),
    [
        ("https://stats.example.com:443", ORIGIN, HOST),
        ("https://Stats.Example.com", ORIGIN, HOST),
        ("https://münchen.example", "https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
    ],
)
def test_a_public_url_may_be_written_as_no_browser_does(
    tmp_path: Path, engine: Engine, public_url: str, origin: str, host: str
) -> None:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path, engine, public_url=public_url)
    add_user(api)
    ann = Browser(api, origin)
    behind = {"Host": "127.0.0.1:8000"}  # of a proxy that does not pass the name on
    body = {"email": "ann@example.com", "password": PASSWORD}
    answer = ann.ask("POST", "/signin", json=body, headers=behind)
    assert answer.status_code == 200, answer.text
    ann.csrf = answer.json()["data"]["csrf"]
    options = options_of(ann)
    assert options["rp"]["id"] == host
    made = Authenticator(origin, host).make(options)
    assert ann.ask("POST", "/me/passkeys", json=made, headers=behind).status_code == 200
    api.close()


@pytest.mark.parametrize(
    ("link", "rp_id"),
    [
        ("https://stats.example.com", "stats.example.com"),
        ("https://stats.example.com:8443", "stats.example.com"),
        ("http://localhost:8000", "localhost"),
        ("http://footfall.localhost:8000", "footfall.localhost"),
        ("http://stats.example.com", ""),
        ("http://127.0.0.1:8000", ""),
        ("https://192.0.2.1", ""),
        ("https://[2001:db8::1]", ""),
        (None, ""),
        ("https://[", ""),
        ("https://stats.example.com:99999", ""),
    ],
)
def test_passkeys_need_a_name_and_tls_or_localhost(link: str | None, rp_id: str) -> None:
    if rp_id:
        assert place_of(link) == (link, rp_id)
    else:
        with pytest.raises(Conflict, match="public_url"):
            place_of(link)


def test_an_old_sign_in_needs_the_password_again(api: Api) -> None:
    """Whoever finds an open browser cannot leave a way back in."""
    ann = browser_of(api)
    api.now_ms += 15 * 60_000
    for body in ({}, {"current": "wrong password"}):
        answer = ann.ask("POST", "/me/passkey/options", json=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "current")
    assert options_of(ann, current=PASSWORD)
    for _ in range(10):
        ann.ask("POST", "/me/passkey/options", json={"current": "guess"})
    assert ann.ask("POST", "/me/passkey/options", json={"current": PASSWORD}).status_code == 429


def test_an_old_sign_in_of_an_account_without_a_password_adds_none(api: Api) -> None:
    """Nothing but a new sign-in shows that it is its owner."""
    member = add_user(api, "ann@example.com", password=None)
    ann = Browser(api, ORIGIN)
    follow_link(ann, member)
    phone = add(ann)
    api.now_ms += 15 * 60_000 - 1
    assert options_of(ann)
    api.now_ms += 1
    for body in ({}, {"current": PASSWORD}):
        answer = ann.ask("POST", "/me/passkey/options", json=body)
        assert (answer.status_code, answer.json()["message"]) == (
            403,
            "Sign in again: a passkey is added within 15 minutes after signing in",
        )
    answer = enter(ann, phone)
    ann.csrf = answer.json()["data"]["csrf"]
    assert options_of(ann)


def test_an_account_has_at_most_twenty(api: Api) -> None:
    ann = browser_of(api)
    for number in range(MAX_OF_USER):
        add(ann, f"Key {number}")
    refused = ann.ask("POST", "/me/passkey/options", json={})
    assert refused.status_code == 409
    assert refused.json()["message"] == "An account can have 20 passkeys. Remove one first"


def test_a_removed_member_leaves_no_passkey(api: Api) -> None:
    browser_of(api)
    bea = browser_of(api, "bea@example.com")
    phone = add(bea)
    user = api.catalog.users.find("bea@example.com")
    assert user is not None
    api.catalog.users.remove(user.id, "default")
    assert api.catalog.passkeys.find(phone.id) is None
    assert enter(Browser(api, ORIGIN), phone).status_code == 401


def test_only_public_keys_are_stored(api: Api, tmp_path: Path) -> None:
    phone = add(browser_of(api))
    assert enter(Browser(api, ORIGIN), phone).status_code == 200
    private = phone.key.private_numbers().private_value.to_bytes(32, "big")
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("catalog*") if each.is_file())
    assert phone.id in stored
    assert private not in stored


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"id": "not base64!"}, "id"),
        ({"clientData": "€"}, "clientData"),
        ({"attestation": "AAAA"}, "attestation"),
        ({"attestation": "x" * 40_000}, "attestation"),
        ({"user": "usr_other"}, "user"),
    ],
)
def test_a_mistake_is_named(api: Api, change: dict[str, str], field: str) -> None:
    ann = browser_of(api)
    body = Authenticator(ORIGIN, HOST).make(options_of(ann)) | change
    answer = ann.ask("POST", "/me/passkeys", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.fixture
def ann(api: Api) -> Browser:
    return browser_of(api)


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(where=st.sampled_from(["clientData", "attestation"]), at=st.integers(0, 400), to=st.binary())
def test_damaged_bytes_are_refused_and_never_fail(
    ann: Browser, where: str, at: int, to: bytes
) -> None:
    ann.api.now_ms += 2_000  # requests of a minute are limited
    body = Authenticator(ORIGIN, HOST).make(options_of(ann, current=PASSWORD))
    plain = from_base64url(body[where], where)
    damaged = plain[:at] + to + plain[at + len(to) :]
    answer = ann.ask("POST", "/me/passkeys", json=body | {where: to_base64url(damaged)})
    assert answer.status_code in (200, 400, 409)
    assert "requestId" not in answer.json()
    if answer.status_code == 200:
        assert ann.ask("DELETE", f"/me/passkeys/{answer.json()['data']['id']}").status_code == 200


def test_challenges_have_a_limit() -> None:
    now = 0
    challenges = Challenges(lambda: now)
    first = challenges.make("a")
    for _ in range(MAX_CHALLENGES):
        last = challenges.make("a")
    assert not challenges.use(first, "a")
    assert challenges.use(last, "a")
    assert not challenges.use(last, "a")
    assert len(challenges._given) < MAX_CHALLENGES
