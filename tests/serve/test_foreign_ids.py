"""IDs of others: every route that takes one is called with each that exists, by whom it is not
for."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from footfall.catalog.database import writing
from footfall.catalog.table import WORKSPACES
from footfall.model.website import Website
from footfall.serve.http.access import ROUTE_ACCESS
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.store.engine import Engine

from .browsing import PASSWORD, Browser, signed_in
from .conftest import Api

OURS, THEIRS, BESIDE = "ours.example", "theirs.example", "beside.example"
FOREIGN = "the-other-workspace"
VISITOR = "visitor-of-ours"
OPEN = {call.path for call in MANAGE_CALLS if call.is_open}
"""Whoever has the secret in such a path may use it: an invitation's code, a share link's slug."""
NAMES = {"goals"}
"""They mean something at every website, so that only a selector leads to OURS."""
ROUTES = sorted(
    route
    for route in {*ROUTE_ACCESS, *(f"{call.method} {call.path}" for call in MANAGE_CALLS)}
    if "{" in route and (route.split()[1] not in OPEN or route.startswith("DELETE"))
)
VALID: dict[str, dict[str, Any]] = {
    "PATCH /members": {"role": "viewer"},
    "PATCH /websites": {"name": "taken"},
    "PUT /websites/exclusions": {"ips": ["192.0.2.1"]},
    "PUT /websites/providers": {"secret": "whsec_0123456789abcdef"},
    "PUT /goals": {"label": "taken"},
    "POST /websites/reset": {"domain": OURS},
    "PATCH /shares": {"name": "taken"},
    "PATCH /segments": {"name": "taken"},
    "PATCH /funnels": {"name": "taken"},
    "PATCH /flows": {"name": "taken"},
    "PATCH /annotations": {"name": "taken"},
}
"""Bodies that would be accepted with an ID of one's own: only then the ID is what is refused."""
SAVED: dict[str, dict[str, Any]] = {
    "segments": {"filters": [{"dimension": "page", "value": "/"}]},
    "funnels": {"parameters": {}},
    "flows": {"parameters": {}},
    "annotations": {"at": "2026-11-20"},
}
PAGE = '{"type": "event", "event": "page", "resolved_event": "/"}'


