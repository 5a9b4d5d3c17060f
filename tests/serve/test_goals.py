"""POST /goals: what is taken, what is refused and in which words."""

import gzip
import json
from typing import Any

import pytest

from footfall.collect.server_call import MAX_BODY_BYTES

from .conftest import NOON, Api
from .server_calls import Shop, page, refusal

MINUTE = 60_000


def test_a_goal_needs_only_a_name_and_then_has_no_visitor(api: Api) -> None:
    shop = Shop(api)
    row = shop.accepted("goals", name="newsletter_signup")
    assert row["message"] == "Goal created successfully"
    assert row["name"] == "newsletter_signup"
    assert len(row["eventId"]) == 16
    found = shop.rows("goals")["newsletter_signup"]
    assert (found["completions"], found["visitors"]) == (1, 0)


def test_every_call_is_a_completion(api: Api) -> None:
    shop = Shop(api)
    ids = {shop.accepted("goals", name="signup")["eventId"] for _ in range(3)}
    assert len(ids) == 3
    assert shop.completions() == {"signup": 3}


@pytest.mark.parametrize("way", ["body", "header"])
def test_a_repeat_by_its_key_counts_once_a_day_and_is_answered_alike(api: Api, way: str) -> None:
    shop = Shop(api)

    def send(key: str) -> dict[str, Any]:
        if way == "body":
            return shop.accepted("goals", name="signup", idempotencyKey=key)
        return shop.accepted("goals", {"Idempotency-Key": key}, name="signup")

    first = send("order-7")
    assert send("order-7") == first
    assert shop.completions() == {"signup": 1}
    assert send("order-7") == first, "loaded meanwhile"
    send("order-8")
    assert shop.completions() == {"signup": 2}
    api.now_ms += 25 * 3_600_000
    send("order-7")
    assert shop.completions() == {"signup": 3}


def test_a_key_is_one_websites_own(api: Api) -> None:
    shops = [Shop(api, domain) for domain in ("a.example", "b.example")]
    for shop in shops:
        shop.accepted("goals", name="signup", idempotencyKey="k")
    assert [shop.completions() for shop in shops] == [{"signup": 1}] * 2


def test_a_visitor_without_a_page_view_is_a_404_that_says_so(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, {"type": "track", "name": "opened", "visitorUid": "appuser"})
    for visitor in ("appuser", "nobody"):
        assert shop.refused("goals", name="signup", visitorUid=visitor) == (
            404,
            "visitorUid",
            "visitorUid: there is no page view of this visitor; send the value of their cookie"
            " _fs_vid, or leave visitorUid out",
        )
    assert shop.completions() == {"opened": 1}


def test_another_websites_visitor_is_not_known_here(api: Api) -> None:
    shop, other = Shop(api), Shop(api, "other.example")
    api.send(other.website, page("anna", url="https://other.example/"))
    assert shop.refused("goals", name="signup", visitorUid="anna")[0] == 404


