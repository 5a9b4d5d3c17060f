"""What is erased leaves every table and every file; what is left is counted again."""

import msgspec
import pytest
from load.conftest import MINUTE, NOON
from load.deleting import delete_goals, delete_payments, delete_visitor, purge

from footfall.journal.blank import blank_read
from footfall.journal.job import JobWriter
from footfall.journal.reader import read_tails
from footfall.journal.segment import frame
from footfall.journal.writer import SegmentWriter
from footfall.load.batch import BatchWriter
from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.loader import Loader
from footfall.load.remove_rows import remove_rows
from footfall.model.record import EventsRecord, decode_record, encode_record

pytestmark = pytest.mark.slow

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
    assert delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup")) == 2
    assert store.sessions() == [(0, 0, 1, 1), (0, 20, 1, 2)]


@pytest.mark.parametrize(
    ("goals", "left"),
    [
        (GoalsToDelete(name="signup"), ["other"]),
        (GoalsToDelete(visitor_id=8), ["other", "signup"]),
        (GoalsToDelete(from_ms=NOON + 20 * MINUTE), ["signup"]),
        (GoalsToDelete(from_ms=NOON, to_ms=NOON + 20 * MINUTE), ["other"]),
        (GoalsToDelete(name="signup", to_ms=NOON + 10 * MINUTE), ["other", "signup"]),
    ],
)
def test_only_goals_that_pass_every_filter_go(store, goals, left):
    store.load(store.event(0), goal(store, 10), goal(store, 20, "other"))
    delete_goals(store.deleter, store.website_id, goals)
    assert [name for (name,) in store.rows("name", "events", "name") if name] == left


def test_a_session_whose_only_event_goes_counts_nowhere_and_joins_what_comes(store):
    store.load(goal(store, 0))
    delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup"))
    assert store.sessions() == [(0, 0, 0, 0)]
    store.load(store.event(10))
    assert store.sessions() == [(0, 10, 1, 1)]


def test_what_was_acknowledged_and_not_loaded_goes_too(store):
    writer = in_journal(store, store.event(0), goal(store, 1, properties=f'{{"a":"{MARKER}"}}'))
    assert delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup")) == 1
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
    assert delete_visitor(store.deleter, store.website_id, 9) == 2
    for table in ("events", "sessions FINAL", "visits"):
        assert store.rows("visitor_id", table) == [[7]]
    assert files_with(store.folder, MARKER) == []
    assert old_parts(store) == 0
    store.load(store.event(60, **mine))
    assert (60, 60, 1, 1) in store.sessions()


def set_aside(store, *marks):
    """Rows that the engine refused, of people with different ids and titles."""
    for visitor_id, mark in marks:
        rows = BatchWriter("s", 1)
        rows.add_event(store.event(0, visitor_id=visitor_id, title=mark), visitor_id, None)
        line = rows.finish({}).tables["events"]
        entry = {"token": "t", "table": "events", "reason": mark, "row": line.decode()}
        with (store.folder / "refused.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")


def test_a_persons_rows_that_were_set_aside_go_too(store):
    set_aside(store, (9, MARKER), (8, "another"))
    delete_visitor(store.deleter, store.website_id, 9)
    assert files_with(store.folder, MARKER) == []
    assert len(files_with(store.folder, "another")) == 1
    purge(store.deleter, store.website_id, NOON + 1)
    assert not (store.folder / "refused.jsonl").exists()


