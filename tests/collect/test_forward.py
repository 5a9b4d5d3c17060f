"""A further collector forwards requests and says whose they are."""

import asyncio

import pytest

from footfall.collect.address import ClientAddress
from footfall.collect.forward import Forwarder
from footfall.collect.server import MAX_BODY_BYTES

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/v0/raw_events",
    "query_string": b"",
    "client": ("203.0.113.7", 1234),
}


async def forward(trusted_proxies, headers, **scope):
    """The lines of the head that the other process is sent."""
    lines, _ = await exchange(trusted_proxies, headers, **scope)
    return lines


async def exchange(trusted_proxies, headers, **scope):
    """The lines of the head that the other process is sent, and the head that the client gets."""
    heads, starts = [], []

    async def take(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n")
        writer.write(b"date: Sat, 28 Nov 2026 12:00:00 GMT\r\nx-other: 1\r\n\r\n")
        await writer.drain()
        writer.close()

    messages = [{"type": "http.request", "body": b"[]"}]

    async def receive():
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message):
        assert message.get("status", 204) == 204
        starts.extend(message.get("headers", ()))

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        forwarder = Forwarder(f"http://127.0.0.1:{port}", ClientAddress(trusted_proxies))
        await forwarder({**SCOPE, "headers": headers, **scope}, receive, send)
        await forwarder.close()
    return heads[0].decode().lower().split("\r\n"), starts


def test_the_peer_is_the_client_and_its_own_forwarding_headers_are_dropped():
    headers = [(b"x-forwarded-for", b"8.8.8.8"), (b"forwarded", b"for=8.8.8.8")]
    lines = asyncio.run(forward((), [*headers, (b"cf-connecting-ip", b"8.8.8.8")]))
    assert "x-forwarded-for: 203.0.113.7" in lines
    assert "8.8.8.8" not in str(lines)


def test_a_trusted_proxys_client_is_handed_on_as_the_client():
    headers = [(b"forwarded", b"for=8.8.8.8"), (b"authorization", b"Bearer x")]
    lines = asyncio.run(forward(("203.0.113.7",), headers))
    assert "x-forwarded-for: 8.8.8.8" in lines
    assert "authorization: bearer x" in lines
    assert not any(line.startswith("forwarded:") for line in lines)


def test_only_a_trusted_proxy_says_how_its_client_has_connected():
    """The other process believes these headers, because it trusts this one."""
    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-host", b"stats.example")]
    lines = asyncio.run(forward((), headers))
    assert not any(line.startswith(("x-forwarded-proto", "x-forwarded-host")) for line in lines)
    lines = asyncio.run(forward(("203.0.113.7",), headers))
    assert {"x-forwarded-proto: https", "x-forwarded-host: stats.example"} <= {*lines}


def test_the_host_stays_the_one_that_the_client_named():
    """Errors of the flow and funnel API link to a page of the server, which clients can open."""
    lines = asyncio.run(forward((), [(b"host", b"stats.example:8000")]))
    assert [line for line in lines if line.startswith("host:")] == ["host: stats.example:8000"]


def test_what_an_answer_sets_is_not_sent_with_the_next_request():
    """It may be another client's, and the cookie its sign-in."""
    heads = []

    async def sign_in(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nset-cookie: footfall=secret; Path=/\r\n\r\n")
        await writer.drain()
        writer.close()

    async def receive():
        return await asyncio.Event().wait()

    async def send(message):
        assert message.get("status", 204) == 204

    async def run():
        async with await asyncio.start_server(sign_in, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            forwarder = Forwarder(f"http://127.0.0.1:{port}", ClientAddress(()))
            for _ in range(2):
                await forwarder({**SCOPE, "method": "GET", "headers": []}, receive, send)
            await forwarder.close()

    asyncio.run(run())
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


def test_no_proxy_of_the_environment_gets_the_requests(monkeypatch):
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert asyncio.run(forward((), []))


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        (b"/api/../v0//x%2Fy", b"q=%20a+b", "/api/../v0//x%2fy?q=%20a+b"),
        ("/straße".encode(), b"", "/stra%c3%9fe"),
    ],
)
def test_the_address_is_passed_on_as_it_is(path, query, target):
    lines = asyncio.run(forward((), [], raw_path=path, query_string=query))
    assert lines[0] == f"post {target} http/1.1"


def test_no_header_is_added_that_the_client_did_not_send():
    """It would be sent compressed answers, or be taken for a program."""
    added = ("accept:", "accept-encoding:", "user-agent:")
    lines = asyncio.run(forward((), [(b"content-type", b"application/json")]))
    assert not any(line.startswith(added) for line in lines)
    lines = asyncio.run(forward((), [(b"accept-encoding", b"br"), (b"user-agent", b"Lynx")]))
    assert {"accept-encoding: br", "user-agent: lynx"} <= {*lines}


def test_the_other_processs_date_is_dropped_because_this_one_writes_its_own():
    _, headers = asyncio.run(exchange((), []))
    assert headers == [(b"x-other", b"1")]


def test_a_body_that_no_endpoint_takes_is_refused_and_not_forwarded_to_its_end():
    """Whatever the other process does: here it hangs up while the body is sent."""
    sent, parts = [], []

    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        parts.append(await reader.read(1000))
        await reader.read(-1)
        writer.transport.abort()

    async def receive():
        return {"type": "http.request", "body": bytes(MAX_BODY_BYTES // 4), "more_body": True}

    async def send(message):
        sent.append(message)

    async def run():
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            forwarder = Forwarder(f"http://127.0.0.1:{port}", ClientAddress(()))
            headers = [(b"transfer-encoding", b"chunked")]
            await forwarder({**SCOPE, "headers": headers}, receive, send)
            await forwarder.close()

    asyncio.run(run())
    assert sent[0]["status"] == 413
    assert b"the body is larger than 8192 kB" in sent[1]["body"]
    assert parts
