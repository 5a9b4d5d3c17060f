"""Share links: what they show, and that nothing a request says shows more."""

import json
from typing import Any

import pytest

from footfall.model.period import write_moment
from footfall.model.share import SHARE_PAGES
from footfall.serve.http.access import PAGE_OF

from .browsing import HOUR_MS, PASSWORD, Browser, opened, signed_in
from .conftest import NOON, Api

PAGE = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
STEP = json.dumps(PAGE)
STEPS = json.dumps([PAGE, PAGE])
FILTERED = [page for page in SHARE_PAGES if page != "live"]
AUSTRIA = [{"dimension": "country", "value": "Austria"}]
DAY_MS = 24 * HOUR_MS


def visit(person: str, country: str, path: str, ago_ms: int = HOUR_MS) -> dict[str, Any]:
    return {
        "url": f"https://example.com{path}",
        "visitorUid": person,
        "country": country,
        "timestamp": write_moment(NOON - ago_ms),
    }


@pytest.fixture
def website(api: Api):
    website = api.website(timezone="UTC")
    api.send(
        website,
        *(visit("ann", "AT", "/a"), visit("ann", "AT", "/b", HOUR_MS - 60_000)),
        *(visit("bea", "DE", "/a"), visit("bea", "DE", "/secret", HOUR_MS - 60_000)),
        *(visit("cat", "AT", "/old", 40 * DAY_MS), visit("now", "DE", "/now", 60_000)),
    )
    return website


def data(browser: Browser, path: str, **params: str) -> Any:
    answer = browser.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_its_filters_hold_for_every_report(api: Api, website) -> None:
    share = opened(api, website, filters=AUSTRIA, pages=FILTERED)
    assert data(share, "/overview")[0]["visitors"] == 2
    assert [row["value"] for row in data(share, "/countries")] == ["Austria"]
    assert {row["value"] for row in data(share, "/pages")} == {"/a", "/b", "/old"}
    assert {row["value"] for row in data(share, "/breakdown", dimension="country")} == {"Austria"}
    days = data(share, "/timeseries", startAt="2026-11-21", endAt="2026-11-21")
    assert sum(day["pageviews"] for day in days) == 2
    flow = data(share, "/flow", start_step=STEP)
    assert {row["source"] for row in flow} == {"/a"}
    funnel = data(share, "/funnel", steps=STEPS)
    assert funnel[0]["users"] == 2
    assert "/secret" not in str(data(share, "/steps"))
    assert "/b" in str(data(share, "/steps"))
    assert share.get("/realtime").status_code == 403  # it would count everybody
    everybody = opened(api, website, pages=["live"])
    assert data(everybody, "/realtime") == [{"visitors": 1}]


@pytest.mark.parametrize(
    "params",
    [
        {"filter_country": "Germany"},
        {"filter_country": "!Austria"},
        {"filter_country": "Austria|Germany"},
        {"filter_country": ""},
        {"filter_page": "/secret"},
        {"global_filters": json.dumps([{"field": "country", "op": "eq", "value": "DE"}])},
        {"websiteId": "x"},
        {"startAt": "2000-01-01"},
        {"bots": "include"},
    ],
)
def test_nothing_in_a_request_removes_its_filters(api: Api, website, params) -> None:
    share = opened(api, website, filters=AUSTRIA, pages=FILTERED)
    for path, own in (("/overview", {}), ("/pages", {}), ("/flow", {"start_step": STEP})):
        answer = share.get(path, params={**own, **params})
        assert answer.status_code in (200, 400, 403)
        assert "/secret" not in answer.text.replace("'/secret'", "")
        if path == "/overview" and answer.status_code == 200:
            assert answer.json()["data"][0]["visitors"] in (0, 2)


def test_nothing_before_its_oldest_day_is_shown(api: Api, website) -> None:
    share = opened(api, website, oldest="2026-11-21", pages=list(SHARE_PAGES))
    assert data(share, "/overview")[0]["visitors"] == 3
    assert data(share, "/overview", startAt="2000-01-01")[0]["visitors"] == 3
    assert "/old" not in [row["value"] for row in data(share, "/pages", startAt="2026-01-01")]
    flow = data(share, "/flow", start_step=STEP, startAt="2026-01-01")
    assert "/old" not in str(flow)


def test_it_shows_its_pages_only(api: Api, website) -> None:
    params = {"dimension": "page", "start_step": STEP, "steps": STEPS}
    for page in SHARE_PAGES:
        share = opened(api, website, pages=[page])
        for route, pages in PAGE_OF.items():
            answer = share.get(route.removeprefix("GET "), params=params)
            assert answer.status_code == (200 if page in pages else 403), f"{page} {route}"


