"""Clients that are slow, that stop in the middle, that never read: each connection ends in time,
and whoever can read an answer gets one."""

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from e2e.senders import BROWSER
from e2e.server import BASE, Server, running, wait_until

from footfall.model.website import Website

pytestmark = pytest.mark.sample(1)  # of the two ways in which a server runs
Connections = dict[str, socket.socket]
TIMEOUT_S = 120  # generous: what is waited for takes a few seconds
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "two collectors"])
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server that is short of patience."""
    folder = tmp_path_factory.mktemp("slow") / "data"
    impatience = {"request_timeout_s": 1, "idle_timeout_s": 2}
    with running(folder, collectors=request.param, **impatience) as server:
        if request.param > 1:
            wait_until(server.children, "a further collector")
        yield server


@pytest.fixture(scope="module")
def website(server: Server) -> Website:
    return server.website("shop.test")


@pytest.fixture(scope="module")
def token(server: Server, website: Website) -> str:
    return server.token(website, "read", "write", "delete")


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S)


def head(line: str, *headers: str) -> bytes:
    lines = (line, "Host: x", f"User-Agent: {BROWSER}", *headers, "", "")
    return "\r\n".join(lines).encode()


def read_until_closed(connection: socket.socket) -> bytes:
    """What the server says until it closes the connection."""
    said = bytearray()
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            said += part
    return bytes(said)


def send_until_closed(connection: socket.socket, piece: bytes, pause_s: float) -> threading.Thread:
    """Go on sending the same, whatever comes back."""

    def send() -> None:
        with suppress(OSError):
            while not stopping.wait(pause_s):
                connection.sendall(piece)

    stopping = threading.Event()
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def statuses(said: bytes) -> list[int]:
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


def answer_of(said: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a single answer."""
    start, _, body = said.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in start.decode().split("\r\n")[1:])
    return {name.lower(): value for name, value in pairs}, body


CHUNKED = "Transfer-Encoding: chunked"
POST = "POST /events HTTP/1.1"
UNFINISHED = {
    "request line": b"POST /ev",
    "headers": head("GET /health HTTP/1.1")[:-2],
    "header": head("GET /health HTTP/1.1")[:-2] + b"X-Name: val",
    "headers of HTTP/1.0": b"GET /health HTTP/1.0\r\nHost: x\r\n",
    "no body": head(POST, "Content-Length: 10"),
    "no body, but the client asked": head(POST, "Content-Length: 10", "Expect: 100-continue"),
    "half a body": head(POST, "Content-Length: 10") + b'{"a":',
    "no chunk": head(POST, CHUNKED),
    "half a chunk": head(POST, CHUNKED) + b"5\r\n{",
    "chunk extension": head(POST, CHUNKED) + b"5;name=",
    "no last chunk": head(POST, CHUNKED) + b"2\r\n{}\r\n",
    "trailers": head(POST, CHUNKED) + b"2\r\n{}\r\n0\r\nX-Trailer: a\r\n",
    "second request": head("GET /js/main.js HTTP/1.1", "Accept-Encoding: gzip") + b"GET /he",
}
TRICKLES = {
    "request line": (b"GET /", b"a"),
    "header": (head("GET /health HTTP/1.1")[:-2] + b"X: ", b"a"),
    "headers": (head("GET /health HTTP/1.1")[:-2], b"X: a\r\n"),
    "body": (head(POST, "Content-Length: 100000"), b" "),
    "chunks": (head(POST, CHUNKED), b"1\r\n \r\n"),
    "chunk extension": (head(POST, CHUNKED) + b"1;", b"a=b;"),
    "trailers": (head(POST, CHUNKED) + b"2\r\n{}\r\n0\r\n", b"X: a\r\n"),
}


def connect_all(server: Server, stack: ExitStack, kinds: Iterable[str]) -> Connections:
    """A connection of each kind, side by side: what each of them waits for, all of them do."""
    return {kind: stack.enter_context(connect(server)) for kind in kinds}


def test_an_unfinished_request_is_answered_408_and_closed(server: Server) -> None:
    with ExitStack() as stack:
        connections = connect_all(server, stack, UNFINISHED)
        for kind, connection in connections.items():
            connection.sendall(UNFINISHED[kind])
        for kind, connection in connections.items():
            said = read_until_closed(connection).removeprefix(CONTINUE)
            assert statuses(said)[-1] == 408, kind
            assert b"connection: close" in said, kind


