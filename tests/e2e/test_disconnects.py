"""Clients that disconnect, ask for too much or are in a hurry beside slow reports: a real server
with a website of some hundred thousand events, and raw sockets."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
from e2e.server import BASE, Server, running, wait_until

from bench.dataset import copy_of, dataset
from footfall.model.flow import DEFAULT_WINDOW_S
from footfall.model.website import Website

pytestmark = pytest.mark.sample(1)  # of the ways in which a server runs

EVENTS = 200_000
FLOW = '{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}'
PATTERNS = ",".join(f"/*{number}*{number}*x" for number in range(50))
"""Each event is compared with them, so that a flow takes long on a fast machine, too: the server
notices after half a second or more that a client has disconnected."""
MANY = 40


class Busy:
    """A server, its website, and requests that are sent and not waited for."""

    _window_s = count(DEFAULT_WINDOW_S, -1)  # of all tests: answers are kept in memory

    def __init__(self, server: Server, website: Website) -> None:
        self.server = server
        self.website = website
        self.token = server.token(website, "read", "write", "delete")

    def flow(self, token: str = "", method: str = "GET", base: str = BASE) -> bytes:
        """The request of an all-time flow, which nobody has asked for before."""
        days = {"date_from": "2025-01-01", "date_to": "2025-12-31"}
        where = days if base == "/v0" else {"websiteId": self.website.public_id}
        slow = {"start_step": FLOW, "window_seconds": next(self._window_s), "exclude": PATTERNS}
        query = urlencode({**slow, **where})
        return self.request(method, f"{base}/flow?{query}", token)

    def request(self, method: str, path: str, token: str = "") -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\n"
        return f"{head}Authorization: Bearer {token or self.token}\r\n\r\n".encode()

    def send(self, *requests: bytes) -> list[socket.socket]:
        """Send each request on a connection of its own, all of them at nearly the same time."""
        address = ("127.0.0.1", self.server.port)
        clients = [socket.create_connection(address, timeout=180) for _ in requests]
        for client, request in zip(clients, requests, strict=True):
            client.sendall(request)
        return clients

    @contextmanager
    def flows(self, count: int = MANY, token: str = "") -> Iterator[list[socket.socket]]:
        """Clients that each wait for a flow; disconnected at the end."""
        clients = self.send(*[self.flow(token) for _ in range(count)])
        try:
            yield clients
        finally:
            for client in clients:
                client.close()

    def number(self, name: str, lane: str = "reports") -> int:
        text = self.server.ask("GET", "/metrics")[1]["text"]
        label = "" if name == "cancelled_total" else rf'\{{lane="{lane}"\}}'
        found = re.search(rf"^footfall_queries_{name}{label} ([0-9.]+)$", text, re.MULTILINE)
        assert found, text
        return int(float(found[1]))

    def wait_for(self, name: str, at_least: int) -> None:
        wait_until(lambda: self.number(name) >= at_least, f"{at_least} queries {name}")

    def wait_until_idle(self) -> None:
        wait_until(lambda: not self.number("waiting") + self.number("running"), "idle readers")

    def started_by(self, *requests: bytes, until: str = "running") -> int:
        """How many of the requests were started though their clients disconnect at once."""
        before = self.number("started_total")
        clients = self.send(*requests)
        self.wait_for(until, 1)
        for client in clients:
            client.close()
        self.wait_until_idle()
        return self.number("started_total") - before


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Website]:
    return dataset(tmp_path_factory.mktemp("data"), EVENTS, 5.0)


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two collectors"])
def server(
    request: pytest.FixtureRequest,
    data: tuple[Path, Website],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    folder = copy_of(data[0], tmp_path_factory.mktemp("server") / "data")
    with running(folder, collectors=request.param, rate_limit_per_minute=0) as server:
        yield server


@pytest.fixture
def busy(server: Server, data: tuple[Path, Website]) -> Busy:
    busy = Busy(server, data[1])
    busy.wait_until_idle()
    return busy


def test_running_queries_of_clients_that_disconnect_are_cancelled(busy: Busy) -> None:
    before = busy.number("cancelled_total")
    with busy.flows():
        busy.wait_for("running", 1)
    busy.wait_until_idle()
    assert busy.number("cancelled_total") > before


def test_queued_requests_of_clients_that_disconnect_are_dropped(busy: Busy) -> None:
    assert busy.started_by(*[busy.flow() for _ in range(MANY)], until="waiting") < MANY


def test_the_same_in_the_other_dialect(busy: Busy) -> None:
    key = busy.server.token(busy.website, kind="formo")
    request = busy.flow(key, base="/v0")
    assert busy.started_by(*[request] * MANY, until="waiting") < MANY


def test_head_requests_are_dropped_like_any_other(busy: Busy) -> None:
    assert busy.started_by(*[busy.flow(method="HEAD") for _ in range(MANY)], until="waiting") < MANY


def test_requests_behind_one_on_the_same_connection_are_dropped_with_it(busy: Busy) -> None:
    """The next one may begin if the first one ends before the server looks for the disconnect."""
    assert busy.started_by(b"".join(busy.flow() for _ in range(20))) <= 2


def test_a_waiting_request_with_others_behind_it_is_dropped_with_its_connection(busy: Busy) -> None:
    assert busy.started_by(*[busy.flow() * 3 for _ in range(MANY)], until="waiting") < MANY
    assert busy.started_by(*[busy.flow() * 100 for _ in range(MANY)], until="waiting") < MANY


def test_a_client_that_only_ends_its_own_side_is_answered(busy: Busy) -> None:
    [client] = busy.send(busy.flow())
    client.shutdown(socket.SHUT_WR)
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    client.close()
    assert b"HTTP/1.1 200 OK" in answer


def test_connections_that_are_reset_have_disconnected(busy: Busy) -> None:
    before = busy.number("started_total")
    clients = busy.send(*[busy.flow() for _ in range(MANY)])
    busy.wait_for("waiting", 1)
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    busy.wait_until_idle()
    assert busy.number("started_total") - before < MANY


def test_a_client_that_waits_gets_its_own_answer_though_others_disconnect(busy: Busy) -> None:
    query = f"{BASE}/flow?{urlencode({'start_step': FLOW, 'websiteId': busy.website.public_id})}"
    expected = busy.server.ask("GET", query, busy.token)
    assert expected[0] == 200
    pages = busy.server.get("/pages", busy.token)
    for _ in range(5):
        with busy.flows(6, busy.server.token(busy.website)):
            busy.wait_for("running", 1)
        assert busy.server.get("/pages", busy.token) == pages
    assert busy.server.ask("GET", query, busy.token)[1]["data"] == expected[1]["data"]


def test_live_reports_and_writes_do_not_wait_for_reports(busy: Busy) -> None:
    pages = [{"url": "http://shop.example/", "visitorUid": "someone", "sessionUid": "visit"}]
    ask = busy.server.ask
    assert ask("POST", f"{BASE}/events", busy.token, pages)[0] == 202
    busy.server.wait_for_loading()
    goal = {"name": "bought", "visitorUid": "someone"}
    paid = {"amount": 5, "currency": "EUR", "transactionId": "t1", "sessionUid": "visit"}
    with busy.flows():
        busy.wait_for("waiting", 20)
        begun = busy.number("started_total")
        selector = f"websiteId={busy.website.public_id}"
        assert ask("GET", f"{BASE}/realtime?{selector}", busy.token)[0] == 200
        assert ask("GET", f"{BASE}/realtime/map?{selector}", busy.token)[0] == 200
        assert ask("POST", f"{BASE}/goals", busy.token, goal)[0] == 200
        assert ask("POST", f"{BASE}/payments", busy.token, paid)[0] == 200
        dry = f"{BASE}/goals?name=bought&dryRun=true&{selector}"
        assert ask("DELETE", dry, busy.token)[0] == 200
        assert busy.number("waiting") > 0, f"all flows were answered before ({begun} had begun)"


def test_another_token_is_answered_while_one_token_has_more_than_its_share(busy: Busy) -> None:
    other = busy.server.token(busy.website)
    with busy.flows():
        busy.wait_for("waiting", 20)
        assert busy.number("running") <= 2
        busy.server.get("/pages", other, limit=1)
        assert busy.number("waiting") > 0


def test_too_many_requests_of_one_token_are_refused_at_once_and_no_other_tokens(
    busy: Busy,
) -> None:
    other = busy.server.token(busy.website)
    with busy.flows(80) as clients:
        refusals = wait_until(lambda: [*filter(None, map(refusal_of, clients))], "a refusal")
        busy.server.get("/pages", other, limit=1)
        assert busy.number("waiting") > 0
    for head, body in refusals:
        assert "\r\nretry-after: 5" in head.lower()
        assert "50 requests of this token are waiting already. Wait 5 s" in body


def refusal_of(client: socket.socket) -> tuple[str, str] | None:
    """Head and body of a 503 that has arrived."""
    client.setblocking(False)
    try:
        head, _, body = client.recv(4096, socket.MSG_PEEK).decode().partition("\r\n\r\n")
    except BlockingIOError:
        return None
    return (head, body) if head.startswith("HTTP/1.1 503") and body else None


def test_a_delete_does_not_wait_for_reports_of_disconnected_clients(busy: Busy) -> None:
    with busy.flows():
        busy.wait_for("waiting", 20)
    path = f"{BASE}/goals?name=nothing&websiteId={busy.website.public_id}"
    assert busy.server.ask("DELETE", path, busy.token)[0] == 200


def test_the_log_has_no_error_and_the_server_stops(
    data: tuple[Path, Website], tmp_path: Path
) -> None:
    folder, website = copy_of(data[0], tmp_path / "data"), data[1]
    with running(folder, rate_limit_per_minute=0) as server:
        busy = Busy(server, website)
        page = [{"url": "http://shop.example/", "visitorUid": "someone"}]
        assert server.ask("POST", f"{BASE}/events", busy.token, page)[0] == 202
        export = f"{BASE}/visitors/someone/export?websiteId={website.public_id}"
        for _ in range(3):
            with busy.flows(10):
                busy.wait_for("started_total", 1)
            for client in busy.send(*[busy.request("GET", export)] * 10):
                client.close()
        busy.wait_until_idle()  # that a client has closed is noticed after a second or two
        assert server.ask("GET", export, busy.token)[0] == 200
        with busy.flows(10):
            assert server.stop() == 0
