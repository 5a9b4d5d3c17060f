"""Every call that changes something is written down, and the dashboard has words for it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest

from footfall.serve.rest.manage.table import MANAGE_CALLS

from .authenticator import Authenticator
from .browsing import HOUR_MS, PASSWORD, Browser
from .conftest import Api

NOT_AUDITED = {
    "sign_out": "ends nothing but what the same browser began",
    "set_preferences": "how the dashboard looks for oneself",
    "passkey_options": "changes nothing",
    "sign_in_options": "changes nothing",
    "open_share": "shows reports; there may be a thousand a day",
}
TEXTS = Path(__file__).parents[2] / "dashboard" / "src" / "texts" / "audit.ts"
ORIGIN, HOST = "https://stats.example.com", "stats.example.com"
NEW_PASSWORD = "another horse battery"
PAGE = {"type": "event", "event": "page", "resolved_event": "/"}
CONTENT: dict[str, dict[str, object]] = {
    "segment": {"filters": [{"dimension": "country", "value": "AT"}]},
    "funnel": {"parameters": {"steps": json.dumps([PAGE, PAGE])}},
    "flow": {"parameters": {"start_step": json.dumps(PAGE)}},
    "annotation": {"at": "2026-11-20"},
}


class Caller:
    """Makes calls by their names, and keeps what each wrote down."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.written: dict[str, list[str]] = {}
        self.calls = {call.name: call for call in MANAGE_CALLS}
        self.owner = Browser(api, ORIGIN)

    def call(
        self, name: str, browser: Browser | None = None, query: str = "", /, **body: Any
    ) -> Any:
        """`path_…` are the varying parts of the path."""
        wanted = self.calls[name]
        path = re.sub(r"{(\w+)}", lambda part: str(body.pop(f"path_{part[1]}")), wanted.path)
        before = len(self.api.catalog.audit.list(limit=1_000))
        options = {} if wanted.body is None else {"json": body}
        answer = (browser or self.owner).ask(wanted.method, f"{path}{query}", **options)
        assert answer.status_code == 200, (name, answer.text)
        entries = self.api.catalog.audit.list(limit=1_000)
        self.written[name] = [entry.action for entry in entries[: len(entries) - before]]
        return answer.json()["data"]


@pytest.fixture
def caller(api: Api) -> Caller:
    return Caller(api)


def sign_in_and_out(caller: Caller) -> None:
    api, owner = caller.api, caller.owner
    code = api.catalog.codes.add("setup", expires_at=api.now_ms + HOUR_MS, now_ms=api.now_ms)
    ann = {"email": "ann@example.com", "password": PASSWORD}
    owner.csrf = caller.call("set_up", code=code, name="Ann", **ann)["csrf"]
    for name in ("end_sign_in", "end_other_sign_ins", "sign_out"):
        other = Browser(api, ORIGIN)
        other.csrf = caller.call("sign_in", other, **ann)["csrf"]
        rows = owner.get("/me/signins").json()["data"]
        mine = next(each["id"] for each in rows if not each["current"])
        parts = {"path_id": mine} if name == "end_sign_in" else {}
        caller.call(name, other if name == "sign_out" else owner, **parts)
    user = api.catalog.users.find("ann@example.com")
    assert user is not None
    code = api.catalog.codes.add("link", user.id, expires_at=api.now_ms + 1, now_ms=api.now_ms)
    caller.call("sign_in_by_link", Browser(api, ORIGIN), code=code)


def change_the_account(caller: Caller) -> None:
    api = caller.api
    caller.call("change_me", name="Ann A.", email="a@example.com", current=PASSWORD)
    caller.call("change_password", password=NEW_PASSWORD, current=PASSWORD)
    caller.call("set_preferences", preferences={})
    secret = caller.call("set_up_totp")["secret"]
    code = pyotp.TOTP(secret).at(api.now_ms // 1000)
    caller.call("set_up_totp", secret=secret, code=code)
    for name in ("renew_recovery_codes", "end_totp"):
        api.now_ms += 30_000  # each code works once
        caller.call(name, code=pyotp.TOTP(secret).at(api.now_ms // 1000))
    phone = Authenticator(ORIGIN, HOST)
    passkey = caller.call("add_passkey", **phone.make(caller.call("passkey_options")))
    other = Browser(api, ORIGIN)
    caller.call("sign_in_by_passkey", other, **phone.sign(caller.call("sign_in_options", other)))
    caller.call("remove_passkey", path_id=passkey["id"])


def change_members(caller: Caller) -> None:
    bea = {"email": "bea@example.com", "name": "Bea", "password": PASSWORD}
    member = caller.call("add_member", role="viewer", **bea)
    caller.call("change_member", path_id=member["id"], role="admin")
    caller.call("remove_member", path_id=member["id"])
    caller.call("withdraw_invite", path_code=caller.call("invite", role="viewer")["id"])
    code = caller.call("invite", role="viewer")["path"].rpartition("/")[2]
    caller.call("accept_invite", Browser(caller.api, ORIGIN), path_code=code, **bea)


def change_a_website(caller: Caller) -> None:
    website = caller.call("add_website", domain="example.com")["id"]
    where = f"?websiteId={website}"
    caller.call("change_website", path_id=website, name="Shop")
    caller.call("set_exclusions", path_id=website, paths=["/x"])
    caller.call("set_goal", None, where, path_name="signup", label="Sign-ups")
    caller.call("connect_provider", path_id=website, path_name="stripe", secret="whsec_" + "a" * 24)
    caller.call("disconnect_provider", path_id=website, path_name="stripe")
    caller.call("revoke_token", path_id=caller.call("add_token", scopes=["read"])["id"])
    share = caller.call("add_share", None, where)
    slug = share["path"].rpartition("/")[2]
    caller.call("open_share", Browser(caller.api, ORIGIN), path_slug=slug)
    caller.call("change_share", path_id=share["id"], name="x")
    caller.call("remove_share", path_id=share["id"])
    for kind, content in CONTENT.items():
        made = caller.call(f"add_{kind}", None, where, name="x", personal=False, **content)
        caller.call(f"change_{kind}", None, where, path_id=made["id"], name="y")
        caller.call(f"remove_{kind}", None, where, path_id=made["id"])
    caller.call("reset_website", path_id=website, domain="example.com")
    caller.call("remove_website", path_id=website)


STORY: tuple[Callable[[Caller], None], ...] = (
    sign_in_and_out,
    change_the_account,
    change_members,
    change_a_website,
)


def test_every_change_is_written_down(caller: Caller) -> None:
    for part in STORY:
        part(caller)
    changing = {call.name for call in MANAGE_CALLS if call.method != "GET"}
    assert set(caller.written) == changing, "a new call needs its place in the story"
    assert {name for name, actions in caller.written.items() if not actions} == set(NOT_AUDITED)
    texts = TEXTS.read_text()
    actions = {action for each in caller.written.values() for action in each}
    without = {action for action in actions if texts.count(f'"action.{action}":') != 2}
    assert without == set(), "the dashboard's page has no words for them, in both languages"
