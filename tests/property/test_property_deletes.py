"""Random deletes between random traffic, and beside it: every report is as if what was deleted had
never come, but for the sessions that had begun with it.

FOOTFALL_PROPERTY_CASES (default 4) and FOOTFALL_PROPERTY_SEED as in test_property_reports.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from load.deleting import prepare_payments, prepare_visitor
from load.marks import wrong_marks
from reference import delete as reference_delete
from reference.join import Log, Row
from reference.side_by_side import Bench, listed
from selection import IS_ALL

from footfall.load.deleted_rows import GoalsToDelete
from footfall.model.dimension import DIMENSIONS
from footfall.model.record import MovementRecord
from footfall.model.website import Website
from property.random_question import Params, ask_at_random
from property.test_property_reports import SEEDS, ask_plainly, ask_really, differences
from property.traffic import DAY, GOALS, HOUR, Record, Traffic, make_traffic, move

QUESTIONS = 25 if IS_ALL else 10
EVERYTHING: tuple[tuple[str, Params], ...] = (
    ("overview", [("bots", "include")]),
    ("goals", []),
    ("breakdown", [("dimension", ",".join(DIMENSIONS)), ("bots", "include"), ("limit", "1000")]),
)


@dataclass(frozen=True)
class Delete:
    """Of the traffic's first or second website: one of the three."""

    site: int
    goals: GoalsToDelete | None = None
    movement_ids: tuple[str, ...] = ()
    visitor_id: int = 0

    def really(self, bench: Bench, website: Website, meanwhile: Callable[[], None]) -> int:
        """`meanwhile` loads what comes while the drafts are written."""
        deleter = bench.deleter
        if self.goals is not None:
            prepared = deleter.prepare_goals(website.id, self.goals)
        elif self.visitor_id:
            prepared = prepare_visitor(deleter, website.id, self.visitor_id)
        else:
            prepared = prepare_payments(deleter, website.id, self.movement_ids)
        meanwhile()
        found = deleter.finish(prepared)
        deleter.clean(prepared.deletion)
        return found

    def plainly(self, log: Log, meanwhile: Callable[[], None]) -> int:
        """Goals that come meanwhile stay. What comes of a person meanwhile goes."""
        if self.goals is not None:
            before = list(log.rows)
            found = self._goals(copy.deepcopy(log), None)
            meanwhile()
            self._goals(log, before)
            return found
        meanwhile()
        if self.visitor_id:
            return reference_delete.delete_visitor(log, self.visitor_id)
        return reference_delete.delete_payments(log, set(self.movement_ids))

    def _goals(self, log: Log, among: list[Row] | None) -> int:
        assert self.goals is not None
        return reference_delete.delete_goals(
            log,
            name=self.goals.name,
            visitor_id=self.goals.visitor_id,
            from_ms=self.goals.from_ms,
            to_ms=self.goals.to_ms,
            among=among,
        )


Step = Record | Delete


