"""abandoned: how long live reports, goals, payments and collecting take while 50 clients ask for
all-time flows and disconnect at random, compared with the same server without those clients."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from time import perf_counter
from urllib.parse import urlencode

import msgspec

from bench.dataset import copy_of, dataset
from bench.flows import PER_SESSION
from bench.load import send
from bench.result import Figure, at_most, percentile
from bench.server import DOMAIN, Server, running_server
from bench.size import Size
from footfall.catalog import Catalog
from footfall.clock import now_ms

PART = "abandoned"
CLIENTS = 50
TOKENS = 5
PATIENCE_S = 5.0  # a client disconnects after a random part of it
EVENTS_PER_S = 200
PROBES_PER_S = {"realtime": 10, "goals": 4, "payments": 4}
_FLOW = '{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}'
_BASE = "/api/v1"


class Phase(msgspec.Struct, frozen=True):
    """Latencies in milliseconds by kind, and what did not succeed."""

    latencies_ms: Mapping[str, list[float]]
    failed: list[str]


def run(size: Size, folder: Path) -> list[Figure]:
    """The same load twice: without and with the clients that disconnect."""
    data, _ = dataset(folder.parent, size.flow_events, PER_SESSION)
    with running_server(copy_of(data, folder / "data")) as server:
        asker = _Asker(server)
        asker.prepare()
        send(server, EVENTS_PER_S, seed=1)
        idle = _measure(server, asker, size.paced_s, clients=0)
        busy = _measure(server, asker, size.paced_s, clients=CLIENTS)
        return [*_figures(idle, busy), *_queue(asker)]


def _figures(idle: Phase, busy: Phase) -> Iterator[Figure]:
    aims_ms = {"realtime": 500.0, "goals": 1_000.0, "payments": 1_000.0}
    for kind, aim in aims_ms.items():
        yield Figure(PART, f"{kind}, p50 and p99, idle", _shares(idle.latencies_ms[kind]))
        value = percentile(busy.latencies_ms[kind], 0.99)
        yield Figure(PART, f"{kind}, p50 and p99, busy", _shares(busy.latencies_ms[kind]))
        yield at_most(PART, f"{kind}, p99, busy", value, aim, "ms")
    events = (idle.latencies_ms["events"], busy.latencies_ms["events"])
    for name, found in zip(("idle", "busy"), events, strict=True):
        yield Figure(PART, f"{EVENTS_PER_S} events/s, p50 and p99, {name}", _shares(found))
    ratio = percentile(events[1], 0.99) / percentile(events[0], 0.99)
    yield at_most(PART, "events, p99, busy ÷ idle", ratio, 1.5, "×")
    failed = idle.failed + busy.failed
    value = ", ".join(sorted(set(failed))) or "none"
    yield Figure(PART, "goals, payments, events and realtime refused", value, "none", not failed)


def _shares(latencies_ms: list[float]) -> str:
    return " and ".join(f"{percentile(latencies_ms, share):,.1f}" for share in (0.5, 0.99)) + " ms"


def _queue(asker: "_Asker") -> Iterator[Figure]:
    numbers = dict(
        line.rsplit(" ", 1) for line in asker.metrics() if line.startswith("footfall_queries_")
    )
    for what, name in (
        ("queries cancelled", "footfall_queries_cancelled_total"),
        ("flows refused with 503", 'footfall_queries_refused_total{lane="reports"}'),
    ):
        yield Figure(PART, what, f"{float(numbers[name]):,.0f}")


def _measure(server: Server, asker: "_Asker", seconds: int, *, clients: int) -> Phase:
    """Events from the generator's process; everything else from a thread of this one."""
    latencies: dict[str, list[float]] = {kind: [] for kind in PROBES_PER_S}
    failed: list[str] = []
    thread = threading.Thread(
        target=lambda: asyncio.run(asker.probe(seconds, clients, latencies, failed))
    )
    thread.start()
    load = send(
        server,
        EVENTS_PER_S * seconds,
        per_second=EVENTS_PER_S,
        seed=2 + clients,
        between=lambda _: time.sleep(0.5),
    )
    thread.join()
    if load.outcome.refused:
        failed.append(f"{load.outcome.refused} events")
    return Phase({**latencies, "events": load.outcome.latencies_ms}, failed)


class _Asker:
    """All clients except the visitors: the shop, the live view, and those that disconnect."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._chance = Random(1)
        self._number = 0
        catalog = Catalog(server.folder)
        try:
            self._secret, *self._readers = [
                catalog.add_token(website_id=server.website.id, scopes=scopes, now_ms=now_ms())[0]
                for scopes in ({"read", "write"}, *[{"read"}] * TOKENS)
            ]
        finally:
            catalog.close()

    def prepare(self) -> None:
        """Visitors whose page views are stored, for goals and payments to name."""
        pages = [
            {"url": f"https://{DOMAIN}/", "visitorUid": f"v{n}", "sessionUid": f"s{n}"}
            for n in range(50)
        ]
        assert asyncio.run(self._ask(self._request("POST", "/events", pages)))
        self._server.wait_until_loaded()

    def metrics(self) -> list[str]:
        return asyncio.run(self._text("/metrics")).splitlines()

    async def probe(
        self, seconds: int, clients: int, latencies: dict[str, list[float]], failed: list[str]
    ) -> None:
        impatient = [asyncio.create_task(self._give_up_often(n)) for n in range(clients)]
        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for kind, per_s in PROBES_PER_S.items():
                for n in range(per_s * seconds):
                    due = began + n / per_s
                    group.create_task(self._time(kind, due, latencies[kind], failed))
        for client in impatient:
            client.cancel()

    async def _time(self, kind: str, due: float, found: list[float], failed: list[str]) -> None:
        await asyncio.sleep(due - perf_counter())
        self._number += 1
        visitor = self._number % 50
        match kind:
            case "realtime":
                request = self._request("GET", "/realtime")
            case "goals":
                body = {"name": "bought", "visitorUid": f"v{visitor}"}
                request = self._request("POST", "/goals", body)
            case _:
                money = {"amount": 10, "currency": "EUR", "transactionId": f"t{self._number}"}
                request = self._request("POST", "/payments", {**money, "sessionUid": f"s{visitor}"})
        is_taken = await self._ask(request)
        found.append((perf_counter() - due) * 1000)
        if not is_taken:
            failed.append(kind)

    async def _give_up_often(self, number: int) -> None:
        """Ask for a flow, disconnect before or after its answer, and begin again."""
        path = f"/flow?{urlencode({'start_step': _FLOW})}"
        secret = self._readers[number % TOKENS]
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
                writer.write(self._request("GET", path, secret=secret))
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(), self._chance.uniform(0, PATIENCE_S))
                    await asyncio.sleep(1)  # answered, or refused at once
                writer.transport.abort()

    def _request(self, method: str, path: str, body: object = None, *, secret: str = "") -> bytes:
        text = b"" if body is None else json.dumps(body).encode()
        joint = "&" if "?" in path else "?"
        path = f"{_BASE}{path}{joint}websiteId={self._server.website.public_id}"
        return (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
            f"Authorization: Bearer {secret or self._secret}\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        ).encode() + text

    async def _ask(self, request: bytes) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer[9:11] == b"20"

    async def _text(self, path: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        text = (await reader.read()).decode()
        writer.close()
        return text
