"""The wire format of SDK events: what is wrong is named, nothing else is lost."""

import msgspec
import pytest

from footfall.collect.raw import (
    RAW_TYPES,
    TAG_FIELDS,
    decode_raw_event,
    decode_raw_events,
    quarantine,
)
from footfall.model.campaign import CAMPAIGN_PARAMS, CLICK_IDS
from footfall.model.errors import BadRequest
from footfall.model.event import Dropped

NOW = 1_767_268_800_000  # 2026-01-01 12:00 UTC
HOUR = 3_600_000
PAGE = {
    "type": "page",
    "channel": "web",
    "version": "1",
    "anonymous_id": "7f9c24e8-3b12-4b0e-9d5c-0a4e1f6c8b21",
    "context": {"page_url": "https://app.example.com/swap?x=1"},
}


def encode(*events):
    return msgspec.json.encode(events)


def decode(**fields):
    return decode_raw_event(msgspec.Raw(msgspec.json.encode(PAGE | fields)), NOW)


def refuse(**fields):
    with pytest.raises(BadRequest) as error:
        decode(**fields)
    assert error.value.message.startswith(f"{error.value.field}: ")
    return error.value.field


def context(**fields):
    return PAGE["context"] | fields


@pytest.mark.parametrize(
    ("body", "count"), [(b"[]", 0), (b" [{},5]", 2), (b"{}", 1), (b'\n{"type":"page"}', 1)]
)
def test_a_body_is_an_array_of_events_or_one_event(body, count):
    assert len(decode_raw_events(body)) == count


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"a\ud83d", "a\N{REPLACEMENT CHARACTER}"),
        (rb"\uDE00b", "\N{REPLACEMENT CHARACTER}b"),
        (rb"\ud83d\uD83D\ude00", "\N{REPLACEMENT CHARACTER}\N{GRINNING FACE}"),
        (rb"\ude00\ud83d", "\N{REPLACEMENT CHARACTER}" * 2),
        (rb"\\ud83d", r"\ud83d"),
        (rb"\\ud83d\ude00", r"\ud83d" + "\N{REPLACEMENT CHARACTER}"),
        (rb"\\\ud83d\n", "\\\N{REPLACEMENT CHARACTER}\n"),
    ],
)
def test_half_a_character_costs_neither_its_event_nor_the_batch(written, read):
    page = b'{"type":"page","page_title":"%b"}' % written
    for events in decode_raw_events(b"[1," + page + b"]")[1:], decode_raw_events(page):
        assert msgspec.json.decode(events[0])["page_title"] == read


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1,2", b"null", b"5", b'"x"', b"\xff", b"[" * 99_999]
)
def test_any_other_body_is_refused_whole(body):
    with pytest.raises(BadRequest, match="body: "):
        decode_raw_events(body)


def test_a_request_holds_at_most_a_thousand_events():
    assert len(decode_raw_events(encode(*[{}] * 1000))) == 1000
    with pytest.raises(BadRequest, match="at most 1000"):
        decode_raw_events(encode(*[{}] * 1001))


@pytest.mark.parametrize("type_", RAW_TYPES)
def test_every_type_is_taken(type_):
    assert decode(type=type_, event="Swap").type == type_


def test_a_screen_is_a_page():
    assert decode(type="screen", context={"page_url": "app://com.example/Home"}).type == "page"


@pytest.mark.parametrize("field", ["type", "version", "channel", "anonymous_id"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_every_event_needs_is_named_where_it_is_missing(field, value):
    assert refuse(**{field: value}) == field


def test_an_address_replaces_a_missing_anonymous_id_and_makes_no_visitor():
    hit = decode(type="decoded_log", event="Transfer", anonymous_id=None, address="0xAb")
    assert (hit.address, hit.visitor_uid, hit.has_visitor) == ("0xAb", "", False)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"type": "click"}, "type"),
        ({"type": "outbound"}, "type"),
        ({"type": 5}, "type"),
        ({"event": "x" * 129}, "event"),
        ({"event": {}}, "event"),
        ({"message_id": "x" * 65}, "message_id"),
        ({"session_id": 7}, "session_id"),
        ({"address": "x" * 129}, "address"),
        ({"version": "1" * 33}, "version"),
        ({"properties": [1]}, "properties"),
        ({"context": "web"}, "context"),
        ({"context": context(page_title=["x"])}, "context.page_title"),
        ({"context": context(screen_width="wide")}, "context.screen_width"),
        ({"context": context(utm_source=1)}, "context.utm_source"),
        ({"context": {}}, "context.page_url"),
        ({"context": None}, "context.page_url"),
        ({"original_timestamp": "yesterday"}, "original_timestamp"),
        ({"sent_at": "12"}, "sent_at"),
    ],
)
def test_a_wrong_field_is_named_by_its_dotted_name(fields, named):
    assert refuse(**fields) == named


def test_nulls_and_unknown_fields_are_as_if_they_were_not_there():
    names = ("session_id", "message_id", "user_id", "address", "event", "properties", "sent_at")
    empty = dict.fromkeys(names)
    page = {"page_url": "https://app.example.com/swap?x=1", "page_title": None, "ref": None}
    assert decode(**empty, context=page, library={"x": 1}) == decode()


