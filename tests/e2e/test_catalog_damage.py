"""Damage to the catalog of a real server: reported, or refused in one sentence."""

from pathlib import Path

import pytest
from cli.running import footfall
from e2e.server import running


def test_a_missing_write_ahead_file_is_reported_until_it_is_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder) as server:
        server.website("shop.test")
        server.token()
        server.kill()
        (folder / "catalog.sqlite-wal").unlink(missing_ok=True)
        (folder / "catalog.sqlite").unlink()
        server.start()
        health = server.ask("GET", "/health")[1]
        assert health["status"] == "damaged"
        assert "the catalog is missing" in health["damage"][0]
        doctor = footfall("doctor", data=folder, COLUMNS="400")
        assert doctor.returncode == 1
        assert "the catalog is missing" in doctor.stdout
        assert footfall("damage", "--seen", data=folder).returncode == 0
        assert server.ask("GET", "/health")[1]["status"] == "ok"
        server.stop()
        server.start()
        assert server.ask("GET", "/health")[1]["status"] == "ok"


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("website", "list"), ("doctor",), ("token", "list")]
)
def test_a_catalog_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "data"
    assert footfall("website", "add", "shop.test", data=folder).returncode == 0
    with (folder / "catalog.sqlite").open("r+b") as file:
        file.write(b"this is not a database any more")
    ran = footfall(*command, data=folder, COLUMNS="400")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "catalog.sqlite is damaged" in ran.stderr + ran.stdout
    if command[0] != "doctor":
        assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