def test_a_session_alone_identifies_the_visitor(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna", sessionUid="s1", country="AT"))
    shop.accepted("goals", name="signup", sessionUid="s1")
    assert shop.rows("goals")["signup"]["visitors"] == 1


def test_a_goal_changes_nothing_of_its_session(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    before = shop.overview()
    api.now_ms += 5 * MINUTE
    shop.accepted("goals", name="signup", visitorUid="anna")
    after = shop.overview()
    assert [after[name] for name in ("sessions", "bounce_rate", "avg_session_duration")] == [
        before[name] for name in ("sessions", "bounce_rate", "avg_session_duration")
    ]


def test_metadata_is_kept_as_text(api: Api) -> None:
    shop = Shop(api)
    api.send(shop.website, page("anna"))
    metadata = {
        "plan": "pro",
        "seats": 3,
        "yearly": True,
        "price": 9.5,
        "coupon": None,
        "who": "👩‍🚀",
    }
    shop.accepted("goals", name="signup", visitorUid="anna", metadata=metadata)
    api.load()
    held = api.get("/api/v1/visitors/anna/export", shop.all).json()["data"]["events"]
    [goal] = [event for event in held if event["name"] == "signup"]
    kept = {"plan": "pro", "seats": "3", "yearly": "true", "price": "9.5", "who": "👩‍🚀"}
    assert goal["properties"] == kept
    assert goal["isServerSide"]


def test_a_text_cut_inside_a_character_is_taken(api: Api) -> None:
    shop = Shop(api)
    body = rb'{"name": "signup", "metadata": {"title": "cut \ud83d"}}'
    answer = api.ask("POST", "/api/v1/goals", shop.token, content=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("metadata", "field", "message"),
    [
        (
            {f"k{n}": "v" for n in range(11)},
            "metadata",
            "metadata: has 11 pairs; send at most 10",
        ),
        (
            {"Plan": "pro"},
            "metadata",
            "metadata: the key 'Plan' is not valid: use 1–64 of a–z, 0–9, _ or -",
        ),
        ({"": "v"}, "metadata", "metadata: the key '' is not valid: use 1–64 of a–z, 0–9, _ or -"),
        (
            {"k" * 65: "v"},
            "metadata",
            f"metadata: the key '{'k' * 64}' is not valid: use 1–64 of a–z, 0–9, _ or -",
        ),
        (
            {"plan": "x" * 256},
            "metadata.plan",
            "metadata.plan: has 256 characters; send at most 255",
        ),
        (
            {"plan": {"name": "pro"}},
            "metadata",
            "metadata: must be an object of names with texts, numbers, true or false, as in"
            ' {"plan": "pro"}',
        ),
        (
            ["plan"],
            "metadata",
            "metadata: must be an object of names with texts, numbers, true or false, as in"
            ' {"plan": "pro"}',
        ),
        (
            {"note": "a\nb"},
            "metadata.note",
            "metadata.note: contains a line break or another control character; remove it",
        ),
    ],
)
def test_metadata_has_limits(api: Api, metadata: object, field: str, message: str) -> None:
    shop = Shop(api)
    assert shop.refused("goals", name="signup", metadata=metadata) == (400, field, message)
    assert shop.completions() == {}


def test_metadata_at_its_limits_is_taken(api: Api) -> None:
    shop = Shop(api)
    keys = ["k" * 64, *(f"k-{n}" for n in range(8)), "a_b"]
    shop.accepted("goals", name="g" * 64, metadata=dict.fromkeys(keys, "ü" * 255))
    assert shop.completions() == {"g" * 64: 1}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "name", "name: Object missing required field `name`"),
        ({"name": None}, "name", "name: Expected `str`, got `null`"),
        ({"name": 7}, "name", "name: Expected `str`, got `int`"),
        (
            {"name": "Sign up"},
            "name",
            "name: 'Sign up' is not a valid goal name: use 1–64 of a–z, 0–9, _ or -",
        ),
        (
            {"name": ""},
            "name",
            "name: '' is not a valid goal name: use 1–64 of a–z, 0–9, _ or -",
        ),
        (
            {"name": "signup\n"},
            "name",
            "name: 'signup\\n' is not a valid goal name: use 1–64 of a–z, 0–9, _ or -",
        ),
        (
            {"name": "payment"},
            "name",
            "name: payment is recorded by payments: send a payment, or choose another name",
        ),
        (
            {"name": "signup", "visitorUid": "anna smith"},
            "visitorUid",
            "visitorUid: 'anna smith' is not a valid id: send the value of the cookie _fs_vid,"
            " 1–64 of A–Z, a–z, 0–9, _ or -",
        ),
        (
            {"name": "signup", "sessionUid": "s" * 65},
            "sessionUid",
            f"sessionUid: '{'s' * 64}' is not a valid id: send the value of the cookie _fs_sid,"
            " 1–64 of A–Z, a–z, 0–9, _ or -",
        ),
        (
            {"name": "a", "visitorUid": 5},
            "visitorUid",
            "visitorUid: Expected `str | null`, got `int`",
        ),
        (
            {"name": "a", "timestamp": "tomorrow"},
            "timestamp",
            "timestamp: 'tomorrow' is not an ISO 8601 time such as 2026-01-31T12:00:00Z",
        ),
        (
            {"name": "a", "timestamp": "2026-11-21T12:01:01Z"},
            "timestamp",
            "timestamp: 2026-11-21T12:01:01Z is not between 2000-01-01 and one minute from now",
        ),
        (
            {"name": "a", "timezone": "Mars"},
            "timezone",
            "timezone 'Mars' is not an IANA time zone such as Europe/Vienna or UTC",
        ),
        (
            {"name": "a", "idempotencyKey": "k" * 256},
            "idempotencyKey",
            "idempotencyKey: Expected `str` of length <= 255",
        ),
    ],
)
def test_a_wrong_field_is_a_400_that_names_it(
    api: Api, body: dict[str, Any], field: str, message: str
) -> None:
    shop = Shop(api)
    assert shop.refused("goals", **body) == (400, field, message)
    assert shop.completions() == {}


