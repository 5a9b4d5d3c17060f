"""Full disks, full journals, damaged tails, two servers on one folder."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.senders import BROWSER
from e2e.server import BASE, Server, running, wait_until

from footfall.model.website import Website

UA = {"User-Agent": BROWSER}
NO_ROOM_MB = 10**9  # more than any disk has free


def page(website: Website, path: str = "/", **fields: object) -> dict[str, object]:
    url = f"http://{website.domain}{path}"
    return {"websiteId": website.tracking_id, "url": url, "visitorUid": "v1", **fields}


def pageviews(server: Server, website: Website) -> int:
    server.wait_for_loading()
    (row,) = server.get("/overview", server.token(website))["data"]
    return int(row["pageviews"])


def test_a_full_disk_is_a_503_with_retry_after_and_reports_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder) as server:
        website = server.website("shop.test")
        assert server.ask("POST", "/events", "", page(website), UA)[0] == 202
    with running(folder, min_free_disk_mb=NO_ROOM_MB) as server:
        token = server.token(website)
        for path, body in (("/events", page(website)), (f"{BASE}/events", [page(website)])):
            request = urllib.request.Request(
                server.url + path, _json(body), UA | {"Authorization": f"Bearer {token}"}
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=180)
            refused.value.close()
            assert refused.value.code == 503
            assert int(refused.value.headers["Retry-After"]) > 0
        assert server.ask("GET", "/health")[0] == 200
        assert pageviews(server, website) == 1
    with running(folder) as server:
        assert server.ask("POST", "/events", "", page(website), UA)[0] == 202
        assert pageviews(server, website) == 2


def test_a_full_journal_is_a_503_until_it_has_been_loaded(tmp_path: Path) -> None:
    with running(tmp_path / "data", journal_max_mb=1) as server:
        website = server.website("shop.test")
        token = server.token(website)
        batch = [page(website, properties={"text": "x" * 8000}) for _ in range(100)]
        taken = 0
        while (status := server.ask("POST", f"{BASE}/events", token, batch)[0]) == 202:
            taken += len(batch)
            assert taken < 20_000, "the journal never filled up"
        assert status == 503
        wait_until(
            lambda: server.ask("POST", "/events", "", page(website), UA)[0] == 202,
            "room after loading",
        )
        assert pageviews(server, website) == taken + 1


def test_a_second_server_on_the_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder) as server:
        for command in ("serve", "demo"):
            ran = footfall(command, "--port", "0", data=folder, COLUMNS="400")
            assert ran.returncode == 1, ran.stderr
            assert "another footfall is running on" in ran.stderr
            assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
        assert server.ask("GET", "/health")[0] == 200


def test_a_taken_port_and_an_unwritable_folder_are_one_clear_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        ran = footfall("serve", "--port", str(server.port), data=tmp_path / "other", COLUMNS="400")
        assert (ran.returncode, ran.stderr.count("\n")) == (1, 1), ran.stderr
        assert f"port {server.port} is in use" in ran.stderr
    (tmp_path / "file").touch()
    ran = footfall("serve", "--port", "0", data=tmp_path / "file")
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    assert str(tmp_path / "file") in ran.stderr


@pytest.mark.parametrize("damage", [b"\0" * 5000, b"\x10\0\0\0\x01\x02\x03\x04half a record"])
def test_a_torn_tail_loses_nothing_acknowledged(tmp_path: Path, damage: bytes) -> None:
    with running(tmp_path / "data") as server:
        website = server.website("shop.test")
        for n in range(5):
            assert server.ask("POST", "/events", "", page(website, f"/{n}"), UA)[0] == 202
        server.kill()
        newest = max((server.folder / "journal" / "collector-0").glob("*.log"))
        with newest.open("ab") as segment:
            segment.write(damage)
        server.start()
        assert server.ask("POST", "/events", "", page(website, "/after"), UA)[0] == 202
        assert pageviews(server, website) == 6


def test_rubbish_in_the_journal_and_spool_folders_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder) as server:
        website = server.website("shop.test")
        assert server.ask("POST", "/events", "", page(website), UA)[0] == 202
        server.wait_for_loading()
    for name in ("journal/.DS_Store", "journal/collector-0/notes.txt", "spool/999.unfinished"):
        (folder / name).write_bytes(b"rubbish")
    with running(folder) as server:
        assert pageviews(server, website) == 1


def _json(body: object) -> bytes:
    return json.dumps(body).encode()
