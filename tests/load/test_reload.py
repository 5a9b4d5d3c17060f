"""Rows that were set aside are loaded again: each once, whatever interrupts it."""

import msgspec
import pytest
from load.conftest import NOON
from load.deleting import delete_visitor, prepare_visitor, remove_website
from load.test_times import one_of_each, with_numbers

from footfall.load.loader import Loader
from footfall.load.refuse import insert_all
from footfall.load.reload import Reloaded
from footfall.load.spool import Spool
from footfall.model.errors import Unavailable
from footfall.store.engine import EngineError

ROW = b'[%d,%d,"2026-01-01 12:00:00.000",%d]'


class Killed(Exception):
    pass


def refuse(store, bad, count=12):
    """Load visits, of which some are set aside, and then correct those in the file, as if the
    store took them now."""
    rows = [ROW % (store.website_id, n, n) for n in range(count)]
    for n in bad:
        rows[n] = rows[n].replace(b",%d," % n, b',"x%d",' % n, 1)
    path = store.folder / "refused.jsonl"
    insert_all(store.engine, "visits", b"\n".join(rows), f"reload-{store.website_id}", path)


def mend(store, which):
    path = store.folder / "refused.jsonl"
    text = path.read_text()
    for n in which:
        text = text.replace(f'\\"x{n}\\"', str(n))
    path.write_text(text)


def visitors(store):
    return [visitor for (visitor,) in store.rows("visitor_id", "visits", "visitor_id")]


def left(store):
    path = store.folder / "refused.jsonl"
    return len(path.read_bytes().splitlines()) if path.exists() else 0


def test_rows_are_not_loaded_while_a_delete_writes_drafts_which_would_not_have_them(store):
    refuse(store, (5,))
    mend(store, (5,))
    prepared = prepare_visitor(store.deleter, store.website_id, 3)
    with pytest.raises(Unavailable):
        store.loader.reload_refused()
    store.deleter.finish(prepared)
    store.deleter.clean(prepared.deletion)
    assert store.loader.reload_refused() == Reloaded(1, 0)
    assert visitors(store) == [n for n in range(12) if n != 3]


def prepare_again(deleter, prepared):
    deleter.prepare(prepared.deletion)


def finish(deleter, prepared):
    try:
        deleter.finish(prepared)
    except EngineError:
        deleter.abandon(prepared)
        raise


@pytest.mark.parametrize("step", [prepare_again, finish])
def test_rows_are_loaded_after_a_delete_that_failed(store, step):
    refuse(store, (5,))
    mend(store, (5,))
    prepared = prepare_visitor(store.deleter, store.website_id, 3)
    store.engine.command("RENAME TABLE payments TO hidden")
    try:
        with pytest.raises(EngineError):
            step(store.deleter, prepared)
    finally:
        store.engine.command("RENAME TABLE hidden TO payments")
    assert store.loader.reload_refused() == Reloaded(1, 0)
    assert visitors(store) == list(range(12))


def test_rows_that_the_store_takes_now_are_loaded_once_and_the_others_stay(store):
    refuse(store, (2, 5, 9))
    mend(store, (2, 9))
    assert store.loader.reload_refused() == Reloaded(2, 1)
    for _ in range(2):
        assert visitors(store) == [n for n in range(12) if n != 5]
        assert left(store) == 1
        assert store.loader.reload_refused() == Reloaded(0, 1)
        store.loader = Loader(store.engine, store.folder, lambda: NOON)
    mend(store, (5,))
    assert store.loader.reload_refused() == Reloaded(1, 0)
    assert visitors(store) == list(range(12))
    assert left(store) == 0


def test_without_rows_set_aside_nothing_happens(store):
    assert store.loader.reload_refused() == Reloaded(0, 0)


def test_a_row_that_was_noted_twice_is_loaded_once(store):
    refuse(store, (3,))
    mend(store, (3,))
    path = store.folder / "refused.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    assert store.loader.reload_refused() == Reloaded(1, 0)
    assert visitors(store) == list(range(12))
    assert left(store) == 0


def test_a_line_that_a_crash_cut_short_stays_and_stops_nothing(store):
    refuse(store, (3, 4))
    mend(store, (3, 4))
    path = store.folder / "refused.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    assert store.loader.reload_refused() == Reloaded(1, 1)
    assert left(store) == 1


@pytest.mark.parametrize("after", range(6))
def test_a_kill_midway_neither_loses_nor_doubles(store, after):
    """It dies after so many steps that write: the spool, the list, the inserts."""
    refuse(store, (2, 5, 9))
    mend(store, (2, 5, 9))
    engine = store.engine

    class Dying:
        """The engine of a process that dies after some writes."""

        steps = after

        def __getattr__(self, name):
            return getattr(engine, name)

        def insert(self, *words):
            if not self.steps:
                raise Killed
            self.steps -= 1
            engine.insert(*words)

    store.loader._engine = Dying()
    kept = (store.folder / "refused.jsonl").read_bytes()
    try:
        store.loader.reload_refused()
    except Killed:
        if after == 0:  # also as if it had died between the spool and the list
            (store.folder / "refused.jsonl").write_bytes(kept)
    loader = Loader(engine, store.folder, lambda: NOON)
    loader.reload_refused()
    assert visitors(store) == list(range(12))
    assert left(store) == 0


def test_what_the_version_before_set_aside_as_numbers_is_loaded(store):
    """On a server before 26.9 that was every row, and the spool holds the newest batch."""
    store.loader.load_records(one_of_each(store))
    batch = Spool(store.folder / "spool").read().batch
    tables = ("events", "sessions", "visits", "payments", "event_ids", "quarantine")
    before = {table: sorted(map(str, store.rows("*", table))) for table in tables}
    remove_website(store.deleter, store.website_id)
    number = Spool(store.folder / "spool").read().batch.number + 1
    token = f"older-{number}"
    older = {name: with_numbers(name, lines) for name, lines in batch.tables.items()}
    with (store.folder / "refused.jsonl").open("ab") as file:
        for table in tables:
            rows = older[table].split(b"\n")
            for row, path in zip(rows, _paths(len(rows)), strict=True):
                entry = {"token": token + path, "table": table, "reason": "", "row": row.decode()}
                file.write(msgspec.json.encode(entry) + b"\n")
    batch = msgspec.structs.replace(batch, series="older", number=number, tables=older)
    Spool(store.folder / "spool").write(batch)
    loader = Loader(store.engine, store.folder, lambda: NOON)
    assert store.rows("count()", "events") == [[0]], "what is set aside is not sent again"
    for _ in range(2):
        loader.reload_refused()
        for table in tables:
            assert sorted(map(str, store.rows("*", table))) == before[table], table
        assert left(store) == 0
        loader = Loader(store.engine, store.folder, lambda: NOON)


def _paths(count):
    """What the halves of a block are called until each is one row."""
    if count == 1:
        return [""]
    middle = count // 2
    return ["a" + path for path in _paths(middle)] + ["b" + path for path in _paths(count - middle)]


def test_erased_people_do_not_come_back(store):
    refuse(store, (2, 5))
    mend(store, (2, 5))
    delete_visitor(store.deleter, store.website_id, 5)
    assert store.loader.reload_refused() == Reloaded(1, 0)
    assert visitors(store) == [n for n in range(12) if n != 5]
