"""Members and invitations: who may make whom what, and what an attacker would try."""

import pytest
from sqlalchemy import insert

from footfall.catalog.database import writing
from footfall.catalog.invite import LIVES_MS
from footfall.catalog.table import WORKSPACES
from footfall.serve.http.browser import COOKIE

from .browsing import PASSWORD, Browser, add_user, signed_in
from .conftest import Api

NEW = {"email": "new@example.com", "name": "New", "password": PASSWORD}


def invited(by: Browser, **body: object) -> str:
    """The code of a new invitation."""
    answer = by.ask("POST", "/invites", json={"role": "viewer", **body})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["path"]).removeprefix("/invite/")


def roles(browser: Browser) -> dict[str, str]:
    return {each["email"]: each["role"] for each in browser.get("/members").json()["data"]}


def test_an_invitation_makes_one_account_and_signs_it_in(api: Api) -> None:
    admin = signed_in(api, "admin")
    code = invited(admin)
    guest = Browser(api)
    shown = guest.get(f"/invites/{code}").json()["data"]
    assert (shown["workspace"], shown["role"], shown["email"]) == ("Default", "viewer", None)
    assert guest.ask("POST", f"/invites/{code}", json={"email": "x"}).status_code == 400
    answer = guest.ask("POST", f"/invites/{code}", json=NEW)
    assert (answer.status_code, answer.json()["data"]["role"]) == (200, "viewer")
    assert guest.get("/me").json()["data"]["email"] == "new@example.com"
    assert Browser(api).sign_in("new@example.com").status_code == 200
    other = {**NEW, "email": "other@example.com"}
    assert Browser(api).ask("POST", f"/invites/{code}", json=other).status_code == 404
    assert roles(admin)["new@example.com"] == "viewer"


def test_an_invitation_ends_with_time_and_when_it_is_withdrawn(api: Api) -> None:
    admin = signed_in(api, "admin")
    first, second = invited(admin), invited(admin)
    newest, oldest = admin.get("/invites").json()["data"]
    assert newest["path"] is oldest["path"] is None
    stored = {each["id"]: each for each in (newest, oldest)}
    [wanted] = [key for key in stored if key == api.catalog.invites.find(first, api.now_ms).id]
    assert admin.ask("DELETE", f"/invites/{wanted}").status_code == 200
    assert Browser(api).ask("POST", f"/invites/{first}", json=NEW).status_code == 404
    api.now_ms += LIVES_MS
    assert Browser(api).get(f"/invites/{second}").status_code == 404
    assert Browser(api).ask("POST", f"/invites/{second}", json=NEW).status_code == 404