def test_nothing_about_single_visitors_is_shown(api: Api, website) -> None:
    api.send(website, {"type": "identify", "visitorUid": "ann", "properties": {"email": "a@b.at"}})
    share = opened(api, website, pages=list(SHARE_PAGES))
    for path in ("/visitors/ann", "/visitors/ann/export", "/realtime/map", "/me", "/websites"):
        assert share.get(path).status_code == 403, path
    condition = [{"field": "email", "op": "eq", "value": "a@b.at"}]
    step = {**PAGE, "filters": [{"operand": "user.id", "operator": "equals", "value": "x"}]}
    spaced = [{"field": " city", "op": "eq", "value": "x"}]  # a property, and not the column
    guesses: list[tuple[str, dict[str, str]]] = [
        ("/flow", {"start_step": STEP, "global_filters": json.dumps(spaced)}),
        ("/flow", {"start_step": STEP, "global_filters": json.dumps(condition)}),
        ("/flow", {"start_step": STEP, "filters": f" {json.dumps(condition)}"}),
        ("/flow", {"start_step": json.dumps(step)}),
        ("/flow", {"start_step": STEP, "end_step": json.dumps(step)}),
        ("/funnel", {"steps": json.dumps([PAGE, step])}),
        ("/funnel", {"steps": STEPS, "breakdown": "address"}),
        ("/funnel", {"steps": STEPS, "group_by": "builder_codes"}),
        ("/breakdown", {"dimension": "page, all_params"}),
    ]
    for path, params in guesses:
        assert share.get(path, params=params).status_code == 403, params
    allowed = [{"field": "device", "op": "eq", "value": "desktop"}]
    params = {"start_step": STEP, "global_filters": json.dumps(allowed)}
    assert share.get("/flow", params=params).status_code == 200


def test_another_website_cannot_be_named(api: Api, website) -> None:
    other = api.website("other.example")
    share = opened(api, website)
    for params in ({"websiteId": other.public_id}, {"domain": "other.example"}):
        answer = share.get("/overview", params=params)
        assert answer.status_code == 403
    assert data(share, "/overview", domain="example.com")[0]["visitors"] == 4


def test_a_password_is_asked_for_and_guessing_is_limited(api: Api, website) -> None:
    owner = signed_in(api)
    body = {"password": PASSWORD, "name": "For <b>Bea</b>", "pages": ["overview"]}
    made = owner.ask("POST", f"/shares?websiteId={website.public_id}", json=body).json()["data"]
    assert made["hasPassword"]
    assert PASSWORD not in str(made)
    path = f"/shares/{made['path'].removeprefix('/share/')}/open"
    needed = Browser(api).ask("POST", path, json={})
    assert (needed.status_code, needed.json()["error"]["field"]) == (401, "password")
    for number in range(10):
        guess = Browser(api, peer=f"203.0.113.{number}")
        assert guess.ask("POST", path, json={"password": f"wrong {number}"}).status_code == 401
    late = Browser(api, peer="203.0.113.77")
    assert late.ask("POST", path, json={"password": PASSWORD}).status_code == 429
    api.now_ms += 900_000
    right = late.ask("POST", path, json={"password": PASSWORD})
    assert right.json()["data"]["name"] == "For <b>Bea</b>"
    late.token = right.json()["data"]["token"]
    assert late.get("/overview").status_code == 200
    body = {"password": "another long password"}
    changed = owner.ask("PATCH", f"/shares/{made['id']}", json=body)
    assert changed.status_code == 200, changed.text
    assert late.get("/overview").status_code == 401


def test_a_browser_that_has_opened_it_is_not_asked_again(api: Api, website) -> None:
    owner = signed_in(api)

    def make() -> dict[str, Any]:
        path = f"/shares?websiteId={website.public_id}"
        made: dict[str, Any] = owner.ask("POST", path, json={"password": PASSWORD}).json()["data"]
        return made | {"open": f"/shares/{made['path'].removeprefix('/share/')}/open"}

    first, second = make(), make()
    guest = Browser(api)
    assert guest.ask("POST", first["open"], json={"password": PASSWORD}).status_code == 200
    again = [guest.ask("POST", first["open"], json={}) for _ in range(31)]
    assert {each.status_code for each in again} == {200}
    assert again[0].json()["data"]["token"] == first["token"]
    wrong = guest.ask("POST", first["open"], json={"password": "not this one"})
    assert wrong.status_code == 401
    assert guest.ask("POST", second["open"], json={}).status_code == 401
    assert Browser(api).ask("POST", first["open"], json={}).status_code == 401
    changed = owner.ask("PATCH", f"/shares/{first['id']}", json={"password": "another long one"})
    assert changed.status_code == 200, changed.text
    assert guest.ask("POST", first["open"], json={}).status_code == 401


