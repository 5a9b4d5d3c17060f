"""`footfall damage`, and what is said of damaged files until a person acknowledges them."""

import json
from pathlib import Path

import pytest
from cli.running import forked_footfall, running_server, wait_until
from importing.accesslog.log import made_log

from footfall.catalog import Catalog
from footfall.clock import now_ms
from footfall.journal.segment import frame, segment_path
from footfall.journal.writer import SegmentWriter
from footfall.model.event import Event
from footfall.model.record import EventsRecord, encode_record

RECORDS = 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose server was killed before it had loaded 50 page views."""
    folder = tmp_path / "data"
    catalog = Catalog(folder)
    website = catalog.add_website("shop.example", now_ms=now_ms())
    catalog.close()
    writer = SegmentWriter(folder / "journal/collector-0", max_bytes=1 << 30, min_free_bytes=0)
    for number in range(RECORDS):
        event = Event(
            website_id=website.id,
            type="page",
            occurred_at=now_ms(),
            visitor_id=number + 1,
            path=f"/{number}",
        )
        record = EventsRecord(received_at=now_ms(), via="collector", events=[event])
        writer.append(frame(encode_record(record)))
    writer.close()
    return folder


def flip_a_bit_in_the_first_record(folder: Path) -> None:
    path = segment_path(folder / "journal/collector-0", 1)
    content = bytearray(path.read_bytes())
    content[30] ^= 1
    path.write_bytes(content)


def test_a_folder_without_damage_says_so(folder: Path) -> None:
    done = forked_footfall("damage", data=folder)
    assert (done.returncode, done.stdout.strip()) == (0, "No damage was found.")


def test_damage_is_reported_until_it_is_acknowledged(folder: Path) -> None:
    flip_a_bit_in_the_first_record(folder)
    with running_server(folder) as server:
        wait_until(
            lambda: server.get("/health"), lambda health: not health["journal_backlog_bytes"]
        )
        health = server.get("/health")
        assert health["status"] == "damaged"
        assert "the bytes were changed" in health["damage"][0]
        assert server.get("/api/v1/overview?fields=pageviews", server.token("read"))["data"] == [
            {"pageviews": RECORDS - 1}
        ]
        doctor = forked_footfall("doctor", data=folder)
        assert doctor.returncode == 1
        assert "footfall damage --seen" in " ".join(doctor.stdout.split())
        [found] = json.loads(forked_footfall("damage", "--json", data=folder).stdout)
        assert (found["part"], found["isNew"]) == ("journal", True)
        assert forked_footfall("damage", "--seen", data=folder).returncode == 0
        assert server.get("/health")["status"] == "ok"
    [found] = json.loads(forked_footfall("damage", "--json", data=folder).stdout)
    assert found["isNew"] is False


def test_what_a_command_logs_is_not_in_its_output(folder: Path, tmp_path: Path) -> None:
    flip_a_bit_in_the_first_record(folder)
    log = tmp_path / "access.log"
    log.write_bytes(made_log(10))
    words = ("import", "access-log", str(log), "--website", "shop.example", "--json")
    done = forked_footfall(*words, data=folder)
    assert json.loads(done.stdout)["is_loaded"], done.stderr
    assert "event='damage found'" in done.stderr
