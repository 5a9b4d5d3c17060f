"""Who holds a data folder: a server waits for commands, and commands give way to servers."""

import random
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.server import Server, running, wait_until
from e2e.test_durable import LINES, begun_import, lines

from footfall.load.lock import data_lock, is_server_waiting
from footfall.model.errors import Conflict
from footfall.store.engine import Engine

WAITING = "Waiting for another command"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    log = tmp_path / "access.log"
    log.write_text("".join(lines()))
    return log


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    assert footfall("website", "add", "shop.test", data=folder).returncode == 0
    return folder


def is_held(folder: Path) -> bool:
    try:
        with data_lock(folder):
            return False
    except Conflict:
        return True


def assert_every_line_once(folder: Path) -> None:
    with closing(Engine(str(folder / "engine"))) as engine:
        stored = engine.query("SELECT path, count() FROM events GROUP BY path").rows
        counted = engine.query("SELECT outcome, sum(hits) FROM ingestion GROUP BY outcome").rows
    assert sorted(stored) == sorted([f"/{n}", 1] for n in range(LINES))
    assert counted == [["accepted", LINES]]


def test_a_server_waits_for_a_command_that_holds_the_folder_and_says_so(folder: Path) -> None:
    server = Server(folder)
    with data_lock(folder):
        server.begin()
        wait_until(lambda: WAITING in server.logged(), "word of the server")
        assert is_server_waiting(folder)
        assert server.is_running()
    server.url = wait_until(server._find_url, "an answer")
    assert server.stop() == 0
    server.check_log()


def test_a_server_that_waits_can_be_stopped(folder: Path) -> None:
    server = Server(folder)
    with data_lock(folder):
        server.begin()
        wait_until(lambda: WAITING in server.logged(), "word of the server")
        server.stop(signal.SIGTERM)
    assert not is_server_waiting(folder)


def test_an_import_that_loads_gives_way_to_a_server_that_starts(folder: Path, log: Path) -> None:
    job = begun_import(folder, log)
    wait_until(lambda: is_held(folder) or job.poll() is not None, "import that loads")
    with running(folder) as server:
        assert job.wait(timeout=180) == 0
        server.wait_for_loading()
    assert_every_line_once(folder)


@pytest.mark.sample(1)
@pytest.mark.parametrize("kills_import", [False, True])
def test_servers_that_are_restarted_at_once_during_an_import_always_come_up(
    folder: Path, log: Path, *, kills_import: bool
) -> None:
    """As systemd does it: killed and started again at random moments of an import."""
    chance = random.Random(time.time_ns())
    with running(folder) as server:
        for _ in range(3):
            job = begun_import(folder, log)
            time.sleep(chance.uniform(0.1, 2.2))
            server.kill()
            time.sleep(chance.uniform(0.0, 1.5))
            if kills_import:
                job.kill()
            server.start()
            job.wait(timeout=180)
        assert begun_import(folder, log).wait(timeout=180) == 0
        server.wait_for_loading()
        assert not server.logged().count("another footfall")
    assert_every_line_once(folder)


def test_commands_work_while_an_import_loads(folder: Path, log: Path) -> None:
    job = begun_import(folder, log)
    wait_until(lambda: is_held(folder) or job.poll() is not None, "import that loads")
    assert footfall("website", "add", "other.test", data=folder).returncode == 0
    assert footfall("token", "create", "--website", "other.test", data=folder).returncode == 0
    doctor = footfall("doctor", data=folder)
    assert "Traceback" not in doctor.stderr + doctor.stdout
    assert job.wait(timeout=180) == 0
    assert_every_line_once(folder)


def test_a_second_import_is_one_sentence(folder: Path, log: Path) -> None:
    first = begun_import(folder, log)
    wait_until(lambda: (folder / "import.lock").exists(), "first import")
    words = ("import", "access-log", str(log), "--website", "shop.test")
    second = footfall(*words, data=folder, COLUMNS="400")
    assert first.wait(timeout=180) == 0
    if second.returncode:  # the first one may have ended before it began
        assert "an import or a reset is running" in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
    assert_every_line_once(folder)


def test_deleting_the_lock_file_does_not_let_a_second_server_in(folder: Path) -> None:
    with running(folder) as server:
        (folder / "lock").unlink()
        second = Server(folder)
        second.log = folder.parent / "second.log"
        second.begin()
        wait_until(lambda: WAITING in second.logged(), "word of the second server")
        assert server.ask("GET", "/health")[0] == 200
        second.kill()


def test_two_servers_at_once_are_one_server_and_one_sentence(folder: Path) -> None:
    words = ["serve", "--port", "0"]
    with running(folder):
        ran: subprocess.CompletedProcess[str] = footfall(*words, data=folder, COLUMNS="400")
    assert ran.returncode == 1
    assert "another footfall is running on" in ran.stderr
