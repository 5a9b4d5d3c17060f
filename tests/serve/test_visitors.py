"""GET /visitors/{id} and /visitors/{id}/export over HTTP, on a whole API."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from footfall.model.key import client_session_key, visitor_key
from footfall.model.money import Converted
from footfall.model.payment import Movement, Payment, Profile, Refund
from footfall.model.record import MovementRecord
from footfall.model.website import Website
from footfall.serve.rest.base import BASES

from .conftest import NOON, Api

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
MINUTE = 60_000


def page(uid: str, path: str = "/pricing", **fields: Any) -> dict[str, Any]:
    return {
        **{"url": f"https://example.com{path}", "userAgent": FIREFOX, "visitorUid": uid},
        **{"timestamp": "2026-11-21T11:00:00Z", **fields},
    }


def goal(uid: str, name: str, **fields: Any) -> dict[str, Any]:
    return page(uid, type="track", name=name, **fields)


def visitor(api: Api, website: Website, id_: str, **params: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/visitors/{id_}", api.token(website), params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def export(api: Api, website: Website, id_: str) -> dict[str, Any]:
    answer = api.get(f"/api/v1/visitors/{id_}/export", api.token(website))
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def pay(api: Api, website: Website, uid: str, id_: str, amount: str, **fields: Any) -> None:
    """Record a payment and load the ledger's outbox."""
    payment = Payment(
        website_id=website.id,
        transaction_id=id_,
        amount=Decimal(amount),
        currency="USD",
        occurred_at=NOON,
        visitor_id=visitor_key(website.id, uid) if uid else 0,
        **fields,
    )
    api.ledger.add_payment(payment, Converted(Decimal(amount), website.currency), now_ms=NOON)
    tell_reports(api)


def tell_reports(api: Api) -> None:
    movements = api.ledger.outbox()
    records = [MovementRecord(received_at=NOON, movement=movement) for _, movement in movements]
    api.loader.load_records(list(records))
    api.ledger.drop_outbox(max(number for number, _ in movements))


def test_a_story_has_identity_source_activity_revenue_and_timeline(api: Api) -> None:
    website = api.website(timezone="Europe/Vienna", currency="USD")
    place = {"country": "AT", "region": "Vienna", "city": "Vienna", "screen": "1440x900"}
    api.send(
        website,
        page("ann", "/", referrer="https://www.google.com/", **place),
        page("ann", timestamp="2026-11-21T11:01:00Z"),
        goal("ann", "signup", timestamp="2026-11-21T11:02:00Z"),
    )
    pay(api, website, "ann", "t-1", "29.99", profile=Profile(name="Ann", email="ann@a.example"))
    story = visitor(api, website, "ann")
    assert story.pop("visitorId") == f"{visitor_key(website.id, 'ann'):016x}"
    for row in (*story["activityTimeline"], *story["activity"]["visitedPages"]):
        assert row.pop("cursor")
    [signup] = story["activity"]["completedCustomGoals"]
    assert signup.pop("cursor")
    paid = {"originalAmount": 29.99, "originalCurrency": "USD"}
    assert story == {
        "isBot": False,
        "identity": {
            **{"country": "Austria", "countryCode": "AT", "region": "Vienna", "city": "Vienna"},
            "browser": {"name": "Firefox", "version": "130.0"},
            "os": {"name": "Linux", "version": None},
            "device": {"type": "Desktop"},
            "viewport": {"width": 1440, "height": 900},
        },
        "source": "google.com",
        "sourceIconUrl": None,
        "activity": {
            "visitCount": 1,
            "pageViewCount": 2,
            "firstVisitAt": "2026-11-21T12:00:00+01:00",
            "lastVisitAt": "2026-11-21T12:02:00+01:00",
            "currentUrl": "example.com/pricing",
            "visitedPages": [
                {"url": "example.com/pricing", "timestamp": "2026-11-21T12:01:00+01:00"},
                {"url": "example.com/", "timestamp": "2026-11-21T12:00:00+01:00"},
            ],
            "completedCustomGoals": [{"name": "signup", "timestamp": "2026-11-21T12:02:00+01:00"}],
        },
        "revenue": {
            "totalRevenue": 29.99,
            "refundedRevenue": 0,
            "isCustomer": True,
            "timeToFirstConversion": 3600,
            "currency": "USD",
            "unconverted": [],
        },
        "profile": {"userId": None, "name": "Ann", "email": "ann@a.example", "customerId": None},
        "activityTimeline": [
            step("payment", "13:00:00", event="payment", amount=29.99, **paid),
            step("goal", "12:02:00", "example.com/pricing", "signup"),
            step("pageview", "12:01:00", "example.com/pricing"),
            step("pageview", "12:00:00", "example.com/"),
        ],
    }


