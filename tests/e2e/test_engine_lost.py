"""A real server whose engine's folder was damaged: money is complete again, the damage is reported
until a person acknowledges it, and an engine that does not open is one sentence."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.server import BASE, Answer, Server, environment, wait_until

from footfall.load.inventory import read_inventory

VIEWS = 5
MONEY = (35, 4)  # revenue and what was given back of it


class Shop(Server):
    key = ""


@pytest.fixture
def server(tmp_path: Path):
    """A server with page views, two payments and a refund, and a token: stopped."""
    (tmp_path / "data").mkdir()
    server = Shop(tmp_path / "data")
    server.start()
    server.key = server.token(server.website("shop.test", currency="EUR"))
    page = {"url": "http://shop.test/", "visitorUid": "ann", "sessionUid": "s1"}
    server.ask("POST", f"{BASE}/events", server.key, [page] * VIEWS)
    server.wait_for_loading()
    wait_until(lambda: _copies(server.folder / "engine", tmp_path / "older"), "a whole copy")
    for body in (
        {"amount": 10, "transactionId": "t1", "sessionUid": "s1"},
        {"amount": 25, "transactionId": "t2"},
        {"amount": 4, "transactionId": "t1", "isRefund": True, "refundId": "r1"},
    ):
        status, answer = server.ask(
            "POST", f"{BASE}/payments", server.key, {"currency": "EUR", **body}
        )
        assert status == 200, answer
    wait_until(lambda: money(server) == MONEY, "the money")
    server.stop()
    yield server
    if server.is_running():
        server.stop()


def _copies(engine: Path, to: Path) -> bool:
    """Copy a running server's engine; False if a file was replaced meanwhile."""
    shutil.rmtree(to, ignore_errors=True)
    try:
        shutil.copytree(engine, to, symlinks=True)
    except shutil.Error:
        return False
    return True


def money(server: Shop) -> tuple[float, float]:
    (row,) = server.get("/overview", server.key)["data"]
    return row["revenue"], row["refunded_revenue"]


def goals(server: Shop) -> list[int]:
    rows = server.get("/goals", server.key)["data"]
    return [row["completions"] for row in rows if row["name"] == "payment"]


def health(server: Shop) -> Answer:
    return server.ask("GET", "/health")[1]


def footfall(*words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "footfall", *words, "--data", str(folder)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def folder_of(server: Shop, table: str) -> Path:
    return server.folder / "engine" / read_inventory(server.folder).folder_of(table)


def delete_engine(server: Shop) -> None:
    shutil.rmtree(server.folder / "engine")


def replace_engine(server: Shop) -> None:
    delete_engine(server)
    shutil.copytree(server.folder.parent / "older", server.folder / "engine", symlinks=True)


def delete_payments(server: Shop) -> None:
    shutil.rmtree(folder_of(server, "payments"))


def delete_definition(server: Shop) -> None:
    [path] = (server.folder / "engine").glob("store/*/*/payments.sql")
    path.unlink()


def truncate_payments(server: Shop) -> None:
    for part in folder_of(server, "payments").glob("20*"):
        (part / "data.bin").write_bytes(b"x")


def flip_payments(server: Shop) -> None:
    for path in folder_of(server, "payments").glob("20*/data.bin"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "damage",
    [
        delete_engine,
        replace_engine,
        delete_payments,
        delete_definition,
        truncate_payments,
        flip_payments,
    ],
)
def test_payments_are_restored_from_the_ledger_and_the_loss_is_reported_once(
    server: Shop, damage: Callable[[Shop], None]
) -> None:
    damage(server)
    server.start()
    wait_until(lambda: health(server)["status"] == "damaged", "report")
    wait_until(lambda: _is_complete(server), "the money")
    assert goals(server) == [2]
    text = server.ask("GET", "/metrics")[1]["text"]
    [gauge] = [line for line in text.splitlines() if line.startswith("footfall_damage ")]
    assert float(gauge.split()[1]) > 0
    assert "damage found" in server.logged()
    assert footfall("doctor", folder=server.folder).returncode == 1
    assert footfall("damage", "--seen", folder=server.folder).returncode == 0
    assert health(server)["status"] == "ok"
    server.stop()
    server.start()
    server.wait_for_loading()
    assert money(server) == MONEY
    assert health(server)["damage"] == []


def _is_complete(server: Shop) -> bool:
    status, answer = server.ask("GET", f"{BASE}/overview", server.key)
    if status != 200:
        return False
    (row,) = answer["data"]
    return (row["revenue"], row["refunded_revenue"]) == MONEY


def test_a_report_that_meets_damage_while_the_server_runs_fails_and_health_says_so(
    server: Shop,
) -> None:
    server.start()
    assert money(server) == MONEY
    for path in folder_of(server, "sessions").glob("20*/data.bin"):
        path.write_bytes(bytes(path.stat().st_size))
    status, _ = server.ask("GET", f"{BASE}/breakdown?dimension=page", server.key)
    assert status in (200, 500)
    wait_until(lambda: health(server)["status"] == "damaged", "report")
    wait_until(
        lambda: server.ask("GET", f"{BASE}/overview", server.key)[0] == 200, "answering reports"
    )


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", ["a file", "no tables", "a bad definition"])
@pytest.mark.parametrize("command", ["serve", "doctor", "demo", "import"])
def test_an_engine_that_does_not_open_is_one_sentence(
    server: Shop, tmp_path: Path, command: str, kind: str
) -> None:
    home = server.folder / "engine"
    if kind == "a bad definition":
        (server.folder / "engine.inventory").unlink()
        [path] = home.glob("store/*/*/events.sql")
        path.write_text("ATTACH TABLE _ nonsense")
    else:
        shutil.rmtree(home / "store" if kind == "no tables" else home)
        (home / "store" if kind == "no tables" else home).write_text("x")
    log = tmp_path / "a.log"
    log.write_text('192.0.2.1 - - [02/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 10 "-" "M"\n')
    words = {
        "serve": ["serve", "--port", "0"],
        "demo": ["demo", "--port", "0"],
        "doctor": ["doctor"],
        "import": ["import", "access-log", str(log), "--website", "shop.test"],
    }
    done = footfall(*words[command], folder=server.folder)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "restore it from a backup" in " ".join(said.split()), said
    assert "Traceback" not in said, said
    assert "DB::" not in said, said
