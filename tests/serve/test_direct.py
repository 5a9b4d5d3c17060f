"""Events that reach the collector directly are answered as the application answers them."""

import asyncio
import gzip
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
import uvloop
from new_catalog import open_catalog

from footfall.catalog import Registry
from footfall.collect.address import ClientAddress
from footfall.collect.count import AddressShare, HitCounts
from footfall.collect.public import PublicCollector
from footfall.collect.recent import RecentHits
from footfall.config import read_settings
from footfall.journal.reader import Positions, read_tails
from footfall.journal.writer import Journal
from footfall.model.errors import Unavailable
from footfall.model.record import EventsRecord, decode_record
from footfall.serve.connection import BoundedConnection
from footfall.serve.direct import DirectConnection
from footfall.serve.dispatcher import Dispatcher
from footfall.serve.limit import OpenConnections

from .conftest import LIMITS, NOON, enricher

ANY_WEBSITE = "flid_" + "W" * 16
"""In requests and answers: the website's tracking id, whose length it has."""


async def nothing(*_: object) -> None:
    pass


async def stub(_scope: Any, _receive: Any, send: Any) -> None:
    """The application for everything else."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Place:
    """A collector with a journal, whose connections are of a class, and what became of it all."""

    def __init__(self, folder: Path, kind: type[BoundedConnection], runner: asyncio.Runner) -> None:
        self.kind = kind
        self.run = runner.run
        self._began: Positions = {}
        self.folder = folder
        self.catalog = open_catalog(folder)
        self.website = self.catalog.add_website("example.com", now_ms=NOON)
        self.counts = HitCounts("collector")
        self.asked = 0  # requests that the application got
        self.state = uvicorn.server.ServerState()
        self.journal = Journal(folder / "journal" / "x", max_bytes=2**30, min_free_bytes=0)
        self.public = PublicCollector(
            registry=Registry(self.catalog, lambda: NOON),
            enricher=enricher(),
            journal=self.journal,
            client_address=ClientAddress(()),
            counts=self.counts,
            address_share=AddressShare(),
            recent=RecentHits(lambda: NOON),
            clock=lambda: NOON,
        )
        self.dispatcher = Dispatcher(
            read_settings({}, {}),
            collect=self.public,
            tracker=stub,
            other=stub,
            start=nothing,
            stop=nothing,
        )

    def begin(self) -> "Place":
        """Forget what the test before has sent."""
        tails = read_tails(self.folder / "journal", self._began, 2**20)
        self._began |= {tail.writer: tail.position for tail in tails}
        self.counts.take(NOON)
        self.asked = self.state.total_requests = 0
        return self

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self.dispatcher(scope, receive, send)

    async def exchange(self, *pieces: bytes) -> bytes:
        """What a client gets that sends these pieces, until the connection ends."""
        server, listener = await self.listen()
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.02)
        got = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        server.close()
        return got

    async def listen(self) -> tuple[asyncio.Server, socket.socket]:
        config = uvicorn.Config(
            self._app,
            lifespan="off",
            interface="asgi3",
            ws="none",
            log_config=None,
            proxy_headers=False,
        )
        config.load()
        given: dict[str, Any] = {"config": config, "server_state": self.state, "app_state": {}}
        given["connections"] = OpenConnections(LIMITS, lambda _: False, lambda _: None)
        if self.kind is DirectConnection:
            given["find_collector"] = self.dispatcher.find_collector
        listener = socket.create_server(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: self.kind(**given), sock=listener)
        return server, listener

    def pages(self) -> list[str]:
        """The pages that have come into the journal, sorted."""
        tails = read_tails(self.folder / "journal", self._began, 2**20)
        records = [decode_record(record) for tail in tails for record in tail.records]
        return sorted(e.path for r in records if isinstance(r, EventsRecord) for e in r.events)

    def drops(self) -> list[tuple[bool, str, int]]:
        """What was dropped: whether the website is known, the reason, how many."""
        record = self.counts.take(NOON)
        counts = record.counts if record else []
        return sorted((known == self.website.id, reason, n) for known, reason, n in counts)

    async def close(self) -> None:
        await self.journal.close()
        self.catalog.close()


@pytest.fixture(scope="module")
def places(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[type[BoundedConnection], Place]]:
    """One for each class of connections, with an event loop for both."""
    folder = tmp_path_factory.mktemp("places")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        kinds = (DirectConnection, BoundedConnection)
        found = {kind: Place(folder / kind.__name__, kind, runner) for kind in kinds}
        yield found
        for place in found.values():
            runner.run(place.close())


@pytest.fixture
def direct(places: dict[type[BoundedConnection], Place]) -> Place:
    return places[DirectConnection].begin()


@pytest.fixture
def general(places: dict[type[BoundedConnection], Place]) -> Place:
    return places[BoundedConnection].begin()


def view(path: str, website: str = ANY_WEBSITE, **more: object) -> dict[str, object]:
    return {"websiteId": website, "url": f"https://example.com{path}", "cookieless": True, **more}


def post(body: object, *headers: str, path: str = "/events", version: str = "1.1") -> bytes:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    lines = ["host: x", "user-agent: Mozilla/5.0 Firefox/130.0", f"content-length: {len(content)}"]
    head = "\r\n".join([f"POST {path} HTTP/{version}", *lines, *headers, "", ""])
    return head.encode() + content


LAST = post(view("/last"), "connection: close")
WHOLE = {
    "one": post(view("/one")),
    "several": post([view("/a"), view("/b")]),
    "in part invalid": post([view("/a"), view("/b", name=7)]),
    "invalid": post(view("/a", type="nonsense")),
    "unknown website": post(view("/a", website="flid_unknown")),
    "not JSON": post(b"{"),
    "empty": post(b""),
    "own folder": post(view("/one"), path="/proxied/events"),
    "HTTP/1.0": post(view("/one"), version="1.0"),
    "close": post(view("/one"), "connection: close"),
}
OTHERS = {
    "gzip": post(gzip.compress(msgspec.json.encode(view("/one"))), "content-encoding: gzip"),
    "too large": post(b" " * (256 * 1024 + 1)),
    "expects 100": post(view("/one"), "expect: 100-continue"),
    "pixel": f"GET /events?websiteId={ANY_WEBSITE}&url=http://x.example HTTP/1.1\r\n\r\n".encode(),
    "preflight": b"OPTIONS /events HTTP/1.1\r\nhost: x\r\n\r\n",
    "head": b"HEAD /events HTTP/1.1\r\nhost: x\r\n\r\n",
    "put": b"PUT /events HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
    "other path": post(view("/one"), path="/elsewhere"),
}


def ask(place: Place, *pieces: bytes) -> bytes:
    own, any_website = place.website.tracking_id.encode(), ANY_WEBSITE.encode()
    answer = place.run(place.exchange(*(each.replace(any_website, own) for each in pieces)))
    return answer.replace(own, any_website)


def compare(direct: Place, general: Place, *pieces: bytes) -> bytes:
    """The answer to these pieces, which is the same from both kinds of connection."""
    answer = ask(direct, *pieces)
    assert answer == ask(general, *pieces)
    assert direct.pages() == general.pages()
    assert direct.drops() == general.drops()
    assert direct.state.total_requests == general.state.total_requests
    assert not direct.state.tasks
    return answer


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_request_is_answered_without_the_application(
    direct: Place, general: Place, name: str
) -> None:
    request = WHOLE[name]
    is_last = b"HTTP/1.0" in request or b"connection: close" in request
    answer = compare(direct, general, request, *(() if is_last else (LAST,)))
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.count(b"HTTP/1.1 ") == (1 if is_last else 2)
    assert direct.asked == 0


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_request_is_the_applications(direct: Place, general: Place, name: str) -> None:
    answer = compare(direct, general, OTHERS[name], LAST)
    assert answer.startswith(b"HTTP/1.1 ")
    assert direct.asked >= 1


@pytest.mark.parametrize("at", ["in the head", "before the body", "in the body"])
def test_a_request_in_two_pieces_is_answered_alike(direct: Place, general: Place, at: str) -> None:
    body = LAST.index(b"\r\n\r\n") + 4
    cut = {"in the head": 20, "before the body": body, "in the body": body + 10}[at]
    answer = compare(direct, general, LAST[:cut], LAST[cut:])
    assert answer.startswith(b"HTTP/1.1 202")
    assert direct.asked == (0 if at == "in the head" else 1)
    assert direct.pages() == ["/last"]


def test_a_chunked_request_is_answered_alike(direct: Place, general: Place) -> None:
    body = msgspec.json.encode(view("/chunked"))
    head = b"POST /events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    request = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    answer = compare(direct, general, request + LAST)
    assert answer.count(b"HTTP/1.1 202") == 2
    assert direct.pages() == ["/chunked", "/last"]


def test_a_malformed_chunk_is_refused_alike(direct: Place, general: Place) -> None:
    head = b"POST /events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = compare(direct, general, head + b"nonsense\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert direct.pages() == []


def test_requests_sent_ahead_are_answered_in_their_order(direct: Place, general: Place) -> None:
    ahead = WHOLE["one"] + WHOLE["invalid"] + OTHERS["other path"] + WHOLE["several"]
    answer = compare(direct, general, ahead * 20 + LAST)
    codes = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert codes == [b"202", b"400", b"204", b"202"] * 20 + [b"202"]
    assert len(direct.pages()) == 61


def test_what_is_not_http_is_refused_after_the_event_before_it(
    direct: Place, general: Place
) -> None:
    answer = compare(direct, general, WHOLE["one"] + b"\0\0\0\r\n\r\n")
    codes = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert codes == [b"202", b"400"]
    assert direct.pages() == ["/one"]


def test_nothing_is_acknowledged_before_it_is_on_disk(
    direct: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> tuple[bool, bytes]:
        asked = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(direct.journal, "append", lambda _: asked)
        exchange = asyncio.ensure_future(direct.exchange(own(direct, LAST)))
        await asyncio.sleep(0.1)
        is_early = exchange.done()
        asked.set_result(None)
        return is_early, await exchange

    is_early, answer = direct.run(work())
    assert not is_early
    assert answer.startswith(b"HTTP/1.1 202")


def own(place: Place, request: bytes) -> bytes:
    return request.replace(ANY_WEBSITE.encode(), place.website.tracking_id.encode())


@pytest.mark.parametrize(
    ("failure", "status", "retry"),
    [
        (Unavailable("the disk is full", retry_after_s=10), b"503", b"retry-after: 10\r\n"),
        (RuntimeError("a mistake"), b"500", b"connection: close\r\n"),
        (None, b"503", b"retry-after: 5\r\n"),  # cancelled: the server stops
    ],
)
def test_what_the_disk_does_not_take_is_not_acknowledged(
    direct: Place,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception | None,
    status: bytes,
    retry: bytes,
) -> None:
    async def work() -> bytes:
        asked = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(direct.journal, "append", lambda _: asked)
        exchange = asyncio.ensure_future(direct.exchange(own(direct, LAST)))
        while not direct.state.tasks:
            await asyncio.sleep(0.01)
        if failure:
            asked.set_exception(failure)
        else:
            for task in [*direct.state.tasks]:
                task.cancel(msg="as the server does when it stops")
        return await exchange

    answer = direct.run(work())
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert retry in answer
    assert direct.pages() == []


def test_a_mistake_in_the_collector_is_logged_and_answered(
    direct: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(direct.public, "_take", fail)
    assert ask(direct, LAST).startswith(b"HTTP/1.1 500")
    assert direct.asked == 1


def test_a_client_that_leaves_is_not_answered_and_its_event_stays(direct: Place) -> None:
    async def work() -> None:
        server, listener = await direct.listen()
        _, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(own(direct, WHOLE["one"]))
        await writer.drain()
        while not direct.state.tasks and not direct.pages():
            await asyncio.sleep(0)
        writer.transport.abort()
        while direct.state.connections or direct.state.tasks:
            await asyncio.sleep(0.01)
        server.close()

    direct.run(work())
    assert direct.pages() == ["/one"]
