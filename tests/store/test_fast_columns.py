"""The columns of sessions that every report reads are encoded so that they are read fast."""

from collections.abc import Iterator

import pytest

from footfall.store.engine import Engine
from footfall.store.schema import migrations

FAST = {
    "website_id": "CODEC(LZ4)",
    "started_at": "CODEC(Delta(8), LZ4)",
    "session_id": "CODEC(LZ4)",
    "visitor_id": "CODEC(LZ4)",
    "bot": "CODEC(LZ4)",
    "last_event_at": "CODEC(LZ4)",
    "pageviews": "CODEC(LZ4)",
    "counted_events": "CODEC(LZ4)",
    "engaged_ms": "CODEC(LZ4)",
}
NUMBER = 7
"""The migration that made them fast."""
CODECS = (
    "SELECT name, type, compression_codec FROM system.columns WHERE table = 'sessions'"
    " AND database = currentDatabase() ORDER BY position"
)


def rows_of(engine: Engine, columns: list[str]) -> list[list[object]]:
    return engine.query(
        f"SELECT {', '.join(columns)} FROM sessions FINAL WHERE website_id = 7 ORDER BY session_id"
    ).rows


def columns_of(engine: Engine) -> list[str]:
    return [name for name, _, _ in engine.query(CODECS).rows]


@pytest.fixture(scope="module")
def older(location: str) -> Iterator[Engine]:
    """A store as the version before left it, with two months of sessions."""
    engine = Engine(location)
    engine.migrate()
    engine.command("DROP TABLE sessions SYNC")
    for (number, _), statement in migrations():
        if number < NUMBER and " sessions" in statement.split("\n")[0]:
            engine.command(statement)
    engine.command(f"ALTER TABLE migrations DELETE WHERE number >= {NUMBER}")
    engine.command(
        "INSERT INTO sessions (website_id, started_at, session_id, visitor_id, version, pageviews,"
        " counted_events, engaged_ms, entry_page) SELECT 7, fromUnixTimestamp64Milli(1767268800000"
        " + toInt64(number) * 40000000), number, 4294967296 * number, 1, 4294967295 - number, 9,"
        " 1099511627776, concat('/', toString(number)) FROM numbers(100)"
    )
    yield engine
    engine.close()


def test_an_older_stores_sessions_stay_as_they_are_and_become_fast_when_merged(
    older: Engine,
) -> None:
    names = columns_of(older)
    types = [(name, kind) for name, kind, _ in older.query(CODECS).rows]
    before = rows_of(older, names)
    assert len(before) == 100
    assert older.needs_migration()
    assert older.migrate() == []
    assert not older.needs_migration()
    columns = [row for row in older.query(CODECS).rows if row[0] in names]
    assert [(name, kind) for name, kind, _ in columns] == types
    assert {name: codec for name, _, codec in columns if name in FAST} == FAST
    assert rows_of(older, names) == before
    older.insert("sessions", b'[7,"2026-01-01 12:00:00.000",999,5,2,0]', "newer")
    older.command("OPTIMIZE TABLE sessions FINAL")
    assert rows_of(older, names)[:100] == before
    assert older.query("SELECT visitor_id FROM sessions FINAL WHERE session_id = 999").rows == [[5]]


def test_a_migration_that_was_killed_before_it_was_noted_runs_again(older: Engine) -> None:
    older.migrate()
    before = rows_of(older, columns_of(older))
    older.command(f"ALTER TABLE migrations DELETE WHERE number = {NUMBER}")
    assert older.needs_migration()
    older.migrate()
    assert rows_of(older, columns_of(older)) == before