def test_goals_and_payments_that_were_set_aside_go_with_the_others(store):
    payment = {"name": "payment", "properties": '{"transaction_id":"t1"}', "is_server_side": True}
    for fields in (payment, {"name": "signup"}, {"name": "other"}):
        rows = BatchWriter("s", 1)
        rows.add_event(store.event(0, "track", **fields), 7, None)
        entry = {"table": "events", "row": rows.finish({}).tables["events"].decode()}
        with (store.folder / "refused.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
    delete_payments(store.deleter, store.website_id, ["t1"])
    delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup"))
    left = (store.folder / "refused.jsonl").read_text().splitlines()
    assert [line for line in left if "other" not in line] == []
    assert len(left) == 1


def test_a_running_imports_last_record_keeps_only_where_it_continues(store):
    journal = store.folder / "journal"
    job = JobWriter(journal, "7", max_bytes=10**9, min_free_bytes=0)
    for lines_done in (1, 2):
        event = store.event(lines_done, visitor_id=9, title=f"{MARKER} " * lines_done * 40)
        record = EventsRecord(received_at=NOON, via="import", events=[event], lines_done=lines_done)
        job.append([record])
    delete_visitor(store.deleter, store.website_id, 9)
    assert files_with(store.folder, MARKER) == []
    job.append([record])
    store.loader.step()
    job.close()
    again = JobWriter(journal, "7", max_bytes=10**9, min_free_bytes=0)
    assert again.recover() == 2


@pytest.mark.parametrize("length", [0, 1, 2, 3, 100, 255, 256, 257, 258, 300, 70_000])
def test_an_emptied_record_is_as_long_as_it_was(store, length):
    event = store.event(0, title="x" * length)
    record = EventsRecord(received_at=NOON, via="import", events=[event], lines_done=3)
    folder = store.folder / "journal" / "import-1-a"
    writer = SegmentWriter(folder, max_bytes=10**9, min_free_bytes=0)
    writer.append(frame(encode_record(record)))
    [tail] = read_tails(folder.parent, {}, 10**9)
    blank_read(folder.parent, {tail.writer: tail.position})
    [blanked] = read_tails(folder.parent, {}, 10**9)
    assert blanked.position == tail.position
    [left] = map(decode_record, blanked.records)
    assert (left.events, left.lines_done) == ([], 3)


def test_who_reads_blanked_records_from_the_start_finds_the_next(store):
    in_journal(store, store.event(0, visitor_id=9)).close()
    delete_visitor(store.deleter, store.website_id, 9)
    in_journal(store, store.event(5)).close()
    tails = read_tails(store.folder / "journal", {}, 10**9)
    assert [len(tail.records) for tail in tails] == [1]


def test_segments_that_a_crash_left_after_they_were_loaded_go_too(store):
    for mark in (MARKER, "another"):
        in_journal(store, store.event(0, visitor_id=9, title=mark)).close()
    folder = store.folder / "journal" / "collector-0"
    kept = {path: path.read_bytes() for path in folder.glob("*.log")}
    assert store.loader.step() == 2
    for path, data in kept.items():  # as if it had been killed before they were dropped
        path.write_bytes(data)
    delete_visitor(store.deleter, store.website_id, 9)
    assert files_with(store.folder, MARKER) == []


def test_nothing_that_is_rewritten_can_come_back_from_the_spool(store):
    """The engine forgets what it has inserted of a month that went whole."""
    store.load(store.event(0), goal(store, 1))
    store.loader.settle()
    remove_rows(store.engine, "events", f"website_id = {store.website_id}", {})
    Loader(store.engine, store.folder, lambda: NOON)  # it was killed before it was done
    assert store.rows("type", "events") == []


@pytest.mark.parametrize("is_in_place", [False, True])
def test_a_month_that_was_being_put_in_place_is_whole_at_the_next_start(store, is_in_place):
    """Killed between its two renames the engine shows a month twice."""
    store.load(store.event(0), goal(store, 1))
    run = store.engine.command
    run("CREATE TABLE rewritten AS events")
    run("INSERT INTO rewritten SELECT * FROM events WHERE name != 'signup'")
    run("ALTER TABLE rewritten MODIFY COMMENT 'events 202601'")
    if is_in_place:
        run("ALTER TABLE events ATTACH PARTITION ID '202601' FROM rewritten")
        assert store.rows("type", "events", "type") == [["page"], ["page"], ["track"]]
    Loader(store.engine, store.folder, lambda: NOON)
    assert store.rows("type", "events") == [["page"]]


def test_a_draft_that_was_being_written_is_thrown_away(store):
    store.load(store.event(0), goal(store, 1))
    store.engine.command("CREATE TABLE rewritten AS events")
    Loader(store.engine, store.folder, lambda: NOON)
    assert len(store.rows("type", "events")) == 2
    tables = "SELECT name FROM system.tables WHERE name = 'rewritten'"
    assert store.engine.query(tables).rows == []