def test_ids_title_name_and_facts_come_from_their_fields():
    hit = decode(
        type="track",
        event="Swap Completed",
        session_id="s1",
        message_id="m" * 64,
        address="0xAbC",
        context=context(
            page_title="Swap",
            referrer="https://blog.example.net/a",
            locale="de-AT",
            timezone="Europe/Vienna",
            screen_width=1440,
            screen_height=900.4,
        ),
    )
    assert (hit.visitor_uid, hit.session_uid, hit.event_id) == (
        PAGE["anonymous_id"],
        "s1",
        "m" * 64,
    )
    assert (hit.name, hit.title, hit.address) == ("Swap Completed", "Swap", "0xAbC")
    assert (hit.language, hit.timezone, hit.version) == ("de-AT", "Europe/Vienna", "1")
    assert (hit.screen, hit.referrer) == ("1440x900", "https://blog.example.net/a")
    assert (hit.has_own_session, hit.keeps_goal_name, hit.is_public) == (True, True, False)


def test_a_long_title_or_user_agent_does_not_cost_the_event():
    hit = decode(context=context(page_title="x" * 3000, user_agent="Mozilla/5.0" * 300))
    assert hit.title == "x" * 3000
    assert hit.user_agent == "Mozilla/5.0" * 300


def test_a_pages_address_and_title_may_be_in_its_properties():
    properties = {"url": "app://com.example/Home", "title": "Home", "category": "main"}
    hit = decode(context=None, properties=properties)
    assert (hit.url, hit.title) == ("app://com.example/Home", "Home")
    assert hit.properties == {"category": "main"}
    assert decode(type="connect", context=None, properties=properties).url == ""


def test_a_pages_properties_hold_neither_its_address_nor_secrets_of_its_query():
    given = {"path": "/a", "hash": "#x", "query": "email=a", "email": "ann@a.org", "token": "t1"}
    hit = decode(properties={**given, "access_token": "t2", "plan": "pro", "code_name": "x"})
    hidden = dict.fromkeys(("email", "token", "access_token"), "***")
    assert hit.properties == {**hidden, "plan": "pro", "code_name": "x"}


def test_the_tags_that_an_sdk_keeps_are_all_of_ours():
    assert (*CAMPAIGN_PARAMS, *CLICK_IDS) == TAG_FIELDS
    hit = decode(context=context(utm_source="mail", gclid="1", ref="", twclid=None))
    assert hit.tags == {"utm_source": "mail", "gclid": "1"}


def test_the_user_id_of_an_identify_is_one_of_its_properties():
    assert decode(type="identify", user_id="u1").properties == {"user_id": "u1"}
    own = decode(type="identify", user_id="u1", properties={"user_id": "u2"})
    assert own.properties == {"user_id": "u2"}
    assert decode(type="track", event="x", user_id="u1").properties is None


def test_a_transaction_keeps_its_properties_but_not_a_call_of_any_length():
    short = {"status": "confirmed", "data": "0x12", "function_args": {"to": "0x1"}}
    assert decode(type="transaction", properties=short).properties == short
    long = decode(type="transaction", properties={**short, "data": "0x" + "0" * 9000})
    assert long.properties == {"status": "confirmed", "function_args": {"to": "0x1"}}
    longer = {**short, "data": "0x" + "0" * 9000, "function_args": ["0" * 9000]}
    assert decode(type="transaction", properties=longer).properties == {"status": "confirmed"}


@pytest.mark.parametrize(
    ("happened", "sent", "at"),
    [
        ("2026-01-01T08:00:00.000Z", "2026-01-01T08:00:01.500Z", NOW - 1500),
        ("2026-01-01T08:00:00", "2026-01-01T10:00:00+01:00", NOW - HOUR),
        ("1999-01-01T00:00:00Z", "1999-01-01T00:00:00Z", NOW),
        ("2026-01-01T08:00:01Z", "2026-01-01T08:00:00Z", NOW),
        ("2025-12-01T00:00:00Z", "2026-01-01T12:00:00Z", NOW - 24 * HOUR),
        ("2026-01-01T08:00:00Z", None, NOW),
        (None, "2026-01-01T08:00:00Z", NOW),
        ("", "", NOW),
    ],
)
def test_an_events_time_is_its_receipt_less_its_wait_of_a_day_at_most(happened, sent, at):
    assert decode(original_timestamp=happened, sent_at=sent).occurred_at == at


def test_an_unknown_place_is_empty():
    assert decode(context=context(location="DE")).country == "DE"
    assert decode(context=context(location="Unknown")).country == ""


def test_of_an_event_put_aside_only_its_name_is_kept_and_cut_short():
    raw = msgspec.Raw(
        msgspec.json.encode(
            {
                "type": "t" * 99,
                "event": "e" * 999 + "\0",
                "message_id": "m" * 99,
                "address": "0xSECRET",
                "context": {"page_url": "https://SECRET/"},
            }
        )
    )
    kept = quarantine(raw, 7, Dropped("invalid", "f" * 99, "w" * 999))
    assert (kept.website_id, kept.type, kept.message_id) == (7, "t" * 32, "m" * 64)
    assert (kept.name, kept.field, kept.message) == ("e" * 128, "f" * 64, "w" * 200)
    assert "SECRET" not in str(kept)


@pytest.mark.parametrize(
    "raw", [b"5", b"null", b'{"type":5,"event":[],"message_id":{}}', b'{"type":"\xff"}']
)
def test_what_has_no_readable_name_is_put_aside_without_one(raw):
    kept = quarantine(msgspec.Raw(raw), 7, Dropped("spam_referrer"))
    assert (kept.type, kept.name, kept.message_id) == ("", "", "")
    assert kept.message == "dropped: spam_referrer"


def test_a_name_that_cannot_be_stored_is_cleaned():
    kept = quarantine(msgspec.Raw(b'{"event":"a\\ud800\\u0000b"}'), 7, Dropped("invalid"))
    kept.name.encode()
    assert "\0" not in kept.name