def test_a_request_that_trickles_in_is_answered_408_and_closed(server: Server) -> None:
    sending = {}
    with ExitStack() as stack:
        connections = connect_all(server, stack, TRICKLES)
        for kind, (begin, piece) in TRICKLES.items():
            connections[kind].sendall(begin)
            sending[kind] = send_until_closed(connections[kind], piece, 0.1)
        for kind, connection in connections.items():
            assert statuses(read_until_closed(connection)) == [408], kind
            sending[kind].join(TIMEOUT_S)
            assert not sending[kind].is_alive(), kind


PATHS = ("/events", "/stats/events", "/js/main.js", "/health", "/metrics", "/v0/raw_events",
         "/webhooks/stripe/shop.test", f"{BASE}/events", f"{BASE}/goals", f"{BASE}/payments",
         f"{BASE}/overview", "/v0/flow", "/nothing")  # fmt: skip


@pytest.mark.sample(4)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_a_body_that_never_comes_ends_the_connection_at_every_path(
    server: Server, token: str, method: str
) -> None:
    with ExitStack() as stack:
        connections = connect_all(server, stack, PATHS)
        for path, connection in connections.items():
            bearer = f"Authorization: Bearer {token}"
            connection.sendall(head(f"{method} {path} HTTP/1.1", "Content-Length: 10", bearer))
        for path, connection in connections.items():
            said = read_until_closed(connection)
            (status,) = statuses(said)
            assert status < 500 or path.startswith("/webhooks"), f"{path}: {said[:300]!r}"
            assert b"connection: close" in said, path


def test_a_delete_whose_body_never_comes_deletes_nothing(server: Server, token: str) -> None:
    uid = "11111111-2222-4333-8444-555555555555"
    event = {"url": "http://shop.test/", "visitorUid": uid}
    assert server.ask("POST", f"{BASE}/events", token, [event])[0] == 202
    server.wait_for_loading()
    with connect(server) as connection:
        bearer = f"Authorization: Bearer {token}"
        line = f"DELETE {BASE}/visitors/{uid} HTTP/1.1"
        connection.sendall(head(line, "Content-Length: 2", bearer))
        assert statuses(read_until_closed(connection)) == [408]
    assert server.ask("GET", f"{BASE}/visitors/{uid}", token)[0] == 200


def test_a_connection_that_sends_nothing_is_closed(server: Server) -> None:
    with connect(server) as connection:
        assert read_until_closed(connection) == b""


def test_a_connection_of_empty_lines_is_closed(server: Server) -> None:
    with connect(server) as connection:
        send_until_closed(connection, b"\r\n", 0.1)
        assert read_until_closed(connection) == b""


def test_a_connection_that_is_idle_after_a_request_is_closed(server: Server) -> None:
    with ExitStack() as stack:
        connections = connect_all(
            server, stack, ("/events?websiteId=none", "/health", "/js/main.js")
        )
        for path, connection in connections.items():
            connection.sendall(head(f"GET {path} HTTP/1.1"))
        for path, connection in connections.items():
            said = read_until_closed(connection)
            assert len(statuses(said)) == 1, path
            assert b"connection: close" not in said, path


TOO_LARGE = {
    "/events": head(POST, "Content-Length: 200000000"),
    "/events in chunks": head(POST, CHUNKED) + b"8000000\r\n",
    f"{BASE}/events": head(f"POST {BASE}/events HTTP/1.1", "Content-Length: 200000000"),
    "/v0/raw_events": head("POST /v0/raw_events HTTP/1.1", CHUNKED) + b"8000000\r\n",
    "/health": head("GET /health HTTP/1.1", "Content-Length: 200000000"),
    "not HTTP": b"nonsense\r\n",
    "a header": head("GET /health HTTP/1.1")[:-2] + b"X: ",
}


def test_a_client_that_sends_on_after_its_answer_is_cut_off(server: Server) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(len(TOO_LARGE)) as pool:
        connections = connect_all(server, stack, TOO_LARGE)
        for kind, connection in connections.items():
            connection.sendall(TOO_LARGE[kind])
        sent = dict(zip(TOO_LARGE, pool.map(send_much, connections.values()), strict=True))
    assert max(sent.values()) < 50_000_000, sent  # what the kernel holds is a part of it


def send_much(connection: socket.socket) -> int:
    """Send up to 200 MB; answers how much it was when the connection broke."""
    piece, sent = b" " * 65536, 0
    with suppress(ConnectionError):
        while sent < 200_000_000:
            connection.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", ["/events", f"{BASE}/events"])
