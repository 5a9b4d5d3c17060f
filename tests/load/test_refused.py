"""Rows that the store refuses: a few are set aside, and a store that refuses many stops the
loading, which loses nothing and goes on when the store is as it should be."""

import random

import msgspec
import pytest
from fault import FAULTS
from load.conftest import NOON, write_journal

from footfall.damage import DamageLog
from footfall.durable import sum_path
from footfall.load.loader import Loader
from footfall.load.refuse import (
    MAX_REFUSED,
    ManyRefused,
    check_refused,
    drop_refused,
    insert_all,
    read_entry,
    write_refused,
)
from footfall.load.sample import sample_row
from footfall.load.time_text import TIME_PLACES
from footfall.store.engine import EngineError

NEVER = 10**12  # minutes: a time that no calendar has


@pytest.fixture
def changed(store):
    """Changes a column of a table, and puts it back in the end."""
    done = []

    def change(table, column, kind, back):
        store.engine.command(f"ALTER TABLE {table} MODIFY COLUMN {column} {kind}")
        done.append(f"ALTER TABLE {table} MODIFY COLUMN {column} {back}")

    def mend():
        while done:
            store.engine.command(done.pop())

    change.back = mend  # type: ignore[attr-defined]
    yield change
    mend()


def refused(store):
    path = store.folder / "refused.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line) for line in lines]


@pytest.mark.parametrize("count", [1, 3, MAX_REFUSED, MAX_REFUSED + 1, 200])
def test_a_store_that_refuses_every_row_stops_the_loading_and_loses_none(store, changed, count):
    changed("events", "title", "UInt32", "LowCardinality(String)")
    write_journal(store.folder, *(store.event(n / 10, title="a title") for n in range(count)))
    for _ in range(2):
        with pytest.raises(ManyRefused, match="table events, column title"):
            store.loader.step()
        assert not refused(store)
        assert store.loader.backlog_bytes() > 0
    changed.back()
    loader = Loader(store.engine, store.folder, lambda: NOON)
    while loader.step():
        pass
    assert store.rows("count(), uniqExact(seq)", "events") == [[count, count]]
    assert not refused(store)
    assert loader.backlog_bytes() == 0


def test_the_reason_holds_no_value_of_a_row(store, changed):
    changed("events", "title", "UInt32", "LowCardinality(String)")
    with pytest.raises(ManyRefused) as caught:
        store.load(store.event(0, title="a secret title", path="/secret"))
    assert "secret" not in caught.value.reason
    assert "code 27" in caught.value.reason or "code 72" in caught.value.reason


def test_a_table_that_refuses_a_part_of_the_rows_stops_the_loading_beyond_the_bound(store, changed):
    """Only titles that are not numbers are refused: 30 of 60."""
    changed("events", "title", "UInt32", "LowCardinality(String)")
    events = [store.event(n / 10, title="a" if n % 2 else "5") for n in range(60)]
    with pytest.raises(ManyRefused, match=f"more than {MAX_REFUSED} rows"):
        store.load(*events)
    assert store.rows("count()", "events") == [[0]]
    changed.back()
    Loader(store.engine, store.folder, lambda: NOON)
    assert store.rows("count(), uniqExact(seq)", "events") == [[60, 60]]


@pytest.mark.parametrize("bad", [(0,), (5,), (29,), (0, 29), (3, 4, 5, 6), tuple(range(20))])
def test_a_few_bad_rows_are_set_aside_once_and_the_others_stored_once(store, bad):
    events = [store.event(NEVER + n if n in bad else n / 10, title=f"t{n}") for n in range(30)]
    store.load(*events)
    expected = sorted(f"t{n}" for n in range(30) if n not in bad)
    for _ in range(3):
        assert [title for (title,) in store.rows("title", "events")] == expected
        aside = [entry for entry in refused(store) if entry["table"] == "events"]
        assert len(aside) == len(bad)
        assert all(entry["reason"] for entry in aside)
        Loader(store.engine, store.folder, lambda: NOON)  # as after a crash: it is sent again


def test_a_single_bad_row_is_set_aside_even_if_its_batch_has_no_other(store):
    store.load(store.event(NEVER))
    store.load(store.event(0))
    assert store.rows("count()", "events") == [[1]]
    assert [entry["table"] for entry in refused(store)].count("events") == 1


def test_a_crash_after_rows_were_set_aside_stores_the_others_once(store):
    row = b'[%d,%d,"2026-01-01 12:00:00.000",%d]'
    rows = [row % (store.website_id, n, n) for n in range(40)]
    rows[7] = rows[7].replace(b",7,", b',"seven",')
    path = store.folder / "refused.jsonl"
    token = f"crash-{store.website_id}"

    class Killed(Exception):
        pass

    class Dying:
        """The engine of a process that dies after some inserts."""

        left = 2

        def insert(self, *words):
            store.engine.insert(*words)
            self.left -= 1
            if not self.left:
                raise Killed

        def try_insert(self, *words):
            store.engine.try_insert(*words)

        def command(self, *words):
            store.engine.command(*words)

    for _ in range(3):
        with pytest.raises(Killed):
            insert_all(Dying(), "visits", b"\n".join(rows), token, path)
    insert_all(store.engine, "visits", b"\n".join(rows), token, path)
    assert store.rows("count(), uniqExact(visitor_id)", "visits") == [[39, 39]]
    assert len(refused(store)) == 1


