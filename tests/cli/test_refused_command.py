"""`footfall refused` and `footfall store`, with and without a running server."""

import json
from pathlib import Path

import pytest
from cli.running import forked_footfall, running_server
from clickhouse.server import ClickHouse

SECRET = "/secret"


def set_aside(folder: Path, count: int) -> None:
    """Rows of visits as a store has refused them; those with odd numbers it still refuses."""
    with (folder / "refused.jsonl").open("w") as file:
        for n in range(count):
            visitor = n if n % 2 == 0 else SECRET
            row = json.dumps([1, visitor, "2026-01-01 12:00:00.000", n, n])
            reason = (
                f"Code: 27. DB::Exception: Cannot parse input: {SECRET}: (while reading the value"
                " of key visitor_id): (at row 1) (CANNOT_PARSE_INPUT_ASSERTION_FAILED)"
            )
            entry = {"token": f"s-1{'a' * n}", "table": "visits", "reason": reason, "row": row}
            file.write(json.dumps(entry) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    added = forked_footfall("website", "add", "example.com", data=folder)
    assert added.returncode == 0, added.stderr
    return folder


def test_the_list_says_why_and_shows_no_value_of_a_row(folder):
    assert "No row was refused" in forked_footfall("refused", data=folder).stdout
    set_aside(folder, 4)
    shown = forked_footfall("refused", data=folder).stdout
    assert "visits" in shown
    assert "column visitor_id, code 27" in shown
    assert "footfall refused reload" in shown
    assert SECRET not in shown
    rows = json.loads(forked_footfall("refused", "--json", data=folder).stdout)
    assert [row["table"] for row in rows] == ["visits"] * 4
    assert "footfall refused reload" in forked_footfall("doctor", data=folder).stdout.replace(
        "\n", " "
    )


def test_rows_are_reloaded_without_a_server(folder):
    set_aside(folder, 5)
    for loaded in (3, 0):
        done = forked_footfall("refused", "reload", "--json", data=folder)
        assert json.loads(done.stdout) == {"loaded": loaded, "left": 2}, done.stderr
    assert len((folder / "refused.jsonl").read_text().splitlines()) == 2


def test_rows_are_reloaded_by_the_running_server(folder):
    with running_server(folder):
        set_aside(folder, 5)
        for loaded in (3, 0):
            done = forked_footfall("refused", "reload", "--json", data=folder)
            assert json.loads(done.stdout) == {"loaded": loaded, "left": 2}, done.stderr
        assert not list(folder.glob("refused.reload*"))


def test_the_store_of_another_folder_can_be_taken(folder, tmp_path, clickhouse: ClickHouse):
    other = tmp_path / "other"
    forked_footfall("website", "add", "example.org", data=other)
    address = clickhouse.database()
    store = {"FOOTFALL_STORE": address}
    for first in (folder, other):
        shown = json.loads(forked_footfall("store", "--json", data=first, **store).stdout)
        assert shown["kind"] == "ClickHouse server"
        assert shown["owner"] == "none yet"
    for owner, loser in ((folder, other), (other, folder)):
        taken = forked_footfall("store", "take", data=owner, **store)
        assert taken.returncode == 0, taken.stderr
        assert "this folder" in forked_footfall("store", data=owner, **store).stdout
        assert "another data folder" in forked_footfall("store", data=loser, **store).stdout
        doctor = forked_footfall("doctor", data=loser, **store)
        assert doctor.returncode == 1
        assert "belongs to another Footfall" in " ".join(doctor.stdout.split())
    clickhouse.drop(address)


def test_the_embedded_store_cannot_be_taken(folder):
    done = forked_footfall("store", "take", data=folder)
    assert done.returncode == 1
    assert "belongs to its data folder" in " ".join(done.stderr.split())


def test_doctor_and_import_say_that_the_store_is_away(folder, tmp_path, clickhouse: ClickHouse):
    store = {"FOOTFALL_STORE": f"http://127.0.0.1:1/{clickhouse.port}"}
    doctor = forked_footfall("doctor", data=folder, **store)
    assert doctor.returncode == 1
    assert "nothing listens at its address" in " ".join(doctor.stdout.split())
    log = tmp_path / "access.log"
    line = '203.0.113.9 - - [02/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"'
    log.write_text(f"{line}\n")
    words = ("import", "access-log", str(log), "--website", "example.com", "--format", "combined")
    done = forked_footfall(*words, data=folder, **store)
    assert done.returncode == 1
    text = " ".join(done.stderr.split())
    assert "the log is in the journal" in text
    assert "nothing listens at its address" in text
    assert "Traceback" not in text
