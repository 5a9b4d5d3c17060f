"""Times of rows: what is stored is the millisecond that was sent, on every engine, and rows that an
earlier version wrote as numbers are read as it meant them."""

from datetime import datetime
from decimal import Decimal
from random import Random

import msgspec
import pytest
from load.conftest import NOON
from load.deleting import delete_goals, purge, remove_website

from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.loader import Loader
from footfall.load.spool import Spool
from footfall.load.time_text import TIME_PLACES, read_time, time_text, with_text_times
from footfall.model.payment import Movement
from footfall.model.record import EventsRecord, MovementRecord, Quarantined

YEAR_MS = 366 * 86_400_000


def with_numbers(table: str, lines: bytes) -> bytes:
    """The rows as the version before wrote them: seconds since 1970."""
    rows = []
    for line in lines.split(b"\n"):
        row = msgspec.json.decode(line)
        for place in TIME_PLACES.get(table, ()):
            at = read_time(row[place])
            row[place] = at // 1000 if table == "ingestion" else at / 1000
        rows.append(msgspec.json.encode(row))
    return b"\n".join(rows)


def test_any_time_is_stored_to_the_millisecond(store):
    random = Random(7)
    times = {random.randrange(-5 * YEAR_MS, 200 * YEAR_MS) for _ in range(80)}
    times |= {0, 1, -1, 999, 1000, 59_999, 3_599_999, 3_600_000, 951_782_400_000, NOON}
    engine = store.engine
    rows = [[store.website_id, index, time_text(at), 1] for index, at in enumerate(sorted(times))]
    lines = b"\n".join(map(msgspec.json.encode, rows))
    engine.insert("visits", lines, f"times-{store.website_id}")
    stored = store.rows("toUnixTimestamp64Milli(started_at)", "visits", "visitor_id")
    assert [at for (at,) in stored] == sorted(times)


@pytest.mark.parametrize("at", [0, -1, NOON + 1, 253_402_300_799_999, -62_135_596_800_000])
def test_a_time_is_read_as_it_was_written(at):
    assert read_time(time_text(at)) == at
    assert datetime.fromisoformat(time_text(at))


def one_of_each(store):
    """Records whose batch has a row for every table."""
    wrong = Quarantined(
        website_id=store.website_id, message_id="m", type="track", name="a", field="", message="x"
    )
    events = [store.event(0, event_id=5), store.event(40, "track", name="signup")]
    movement = Movement(
        website_id=store.website_id,
        movement_id="t1",
        kind="new",
        occurred_at=NOON + 1,
        amount=Decimal(1),
        original_amount=Decimal(1),
        original_currency="EUR",
        rate=Decimal(1),
        is_converted=True,
        visitor_id=7,
    )
    return [
        EventsRecord(received_at=NOON, via="sdk", events=events, quarantined=[wrong]),
        MovementRecord(received_at=NOON, movement=movement),
    ]


def test_every_time_of_every_table_is_a_text(store):
    store.loader.load_records(one_of_each(store))
    tables = Spool(store.folder / "spool").read().batch.tables
    assert tables.keys() == {*TIME_PLACES, "batches"}
    for table, places in TIME_PLACES.items():
        for line in tables[table].split(b"\n"):
            row = msgspec.json.decode(line)
            for place in places:
                assert time_text(read_time(row[place])) == row[place]


def test_a_spool_of_the_version_before_is_loaded(store):
    store.loader.load_records(one_of_each(store))
    sessions, spool = store.sessions(), Spool(store.folder / "spool")
    batch = spool.read().batch
    remove_website(store.deleter, store.website_id)
    number = spool.read().batch.number + 1
    tables = {name: with_numbers(name, lines) for name, lines in batch.tables.items()}
    tables["batches"] = tables["batches"].replace(b"[%d" % batch.number, b"[%d" % number)
    assert b'"2026-' not in b"".join(tables.values())
    older = msgspec.structs.replace(batch, series="older", number=number, tables=tables)
    spool.write(older)
    for _ in range(2):
        Loader(store.engine, store.folder, lambda: NOON)
        assert store.sessions() == sessions
        assert store.rows("count()", "events") == [[3]]
        assert store.rows("sum(hits)", "ingestion") == [[2]]
        assert store.rows("toUnixTimestamp64Milli(received_at)", "event_ids") == [[NOON]]
        assert store.rows("toUnixTimestamp64Milli(report_at)", "payments") == [[NOON + 1]]


def test_rows_with_text_stay_as_they_are(store):
    store.load(store.event(0))
    for table, lines in Spool(store.folder / "spool").read().batch.tables.items():
        assert with_text_times(table, lines) == lines


def test_a_time_that_no_calendar_has_is_set_aside_and_the_rest_is_stored(store):
    store.load(*(store.event(minute) for minute in range(20)), store.event(10**12))
    assert store.rows("count()", "events") == [[20]]
    refused = (store.folder / "refused.jsonl").read_text().splitlines()
    assert {msgspec.json.decode(line)["table"] for line in refused} == {
        "events",
        "sessions",
        "visits",
    }


def test_rows_set_aside_by_the_version_before_are_deleted_by_their_time(store):
    store.load(store.event(0, "track", name="signup"))
    lines = Spool(store.folder / "spool").read().batch.tables["events"]
    path = store.folder / "refused.jsonl"
    for row in (lines, with_numbers("events", lines)):
        goals = GoalsToDelete(name="signup", from_ms=NOON, to_ms=NOON + 1)
        entry = {"token": "t", "table": "events", "reason": "", "row": row.decode()}
        path.write_bytes(msgspec.json.encode(entry) + b"\n")
        delete_goals(store.deleter, store.website_id, msgspec.structs.replace(goals, to_ms=NOON))
        assert path.exists()
        purge(store.deleter, store.website_id, NOON)
        assert path.exists()
        delete_goals(store.deleter, store.website_id, goals)
        assert not path.exists()


def test_a_row_set_aside_whose_time_cannot_be_read_does_not_stop_a_purge(store):
    path = store.folder / "refused.jsonl"
    for row in ('[%d,"yesterday",1]', "[%d]", '["x","y"]', "{}", "[%d,null,null]"):
        text = row % store.website_id if "%d" in row else row
        entry = {"token": "t", "table": "events", "reason": "", "row": text}
        path.write_bytes(msgspec.json.encode(entry) + b"\n")
        purge(store.deleter, store.website_id, NOON)
        assert not path.exists(), row
