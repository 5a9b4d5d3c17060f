"""Whatever an SDK's events hold, each is stored or put aside, and nothing is a 500."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selection import IS_ALL

from footfall.collect.raw import RAW_TYPES, TAG_FIELDS

from .conftest import Api

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
URL = st.sampled_from(
    ("https://app.example.com/", "app://com.x/Home", "https://a.b/?gclid=1", "/x")
)
TIME = st.sampled_from(("2026-11-21T11:00:00.000Z", "2026-11-21", "0001-01-01T00:00:00+23:59"))
PROPERTIES = st.dictionaries(TEXT | st.sampled_from(("url", "title", "token")), JSON, max_size=4)
CONTEXT = st.fixed_dictionaries(
    {"page_url": URL | TEXT},
    optional={
        **dict.fromkeys(("page_title", "referrer", "locale", "timezone"), TEXT | JSON),
        **dict.fromkeys(TAG_FIELDS, TEXT),
        "location": st.sampled_from(("DE", "unknown")) | TEXT,
        "user_agent": TEXT,
        "screen_width": st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON,
        "screen_height": st.integers(0, 9999),
    },
)
ID = st.sampled_from(("a1", "b2", "c3")) | st.none() | TEXT | JSON
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(RAW_TYPES) | JSON,
        "channel": st.just("web") | JSON,
        "version": st.just("1") | JSON,
        "anonymous_id": ID,
        "context": CONTEXT | JSON,
    },
    optional={
        **dict.fromkeys(("session_id", "message_id", "address", "user_id"), ID),
        "event": st.just("Swap Completed") | TEXT,
        "properties": PROPERTIES | JSON,
        "original_timestamp": TIME | JSON,
        "sent_at": TIME | JSON,
    },
)


@settings(
    max_examples=150 if IS_ALL else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=st.lists(EVENT | JSON, max_size=5), scope=st.sampled_from(("collect", "write")))
def test_any_raw_event_is_stored_or_put_aside(api: Api, events: list[object], scope: str) -> None:
    websites = api.catalog.websites()
    website = websites[0] if websites else api.website()
    key = api.token(website, scope, kind="formo")
    before = _rows(api, website.id)
    answer = api.ask("POST", "/v0/raw_events", key, content=msgspec.json.encode(events))
    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert sum(taken.values()) == len(events)
    api.load()
    assert ("load", "refused_by_engine") not in api.loader.outcomes
    assert ("sdk", "internal_error") not in api.loader.outcomes
    assert _rows(api, website.id) - before == len(events)


def _rows(api: Api, website_id: int) -> int:
    """Rows of everything that came: stored, put aside, or there already."""
    where = f"WHERE website_id = {website_id}"
    stored = f"SELECT count() FROM events {where}"
    aside = f"SELECT count() FROM quarantine {where}"
    again = f"SELECT sum(hits) FROM ingestion {where} AND outcome = 'duplicate'"
    return sum(api.parts.engine.query(sql).rows[0][0] for sql in (stored, aside, again))
