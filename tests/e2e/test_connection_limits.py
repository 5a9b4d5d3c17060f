"""Too many connections, and clients that keep the limits' edges: who is over one gets a real
answer at once, and nobody else is held up."""

import json
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from e2e.senders import BROWSER
from e2e.server import BASE, Server, running, wait_until
from e2e.test_slow_clients import answer_of, head, read_until_closed, send_until_closed, statuses
from selection import IS_ALL

from footfall.model.website import Website
from footfall.serve.connection import GRACE_S

pytestmark = pytest.mark.sample(1)  # of the ways in which a server runs

TIMEOUT_S = 120
PER_ADDRESS = 6
TOTAL = 40
ASK = head("OPTIONS /events HTTP/1.1")
ASK_ONCE = head("OPTIONS /events HTTP/1.1", "Connection: close")
STALLED = head("POST /events HTTP/1.1", "Content-Length: 10")

Connect = Callable[..., socket.socket]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connections from any address of 127.0.0.0/8; all are closed at the end."""
    with ExitStack() as stack:

        def connect(server: Server, address: str = "127.0.0.1") -> socket.socket:
            return stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", server.port), TIMEOUT_S, source_address=(address, 0)
                )
            )

        yield connect


LIMITS = {"max_connections": TOTAL, "max_connections_per_address": PER_ADDRESS}
NO_PROXY = {"trusted_proxies": "192.0.2.1"}
IMPATIENT = {"request_timeout_s": 2}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with low limits that takes nobody for a proxy."""
    folder = tmp_path_factory.mktemp("limited") / "data"
    with running(folder, **LIMITS, **NO_PROXY) as server:
        yield server


@pytest.fixture
def server(limited: Server) -> Iterator[Server]:
    """It, with room for the next test when this one's connections are closed."""
    yield limited
    wait_until(lambda: "\nfootfall_connections 1.0\n" in _metrics(limited), "closed connections")


def _metrics(server: Server) -> str:
    return str(server.ask("GET", "/metrics")[1]["text"])


def stall(connection: socket.socket) -> socket.socket:
    """Let it be in the middle of a request."""
    connection.sendall(STALLED)
    return connection


def is_served(connection: socket.socket) -> bool:
    connection.sendall(ASK_ONCE)
    return statuses(read_until_closed(connection)) == [204]


def check_refusal(said: bytes) -> None:
    assert statuses(said) == [503]
    headers, body = answer_of(said)
    assert int(headers["retry-after"]) > 0
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body)["error"]["code"] == 503


def test_the_connections_of_an_address_over_its_limit_are_answered_503(
    server: Server, connect: Connect
) -> None:
    for _ in range(PER_ADDRESS):
        stall(connect(server, "127.0.0.2"))
    for _ in range(30):
        over = connect(server, "127.0.0.2")
        over.sendall(ASK)
        check_refusal(read_until_closed(over))
    assert is_served(connect(server, "127.0.0.3"))


def test_connections_over_the_total_limit_are_answered_503(
    server: Server, connect: Connect
) -> None:
    for n in range(TOTAL):
        stall(connect(server, f"127.0.1.{1 + n // PER_ADDRESS}"))
    for n in range(30):
        over = connect(server, f"127.0.2.{1 + n}")
        if n % 2:
            over.sendall(ASK)
        check_refusal(read_until_closed(over))


def test_a_place_is_free_again_when_its_connection_is_closed(
    server: Server, connect: Connect
) -> None:
    for _ in range(3 * TOTAL):
        assert is_served(connect(server, "127.0.0.2"))
    for _ in range(PER_ADDRESS):
        stall(connect(server, "127.0.0.2")).close()
    wait_until(lambda: is_served(connect(server, "127.0.0.2")), "free place")


def test_idle_connections_give_way_to_new_ones(server: Server, connect: Connect) -> None:
    idle = [connect(server, "127.0.0.2") for _ in range(PER_ADDRESS)]
    for connection in idle[1:]:
        connection.sendall(ASK)
        connection.recv(10_000)
    wait_until(lambda: is_served(connect(server, "127.0.0.2")), "connection that gave way")


