"""disk: bytes per event of all tables together, from events that went through loading."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec

from bench.result import Figure, at_most, write
from bench.server import prepare_folder
from bench.size import Size
from bench.traffic import Visit, interleaved
from footfall.catalog import Salts
from footfall.collect.wire import PublicEvent, hit_of_public
from footfall.enrich.pipeline import Enricher
from footfall.load.loader import Loader
from footfall.model.event import Event
from footfall.model.hit import ClientHints, Hit
from footfall.model.record import EventsRecord, Record
from footfall.model.website import Website
from footfall.store.engine import Engine

PART = "disk"
DAYS = 30
BATCH = 2_000
START_MS = 1_762_000_000_000
_LARGEST = 14


def run(size: Size, folder: Path) -> list[Figure]:
    """Events over 30 days, joined and inserted by the loader in batches, then merged."""
    website, _ = prepare_folder(folder)
    engine = Engine(str(folder / "engine"))
    try:
        engine.migrate()
        stored = _load(engine, folder, website, size.disk_events)
        before = _bytes_by_table(engine)
        for table in before:
            engine.command(f"OPTIMIZE TABLE {table} FINAL")
        after = _bytes_by_table(engine)
        figures = [
            at_most(PART, "all tables, merged", sum(after.values()) / stored, 60, "bytes/event"),
            Figure(
                PART, "all tables, as loading left them", _per_event(sum(before.values()), stored)
            ),
            *(Figure(PART, f"  table {t}", _per_event(n, stored)) for t, n in after.items()),
            *_columns(engine, stored),
        ]
    finally:
        engine.close()
    return figures


def _load(engine: Engine, folder: Path, website: Website, count: int) -> int:
    """Returns how many rows of events there are."""
    now = START_MS
    loader = Loader(engine, folder, lambda: now)
    batch: list[Record] = []
    for record in _records(website, count):
        batch.append(record)
        now = record.received_at
        if len(batch) == BATCH:
            loader.load_records(batch)
            batch = []
    loader.load_records(batch)
    [[stored]] = engine.query("SELECT count() FROM events").rows
    return int(stored)


def _records(website: Website, count: int) -> Iterator[EventsRecord]:
    """The same traffic as in the other parts, as the collector would journal it, with the places
    that a city database would give."""
    enricher = Enricher()
    salts = Salts(0, b"t" * 32, b"y" * 32)
    random = Random(1)
    step_ms = DAYS * 86_400_000 // count
    for number, (visit, sent) in enumerate(interleaved(random, count)):
        at = START_MS + number * step_ms + random.randrange(step_ms)
        event = enricher.enrich(_hit(website, visit, sent, at), website, salts)
        if isinstance(event, Event):
            yield EventsRecord(received_at=at, via="collector", events=[event])


def _hit(website: Website, visit: Visit, sent: dict[str, object], at: int) -> Hit:
    ids = {"visitorUid": visit.visitor_uid, "sessionUid": visit.session_uid}
    wire = {"websiteId": website.tracking_id, **sent, **ids}
    hit = hit_of_public(msgspec.convert(wire, PublicEvent), at)
    hints = dict(visit.browser.hints)
    hit.client_address = visit.address
    hit.user_agent = visit.browser.user_agent
    hit.hints = ClientHints(
        brands=hints.get("sec-ch-ua", ""),
        platform=hints.get("sec-ch-ua-platform", ""),
        mobile=hints.get("sec-ch-ua-mobile", ""),
    )
    hit.country, hit.region, hit.city = visit.place.country, visit.place.region, visit.place.city
    return hit


def _bytes_by_table(engine: Engine) -> dict[str, int]:
    rows = engine.query(
        "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts"
        " WHERE active AND database = currentDatabase() AND table != 'migrations'"
        " GROUP BY table ORDER BY bytes DESC"
    ).rows
    return {table: int(size) for table, size in rows}


def _columns(engine: Engine, stored: int) -> Iterator[Figure]:
    rows = engine.query(
        "SELECT table, column, sum(column_bytes_on_disk) AS bytes FROM system.parts_columns"
        " WHERE active AND database = currentDatabase()"
        f" GROUP BY table, column ORDER BY bytes DESC LIMIT {_LARGEST}"
    ).rows
    for table, column, size in rows:
        yield Figure(PART, f"  column {table}.{column}", _per_event(int(size), stored))


def _per_event(size: int, stored: int) -> str:
    return write(size / stored, "bytes/event")
