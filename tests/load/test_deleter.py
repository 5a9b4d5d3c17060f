"""Deletes beside loading: what comes while drafts are written is neither lost nor doubled, a kill
at any point leaves all or nothing, and a delete that fails holds up nothing else."""

import random
from contextlib import contextmanager

import pytest
from fault import FAULTS
from load.conftest import MINUTE, NOON
from load.deleting import delete_goals, prepare_payments, prepare_visitor, remove_website
from load.test_owner import pay

from footfall.damage import DamageLog
from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.deleter import Deleter
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.load.draft import PREFIX, put_in_place
from footfall.load.loader import Loader
from footfall.model.errors import Unavailable
from footfall.store.engine import EngineError

pytestmark = pytest.mark.slow

SIGNUPS = GoalsToDelete(name="signup")
DAY = 24 * 60
WEEK = 7 * DAY
TABLES = ("events", "sessions", "visits", "payments", "ingestion", "event_ids")


class KilledError(Exception):
    """Raised instead of a kill: this loader does nothing more."""


def goal(store, minute, name="signup", **fields):
    return store.event(minute, "track", name=name, **fields)


def drafts(store):
    found = "SELECT name FROM system.tables WHERE startsWith(name, {prefix:String})"
    return store.engine.query(found, {"prefix": PREFIX}).rows


def merge(store):
    """What the engine does in its own time."""
    for table in TABLES:
        store.engine.command(f"OPTIMIZE TABLE {table} FINAL")


def load_much(store):
    """Of several visitors, in two months; visitor 7 has a goal and a payment."""
    store.load(store.event(0), goal(store, 1), store.event(-WEEK), store.event(2, visitor_id=8))
    store.load(goal(store, -WEEK + 1), store.event(-WEEK, visitor_id=9, event_id=5))
    pay(store, 3, "t1", visitor_id=7)
    pay(store, -WEEK + 3, "t2", visitor_id=9)


def load_meanwhile(store):
    """A session goes on, others begin, one of them in the past; payments are posted, one of them
    a second time."""
    store.load(store.event(5), store.event(6, visitor_id=8), store.event(7, visitor_id=10))
    store.load(goal(store, 8, "other", visitor_id=10), store.event(-WEEK + 5, visitor_id=9))
    store.load(store.event(-WEEK + 200, visitor_id=9), store.event(-5 * WEEK, visitor_id=11))
    store.load(goal(store, 9, visitor_id=8), store.event(9, visitor_id=8, event_id=6))
    pay(store, 3, "t1", visitor_id=7, is_rate_estimated=True)
    pay(store, -WEEK + 3, "t2")  # it no longer has a visitor
    pay(store, 10, "t3", visitor_id=8)


STORED = {
    "events": (
        "visitor_id, type, name, path, toUnixTimestamp64Milli(occurred_at),"
        " toUnixTimestamp64Milli(report_at), session_id"
    ),
    "sessions FINAL": (
        "visitor_id, session_id, pageviews, counted_events, toUnixTimestamp64Milli(last_event_at)"
    ),
    "visits": "visitor_id, session_id",
    "payments FINAL": "movement_id, visitor_id, is_rate_estimated",
    "ingestion FINAL": "outcome, hits",
    "event_ids": "DISTINCT event_id",
}


def contents(store):
    return {table: sorted(store.rows(columns, table)) for table, columns in STORED.items()}


def begin_visitor(deleter, store):
    return prepare_visitor(deleter, store.website_id, 9)


def begin_goals(deleter, store):
    return deleter.prepare_goals(store.website_id, SIGNUPS)


def begin_payments(deleter, store):
    return prepare_payments(deleter, store.website_id, ["t1"])


KINDS = [begin_visitor, begin_goals, begin_payments]
MERGED_OR_NOT = pytest.mark.parametrize("merges", [False, True], ids=["as-inserted", "merged"])


def prepare(store, begin, *, merges=False):
    """A delete whose drafts are written, with rows that arrived after that."""
    load_much(store)
    prepared = begin(store.deleter, store)
    load_meanwhile(store)
    if merges:
        merge(store)
    return prepared


def finish(store, prepared):
    """How many were deleted."""
    found = store.deleter.finish(prepared)
    store.deleter.clean(prepared.deletion)
    return found


def without(rows, place, *values):
    return [row for row in rows if row[place] not in values]


@pytest.mark.sample(1)
@MERGED_OR_NOT
def test_a_person_goes_with_what_came_of_them_meanwhile_and_all_else_stays(store, merges):
    prepared = prepare(store, begin_visitor, merges=merges)
    expected = contents(store)
    for table, place in (("events", 0), ("sessions FINAL", 0), ("visits", 0)):
        expected[table] = without(expected[table], place, 9)
    assert finish(store, prepared) == 3
    assert contents(store) == expected
    assert drafts(store) == []


