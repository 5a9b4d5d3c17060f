"""Nothing in a data folder is for anybody else on the machine."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.senders import BROWSER
from e2e.server import BASE, Server, environment, running, wait_until
from e2e.test_durable import begun_import, lines

from footfall.catalog import Catalog


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def wrong_modes(folder: Path) -> dict[str, str]:
    """Every entry that others may read, with its mode."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        try:
            status = path.lstat()
        except FileNotFoundError:  # the engine's, just removed
            continue
        wanted = 0o700 if stat.S_ISDIR(status.st_mode) else 0o600
        if not stat.S_ISLNK(status.st_mode) and stat.S_IMODE(status.st_mode) != wanted:
            found[str(path.relative_to(folder))] = oct(stat.S_IMODE(status.st_mode))
    return found


def live(server: Server, log: Path) -> None:
    """A visit, a payment, an import, deletes and the commands."""
    website = server.website("shop.test")
    token = server.token(website, "read", "write", "delete")
    event = {"websiteId": website.tracking_id, "url": "http://shop.test/", "visitorUid": "v1"}
    assert server.ask("POST", "/events", "", event, {"User-Agent": BROWSER})[0] == 202
    payment = {"amount": 5, "currency": "USD", "transactionId": "t1"}
    assert server.ask("POST", f"{BASE}/payments", token, payment)[0] == 200
    assert begun_import(server.folder, log).wait() == 0
    server.wait_for_loading()
    assert server.ask("DELETE", f"{BASE}/visitors/v1", token)[0] == 200
    assert server.ask("DELETE", f"{BASE}/payments?transactionId=t1", token)[0] == 200
    for command in (("doctor",), ("website", "list"), ("damage",), ("audit",)):
        footfall(*command, data=server.folder)
    (server.folder / "refused.jsonl").touch()


@pytest.mark.sample(1)
@pytest.mark.usefixtures("_open_umask")
@pytest.mark.parametrize("collectors", [1, 2])
def test_every_file_is_its_owners_alone_after_a_full_life(tmp_path: Path, collectors: int) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(lines()))
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    with running(folder, collectors=collectors, begins_empty=True) as server:
        live(server, log)
        (folder / "refused.jsonl").unlink()
        assert wrong_modes(folder) == {}
        server.kill()
        server.start()
        assert wrong_modes(folder) == {}
    assert wrong_modes(folder) == {}


@pytest.mark.usefixtures("_open_umask")
def test_a_folder_that_was_open_to_others_is_closed_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder) as server:
        server.website("shop.test")
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
    with running(folder):
        assert wrong_modes(folder) == {}


@pytest.mark.usefixtures("_open_umask")
def test_a_catalog_is_its_owners_alone_without_the_command_line(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "data")
    catalog.add_website("shop.test", now_ms=1)
    assert wrong_modes(tmp_path / "data") == {}
    catalog.close()


@pytest.mark.usefixtures("_open_umask")
def test_a_demo_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    words = ["demo", "--data", str(folder), "--port", "0", "--days", "1"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "footfall", *words], env=environment(), stdout=log, stderr=log
        )
    try:
        wait_until(lambda: (folder / "demo-token").exists(), "demo")
        assert wrong_modes(folder) == {}
    finally:
        process.terminate()
        process.wait(timeout=180)
    assert wrong_modes(folder) == {}
