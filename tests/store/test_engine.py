"""The engine's pool: slow questions keep neither the loader nor the server's end waiting."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import pytest
from selection import IS_ALL

from footfall.memory import memory_limit
from footfall.store.engine import READER_SETTINGS, Engine, EngineError, large_reader_settings
from footfall.store.error import QueryCancelled
from footfall.store.reader import CancellableReader

READERS = 2
FOREVER = "SELECT sum(cityHash64(number)) FROM numbers(60000000000)"
COUNTED = "SELECT sum(cityHash64(number)) FROM numbers({count:UInt64})"
COUNT = {"count": 60_000_000_000}
LONG = [
    pytest.param(FOREVER, None, id="no parameters"),
    # the embedded engine lists such a statement as it has understood it
    pytest.param(COUNTED, COUNT, id="parameters"),
    pytest.param(f"\nWITH\n    1 AS one\n{COUNTED}", COUNT, id="expressions"),
]


@pytest.fixture(scope="module")
def engine(location: str) -> Iterator[Engine]:
    engine = Engine(location, readers=READERS)
    engine.migrate()
    yield engine
    engine.close()


def test_the_loader_finds_a_client_while_every_reader_is_busy_and_queries_can_be_ended(engine):
    errors: list[str] = []

    def ask() -> None:
        try:
            engine.reader("reports").query(FOREVER)
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
        assert engine.reader("reports").query("SELECT 1").rows == [[1]], (
            "nothing is left of what was ended"
        )


@pytest.mark.parametrize(("sql", "params"), LONG)
def test_a_draft_that_is_being_written_can_be_ended(engine, sql, params):
    """Else it would keep a server from stopping."""
    errors: list[str] = []

    def write() -> None:
        try:
            engine.aside.command(f"INSERT INTO FUNCTION null('n UInt64') {sql}", params)
        except EngineError as error:
            errors.append(str(error))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    while writer.is_alive():
        engine.end_queries()
        writer.join(0.1)
    assert "cancelled" in errors[0].lower()
    engine.aside.command("CREATE TABLE ended (n UInt8) ENGINE = MergeTree ORDER BY n")
    engine.aside.command("INSERT INTO ended SELECT 1")
    assert engine.aside.query("SELECT n FROM ended").rows == [[1]]
    engine.aside.command("DROP TABLE ended SYNC")


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


def test_a_closed_engine_refuses_who_asks_instead_of_letting_them_wait(location):
    closed = Engine(location)
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
        asker.join(180)
    assert errors == ["the engine is closed"] * 3


class Asker(threading.Thread):
    """Runs statements of one request until one fails."""

    def __init__(
        self,
        reader: CancellableReader,
        *statements: str,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self.reader = reader
        self._params = params
        self.answers: list[list[list[object]]] = []
        self.error: EngineError | None = None
        self._statements = statements
        self.start()

    def run(self) -> None:
        try:
            for statement in self._statements:
                self.answers.append(self.reader.query(statement, self._params).rows)
        except EngineError as error:
            self.error = error


def running_queries(engine: Engine) -> int:
    alike = "query LIKE '%sum(cityHash64%' AND query_id != queryID()"
    return engine.query(f"SELECT count() FROM system.processes WHERE {alike}").rows[0][0]


def wait_for(ask: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 180
    while not ask():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


@pytest.mark.parametrize(("sql", "params"), LONG)
def test_a_cancelled_query_ends_in_the_engine_and_no_other_one_does(engine, sql, params):
    cancelled, other = (Asker(engine.reader("reports"), sql, params=params) for _ in range(2))
    wait_for(lambda: running_queries(engine) == 2)
    cancelled.reader.cancel()
    cancelled.join(180)
    assert isinstance(cancelled.error, QueryCancelled)
    assert running_queries(engine) == 1
    assert other.is_alive()
    other.reader.cancel()
    other.join(180)
    assert isinstance(other.error, QueryCancelled)


def test_a_request_that_was_cancelled_runs_no_further_statement(engine):
    asker = Asker(engine.reader("reports"), "SELECT 1", FOREVER, "SELECT 2")
    wait_for(lambda: running_queries(engine) == 1)
    asker.reader.cancel()
    asker.join(180)
    assert asker.answers == [[[1]]]
    with pytest.raises(QueryCancelled):
        asker.reader.query("SELECT 3")


def test_a_query_that_is_cancelled_before_it_begins_never_begins(engine):
    reader = engine.reader("reports")
    reader.cancel()
    with pytest.raises(QueryCancelled):
        reader.query(FOREVER)


def test_a_query_that_waits_for_a_client_is_cancelled_as_soon_as_it_begins(engine):
    busy = [Asker(engine.reader("reports"), FOREVER) for _ in range(READERS)]
    wait_for(lambda: running_queries(engine) == READERS)
    waiting = Asker(engine.reader("reports"), FOREVER)
    waiting.reader.cancel()
    for asker in busy:
        asker.reader.cancel()
    for asker in (*busy, waiting):
        asker.join(180)
        assert isinstance(asker.error, QueryCancelled)
    assert running_queries(engine) == 0


def test_no_part_of_a_cancelled_answer_reaches_the_next_request_whenever_it_is_cancelled(engine):
    """Answers of some MB are cancelled at random times: before, while and after they are
    written."""
    wide = "SELECT number, toString(number), sleepEachRow(0.000001) FROM numbers(100000)"
    chance = random.Random(1)
    for number in range(60 if IS_ALL else 10):
        asker = Asker(engine.reader("live"), wide)
        time.sleep(chance.uniform(0, 0.25))
        asker.reader.cancel()
        asker.join(180)
        assert engine.reader("live").query(f"SELECT {number}").rows == [[number]]


def test_live_reports_writes_and_deletes_have_clients_while_all_reports_are_busy(engine):
    busy = [Asker(engine.reader("reports"), FOREVER) for _ in range(READERS + 3)]
    wait_for(lambda: running_queries(engine) == READERS)
    for lane in ("live", "writes", "deletes"):
        assert engine.reader(lane).query("SELECT 1").rows == [[1]]
    for asker in busy:
        asker.reader.cancel()
    for asker in busy:
        asker.join(180)


@pytest.mark.parametrize(
    ("memory", "grouped"), [(1 << 30, 500_000_000), (12 << 30, 1 << 30), (64 << 30, 1_500_000_000)]
)
def test_a_large_query_may_use_a_twelfth_of_the_memory(memory: int, grouped: int) -> None:
    settings = large_reader_settings(memory)
    assert settings["max_bytes_before_external_group_by"] == grouped
    assert settings["max_memory_usage"] == 1_500_000_000 + grouped
    assert list(settings) == list(READER_SETTINGS)  # readonly comes last


def test_one_client_of_the_reports_runs_large_queries(engine: Engine) -> None:
    if engine.folder is None:
        pytest.skip("a server has limits of its own")
    asked = "SELECT toUInt64(getSetting('max_bytes_before_external_group_by'))"
    limits = [engine.reader(lane).query(asked).rows for lane in ("reports", "live")]
    large = large_reader_settings(memory_limit())
    name = "max_bytes_before_external_group_by"
    assert limits == [[[large[name]]], [[READER_SETTINGS[name]]]]
