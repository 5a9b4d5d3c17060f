"""The demo's traffic: the same for the same seed and day, and of every kind."""

import itertools
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.demo import world
from footfall.demo.generator import DAY_MS, DemoRecord, demo_requests
from footfall.enrich.pipeline import Enricher
from footfall.model.event import EVENT_TYPES, Event
from footfall.model.payment import Movement
from footfall.model.record import EventsRecord, MovementRecord
from footfall.model.website import Website

WEBSITE = Website(
    id=7,
    tracking_id="flid_demo",
    domain=world.DOMAIN,
    name=world.NAME,
    timezone=world.TIMEZONE,
    currency=world.CURRENCY,
    created_at=0,
)
BEGIN = 20_740 * DAY_MS
END = BEGIN + 12 * DAY_MS


@cache
def enricher() -> Enricher:
    return Enricher()


def run(start: int, end: int, seed: int = 1) -> list[DemoRecord]:
    return list(demo_requests(WEBSITE, enricher(), start, end, seed))


@cache
def whole() -> list[DemoRecord]:
    return run(BEGIN, END)


@cache
def events() -> list[Event]:
    return [e for record in whole() if isinstance(record, EventsRecord) for e in record.events]


@cache
def movements() -> list[Movement]:
    return [record.movement for record in whole() if isinstance(record, MovementRecord)]


def test_requests_come_in_order_each_at_a_time_of_its_own():
    times = [record.received_at for record in whole()]
    assert all(before < after for before, after in itertools.pairwise(times))
    assert times[0] >= BEGIN
    assert times[-1] < END


def test_each_record_says_up_to_when_everything_is_there():
    assert all(record.lines_done == record.received_at + 1 for record in whole())


def test_an_event_happens_when_it_is_received():
    for record in whole():
        if isinstance(record, EventsRecord):
            assert [event.occurred_at for event in record.events] == [record.received_at]


@settings(max_examples=8, deadline=None)
@given(st.integers(BEGIN, END))
def test_a_run_cut_anywhere_continues_as_if_it_had_not_been(cut: int):
    first = [record for record in whole() if record.received_at < cut]
    near = min(END, cut + DAY_MS)
    assert run(max(BEGIN, cut - DAY_MS), cut) == first[len(first) - len_since(first, cut) :]
    assert run(cut, near) == [r for r in whole() if cut <= r.received_at < near]


def len_since(records: list[DemoRecord], cut: int) -> int:
    return sum(record.received_at >= max(BEGIN, cut - DAY_MS) for record in records)


def test_a_cut_between_two_neighbours_parts_them():
    here, there = whole()[500], whole()[501]
    assert run(here.received_at, there.received_at) == [here]


def test_another_seed_gives_other_traffic():
    assert run(BEGIN, BEGIN + DAY_MS, seed=2) != run(BEGIN, BEGIN + DAY_MS)


def test_every_kind_of_event_is_there():
    types = Counter(event.type for event in events())
    assert set(types) == set(EVENT_TYPES)
    assert types["page"] > 10 * types["outbound"]


def test_every_goal_is_there():
    assert {event.name for event in events() if event.type == "track"} == {
        "signup",
        "add_to_cart",
        "checkout_started",
        "file_download",
        "newsletter",
        "swap",
        "stake",
    }


def test_the_channels_are_many():
    channels = {event.facts.channel for event in events()}
    assert channels >= {
        "Direct",
        "Organic Search",
        "Organic Social",
        "Paid Search",
        "Paid Social",
        "AI Assistants",
        "Email",
        "Affiliate",
        "Video",
        "Referral",
    }


@pytest.mark.parametrize(
    "fact",
    ["utm_source", "utm_campaign", "ref", "source", "via", "click_id", "region", "city", "screen"],
)
def test_a_fact_is_sometimes_known(fact: str):
    values = {getattr(event.facts, fact) for event in events()}
    assert "" in values or fact == "screen"
    assert len(values) > 1


def test_people_come_from_many_countries_with_many_machines():
    contracts_have_none = ("decoded_log",)
    people = [e for e in events() if not e.bot and e.type not in contracts_have_none]
    assert len({event.facts.country for event in people}) >= 12
    assert {event.facts.device for event in people} == {"Desktop", "Mobile", "Tablet"}
    assert all(event.facts.browser and event.facts.os_version for event in people)


def test_some_hits_are_bots_and_some_visitors_have_no_cookies():
    bots = [event for event in events() if event.bot]
    assert 0.01 < len(bots) / len(events()) < 0.15
    assert any(event.visitor_id_yesterday for event in events() if not event.bot)


def test_many_visitors_come_again_on_another_day():
    days: dict[int, set[int]] = {}
    for event in events():
        days.setdefault(event.visitor_id, set()).add(event.occurred_at // DAY_MS)
    assert sum(len(seen) > 1 for seen in days.values()) > 0.1 * len(days)


def test_every_page_has_its_title():
    titles = {event.path: event.title for event in events() if event.type == "page"}
    assert titles == {path: world.PAGES[path].title for path in titles}
    assert len(titles) >= 20


def test_links_lead_to_pages_that_exist():
    linked = {link for page in world.PAGES.values() for link in page.links}
    landed = {path for o in world.ORIGINS + world.LAUNCH_ORIGINS for path in o.landings}
    assert linked | landed <= set(world.PAGES)


def test_money_comes_in_two_currencies_converted_to_the_websites():
    assert {movement.original_currency for movement in movements()} == {"USD", "EUR"}
    for movement in movements():
        assert (movement.rate == 1) == (movement.original_currency == "USD")
        converted = movement.original_amount * movement.rate
        assert movement.amount == converted.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_money_comes_new_and_again_and_some_goes_back():
    kinds = Counter(movement.kind for movement in movements())
    assert kinds["new"] > kinds["refund"] > 0
    assert kinds["renewal"] > 0
    assert any(movement.original_amount == 0 for movement in movements())
    assert len({movement.movement_id for movement in movements()}) == len(movements())


def test_a_refund_has_the_amount_and_rate_of_its_payment():
    by_id = {movement.movement_id: movement for movement in movements()}
    checked = 0
    for movement in movements():
        paid = by_id.get(movement.movement_id.removesuffix("-refund"))
        if movement.kind == "refund" and paid:
            assert (paid.amount, paid.rate) == (movement.amount, movement.rate)
            assert paid.visitor_id == movement.visitor_id
            checked += 1
    assert checked


def test_who_pays_first_was_seen_in_the_visit_before():
    seen = {(event.visitor_id, event.occurred_at // DAY_MS) for event in events()}
    firsts = [m for m in movements() if m.kind == "new"]
    known = [m for m in firsts if (m.visitor_id, m.occurred_at // DAY_MS) in seen]
    assert len(known) >= 0.95 * len(firsts)  # a visit may run over midnight


def test_payments_before_the_shop_opened_are_not_renewed_or_refunded():
    opened = msgspec.structs.replace(WEBSITE, created_at=BEGIN)
    records = list(demo_requests(opened, enricher(), BEGIN, BEGIN + 12 * DAY_MS, 1))
    here = [record.movement for record in records if isinstance(record, MovementRecord)]
    paid = {movement.movement_id for movement in here if movement.kind == "new"}
    assert {movement.kind for movement in here} == {"new", "refund"}
    for movement in here:
        assert movement.kind == "new" or movement.movement_id.removesuffix("-refund") in paid
