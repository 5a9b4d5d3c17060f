"""Random traffic with everything that changes marks and walks: whenever a report looks, the marks
count what sets of visitors count, or say that they do not know, walks list sessions' events, and
the list of pages from walks is the one from events.

FOOTFALL_PROPERTY_CASES (default 4) and FOOTFALL_PROPERTY_SEED as in test_property_reports.
"""

from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from load.deleting import prepare_payments, prepare_visitor, remove_website
from load.marks import wrong_marks
from load.walks import page_list, unwalked, wrong_walks
from reference.side_by_side import Bench

from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.deleter import Prepared
from footfall.load.doubt import doubt
from footfall.load.marking import find_unmarked, mark_chunk
from footfall.load.walking import OVER_MS, find_unwalked, walk_sessions
from footfall.model.mark import LISTS
from footfall.model.record import EventsRecord, MovementRecord
from property.test_property_reports import SEEDS
from property.traffic import DAY, HOUR, Traffic, make_traffic, move

COUNTED = """
SELECT uniqExact(visitor_id), countIf(MARK < {from:UInt32}), countIf(prev_at = 0)
FROM sessions FINAL
WHERE website_id = {website:UInt32} AND counted_events > 0 AND bot = ''
    AND started_at >= fromUnixTimestamp64Second({from:Int64})
    AND started_at < fromUnixTimestamp64Second({to:Int64})
"""
PAGES = """
SELECT toString(path) AS page, uniqExact(visitor_id), uniqExact(session_id), count()
FROM events
WHERE website_id = {website:UInt32} AND type = 'page' AND session_id != 0 AND CONDITION
    AND report_at >= fromUnixTimestamp64Second({from:Int64})
    AND report_at < fromUnixTimestamp64Second({to:Int64})
GROUP BY page
ORDER BY page
"""
MONTHS = (0, 0, 0, 31 * DAY, -31 * DAY, 3 * DAY)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("marks"), location)
    yield opened
    opened.engine.close()


