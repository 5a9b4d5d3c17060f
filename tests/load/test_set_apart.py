"""Personal data in an identify is kept in the profile, and in no row, segment of rows or batch."""

import json

import pytest
from load.conftest import NOON
from new_catalog import open_catalog

from footfall.load.loader import Loader
from footfall.model.errors import Unavailable
from footfall.model.payment import Profile
from footfall.model.record import EventsRecord

ANN = {"user_id": "u1", "name": "Ann", "email": "ann@example.com", "customer_id": "c1"}


@pytest.fixture
def catalog(tmp_path):
    catalog = open_catalog(tmp_path / "catalog")
    yield catalog
    catalog.close()


@pytest.fixture
def known(store, catalog):
    """The store, with a loader that keeps profiles; `known.profile()` is the visitor's."""
    store.website_id = catalog.add_website("example.com", now_ms=NOON).id
    store.loader = Loader(store.engine, store.folder, lambda: NOON, catalog.profiles.set_many)
    store.profile = lambda visitor_id=7: catalog.profiles.get(store.website_id, visitor_id)
    return store


def identify(store, minute=0.0, personal=ANN, **fields):
    return store.event(minute, "identify", properties=json.dumps(personal), **fields)


def stored(store):
    return [json.loads(text or "{}") for (text,) in store.rows("properties", "events", "seq")]


def test_personal_data_of_an_identify_is_only_in_the_profile(known):
    known.load(known.event(), identify(known, personal=ANN | {"plan": "pro", "seats": 3}))
    assert known.profile() == Profile(**ANN)
    assert stored(known) == [{}, {"plan": "pro", "seats": 3}]
    spooled = [path for path in (known.folder / "spool").rglob("*") if path.is_file()]
    assert spooled
    assert not [path for path in spooled if b"ann@" in path.read_bytes()]


def test_other_spellings_are_the_same_fields(known):
    personal = {
        "userId": 7,
        "Name": " Ann\n",
        "e-mail": "a@b.c",
        "customerId": "c1",
        "USER_ID": "u2",
    }
    known.load(identify(known, personal=personal))
    assert known.profile() == Profile(user_id="7", name="Ann", email="a@b.c", customer_id="c1")
    assert stored(known) == [{}]


def test_what_cannot_be_a_name_is_not_kept(known):
    known.load(identify(known, personal={"name": {"first": "Ann"}, "email": None, "user_id": True}))
    assert known.profile() == Profile()
    assert stored(known) == [{}]


@pytest.mark.parametrize(
    "who",
    [
        {"visitor_id": 0},
        {"visitor_id": 7, "bot": "user_agent"},
        {"visitor_id": 7, "visitor_id_yesterday": 8},
    ],
    ids=["no visitor", "a bot", "without cookies"],
)
def test_without_a_known_visitor_it_is_dropped(known, who):
    known.load(identify(known, personal=ANN | {"plan": "pro"}, **who))
    assert known.profile() == Profile()
    assert stored(known) == [{"plan": "pro"}]


def test_only_identify_says_who_somebody_is(known):
    known.load(known.event(0, "track", name="signup", properties=json.dumps(ANN)))
    assert known.profile() == Profile()
    assert stored(known) == [ANN]


def test_the_newer_value_wins_whichever_arrives_first(known):
    known.load(identify(known, 5, {"name": "Anna"}), received_at=NOON)
    known.load(identify(known, 1, {"name": "Ann", "email": "ann@example.com"}))
    assert known.profile() == Profile(name="Anna", email="ann@example.com")


def test_a_batch_that_is_joined_again_keeps_the_same(store, catalog):
    store.website_id = catalog.add_website("example.com", now_ms=NOON).id
    killed = iter([True, False])

    def keep(identified):
        catalog.profiles.set_many(identified)
        if next(killed):
            raise OSError("killed before the batch was spooled")

    loader = Loader(store.engine, store.folder, lambda: NOON, keep)
    record = EventsRecord(received_at=NOON, via="server", events=[store.event(), identify(store)])
    with pytest.raises(OSError, match="killed"):
        loader.load_records([record])
    loader.load_records([record])
    assert catalog.profiles.get(store.website_id, 7) == Profile(**ANN)
    assert len(stored(store)) == 2
    assert len(store.sessions()) == 1


def test_a_batch_waits_for_a_catalog_that_cannot_be_written(store, catalog):
    store.website_id = catalog.add_website("example.com", now_ms=NOON).id
    full = iter([True, True, False])

    def keep(identified):
        if next(full):
            raise Unavailable("the catalog cannot be written now")
        catalog.profiles.set_many(identified)

    loader = Loader(store.engine, store.folder, lambda: NOON, keep)
    record = EventsRecord(received_at=NOON, via="server", events=[store.event(), identify(store)])
    for _ in range(2):
        with pytest.raises(Unavailable):
            loader.load_records([record])
        assert store.rows("type", "events") == []
    loader.load_records([record])
    assert catalog.profiles.get(store.website_id, 7) == Profile(**ANN)
    assert len(store.rows("type", "events")) == 2


def test_without_a_place_for_profiles_they_are_dropped(store):
    store.load(store.event(), identify(store, personal=ANN | {"plan": "pro"}))
    assert stored(store) == [{}, {"plan": "pro"}]


def test_batches_without_identify_ask_for_no_profiles(store):
    asked = []
    loader = Loader(store.engine, store.folder, lambda: NOON, asked.append)
    events = [store.event(), store.event(1, "identify"), store.event(2, "engagement")]
    loader.load_records([EventsRecord(received_at=NOON, via="server", events=events)])
    assert len(store.rows("type", "events")) == 3
    assert asked == []


def test_many_identifies_of_one_batch_are_one_call(store):
    calls = []
    loader = Loader(store.engine, store.folder, lambda: NOON, calls.append)
    events = [identify(store, visitor_id=n) for n in range(1, 51)]
    loader.load_records([EventsRecord(received_at=NOON, via="server", events=events)])
    assert len(calls) == 1
