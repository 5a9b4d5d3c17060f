"""Guessing: everything that somebody could try again and again is limited, and the right answer
does not come through after too many wrong ones."""

from collections.abc import Callable

import httpx2
import pyotp
import pytest

from .browsing import HOUR_MS, PASSWORD, Browser, add_user, opened
from .conftest import Api

MAX_TRIES = 31
"""No limit is above it."""
OWNER = {"email": "own@example.com", "name": "Own", "password": PASSWORD}
Try = Callable[[bool, str], httpx2.Response]
"""Send a right or a wrong guess, from an address."""


def guess_setup_code(api: Api) -> Try:
    code = api.catalog.codes.add("setup", expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms)

    def send(is_right: bool, peer: str) -> httpx2.Response:
        body = {"code": code if is_right else "x" * 24, **OWNER}
        return Browser(api, peer=peer).ask("POST", "/setup", json=body)

    return send


def guess_link_code(api: Api) -> Try:
    member = add_user(api)
    code = api.catalog.codes.add(
        "link", member.user.id, expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms
    )

    def send(is_right: bool, peer: str) -> httpx2.Response:
        body = {"code": code if is_right else "x" * 24}
        return Browser(api, peer=peer).ask("POST", "/signin/link", json=body)

    return send


def guess_invitation(api: Api) -> Try:
    owner = Browser(api)
    owner.token = api.token(None, "manage")
    path = owner.ask("POST", "/invites", json={"role": "viewer"}).json()["data"]["path"]

    def send(is_right: bool, peer: str) -> httpx2.Response:
        code = path.rpartition("/")[2] if is_right else "x" * 24
        return Browser(api, peer=peer).ask("POST", f"/invites/{code}", json=OWNER)

    return send


def guess_password(api: Api) -> Try:
    add_user(api)

    def send(is_right: bool, peer: str) -> httpx2.Response:
        return Browser(api, peer=peer).sign_in(password=PASSWORD if is_right else "x" * 12)

    return send


def guess_totp(api: Api) -> Try:
    """With the right password, which somebody may have found out."""
    member = add_user(api)
    secret, _ = api.catalog.totp.new_secret("ann@example.com")
    api.catalog.totp.set(member.user.id, secret)

    def send(is_right: bool, peer: str) -> httpx2.Response:
        code = pyotp.TOTP(secret).at(api.now_ms // 1000 + (0 if is_right else 9_000))
        return Browser(api, peer=peer).sign_in(totp=code)

    return send


def guess_totp_of_a_stolen_sign_in(api: Api) -> Try:
    """To end the second factor, with the right password."""
    member = add_user(api)
    browser = Browser(api)
    assert browser.sign_in().status_code == 200
    secret, _ = api.catalog.totp.new_secret("ann@example.com")
    api.catalog.totp.set(member.user.id, secret)

    def send(is_right: bool, peer: str) -> httpx2.Response:
        browser.peer = peer
        code = pyotp.TOTP(secret).at(api.now_ms // 1000 + (0 if is_right else 9_000))
        return browser.ask("DELETE", "/me/totp", json={"code": code, "current": PASSWORD})

    return send


def guess_password_of_a_stolen_sign_in(api: Api) -> Try:
    """To replace it."""
    add_user(api)
    browser = Browser(api)
    assert browser.sign_in().status_code == 200

    def send(is_right: bool, peer: str) -> httpx2.Response:
        browser.peer = peer
        current = PASSWORD if is_right else "x" * 12
        body = {"password": "another long password", "current": current}
        return browser.ask("PUT", "/me/password", json=body)

    return send


def guess_share_password(api: Api) -> Try:
    website = api.website()
    opened(api, website, password=PASSWORD)
    [share] = api.catalog.shares.of_websites([website.id])

    def send(is_right: bool, peer: str) -> httpx2.Response:
        body = {"password": PASSWORD if is_right else "x" * 12}
        return Browser(api, peer=peer).ask("POST", f"/shares/{share.slug}/open", json=body)

    return send


def check_limited(attempt: Try, peers: Callable[[int], str], api: Api) -> None:
    """The limit is reached, also for the right guess, and ends when it says."""
    statuses: list[int] = []
    while 429 not in statuses:
        assert len(statuses) <= MAX_TRIES, statuses
        statuses.append(attempt(False, peers(len(statuses))).status_code)
    assert set(statuses[:-1]) <= {400, 401, 403, 404}, statuses
    refused = attempt(True, peers(len(statuses)))
    assert refused.status_code == 429
    assert not refused.headers.get_list("set-cookie")
    wait_s = int(refused.headers["retry-after"])
    assert 0 < wait_s <= 900
    api.now_ms += wait_s * 1000
    assert attempt(True, peers(len(statuses) + 1)).status_code == 200


BY_ADDRESS = (
    guess_setup_code,
    guess_link_code,
    guess_invitation,
    guess_share_password,
)
BY_ACCOUNT = (
    guess_password,
    guess_totp,
    guess_totp_of_a_stolen_sign_in,
    guess_password_of_a_stolen_sign_in,
)


@pytest.mark.parametrize("start", [*BY_ADDRESS, *BY_ACCOUNT])
def test_one_address_cannot_go_on_guessing(api: Api, start: Callable[[Api], Try]) -> None:
    check_limited(start(api), lambda _: "198.51.100.9", api)


@pytest.mark.parametrize("start", BY_ACCOUNT)
def test_many_addresses_cannot_guess_what_people_choose(
    api: Api, start: Callable[[Api], Try]
) -> None:
    """What a person chose or reads from an app is short, so many addresses are no way around."""
    check_limited(start(api), lambda number: f"203.0.113.{number}", api)


def test_what_cannot_be_limited_by_account_is_too_long_to_guess(api: Api) -> None:
    """Codes of the terminal, invitations and share links: at least 95 random bits."""
    owner = Browser(api)
    owner.token = api.token(None, "manage")
    codes = [
        api.catalog.codes.add("setup", expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms),
        owner.ask("POST", "/invites", json={"role": "viewer"}).json()["data"]["path"],
        owner.ask("POST", f"/shares?websiteId={api.website().public_id}", json={}).json()["data"][
            "path"
        ],
    ]
    for code in codes:
        assert len(code.rpartition("/")[2]) >= 16, f"{code}: too few of 62 letters"