@pytest.mark.sample(1)
@MERGED_OR_NOT
def test_goals_go_that_were_there_when_the_delete_was_asked_for(store, merges):
    prepared = prepare(store, begin_goals, merges=merges)
    expected = contents(store)["events"]
    assert finish(store, prepared) == 2
    left = contents(store)
    assert left["events"] == [
        row for row in expected if row[2] != "signup" or row[0] == 8
    ]  # visitor 8's came meanwhile
    counted = {row[0]: row[2:4] for row in left["sessions FINAL"] if row[4] >= NOON}
    assert counted == {7: [2, 2], 8: [3, 4], 10: [1, 2]}
    store.load(store.event(20))
    sessions = contents(store)["sessions FINAL"]
    assert [row[2:4] for row in sessions if row[0] == 7 and row[4] >= NOON] == [[3, 3]]


@pytest.mark.sample(1)
@MERGED_OR_NOT
def test_a_payment_that_is_posted_again_meanwhile_goes_with_its_goal(store, merges):
    prepared = prepare(store, begin_payments, merges=merges)
    expected = contents(store)
    expected["payments FINAL"] = without(expected["payments FINAL"], 0, "t1")
    payment_of_7 = [row for row in expected["events"] if row[0] == 7 and row[2] == "payment"]
    assert len(payment_of_7) == 1
    expected["events"].remove(*payment_of_7)
    assert finish(store, prepared) == 1
    assert contents(store) == expected


@pytest.mark.sample(1)
@MERGED_OR_NOT
def test_retention_keeps_what_comes_while_it_runs(store, merges):
    load_much(store)
    before = NOON - DAY * MINUTE
    for step in store.deleter.steps_to_purge(store.website_id, before):
        step()
    steps = store.deleter.steps_to_purge(store.website_id, NOON + DAY * MINUTE)
    assert steps
    load_meanwhile(store)
    if merges:
        merge(store)
    for step in steps:
        step()
    left = contents(store)
    assert left["ingestion FINAL"] == []
    # of months in which nothing was old when it began:
    assert [row[0] for row in left["payments FINAL"]] == ["t2"]
    assert {row[0] for row in left["visits"]} <= {9, 11}
    remove_website(store.deleter, store.website_id)
    assert not any(contents(store).values())


# Kills


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("done", [0, 1, 99])
def test_a_swap_that_was_killed_is_finished_before_anything_is_inserted(store, kind, done):
    prepared = prepare(store, kind)

    def gate():
        put_in_place(store.engine, prepared.deletion.swaps[:done])
        raise KilledError

    with pytest.raises(KilledError):
        store.deleter.finish(prepared, gate)
    store.open()
    after = contents(store)
    [begun] = store.deleter.files.all()
    assert begun.phase == "swapped"
    if kind is begin_visitor:
        assert 9 not in {row[0] for table in ("events", "visits") for row in after[table]}
    elif kind is begin_goals:
        assert {row[0] for row in after["events"] if row[2] == "signup"} == {8}
    else:
        assert [row[0] for row in after["payments FINAL"]] == ["t2", "t3"]
    store.deleter.clean(begun)
    assert contents(store) == after
    assert (drafts(store), store.deleter.files.all()) == ([], [])
    store.load(store.event(20, visitor_id=12))
    assert len(contents(store)["events"]) == len(after["events"]) + 1


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", [begin_visitor, begin_goals])
def test_a_swap_that_fails_once_is_finished_by_the_next_batch_which_sees_what_went(store, kind):
    """The loader keeps sessions in memory: after the swap it has to read them again."""
    load_much(store)
    prepared = kind(store.deleter, store)

    def gate():
        raise EngineError("the store is away for a moment")

    with pytest.raises(EngineError):
        store.deleter.finish(prepared, gate)
    store.load(store.event(20), store.event(-WEEK + 20, visitor_id=9))
    [begun] = store.deleter.files.all()
    assert begun.phase == "swapped"
    counted = {(row[0], row[4] >= NOON): row[2:4] for row in contents(store)["sessions FINAL"]}
    if kind is begin_goals:
        assert (counted[7, True], counted[9, False]) == ([2, 2], [2, 2])
    else:
        assert (counted[7, True], counted[9, False]) == ([2, 3], [1, 1])


def test_a_batch_that_could_not_be_sent_is_not_lost_at_a_start_after_a_swap(store):
    load_much(store)
    prepared = begin_visitor(store.deleter, store)
    store.deleter.finish(prepared)
    expected = contents(store)["ingestion FINAL"]
    store.engine.command("RENAME TABLE ingestion TO hidden")
    try:
        with pytest.raises(EngineError):
            store.load(store.event(20, visitor_id=12))
        store.open()
    finally:
        store.engine.command("RENAME TABLE hidden TO ingestion")
    store.load(store.event(20, visitor_id=13))
    after = contents(store)
    assert after["ingestion FINAL"] == [[name, hits + 2] for name, hits in expected]
    assert {row[0] for row in after["visits"]} >= {12, 13}


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", KINDS)
def test_a_delete_that_was_killed_before_it_swapped_has_changed_nothing(store, kind):
    prepare(store, kind)
    before = contents(store)
    store.open()
    assert contents(store) == before
    assert (drafts(store), store.deleter.files.all()) == ([], [])


