"""Mistakes of an operator: each is answered in one sentence."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cli.running import forked_footfall, running_server, wait_until


@pytest.mark.parametrize(
    "address",
    [
        "htp://127.0.0.1:8123",
        "clickhouse:8123",
        "http://",
        "http:///footfall",
        "http://u:p@",
        "http://host:x",
        "x",
    ],
)
def test_a_store_that_is_not_an_address_is_refused(folder: Path, address: str) -> None:
    done = forked_footfall("serve", data=folder, FOOTFALL_STORE=address)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "footfall: the setting store is not the URL of a ClickHouse server"
    )
    assert len(done.stderr.splitlines()) == 1
    assert not Path(address.partition(":")[0]).exists()


@pytest.mark.parametrize(
    "command", [("serve",), ("doctor",), ("damage",), ("website", "list"), ("audit",)], ids=" ".join
)
def test_a_folder_of_another_user_is_one_sentence(folder: Path, command: tuple[str, ...]) -> None:
    if not shutil.which("setpriv") or os.geteuid() != 0:
        pytest.skip("needs root and setpriv, to run as somebody else")
    os.chown(folder, 65534, 65534)
    powers = "-dac_override,-dac_read_search"
    done = subprocess.run(
        [
            *("setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"),
            *(sys.executable, "-m", "footfall", *command, "--data", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "cannot use" in done.stdout + done.stderr


def test_a_data_folder_that_was_moved_fails_the_health_check(folder: Path) -> None:
    with running_server(folder) as server:
        moved = folder.rename(folder.with_name("moved"))
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(server.url + "/health", timeout=180)
        assert raised.value.code == 503
        assert "was moved or deleted" in raised.value.read().decode()
        moved.rename(folder)
        wait_until(lambda: server.get("/health"), lambda health: health["status"] == "ok")
