"""The engine's pool: slow questions keep neither the loader nor the server's end waiting."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.store.engine import Engine, EngineError

READERS = 2
FOREVER = "SELECT sum(cityHash64(number)) FROM numbers(60000000000)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: a process has one embedded engine."""
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    engine = Engine(str(folder), readers=READERS)
    engine.migrate()
    yield engine
    engine.close()


def test_the_loader_finds_a_client_while_every_reader_is_busy_and_queries_can_be_ended(engine):
    errors: list[str] = []

    def ask() -> None:
        try:
            engine.query(FOREVER)
        except EngineError as error:
            errors.append(str(error))

    askers = [threading.Thread(target=ask, daemon=True) for _ in range(READERS)]
    for asker in askers:
        asker.start()
    assert engine.query("SELECT 1").rows == [[1]]
    for asker in askers:
        while asker.is_alive():
            engine.end_queries()  # again, for the one that had not begun yet
            asker.join(0.1)
    assert len(errors) == READERS
    assert "cancelled" in errors[0].lower()
    for _ in range(2 * READERS):
        assert engine.query("SELECT 1").rows == [[1]], "nothing is left of what was ended"


def test_a_query_that_fails_half_way_leaves_nothing_in_the_next_answer(engine):
    for _ in range(READERS + 1):
        with pytest.raises(EngineError):
            engine.query("SELECT throwIf(number = 1000000) FROM numbers(2000000)")
        assert engine.query("SELECT 1").rows == [[1]]


def test_a_first_start_that_was_killed_before_it_noted_its_work_is_done_again(engine):
    engine.command("TRUNCATE TABLE migrations")
    engine.command("DROP TABLE event_ids")
    engine.migrate()
    assert engine.query("SELECT count() FROM event_ids").rows == [[0]]
    assert engine.query("SELECT count() > 5 FROM migrations").rows == [[1]]


def test_a_closed_engine_refuses_who_asks_instead_of_letting_them_wait(folder):
    closed = Engine(str(folder), readers=1)
    closed.close()
    errors = []

    def ask() -> None:
        try:
            closed.query("SELECT 1")
        except EngineError as error:
            errors.append(str(error))

    askers = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    assert errors == ["the engine is closed"] * 3
