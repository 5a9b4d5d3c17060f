"""The command `footfall import access-log`, as a person types it."""

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from cli.running import RunningServer, forked_footfall, running_server, wait_until
from importing.accesslog.log import made_log

from footfall.catalog import Catalog
from footfall.cli.import_ import OUTCOMES
from footfall.model.event import DROP_REASONS
from footfall.store.engine import Engine

LINES = 700


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
    return forked_footfall(
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
    for words in ("page views of bots", "errors and redirects", "files other than pages"):
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
    ran = forked_footfall(
        "import", "access-log", str(log), "--website", "nope.example", data=folder
    )
    assert ran.returncode == 1
    assert "no website 'nope.example'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_missing_file_is_one_clear_line(folder: Path, tmp_path: Path):
    ran = import_log(folder, tmp_path / "absent.log")
    assert ran.returncode == 1
    assert "cannot read" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", ["a" * 300, "pipe", "no/such/folder/access.log", "."])
def test_a_path_that_is_not_a_regular_file_is_one_clear_line(
    folder: Path, tmp_path: Path, name: str
):
    os.mkfifo(tmp_path / "pipe")
    ran = import_log(folder, tmp_path / name)
    assert ran.returncode == 1
    assert "cannot read" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_mistyped_data_folder_is_not_made(tmp_path: Path, log: Path):
    ran = import_log(tmp_path / "typo", log)
    assert ran.returncode == 1
    assert not (tmp_path / "typo").exists()


IIS = """#Software: Microsoft Internet Information Services 10.0
#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query cs(User-Agent) sc-status
""" + "".join(
    f"2026-11-27 10:00:{second:02} 203.0.113.{second} GET /a - Mozilla/5.0+(X11)+Fox/128 200\n"
    for second in range(30)
)
HAPROXY = (
    "Nov 27 12:14:14 lb haproxy[1]: 10.0.1.2:33317 [27/Nov/2026:12:14:14.655] in static/srv1"
    ' 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1"\n'
) * 30


def jobs(folder: Path) -> list[tuple[int, dict[str, int]]]:
    catalog = Catalog(folder)
    try:
        return [(job.emitted, job.counts) for job in catalog.import_jobs(catalog.websites()[0].id)]
    finally:
        catalog.close()


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_detected_format_is_shown(folder: Path, log: Path, tmp_path: Path):
    assert "Format: combined (Combined)" in import_log(folder, log).stdout
    answer = json.loads(import_log(folder, write(tmp_path / "iis.log", IIS), "--json").stdout)
    assert (answer["format"], answer["lines"], answer["unreadable"]) == ("w3c", 30, {})
    assert sum(answer["counts"].get(name, 0) for name in ("accepted", "bot")) == 30


@pytest.mark.parametrize("words", [(), ("--json",), ("--format", "combined"), ("--format", "json")])
def test_an_unreadable_log_fails_and_leaves_nothing_behind(
    folder: Path, tmp_path: Path, words: tuple[str, ...]
):
    ran = import_log(folder, write(tmp_path / "haproxy.log", HAPROXY), *words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "none of 30 lines can be read" in ran.stderr
    assert "HAProxy" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert jobs(folder) == []
    assert not (folder / "journal").exists() or list((folder / "journal").iterdir()) == []


def test_a_log_in_a_wrong_format_can_be_imported_in_the_right_one(folder: Path, tmp_path: Path):
    log = write(tmp_path / "iis.log", IIS)
    wrong = import_log(folder, log, "--format", "combined")
    assert wrong.returncode == 1
    assert "The lines look like w3c" in " ".join(wrong.stderr.split())
    right = json.loads(import_log(folder, log, "--format", "w3c", "--json").stdout)
    assert right["lines_added"] == 30
    again = json.loads(import_log(folder, log, "--json").stdout)
    assert (again["lines_added"], again["format"]) == (0, "w3c")
    assert stored(folder) == right["counts"]


def test_an_unknown_format_is_refused_with_the_list(folder: Path, log: Path):
    ran = import_log(folder, log, "--format", "apache")
    assert ran.returncode == 1
    assert "'apache' is not a known format; choose one of combined, common" in ran.stderr


def test_bad_lines_next_to_good_ones_are_counted_by_their_reason(folder: Path, tmp_path: Path):
    line = '%s - - [27/Nov/2026:10:00:%s +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
    text = line % ("203.0.113.7", "00") + line % ("-", "00") + line % ("203.0.113.7", "99")
    log = write(tmp_path / "mixed.log", text + "nonsense\n" + line % ("shop.example", "00"))
    answer = json.loads(import_log(folder, log, "--json").stdout)
    assert answer["counts"]["invalid"] == 4
    assert answer["unreadable"] == {"client": 2, "time": 1, "format": 1}
    other = write(tmp_path / "other.log", text)
    printed = import_log(folder, other).stdout
    assert "1 without the address of a client" in printed
    assert "1 without a valid time" in printed


def test_an_archive_of_each_kind_is_the_log(folder: Path, log: Path, tmp_path: Path):
    import_log(folder, log)
    before = stored(folder)
    for pack in (bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress):
        packed = tmp_path / "access.log.1"
        packed.write_bytes(pack(log.read_bytes()))
        assert "nothing was added" in import_log(folder, packed).stdout
    assert stored(folder) == before


def test_a_page_with_a_long_click_id_counts(folder: Path, tmp_path: Path):
    line = '203.0.113.%d - - [27/Nov/2026:10:00:00 +0000] "GET %s HTTP/1.1" 200 5 "%s" "%s"\n'
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    ends = ("ttclid=" + "E" * 2100, "b=" + "E" * 2026, "b=" + "E" * 60_000)
    targets = [f"/landing?{end}" for end in ends]
    text = "".join(
        line % (number, target, f"https://blog.example/?x={'y' * 5000}", agent)
        for number, target in enumerate(targets)
    )
    answer = json.loads(import_log(folder, write(tmp_path / "long.log", text), "--json").stdout)
    assert answer["counts"] == {"accepted": 3}
    engine = Engine(str(folder / "engine"))
    try:
        rows = engine.query("SELECT DISTINCT path, referrer FROM events").rows
    finally:
        engine.close()
    assert rows == [["/landing", "blog.example"]]


def test_the_help_says_what_the_command_does(folder: Path):
    text = forked_footfall("import", "access-log", "--help", data=folder).stdout
    for words in ("--format", "combined", "cloudfront", "detects the format", "exits with code 1"):
        assert words in text
