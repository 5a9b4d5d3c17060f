"""Websites, goals, exclusions and tokens, as the dashboard changes them; and what owners see."""

from decimal import Decimal
from typing import Any

import pytest

from footfall.model.payment import Refund
from footfall.money.connection import Connections, WebhookEvent
from footfall.money.ledger import Ledger

from .browsing import HOUR_MS, Browser, signed_in
from .conftest import NOON, Api


def data(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_website_is_added_changed_and_removed_at_once(api: Api) -> None:
    admin = signed_in(api, "admin")
    body = {"domain": "WWW.Example.com", "timezone": "Europe/Vienna", "currency": "EUR"}
    made = data(admin.ask("POST", "/websites", json=body))
    assert (made["domain"], made["trackingId"][:5]) == ("example.com", "flid_")
    assert [each["domain"] for each in data(admin.get("/me"))["websites"]] == ["example.com"]
    path = f"/websites/{made['id']}"
    change = {"name": "<b>Shop</b>", "kpi": "signup", "retainDays": 30, "logo": None}
    changed = data(admin.ask("PATCH", path, json=change))
    assert {field: changed[field] for field in change} == change
    assert changed["timezone"] == "Europe/Vienna"
    assert data(admin.get("/metadata?domain=example.com"))[0]["kpi"] == "signup"
    assert admin.ask("POST", "/websites", json=body).status_code == 409
    assert data(admin.ask("DELETE", path)) == {"id": made["id"]}
    assert admin.get("/metadata?domain=example.com").status_code == 404
    assert admin.ask("PATCH", path, json=change).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"currency": "XXXX"}, "currency"),
        ({"kpi": "Sign up!"}, "kpi"),
        ({"logo": "javascript:alert(1)"}, "logo"),
        ({"retainDays": 0}, "retainDays"),
        ({"kpiColorScheme": "plaid"}, "kpiColorScheme"),
        ({"domain": "other.example"}, "domain"),
        ({"workspaceId": "other"}, "workspaceId"),
        ({"allowedHostnames": ["a b"]}, "allowedHostnames"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_changes(api: Api, change, field: str) -> None:
    website = api.website()
    admin = signed_in(api, "admin")
    answer = admin.ask("PATCH", f"/websites/{website.public_id}", json={"name": "y", **change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert api.catalog.find_website("example.com") == website


def test_excluded_hits_are_not_counted(api: Api) -> None:
    website = api.website()
    admin = signed_in(api, "admin")
    path = f"/websites/{website.public_id}/exclusions"
    body = {"paths": ["/admin/**"], "countries": ["Austria"]}
    changed = data(admin.ask("PUT", path, json=body))
    assert (changed["paths"], changed["countries"]) == (["/admin/**"], ["AT"])
    assert data(admin.get(path)) == changed
    for page in ("/admin/x", "/shop"):
        api.send(website, {"url": f"https://example.com{page}", "visitorUid": "ann"})
    rows = data(admin.get("/pages?domain=example.com"))
    assert [row["value"] for row in rows] == ["/shop"]
    for field in ("addresses", "paths", "hostnames", "countries", "referrers"):
        wrong = admin.ask("PUT", path, json={field: ["!"]})
        assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, field)
        assert wrong.json()["message"].startswith(f"{field} '!' ")
    assert data(admin.ask("PUT", path, json={}))["paths"] == []


def test_a_goal_has_a_label_can_be_hidden_and_be_the_kpi(api: Api) -> None:
    website = api.website()
    admin, viewer = signed_in(api, "admin"), signed_in(api, "viewer")
    goal = "/goals/sign-up?domain=example.com"
    first = data(admin.ask("PUT", goal, json={"label": "Sign-ups", "kpi": True}))
    assert first == {"name": "sign-up", "label": "Sign-ups", "hidden": False, "kpi": True}
    assert data(admin.ask("PUT", goal, json={"hidden": True})) == {**first, "hidden": True}
    listed = f"/websites/{website.public_id}/goals"
    assert data(viewer.get(listed)) == [{**first, "hidden": True}]
    assert viewer.ask("PUT", goal, json={"hidden": False}).status_code == 403
    assert api.catalog.find_website("example.com").kpi == "sign-up"
    body = {"label": None, "hidden": False, "kpi": False}
    assert data(admin.ask("PUT", goal, json=body))["label"] is None
    assert data(viewer.get(listed)) == []
    assert admin.ask("PUT", "/goals/Sign%20up?domain=example.com", json={}).status_code == 400


def test_what_two_change_of_a_goal_at_once_is_kept(api: Api, monkeypatch) -> None:
    website, saved = api.website(), api.catalog.saved
    saved.change_goal(website.id, "signup", {"label": "Sign-ups"})
    saved.change_goal(website.id, "signup", {"is_hidden": True})
    [setting] = saved.goal_settings(website.id)
    assert (setting.label, setting.is_hidden) == ("Sign-ups", True)
    monkeypatch.setattr("footfall.catalog.saved.MAX_GOALS", 1)
    admin = signed_in(api, "admin")
    goal = "/goals/other?domain=example.com"
    assert admin.ask("PUT", goal, json={"label": "x"}).status_code == 409
    assert admin.ask("PUT", goal, json={"hidden": False}).status_code == 200  # needs no room


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(api: Api) -> None:
    website = api.website()
    admin = signed_in(api, "admin")
    body: dict[str, Any] = {"scopes": ["read"], "websiteId": "example.com", "expiresInDays": 1}
    made = data(admin.ask("POST", "/tokens", json=body))
    assert made["websiteId"] == website.public_id
    assert made["token"].startswith(made["prefix"])
    [listed] = data(admin.get("/tokens"))
    assert listed == {**made, "token": None}
    reader = Browser(api)
    reader.token = made["token"]
    assert reader.get("/overview").status_code == 200
    api.now_ms += 24 * HOUR_MS
    assert reader.get("/overview").status_code == 401
    body = {"scopes": ["read"], "websiteId": website.domain}
    assert admin.ask("POST", "/tokens", json=body).status_code == 403  # an old sign-in
    again = data(signed_in(api, "owner").ask("POST", "/tokens", json=body))
    reader.token = again["token"]
    assert reader.get("/overview").status_code == 200
    assert data(admin.ask("DELETE", f"/tokens/{again['id']}")) == {"id": again["id"]}
    assert reader.get("/overview").status_code == 401
    assert admin.ask("DELETE", f"/tokens/{again['id']}").status_code == 404


def test_nobody_gives_a_token_more_rights_than_they_have(api: Api) -> None:
    viewer, admin = signed_in(api, "viewer"), signed_in(api, "admin")
    assert viewer.ask("POST", "/tokens", json={"scopes": ["read"]}).status_code == 403
    every = ["read", "write", "delete", "collect", "manage"]
    assert data(admin.ask("POST", "/tokens", json={"scopes": every}))["scopes"] == sorted(every)
    manager = Browser(api)
    manager.token = api.token(None, "manage")
    refused = manager.ask("POST", "/tokens", json={"scopes": ["manage", "delete"]})
    assert (refused.status_code, "'delete'" in refused.json()["message"]) == (403, True)
    manager.token = api.token(api.website(), "manage")
    assert manager.ask("POST", "/tokens", json={"scopes": ["manage"]}).status_code == 403
    for body in ({"scopes": []}, {"scopes": ["root"]}, {"scopes": ["read"], "kind": "formo"}):
        assert admin.ask("POST", "/tokens", json=body).status_code == 400


def test_owners_see_who_did_what(api: Api) -> None:
    owner, admin = signed_in(api, "owner"), signed_in(api, "admin")
    data(admin.ask("POST", "/websites", json={"domain": "example.com"}))
    data(admin.ask("POST", "/goals?domain=example.com", json={"name": "signup"}))
    data(admin.ask("DELETE", "/goals?domain=example.com&name=signup"))
    newest, added, *_ = data(owner.get("/audit"))
    assert (newest["action"], newest["who"], newest["website"]) == (
        "delete goals",
        "admin",
        "example.com",
    )
    assert newest["actor"] == added["actor"] == f"user {data(admin.get('/me'))['id']}"
    assert added["action"] == "add website"
    assert len(data(owner.get("/audit?limit=2&offset=1"))) == 2
    assert admin.get("/audit").status_code == 403


def test_owners_see_payments_that_need_attention(api: Api) -> None:
    website = api.website()
    Connections(api.catalog).remember(
        WebhookEvent(
            website_id=website.id,
            provider="stripe",
            event_id="evt_1",
            received_at=NOON,
            outcome="refused",
            type="charge.refunded",
        )
    )
    ledger = Ledger(api.catalog)
    for id_, at in (("r1", NOON - 1), ("r2", NOON + 1)):
        refund = Refund(
            website_id=website.id,
            transaction_id="pi_1",
            amount=Decimal(10),
            currency="EUR",
            occurred_at=at,
            refund_id=id_,
            provider="stripe",
        )
        ledger.add_refund(refund, now_ms=NOON, may_wait=True)
    newer, row, older = data(signed_in(api, "owner").get("/payments/unmatched"))
    assert (row["website"], row["kind"]) == ("example.com", "refused")
    assert row["why"] == "refused: charge.refunded"
    for refund_row in (newer, older):
        assert (refund_row["kind"], refund_row["amount"]) == ("waiting_refund", "10.00")
    assert newer["at"] > row["at"] > older["at"]
    assert signed_in(api, "admin").get("/payments/unmatched").status_code == 403


def test_a_provider_is_connected_and_its_secret_is_shown_only_if_it_was_made(api: Api) -> None:
    website = api.website()
    admin = signed_in(api, "admin")
    path = f"/websites/{website.public_id}/providers"
    missing = admin.ask("PUT", f"{path}/stripe", json={})
    assert (missing.status_code, missing.json()["error"]["field"]) == (400, "secret")
    given = {"secret": "whsec_0123456789abcdef"}
    stripe = data(admin.ask("PUT", f"{path}/stripe", json=given))
    assert (stripe["connected"], stripe["secret"]) == (True, None)
    made = data(admin.ask("PUT", f"{path}/generic", json={}))["secret"]
    connections = Connections(api.catalog)
    assert connections.secret_of(website.id, "generic") == made
    assert connections.secret_of(website.id, "stripe") == given["secret"]
    rows = {row["name"]: row for row in data(admin.get(path))}
    assert {name for name, row in rows.items() if row["connected"]} == {"stripe", "generic"}
    assert made not in str(rows)
    assert rows["polar"]["path"] == f"/webhooks/polar/{website.public_id}"
    assert data(admin.ask("DELETE", f"{path}/stripe")) == {"id": "stripe"}
    assert admin.ask("DELETE", f"{path}/stripe").status_code == 404
    assert admin.ask("PUT", f"{path}/nobody", json=given).status_code == 404
    assert signed_in(api, "viewer").get(path).status_code == 403
