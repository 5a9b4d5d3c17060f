"""Segments, funnels, flows and notes: one's own and everybody's."""

import json

import pytest

from footfall.model.errors import NotFound

from .browsing import Browser, signed_in
from .conftest import Api

PAGE = {"type": "event", "event": "page", "resolved_event": "/"}
FILTERS = [{"dimension": "country", "value": "!Germany"}, {"dimension": "country", "value": "~a"}]
CONTENT: dict[str, dict[str, object]] = {
    "segments": {"filters": FILTERS},
    "funnels": {"parameters": {"steps": json.dumps([PAGE, PAGE]), "window_seconds": "60"}},
    "flows": {"parameters": {"start_step": json.dumps(PAGE), "direction": "backward"}},
    "annotations": {"at": "2026-11-20"},
}
WRONG: dict[str, list[dict[str, object]]] = {
    "segments": [{"filters": []}, {"filters": [{"dimension": "planet", "value": "Mars"}]}],
    "funnels": [{"parameters": {"steps": "[]"}}, {"parameters": {"startAt": "2026-01-01"}}],
    "flows": [{"parameters": {}}, {"parameters": {"start_step": "{"}}],
    "annotations": [{"at": "someday"}, {"at": ""}],
}
KINDS = sorted(CONTENT)


@pytest.fixture(autouse=True)
def website(api: Api):
    return api.website()


def where(kind: str, thing: str = "") -> str:
    return f"/{kind}{thing and '/'}{thing}?domain=example.com"


def save(browser: Browser, kind: str, name: str = "x", **body: object) -> str:
    answer = browser.ask("POST", where(kind), json={"name": name, **CONTENT[kind], **body})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["id"])


