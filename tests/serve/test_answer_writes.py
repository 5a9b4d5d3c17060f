"""An answer of known length is written at once, and any other as it comes."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
import uvloop

from footfall.serve.connection import BoundedConnection
from footfall.serve.limit import OpenConnections

from .conftest import LIMITS

Send = Callable[[dict[str, Any]], Awaitable[None]]
KNOWN = [(b"content-length", b"5")]


class Recorder:
    """A transport that notes what is written to it."""

    def __init__(self, transport: asyncio.Transport, writes: list[bytes]) -> None:
        self._transport = transport
        self._writes = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._writes.append(bytes(data))
        self._transport.write(data)


async def known(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": KNOWN})
    await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"hello"})


async def in_pieces(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": KNOWN})
    await send({"type": "http.response.body", "body": b"he", "more_body": True})
    await send({"type": "http.response.body", "body": b"llo"})


async def unknown(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def empty(send: Send) -> None:
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def no_content(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def broken(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": KNOWN})
    raise RuntimeError("on purpose")


APPS = {
    "/" + each.__name__: each for each in (known, in_pieces, unknown, empty, no_content, broken)
}


async def application(scope: dict[str, Any], receive: Any, send: Send) -> None:
    await receive()
    await APPS[scope["path"]](send)


async def exchange(request: bytes) -> tuple[list[bytes], bytes]:
    """What is written for these requests, and what the client gets until the connection ends."""
    writes: list[bytes] = []

    class Recorded(BoundedConnection):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(Recorder(transport, writes))  # type: ignore[arg-type]

    connections = OpenConnections(LIMITS, lambda _: False, lambda _: None)
    config = uvicorn.Config(application, lifespan="off", ws="none", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    listener = socket.create_server(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(
        lambda: Recorded(config=config, server_state=state, app_state={}, connections=connections),
        sock=listener,
    )
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(request)
    got = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    server.close()
    return [each for each in writes if each], got


def answers(path: str, *, method: str = "GET", times: int = 1) -> tuple[list[bytes], bytes]:
    keep = f"{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    last = f"{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    return uvloop.run(exchange(keep * (times - 1) + last))


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/known", [b"hello"]),
        ("/in_pieces", [b"he", b"llo"]),
        ("/empty", [b""]),
        ("/no_content", [b""]),
        ("/unknown", [b"", b"5\r\nhello\r\n0\r\n\r\n"]),
    ],
)
def test_the_head_is_written_with_the_body_whose_length_it_names(
    path: str, bodies: list[bytes]
) -> None:
    writes, got = answers(path)
    first, *others = writes
    assert first.startswith(b"HTTP/1.1 20")
    assert first.endswith(b"\r\n\r\n" + bodies[0])
    assert others == bodies[1:]
    assert got == b"".join(writes)


def test_every_answer_of_a_connection_is_one_write() -> None:
    writes, got = answers("/known", times=3)
    assert [each.count(b"hello") for each in writes] == [1, 1, 1]
    assert got.count(b"HTTP/1.1 200") == 3


def test_an_answer_without_its_body_is_still_seen_to_begin() -> None:
    writes, got = answers("/broken")
    assert len(writes) == 1
    assert got.startswith(b"HTTP/1.1 200")
    assert b"hello" not in got


def test_the_answer_to_head_has_only_a_head() -> None:
    writes, got = answers("/known", method="HEAD")
    assert got == b"".join(writes)
    assert b"content-length: 5" in got
    assert b"hello" not in got
