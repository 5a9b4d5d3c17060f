"""Stopping: soon, with everything on disk, whatever goes on. Settings from all sides."""

import json
import signal
import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from cli.running import footfall
from e2e.senders import BROWSER, Visitor, sending
from e2e.server import BASE, Server, running, wait_until

from footfall.model.dimension import DIMENSIONS

UA = {"User-Agent": BROWSER}


@pytest.fixture(autouse=True)
def _as_people_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals and the end of the process are tried on `python -m footfall`."""
    monkeypatch.setattr(Server, "is_forked", False)


def start_again(server: Server) -> None:
    server.start()
    server.wait_for_loading()


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("collectors", [1, 2])
def test_everything_acknowledged_before_a_stop_is_there_after_it(
    tmp_path: Path, number: int, collectors: int
) -> None:
    with running(tmp_path / "data", collectors=collectors) as server:
        website = server.website("shop.test")
        senders = [Visitor(f"v{n}", lambda: server.url, website.tracking_id) for n in range(3)]
        with sending(*senders):
            wait_until(lambda: all(len(s.acknowledged) > 20 for s in senders), "visitors")
            assert server.stop(number) == 0
            assert not (server.folder / "server.json").exists()
            server.start()  # the journal is never empty while visitors are sending
        server.wait_for_loading()
        (row,) = server.get("/overview", server.token(website))["data"]
        acknowledged = sum(len(sender.acknowledged) for sender in senders)
        sent = sum(len(sender.sent) for sender in senders)
        assert (row["visitors"], row["sessions"]) == (3, 3)
        assert acknowledged <= row["pageviews"] <= sent


def test_a_stop_waits_neither_for_idle_clients_nor_for_slow_reports(tmp_path: Path) -> None:
    patience = {"request_timeout_s": 900, "idle_timeout_s": 900}  # more than `stop` waits
    with running(tmp_path / "data", **patience) as server:
        website = server.website("shop.test")
        token = server.token(website)
        events = [{"url": f"http://shop.test/{n}", "visitorUid": f"v{n}"} for n in range(1000)]
        assert server.ask("POST", f"{BASE}/events", token, events)[0] == 202
        with ExitStack() as clients:
            for _ in range(5):
                client = clients.enter_context(
                    socket.create_connection(("127.0.0.1", server.port), timeout=180)
                )
                client.sendall(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            url = f"{BASE}/breakdown?dimension={','.join(DIMENSIONS)}&limit=1000"
            askers = [threading.Thread(target=ask, args=(server, url, token)) for _ in range(30)]
            for asker in askers:
                asker.start()
            assert server.stop() == 0
            for asker in askers:
                asker.join()
        assert not (server.folder / "server.json").exists()
        start_again(server)
        (row,) = server.get("/overview", token)["data"]
        assert row["pageviews"] == 1000


def ask(server: Server, url: str, token: str) -> None:
    """Ask a server that may hang up."""
    with suppress(OSError):
        server.ask("GET", url, token)


def test_server_json_names_the_server_while_it_runs(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        state = json.loads((server.folder / "server.json").read_bytes())
        assert state == {"url": server.url, "pid": server.process.pid}


def test_settings_come_from_flags_over_variables_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "footfall.toml"
    file.write_text('events_path = "/from-file"\ntracker_path = "/file.js"\nport = 1\n')
    with running(
        tmp_path / "data", "--config", str(file), events_path="/from-variable", port=2
    ) as server:
        assert server.ask("GET", "/file.js")[0] == 200
        assert server.ask("OPTIONS", "/from-variable")[0] == 204
        assert server.ask("OPTIONS", "/from-file")[0] in (404, 405)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colectors = 2", "unknown setting 'colectors'"),
        ('port = "many"', "port"),
        ("port = ", "not TOML"),
        ('trusted_proxies = ["nonsense"]', "trusted_proxies"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "footfall.toml"
    file.write_text(text)
    ran = footfall("serve", "--config", str(file), data=tmp_path / "data", COLUMNS="400")
    assert ran.returncode == 1, ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