def step(
    kind: str, at: str, url: str | None = None, event: str | None = None, **fields: Any
) -> dict[str, Any]:
    timestamp = f"2026-11-21T{at}+01:00"
    row = {"type": kind, "timestamp": timestamp, "url": url, "eventName": event, "amount": None}
    return {**row, **fields}


def test_the_id_of_the_realtime_map_and_the_clients_own_name_the_same_visitor(api: Api) -> None:
    website = api.website()
    api.send(website, page("ann", timestamp="2026-11-21T11:59:00Z"))
    [row] = api.get("/api/v1/realtime/map", api.token(website)).json()["data"]
    story = visitor(api, website, row["visitorId"])
    assert story["visitorId"] == row["visitorId"]
    assert story == visitor(api, website, "ann")


def test_our_own_id_goes_before_a_clients_id_that_looks_like_one(api: Api) -> None:
    website = api.website()
    own = f"{visitor_key(website.id, 'ann'):016x}"
    api.send(website, page("ann", "/a"), page(own, "/b"))
    assert visitor(api, website, own)["activity"]["currentUrl"] == "example.com/a"
    other = f"{visitor_key(website.id, own):016x}"
    assert visitor(api, website, other)["activity"]["currentUrl"] == "example.com/b"


def test_a_clients_id_that_looks_like_ours_is_found(api: Api) -> None:
    website = api.website()
    api.send(website, page("0123456789abcdef"))
    assert visitor(api, website, "0123456789abcdef")["activity"]["pageViewCount"] == 1


@pytest.mark.parametrize("path", ["", "/export"])
@pytest.mark.parametrize(
    "id_",
    ["bob", "0123456789abcdef", "0000000000000000", "a" * 65, "a.b", "é", "a%00b", "a b", "%2e%2e"],
)
def test_an_unknown_or_malformed_id_is_a_404(api: Api, id_: str, path: str) -> None:
    website = api.website()
    api.send(website, page("ann"), {"type": "page", "url": "https://example.com/nobody"})
    answer = api.get(f"/api/v1/visitors/{id_}{path}", api.token(website))
    assert answer.status_code == 404
    assert "Visitor not found" in answer.json()["message"]


@pytest.mark.parametrize("path", ["", "/export"])
def test_another_websites_visitor_is_a_404(api: Api, path: str) -> None:
    website, other = api.website(), api.website("b.example")
    api.send(website, page("ann"))
    own = f"{visitor_key(website.id, 'ann'):016x}"
    for id_ in ("ann", own):
        answer = api.get(f"/api/v1/visitors/{id_}{path}", api.token(other))
        assert answer.status_code == 404
        answer = api.get(f"/api/v1/visitors/{id_}{path}?domain=b.example", api.token())
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["", "/export"])
@pytest.mark.parametrize("base", BASES)
def test_it_needs_a_token_that_may_read_and_a_workspaces_names_the_website(
    api: Api, base: str, path: str
) -> None:
    website = api.website()
    api.send(website, page("ann"))
    address = f"{base}/visitors/ann{path}"
    assert api.get(address).status_code == 401
    assert api.get(address, api.token(website, "write")).status_code == 403
    assert api.get(address, api.token()).status_code == 400
    answer = api.get(f"{address}?domain=example.com", api.token())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "ratelimit-remaining" in answer.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", "0"), ("limit", "101"), ("limit", "x"), ("timezone", "Vienna")),
        *(("before", "yesterday"), ("before", "1_2_3"), ("before", "1_0_99999999999999999999")),
        *(("before", "9999999999999_0_0"), ("before", "2026-02-30")),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, name: str, value: str) -> None:
    website = api.website()
    api.send(website, page("ann"))
    answer = api.get("/api/v1/visitors/ann", api.token(website), params={name: value})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == name


