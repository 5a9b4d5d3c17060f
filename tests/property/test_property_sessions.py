"""Random traffic through the real loader: the stored sessions, events and payments are those
that the slow reference joins."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from load.marks import wrong_marks
from reference.join import Log

from footfall.load.loader import Loader
from footfall.model.event import NOT_COUNTED
from footfall.model.record import MovementRecord
from footfall.store.engine import Engine
from property.app_traffic import make_app_traffic
from property.traffic import Traffic, make_traffic, move


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all traffics: the loader numbers its batches in it."""
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture(scope="module")
def engine(location: str) -> Iterator[Engine]:
    opened = Engine(location)
    opened.migrate()
    yield opened
    opened.close()


def load(engine: Engine, folder: Path, traffic: Traffic) -> None:
    """Load in random batches, now and then by a new loader that remembers nothing."""
    random = Random(traffic.seed)
    loader = Loader(engine, folder, lambda: traffic.now_ms)
    records = list(traffic.records)
    while records:
        size = random.choice((1, 3, 10, 40, 1000))
        loader.load_records(list(records[:size]))
        del records[:size]
        if random.random() < 0.3:
            loader = Loader(engine, folder, lambda: traffic.now_ms)


def store_plainly(traffic: Traffic) -> Log:
    log = Log(traffic.websites[0].id)
    for record in traffic.records:
        if isinstance(record, MovementRecord):
            log.add_movement(record.movement)
        else:
            log.add_request(record.received_at, record.events)
    return log


SESSIONS = """
SELECT toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(last_event_at), visitor_id, bot,
       pageviews, counted_events, engaged_ms, entry_page, exit_page, exit_link, utm_source, city
FROM sessions FINAL WHERE website_id = {website:UInt32}
"""

EVENTS = """
SELECT toUnixTimestamp64Milli(report_at), toUnixTimestamp64Milli(occurred_at), visitor_id,
       session_id != 0, type, name, path, link, bot, is_server_side, channel, utm_source, city
FROM events WHERE website_id = {website:UInt32}
"""

PAYMENTS = """
SELECT toUnixTimestamp64Milli(report_at), movement_id, visitor_id, session_id != 0,
       entry_page, exit_page, exit_link, channel, utm_source, city
FROM payments FINAL WHERE website_id = {website:UInt32}
"""


TRAFFICS = [make_traffic(seed) for seed in range(6001, 6016)]
TRAFFICS += [make_app_traffic(seed) for seed in range(7001, 7011)]
"""The others' sessions are found by time, the app's also by their sender's word."""


@pytest.mark.sample(12)
@pytest.mark.parametrize("made", TRAFFICS, ids=[str(traffic.seed) for traffic in TRAFFICS])
def test_what_is_stored_is_what_the_reference_joins(
    engine: Engine, folder: Path, made: Traffic
) -> None:
    seed = made.seed
    traffic = move(made, {site.id: seed * 10 + i for i, site in enumerate(made.websites)})
    load(engine, folder, traffic)
    log = store_plainly(traffic)
    sites = [website.id for website in traffic.websites]
    assert wrong_marks(engine, sites, may_be_unknown=True) == []
    website = {"website": traffic.websites[0].id}

    sessions = [
        (
            *(session.started_at, session.last_event_at, session.visitor_id, session.bot),
            len(session.pages),
            sum(row.type not in NOT_COUNTED for row in session.rows),
            *(session.engaged_ms, session.entry_page, session.exit_page, session.exit_link),
            *(session.facts.utm_source, session.facts.city),
        )
        for session in log.sessions
    ]
    assert Counter(map(tuple, engine.query(SESSIONS, website).rows)) == Counter(sessions)

    rows = [
        (
            *(row.report_at, row.occurred_at, row.visitor_id, int(row.session is not None)),
            *(row.type, row.name, row.path, row.link, row.bot, int(row.is_server_side)),
            *(row.facts.channel, row.facts.utm_source, row.facts.city),
        )
        for row in log.rows
    ]
    assert Counter(map(tuple, engine.query(EVENTS, website).rows)) == Counter(rows)

    payments = [
        (
            *(payment.movement.occurred_at, payment.movement.movement_id, payment.visitor_id),
            *(int(payment.session is not None), payment.entry_page, payment.exit_page),
            *(payment.exit_link, payment.facts.channel),
            *(payment.facts.utm_source, payment.facts.city),
        )
        for payment in log.payments
    ]
    assert Counter(map(tuple, engine.query(PAYMENTS, website).rows)) == Counter(payments)