def test_refused_and_slow_ones_are_counted(tmp_path: Path, connect: Connect) -> None:
    with running(tmp_path / "data", **LIMITS, **NO_PROXY, **IMPATIENT) as server:
        for _ in range(PER_ADDRESS + 5):
            stall(connect(server, "127.0.0.2"))
        for n in range(TOTAL):
            stall(connect(server, f"127.0.1.{1 + n // PER_ADDRESS}"))
        counts = wait_until(lambda: _seen_ended(server, connect), "counts")
        assert counts["over_address_limit"] == 5
        assert counts["over_limit"] >= PER_ADDRESS
        assert "connections are refused" in server.logged()


def _seen_ended(server: Server, connect: Connect) -> dict[str, int]:
    """How many ended and why, once the slow ones have."""
    raw = connect(server, "127.0.0.9")
    raw.sendall(head("GET /health HTTP/1.1", "Connection: close"))
    said = read_until_closed(raw)
    if statuses(said) != [200]:
        return {}
    counts: dict[str, int] = json.loads(answer_of(said)[1])["connections_ended"]
    return counts if counts.get("slow_request") else {}


def test_a_proxys_connections_count_in_total_only(tmp_path: Path, connect: Connect) -> None:
    with running(tmp_path / "data", **LIMITS) as server:
        for _ in range(TOTAL - 1):
            stall(connect(server))
        assert is_served(connect(server))
        stall(connect(server))
        wait_until(lambda: _is_refused(connect(server)), "refusal")


def _is_refused(connection: socket.socket) -> bool:
    connection.sendall(ASK_ONCE)
    return statuses(read_until_closed(connection)) == [503]


def test_further_collectors_have_their_share_of_the_limits(
    tmp_path: Path, connect: Connect
) -> None:
    with running(tmp_path / "data", collectors=2, **LIMITS, **NO_PROXY, **IMPATIENT) as server:
        wait_until(server.children, "a further collector")
        stalled = [stall(connect(server, "127.0.0.2")) for _ in range(60)]
        refused = 0
        for connection in stalled:
            said = read_until_closed(connection)
            assert statuses(said) in ([503], [408])
            refused += statuses(said) == [503]
        assert refused >= 60 - PER_ADDRESS  # the kernel may give one process fewer than its share
        wait_until(lambda: _ended(server).get("over_address_limit") == refused, "counts of both")


def _ended(server: Server) -> dict[str, int]:
    counts: dict[str, int] = server.ask("GET", "/health")[1]["connections_ended"]
    return counts


def test_six_thousand_stalled_connections_hold_nobody_up(tmp_path: Path, connect: Connect) -> None:
    """The server has room for a twelfth. `make test` tries a fifth of them."""
    _allow_files(10_000)
    count = 6000 if IS_ALL else 1200
    room = count // 12
    with running(tmp_path / "data", max_connections=room) as server:
        website = server.website("shop.test")
        for n in range(count):
            connection = stall(connect(server, f"127.0.{n % 200}.{1 + n // 200}"))
            if n % room == room - 1 and n > room:
                assert statuses(read_until_closed(connection)) in ([503], [408])
        wait_until(lambda: _page_is_taken(server, website), "room")


def _page_is_taken(server: Server, website: Website) -> bool:
    """A connection that is refused may be reset before its 503 is read."""
    body = {"websiteId": website.tracking_id, "url": "http://shop.test/", "visitorUid": "v"}
    try:
        status, _ = server.ask("POST", "/events", "", body, {"User-Agent": BROWSER})
    except ConnectionResetError:
        return False
    assert status in (202, 503)
    return status == 202


