"""What is erased leaves every table and every file; what is left is counted again."""

import pytest
from load.conftest import MINUTE, NOON

from footfall.journal.segment import frame
from footfall.journal.writer import SegmentWriter
from footfall.load.erase import GoalsToErase, Plan
from footfall.load.loader import Loader
from footfall.load.plan_file import PlanFile
from footfall.model.record import EventsRecord, encode_record

MARKER = "marker-of-a-person"


def goal(store, minute, name="signup", **fields):
    return store.event(minute, "track", name=name, **fields)


def in_journal(store, *events):
    """Acknowledged, not yet loaded."""
    writer = SegmentWriter(
        store.folder / "journal" / "collector-0", max_bytes=10**9, min_free_bytes=0
    )
    record = EventsRecord(received_at=NOON, via="server", events=list(events))
    writer.append(frame(encode_record(record)))
    return writer


def files_with(folder, text):
    """Names of files that hold the text as it is; the engine's own are compressed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text in path.read_text("latin-1")]


def test_goals_go_and_their_sessions_are_counted_again(store):
    store.load(store.event(0), goal(store, 10), goal(store, 20, "other"))
    store.load(goal(store, 25), store.event(0, visitor_id=8))
    assert store.sessions() == [(0, 0, 1, 1), (0, 25, 1, 4)]
    assert store.loader.erase_goals(store.website_id, GoalsToErase(name="signup")) == 2
    assert store.sessions() == [(0, 0, 1, 1), (0, 20, 1, 2)]


@pytest.mark.parametrize(
    ("goals", "left"),
    [
        (GoalsToErase(name="signup"), ["other"]),
        (GoalsToErase(visitor_id=8), ["other", "signup"]),
        (GoalsToErase(from_ms=NOON + 20 * MINUTE), ["signup"]),
        (GoalsToErase(from_ms=NOON, to_ms=NOON + 20 * MINUTE), ["other"]),
        (GoalsToErase(name="signup", to_ms=NOON + 10 * MINUTE), ["other", "signup"]),
    ],
)
def test_only_goals_that_pass_every_filter_go(store, goals, left):
    store.load(store.event(0), goal(store, 10), goal(store, 20, "other"))
    store.loader.erase_goals(store.website_id, goals)
    assert [name for (name,) in store.rows("name", "events", "name") if name] == left


def test_a_session_whose_only_event_goes_counts_nowhere_and_joins_what_comes(store):
    store.load(goal(store, 0))
    store.loader.erase_goals(store.website_id, GoalsToErase(name="signup"))
    assert store.sessions() == [(0, 0, 0, 0)]
    store.load(store.event(10))
    assert store.sessions() == [(0, 10, 1, 1)]


def test_what_was_acknowledged_and_not_loaded_goes_too(store):
    writer = in_journal(store, store.event(0), goal(store, 1, properties=f'{{"a":"{MARKER}"}}'))
    assert store.loader.erase_goals(store.website_id, GoalsToErase(name="signup")) == 1
    assert files_with(store.folder, MARKER) == []
    writer.append(
        frame(encode_record(EventsRecord(received_at=NOON, via="server", events=[store.event(5)])))
    )
    writer.close()
    assert Loader(store.engine, store.folder, lambda: NOON).step() == 1
    assert store.sessions() == [(0, 5, 2, 2)]


def old_parts(store):
    tables = "('events', 'sessions', 'visits', 'erased')"
    parts = f"SELECT count() FROM system.parts WHERE NOT active AND table IN {tables}"
    return store.engine.query(parts).rows[0][0]


def test_a_person_leaves_every_table_and_file(store):
    mine = {"visitor_id": 9, "title": MARKER}
    store.load(store.event(0, **mine), goal(store, 5, **mine), store.event(0))
    assert store.loader.erase_visitor(store.website_id, 9) == 2
    for table in ("events", "sessions FINAL", "visits"):
        assert store.rows("visitor_id", table) == [[7]]
    assert files_with(store.folder, MARKER) == []
    assert old_parts(store) == 0
    store.load(store.event(60, **mine))
    assert (60, 60, 1, 1) in store.sessions()


def test_a_killed_erasure_is_finished_at_the_next_start(store):
    store.load(store.event(0), goal(store, 10))
    [[seq]] = store.rows("seq", "events", "seq DESC LIMIT 1")
    number = store.loader._number + 1
    store.engine.command(
        f"INSERT INTO erased SELECT {number}, seq, report_at, session_id, ''"
        f" FROM events WHERE website_id = {store.website_id} AND seq = {seq}"
    )
    PlanFile(store.folder / "erasing.json", Plan).write(Plan(number, store.website_id, "events"))
    Loader(store.engine, store.folder, lambda: NOON)
    assert store.sessions() == [(0, 0, 1, 1)]
    assert not (store.folder / "erasing.json").exists()
