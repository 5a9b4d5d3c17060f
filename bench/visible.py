"""visible: how long after its acknowledgement an event shows in a report."""

import time
import urllib.request
from pathlib import Path

import msgspec

from bench.load import Load, send
from bench.result import Figure, at_most, percentile
from bench.server import DOMAIN, Server, running_server
from bench.size import Size

PART = "visible"
RATE = 2_000
LOOK_EVERY_S = 0.1


def run(size: Size, folder: Path) -> list[Figure]:
    """A goal of its own name every second beside 2,000 events a second, looked for in /goals."""
    with running_server(folder / "data") as server:
        send(server, RATE, seed=1)
        markers = _Markers(server)
        load = send(server, RATE * size.paced_s, per_second=RATE, seed=2, between=markers.look)
        while markers.waiting:
            markers.look(0)
        waits_s = markers.waits_s
    return [
        Figure(PART, f"acknowledged per second, of {RATE:,} sent", f"{_rate(load):,.0f} events/s"),
        Figure(PART, "markers sent and seen", f"{len(waits_s)}"),
        Figure(PART, "acknowledged → visible, median", f"{percentile(waits_s, 0.5):.2f} s"),
        at_most(PART, "acknowledged → visible, largest", max(waits_s), 2, "s"),
        Figure(PART, "largest backlog", f"{markers.largest_backlog / 1e6:.2f} MB"),
    ]


class _Markers:
    """Goals with a name of their own: when they were acknowledged, and when /goals shows them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._next_s = 0.0
        self.waiting: dict[str, float] = {}
        self.waits_s: list[float] = []
        self.largest_backlog = 0

    def look(self, elapsed_s: float) -> None:
        if elapsed_s >= self._next_s:
            self._next_s = elapsed_s + 1
            self._send(f"marker-{len(self.waits_s) + len(self.waiting)}")
        time.sleep(LOOK_EVERY_S)
        self.largest_backlog = max(self.largest_backlog, self._server.backlog_bytes())
        rows = self._server.get("/goals", search="marker-", limit=1000)["data"]
        now = time.perf_counter()
        for row in rows:
            if (acknowledged := self.waiting.pop(row["name"], None)) is not None:
                self.waits_s.append(now - acknowledged)

    def _send(self, name: str) -> None:
        event = {
            "websiteId": self._server.website.tracking_id,
            "type": "track",
            "name": name,
            "url": f"https://{DOMAIN}/",
            "visitorUid": name,
            "sessionUid": name,
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._server.port}/events",
            data=msgspec.json.encode(event),
            headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"},
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert msgspec.json.decode(reply.read())["data"][0]["accepted"] == 1
        self.waiting[name] = time.perf_counter()


def _rate(load: Load) -> float:
    return load.outcome.acknowledged / load.outcome.elapsed_s
