"""GET /visitors over HTTP, on a whole API: who is found, who is erased, what is asked wrongly."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from footfall.model.key import visitor_key
from footfall.model.website import Website
from footfall.store.engine import Engine

from .conftest import Api

PAGE = json.dumps({"type": "event", "event": "page"})
SIGNUP = json.dumps({"type": "track", "event": "signup"})
STEPS = f"[{PAGE},{SIGNUP}]"
CONDITIONS = json.dumps([{"field": "country", "op": "eq", "value": "AT"}])
WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"
ANN_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


class Place(NamedTuple):
    api: Api
    website: Website
    token: str

    def ask(self, **params: Any) -> dict[str, Any]:
        answer = self.api.get("/api/v1/visitors", self.token, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def names(self, **params: Any) -> list[str | None]:
        return [row["name"] for row in self.ask(**params)["data"]]

    def id_of(self, uid: str) -> str:
        return f"{visitor_key(self.website.id, uid):016x}"


def page(uid: str, minute: int, path: str = "/", **fields: Any) -> dict[str, Any]:
    return {
        **{"url": f"https://example.com{path}", "visitorUid": uid},
        **{"timestamp": f"2026-11-21T10:{minute:02}:00Z", **fields},
    }


def is_called(uid: str, minute: int, **properties: str) -> dict[str, Any]:
    return page(uid, minute, type="identify", properties=properties)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    """Ann sees two pages and signs up, Zoë sees one, Cat connects a wallet."""
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path_factory.mktemp("place"), engine, rate_limit_per_minute=0)
    website = api.website(currency="EUR")
    api.send(
        website,
        page(ANN_ID, 1, country="AT", referrer="https://www.google.com/"),
        page(ANN_ID, 2, "/pricing"),
        page(ANN_ID, 3, type="track", name="signup"),
        is_called(ANN_ID, 4, user_id="u-ann", name="Ann", email="Ann@Example.com"),
        page("zoe", 10, country="DE"),
        is_called("zoe", 11, user_id="2", name="Zoë Öz"),
        page("cat", 20),
        page("cat", 21, type="connect", address=WALLET),
        is_called("cat", 22, user_id="3", name="Cat"),
    )
    yield Place(api, website, api.token(website, "read", "write", "delete"))
    api.close()


def test_the_most_recent_visitor_is_first(place: Place) -> None:
    answer = place.ask()
    assert [row["name"] for row in answer["data"]] == ["Cat", "Zoë Öz", "Ann"]
    assert answer["pagination"] == {"limit": 100, "total": 3, "next": None}
    assert answer["totals"] == {"visitors": 3, "sessions": 3}
    ann = answer["data"][-1]
    assert ann["visitorId"] == place.id_of(ANN_ID)
    assert (ann["userId"], ann["email"]) == ("u-ann", "Ann@Example.com")
    assert (ann["country"], ann["countryCode"]) == ("Austria", "AT")
    assert (ann["source"], ann["sourceName"]) == ("google.com", "Google")
    assert (ann["lastPage"], ann["sessions"], ann["pageviews"]) == ("example.com/pricing", 1, 2)
    assert (ann["goals"], ann["paid"], ann["isCustomer"]) == (1, 0, False)
    assert (ann["firstSeenAt"], ann["lastSeenAt"]) == (
        "2026-11-21T10:01:00+00:00",
        "2026-11-21T10:04:00+00:00",
    )
    assert answer["data"][0]["wallet"] == WALLET.lower()


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("u-ANN", ["Ann"]),
        ("ann", ["Ann"]),
        ("@example", ["Ann"]),
        ("ZOË ö", ["Zoë Öz"]),
        (ANN_ID, ["Ann"]),
        (WALLET[:12].lower(), ["Cat"]),
        (f" {WALLET} ", ["Cat"]),
        ("' OR 1=1 --", []),
        ("%", []),
        ("*", []),
        ("🙂" * 200, []),
    ],
)
def test_a_search_finds_people_by_what_is_known(
    place: Place, search: str, names: list[str]
) -> None:
    answer = place.ask(search=search)
    assert [row["name"] for row in answer["data"]] == names
    assert answer["pagination"]["total"] == len(names)


def test_a_search_finds_the_beginning_of_an_id(place: Place) -> None:
    for uid, name in ((ANN_ID, "Ann"), ("zoe", "Zoë Öz")):
        own = place.id_of(uid)
        assert place.names(search=own) == [name]
        assert name in place.names(search=own[:1].upper())
        assert place.names(search=own[1:]) == []


def test_filters_choose_sessions(place: Place) -> None:
    assert place.names(filter_country="AT") == ["Ann"]
    assert place.names(filter_page="/pricing") == ["Ann"]
    assert place.names(filter_goal="!signup", order="asc") == ["Zoë Öz", "Cat"]
    assert place.names(filter_event="connect", search="zoë") == []
    assert place.names(startAt="2026-11-22") == []


def test_the_people_behind_a_link_and_a_step(place: Place) -> None:
    assert place.names(start_step=PAGE, flow_step=1, flow_target="/pricing") == ["Ann"]
    dropped = {"start_step": PAGE, "flow_step": 1, "flow_target": "__DROP_OFF__"}
    assert place.names(**dropped) == ["Zoë Öz"]
    assert place.names(start_step=PAGE, end_step=SIGNUP) == ["Ann"]
    assert place.names(steps=STEPS, funnel_step=2) == ["Ann"]
    funnel = place.ask(steps=STEPS, funnel_step=1, dropped="true", group_by="country", limit=1000)
    assert [row["name"] for row in funnel["data"]] == ["Cat", "Zoë Öz"]
    assert funnel["totals"] == {"visitors": 2, "sessions": 2, "unlisted": 0}
    assert place.names(steps=STEPS, funnel_step=2, dropped="true") == []


@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        ({"sort": "age"}, "sort", "sort 'age' is not one of last_seen, first_seen, sessions,"),
        ({"order": "up"}, "order", "order 'up' is not one of desc, asc"),
        ({"limit": "1001"}, "limit", "limit '1001' is not a whole number from 1 to 1000"),
        ({"cursor": "x"}, "cursor", "cursor 'x' is not valid; send the pagination.next"),
        (
            {"cursor": "paid.1.00000000000000ff"},
            "cursor",
            "cursor belongs to a list with sort=paid; leave it out",
        ),
        ({"search": "x" * 201}, "search", "search 'xxx"),
        ({"search": "a\0"}, "search", "search contains a NUL"),
        ({"flow_step": "1"}, "start_step", "start_step is missing"),
        ({"start_step": PAGE, "flow_source": "/"}, "flow_step", "flow_step is missing"),
        ({"start_step": PAGE, "flow_step": "11"}, "flow_step", "flow_step '11' is not a whole"),
        ({"funnel_step": "1"}, "steps", "steps is missing"),
        ({"dropped": "true"}, "steps", "steps is missing"),
        ({"steps": STEPS, "funnel_step": "3"}, "funnel_step", "funnel_step '3' is not a whole"),
        ({"steps": STEPS, "dropped": "yes"}, "dropped", "dropped 'yes' is not one of true,"),
        ({"steps": STEPS, "start_step": PAGE}, "steps", "steps and start_step are given; ask"),
        ({"end_step": PAGE}, "end_step", "end_step works with start_step only"),
        ({"filters": CONDITIONS}, "filters", "filters works with start_step or steps only"),
        ({"steps": STEPS, "anchors": f"[{PAGE}]"}, "anchors", "anchors works with start_step"),
        (
            {"start_step": PAGE, "funnel_type": "open"},
            "funnel_type",
            "funnel_type works with steps",
        ),
    ],
)
def test_a_wrong_parameter_is_named(
    place: Place, params: dict[str, str], field: str, message: str
) -> None:
    answer = place.api.get("/api/v1/visitors", place.token, params=params)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (error["field"], error["message"][: len(message)]) == (field, message)


def test_an_erased_visitor_never_appears(place: Place) -> None:
    api, website, token = place
    api.send(
        website,
        page("eve", 30),
        page("eve", 31, "/pricing"),
        page("eve", 32, type="track", name="signup"),
        is_called("eve", 33, user_id="4", name="Eve", email="eve@example.com"),
        page("eve", 34, type="connect", address="0xeee1"),
    )
    payment = {"amount": 5, "currency": "EUR", "transactionId": "t-eve", "visitorUid": "eve"}
    at = {"timestamp": "2026-11-21T10:35:00Z"}
    assert api.ask("POST", "/api/v1/payments", token, json=payment | at).status_code == 200
    api.load()
    questions: list[dict[str, Any]] = [
        {},
        {"search": "eve"},
        {"search": "0xeee1"},
        {"search": place.id_of("eve")},
        {"start_step": PAGE, "flow_step": 1, "flow_target": "/pricing"},
        {"steps": STEPS, "funnel_step": 2},
    ]
    for question in questions:
        assert "Eve" in place.names(**question), question
    [eve] = place.ask(search="eve")["data"]
    assert (eve["paid"], eve["isCustomer"]) == (5, True)
    assert api.ask("DELETE", "/api/v1/visitors/eve", token).status_code == 200
    for question in questions:
        answer = place.ask(**question)
        assert place.id_of("eve") not in [row["visitorId"] for row in answer["data"]], question
    assert place.ask()["totals"] == {"visitors": 3, "sessions": 3}