def test_an_invitation_for_one_address_is_for_no_other(api: Api) -> None:
    code = invited(signed_in(api), email="New@example.com")
    wrong = Browser(api).ask("POST", f"/invites/{code}", json={**NEW, "email": "eve@example.com"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (403, "email")
    assert api.catalog.users.find("eve@example.com") is None
    assert Browser(api).ask("POST", f"/invites/{code}", json=NEW).status_code == 200


def test_an_address_that_has_an_account_does_not_use_the_invitation_up(api: Api) -> None:
    add_user(api, "new@example.com", "viewer")
    code = invited(signed_in(api))
    assert Browser(api).ask("POST", f"/invites/{code}", json=NEW).status_code == 409
    fresh = {**NEW, "email": "fresh@example.com"}
    assert Browser(api).ask("POST", f"/invites/{code}", json=fresh).status_code == 200


def test_somebody_who_is_signed_in_joins_with_that_account(api: Api) -> None:
    with writing(api.catalog.database) as connection:
        connection.execute(insert(WORKSPACES).values(id="other", name="Other"))
    code = invited(signed_in(api), role="admin")
    guest = signed_in(api, "viewer", "other")
    answer = guest.ask("POST", f"/invites/{code}", json={})
    joined = answer.json()["data"]
    assert (joined["workspace"]["id"], joined["role"]) == ("default", "admin")
    again = guest.ask("POST", f"/invites/{invited(signed_in(api, 'admin'))}", json={})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("by", "body", "status"),
    [
        ("viewer", {"role": "viewer"}, 403),
        ("admin", {"role": "owner"}, 403),
        ("admin", {"role": "admin"}, 200),
        ("owner", {"role": "owner"}, 200),
        ("owner", {"role": "boss"}, 400),
        ("owner", {"role": "viewer", "workspaceId": "other"}, 400),
    ],
)
def test_nobody_invites_above_the_own_role(api: Api, by, body, status: int) -> None:
    assert signed_in(api, by).ask("POST", "/invites", json=body).status_code == status


@pytest.mark.parametrize(
    ("origin", "headers", "link"),
    [
        ("http://stats.example", {}, "http://stats.example"),
        ("http://stats.example", {"Host": "evil.example"}, "refused"),
        ("http://stats.example", {"X-Forwarded-Host": "evil.example"}, "http://stats.example"),
        ("http://stats.example", {"Host": "evil.example", "Origin": None}, None),
        ("http://stats.example", {"Origin": None}, None),
    ],
)
def test_a_forged_host_is_in_no_link(api: Api, origin: str, headers, link: str | None) -> None:
    owner = signed_in(api)
    owner.origin = origin
    answer = owner.ask("POST", "/invites", json={"role": "viewer"}, headers=headers)
    assert "evil.example" not in answer.text
    if link == "refused":
        assert answer.status_code == 403
        return
    made = answer.json()["data"]
    assert made["path"].startswith("/invite/")
    assert made["url"] == (link and link + made["path"])


def test_links_begin_with_the_address_that_is_configured(tmp_path, engine) -> None:
    api = Api(tmp_path, engine, public_url="https://stats.example.com")
    owner = signed_in(api)
    headers = {"Host": "evil.example", "Origin": "https://stats.example.com"}
    answer = owner.ask("POST", "/invites", json={"role": "viewer"}, headers=headers)
    assert answer.json()["data"]["url"].startswith("https://stats.example.com/invite/")
    api.close()


def test_roles_are_changed_by_those_who_may(api: Api) -> None:
    owner, admin, viewer = (signed_in(api, role) for role in ("owner", "admin", "viewer"))
    ids = {each["role"]: each["id"] for each in owner.get("/members").json()["data"]}

    def change(by: Browser, whom: str, role: str) -> int:
        return by.ask("PATCH", f"/members/{ids[whom]}", json={"role": role}).status_code

    assert change(viewer, "viewer", "admin") == 403
    assert change(admin, "admin", "owner") == 403
    assert change(admin, "owner", "viewer") == 403
    assert admin.ask("DELETE", f"/members/{ids['owner']}").status_code == 403
    assert change(owner, "owner", "admin") == 409
    assert change(admin, "viewer", "admin") == 200
    assert viewer.get("/members").status_code == 200  # at once
    assert change(owner, "viewer", "owner") == 200
    assert change(owner, "owner", "viewer") == 200
    assert owner.get("/members").status_code == 403
    assert viewer.get("/audit").status_code == 200
    token = api.token(None, "manage")
    body = {"role": "owner"}
    answer = api.ask("PATCH", f"/api/v1/members/{ids['admin']}", token, json=body)
    assert answer.status_code == 403


def test_a_member_who_is_removed_is_signed_out_and_forgotten(api: Api, tmp_path) -> None:
    owner = signed_in(api)
    member = owner.ask("POST", "/members", json={**NEW, "role": "viewer"}).json()["data"]
    guest = Browser(api)
    guest.sign_in("new@example.com")
    api.website()
    own = {"name": "mine", "filters": [{"dimension": "country", "value": "Austria"}]}
    saved = guest.ask("POST", "/segments?domain=example.com", json=own)
    assert saved.status_code == 200, saved.text
    assert owner.ask("DELETE", f"/members/{member['id']}").status_code == 200
    assert guest.get("/me").status_code == 401
    assert Browser(api).sign_in("new@example.com").status_code == 401
    assert owner.ask("DELETE", f"/members/{member['id']}").status_code == 404
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("catalog.sqlite*"))
    assert b"new@example.com" not in stored


def test_the_invitations_of_a_removed_member_are_no_way_back(api: Api) -> None:
    owner, admin = signed_in(api), signed_in(api, "admin")
    codes = [invited(by, role="admin") for by in (admin, owner)]
    admin_id = admin.get("/me").json()["data"]["id"]
    assert owner.ask("DELETE", f"/members/{admin_id}").status_code == 200
    found = [Browser(api).get(f"/invites/{code}").status_code for code in codes]
    assert found == [404, 200]
    assert Browser(api).ask("POST", f"/invites/{codes[0]}", json=NEW).status_code == 404


def test_the_invitations_of_a_revoked_token_are_no_way_back(api: Api) -> None:
    owner = signed_in(api)
    made = owner.ask("POST", "/tokens", json={"scopes": ["manage"]}).json()["data"]
    by = Browser(api)
    by.token = made["token"]
    codes = [invited(each, role="admin") for each in (by, owner)]
    assert owner.ask("DELETE", f"/tokens/{made['id']}").status_code == 200
    found = [Browser(api).get(f"/invites/{code}").status_code for code in codes]
    assert found == [404, 200]
    assert Browser(api).ask("POST", f"/invites/{codes[0]}", json=NEW).status_code == 404


@pytest.mark.parametrize(
    ("role", "kept"),
    [("viewer", []), ("admin", ["admin", "viewer"]), ("owner", ["admin", "owner", "viewer"])],
)
def test_with_a_lower_role_invitations_above_it_are_withdrawn(api: Api, role: str, kept) -> None:
    owner, other = signed_in(api), signed_in(api, "admin")
    add_user(api)
    codes = {each: invited(owner, role=each) for each in ("viewer", "admin", "owner")}
    owner_id = owner.get("/me").json()["data"]["id"]
    changed = owner.ask("PATCH", f"/members/{owner_id}", json={"role": role})
    assert changed.status_code == 200, changed.text
    found = {each["role"] for each in other.get("/invites").json()["data"]}
    assert sorted(found) == kept
    for each, code in codes.items():
        assert Browser(api).get(f"/invites/{code}").status_code == (200 if each in kept else 404)


def test_the_last_owner_stays(api: Api) -> None:
    owner = signed_in(api)
    [me] = owner.get("/members").json()["data"]
    answer = owner.ask("DELETE", f"/members/{me['id']}")
    assert (answer.status_code, "last owner" in answer.json()["message"]) == (409, True)
    assert owner.get("/me").status_code == 200
    assert COOKIE in owner.cookies