def test_a_client_that_trickles_on_after_its_answer_is_cut_off(
    server: Server, path: str, token: str
) -> None:
    bearer = f"Authorization: Bearer {token}x"
    with connect(server) as connection:
        connection.sendall(head(f"POST {path} HTTP/1.1", CHUNKED, bearer) + b"nonsense\r\n")
        sending = send_until_closed(connection, b"a", 0.1)
        said = read_until_closed(connection)
        assert statuses(said) in ([400], [401])
        sending.join(TIMEOUT_S)
        assert not sending.is_alive()


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        (POST, (), 413),
        (f"POST {BASE}/events HTTP/1.1", ("Authorization: Bearer none",), 401),
        ("POST /v0/raw_events HTTP/1.1", (), 401),
        ("POST /nothing HTTP/1.1", (), 404),
        ("PUT /events HTTP/1.1", (), 405),
    ],
)
def test_the_answer_to_a_large_body_can_be_read_after_sending_it(
    server: Server, line: str, headers: tuple[str, ...], status: int
) -> None:
    body = b" " * 1_000_000
    with connect(server) as connection:
        connection.sendall(head(line, f"Content-Length: {len(body)}", *headers) + body)
        assert statuses(read_until_closed(connection)) == [status]


@pytest.mark.sample(8)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("path", ["/events", "/health", f"{BASE}/overview", f"{BASE}/events"])
def test_a_client_that_has_ended_its_side_gets_its_answer(
    server: Server, website: Website, token: str, path: str, version: str
) -> None:
    body = b""
    if path.endswith("/events"):
        page = {"websiteId": website.tracking_id, "url": "http://shop.test/", "visitorUid": "v"}
        body = json.dumps(page if path == "/events" else [page | {"websiteId": None}]).encode()
    line = f"{'POST' if body else 'GET'} {path} HTTP/{version}"
    bearer = f"Authorization: Bearer {token}"
    with connect(server) as connection:
        connection.sendall(head(line, bearer, f"Content-Length: {len(body)}") + body)
        connection.shutdown(socket.SHUT_WR)
        said = read_until_closed(connection)
    assert statuses(said.removeprefix(CONTINUE)) in ([200], [202]), said[:300]


def test_requests_sent_ahead_are_all_answered_in_order(server: Server) -> None:
    count = 20_000
    lines = [f"GET /js/main.js?{n} HTTP/1.1" for n in range(count)]
    with connect(server) as connection:
        requests = b"".join(f"{line}\r\nIf-None-Match: x\r\n\r\n".encode() for line in lines[:-1])
        requests += head("OPTIONS /events HTTP/1.1", "Connection: close")
        writer = threading.Thread(target=connection.sendall, args=(requests,), daemon=True)
        writer.start()
        said = read_until_closed(connection)
        writer.join(TIMEOUT_S)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == count - 1
    assert statuses(said[-2000:])[-1] == 204


def test_garbage_after_a_request_is_answered_after_it(server: Server, token: str) -> None:
    with connect(server) as connection:
        bearer = f"Authorization: Bearer {token}"
        connection.sendall(head(f"GET {BASE}/overview HTTP/1.1", bearer) + b"\0nonsense\r\n\r\n")
        assert statuses(read_until_closed(connection)) == [200, 400]


def test_a_request_goes_on_after_an_upgrade_that_was_not_accepted(server: Server) -> None:
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    with connect(server) as connection:
        connection.sendall(head("GET /js/main.js HTTP/1.1", *upgrade))
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.sendall(head("OPTIONS /events HTTP/1.1", "Connection: close"))
        assert b"HTTP/1.1 204" in read_until_closed(connection)


def test_a_body_is_asked_for_where_it_is_wanted(server: Server, website: Website) -> None:
    body = json.dumps({"websiteId": website.tracking_id, "url": "http://shop.test/"}).encode()
    waiting = ("Expect: 100-continue", "Connection: close")
    with connect(server) as connection:
        connection.sendall(head(POST, f"Content-Length: {len(body)}", *waiting))
        assert connection.recv(len(CONTINUE), socket.MSG_WAITALL) == CONTINUE
        connection.sendall(body)
        assert statuses(read_until_closed(connection)) == [202]


def test_what_was_cut_off_is_counted(server: Server) -> None:
    with connect(server) as slow, connect(server) as garbled:
        slow.sendall(b"GET")
        garbled.sendall(b"nonsense\r\n\r\n")
        read_until_closed(slow)
        read_until_closed(garbled)

    def ended() -> bool:
        ended = server.ask("GET", "/health")[1]["connections_ended"]
        return {"slow_request", "malformed"} <= ended.keys()

    wait_until(ended, "counts")
    metrics = server.ask("GET", "/metrics")[1]["text"]
    assert 'footfall_connections_ended_total{reason="slow_request"}' in metrics
    assert "footfall_connections " in metrics


def test_the_log_has_no_line_for_each_of_them(server: Server) -> None:
    """After the tests above, which end some hundred connections."""
    server.check_log()
    assert len(server.logged().splitlines()) < 20
