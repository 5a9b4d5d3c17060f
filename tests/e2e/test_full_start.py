"""A server that starts on a full disk serves reports, refuses writes, and recovers by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.senders import BROWSER
from e2e.server import BASE, TRIES_OFTEN, Server, running, wait_until
from full_disk import fill, make_room, small_disk

from footfall.model.website import Website

UA = {"User-Agent": BROWSER}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def folder(disk: Path) -> Path:
    return disk / "data"


def page(website: Website, path: str = "/") -> dict[str, object]:
    url = f"http://{website.domain}{path}"
    return {"websiteId": website.tracking_id, "url": url, "visitorUid": "v1"}


def pageviews(server: Server, token: str) -> int:
    return int(server.get("/overview", token)["data"][0]["pageviews"])


def server_on(folder: Path, **settings: object) -> Server:
    server = Server(folder, min_free_disk_mb=1, **settings)
    server.log = folder.parent.parent / "log"
    server.constants = TRIES_OFTEN
    server.begins_empty = True
    return server


@pytest.mark.sample(1)
@pytest.mark.parametrize("collectors", [1, 2])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_server_on_a_full_disk_serves_reports_and_recovers(
    disk: Path, folder: Path, *, is_killed: bool, collectors: int
) -> None:
    server = server_on(folder, collectors=collectors)
    server.start()
    try:
        website = server.website("shop.test")
        token = server.token(website)
        assert server.ask("POST", "/events", "", page(website), UA)[0] == 202
        server.wait_for_loading()
        server.kill() if is_killed else server.stop()
        fill(disk)
        server.start()
        assert "is full" in server.logged()
        assert pageviews(server, token) == 1
        assert server.ask("GET", "/health")[1]["status"] in ("full", "failing")
        assert server.ask("POST", "/events", "", page(website), UA)[0] == 503
        assert server.ask("POST", f"{BASE}/events", token, [page(website)])[0] == 503
        payment = {"amount": 5, "currency": "USD", "transactionId": "t1"}
        assert server.ask("POST", f"{BASE}/payments", token, payment)[0] == 503
        assert server.ask("POST", f"{BASE}/goals", token, {"name": "signup"})[0] == 503
        added = footfall("website", "add", "other.test", data=folder, COLUMNS="400")
        assert added.returncode == 1
        assert len(added.stderr.strip().splitlines()) == 1, added.stderr
        assert "shop.test" in footfall("website", "list", data=folder).stdout
        assert pageviews(server, token) == 1
        make_room(disk)
        wait_until(
            lambda: server.ask("POST", "/events", "", page(website), UA)[0] == 202, "room again"
        )
        wait_until(lambda: pageviews(server, token) == 2, "page view")
        wait_until(
            lambda: server.ask("POST", f"{BASE}/payments", token, payment)[0] == 200, "payment"
        )
        assert footfall("website", "add", "other.test", data=folder).returncode == 0
        wait_until(lambda: server.ask("GET", "/health")[1]["status"] == "ok", "good health")
        wait_until((folder / "server.json").exists, "address of the server for other commands")
        doctor = footfall("doctor", data=folder, FOOTFALL_MIN_FREE_DISK_MB="1")
        assert doctor.returncode == 0, doctor.stdout
    finally:
        if server.is_running():
            server.stop()
    assert "Traceback" not in server.logged(), server.logged()[-4000:]


def test_a_new_folder_on_a_full_disk_is_one_sentence(disk: Path, folder: Path) -> None:
    fill(disk)
    ran = footfall("serve", "--port", "0", data=folder, COLUMNS="400")
    assert ran.returncode == 1
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "disk" in ran.stderr or "space" in ran.stderr
    make_room(disk)
    with running(disk.parent / "other"):
        pass
    server = server_on(folder)
    server.start()
    assert server.stop() == 0


def test_what_was_not_loaded_is_loaded_when_there_is_room(disk: Path, folder: Path) -> None:
    """Killed with records in the journal; the store cannot take them until then."""
    server = server_on(folder)
    server.start()
    website = server.website("shop.test")
    token = server.token(website)
    for n in range(20):
        assert server.ask("POST", "/events", "", page(website, f"/{n}"), UA)[0] == 202
    server.kill()
    fill(disk)
    server.start()
    assert pageviews(server, token) <= 20
    make_room(disk)
    wait_until(lambda: pageviews(server, token) == 20, "page views")
    wait_until(lambda: server.ask("GET", "/health")[1]["status"] == "ok", "good health")
    server.stop()