def test_an_idempotency_key_too_long_is_a_400(api: Api) -> None:
    status, field, _ = Shop(api).refused("goals", {"Idempotency-Key": "k" * 256}, name="a")
    assert (status, field) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    ("sent", "local_day"),
    [
        ({}, "2026-11-21"),
        ({"timestamp": "2026-11-21T12:01:00Z"}, "2026-11-21"),
        ({"timestamp": "2026-03-31T23:30:00Z"}, "2026-03-31"),
        ({"timestamp": "2026-03-31T23:30:00-02:00"}, "2026-04-01"),
        ({"timestamp": "2026-03-31T23:30:00"}, "2026-03-31"),
        ({"timestamp": "2026-03-31T23:30:00", "timezone": "America/New_York"}, "2026-04-01"),
        ({"timestamp": None, "timezone": None, "metadata": None, "visitorUid": ""}, "2026-11-21"),
    ],
)
def test_a_goal_counts_at_its_own_time(api: Api, sent: dict[str, Any], local_day: str) -> None:
    shop = Shop(api)
    shop.accepted("goals", name="signup", **sent)
    path = f"goals?startAt={local_day}&endAt={local_day}"
    assert shop.rows(path)["signup"]["completions"] == 1


def test_a_body_that_is_not_an_object_is_a_400_and_one_too_large_a_413(api: Api) -> None:
    token = Shop(api).token
    for path in ("goals", "payments"):
        for body in (b"", b"[]", b"name=signup", b'{"name": ', b'"\xff"', b"[" * 100_00):
            answer = api.ask("POST", f"/api/v1/{path}", token, content=body)
            assert refusal(answer)[0] == 400
            assert "body" in answer.json()["message"]
        large = b" " * MAX_BODY_BYTES + b"{}"
        assert api.ask("POST", f"/api/v1/{path}", token, content=large).status_code == 413


def test_a_packed_body_is_unpacked(api: Api) -> None:
    shop = Shop(api)
    body = gzip.compress(json.dumps({"name": "signup"}).encode())
    headers = {"Content-Encoding": "gzip"}
    answer = api.ask("POST", "/api/v1/goals", shop.token, content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def test_the_website_may_be_in_the_body_or_the_address(api: Api) -> None:
    shop = Shop(api)
    workspace = api.token(None, "read", "write")
    public_id, tracking_id = shop.website.public_id, shop.website.tracking_id
    for query, body in (
        ("", {"websiteId": public_id}),
        ("", {"domain": "example.com"}),
        ("", {"websiteId": tracking_id, "domain": "example.com"}),
        (f"?websiteId={public_id}", {}),
        ("?domain=example.com", {"websiteId": None}),
    ):
        answer = api.ask(
            "POST", f"/api/v1/goals{query}", workspace, json={"name": "signup", **body}
        )
        assert answer.status_code == 200, answer.text
    assert shop.completions() == {"signup": 5}


def test_which_tokens_may_write_to_which_website(api: Api) -> None:
    shop = Shop(api)
    api.website("other.example")
    workspace = api.token(None, "write")
    reading = api.token(shop.website, "read", "delete")
    collecting = api.token(shop.website, "collect")
    for path, body in (
        ("goals", {"name": "signup"}),
        ("payments", {"amount": 1, "currency": "EUR", "transactionId": "t1"}),
    ):
        for token, more, status in (
            (None, {}, 401),
            ("flow_nonsense", {}, 401),
            (reading, {}, 403),
            (collecting, {}, 403),
            (shop.token, {"domain": "other.example"}, 403),
            (shop.token, {"websiteId": "nowhere"}, 403),
            (workspace, {}, 400),
            (workspace, {"domain": "nowhere.example"}, 404),
            (workspace, {"domain": "example.com", "websiteId": "nowhere"}, 404),
        ):
            answer = api.ask("POST", f"/api/v1/{path}", token, json={**body, **more})
            assert answer.status_code == status, answer.text
    assert shop.completions() == {}
    assert shop.overview()["revenue"] == 0


def test_a_call_counts_against_the_tokens_rate(api: Api) -> None:
    shop = Shop(api)
    answer = shop.post("goals", name="signup")
    left = int(answer.headers["RateLimit-Remaining"])
    answer = shop.post("payments", amount=1, currency="EUR", transactionId="t1")
    assert int(answer.headers["RateLimit-Remaining"]) == left - 1
    assert api.now_ms == NOON
