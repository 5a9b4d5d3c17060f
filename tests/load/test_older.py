"""What an older version left behind is loaded: its journal records, its spooled batch."""

import msgspec
from load.conftest import NOON
from load.deleting import remove_website
from load.test_marks import LATER_COLUMNS

from footfall.load.batch import FACTS_BEFORE_MARKS, Batch
from footfall.load.loader import Loader
from footfall.load.spool import Spool
from footfall.model.event import Event
from footfall.model.fact import FACT_NAMES, Facts
from footfall.model.record import EventsRecord, decode_record, encode_record

FIRST_FACTS = 23
"""How many facts the first version had."""
NEW_FACTS = ("referrer_url", "timezone", "sdk_version")


def test_newer_facts_come_after_the_first_ones():
    assert FACT_NAMES[FIRST_FACTS : FIRST_FACTS + 3] == NEW_FACTS


def test_the_columns_of_facts_are_the_last_ones_in_their_order(store):
    """Rows of an older version lack columns at their end, which the engine fills."""
    for table in ("events", "sessions", "payments"):
        columns = [row[0] for row in store.engine.query(f"DESCRIBE TABLE {table}").rows]
        if table == "sessions":
            assert columns.index("prev_at") == columns.index(FACT_NAMES[0]) + FACTS_BEFORE_MARKS
            added = ("prev_at", *LATER_COLUMNS)
            columns = [name for name in columns if name not in added]
        assert tuple(columns[-len(FACT_NAMES) :]) == FACT_NAMES, table


def test_a_journal_record_from_before_the_new_fields_is_read_with_their_defaults():
    event = Event(website_id=1, type="page", occurred_at=NOON, facts=Facts(country="DE"))
    record = EventsRecord(received_at=NOON, via="collector", events=[event], lines_done=3)
    (
        tag,
        received_at,
        via,
        ([*fields, facts, _own, _client, _server],),
        lines_done,
        counts,
        _quarantined,
    ) = msgspec.msgpack.decode(encode_record(record))
    older = [tag, received_at, via, [[*fields, facts[:FIRST_FACTS]]], lines_done, counts]
    assert decode_record(msgspec.msgpack.encode(older)) == record


def without_new_facts(lines: bytes) -> bytes:
    rows = [msgspec.json.decode(line) for line in lines.split(b"\n")]
    return b"\n".join(msgspec.json.encode(row[: row.index("1440x900") + 1]) for row in rows)


def test_a_spooled_batch_from_before_the_new_columns_goes_into_the_migrated_tables(store):
    facts = Facts(country="DE", screen="1440x900", sdk_version="9")
    store.load(store.event(0, facts=facts))
    spool = Spool(store.folder / "spool")
    batch = spool.read().batch
    tables = {
        name: without_new_facts(lines) if name in ("events", "sessions", "payments") else lines
        for name, lines in batch.tables.items()
    }
    remove_website(store.deleter, store.website_id)
    spool.write(
        Batch(series="older", number=batch.number + 99, positions=batch.positions, tables=tables)
    )
    Loader(store.engine, store.folder, lambda: NOON)
    columns = "country, screen, referrer_url, timezone, sdk_version"
    for table in ("events", "sessions FINAL"):
        assert store.rows(columns, table) == [["DE", "1440x900", "", "", ""]]


def test_rows_hold_the_new_facts(store):
    facts = Facts(referrer_url="https://a.org/b", timezone="Europe/Vienna", sdk_version="1")
    store.load(store.event(0, facts=facts))
    for table in ("events", "sessions FINAL"):
        assert store.rows(", ".join(NEW_FACTS), table) == [
            ["https://a.org/b", "Europe/Vienna", "1"]
        ]