def test_a_visitor_with_only_a_profile_is_known(api: Api) -> None:
    website = api.website()
    key = visitor_key(website.id, "ann")
    api.catalog.profiles.set(website.id, key, Profile(user_id="u-7", customer_id="c-1"), NOON)
    story = visitor(api, website, "ann")
    profile = {"userId": "u-7", "name": None, "email": None, "customerId": "c-1"}
    assert story["profile"] == export(api, website, "ann")["profile"] == profile
    assert story["activity"]["firstVisitAt"] is None
    assert story["identity"]["browser"] == {"name": None, "version": None}


def test_a_visitor_with_only_an_event_without_a_session_is_known(api: Api) -> None:
    website = api.website()
    api.send(website, {"type": "detect", "visitorUid": "ann", "country": "AT"})
    assert visitor(api, website, "ann")["activity"]["visitCount"] == 0
    [event] = export(api, website, "ann")["events"]
    assert (event["type"], event["sessionId"]) == ("detect", None)
    assert event["facts"]["country"] == "AT"


def test_an_export_is_a_file_of_all_that_is_held(api: Api) -> None:
    website = api.website(currency="USD", timezone="Europe/Vienna")
    api.send(
        website,
        page("ann", "/a?utm_source=news", title="A", properties={"n": 12345678901234567890}),
        {**page("ann"), "type": "outbound", "properties": {"url": "https://b.example/x"}},
        page("bob", "/other"),
    )
    pay(api, website, "ann", "t-1", "29.99", profile=Profile(email="ann@a.example"))
    refund = Refund(
        website_id=website.id,
        transaction_id="t-1",
        amount=Decimal("9.9"),
        occurred_at=NOON + MINUTE,
        refund_id="r-1",
    )
    api.ledger.add_refund(refund, now_ms=NOON)
    answer = api.get("/api/v1/visitors/ann/export", api.token(website))
    own = f"{visitor_key(website.id, 'ann'):016x}"
    assert answer.headers["content-disposition"] == f'attachment; filename="visitor-{own}.json"'
    assert answer.headers["content-type"] == "application/json"
    data = msgspec.json.decode(answer.content)["data"]
    assert list(data) == [
        *("visitorId", "website", "timezone", "exportedAt"),
        *("profile", "sessions", "events", "payments"),
    ]
    assert data["visitorId"] == own
    assert data["exportedAt"] == "2026-11-21T13:00:00+01:00"
    assert data["profile"]["email"] == "ann@a.example"
    [session] = data["sessions"]
    assert (session["pageviews"], session["exitLink"]) == (1, "https://b.example/x")
    assert session["facts"]["utm_source"] == "news"
    seen, left, paid = data["events"]
    assert (seen["path"], seen["title"]) == ("/a", "A")
    assert seen["properties"] == {"n": 12345678901234567890}
    assert seen["sessionId"] == left["sessionId"] == session["sessionId"]
    assert left["link"] == "https://b.example/x"
    assert (paid["name"], paid["isServerSide"]) == ("payment", True)
    assert data["payments"] == [
        {
            **{"id": "t-1", "type": "new", "timestamp": "2026-11-21T13:00:00+01:00"},
            **{"amount": 29.99, "currency": "USD"},
            **{"originalAmount": 29.99, "originalCurrency": "USD"},
            **{"rate": 1, "isRateEstimated": False, "provider": "api", "subscriptionId": None},
        },
        {
            **{"id": "t-1/r-1", "type": "refund", "timestamp": "2026-11-21T13:01:00+01:00"},
            **{"amount": 9.9, "currency": "USD"},
            **{"originalAmount": 9.9, "originalCurrency": "USD"},
            **{"rate": 1, "isRateEstimated": False, "provider": "api", "subscriptionId": None},
        },
    ]