@dataclass
class Case:
    """Steps carried out in both stores."""

    bench: Bench
    sent: Traffic
    traffic: Traffic  # as it was sent, under fresh website ids
    steps: list[Step]
    logs: list[Log] = field(default_factory=list)
    counts: list[tuple[int, int, Delete]] = field(default_factory=list)

    @classmethod
    def run(cls, bench: Bench, traffic: Traffic, steps: list[Step], reopens: bool) -> "Case":
        ids = {website.id: bench._fresh_id() for website in traffic.websites}
        records = tuple(step for step in steps if not isinstance(step, Delete))
        moved = move(
            Traffic(traffic.seed, traffic.websites, records, traffic.now_ms, traffic.clock_change),
            ids,
        )
        case = cls(bench, traffic, moved, steps, [Log(website.id) for website in moved.websites])
        waiting = iter(moved.records)
        random = Random(traffic.seed)
        batch: list[Record] = []
        left = list(steps)
        while left:
            step = left.pop(0)
            if not isinstance(step, Delete):
                batch.append(next(waiting))
                continue
            case._load(batch)
            batch = []
            if reopens and random.random() < 0.5:
                bench.reopen()
            meanwhile: list[Record] = []
            for _ in range(random.choice((0, 0, 2, 40))):
                if left and not isinstance(left[0], Delete):
                    left.pop(0)
                    meanwhile.append(next(waiting))
            case._delete(step, meanwhile)
        case._load(batch)
        return case

    def _load(self, records: list[Record]) -> None:
        self._load_really(records)
        for log in self.logs:
            _add(log, records)

    def _load_really(self, records: list[Record]) -> None:
        random = Random(len(records))
        while records:
            size = random.choice((1, 10, 1000))
            self.bench.loader.load_records(records[:size])
            records = records[size:]

    def _delete(self, delete: Delete, meanwhile: list[Record]) -> None:
        website, log = self.traffic.websites[delete.site], self.logs[delete.site]
        found = delete.really(self.bench, website, lambda: self._load_really(meanwhile))
        sites = [website.id for website in self.traffic.websites]
        assert wrong_marks(self.bench.engine, sites, may_be_unknown=True) == []
        if self.traffic.seed % 4:
            self.bench.mark_all()
            assert wrong_marks(self.bench.engine, sites) == []
        plain = delete.plainly(log, lambda: _add(log, meanwhile))
        for other in self.logs:
            if other is not log:
                _add(other, meanwhile)
        self.counts.append((found, plain, delete))

    def wrong(self, report: str, params: Params, site: int) -> list[str]:
        website, now_ms = self.traffic.websites[site], self.traffic.now_ms
        real = ask_really(self.bench, report, params, website, now_ms)
        return differences(real, ask_plainly(self.logs[site], report, params, website, now_ms))

    def check(self, report: str, params: Params, site: int = 0) -> None:
        wrong = self.wrong(report, params, site)
        if not wrong:
            return
        small, tries = self, 30
        size = len(self.steps) // 2
        while size and tries:
            at = 0
            while at < len(small.steps) and tries:
                tries -= 1
                fewer = small.steps[:at] + small.steps[at + size :]
                case = Case.run(self.bench, self.sent, fewer, False)
                if case.wrong(report, params, site):
                    small = case
                else:
                    at += size
            size //= 2
        deletes = [step for step in small.steps if isinstance(step, Delete)]
        pytest.fail(
            f"seed {self.traffic.seed}: {report} {params}\n"
            + "\n".join(wrong[:12])
            + f"\nsmallest traffic:\n{listed(small.traffic)}\ndeletes: {deletes}\n"
            + "\n".join(small.wrong(report, params, site)[:12])
        )


def _add(log: Log, records: list[Record]) -> None:
    for record in records:
        if isinstance(record, MovementRecord):
            log.add_movement(record.movement)
        else:
            log.add_request(record.received_at, record.events)


def with_deletes(traffic: Traffic) -> list[Step]:
    """The records, and between them deletes of what came before, or is yet to come."""
    random = Random(f"deletes {traffic.seed}")
    logs = [Log(website.id) for website in traffic.websites]
    steps: list[Step] = []
    for record in traffic.records:
        steps.append(record)
        for log in logs:
            _add(log, [record])
        if random.random() < 6 / len(traffic.records):
            site = random.choice((0, 0, 0, 1))
            steps.append(choose_delete(random, site, logs[site]))
    return [*steps, choose_delete(random, 0, logs[0])]


def choose_delete(random: Random, site: int, log: Log) -> Delete:
    visitors = sorted({row.visitor_id for row in log.rows} - {0}) or [1]
    kind = random.choice(("goals", "goals", "goals", "payments", "visitor"))
    if kind == "visitor":
        return Delete(site, visitor_id=random.choice(visitors))
    if kind == "payments":
        known = sorted(payment.movement.movement_id for payment in log.payments)
        share = random.choice((0.2, 0.6, 1))
        return Delete(site, movement_ids=tuple(id_ for id_ in known if random.random() < share))
    times = sorted(row.occurred_at for row in log.rows) or [0]
    begin = random.choice(times) + random.choice((0, 0, 1, -HOUR))
    given = {
        "name": random.choice((*GOALS, "payment")),
        "visitor_id": random.choice(visitors),
        "from_ms": begin,
        "to_ms": begin + random.choice((1, HOUR, DAY)),
    }
    names = random.choice(
        (
            ("name",),
            ("visitor_id",),
            ("from_ms",),
            ("from_ms", "to_ms"),
            ("name", "to_ms"),
            ("to_ms",),
        )
    )
    return Delete(site, goals=GoalsToDelete(**{name: given[name] for name in names}))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("deletes"), location)
    yield opened
    opened.engine.close()


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", SEEDS)
def test_reports_after_deletes_are_those_of_what_is_left(bench: Bench, seed: int) -> None:
    traffic = make_traffic(seed + 7000)
    case = Case.run(bench, traffic, with_deletes(traffic), reopens=seed % 4 == 1)
    assert [(real, delete) for real, _, delete in case.counts] == [
        (plain, delete) for _, plain, delete in case.counts
    ]
    for site in (0, 1):
        for report, params in EVERYTHING:
            case.check(report, params, site)
    random = Random(seed)
    for _ in range(QUESTIONS):
        report, params = ask_at_random(random, case.traffic)
        case.check(report, params, site=random.choice((0, 0, 0, 1)))
