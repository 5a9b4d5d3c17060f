"""The wire format: faults are named, and an invalid event does not affect the others."""

import msgspec
import pytest

from footfall.collect.wire import (
    PublicEvent,
    decode_batch,
    decode_public,
    decode_server_event,
    hit_of_public,
)
from footfall.model.errors import BadRequest
from footfall.model.event import EARLIEST_AT

NOW = 1_767_268_800_000


def server_event(**fields):
    given = {"url": "https://example.com/", **fields}
    return decode_server_event(msgspec.Raw(msgspec.json.encode(given)), NOW)


def wrong_field(**fields):
    with pytest.raises(BadRequest) as error:
        server_event(**fields)
    assert error.value.message.startswith(error.value.field)
    return error.value.field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "pageview"),
        ("url", 5),
        ("visitorUid", "a b"),
        ("visitorUid", "x" * 65),
        ("visitorUid", "né"),
        ("sessionUid", "a\n"),
        ("eventId", "x" * 65),
        ("properties", {str(n): n for n in range(51)}),
        ("properties", {"a": "x" * 9000}),
        ("properties", [1]),
        ("properties", "ann@example.com"),
        ("timestamp", "yesterday"),
        ("timestamp", "1970-01-01T00:00:00Z"),
        ("timestamp", "2090-01-01"),
        ("timestamp", "9999-12-31T23:59:59-23:00"),
    ],
)
def test_a_wrong_field_is_named(field, value):
    assert wrong_field(**{field: value}) == field


def test_the_text_of_an_identify_is_an_email():
    event = {"type": "identify", "url": "https://a.b/", "properties": "ann@example.com"}
    assert server_event(**event).properties == {"email": "ann@example.com"}
    (public,) = decode_public(msgspec.json.encode({"websiteId": "w", **event}))
    assert hit_of_public(public, NOW).properties == {"email": "ann@example.com"}


@pytest.mark.parametrize("engaged", [-1, 3601, "5"])
def test_engaged_seconds_are_bounded(engaged):
    assert wrong_field(type="engagement", engaged_s=engaged) == "engaged_s"


@pytest.mark.parametrize("name", ["", "with space", "x" * 65, "Ünï"])
def test_a_goals_name_is_checked(name):
    assert wrong_field(type="track", name=name) == "name"


def test_a_goals_name_is_lower_cased_first():
    assert server_event(type="track", name="SignUp").name == "signup"


def test_pages_and_outbound_clicks_need_an_address():
    for kind in ("page", "outbound"):
        with pytest.raises(BadRequest, match="url: required"):
            decode_server_event(msgspec.Raw(b'{"type":"%s"}' % kind.encode()), NOW)


def test_times_are_read_to_the_millisecond_and_bounded():
    assert server_event(timestamp="2000-01-01T00:00:00Z").occurred_at == EARLIEST_AT
    assert server_event(timestamp="2026-01-01T12:00:59.999Z").occurred_at == NOW + 59_999
    assert server_event(timestamp="2026-01-01T13:00:00+01:00").occurred_at == NOW
    assert server_event().occurred_at == NOW
    assert wrong_field(timestamp="2026-01-01T12:01:00.001Z") == "timestamp"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"[1,2", b'{"websiteId":NaN}', b'{"a":"\xff"}', b"[" * 100_000],
)
def test_a_body_that_is_not_json_is_refused_as_a_whole(body):
    with pytest.raises(BadRequest):
        decode_batch(body)


def test_a_batch_holds_at_most_a_thousand_events():
    with pytest.raises(BadRequest, match="at most 1000"):
        decode_batch(b"[" + b",".join([b"{}"] * 1001) + b"]")


def test_a_batch_may_name_its_website():
    assert decode_batch(b'{"domain":"example.com","events":[{}]}')[0] == "example.com"
    assert decode_batch(b'{"websiteId":"0a","events":[]}')[0] == "0a"


def test_half_a_character_in_a_batch_is_replaced():
    _, events = decode_batch(rb'[{"title":"a\ud83d"},{"title":"b"}]')
    titles = [msgspec.json.decode(raw)["title"] for raw in events]
    assert titles == ["a\N{REPLACEMENT CHARACTER}", "b"]


def test_one_wrong_public_event_leaves_the_others():
    good, bad = b'{"websiteId":"flid_a","url":"https://a/"}', b'{"websiteId":7}'
    first, second, third = decode_public(b"[" + b",".join([good, bad, good]) + b"]")
    assert first.website_id == third.website_id == "flid_a"
    assert isinstance(second, BadRequest)
    assert second.field == "websiteId"


@pytest.mark.parametrize("body", [b"", b"{", b"[", b"null", b"5", b'"x"', b"{}", b"\xff\xfe"])
def test_a_public_body_that_is_not_an_event_is_an_error(body):
    try:
        found = decode_public(body)
    except BadRequest:
        return
    assert [type(event) for event in found] == [BadRequest]


def test_public_events_cannot_set_time_address_or_user_agent():
    (event,) = decode_public(
        b'{"websiteId":"flid_a","url":"https://a/","timestamp":"2020-01-01","ip":"1.1.1.1",'
        b'"userAgent":"x","country":"DE","eventId":"e"}'
    )
    hit = hit_of_public(event, NOW)
    assert (hit.occurred_at, hit.client_address, hit.user_agent, hit.country, hit.event_id) == (
        NOW, "", None, "", "",
    )  # fmt: skip


def test_without_a_visitor_id_a_public_event_is_cookieless():
    (event,) = decode_public(b'{"websiteId":"flid_a","url":"https://a/","sessionUid":"s"}')
    hit = hit_of_public(event, NOW)
    assert hit.is_cookieless
    assert hit.session_uid == ""


def test_the_trackers_platform_version_is_a_hint():
    (event,) = decode_public(b'{"websiteId":"a","url":"http://a.b/","platformVersion":"15.0.0"}')
    assert hit_of_public(event, NOW).hints.platform_version == "15.0.0"


def test_a_platform_version_that_is_not_text_is_refused():
    (error,) = decode_public(b'{"websiteId":"a","url":"http://a.b/","platformVersion":15}')
    assert error.field == "platformVersion"


HALF = r"caf\ud83d"  # as of a title that was cut in the middle of an emoji


@pytest.mark.parametrize("field", ["title", "referrer", "url", "language"])
def test_half_a_character_costs_neither_its_event_nor_the_others(field):
    """Browsers write a lone surrogate as an escape, and JSON decoders refuse all that is around."""
    good = '{"websiteId": "w", "url": "https://a.example/"}'
    half = f'{{"websiteId": "w", "url": "https://a.example/", "{field}": "{HALF}"}}'
    (alone,) = decode_public(half.encode())
    assert isinstance(alone, PublicEvent)
    assert getattr(alone, field) == "caf\ufffd"
    assert decode_public(f"[{good}, {half}, {good}]".encode())[1] == alone