def test_a_process_that_may_open_no_more_files_goes_on_when_it_may(
    tmp_path: Path, connect: Connect
) -> None:
    _allow_files(3000)
    server = Server(tmp_path / "data")
    server.folder.mkdir()
    server.start()
    website = server.website("shop.test")
    assert _page_is_taken(server, website)
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (150, before[1]))
    for _ in range(600):
        stall(connect(server))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    wait_until(lambda: _page_is_taken(server, website), "room after the stalled connections")
    server.wait_for_loading()
    (row,) = server.get("/overview", server.token(website))["data"]
    assert row["pageviews"] == 2
    assert server.stop() == 0


def test_connections_get_half_of_the_files_that_a_process_may_open() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300));"
        "from footfall.config import Settings; from footfall.serve.limit import limits_of;"
        "print(limits_of(Settings()).connections)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("\n150\n")
    assert "max_connections is lowered" in ran.stdout


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"this test needs {count} open files")
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "two collectors"])
def patient(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server that waits long for a whole request, so that only the least rate can end it."""
    folder = tmp_path_factory.mktemp("rate") / "data"
    constants = {"footfall.serve.connection.GRACE_S": 3.0} if request.param == 1 else {}
    with running(
        folder, constants=constants, collectors=request.param, request_timeout_s=600
    ) as server:
        if request.param > 1:
            wait_until(server.children, "a further collector")
        yield server


@pytest.fixture
def grace_s(patient: Server) -> float:
    """How long it waits whatever the rate. Its further collectors have the constant of people."""
    return float(str(patient.constants.get("footfall.serve.connection.GRACE_S", GRACE_S)))


def test_what_is_slower_than_the_least_rate_is_cut_off(patient: Server, connect: Connect) -> None:
    begins = {
        "header": (head("GET /health HTTP/1.1")[:-2], b"X"),
        "body": (head("POST /events HTTP/1.1", "Content-Length: 90000"), b" "),
        "forwarded": (head(f"POST {BASE}/goals HTTP/1.1", "Content-Length: 900"), b" "),
        "chunks": (head("POST /events HTTP/1.1", "Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    }
    open_ones = {}
    for kind, (begin, piece) in begins.items():
        open_ones[kind] = connect(patient)
        open_ones[kind].sendall(begin)
        send_until_closed(open_ones[kind], piece, 0.5)
    for kind, connection in open_ones.items():
        assert statuses(read_until_closed(connection)) in ([408], [401]), kind


def test_a_slow_body_above_the_least_rate_is_taken(
    patient: Server, connect: Connect, grace_s: float
) -> None:
    website = patient.website(f"slow{patient.port}.test")
    page = {
        "websiteId": website.tracking_id,
        "url": f"http://{website.domain}/",
        "title": "x" * int(700 * (grace_s + 3)),
    }
    body = json.dumps(page).encode()
    connection = connect(patient)
    connection.sendall(
        head("POST /events HTTP/1.1", f"Content-Length: {len(body)}", "Connection: close")
    )
    for n in range(0, len(body), 700):  # for longer than the server waits whatever the rate
        connection.sendall(body[n : n + 700])
        time.sleep(1)
    assert statuses(read_until_closed(connection)) == [202]


def test_a_client_that_never_reads_is_cut_off(patient: Server, connect: Connect) -> None:
    connection = connect(patient)
    request = head("GET /openapi.json HTTP/1.1") * 2000
    sending = send_until_closed(connection, request, 0)
    sending.join(TIMEOUT_S)
    assert not sending.is_alive()
    wait_until(lambda: _ended(patient).get("slow_reader"), "count")


def test_a_client_that_reads_slowly_gets_all_of_it(
    patient: Server, connect: Connect, grace_s: float
) -> None:
    connection = connect(patient)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    count = 30 if IS_ALL else int(grace_s + 2)
    last = head("GET /openapi.json HTTP/1.1", "Connection: close")
    connection.sendall(head("GET /openapi.json HTTP/1.1") * (count - 1) + last)
    said = bytearray()
    while part := connection.recv(20_000):
        said += part
        time.sleep(0.05)
    assert said.count(b"HTTP/1.1 200 OK") == count