def names(browser: Browser, kind: str) -> list[str]:
    return [each["name"] for each in browser.get(where(kind)).json()["data"]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_comes_back_as_it_was(api: Api, kind: str) -> None:
    admin = signed_in(api, "admin")
    hostile = "<script>alert(1)</script>\u202e 😀 =1+1"
    thing = save(admin, kind, hostile, personal=False)
    [row] = admin.get(where(kind)).json()["data"]
    assert (row["id"], row["personal"]) == (thing, False)
    assert row["name"] == hostile.replace("\u202e", " ").strip()
    assert {field: row[field] for field in CONTENT[kind]} == CONTENT[kind]
    changed = admin.ask("PATCH", where(kind, thing), json={"name": "y"}).json()["data"]
    assert changed["name"] == "y"
    assert {field: changed[field] for field in CONTENT[kind]} == CONTENT[kind]
    assert admin.ask("DELETE", where(kind, thing)).json()["data"] == {"id": thing}
    assert admin.ask("DELETE", where(kind, thing)).status_code == 404
    assert names(admin, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_ones_own_is_seen_and_changed_by_nobody_else(api: Api, kind: str) -> None:
    owner, viewer = signed_in(api, "owner"), signed_in(api, "viewer")
    mine, everybodys = save(viewer, kind, "mine"), save(owner, kind, "all", personal=False)
    assert (names(viewer, kind), names(owner, kind)) == (["all", "mine"], ["all"])
    for method, body in (("PATCH", {"name": "stolen"}), ("DELETE", None)):
        options = {"json": body} if body else {}
        assert owner.ask(method, where(kind, mine), **options).status_code == 404
        assert viewer.ask(method, where(kind, everybodys), **options).status_code == 403
    assert viewer.ask("PATCH", where(kind, mine), json={"personal": False}).status_code == 403
    given = {"name": "z", **CONTENT[kind], "personal": False}
    assert viewer.ask("POST", where(kind), json=given).status_code == 403
    assert names(viewer, kind) == ["all", "mine"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_is_named_and_nothing_is_saved(api: Api, kind: str) -> None:
    admin = signed_in(api, "admin")
    [field] = CONTENT[kind]
    thing = save(admin, kind)
    for wrong in WRONG[kind]:
        for answer in (
            admin.ask("POST", where(kind), json={"name": "x", **wrong}),
            admin.ask("PATCH", where(kind, thing), json=wrong),
        ):
            assert answer.status_code == 400
            assert answer.json()["error"]["field"] == field
    for body in ({"name": " "}, {"name": "x" * 201}, {"owner": "usr_1"}, {"userId": "usr_1"}):
        assert admin.ask("PATCH", where(kind, thing), json=body).status_code == 400
    assert names(admin, kind) == ["x"]


def test_another_website_has_its_own(api: Api) -> None:
    api.website("other.example")
    admin = signed_in(api, "admin")
    thing = save(admin, "segments", personal=False)
    assert admin.get("/segments?domain=other.example").json()["data"] == []
    for method in ("PATCH", "DELETE"):
        options = {"json": {"name": "y"}} if method == "PATCH" else {}
        answer = admin.ask(method, f"/segments/{thing}?domain=other.example", **options)
        assert answer.status_code == 404
    assert admin.ask("DELETE", f"/funnels/{thing}?domain=example.com").status_code == 404


def test_what_a_viewer_saves_takes_nobody_elses_room(api: Api, monkeypatch) -> None:
    monkeypatch.setattr("footfall.catalog.saved.MAX_SAVED", 2)
    viewer, admin = signed_in(api, "viewer"), signed_in(api, "admin")
    for name in ("a", "b"):
        save(viewer, "annotations", name)
    full = viewer.ask("POST", where("annotations"), json={"name": "c", "at": "2026-11-20"})
    assert (full.status_code, "delete some" in full.json()["message"]) == (409, True)
    for name in ("c", "d"):
        save(admin, "annotations", name)
        save(admin, "annotations", name.upper(), personal=False)
    given = {"name": "E", "at": "2026-11-20", "personal": False}
    assert admin.ask("POST", where("annotations"), json=given).status_code == 409


def test_a_token_saves_what_everybody_sees(api: Api, website) -> None:
    browser = Browser(api)
    browser.token = api.token(website, "read")
    given = {"name": "Release 2", "at": "2026-11-20T10:00:00+01:00"}
    assert browser.ask("POST", "/annotations", json=given).status_code == 400
    given["personal"] = False  # type: ignore[assignment]
    assert browser.ask("POST", "/annotations", json=given).status_code == 403
    browser.token = api.token(website, "read", "write")
    made = browser.ask("POST", "/annotations", json=given).json()["data"]
    assert made["at"] == "2026-11-20T10:00:00+01:00"
    assert names(signed_in(api, "viewer"), "annotations") == ["Release 2"]


def test_what_is_everybodys_is_audited_and_what_is_ones_own_is_not(api: Api) -> None:
    admin = signed_in(api, "admin")
    save(admin, "segments", "mine")
    everybodys = save(admin, "segments", "all", personal=False)
    actions = [entry.action for entry in api.catalog.audit.list()]
    assert actions.count("add segment") == 1
    for is_personal in (True, False, True):
        body = {"personal": is_personal}
        changed = admin.ask("PATCH", where("segments", everybodys), json=body)
        assert changed.json()["data"]["personal"] == is_personal
    actions = [entry.action for entry in api.catalog.audit.list()]
    assert actions.count("change segment") == 3


def test_what_two_change_at_once_keeps_both_changes(api: Api, website) -> None:
    """Both had read the segment before either was stored."""
    thing = save(signed_in(api, "admin"), "segments", personal=False)
    saved = api.catalog.saved
    read = saved.get(website.id, "segment", thing, None)
    saved.change(read, {"name": "new"}, now_ms=api.now_ms)
    changed = saved.change(read, {"content": "[]"}, now_ms=api.now_ms + 1)
    assert (changed.name, changed.content, changed.updated_at) == ("new", "[]", api.now_ms + 1)
    assert changed == saved.get(website.id, "segment", thing, None)


def test_what_is_gone_or_was_taken_back_is_not_changed(api: Api, website) -> None:
    saved = api.catalog.saved
    admin = signed_in(api, "admin")
    for is_removed in (True, False):
        thing = save(admin, "segments", personal=False)
        read = saved.get(website.id, "segment", thing, None)
        if is_removed:
            saved.remove(read)
        else:
            saved.change(read, {"user_id": admin.get("/me").json()["data"]["id"]}, now_ms=1)
        with pytest.raises(NotFound):
            saved.change(read, {"name": "new", "user_id": None}, now_ms=2)
        with pytest.raises(NotFound):
            saved.remove(read)


def test_what_is_shared_needs_room_there(api: Api, monkeypatch) -> None:
    monkeypatch.setattr("footfall.catalog.saved.MAX_SAVED", 1)
    admin = signed_in(api, "admin")
    save(admin, "segments", "all", personal=False)
    mine = save(admin, "segments", "mine")
    answer = admin.ask("PATCH", where("segments", mine), json={"personal": False})
    assert answer.status_code == 409
    [row] = [each for each in admin.get(where("segments")).json()["data"] if each["id"] == mine]
    assert row["personal"]
