"""What loading keeps between two batches has a limit in bytes, and forgetting changes no answer."""

import gc
import tracemalloc
from random import Random

import pytest
from load.conftest import NOON
from selection import IS_ALL

from footfall.load.batch import BatchWriter
from footfall.load.join import Joiner
from footfall.load.session import open_session
from footfall.load.visitor import MAX_BYTES, Visitors
from footfall.model.event import Event
from footfall.model.fact import Facts
from footfall.model.record import EventsRecord


def _load_one_each(visitors, keys, path="/"):
    visitors.fetch(keys)
    for website_id, visitor_id in keys:
        event = Event(
            website_id=website_id,
            type="page",
            occurred_at=NOON,
            visitor_id=visitor_id,
            path=path,
            facts=Facts(referrer="example.net"),
        )
        session = open_session(event, visitor_id, set())
        session.add(event)
        visitors.sessions((website_id, visitor_id)).append(session)
    visitors.end_batch()


@pytest.mark.parametrize("path", ["/", "/" + "x" * 2_000, "/" + "ü" * 2_000])
def test_many_visitors_take_no_more_than_the_limit_however_long_their_paths(engine, path):
    visitors = Visitors(engine, 500_000)
    for start in range(1, 2_001, 500):
        _load_one_each(visitors, [(1, start + number) for number in range(500)], path)
        assert visitors.kept_bytes() <= 500_000


def test_a_visitor_with_more_sessions_than_the_limit_is_not_kept(engine):
    visitors = Visitors(engine, 500_000)
    for _ in range(3):
        visitors.fetch([(1, 7)])
        for number in range(2_000):
            event = Event(website_id=1, type="page", occurred_at=NOON + number, visitor_id=7)
            visitors.sessions((1, 7)).append(open_session(event, 7, set()))
        visitors.end_batch()
        assert visitors.kept_bytes() <= 500_000


def test_kept_sessions_come_back_as_they_were(engine):
    visitors = Visitors(engine)
    key = (1, 2**64 - 1)
    _load_one_each(visitors, [key], "/grüße")
    visitors.fetch([key])
    before = [repr(session) for session in visitors.sessions(key)]
    visitors.end_batch()
    visitors.fetch([key])
    assert [repr(session) for session in visitors.sessions(key)] == before
    assert visitors.sessions(key)[0].entry_page == "/grüße"


def test_nothing_of_a_batch_is_left_but_its_visitors(engine):
    joiner = Joiner(engine)

    def join_one_batch() -> None:
        events = [
            Event(website_id=1, type="page", occurred_at=NOON, visitor_id=7, event_id=number)
            for number in range(1, 5_001)
        ]
        record = EventsRecord(received_at=NOON, via="server", events=events)
        joiner.join([record], BatchWriter("series", 1))

    join_one_batch()
    tracemalloc.start()
    join_one_batch()
    gc.collect()
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert left < 100_000


def test_sessions_are_the_same_whether_visitors_are_kept_or_read_again(store):
    """The same events in many batches, once kept and once forgotten between any two."""
    random = Random(store.website_id)
    minutes = sorted(random.randrange(0, 600) for _ in range(60 if IS_ALL else 25))
    visitors = [random.randrange(1, 6) for _ in minutes]
    other = store.website_id + 1_000_000
    for minute, visitor in zip(minutes, visitors, strict=True):
        store.load(store.event(minute, visitor_id=visitor))
    kept = store.sessions()
    store.website_id = other
    for minute, visitor in zip(minutes, visitors, strict=True):
        store.loader._joiner.forget()
        store.load(store.event(minute, visitor_id=visitor))
    assert store.sessions() == kept


def test_the_default_limit_is_a_few_megabytes():
    assert MAX_BYTES <= 8_000_000