class Place(NamedTuple):
    api: Api
    folder: Path
    token: str
    ids: dict[str, list[str]]
    """What each route's path can be filled with, by its collection: all of it is of OURS."""
    intruders: dict[str, tuple[Browser, Website]]
    """Who tries, and the website that is theirs."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    folder = tmp_path_factory.mktemp("foreign")
    api = Api(folder, engine, rate_limit_per_minute=0, viewers_see_visitors=True)
    api.loader.damage.mark_seen()
    website, beside = api.website(OURS), api.website(BESIDE)
    with writing(api.catalog.database) as connection:
        connection.execute(insert(WORKSPACES).values(id=FOREIGN, name="Other"))
    theirs = api.website(THEIRS, workspace_id=FOREIGN)
    api.send(website, {"url": f"https://{OURS}/", "visitorUid": VISITOR})
    neighbour = Browser(api)
    neighbour.token = api.token(beside, "read", "write", "delete", "manage")
    intruders = {
        "an owner of another workspace": (signed_in(api, "owner", FOREIGN), theirs),
        "a token of another website": (neighbour, beside),
    }
    yield Place(api, folder, api.token(website, "read"), make_everything(api, website), intruders)
    api.close()


def make_everything(api: Api, website: Website) -> dict[str, list[str]]:
    """One of each thing that has an ID."""
    owner = signed_in(api)
    where = f"domain={OURS}"

    def made(path: str, body: dict[str, Any]) -> str:
        answer = owner.ask("POST", f"{path}?{where}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    names = {"name": "ours", "personal": False}
    saved = {kind: [made(f"/{kind}", filled(kind) | names)] for kind in SAVED}
    provider = f"/websites/{website.public_id}/providers/stripe"
    connected = owner.ask("PUT", provider, json=VALID["PUT /websites/providers"])
    assert connected.status_code == 200, connected.text
    member = {"email": "m@ours.example", "name": "M", "password": PASSWORD, "role": "viewer"}
    phone = api.catalog.passkeys.add(
        owner.get("/me").json()["data"]["id"],
        "ours",
        credential_id=b"ours",
        public_key=b"ours",
        sign_count=0,
        origin=f"https://{OURS}",
        now_ms=api.now_ms,
    )
    people = owner.get(f"/visitors?{where}&startAt=2020-01-01").json()["data"]
    return {
        **saved,
        "members": [made("/members", member)],
        "invites": [made("/invites", {"role": "viewer"})],
        "tokens": [made("/tokens", {"scopes": ["read"]})],
        "shares": [made("/shares", {"name": "ours"})],
        "signins": [owner.get("/me/signins").json()["data"][0]["id"]],
        "passkeys": [phone.id],
        "websites": [website.public_id, website.tracking_id, OURS],
        "visitors": [VISITOR, *(each["visitorId"] for each in people)],
        "goals": ["signup"],
    }


def filled(kind: str) -> dict[str, Any]:
    parameters = {"funnels": {"steps": f"[{PAGE}, {PAGE}]"}, "flows": {"start_step": PAGE}}
    return {"parameters": parameters[kind]} if kind in parameters else SAVED[kind]


def stored(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """All that the catalog holds, except when somebody was last seen and what was audited."""
    database = sqlite3.connect(place.folder / "catalog.sqlite")
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    found = {
        name: list(database.execute(f"SELECT * FROM {name}"))
        for (name,) in tables
        if name not in ("audit", "sign_ins")
    }
    found["sign_ins"] = list(database.execute("SELECT id, user_id FROM sign_ins"))
    database.close()
    return found


def sessions(place: Place) -> int:
    place.api.load()
    answer = place.api.get("/api/v1/overview?startAt=2020-01-01", place.token)
    return int(answer.json()["data"][0]["sessions"])


def attempts(place: Place, route: str, own: Website) -> Iterator[str]:
    """Addresses of the route with IDs of OURS: with no selector, the asker's own and ours."""
    path = route.split()[1]
    collection = re.findall(r"(\w+)/{\w+}", path)[0]
    for id_ in place.ids[collection]:
        address = re.sub(r"{\w+}", "stripe", re.sub(r"{\w+}", id_, path, count=1))
        selectors = ({}, {"domain": own.domain}, {"domain": OURS})
        for selector in selectors[2:] if collection in NAMES else selectors:
            query = {**selector, "startAt": "2020-01-01"} if "visitors" in path else selector
            yield f"{address}?{urlencode(query)}"


@pytest.mark.parametrize("route", ROUTES)
def test_an_id_of_others_opens_nothing(place: Place, route: str) -> None:
    """It is refused, and nothing changes."""
    method, path = route.split()
    body = VALID.get(f"{method} {re.sub(r'/{[^}]+}', '', path)}")
    assert method in ("GET", "DELETE") or body is not None, f"a valid body of {route} is missing"
    before = stored(place), sessions(place)
    for who, (browser, own) in place.intruders.items():
        for address in attempts(place, route, own):
            answer = browser.ask(method, address, **({"json": body} if body else {}))
            text = f"{who}: {method} {address}: {answer.status_code} {answer.text}"
            assert answer.status_code in (400, 403, 404), text
            assert "taken" not in answer.text, text
    assert (stored(place), sessions(place)) == before


def test_a_token_is_not_made_for_a_website_of_others(place: Place) -> None:
    before = stored(place)
    for browser, _ in place.intruders.values():
        for id_ in place.ids["websites"]:
            body = {"scopes": ["read"], "websiteId": id_}
            assert browser.ask("POST", "/tokens", json=body).status_code in (403, 404)
    assert stored(place) == before
