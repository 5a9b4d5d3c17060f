"""A real loader on a real engine, and short ways to make events."""

import pytest

from footfall.journal.segment import frame
from footfall.journal.writer import SegmentWriter
from footfall.load.deleter import Deleter
from footfall.load.loader import Loader
from footfall.model.event import Event
from footfall.model.record import EventsRecord, encode_record
from footfall.store.engine import Engine

NOON = 1_767_268_800_000  # 2026-01-01 12:00 UTC
MINUTE = 60_000


@pytest.fixture(scope="module")
def engine(location):
    engine = Engine(location)
    engine.migrate()
    yield engine
    engine.close()


def write_journal(folder, *events):
    """Acknowledge events as one record."""
    writer = SegmentWriter(folder / "journal" / "a", max_bytes=1 << 30, min_free_bytes=0)
    record = EventsRecord(received_at=NOON, via="server", events=list(events))
    writer.append(frame(encode_record(record)))
    writer.close()


class Store:
    """A loader on a folder of its own, and questions to the tables."""

    def __init__(self, engine, folder, website_id):
        self.engine, self.folder, self.website_id = engine, folder, website_id
        self.open()

    def open(self):
        """As after a start."""
        self.loader = Loader(self.engine, self.folder, lambda: NOON)
        self.deleter = Deleter(self.engine, self.folder, self.loader)

    def load(self, *events, received_at=NOON, via="server"):
        record = EventsRecord(received_at=received_at, via=via, events=list(events))
        self.loader.load_records([record])

    def event(self, minute=0.0, type="page", visitor_id=7, **fields):
        at = NOON + round(minute * MINUTE)
        if type == "page":
            fields.setdefault("path", "/")
        return Event(
            website_id=self.website_id, type=type, occurred_at=at, visitor_id=visitor_id, **fields
        )

    def rows(self, columns, table="sessions FINAL", order="1"):
        sql = f"SELECT {columns} FROM {table} WHERE website_id = {self.website_id} ORDER BY {order}"
        return self.engine.query(sql).rows

    def sessions(self):
        """(minutes after noon of start and last event, pageviews, counted events) by start."""
        minutes = [
            f"(toUnixTimestamp64Milli({c}) - {NOON}) / 60000"
            for c in ("started_at", "last_event_at")
        ]
        columns = f"{', '.join(minutes)}, pageviews, counted_events"
        return [tuple(row) for row in self.rows(columns, order="1, 2")]


_next_website = iter(range(1000, 10_000))


@pytest.fixture
def store(engine, tmp_path):
    for table in ("batches", "events", "sessions"):  # of other tests' folders
        engine.command(f"TRUNCATE TABLE {table}")
    return Store(engine, tmp_path, next(_next_website))