# What cannot be carried out


def break_one_swap(prepared, store):
    """One table's draft is gone, so the engine refuses the swap of that table."""

    @contextmanager
    def gate():
        store.engine.command(f"DROP TABLE {prepared.deletion.swaps[-1].draft} SYNC")
        yield

    return gate


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", KINDS)
def test_a_swap_that_fails_is_put_aside_and_loading_and_other_deletes_go_on(store, kind):
    load_much(store)
    prepared = kind(store.deleter, store)
    with pytest.raises(EngineError):
        store.deleter.finish(prepared, break_one_swap(prepared, store))
    store.load(store.event(20, visitor_id=12), goal(store, 21, "other", visitor_id=12))
    [waiting] = store.deleter.files.all()
    assert (waiting.phase, waiting.error != "") == ("waiting", True)
    other = GoalsToDelete(name="other")
    assert delete_goals(store.deleter, store.website_id, other) == 1
    [waiting] = store.deleter.files.all()
    finish(store, store.deleter.prepare(waiting))
    assert store.deleter.files.all() == []
    left = contents(store)
    assert [row[2:4] for row in left["sessions FINAL"] if row[0] == 12] == [[1, 1]]
    if kind is begin_visitor:
        assert 9 not in {row[0] for table in ("events", "visits") for row in left[table]}
    elif kind is begin_goals:
        assert "signup" not in {row[2] for row in left["events"]}
        assert sorted(row[3] for row in left["sessions FINAL"]) == [1, 1, 1, 1, 1]
    else:
        assert [row[0] for row in left["payments FINAL"]] == ["t2"]


def test_a_table_that_cannot_be_read_fails_the_delete_and_changes_nothing(store):
    load_much(store)
    before = contents(store)
    store.engine.command("RENAME TABLE visits TO hidden")
    try:
        with pytest.raises(EngineError):
            begin_visitor(store.deleter, store)
        store.loader.settle()  # batches go on
        assert begin_goals(store.deleter, store).found == 2
    finally:
        store.engine.command("RENAME TABLE hidden TO visits")
    assert contents(store) == before


def test_a_delete_that_would_fill_the_disk_says_so_and_changes_nothing(store):
    load_much(store)
    before = contents(store)
    deleter = Deleter(store.engine, store.folder, store.loader, min_free_bytes=10**18)
    with pytest.raises(Unavailable, match=r"needs .* MB of disk space, .* make room"):
        delete_goals(deleter, store.website_id, SIGNUPS)
    assert (contents(store), drafts(store)) == (before, [])
    assert delete_goals(deleter, store.website_id, GoalsToDelete(name="unknown")) == 0


# Files


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", ["000000000009.json", "000000000009.copy"])
def test_damage_to_one_of_a_deletions_files_costs_nothing(tmp_path, kind, name):
    files = DeletionFiles(tmp_path)
    for seed in range(20):
        deletion = Deletion(number=9, website_id=1, what="visitor", visitor_id=12345678)
        files.write(deletion)
        FAULTS[kind](tmp_path / "erasing" / name, random.Random(seed))
        damage = DamageLog(tmp_path, lambda: 1)
        files.report_unreadable(damage)
        assert files.all() == [deletion]
        assert bool(damage.entries()) == (kind != "delete")  # a crash leaves one file, too
        files.remove(deletion)
        assert files.all() == []


def test_a_file_that_cannot_be_read_is_reported_and_put_aside(store):
    folder = store.folder / "erasing"
    folder.mkdir()
    (folder / "000000000009.json").write_bytes(b'{"number":9,"wh')
    store.open()
    [found] = store.loader.damage.unseen()
    assert (found.part, found.file) == ("deletes", "erasing/000000000009.json")
    assert store.deleter.files.all() == []
    store.open()
    assert len(store.loader.damage.unseen()) == 1


def test_what_an_older_version_had_begun_is_taken_over(store):
    (store.folder / "erasing.json").write_text('{"number":3,"website_id":7,"what":"payments"}')
    (store.folder / "deleting.json").write_text(
        '{"website_id":7,"actor":"a","transaction_ids":["t1"],"movement_ids":["t1"]}'
    )
    store.open()
    [begun] = store.deleter.files.all()
    assert begun == Deletion(
        number=1,
        website_id=7,
        what="payments",
        actor="a",
        transaction_ids=["t1"],
        movement_ids=["t1"],
    )
    assert not list(store.folder.glob("*ing.json"))


def test_an_older_loader_knows_nothing_of_the_next_batch(store):
    """The numbers that a delete uses up are never a batch's."""
    load_much(store)
    delete_goals(store.deleter, store.website_id, SIGNUPS)
    [[newest]] = store.engine.query("SELECT max(version) FROM sessions").rows
    store.open()
    assert isinstance(store.loader, Loader)
    assert store.loader.settle() > newest
