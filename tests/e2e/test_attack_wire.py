"""Garbage on the socket, slow and forged connections. The server answers on, and in peace."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from e2e.senders import BROWSER
from e2e.server import BASE, Server, running

from footfall.model.website import Website

pytestmark = pytest.mark.sample(1)  # of the ways in which a server runs

UA = {"User-Agent": BROWSER}
TIMEOUT_S = 120


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "two collectors"])
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("wire") / "data"
    with running(folder, collectors=request.param) as server:
        yield server


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S)


def converse(server: Server, data: bytes, patience_s: float = 1) -> bytes:
    """All that the server says to `data` until it closes or is silent for so long."""
    with connect(server) as connection:
        connection.settimeout(patience_s)
        writer = threading.Thread(target=_send_all, args=(connection, data))
        writer.start()
        said = b""
        try:
            while part := connection.recv(65536):
                said += part
                if b"\r\n\r\n" in said and not writer.is_alive():
                    connection.settimeout(0.1)
        except OSError:
            pass  # a reset, or silence
        writer.join()
        return said


def _send_all(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # it has hung up on us
        connection.sendall(data)


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join((line, "Host: x", *headers, "", "")).encode("latin-1")


MANY = [f"X-{n}: {n}" for n in range(5000)]
GARBAGE = {
    "noise": b"\x00\xff\x16\x03\x01garbage\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + b"\0" * 500,
    "no words": b"\r\n\r\n\r\n",
    "spaces": b" " * 100_000 + b"\r\n\r\n",
    "endless line": b"GET /" + b"a" * 1_000_000,
    "long address": head(f"GET /{'a' * 60_000} HTTP/1.1"),
    "many headers": head("GET /health HTTP/1.1", *MANY),
    "a large header": head("GET /health HTTP/1.1", "X: " + "a" * 1_000_000),
    "wrong version": head("GET / HTTP/9.9"),
    "no version": b"GET /\r\n\r\n",
    "negative length": head("POST /events HTTP/1.1", "Content-Length: -1"),
    "huge length": head("POST /events HTTP/1.1", "Content-Length: 99999999999999999999999"),
    "wordy length": head(f"POST {BASE}/events HTTP/1.1", "Content-Length: many"),
    "two lengths": head("POST /events HTTP/1.1", "Content-Length: 1", "Content-Length: 9") + b"{}",
    "both framings": head(
        "POST /events HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked"
    )
    + b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    "bad chunk": head("POST /events HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\nabc\r\n",
    "huge chunk": head("POST /events HTTP/1.1", "Transfer-Encoding: chunked") + b"f" * 30 + b"\r\n",
    "odd coding": head("POST /events HTTP/1.1", "Transfer-Encoding: gzip") + b"abc",
    "latin path": "GET /caf\xe9?\xff HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1"),
    "nul path": b"GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n",
    "encoded nul": head("GET /%00/%ff/..%2f..%2fetc/passwd HTTP/1.1"),
    "dots": head("GET /js/../../../../etc/passwd HTTP/1.1"),
    "double slash": head("GET //events/js/main.js HTTP/1.1"),
    "absolute": head("GET http://elsewhere.test/health HTTP/1.1"),
    "connect": head("CONNECT elsewhere.test:443 HTTP/1.1"),
    "trace": head("TRACE / HTTP/1.1"),
    "own method": head("DANCE /events HTTP/1.1"),
    "star": head("OPTIONS * HTTP/1.1"),
    "websocket": head(
        "GET /events HTTP/1.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ),
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 100,
    "odd header": b"GET /health HTTP/1.1\r\nHo st: x\r\n: y\r\n\xff: z\r\n\r\n",
    "split header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\nb\r\n c\r\n\r\n",
    "bare bearer": head(f"GET {BASE}/overview HTTP/1.1", "Authorization: Bearer"),
    "odd bearer": head(f"GET {BASE}/overview HTTP/1.1", "Authorization: Bearer \xff\xfe"),
    "cut off": head("POST /events HTTP/1.1", "Content-Length: 100") + b"{",
}


def test_garbage_gets_a_4xx_or_a_closed_door(server: Server) -> None:
    for name, data in GARBAGE.items():
        said = converse(server, data)
        first = said.split(b"\r\n", 1)[0]
        assert not said or first.startswith(b"HTTP/1.1 "), f"{name}: {said[:200]!r}"
        assert not first.startswith(b"HTTP/1.1 5"), f"{name}: {said[:200]!r}"
        assert b"root:" not in said, name
        assert b"Traceback" not in said, name
    assert server.ask("GET", "/health")[0] == 200
    server.check_log()


ENDLESS = {
    "line": (b"GET /", b"a" * 65536),
    "header": (head("GET / HTTP/1.1")[:-2] + b"X: ", b"a" * 65536),
    "headers": (head("GET / HTTP/1.1")[:-2], b"X: a\r\n" * 8192),
    "chunk extension": (
        head("POST /events HTTP/1.1", "Transfer-Encoding: chunked") + b"1;",
        b"a=b;" * 16384,
    ),
    "trailers": (
        head("POST /events HTTP/1.1", "Transfer-Encoding: chunked") + b"1\r\n5\r\n0\r\n",
        b"X: a\r\n" * 8192,
    ),
}


@pytest.mark.sample(5)
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_has_no_end_is_cut_off(server: Server, kind: str) -> None:
    begin, more = ENDLESS[kind]
    with connect(server) as connection:
        connection.sendall(begin)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(more * 500)
    assert server.ask("GET", "/health")[0] == 200


def test_unusual_methods_of_public_paths_are_4xx(server: Server) -> None:
    for path in ("/events", "/js/main.js", "/health", f"{BASE}/overview", f"{BASE}/events"):
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            status, _ = server.ask(method, path)
            assert status in (400, 401, 403, 404, 405), f"{method} {path}: {status}"


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(server: Server) -> None:
    body = b" " * 10_000_000
    token = server.token(server.website(f"large{server.port}.test"))
    bearer = f"Authorization: Bearer {token}"
    length = f"Content-Length: {len(body)}"
    for path in ("/events", f"{BASE}/events"):
        said = converse(server, head(f"POST {path} HTTP/1.1", length, bearer) + body)
        assert not said or b" 413 " in said[:20], said[:200]
        parts = b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(150)) + b"0\r\n\r\n"
        request = head(f"POST {path} HTTP/1.1", "Transfer-Encoding: chunked", bearer)
        said = converse(server, request + parts)
        assert not said or b" 413 " in said[:20], said[:200]


def post_page(server: Server, website: Website) -> int:
    body = {"websiteId": website.tracking_id, "url": f"http://{website.domain}/", "visitorUid": "v"}
    return server.ask("POST", "/events", "", body, UA)[0]


def test_a_chunked_body_is_taken(server: Server) -> None:
    website = server.website(f"chunked{server.port}.test")
    page = f'{{"websiteId":"{website.tracking_id}","url":"http://{website.domain}/"}}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in page.encode()) + b"0\r\n\r\n"
    start = head("POST /events HTTP/1.1", "Transfer-Encoding: chunked")
    said = converse(server, start + chunks, TIMEOUT_S)
    assert said.startswith(b"HTTP/1.1 202 ")


def test_what_follows_a_chunked_body_is_no_header(server: Server) -> None:
    """Trailers come after the head by which a request was judged, here and in proxies before us."""
    bearer = f"Authorization: Bearer {server.token()}\r\n".encode()
    begin = head(f"POST {BASE}/events HTTP/1.1", "Transfer-Encoding: chunked") + b"2\r\n[]\r\n0\r\n"
    behind = head("GET /health HTTP/1.1", "Connection: close")
    for trailers in (bearer, bearer + b"X: 1\r\n"):
        said = converse(server, begin + trailers + b"\r\n" + behind, TIMEOUT_S)
        assert said.startswith(b"HTTP/1.1 401 "), said
        assert b"HTTP/1.1 200 " in said, "the request behind it is answered"


def test_slow_and_idle_connections_delay_no_other(server: Server) -> None:
    website = server.website(f"slow{server.port}.test")
    with ExitStack() as open_ones:
        for n in range(150):
            connection = open_ones.enter_context(connect(server))
            if n % 3 == 0:
                connection.sendall(b"POST /ev")
            elif n % 3 == 1:
                connection.sendall(head("POST /events HTTP/1.1", "Content-Length: 500") + b'{"a":')
        assert [post_page(server, website) for _ in range(20)] == [202] * 20
        server.wait_for_loading()
    (row,) = server.get("/overview", server.token(website))["data"]
    assert (row["visitors"], row["pageviews"]) == (1, 20)


def test_who_hangs_up_in_the_middle_of_an_answer_leaves_nothing_behind(server: Server) -> None:
    token = server.token(server.website(f"hangup{server.port}.test"))
    bearer = f"Authorization: Bearer {token}"
    for _ in range(30):
        with connect(server) as connection:
            connection.sendall(head(f"GET {BASE}/breakdown?dimension=page,goal HTTP/1.1", bearer))
    time.sleep(0.5)
    assert server.get("/overview", token)["data"][0]["visitors"] == 0
    server.check_log()


@pytest.mark.sample(2)
@pytest.mark.parametrize(("trusted", "visitors"), [("192.0.2.1", 1), ("127.0.0.0/8", 3)])
def test_forwarded_addresses_are_believed_from_trusted_proxies_alone(
    tmp_path: Path, trusted: str, visitors: int
) -> None:
    with running(tmp_path / "data", trusted_proxies=trusted) as server:
        website = server.website("shop.test")
        body = {"websiteId": website.tracking_id, "url": "http://shop.test/"}
        for address in ("194.25.0.68", "81.2.69.142", "8.8.8.8"):
            # what stands before the last address, the client may have written itself
            forged = UA | {"X-Forwarded-For": f"1.1.1.1, {address}", "X-Real-IP": "9.9.9.9"}
            assert server.ask("POST", "/events", "", body, forged)[0] == 202
        server.wait_for_loading()
        (row,) = server.get("/overview", server.token(website))["data"]
        assert row["visitors"] == visitors