@pytest.mark.parametrize("left", [0.3, 0.5, 0.8])
def test_rows_that_a_power_cut_took_out_of_the_file_are_set_aside_again(store, left):
    row = b'[%d,%d,"2026-01-01 12:00:00.000",%d]'
    rows = [row % (store.website_id, n, n) for n in range(12)]
    for n in (3, 8):
        rows[n] = rows[n].replace(b",%d," % n, b',"x%d",' % n)
    path = store.folder / "refused.jsonl"

    class PowerCut(Exception):
        pass

    class Dying:
        """The engine of a process that dies when rows were set aside, and before it goes on."""

        def insert(self, *words):
            if path.exists():
                raise PowerCut
            store.engine.insert(*words)

        def try_insert(self, *words):
            store.engine.try_insert(*words)

        def command(self, *words):
            store.engine.command(*words)

    token = f"cut-{store.website_id}"
    with pytest.raises(PowerCut):
        insert_all(Dying(), "visits", b"\n".join(rows), token, path)
    sum_path(path).unlink()
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * left)])
    for _ in range(2):
        insert_all(store.engine, "visits", b"\n".join(rows), token, path)
        assert store.rows("count(), uniqExact(visitor_id)", "visits") == [[10, 10]]
        entries = [read_entry(line) for line in path.read_bytes().splitlines()]
        assert sorted(entry["row"] for entry in entries if entry) == [
            rows[3].decode(),
            rows[8].decode(),
        ]


def test_a_row_set_aside_is_not_stored_when_its_batch_is_sent_to_a_store_that_takes_it(
    store, changed
):
    """Else it would be stored twice once it is reloaded."""
    changed("visits", "client_session", "UInt8", "UInt64")
    row = b'[%d,%d,"2026-01-01 12:00:00.000",%d,%s]'
    rows = [row % (store.website_id, n, n, b'"x"' if n == 3 else b"1") for n in range(9)]
    token, path = f"later-{store.website_id}", store.folder / "refused.jsonl"
    assert insert_all(store.engine, "visits", b"\n".join(rows), token, path) == 1
    rows[3] = rows[3].replace(b'"x"', b"1")
    assert insert_all(store.engine, "visits", b"\n".join(rows), token, path) == 0
    assert store.rows("visitor_id", "visits") == [[n] for n in range(9) if n != 3]


def test_the_journal_of_batches_is_never_set_aside(store, changed):
    changed("batches", "positions", "UInt32", "String")
    with pytest.raises(ManyRefused, match="table batches"):
        store.load(store.event(0))
    assert not refused(store)


@pytest.mark.parametrize("table", [*TIME_PLACES, "batches"])
def test_a_sample_row_is_taken_by_its_table_and_not_stored(store, table):
    before = store.engine.query(f"SELECT count() FROM {table}").rows
    store.engine.try_insert(table, sample_row(table))
    assert store.engine.query(f"SELECT count() FROM {table}").rows == before


def test_a_missing_table_is_not_the_rows_fault(store):
    write_journal(store.folder, store.event(0, event_id=5))
    for table in ("visits", "events", "event_ids", "ingestion"):
        store.engine.command(f"RENAME TABLE {table} TO {table}_away")
        try:
            for _ in range(2):
                with pytest.raises(EngineError, match=table):
                    store.loader.step()
            assert not refused(store)
        finally:
            store.engine.command(f"RENAME TABLE {table}_away TO {table}")
    store.loader.step()
    assert store.rows("count()", "visits") == [[1]]
    assert store.rows("count()", "events") == [[1]]


@pytest.mark.parametrize("kind", FAULTS)
def test_damage_to_rows_that_were_set_aside_is_reported(tmp_path, kind):
    path = tmp_path / "refused.jsonl"
    lines = [b'{"token":"a-1","table":"events","reason":"","row":"[%d]"}\n' % n for n in range(9)]
    for seed in range(20):
        write_refused(path, lines)
        damage = DamageLog(tmp_path, lambda: 0)
        found = len(damage.entries())
        check_refused(path, damage)
        assert len(damage.entries()) == found
        FAULTS[kind](path, random.Random(seed))
        check_refused(path, damage)
        assert damage.entries()
        damage.mark_seen()


def test_taking_rows_out_of_what_was_set_aside_is_not_damage(tmp_path):
    path = tmp_path / "refused.jsonl"
    row = b'{"token":"a-1","table":"events","reason":"","row":"[%d]"}\n'
    write_refused(path, [row % 1, row % 2])
    for website_id in (1, 2):
        drop_refused(path, lambda each, gone=website_id: each.website_id == gone)
        check_refused(path, damage := DamageLog(tmp_path, lambda: 0))
        assert damage.entries() == []
    assert list(tmp_path.iterdir()) == []