def opens(api: Api, share: dict[str, Any], number: int, **body: str) -> int:
    """The status of opening a link from an address with this number."""
    path = f"/shares/{share['path'].removeprefix('/share/')}/open"
    return Browser(api, peer=f"203.0.113.{number}").ask("POST", path, json=body).status_code


def test_many_may_open_a_link_from_one_address(api: Api, website) -> None:
    made = signed_in(api).ask("POST", f"/shares?websiteId={website.public_id}", json={})
    share = made.json()["data"]
    assert [opens(api, share, 1) for _ in range(31)] == [200] * 31
    assert [opens(api, {"path": "/share/x"}, 1) for _ in range(31)] == [404] * 30 + [429]


def test_the_right_password_is_no_guess_and_takes_no_guess_back(api: Api, website) -> None:
    body = {"password": PASSWORD}
    made = signed_in(api).ask("POST", f"/shares?websiteId={website.public_id}", json=body)
    share = made.json()["data"]
    assert [opens(api, share, n, password="wrong") for n in range(9)] == [401] * 9
    assert [opens(api, share, n, password=PASSWORD) for n in range(20, 31)] == [200] * 11
    assert [opens(api, share, n, password="wrong") for n in (40, 41)] == [401, 429]


def test_its_cookie_reads_reports_and_writes_nothing(api: Api, website) -> None:
    share = opened(api, website)
    share.token = ""
    assert share.get("/overview").status_code == 200
    goal = {"name": "signup"}
    assert share.ask("POST", "/goals", json=goal).status_code == 403
    assert share.ask("DELETE", "/goals?name=signup").status_code == 403


def test_it_ends_with_time_and_when_it_is_withdrawn(api: Api, website) -> None:
    owner = signed_in(api)
    first, second = opened(api, website, expiresInDays=1), opened(api, website)
    newest = owner.get("/shares").json()["data"]
    [kept] = [each for each in newest if each["expiresAt"] is None]
    assert owner.ask("DELETE", f"/shares/{kept['id']}").status_code == 200
    assert (first.get("/overview").status_code, second.get("/overview").status_code) == (200, 401)
    api.now_ms += DAY_MS
    assert first.get("/overview").status_code == 401
    [gone] = [each for each in newest if each["expiresAt"]]
    slug = gone["path"].removeprefix("/share/")
    assert Browser(api).ask("POST", f"/shares/{slug}/open", json={}).status_code == 404


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "0", lambda t: t[:18], lambda t: t + "0"])
def test_a_token_that_was_made_up_opens_nothing(api: Api, website, change) -> None:
    share = opened(api, website)
    changed = change(share.token)
    if changed == share.token:
        changed = share.token[:-1] + "1"
    share.token = changed
    assert share.get("/overview").status_code == 401


def test_its_token_in_an_address_is_refused(api: Api, website) -> None:
    share = opened(api, website)
    answer = share.get("/overview", params={"x": share.token})
    assert (answer.status_code, "never in the address" in answer.text) == (401, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filters": [{"dimension": "planet", "value": "Mars"}]}, "filters"),
        ({"pages": []}, "pages"),
        ({"pages": ["visitors"]}, "pages[0]"),
        ({"pages": ["live"], "filters": AUSTRIA}, "pages"),
        ({"oldest": "yesterday"}, "oldest"),
        ({"oldest": "2026-11-21T10:00:00Z"}, "oldest"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
        ({"expiresInDays": 0}, "expiresInDays"),
        ({"hosts": ["https://example.com/path"]}, "hosts"),
        ({"hosts": ["*; script-src *"]}, "hosts"),
        ({"websiteId": "x"}, "websiteId"),
    ],
)
def test_a_mistake_is_named(api: Api, website, body, field: str) -> None:
    answer = signed_in(api).ask("POST", f"/shares?websiteId={website.public_id}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


def test_it_belongs_to_a_workspace_and_goes_with_its_website(api: Api, website) -> None:
    owner = signed_in(api)
    share = opened(api, website)
    [listed] = owner.get("/shares").json()["data"]
    assert owner.ask("PATCH", "/shares/shr_000000000000", json={}).status_code == 404
    assert owner.ask("DELETE", f"/websites/{website.public_id}").status_code == 200
    assert share.get("/overview").status_code == 401
    assert owner.get("/shares").json()["data"] == []
    assert owner.ask("DELETE", f"/shares/{listed['id']}").status_code == 404
    api.catalog.forget_website(website.id)
