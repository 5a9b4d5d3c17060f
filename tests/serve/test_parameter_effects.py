"""Each documented parameter of a query changes the answer: none is accepted and ignored.

The website has visitors of every kind that a parameter can distinguish. For every operation and
parameter, at least one value below must change the rows, the totals or the comparison.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from footfall.model.dimension import PATH_OF
from footfall.serve.openapi.document import openapi_document
from footfall.store.engine import Engine

from .conftest import Api

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/133.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"
ANN = {
    "userAgent": CHROME,
    "country": "AT",
    "region": "Vienna",
    "city": "Vienna",
    "language": "de",
    "referrer": "https://www.google.com/",
    "visitorUid": "ann",
}
BEA = {
    "userAgent": IPHONE,
    "country": "US",
    "region": "California",
    "city": "San Francisco",
    "language": "en",
    "referrer": "https://news.ycombinator.com/",
    "visitorUid": "bea",
}
TAGS = "utm_source=letter&utm_medium=email&utm_campaign=spring&utm_term=shoes&utm_content=top"
PAGE = {"type": "event", "event": "page"}
SIGNUP = {"type": "track", "event": "signup", "resolved_event": "signup"}
MOBILE = [{"field": "device", "op": "equals", "value": "mobile"}]


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def events() -> Iterator[dict[str, Any]]:
    """Ann in three weeks and from two sources, Bea on one day, Cat on two devices, Dan in two weeks
    without goals, a bot; and Ann, Bea and the bot a minute ago."""
    site, other = "https://example.com", "https://shop.example.com"
    for day in ("2026-11-02", "2026-11-11", "2026-11-18"):
        yield ANN | {"url": f"{site}/a", "timestamp": f"{day}T02:00:00Z"}
        yield ANN | {"url": f"{site}/a", "timestamp": f"{day}T02:01:00Z"}
        yield ANN | {"url": f"{site}/b", "timestamp": f"{day}T02:02:00Z"}
        goal = {"type": "track", "name": "signup", "timestamp": f"{day}T02:10:00Z"}
        yield ANN | goal | {"address": WALLET}
    tagged = {"url": f"{site}/c?{TAGS}&ref=r&source=s&via=v", "timestamp": "2026-11-19T09:00:00Z"}
    yield ANN | tagged | {"referrer": ""}
    yield BEA | tagged | {"url": f"{site}/c?utm_campaign=autumn"}
    yield BEA | {"url": f"{other}/a", "timestamp": "2026-11-18T12:00:00Z"}
    yield BEA | {"url": f"{other}/c", "timestamp": "2026-11-18T12:05:00Z"}
    yield BEA | {"type": "track", "name": "order", "timestamp": "2026-11-18T12:06:00Z"}
    phone = {"url": f"{site}/a", "userAgent": IPHONE, "visitorUid": "cat"}
    yield phone | {"timestamp": "2026-11-18T15:00:00Z"}
    computer = {"type": "track", "name": "signup", "userAgent": CHROME, "visitorUid": "cat"}
    yield computer | {"timestamp": "2026-11-18T15:45:00Z"}
    for day in ("2026-11-03", "2026-11-11"):
        dan = {"url": f"{site}/d", "visitorUid": "dan", "userAgent": CHROME}
        yield dan | {"timestamp": f"{day}T08:00:00Z"}
    bot = {"url": f"{site}/a", "userAgent": BOT, "visitorUid": "bot"}
    for at in ("2026-11-18T12:00:00Z", "2026-11-21T11:59:00Z"):
        yield bot | {"timestamp": at}
        yield bot | {"type": "track", "name": "signup", "timestamp": at}
    for person in (ANN, BEA):
        yield person | {"url": f"{site}/now", "timestamp": "2026-11-21T11:59:00Z"}


class Place(NamedTuple):
    api: Api
    own: str
    workspace: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Place]:
    engine.command("TRUNCATE TABLE batches")  # other tests' folders are not this one
    api = Api(tmp_path_factory.mktemp("place"), engine, rate_limit_per_minute=0)
    website = api.website(currency="EUR")
    api.send(website, *events())
    token = api.token(website, "read", "write", "delete", "collect")
    for number, (uid, at) in enumerate(
        (("ann", "2026-11-19T10:00:00Z"), ("bea", "2026-11-18T02:00:00Z"))
    ):
        payment = {"amount": 10, "currency": "EUR", "transactionId": f"t{number}"}
        sent = payment | {"visitorUid": uid, "timestamp": at}
        assert api.ask("POST", "/api/v1/payments", token, json=sent).status_code == 200
    wrong = [{"type": "page", "channel": "web", "version": "1", "anonymous_id": 1}] * 2
    assert api.ask("POST", "/v0/raw_events", token, json=wrong).json()["quarantined_rows"] == 2
    api.load()
    api.website("other.example")
    yield Place(api, token, api.token())
    api.close()


VALUES: dict[str, tuple[str, ...]] = {
    "startAt": ("2026-11-18", "2026-11-22"),
    "endAt": ("2026-11-10",),
    "date_from": ("2026-11-18", "2026-11-22"),
    "date_to": ("2026-11-10",),
    "dateFrom": ("2026-11-18", "2026-11-22"),
    "dateTo": ("2026-11-10",),
    "timezone": ("America/Los_Angeles", "Pacific/Kiritimati"),
    "limit": ("1",),
    "offset": ("1",),
    "search": ("nothing",),
    "interval": ("month",),
    "fields": ("visitors",),
    "compare": ("previous_period",),
    "match": ("weekday",),
    "parts": ("true",),
    "minutes": ("1",),
    "payments": ("1",),
    "sort": ("value", "revenue", "bounce_rate"),
    "order": ("desc",),
    "bots": ("include", "only"),
    "attribution": ("first",),
    "dimension": ("country",),
    "start_step": (text(SIGNUP),),
    "end_step": (text(SIGNUP),),
    "end_mode": ("mark",),
    "anchors": (text([SIGNUP]),),
    "revenue": ("true",),
    "steps": (text([PAGE, PAGE, SIGNUP]),),
    "filters": (text(MOBILE),),
    "global_filters": (text(MOBILE),),
    "window_seconds": ("1",),
    "max_steps": ("2",),
    "collapse_repeats": ("true",),
    "exclude": ("/b",),
    "nodes_per_step": ("1",),
    "direction": ("backward",),
    "drop_off": ("true",),
    "percentage_base": ("source",),
    "funnel_type": ("open",),
    "group_by": ("device",),
    "breakdown": ("device",),
    "breakdown_top_n": ("1",),
    "id_type": ("address",),
    "event_type": ("track",),
    "event_name": ("signup",),
    "min_users": ("3",),
    "include": ("sessions", "events"),
    "before": ("2026-11-18T12:01:00Z", "2026-11-10"),
    "name": ("nothing",),
    "visitorId": ("bea",),
    "transactionId": ("t0",),
}
VISITORS_VALUES = VALUES | {
    "sort": ("pageviews",),
    "order": ("asc",),
    "cursor": ("last_seen.1795000000000.0000000000000000",),
    "flow_step": ("2",),
    "flow_source": ("/c",),
    "flow_target": ("/c",),
    "nodes_per_step": ("1",),
    "funnel_step": ("2",),
    "dropped": ("true",),
}
FUNNEL_VALUES = VALUES | {"attribution": ("last_touch",)}
REQUIRED: dict[str, dict[str, str]] = {
    "/breakdown": {"dimension": "page"},
    "/flow": {"start_step": text(PAGE)},
    "/funnel": {"steps": text([PAGE, SIGNUP])},
    "/retention": {"min_users": "1"},
}
DATES = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
OLD_DATES = {"dateFrom": "2026-11-01", "dateTo": "2026-11-30"}
BESIDE: dict[tuple[str, str], dict[str, str]] = {
    ("/breakdown", "attribution"): {"dimension": "channel"},
    ("/overview", "compare"): {"startAt": "2026-11-15"},
    ("/overview", "match"): {"startAt": "2026-11-15", "compare": "previous_period"},
    ("/timeseries", "match"): {"startAt": "2026-11-18", "compare": "previous_period"},
    ("/quarantine", "timezone"): {"date_from": "2026-11-22"},
    ("/flow", "end_mode"): {"end_step": text(SIGNUP)},
    ("/funnel", "attribution"): {"group_by": "device"},
    ("/funnel", "limit"): {"group_by": "device"},
    ("/funnel", "breakdown_top_n"): {"group_by": "device"},
}
"""What a parameter needs beside it to be of use."""
LISTS = {"/goals", "/breakdown", *(f"/{path}" for path in PATH_OF)}
FLOW = {"start_step": text(PAGE)}
STEPS = {"steps": text([PAGE, SIGNUP])}
LINK = FLOW | {"flow_step": "1"}
BESIDE |= {
    ("/visitors", name): given
    for name, given in {
        **dict.fromkeys(("end_step", "anchors", "flow_step", "filters", "global_filters"), FLOW),
        **dict.fromkeys(("window_seconds", "drop_off", "flow_source", "flow_target"), LINK),
        "end_mode": FLOW | {"end_step": text(SIGNUP)},
        "max_steps": FLOW | {"flow_step": "3"},
        "collapse_repeats": LINK | {"flow_source": "/a", "flow_target": "/b"},
        "exclude": FLOW | {"flow_step": "2", "flow_target": "/b"},
        "nodes_per_step": LINK | {"flow_target": "Others"},
        "direction": {"start_step": text(SIGNUP), "flow_step": "1"},
        "funnel_step": STEPS,
        "dropped": STEPS,
        "funnel_type": {"steps": text([SIGNUP, PAGE]), "funnel_step": "2"},
    }.items()
}
ELSEWHERE = {"websiteId", "domain", "dryRun"}
"""The website, which a token may also be refused: tests/serve/test_statuses.py. What a delete
removes: tests/serve/test_deletes.py."""


def parameters_of(method: str, path: str) -> list[str]:
    listed = DOCUMENT["paths"][path][method.lower()]["parameters"]
    known = DOCUMENT["components"]["parameters"]
    found = [known[each["$ref"].rpartition("/")[2]] for each in listed]
    return [each["name"] for each in found if each["in"] == "query"]


def beside(method: str, path: str, name: str) -> dict[str, str]:
    bare = path.removeprefix("/v0")
    if method == "DELETE":
        wide = {"endAt": "2026-11-30"} if bare in ("/goals", "/payments") else {}
        dates = {"startAt": "2026-11-18"} if name == "timezone" else {}
        return wide | dates | {"dryRun": "true"}
    given = dict(REQUIRED.get(bare, {}))
    if path.startswith("/v0"):
        given |= OLD_DATES if name in OLD_DATES else DATES
        given |= {"date_from": "2026-11-18"} if name == "timezone" else {}
    elif name == "timezone" and "startAt" in parameters_of(method, path):
        given |= {"startAt": "2026-11-18"}
    if name in ("compare", "match") and path in LISTS:
        given["startAt"] = "2026-11-18"
        given |= {"compare": "previous_period"} if name == "match" else {}
    if name == "order" and path in LISTS:
        given["sort"] = "value"
    return given | BESIDE.get((bare, name), {})


def measured(place: Place, method: str, path: str, params: dict[str, str]) -> Any:
    """The part of the answer that a parameter is about: not what it repeats of the question."""
    address = path if path.startswith("/v0") else f"/api/v1{path}"
    token = place.workspace if path == "/websites" else place.own
    answer = place.api.ask(method, address.replace("{id}", "ann"), token, params=params)
    assert answer.status_code == 200, f"{params}: {answer.text}"
    body = answer.json()
    shown = ("data", "totals", "compare", "parts", "minutes", "payments")
    return {key: body.get(key) for key in shown}


# the pages of the dashboard's own lists: tests/serve/test_route_access.py
CASES = [
    (method.upper(), path, name)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in ("get", "delete") and operation["tags"] != ["access"]
    for name in parameters_of(method, path)
    if not name.startswith("filter_") and name not in ELSEWHERE
]


@pytest.mark.sample(60)
@pytest.mark.parametrize(("method", "path", "name"), CASES, ids=lambda part: part)
def test_a_documented_parameter_changes_the_answer(
    place: Place, method: str, path: str, name: str
) -> None:
    given = beside(method, path, name)
    without = measured(place, method, path, given)
    values = FUNNEL_VALUES if path.endswith("/funnel") else VALUES
    values = VISITORS_VALUES if path == "/visitors" else values
    assert any(
        measured(place, method, path, given | {name: value}) != without for value in values[name]
    )


FILTERED = (
    "/overview",
    "/timeseries",
    "/pages",
    "/goals",
    "/flow",
    "/funnel",
    "/retention",
    "/visitors",
)
"""One path of each kind of report: those that list a dimension are one report."""


@pytest.mark.sample(3)
@pytest.mark.parametrize("path", FILTERED)
def test_each_filter_changes_the_answer(place: Place, path: str) -> None:
    given = beside("GET", path, "")
    without = measured(place, "GET", path, given)
    names = [name for name in parameters_of("GET", path) if name.startswith("filter_")]
    assert names
    for name in names:
        value = "Tablet" if name == "filter_device" else "~none has this"
        assert measured(place, "GET", path, given | {name: value}) != without, name
