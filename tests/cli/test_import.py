"""The command `footfall import access-log`, as a person types it."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from accesslog.log import made_log
from cli.running import RunningServer, footfall, running_server, wait_until

from footfall.catalog import Catalog
from footfall.cli.import_ import OUTCOMES
from footfall.clock import now_ms
from footfall.model.event import DROP_REASONS
from footfall.store.engine import Engine

LINES = 700


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    catalog = Catalog(folder)
    catalog.add_website("shop.example", now_ms=now_ms())
    catalog.close()
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(made_log(LINES))
    return path


@pytest.fixture
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server(folder) as server:
        yield server


def stored(folder: Path) -> dict[str, int]:
    engine = Engine(str(folder / "engine"))
    try:
        rows = engine.query("SELECT outcome, sum(hits) FROM ingestion GROUP BY outcome").rows
        return {str(outcome): int(hits) for outcome, hits in rows}
    finally:
        engine.close()


def import_log(folder: Path, log: Path, *words: str):
    return footfall(
        "import", "access-log", str(log), "--website", "shop.example", *words, data=folder
    )


def test_a_log_is_imported_and_loaded_without_a_server(folder: Path, log: Path):
    ran = import_log(folder, log, "--json")
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["lines"] == answer["lines_added"] == sum(answer["counts"].values()) == LINES
    assert answer["is_loaded"]
    assert stored(folder) == answer["counts"]
    assert list((folder / "journal").iterdir()) == []


def test_the_same_log_again_and_gzipped_adds_nothing(folder: Path, log: Path, tmp_path: Path):
    import_log(folder, log)
    before = stored(folder)
    packed = tmp_path / "access.log.1"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    again = import_log(folder, packed)
    assert "nothing was added" in again.stdout
    assert stored(folder) == before


def test_the_table_names_what_lines_became_and_sums_up(folder: Path, log: Path):
    printed = import_log(folder, log).stdout
    for words in ("page views of bots", "errors and redirects", "files that are no pages"):
        assert words in printed
    assert f"{LINES:,}" in printed


def test_every_reason_that_a_line_can_have_is_said_in_words():
    of_logs = {r for r in DROP_REASONS if r.startswith(("excluded", "spam", "foreign"))}
    assert set(OUTCOMES) >= of_logs | {"accepted", "bot", "asset", "error_status", "not_get"}


def test_a_running_server_loads_what_is_imported(folder: Path, log: Path, server: RunningServer):
    answer = json.loads(import_log(folder, log, "--json").stdout)
    assert not answer["is_loaded"]
    assert sum(answer["counts"].values()) == LINES
    token = server.token("read")
    totals = wait_until(
        lambda: server.get("/api/v1/ingestion", token).get("totals"),
        lambda totals: sum(totals.values()) == LINES,
    )
    assert totals == answer["counts"]


def test_an_unknown_website_is_one_clear_line(folder: Path, log: Path):
    ran = footfall("import", "access-log", str(log), "--website", "nope.example", data=folder)
    assert ran.returncode == 1
    assert "no website 'nope.example'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_missing_file_is_one_clear_line(folder: Path, tmp_path: Path):
    ran = import_log(folder, tmp_path / "absent.log")
    assert ran.returncode == 1
    assert "cannot read" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_mistyped_data_folder_is_not_made(tmp_path: Path, log: Path):
    ran = import_log(tmp_path / "typo", log)
    assert ran.returncode == 1
    assert not (tmp_path / "typo").exists()