class Life:
    """A store to which everything happens."""

    def __init__(self, bench: Bench, traffic: Traffic) -> None:
        self.bench = bench
        self.random = Random(f"marks {traffic.seed}")
        ids = {website.id: bench._fresh_id() for website in traffic.websites}
        self.traffic = move(traffic, ids)
        self.sites = [website.id for website in self.traffic.websites]
        self.visitors = sorted(
            {
                event.visitor_id
                for record in self.traffic.records
                if isinstance(record, EventsRecord)
                for event in record.events
                if event.visitor_id
            }
        )

    def happen(self) -> None:
        happenings = (self.delete_goals, self.delete_visitor, self.delete_payments, self.purge,
                      self.forget, self.doubt, self.bench.reopen, self.mark_a_few,
                      self.bench.mark_all, self.bench.mark_all, self.walk_a_few,
                      self.bench.walk_all, self.bench.walk_all)  # fmt: skip
        self.random.choice(happenings)()

    def delete_goals(self) -> None:
        goals = self.random.choice(
            (
                GoalsToDelete(visitor_id=self.random.choice(self.visitors)),
                GoalsToDelete(name="signup"),
                GoalsToDelete(from_ms=self._time()),
            )
        )
        self._delete(self.bench.deleter.prepare_goals(self._site(), goals))

    def delete_visitor(self) -> None:
        visitor_id = self.random.choice(self.visitors)
        self._delete(prepare_visitor(self.bench.deleter, self._site(), visitor_id))

    def delete_payments(self) -> None:
        ids = [
            record.movement.movement_id
            for record in self.traffic.records
            if isinstance(record, MovementRecord)
        ]
        chosen = tuple(id_ for id_ in ids if self.random.random() < 0.3)
        self._delete(prepare_payments(self.bench.deleter, self._site(), chosen))

    def _delete(self, prepared: Prepared) -> None:
        self.bench.deleter.finish(prepared)
        self.bench.deleter.clean(prepared.deletion)

    def purge(self) -> None:
        site, before = self._site(), self._time() // 1000 * 1000
        for step in self.bench.deleter.steps_to_purge(site, before):
            step()
        self.bench.deleter.forget_purged(site)

    def forget(self) -> None:
        if self.random.random() < 0.2:
            remove_website(self.bench.deleter, self.sites[1])

    def doubt(self) -> None:
        doubt(self.bench.engine, "a test")
        self.bench.loader.may_have_unmarked = True

    def mark_a_few(self) -> None:
        """As a kill in the middle of a month leaves them."""
        engine, loader = self.bench.engine, self.bench.loader
        if chunk := find_unmarked(engine, size=self.random.choice((1, 5))):
            mark_chunk(engine, chunk, loader.settle())
            self.bench.reopen()

    def walk_a_few(self) -> None:
        """As a kill leaves them."""
        engine, loader = self.bench.engine, self.bench.loader
        now, size = self.bench.now_ms + 2 * OVER_MS, self.random.choice((1, 5))
        if chosen := find_unwalked(engine, now, size):
            walk_sessions(engine, chosen, loader.settle())
            self.bench.reopen()

    def _site(self) -> int:
        return self.random.choice((self.sites[0], self.sites[0], self.sites[1]))

    def _time(self) -> int:
        return self.random.choice(self.traffic.records).received_at - self.random.choice((0, HOUR))

    def check(self) -> None:
        """Every mark and walk, and the visitors of random periods."""
        engine = self.bench.engine
        assert wrong_walks(engine, self.sites) == []
        assert wrong_marks(engine, self.sites, may_be_unknown=True) == []
        for _ in range(4):
            start, end = sorted((self._time() // 1000, self._time() // 1000))
            values = {"website": self._site(), "from": start, "to": end + 1}
            [[by_set, by_marks, unknown]] = engine.query(
                COUNTED.replace("MARK", "prev_at"), values
            ).rows
            assert unknown or by_set == by_marks, values
            number = self.random.randrange(len(LISTS))
            counted = COUNTED.replace("MARK", f"prev_at - gaps[{number + 1}]")
            rows = engine.query(f"{counted} GROUP BY {', '.join(LISTS[number])}", values).rows
            for by_set, by_marks, unknown in rows:
                assert unknown or by_set == by_marks, (LISTS[number], values)
            self._check_pages(values)

    def _check_pages(self, values: dict[str, int]) -> None:
        site = next(each for each in self.traffic.websites if each.id == values["website"])
        bots = self.random.choice(("exclude", "exclude", "only"))
        span = values["from"] * 1000, values["to"] * 1000
        found = [row for row in page_list(self.bench.engine, site, *span, bots) if row[3]]
        condition = "bot != ''" if bots == "only" else "bot = ''"
        wanted = self.bench.engine.query(PAGES.replace("CONDITION", condition), values).rows
        assert sorted(found) == [tuple(row) for row in wanted], values

    def end(self) -> None:
        self.bench.mark_all()
        self.bench.now_ms += 60 * DAY
        self.bench.walk_all()
        assert unwalked(self.bench.engine, self.sites) == []
        assert wrong_marks(self.bench.engine, self.sites) == []
        self.check()


def spread(traffic: Traffic, random: Random) -> Traffic:
    """Some of the records' events happen months apart, late or in advance."""
    ids = {website.id: website.id for website in traffic.websites}
    copy = move(traffic, ids)
    for record in copy.records:
        shift = random.choice(MONTHS)
        if isinstance(record, EventsRecord) and shift:
            record.events[:] = [
                msgspec.structs.replace(event, occurred_at=event.occurred_at + shift)
                for event in record.events
            ]
    return copy


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", SEEDS)
def test_marks_count_what_sets_count_whatever_happens(bench: Bench, seed: int) -> None:
    traffic = make_traffic(seed + 40_000)
    life = Life(bench, spread(traffic, Random(seed)) if seed % 2 else traffic)
    records = list(life.traffic.records)
    while records:
        size = life.random.choice((1, 3, 10, 40))
        bench.now_ms = records[:size][-1].received_at
        bench.loader.load_records(list(records[:size]))
        del records[:size]
        life.check()
        if life.random.random() < 0.3:
            life.happen()
            life.check()
    life.end()
