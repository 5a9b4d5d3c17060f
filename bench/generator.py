"""The load generator: `python -m bench.generator`, a process of its own.

Prebuilt requests over keep-alive connections on bare sockets, so that it costs little beside
what it measures. It says `ready`, waits for a line, and leaves its outcome in a file.
"""

import asyncio
import sys
import time
from pathlib import Path
from random import Random
from typing import cast

import msgspec
import uvloop

from bench.traffic import requests


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `per_second` 0: each connection sends as soon as it has its answer."""

    port: int
    tracking_id: str
    count: int
    connections: int = 32
    per_second: int = 0
    seed: int = 1
    is_distinct: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """`latencies_ms`: from when a request was due (paced) or sent until its answer was there."""

    acknowledged: int
    refused: int
    elapsed_s: float
    cpu_s: float
    latencies_ms: list[float]


class _Connection(asyncio.Protocol):
    """Sends one request at a time and reads its answer's status."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[bool] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def send(self, request: bytes) -> "asyncio.Future[bool]":
        """Done with whether the event was acknowledged."""
        assert self._transport
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if separator and len(body) >= length and self._answered:
            is_taken = head.startswith(b"HTTP/1.1 202") and b'"accepted":1' in body
            self._received = b""
            self._answered.set_result(is_taken)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("closed"))


class _Run:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._requests = requests(
            order.tracking_id, Random(order.seed), order.count, is_distinct=order.is_distinct
        )
        self._next = 0
        self.taken: list[bool] = []
        self.latencies_ms: list[float] = []

    async def send_all(self) -> Outcome:
        loop = asyncio.get_running_loop()
        order = self._order
        connections = [
            (await loop.create_connection(_Connection, "127.0.0.1", order.port))[1]
            for _ in range(order.connections)
        ]
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._drive(connection, began) for connection in connections))
        elapsed, used = time.perf_counter() - began, time.process_time() - cpu
        taken = sum(self.taken)
        return Outcome(taken, len(self.taken) - taken, elapsed, used, self.latencies_ms)

    async def _drive(self, connection: _Connection, began: float) -> None:
        order = self._order
        while self._next < order.count:
            number, self._next = self._next, self._next + 1
            if order.per_second:
                due = began + number / order.per_second
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
            else:
                due = time.perf_counter()
            self.taken.append(await connection.send(self._requests[number]))
            self.latencies_ms.append((time.perf_counter() - due) * 1000)


def main() -> None:
    order = msgspec.json.decode(sys.argv[1], type=Order)
    outcome = uvloop.run(_Run(order).send_all())
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
