"""The command `footfall doctor`, with and without a running server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.running import RunningServer, forked_footfall, running_server, wait_until

from footfall.catalog import Catalog
from footfall.cli.checkup import (
    BUILT_AFTER_AT,
    check_all,
    check_backlog,
    check_clock,
    check_server,
)
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.journal.job import JobWriter
from footfall.load.deletion import Deletion, DeletionFiles
from footfall.load.lock import data_lock, server_lock
from footfall.model.record import EventsRecord

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server(folder) as server:
        yield server


def checks(folder: Path, **settings: object) -> dict[str, tuple[str, str]]:
    """Status and message by name; the first of several."""
    found: dict[str, tuple[str, str]] = {}
    for check in check_all(Settings(data=str(folder), **settings), now_ms):
        found.setdefault(check.name, (check.status, check.message))
    return found


def test_a_missing_folder_gets_advice_how_to_start_and_is_not_created(tmp_path: Path):
    found = checks(tmp_path / "new")
    assert found["data folder"][0] == "warn"
    assert "footfall demo" in found["data folder"][1]
    assert not (tmp_path / "new").exists()


def test_without_a_server_the_store_is_opened_here(folder: Path):
    found = checks(folder)
    assert found["store"][0] == found["disk space"][0] == found["data folder"][0] == "ok"
    assert "footfall serve" in found["server"][1]
    assert found["shop.example"] == (
        "warn",
        "no hit yet: put the tag on its pages, or send events from a server",
    )


def test_a_folder_without_websites_gets_the_advice_to_add_one(tmp_path: Path):
    Catalog(tmp_path / "data").close()
    assert "footfall website add" in checks(tmp_path / "data")["websites"][1]


def test_the_table_for_people_names_every_check(folder: Path):
    ran = forked_footfall("doctor", data=folder)
    assert ran.returncode == 0
    for name in ("data folder", "disk space", "clock", "store", "shop.example"):
        assert name in ran.stdout


def test_a_running_server_is_asked_and_no_token_stays_behind(server: RunningServer):
    found = checks(server.folder)
    assert found["server"][0] == found["store"][0] == found["proxy headers"][0] == "ok"
    catalog = Catalog(server.folder)
    assert catalog.tokens() == []
    catalog.close()


def test_the_last_hit_and_what_was_left_out_are_shown(server: RunningServer):
    catalog = Catalog(server.folder)
    tracking_id = catalog.websites()[0].tracking_id
    catalog.close()
    hit = {"websiteId": tracking_id, "type": "page", "visitorUid": "v", "sessionUid": "s"}
    headers = {"User-Agent": BROWSER, "Content-Type": "text/plain"}
    for host in ("shop.example", "elsewhere.example"):
        server.post("/events", hit | {"url": f"https://{host}/"}, headers)
    token = server.token("read")
    wait_until(
        lambda: server.get("/api/v1/ingestion", token).get("totals"),
        lambda totals: sum(totals.values()) == 2,
    )
    ran = forked_footfall("doctor", data=server.folder)
    assert "last hit: today" in ran.stdout
    assert "1 foreign_hostname" in ran.stdout


def test_deep_counts_visitors_again(server: RunningServer):
    catalog = Catalog(server.folder)
    tracking_id = catalog.websites()[0].tracking_id
    catalog.close()
    hit = {"websiteId": tracking_id, "type": "page", "url": "https://shop.example/"}
    headers = {"User-Agent": BROWSER, "Content-Type": "text/plain"}
    for name in "abc":
        server.post("/events", hit | {"visitorUid": name, "sessionUid": name}, headers)
    wait_until(lambda: checks(server.folder)["shop.example"], lambda seen: seen[0] == "ok")
    found = check_all(Settings(data=str(server.folder)), now_ms, deep=True)
    [counted] = [check for check in found if "counted in two ways" in check.message]
    assert (counted.name, counted.status) == ("shop.example", "ok")


def test_what_a_killed_server_left_behind_is_not_taken_for_one(folder: Path):
    (folder / "server.json").write_text('{"url": "http://127.0.0.1:9", "pid": 1}')
    assert "not running" in checks(folder)["server"][1]


def test_a_server_that_does_not_answer_fails(folder: Path):
    with server_lock(folder, lambda: None):
        ran = forked_footfall("doctor", "--json", data=folder)
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["status"]) == (1, "fail")
    assert [c["name"] for c in answer["checks"] if c["status"] == "fail"] == ["server"]


def test_an_import_that_loads_is_not_taken_for_a_server(folder: Path):
    with data_lock(folder):
        status, message = checks(folder)["server"]
    assert status == "warn"
    assert "an import is loading" in message


def test_too_little_disk_space_fails(folder: Path):
    found = checks(folder, min_free_disk_mb=1_000_000_000)
    assert found["disk space"][0] == "fail"


def test_a_geo_database_that_cannot_be_read_is_a_warning(folder: Path):
    found = checks(folder, geo_database=str(folder / "absent.mmdb"))
    assert found["places"][0] == "warn"


def test_refused_rows_are_a_warning(folder: Path):
    (folder / "refused.jsonl").write_text("{}\n{}\n")
    status, message = checks(folder)["refused rows"]
    assert status == "warn"
    assert message.startswith("2 rows")


def test_a_delete_that_was_killed_fails(folder: Path):
    DeletionFiles(folder).write(Deletion(number=1, website_id=1, what="visitor"))
    assert checks(folder)["deletes"] == (
        "fail",
        "1 were interrupted: start the server, which finishes them",
    )


def test_an_import_that_was_cut_off_is_a_warning_and_waits_in_the_journal(folder: Path):
    writer = JobWriter(folder / "journal", "1", max_bytes=1 << 30, min_free_bytes=0)
    writer.append([EventsRecord(received_at=0, via="import", events=[], lines_done=5)])
    writer.close()
    found = checks(folder)
    assert found["import"][0] == "warn"
    assert "waiting to be loaded" in found["journal"][1]


def answer(**changes: object) -> dict[str, object]:
    return {
        "status": "ok",
        "version": "1",
        "clock_ms": BUILT_AFTER_AT,
        "journal_backlog_bytes": 0,
        "loaded_at": BUILT_AFTER_AT,
        "most_hits_share": {"address_share": 0.2, "hits": 500},
        **changes,
    }


def statuses(health: dict[str, object]) -> dict[str, str]:
    return {check.name: check.status for check in check_server(health, "http://x")}


def test_a_server_that_is_well_is_ok():
    assert set(statuses(answer()).values()) == {"ok"}


@pytest.mark.parametrize(("share", "hits", "status"), [(0.9, 100, "warn"), (0.9, 99, "ok")])
def test_most_hits_from_one_address_are_a_warning_once_there_are_enough(
    share: float, hits: int, status: str
):
    health = answer(most_hits_share={"address_share": share, "hits": hits})
    assert statuses(health)["proxy headers"] == status


def test_loading_that_fails_fails():
    assert statuses(answer(is_loading_failing=True))["loading"] == "fail"


def test_a_clock_that_was_set_back_is_a_warning():
    assert statuses(answer(loaded_at=BUILT_AFTER_AT + 120_000))["clock"] == "warn"


def test_a_backlog_that_grows_is_a_warning():
    assert check_backlog(1 << 30, is_loading=True).status == "warn"
    assert check_backlog(1 << 10, is_loading=True).status == "ok"


def test_a_clock_in_the_past_fails():
    assert check_clock(0).status == "fail"
    assert check_clock(now_ms()).status == "ok"
