"""Whatever a hit holds, it becomes an event that can be stored, or a drop."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.enrich.pipeline import STEPS
from footfall.model.campaign import CAMPAIGN_PARAMS, CLICK_IDS
from footfall.model.event import DROP_REASONS, EVENT_TYPES, Dropped, Event
from footfall.model.hit import ClientHints

from .conftest import SALTS, WEBSITE, make_hit

ANY = st.text(st.characters(), max_size=40)  # NUL and surrogates among them
PIECES = st.sampled_from(
    ("https://", "example.com", "google.de", "javascript:", "utm_source", "token", "%C3", "%00")
) | st.sampled_from("/?#&=%@:[];.* ä")
URLISH = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3),
    max_leaves=6,
)
TAG_NAMES = st.sampled_from((*CAMPAIGN_PARAMS, *CLICK_IDS))
HITS = st.fixed_dictionaries(
    {"url": URLISH.map("https://example.com/".__add__) | URLISH | ANY},
    optional={
        "type": st.sampled_from(EVENT_TYPES) | ANY,
        "referrer": URLISH | ANY,
        "title": ANY,
        "name": ANY,
        "properties": st.none() | st.dictionaries(ANY | st.just("url"), JSONISH, max_size=4),
        "language": ANY,
        "screen": ANY,
        "engaged_ms": st.integers(-(2**70), 2**70),
        "visitor_uid": ANY,
        "session_uid": ANY,
        "event_id": ANY,
        "address": ANY,
        "client_address": ANY | st.ip_addresses().map(str),
        "user_agent": st.none() | ANY,
        "hints": st.builds(ClientHints, ANY, ANY, ANY, ANY),
        "country": ANY,
        "region": ANY,
        "city": ANY,
        "is_cookieless": st.booleans(),
        "is_hash_route": st.booleans(),
        "is_public": st.booleans(),
        "timezone": ANY,
        "version": ANY,
        "tags": st.none() | st.dictionaries(TAG_NAMES, ANY, max_size=4),
        "has_own_session": st.booleans(),
        "has_visitor": st.booleans(),
        "keeps_goal_name": st.booleans(),
    },
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fields=HITS)
def test_any_hit_becomes_a_storable_event_or_a_drop(enricher, fields):
    outcome = enricher.enrich(make_hit(**fields), WEBSITE, SALTS)
    if isinstance(outcome, Dropped):
        assert outcome.reason in DROP_REASONS
        assert outcome.reason != "internal_error"
        assert outcome.message
        return
    assert isinstance(outcome, Event)
    stored = msgspec.json.encode(outcome)
    assert b"\\u0000" not in stored.replace(b"\\\\", b"")
    assert outcome.path == "" or outcome.path.startswith("/")
    assert outcome.properties == "" or isinstance(msgspec.json.decode(outcome.properties), dict)


def test_every_step_says_by_its_name_whether_it_adds_or_drops():
    assert all(step.__name__.startswith(("add_", "drop_")) for step in STEPS)
    assert len(set(STEPS)) == len(STEPS)
