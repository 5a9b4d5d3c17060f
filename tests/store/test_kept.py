"""What the engine keeps in memory, and for how long."""

import subprocess
import sys

import pytest

from footfall.store.engine import Engine, EngineError

TABLES = ("events", "sessions", "visits", "payments", "ingestion", "event_ids", "quarantine")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(str(tmp_path_factory.mktemp("engine")))
    engine.migrate()
    yield engine
    engine.close()


@pytest.mark.parametrize("table", [*TABLES, "batches"])
def test_replaced_parts_are_dropped_after_seconds_and_merged_ones_are_synced_first(engine, table):
    sql = "SELECT create_table_query FROM system.tables WHERE name = {table:String}"
    (made,) = engine.query(sql + " AND database = currentDatabase()", {"table": table}).rows[0]
    assert "old_parts_lifetime = 10" in made
    assert "min_rows_to_fsync_after_merge = 1" in made


def test_replaced_parts_that_stay_are_an_error_and_their_lifetime_is_as_before(engine, monkeypatch):
    """As if a query read them all the time."""
    monkeypatch.setattr("footfall.store.engine._CLEARINGS", 0)
    with pytest.raises(EngineError, match="still on the disk"):
        engine.drop_replaced_parts("visits")
    sql = "SELECT create_table_query FROM system.tables WHERE name = 'visits'"
    assert "old_parts_lifetime = 10" in str(engine.query(sql).rows)


def test_clearing_up_drops_replaced_parts_once_their_time_is_over(engine):
    sql = "SELECT count() FROM system.parts WHERE NOT active AND table = 'event_ids'"
    for number in range(3):
        engine.insert("event_ids", b"[1,%d,1700000000]" % number, f"clear-{number}")
    engine.command("OPTIMIZE TABLE event_ids FINAL")
    assert engine.query(sql).rows[0][0] >= 3
    engine.command("ALTER TABLE event_ids MODIFY SETTING old_parts_lifetime = 0")
    engine.clear_up("event_ids")
    assert engine.query(sql).rows == [[0]]
    assert engine.query("SELECT count() FROM event_ids").rows == [[3]]


def test_what_the_engine_keeps_for_later_is_limited(engine):
    """By default these are gigabytes."""
    sql = "SELECT sum(toUInt64(value)) FROM system.server_settings WHERE changed AND name LIKE "
    assert 0 < engine.query(sql + "'%cache_size'").rows[0][0] <= 100_000_000
    changed = "SELECT name FROM system.server_settings WHERE changed AND name LIKE '%cache_size'"
    assert len(engine.query(changed).rows) == 5


def test_statements_are_not_compiled(engine):
    """That takes longer than most reports, again for each period."""
    sql = "SELECT name, value FROM system.settings WHERE name LIKE 'compile_%'"
    compiled = dict(engine.query(sql).rows)
    for what in ("expressions", "aggregate_expressions", "sort_description"):
        assert compiled[f"compile_{what}"] == "0"


def test_the_engines_allocator_returns_free_memory_by_itself():
    """In a process of its own: the allocator is configured once, when the library is loaded."""
    code = (
        "import tempfile; from footfall.store.engine import Engine;"
        "engine = Engine(tempfile.mkdtemp());"
        "print(engine.query('SELECT * FROM system.jemalloc_stats').rows[0][0])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for setting in ("background_thread: true", "dirty_decay_ms: 1000", "tcache_max: 1024"):
        assert f"opt.{setting}" in run.stdout
