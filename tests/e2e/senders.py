"""Senders that go on whatever happens to the server, and remember what it acknowledged."""

import http.client
import json
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from e2e.server import BASE

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
_BEGIN_MS = 978_307_200_000  # 2001-01-01
_PAUSE_S = 0.02  # while nobody answers


class Sender(threading.Thread):
    """Sends one request after another over a connection of its own until `end`.

    Every event has a path of its own: `sent` are all that were tried, `acknowledged` those for
    which the server gave its word.
    """

    def __init__(self, name: str, find_url: Callable[[], str]) -> None:
        super().__init__(name=name, daemon=True)
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.trouble = ""
        self._find_url = find_url
        self._ending = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def end(self) -> None:
        self._ending.set()

    def run(self) -> None:
        while not self._ending.is_set():
            self.send_next()

    @abstractmethod
    def send_next(self) -> None:
        """Make and send one request."""

    def post(self, path: str, body: object, **headers: str) -> bool:
        """Whether the server acknowledged the body."""
        try:
            connection = self._connect()
            connection.request("POST", path, json.dumps(body), headers)
            reply = connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            time.sleep(_PAUSE_S)
            return False
        if reply.status != 202:
            is_forwarded_to_nobody = reply.status == 503 and b"not ready" in text
            if is_forwarded_to_nobody:  # a collector is up and the server it asks is not
                time.sleep(_PAUSE_S)
                return False
            self.trouble = self.trouble or f"{reply.status} {text[:300]!r}"
            time.sleep(_PAUSE_S)
        return reply.status == 202

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            netloc = urlsplit(self._find_url()).netloc
            if not netloc:
                raise ConnectionError("the server has no address yet")
            self._connection = http.client.HTTPConnection(netloc, timeout=180)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Visitor(Sender):
    """A browser's page views, never sent twice: what was not acknowledged may be lost."""

    def __init__(self, name: str, find_url: Callable[[], str], tracking_id: str) -> None:
        super().__init__(name, find_url)
        self._tracking_id = tracking_id

    def send_next(self) -> None:
        number = len(self.sent)
        paths = [f"/{self.name}/{number + n}" for n in range(1 + number % 3)]
        self.sent.update(paths)
        body = [
            {
                "websiteId": self._tracking_id,
                "url": f"http://shop.test{path}",
                "visitorUid": self.name,
            }
            for path in paths
        ]
        if self.post("/events", body, **{"User-Agent": BROWSER}):
            self.acknowledged.update(paths)


class Backend(Sender):
    """Batches with eventIds, each sent again until it is acknowledged, and some once more.

    The events are those of one visitor, `gap_ms` apart by their timestamps.
    """

    def __init__(self, name: str, find_url: Callable[[], str], token: str, gap_ms: int) -> None:
        super().__init__(name, find_url)
        self._token = token
        self._gap_ms = gap_ms

    def run(self) -> None:
        super().run()
        assert self.sent == self.acknowledged

    def send_next(self) -> None:
        number = len(self.sent)
        batch = {f"/{self.name}/{number + n}": number + n for n in range(1 + number % 7)}
        self.sent.update(batch)
        for _ in range(2 if number % 5 == 0 else 1):
            while not self._post(batch):
                pass
        self.acknowledged.update(batch)

    def _post(self, batch: dict[str, int]) -> bool:
        events = [
            {
                "url": f"http://shop.test{path}",
                "visitorUid": self.name,
                "eventId": path,
                "timestamp": _moment(_BEGIN_MS + number * self._gap_ms),
            }
            for path, number in batch.items()
        ]
        return self.post(f"{BASE}/events", events, Authorization=f"Bearer {self._token}")


@contextmanager
def sending(*senders: Sender) -> Iterator[None]:
    """Send while the block runs; the server must be there at its end."""
    for sender in senders:
        sender.start()
    try:
        yield
    finally:
        for sender in senders:
            sender.end()
        for sender in senders:
            sender.join(timeout=180)
    assert not any(sender.is_alive() for sender in senders)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
