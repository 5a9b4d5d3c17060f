"""Random questions between random changes of the store: what the cache answers is, byte for byte,
what the tables answer at that moment.

FOOTFALL_PROPERTY_CASES (default 4) and FOOTFALL_PROPERTY_SEED as in test_property_reports. A
failure prints the question and what was done since it was last right.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from threading import Thread

import msgspec
import pytest
from load.deleting import delete_goals, delete_payments, delete_visitor, purge, remove_website
from reference.side_by_side import Bench
from reference.small_log import NOON, event
from selection import IS_ALL

from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.deleter import Deleter
from footfall.load.loader import Loader
from footfall.model.errors import FootfallError
from footfall.model.record import EventsRecord, MovementRecord
from footfall.model.table import Cost, Table
from footfall.model.website import Website
from footfall.query.ask import Dates, ask
from footfall.serve.http.reply import encode
from footfall.serve.v0.reply import encode_table
from footfall.store.cache import Cache
from footfall.store.engine import Engine
from footfall.store.reader import Reader
from property.app_traffic import make_app_traffic
from property.random_flow import ask_flow, ask_funnel, ask_retention
from property.random_question import Params, ask_at_random, events_of
from property.test_property_reports import SEEDS
from property.traffic import DAY, GOALS, HOUR, Traffic, make_traffic, move

CACHE_BYTES = 4 * 1024 * 1024
STEPS, ASKED_PER_STEP = (30, 6) if IS_ALL else (6, 3)


class CachingBench(Bench):
    """Its engine has a cache, which only `reader` uses."""

    def open(self) -> None:
        self.engine = Engine(self.location, cache_bytes=CACHE_BYTES)
        self.engine.migrate()
        self.now_ms = 0
        self.loader = Loader(self.engine, self.folder, lambda: self.now_ms)
        self.deleter = Deleter(self.engine, self.folder, self.loader)

    @property
    def cache(self) -> Cache:
        assert self.engine.cache is not None
        return self.engine.cache

    def reader(self) -> Reader:
        return self.engine.reader("reports")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[CachingBench]:
    opened = CachingBench(tmp_path_factory.mktemp("cache"), location)
    yield opened
    opened.engine.close()


@dataclass(frozen=True)
class Asked:
    report: str
    params: Params
    dates: Dates = "moments"

    def answer(self, website: Website, now_ms: int, reader: Reader) -> bytes:
        """As it is sent, without what the query cost."""
        try:
            found = ask(self.report, self.params, website, now_ms, reader, dates=self.dates)
        except FootfallError as error:
            return error.message.encode()
        if isinstance(found, Table):
            found = msgspec.structs.replace(found, cost=Cost(0, 0, 0))
            return encode_table(found)
        return encode(found)


def questions(random: Random, traffic: Traffic) -> list[Asked]:
    """Few, so that each is asked again and again."""
    chosen = [Asked(*ask_at_random(random, traffic)) for _ in range(10)]
    for kind, choose in (("flow", ask_flow), ("funnel", ask_funnel), ("retention", ask_retention)):
        for _ in range(2):
            put = choose(random, traffic)
            chosen.append(Asked(kind, put.params, "moments" if put.is_report else "days"))
    day = [("startAt", "2020-01-01"), ("endAt", traffic.clock_change.isoformat())]
    chosen.append(Asked("steps", day))
    for dimension in ("page", "goal", "event", "channel,country", "all_params"):
        chosen.append(Asked("breakdown", [*day, ("dimension", dimension)]))
    chosen.append(Asked("goals", day))
    return chosen


@dataclass
class Case:
    """A traffic that is loaded bit by bit, under the ids of a fresh pair of websites."""

    bench: CachingBench
    traffic: Traffic
    random: Random
    questions: list[Asked]
    waiting: list[EventsRecord | MovementRecord]
    done: list[str] = field(default_factory=list)
    loaded: list[EventsRecord | MovementRecord] = field(default_factory=list)

    @classmethod
    def of(cls, bench: CachingBench, traffic: Traffic) -> "Case":
        ids = {website.id: bench._fresh_id() for website in traffic.websites}
        moved = move(traffic, ids)
        random = Random(f"cache {traffic.seed}")
        waiting = list(moved.records)
        if random.random() < 0.5:  # else a later batch never touches an earlier period
            random.shuffle(waiting)
        return cls(bench, moved, random, questions(random, moved), waiting)

    def load(self) -> None:
        size = self.random.choice((1, 1, 2, 5, 20))
        records, self.waiting = self.waiting[:size], self.waiting[size:]
        if records:
            self.bench.loader.load_records(list(records))
        self.loaded += records

    def post_again(self) -> None:
        """A payment is void, gets another rate, or another person."""
        known = [record for record in self.loaded if isinstance(record, MovementRecord)]
        if not known:
            return
        record = self.random.choice(known)
        change = self.random.choice(
            (
                {"is_void": True},
                {"amount": Decimal("7.77"), "rate": Decimal("0.5"), "is_converted": True},
                {"amount": Decimal(0), "is_converted": False, "original_currency": "XTS"},
                {"visitor_id": self.random.choice(self._visitors()), "session_uid": 0},
            )
        )
        movement = msgspec.structs.replace(record.movement, **change)
        self.bench.loader.load_records([msgspec.structs.replace(record, movement=movement)])

    def delete(self) -> None:
        deleter, website_id = self.bench.deleter, self.traffic.websites[0].id
        name, visitor_id = self.random.choice(GOALS), self.random.choice(self._visitors())
        movements = [r.movement.movement_id for r in self.loaded if isinstance(r, MovementRecord)]
        deletes: list[Callable[[], object]] = [
            lambda: delete_goals(deleter, website_id, GoalsToDelete(name=name)),
            lambda: delete_payments(deleter, website_id, movements[::2]),
            lambda: delete_visitor(deleter, website_id, visitor_id),
            lambda: purge(deleter, website_id, self.traffic.now_ms - 4 * DAY),
            lambda: remove_website(deleter, self.traffic.websites[1].id),
        ]
        self.random.choice(deletes)()

    def _visitors(self) -> list[int]:
        return sorted({each.visitor_id for each in events_of(self.traffic)} - {0}) or [1]

    def change(self) -> None:
        step = self.random.choices(
            (self.load, self.post_again, self.delete, self.bench.loader.reload_refused),
            (20, 4, 2, 1),
        )[0]
        step()
        self.done.append(step.__name__)

    def check(self) -> None:
        for asked in self.random.choices(self.questions, k=ASKED_PER_STEP):
            website = self.random.choice(self.traffic.websites)
            if self.random.random() < 0.3:  # its settings have changed
                kpi = self.random.choice((None, "signup", "payment"))
                days = self.random.choice((None, 5, 400))
                website = msgspec.structs.replace(website, kpi=kpi, retain_days=days)
            now_ms = self.traffic.now_ms - self.random.choice((0, 0, HOUR, 3 * DAY))
            right = asked.answer(website, now_ms, self.bench.engine)
            for _ in range(2):
                found = asked.answer(website, now_ms, self.bench.reader())
                assert found == right, (self.traffic.seed, asked, website, now_ms, self.done)


@pytest.mark.parametrize("make", [make_traffic, make_app_traffic])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.sample(1)
def test_the_cache_never_answers_what_the_tables_no_longer_do(
    bench: CachingBench, seed: int, make: Callable[..., Traffic]
) -> None:
    case = Case.of(bench, make(seed + 9000, people=8 if IS_ALL else 4))
    hits = bench.cache.hits
    for _ in range(STEPS):
        case.change()
        case.check()
    assert bench.cache.hits > hits
    assert bench.cache.bytes <= CACHE_BYTES


def pageviews(website: Website, reader: Reader) -> int:
    found = ask("overview", [("fields", "pageviews")], website, NOON + DAY, reader)
    return int(found.data[0].pageviews)


def test_readers_beside_a_loader_see_all_that_was_loaded_before_they_asked(
    bench: CachingBench,
) -> None:
    """They ask all the time, so that some read while a batch lands, or wait for others who do."""
    website = msgspec.structs.replace(make_traffic(1).websites[0], id=bench._fresh_id())
    loaded, batches = 0, 8
    wrong: list[str] = []
    seen: list[int] = []

    def ask_on() -> None:
        while True:
            before = loaded
            found = pageviews(website, bench.reader())
            seen.append(found)
            if not before <= found <= batches:
                wrong.append(f"{found} after {before} were loaded")
            if before == batches or wrong:
                return

    askers = [Thread(target=ask_on, daemon=True) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(batches):
        view = event(NOON + number, 7)
        view = msgspec.structs.replace(view, website_id=website.id)
        record = EventsRecord(received_at=NOON + number, via="server", events=[view])
        bench.loader.load_records([record])
        loaded = number + 1
    for asker in askers:
        asker.join()
    assert wrong == []
    assert len(set(seen)) > 1, "they never read while it was loading"
    assert pageviews(website, bench.reader()) == batches


def test_what_is_loaded_later_leaves_answers_about_earlier_days(bench: CachingBench) -> None:
    """Otherwise every answer would be read again each second on a busy website."""
    traffic = bench.load(make_traffic(3, people=4))
    website, cache = traffic.websites[0], bench.cache
    day: Params = [("startAt", "2020-01-01"), ("endAt", traffic.clock_change.isoformat())]
    compared = [("parts", "true"), ("compare", "previous_period")]
    page = '{"type": "event", "event": "page"}'
    asked = [
        Asked("overview", [*day, *compared]),
        Asked("timeseries", [day[1], ("interval", "hour")]),
        Asked("breakdown", [*day, ("dimension", "channel,country,page")]),
        Asked("flow", [*day, ("start_step", page), ("window_seconds", "60")]),
    ]
    before = [each.answer(website, traffic.now_ms, bench.reader()) for each in asked]
    hits, misses, entries = cache.hits, cache.misses, cache.entries
    for number in range(3):
        at = traffic.now_ms + DAY + number * HOUR
        view = msgspec.structs.replace(event(at, 7), website_id=website.id)
        bench.loader.load_records([EventsRecord(received_at=at, via="server", events=[view])])
        bench.engine.release_memory()
        bench.engine.clear_up("events")
    assert before == [each.answer(website, traffic.now_ms, bench.reader()) for each in asked]
    assert cache.hits > hits
    assert (cache.misses, cache.entries) == (misses, entries)
