"""Random traffic through the real loader and engine: every visitor's story equals the reference's,
whole and page by page, and an export holds each stored thing once.

FOOTFALL_PROPERTY_CASES (default 4) says how many random traffics, FOOTFALL_PROPERTY_SEED where to
begin. `make test` tries two of them.
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from plain import plain
from reference.join import Log
from reference.period import stamp
from reference.side_by_side import Bench, exact, store_plainly
from reference.visitor import Visitor, goals_of, pages_of
from selection import IS_ALL

from footfall.model.key import visitor_key
from footfall.model.payment import NO_PROFILE
from footfall.model.website import Website
from footfall.query.parse.visitor import parse_visitor
from footfall.query.visitor import answer_visitor, is_visitor
from footfall.query.visitor_export import export_visitor
from property.traffic import DAY, Traffic, make_traffic

CASES = int(os.environ.get("FOOTFALL_PROPERTY_CASES", "4"))
FIRST_SEED = int(os.environ.get("FOOTFALL_PROPERTY_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + CASES)
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC")

Found = dict[str, Any]


pytestmark = pytest.mark.sample(1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, location: str) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("property"), location)
    yield opened
    opened.engine.close()


class Case:
    """A traffic in both stores; one of its websites, which may keep rows for a day only, with the
    bound among what is stored."""

    def __init__(self, bench: Bench, traffic: Traffic, random: Random) -> None:
        self.bench, self.random = bench, random
        self.traffic = bench.load(traffic)
        self.website: Website = self.traffic.websites[random.choice((0, 0, 0, 1))]
        self.log: Log = store_plainly(self.traffic.records, self.website)
        self.now_ms = self.traffic.now_ms
        if random.random() < 0.4:
            self.website = msgspec.structs.replace(self.website, retain_days=1)
            self.now_ms = random.choice(self.log.rows).report_at + DAY + random.choice((0, 1))
        self.zone = random.choice((self.website.timezone, *ZONES))

    def visitors(self) -> list[int]:
        """All who are stored, and somebody who is not."""
        known = {row.visitor_id for row in self.log.rows}
        known |= {payment.visitor_id for payment in self.log.payments}
        return [*sorted(known - {0}), visitor_key(self.website.id, "nobody")]

    def plain(self, visitor_id: int) -> Visitor:
        return Visitor(self.log, visitor_id, self.website, self.now_ms, self.zone)

    def ask(self, visitor_id: int, **params: str) -> Found:
        question = parse_visitor(
            [("timezone", self.zone), *params.items()], self.website, self.now_ms
        )
        return exact(plain(answer_visitor(question, visitor_id, NO_PROFILE, self.bench.engine)))

    def is_known(self, visitor_id: int) -> bool:
        question = parse_visitor([], self.website, self.now_ms)
        return is_visitor(question, visitor_id, self.bench.engine)

    def export(self, visitor_id: int) -> Found:
        question = parse_visitor([], self.website, self.now_ms)
        size = self.random.choice((1, 2, 3, 1000))
        pieces = export_visitor(
            question, visitor_id, NO_PROFILE, [], self.bench.engine, page_size=size
        )
        return msgspec.json.decode(b"".join(pieces))


@pytest.fixture(params=SEEDS)
def case(request: pytest.FixtureRequest, bench: Bench) -> Case:
    random = Random(f"visitors {request.param}")
    return Case(bench, make_traffic(random.randrange(10**6)), random)


def bare(rows: list[Found]) -> list[Found]:
    """Without cursors, payments of one instant in an order that does not hang on their ids."""
    found = [{name: row[name] for name in row if name != "cursor"} for row in rows]
    for at in range(len(found)):
        end = at
        while end < len(found) and is_paid_at(found[end], found[at]["timestamp"]):
            end += 1
        if end > at:
            found[at:end] = sorted(found[at:end], key=repr)
    return found


def is_paid_at(row: Found, timestamp: str) -> bool:
    return row.get("type") == "payment" and row["timestamp"] == timestamp


def lists_of(story: Found) -> dict[str, list[Found]]:
    activity = story["activity"]
    return {
        **{name: story[name] for name in ("sessions", "events") if name in story},
        "activityTimeline": story["activityTimeline"],
        "visitedPages": activity["visitedPages"],
        "completedCustomGoals": activity["completedCustomGoals"],
    }


def test_who_is_known_and_their_story_are_as_the_reference_has_them(case: Case) -> None:
    for visitor_id in case.visitors():
        plain = case.plain(visitor_id)
        assert case.is_known(visitor_id) == plain.is_known
        if not plain.is_known:
            continue
        real = case.ask(visitor_id)
        timeline = plain.timeline()
        assert len(timeline) <= 100
        assert bare(real["activityTimeline"]) == bare(timeline)
        assert bare(real["activity"].pop("visitedPages")) == pages_of(timeline)
        assert bare(real["activity"].pop("completedCustomGoals")) == goals_of(timeline)
        del real["activityTimeline"]
        assert real == plain.story()


def only(rows: list[Found], wanted: list[Found]) -> list[Found]:
    """The fields that the wanted rows have."""
    names = {name for row in wanted for name in row}
    return [{name: row[name] for name in row if name in names} for row in rows]


def test_visits_and_events_of_all_types_are_as_the_reference_has_them(case: Case) -> None:
    for visitor_id in case.visitors():
        plain = case.plain(visitor_id)
        if not plain.is_known:
            continue
        real = case.ask(visitor_id, include="sessions,events")
        visits, events = plain.visits(), plain.all_events()
        starts = [visit["startedAt"] for visit in visits]
        if len(set(starts)) == len(starts):  # otherwise their order hangs on their ids
            assert only(real["sessions"], visits) == visits
        assert len(real["events"]) == len(events) <= 100
        for found, wanted in zip(bare(real["events"]), bare(events), strict=True):
            assert {name: found[name] for name in wanted if name != "properties"} == {
                name: value for name, value in wanted.items() if name != "properties"
            }
            assert (found["properties"] is None) == (wanted.get("properties") is None)


def test_each_list_can_be_paged_through_without_losing_or_doubling_a_row(case: Case) -> None:
    visitors = case.visitors()
    for visitor_id in case.random.sample(visitors, min(4 if IS_ALL else 2, len(visitors))):
        more = {"include": "sessions,events"}
        whole = lists_of(case.ask(visitor_id, **more))
        for name, rows in whole.items():
            limit = case.random.choice((1, 2, 3))
            found: list[Found] = []
            page = lists_of(case.ask(visitor_id, limit=str(limit), **more))[name]
            while page:
                assert len(page) <= limit
                found += page
                before = page[-1]["cursor"]
                asked = {"limit": str(limit), "before": before, **more}
                page = lists_of(case.ask(visitor_id, **asked))[name]
            assert found == rows


def test_before_a_time_lie_the_rows_of_earlier_times(case: Case) -> None:
    for visitor_id in case.visitors()[:-1]:
        rows = [row for row in case.log.rows if row.visitor_id == visitor_id]
        if not rows:
            continue
        at = case.random.choice(rows).occurred_at
        for before, instant in ((stamp(at, case.zone), at), (f"{at}_0_{0:016x}", at)):
            whole, part = case.ask(visitor_id), case.ask(visitor_id, before=before)
            for name, found in lists_of(part).items():
                earlier = [
                    row
                    for row in lists_of(whole)[name]
                    if int(row["cursor"].partition("_")[0]) < instant
                ]
                assert found == earlier
            del whole["activityTimeline"], part["activityTimeline"]
            assert whole["revenue"] == part["revenue"]
            assert whole["activity"]["currentUrl"] == part["activity"]["currentUrl"]


def test_an_export_holds_each_stored_thing_once(case: Case) -> None:
    zone = case.website.timezone
    for visitor_id in case.visitors():
        plain, real = case.plain(visitor_id), case.export(visitor_id)
        assert sorted(
            (one["startedAt"], one["lastEventAt"], one["pageviews"], bool(one["bot"]))
            for one in real["sessions"]
        ) == sorted(
            (
                stamp(session.started_at, zone),
                stamp(session.last_event_at, zone),
                len(session.pages),
                bool(session.bot),
            )
            for session in plain.all_sessions
        )
        assert sorted(
            (one["type"], one["timestamp"], one["name"] or "", one["path"] or "", one["bot"] or "")
            for one in real["events"]
        ) == sorted(
            (row.type, stamp(row.occurred_at, zone), row.name, row.path, row.bot)
            for row in plain.rows
        )
        assert sorted(
            (one["id"], one["type"], Decimal(str(one["originalAmount"])))
            for one in real["payments"]
        ) == sorted(
            (p.movement.movement_id, p.movement.kind, p.movement.original_amount)
            for p in plain.payments
        )
