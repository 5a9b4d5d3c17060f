"""The cache on a real engine: what is kept, for how long, and for whom."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from plain import answered
from query.ask import NOW, WEBSITE
from query.store import WEBSITE_ID, Store, ms

from footfall.load.draft import Change, Drafts, drop_drafts, put_in_place
from footfall.query.ask import ask
from footfall.store.cache import ENTRY_BYTES, LARGEST_SHARE, Cache, Run, Values
from footfall.store.engine import Engine
from footfall.store.error import EngineError, QueryCancelled
from footfall.store.reader import CancellableReader, Reader
from footfall.store.rows import Reads

NOON, LATER = "2026-03-01T12:00:00", "2026-03-02T12:00:00"
MIDNIGHT = ms("2026-03-02T00:00:00")
DAY = Reads(WEBSITE_ID, MIDNIGHT)
COUNT = (
    "SELECT count() FROM sessions FINAL WHERE website_id = {id:UInt32}"
    " AND started_at < fromUnixTimestamp64Milli({end:Int64})"
)
ASKED = COUNT, {"id": WEBSITE_ID, "end": MIDNIGHT}
ROOM = 64 * 1024


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(str(tmp_path_factory.mktemp("cache")), cache_bytes=ROOM)
    engine.migrate()
    yield engine
    engine.close()


class Place:
    """An engine with one session, and an empty cache."""

    def __init__(self, engine: Engine) -> None:
        assert engine.cache
        self.engine, self.cache = engine, engine.cache
        self.store = Store(engine, writes_at_once=True)
        engine.command("TRUNCATE TABLE sessions")
        self.store.session(1, 1, NOON)
        self.cache.hits = self.cache.misses = 0
        assert self.cache.entries == self.cache.bytes == 0

    def ask(self, reads: Reads | None = DAY) -> int:
        [[count]] = self.engine.reader("reports").query(*ASKED, reads).rows
        return int(count)

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.cache.hits, self.cache.misses, self.cache.entries


@pytest.fixture
def place(opened: Engine) -> Place:
    return Place(opened)


def run_by(place: Place, meanwhile: Run | None = None) -> Run:
    """Runs a statement in the engine; `meanwhile` happens after it was read."""

    def run(sql: str, values: Values) -> bytes:
        body = place.engine.ask_on(place.engine._loading, sql, values)
        if meanwhile:
            meanwhile(sql, values)
        return body

    return run


def never() -> bool:
    return False


def test_an_answer_is_kept_until_a_row_changes_that_it_depends_on(place: Place) -> None:
    assert [place.ask(), place.ask()] == [1, 1]
    assert place.counts == (1, 1, 1)
    place.store.session(2, 1, LATER)
    place.store.session(3, 1, NOON, website_id=WEBSITE_ID + 1)
    assert place.ask() == 1
    assert place.counts == (2, 1, 1)
    place.store.session(4, 1, NOON)
    assert [place.ask(), place.ask()] == [2, 2]
    assert place.counts == (3, 2, 1)


def test_nothing_is_kept_of_statements_that_do_not_say_what_they_read(place: Place) -> None:
    assert [place.ask(None), place.ask(None)] == [1, 1]
    assert place.counts == (0, 0, 0)


def test_only_reports_use_it(place: Place) -> None:
    place.ask()
    assert place.engine.reader("live").query(*ASKED, DAY).rows == [[1]]
    assert place.engine.query(*ASKED, DAY).rows == [[1]]
    assert place.counts == (0, 1, 1)


def test_other_values_are_another_statement(place: Place) -> None:
    body = b'{"data":[],"statistics":{}}'
    given: list[tuple[str, dict[str, object]]] = [
        *(("SELECT", {"v": value}) for value in (1, "1", True, [1], ["1"], [[1]], [1, 1], "", [])),
        *(("SELECT", {name: 1}) for name in ("w", "v1")),
        ("SELECT", {"v": 1, "w": 1}),
        ("SELECT 1", {"v": 1}),
        ("SELECT", {}),
    ]
    for sql, values in given:
        place.cache.read(sql, values, DAY, lambda *_: body, never)
    assert place.counts == (0, len(given), len(given))


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE sessions DROP PARTITION ID '202603'",
        "TRUNCATE TABLE erased",
        "CREATE TABLE IF NOT EXISTS sessions (n UInt8) ENGINE = MergeTree ORDER BY n",
    ],
)
def test_no_copy_is_left_after_a_statement_that_may_delete(place: Place, sql: str) -> None:
    for command in (place.engine.command, place.engine.aside.command):
        place.ask()
        command(sql)
        assert place.cache.entries == place.cache.bytes == 0


def test_what_changes_no_row_leaves_everything(place: Place) -> None:
    place.ask()
    place.engine.release_memory()
    place.engine.clear_up("sessions")
    place.engine.insert("batches", b'[1,"{}"]', "batch of a test")
    assert place.ask() == 1
    assert place.counts == (1, 1, 1)


def test_a_delete_leaves_everything_but_for_the_moment_of_its_swap(place: Place) -> None:
    """It may prepare and clean up for minutes."""
    engine, aside = place.engine, place.engine.aside
    drafts = Drafts([Change(table="sessions", rows="session_id = 2")], {}, 0)
    place.store.session(2, 1, NOON)
    assert place.ask() == 2
    drafts.write(aside, drafts.find_months(aside))
    swaps = drafts.complete(engine, 0)
    assert place.ask() == 2
    assert place.counts == (1, 1, 1)
    put_in_place(engine, swaps)
    assert place.cache.entries == place.cache.bytes == 0
    assert place.ask() == 1
    drop_drafts(aside)
    engine.drop_replaced_parts("sessions")
    assert place.ask() == 1
    assert place.counts == (2, 2, 1)


def test_an_answer_that_was_read_while_a_row_came_is_not_kept(place: Place) -> None:
    run = run_by(place, lambda *_: place.store.session(2, 1, NOON))  # type: ignore[arg-type, func-returns-value]
    assert place.cache.read(*ASKED, DAY, run, never).rows == [[1]]
    assert place.cache.entries == 0
    assert place.ask() == 2


def test_an_answer_that_is_read_during_a_change_is_not_kept(place: Place) -> None:
    with place.cache.change({WEBSITE_ID: 0}):
        assert place.ask() == 1
        assert place.counts == (0, 1, 0)
    assert place.ask() == 1
    with place.cache.change({WEBSITE_ID: 0}):
        assert place.ask() == 1
    assert place.cache.hits == 0


def test_a_failed_insert_may_have_stored_something(place: Place) -> None:
    place.ask()
    with pytest.raises(EngineError):
        place.engine.insert("sessions", b'[7,"2026-03-01 12:00:00.000","x"]', "refused")
    place.ask()
    assert place.cache.hits == 0


def test_rows_further_on_that_matter_are_waited_for(place: Place) -> None:
    further = ("SELECT {at:Int64}", {"at": ms(LATER)})
    reads = Reads(WEBSITE_ID, MIDNIGHT, further)
    assert [place.ask(reads), place.ask(reads)] == [1, 1]
    place.store.session(2, 1, "2026-03-02T13:00:00")
    place.ask(reads)
    assert place.counts == (2, 1, 1)
    place.store.session(3, 1, LATER)
    place.ask(reads)
    assert place.counts == (2, 2, 1)


@pytest.mark.parametrize("error", [EngineError("too slow"), QueryCancelled("cancelled")])
def test_if_it_is_not_known_which_rows_matter_every_row_does(
    place: Place, error: EngineError
) -> None:
    reads = Reads(WEBSITE_ID, MIDNIGHT, ("SELECT {at:Int64}", {"at": ms(LATER)}))
    run_it = run_by(place)

    def run(sql: str, values: Values) -> bytes:
        if sql != COUNT:
            raise error
        return run_it(sql, values)

    assert place.cache.read(*ASKED, reads, run, never).rows == [[1]]
    assert place.ask() == 1
    assert place.counts == (1, 1, 1)
    place.store.session(2, 1, "2026-04-01T12:00:00")
    assert place.ask() == 1
    assert place.cache.hits == 1


def test_who_waits_gets_the_answer_whatever_becomes_of_the_one_who_asked_first(
    place: Place,
) -> None:
    """The first asker disconnects while it looks which further rows matter."""
    reads = Reads(WEBSITE_ID, MIDNIGHT, ("SELECT {at:Int64}", {"at": ms(LATER)}))
    run_it, has_begun, may_go_on = run_by(place), Event(), Event()
    is_further, may_end = Event(), Event()

    def run(sql: str, values: Values) -> bytes:
        if sql == COUNT:
            has_begun.set()
            may_go_on.wait(60)
            return run_it(sql, values)
        is_further.set()
        may_end.wait(60)
        raise QueryCancelled("the query was cancelled")

    def ask(found: list[object]) -> None:
        found.append(place.cache.read(*ASKED, reads, run, never).rows)

    found: list[object] = []
    askers = [Thread(target=ask, args=(found,), daemon=True) for _ in range(3)]
    askers[0].start()
    has_begun.wait(60)
    for asker in askers[1:]:
        asker.start()
    while waiting(place) < 2:
        pass
    may_go_on.set()
    is_further.wait(60)
    for asker in askers[1:]:
        asker.join(60)
    assert found == [[[1]]] * 2, "they need not wait for that"
    ask(found)
    may_end.set()
    askers[0].join(60)
    assert found == [[[1]]] * 4
    assert place.counts == (3, 1, 1)


def test_a_list_of_pages_sees_new_pages_of_a_later_session_that_was_paid_for_earlier(
    place: Place,
) -> None:
    """A payment may name a session that began after it, and after the period."""
    place.store.session(5, 1, LATER)
    place.store.event("page", LATER, session_id=5, visitor_id=1, path="/a")
    place.store.payment("t1", NOON, "9", session_id=5, session_started_at=ms(LATER))
    period = [("startAt", "2026-03-01"), ("endAt", "2026-03-01")]

    def pages(reader: Reader) -> dict[str, float]:
        params = [*period, ("dimension", "page")]
        found = answered(ask("breakdown", params, WEBSITE, NOW, reader))
        return {row["value"]: row["revenue"] for row in found.data}

    for path in ("/b", "/c"):
        for _ in range(2):
            assert pages(place.engine.reader("reports")) == pages(place.engine)
        place.store.event("page", LATER, session_id=5, visitor_id=1, path=path)
    assert pages(place.engine.reader("reports")) == {"/a": 9, "/b": 9, "/c": 9}
    misses = place.cache.misses
    place.store.event("page", "2026-03-02T14:00:00", session_id=6, visitor_id=1, path="/d")
    pages(place.engine.reader("reports"))
    assert place.cache.misses == misses, "what is later than that session does not matter"


def test_its_bytes_are_limited_and_those_go_first_that_were_not_asked_for() -> None:
    body = b'{"data":[["%s"]],"statistics":{}}' % (b"x" * 1000)
    size = len(body) + ENTRY_BYTES
    cache = Cache(10 * size)

    def ask(number: int) -> None:
        cache.read("SELECT", {"n": number}, DAY, lambda *_: body, never)

    for number in range(10):
        ask(number)
    assert (cache.entries, cache.bytes) == (10, 10 * size)
    ask(0)
    ask(10)
    assert (cache.entries, cache.bytes, cache.hits) == (10, 10 * size, 1)
    ask(0)
    ask(1)
    assert (cache.hits, cache.misses) == (2, 12)
    large = b'{"data":[["%s"]],"statistics":{}}' % (b"x" * (10 * size // LARGEST_SHARE))
    cache.read("large", {}, DAY, lambda *_: large, never)
    assert (cache.entries, cache.bytes) == (10, 10 * size)


class Slow:
    """A statement that goes on until it is let go."""

    def __init__(self, place: Place, error: EngineError | None = None) -> None:
        self.place, self.error = place, error
        self.has_begun, self.may_end = Event(), Event()
        self.runs = 0

    def run(self, sql: str, values: Values) -> bytes:
        self.runs += 1
        body = run_by(self.place)(sql, values)
        self.has_begun.set()
        self.may_end.wait(60)
        if self.error and self.runs == 1:
            raise self.error
        return body


class Asker(Thread):
    """Asks for it in a request of its own."""

    def __init__(self, slow: Slow) -> None:
        super().__init__(daemon=True)
        engine = slow.place.engine
        self.reader = CancellableReader(slow.run, engine.canceller, engine._tags, engine.cache)
        self.rows: list[list[int]] = []
        self.error: EngineError | None = None
        self.start()

    def run(self) -> None:
        try:
            self.rows = self.reader.query(*ASKED, DAY).rows
        except EngineError as error:
            self.error = error


def waiting(place: Place) -> int:
    return len(place.cache._changed._waiters)  # type: ignore[attr-defined]


def start(place: Place, slow: Slow, followers: int) -> list[Asker]:
    """The first asker reads, the others wait for it."""
    askers = [Asker(slow)]
    slow.has_begun.wait(60)
    askers += [Asker(slow) for _ in range(followers)]
    while waiting(place) < followers:
        pass
    return askers


def test_a_statement_that_is_asked_for_at_once_is_run_once(place: Place) -> None:
    slow = Slow(place)
    askers = start(place, slow, 3)
    slow.may_end.set()
    for asker in askers:
        asker.join()
    assert [asker.rows for asker in askers] == [[[1]]] * 4
    assert (slow.runs, *place.counts) == (1, 3, 1, 1)


def test_who_asks_after_a_change_does_not_wait_for_an_answer_from_before_it(place: Place) -> None:
    slow = Slow(place)
    [first] = start(place, slow, 0)
    place.store.session(2, 1, NOON)
    assert place.ask() == 2
    slow.may_end.set()
    first.join()
    assert first.rows == [[1]], "it asked before the change"
    assert place.ask() == 2, "and its answer has displaced nothing"


def test_whoever_disconnects_stops_waiting_and_the_others_go_on(place: Place) -> None:
    slow = Slow(place)
    askers = start(place, slow, 2)
    askers[1].reader.cancel()
    askers[1].join()
    assert isinstance(askers[1].error, QueryCancelled)
    slow.may_end.set()
    askers[2].join()
    assert askers[2].rows == [[1]]


def test_if_the_first_asker_disconnects_another_one_reads(place: Place) -> None:
    slow = Slow(place, QueryCancelled("the query was cancelled"))
    askers = start(place, slow, 2)
    slow.may_end.set()
    for asker in askers:
        asker.join()
    assert [asker.rows for asker in askers] == [[], [[1]], [[1]]]
    assert slow.runs == 2


def test_an_error_is_everybodys_and_is_not_kept(place: Place) -> None:
    slow = Slow(place, EngineError("too slow"))
    askers = start(place, slow, 2)
    slow.may_end.set()
    for asker in askers:
        asker.join()
    assert [str(asker.error) for asker in askers] == ["too slow"] * 3
    assert slow.runs == 1
    assert place.ask() == 1
