"""deletes: how long a delete takes, and what its website, others and the senders notice."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.dataset import copy_of, dataset
from bench.result import Figure, at_most, percentile, write
from bench.server import Server, running_server
from bench.size import Size
from footfall.catalog import Catalog
from footfall.clock import now_ms

PART = "deletes"
VISITOR, GOAL = "somebody-to-forget", "add-to-cart"
MONTHS, EVENTS_PER_MONTH = range(1, 9), 7
EVENTS = 54
OTHER = "other.example"
PAUSE_S = 0.01
SETTLED_S = 2.0


def run(size: Size, folder: Path) -> list[Figure]:
    """A visitor with 54 events in 8 months, then the goals of a month, of a whole year's events."""
    cached, _ = dataset(folder.parent, size.report_events)
    data = copy_of(cached, folder / "data")
    with running_server(data) as server:
        people = _People(server)
        people.come()
        found: list[Figure] = []
        for name, path in (
            ("visitor", f"visitors/{VISITOR}"),
            ("goals of a month", f"goals?name={GOAL}&startAt=2025-06-01&endAt=2025-06-30"),
        ):
            found += _measure(people, name, path)
    return found


class _People:
    """The websites' tokens, and requests with them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        catalog = Catalog(server.folder)
        try:
            other = catalog.add_website(OTHER, now_ms=now_ms())
            scopes = {"read", "write", "delete"}
            self.token, self.others = (
                catalog.add_token(website_id=website.id, scopes=scopes, now_ms=now_ms())[0]
                for website in (server.website, other)
            )
        finally:
            catalog.close()
        time.sleep(SETTLED_S)  # the server knows them within a second

    def ask(self, method: str, path: str, token: str, body: object = None) -> Any:
        url = f"http://127.0.0.1:{self._server.port}/api/v1/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.load(reply)["data"]

    def come(self) -> None:
        """The visitor of 54 events in 8 months, in the large website."""
        at = [f"2025-{month:02}-{day + 10}T12:00:00Z" for month in MONTHS for day in range(7)]
        page = {"url": "https://shop.example/", "visitorUid": VISITOR}
        events = [page | {"timestamp": time} for time in at[:EVENTS]]
        self.ask("POST", "events", self.token, events)
        self._server.wait_until_loaded()

    def look(self) -> None:
        self.ask("GET", "realtime", self.token)

    def look_at_other(self) -> None:
        self.ask("GET", "realtime", self.others)

    def send(self) -> None:
        page = {"url": f"https://{OTHER}/", "visitorUid": "v"}
        self.ask("POST", "events", self.others, [page])

    def send_and_see(self) -> None:
        """A goal of the other website, until its reports show it."""
        name = f"marker-{time.time_ns()}"
        goal = {"type": "track", "name": name, "visitorUid": "v"}
        self.ask("POST", "events", self.others, [goal])
        while not self.ask("GET", f"goals?search={name}", self.others):
            time.sleep(PAUSE_S)


class _Repeating(threading.Thread):
    """Does something again and again, and notes how many seconds each time took."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.took: list[float] = []
        self.ended = threading.Event()
        self._work = work

    def run(self) -> None:
        while not self.ended.is_set():
            began = time.perf_counter()
            self._work()
            self.took.append(time.perf_counter() - began)
            time.sleep(PAUSE_S)


def _measure(people: _People, name: str, path: str) -> list[Figure]:
    watched = {
        "a small report of its website": _Repeating(people.look),
        "a small report of another website": _Repeating(people.look_at_other),
        "an event of another website, acknowledged": _Repeating(people.send),
        "an event of another website, in reports": _Repeating(people.send_and_see),
    }
    for each in watched.values():
        each.start()
    time.sleep(SETTLED_S)
    began = time.perf_counter()
    [row] = people.ask("DELETE", path, people.token)
    took = time.perf_counter() - began
    for each in watched.values():
        each.ended.set()
    for each in watched.values():
        each.join()
    figures = [Figure(PART, f"{name}: {row['deleted']:,} events gone in", f"{took:.1f} s")]
    for what, each in watched.items():
        text = f"{name}: {what}, longest"
        if "its website" in what:
            figures.append(at_most(PART, text, max(each.took), 1, "s"))
        else:
            median = write(percentile(each.took, 0.5) * 1000, "ms")
            figures.append(Figure(PART, text, f"{max(each.took):.2f} s (median {median})"))
    return figures