def test_an_export_holds_neither_other_people_nor_keys_of_ours(api: Api) -> None:
    website = api.website()
    token = api.token(website)
    api.send(website, page("ann", sessionUid="s-1"), page("bob", "/bobs-page"))
    pay(api, website, "bob", "bobs-payment", "5", profile=Profile(email="bob@b.example"))
    pay(api, website, "ann", "t-1", "5", profile=Profile(email="ann@a.example"))
    text = api.get("/api/v1/visitors/ann/export", token).text
    keys = api.catalog.profiles.keys(website.id, Profile(email="ann@a.example"))
    for hidden in ("bob", token, website.tracking_id, str(keys.email), f"{keys.email:016x}"):
        assert hidden not in text


def test_a_payment_that_only_its_session_ties_to_a_visitor_is_theirs(api: Api) -> None:
    website = api.website(currency="USD")
    api.send(website, page("ann", sessionUid="s-1", timestamp="2026-11-21T11:59:00Z"))
    pay(api, website, "", "t-1", "7", client_session=client_session_key(website.id, "s-1"))
    assert visitor(api, website, "ann")["revenue"]["totalRevenue"] == 7
    assert [row["id"] for row in export(api, website, "ann")["payments"]] == ["t-1"]


def test_an_export_has_thousands_of_events_once_each_and_in_order(api: Api) -> None:
    website = api.website()
    for batch in range(3):
        api.send(website, *(goal("ann", f"g{batch}-{number}") for number in range(900)))
    events = export(api, website, "ann")["events"]
    assert [event["name"] for event in events] == [
        f"g{batch}-{number}" for batch in range(3) for number in range(900)
    ]


def test_refunds_are_shown_apart_and_trials_are_not_customers(api: Api) -> None:
    website = api.website(currency="USD")
    api.send(website, page("ann"), page("tim"))
    pay(api, website, "tim", "trial", "0")
    trial = visitor(api, website, "tim")
    assert trial["revenue"]["isCustomer"] is False
    assert trial["activityTimeline"][0]["eventName"] == "free_trial"
    pay(api, website, "ann", "t-1", "20")
    refund = Refund(
        website_id=website.id, transaction_id="t-1", amount=Decimal(5), occurred_at=NOON + 1
    )
    api.ledger.add_refund(refund, now_ms=NOON)
    tell_reports(api)
    story = visitor(api, website, "ann")
    assert story["revenue"]["totalRevenue"] == 20
    assert story["revenue"]["refundedRevenue"] == 5
    paid = [(row["eventName"], row["amount"]) for row in story["activityTimeline"][:2]]
    assert paid == [("refund", -5), ("payment", 20)]


def test_amounts_without_a_rate_are_shown_apart(api: Api) -> None:
    website = api.website(currency="USD")
    api.send(website, page("ann"))
    movement = Movement(
        website_id=website.id,
        movement_id="t-1",
        kind="new",
        occurred_at=NOON,
        amount=Decimal(0),
        original_amount=Decimal(300),
        original_currency="XTS",
        is_converted=False,
        visitor_id=visitor_key(website.id, "ann"),
    )
    api.loader.load_records([MovementRecord(received_at=NOON, movement=movement)])
    story = visitor(api, website, "ann")
    assert story["revenue"]["totalRevenue"] == 0
    assert story["revenue"]["isCustomer"] is True
    assert story["revenue"]["unconverted"] == [{"currency": "XTS", "amount": 300}]
    assert story["activityTimeline"][0]["amount"] is None
    [paid] = export(api, website, "ann")["payments"]
    assert (paid["amount"], paid["rate"], paid["originalAmount"]) == (None, None, 300)
