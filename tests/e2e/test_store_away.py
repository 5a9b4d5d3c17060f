"""A server whose ClickHouse is away: it collects, says so, and goes on by itself."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse.server import ClickHouse
from e2e.server import BASE, TRIES_OFTEN, Server, wait_until

from footfall.cli.live import find_server


@pytest.fixture
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    server = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    yield server
    server.kill()


@pytest.fixture
def server(tmp_path: Path, clickhouse: ClickHouse) -> Iterator[Server]:
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(folder, store=clickhouse.database())
    server.constants = TRIES_OFTEN
    yield server
    if server.is_running():
        server.stop()


def send(server: Server, token: str, count: int) -> None:
    events = [{"type": "track", "name": "signup", "visitorId": f"v{n}"} for n in range(count)]
    status, answer = server.ask("POST", f"{BASE}/events", token, events)
    assert status == 202, answer


def begin(server: Server) -> None:
    """Start it, also if it is not well."""

    def find() -> str:
        assert server.is_running(), server.logged()
        found = find_server(server.folder)
        return found.url if found else ""

    server.begin()
    server.url = wait_until(find, f"an answer of the server; {server.log}")


def test_it_collects_while_clickhouse_is_away_and_loads_everything_later(server, clickhouse):
    website = server.website("example.com")
    token = server.token(website)
    clickhouse.kill()
    begin(server)
    for round_ in (1, 2):  # at the start, and while it runs
        send(server, token, 5)
        wait_until(lambda: server.ask("GET", "/health")[0] == 503, "health that fails")
        health = server.ask("GET", "/health")[1]
        assert health["status"] == "failing"
        assert "ClickHouse server cannot be used" in health["loading_error"]
        for path in ("overview", "pages", "realtime", "ingestion"):
            request = urllib.request.Request(
                f"{server.url}{BASE}/{path}", headers={"Authorization": f"Bearer {token}"}
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=180)
            assert refused.value.code == 503
            assert int(refused.value.headers["Retry-After"]) > 0
        clickhouse.start()
        wait_until(lambda: server.ask("GET", "/health")[1]["status"] == "ok", "health")
        server.wait_for_loading()
        goals = server.get("/goals", token)["data"]
        assert sum(goal["completions"] for goal in goals) == 5 * round_
        clickhouse.kill()
    waits = [line for line in server.logged().splitlines() if "loading" in line]
    assert 1 <= len(waits) <= 6, "it is logged once, not at every attempt"


def test_it_does_not_start_on_a_database_that_does_not_exist(server, clickhouse):
    server._environment["FOOTFALL_STORE"] = clickhouse.address("missing")
    server.begin()
    assert server.process.wait(60) == 1
    assert "database of its address does not exist" in server.logged()
    assert "Traceback" not in server.logged()


def test_it_does_not_start_on_another_applications_tables(server, clickhouse):
    name = server._environment["FOOTFALL_STORE"].rpartition("/")[2]
    clickhouse.ask(f"CREATE TABLE {name}.events (a Int8) ENGINE = MergeTree ORDER BY a")
    server.begin()
    assert server.process.wait(60) == 1
    assert "has a table events that is not Footfall's" in server.logged()
    assert "Traceback" not in server.logged()
