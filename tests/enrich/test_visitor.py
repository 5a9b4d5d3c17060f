"""Keys of people and visits, and what must not be left of them."""

import msgspec
import pytest

from footfall.model.key import cookieless_visitor_key, event_key, session_key, visitor_key

from .conftest import CHROME, SALTS, WEBSITE


def test_an_id_makes_visitor_session_and_event_keys(accept):
    event = accept(visitor_uid="v1", session_uid="s1", event_id="e1")
    assert event.visitor_id == visitor_key(WEBSITE.id, "v1")
    assert event.session_uid == session_key(WEBSITE.id, event.visitor_id, "s1")
    assert event.event_id == event_key(WEBSITE.id, "e1")
    assert event.visitor_id_yesterday == 0


def test_without_ids_there_are_no_keys(accept):
    event = accept(session_uid="", event_id="")
    assert (event.session_uid, event.event_id) == (0, 0)


@pytest.mark.parametrize("fields", [{"visitor_uid": ""}, {"is_cookieless": True}])
def test_without_cookies_address_and_user_agent_make_the_keys(accept, fields):
    event = accept(**fields)
    person = ("192.0.2.1", CHROME)
    assert event.visitor_id == cookieless_visitor_key(WEBSITE.id, SALTS.today, *person)
    assert event.visitor_id_yesterday == cookieless_visitor_key(
        WEBSITE.id, SALTS.yesterday, *person
    )


def test_one_address_in_two_spellings_is_one_person(accept):
    first = accept(visitor_uid="", client_address="2001:db8::1")
    second = accept(visitor_uid="", client_address="2001:0DB8:0::1")
    assert first.visitor_id == second.visitor_id


@pytest.mark.parametrize(
    "fields", [{"client_address": ""}, {"user_agent": None}, {"user_agent": ""}]
)
def test_with_neither_there_is_no_visitor(accept, fields):
    event = accept(visitor_uid="", session_uid="s1", is_public=False, **fields)
    assert (event.visitor_id, event.visitor_id_yesterday, event.session_uid) == (0, 0, 0)


@pytest.mark.parametrize("is_cookieless", [True, False])
def test_nothing_of_address_user_agent_and_ids_is_left(accept, is_cookieless):
    event = accept(
        client_address="203.0.113.77",
        visitor_uid="uid-of-a-person",
        session_uid="uid-of-a-visit",
        event_id="uid-of-an-event",
        url="https://example.com/p?email=me@home.org&token=t0k&gclid=cl1ck",
        referrer="https://partner.org/r?password=pw1",
        user_agent=f"{CHROME} Marker/7",
        is_cookieless=is_cookieless,
    )
    stored = msgspec.json.encode(event).decode()
    for secret in ("203.0.113", "uid-of", "me@home", "t0k", "cl1ck", "pw1", "Marker", "Mozilla"):
        assert secret not in stored


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("url", "url"),
        ("referrer", "referrer"),
        ("title", "title"),
        ("name", "name"),
        ("language", "language"),
        ("screen", "screen"),
        ("visitor_uid", "visitorUid"),
        ("session_uid", "sessionUid"),
        ("event_id", "eventId"),
        ("address", "address"),
        ("client_address", "ip"),
        ("user_agent", "userAgent"),
        ("country", "country"),
        ("region", "region"),
        ("city", "city"),
    ],
)
@pytest.mark.parametrize("bad", ["\ud800", "\0", "ok\udcff"])
def test_surrogates_and_nul_are_refused_by_field(drop, field, name, bad):
    dropped = drop(**{field: f"https://example.com/{bad}"})
    assert (dropped.reason, dropped.field) == ("invalid", name)


@pytest.mark.parametrize(
    ("field", "name", "bad"),
    [
        ("visitor_uid", "visitorUid", "a b"),
        ("visitor_uid", "visitorUid", "x" * 65),
        ("session_uid", "sessionUid", "ü"),
        ("event_id", "eventId", "x" * 65),
        ("address", "address", "0x<script>"),
    ],
)
def test_malformed_ids_are_refused(drop, field, name, bad):
    assert drop(**{field: bad}).field == name


def test_a_wallet_address_is_kept(accept):
    assert accept(type="connect", address="0xAbC").address == "0xAbC"


def test_a_session_of_its_own_is_marked(accept):
    event = accept(visitor_uid="v1", session_uid="s1", has_own_session=True)
    assert event.has_own_session
    assert event.session_uid == session_key(WEBSITE.id, event.visitor_id, "s1")
    assert not accept(visitor_uid="v1", session_uid="s1").has_own_session


def test_without_a_session_id_or_a_visitor_there_is_no_own_session(accept):
    assert not accept(session_uid="", has_own_session=True).has_own_session
    assert not accept(visitor_uid="", session_uid="s1", has_own_session=True).has_own_session


def test_a_bots_own_session_is_never_a_persons(accept):
    fields = {"visitor_uid": "v1", "session_uid": "s1", "has_own_session": True}
    person, bot = accept(**fields), accept(**fields, user_agent="Googlebot/2.1")
    assert bot.bot
    assert bot.visitor_id == person.visitor_id
    assert bot.session_uid not in (person.session_uid, 0)
    assert bot.session_uid == accept(**fields, user_agent="curl/8.5.0").session_uid


def test_an_event_without_a_visitor_has_none_even_with_an_address_and_a_user_agent(accept):
    event = accept(visitor_uid="", has_visitor=False)
    assert (event.visitor_id, event.visitor_id_yesterday) == (0, 0)
