"""What a soak does: the kinds of work, and the record of what the server has acknowledged."""

import http.client
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from bench.result import console
from bench.server import free_port, spawn, wait_for_answer
from bench.server import stop as stop_process
from bench.traffic import Visit, visits
from footfall.catalog import Catalog
from footfall.clock import now_ms

_BASE = "/api/v1"
_TIMEOUT_S = 120
_KEPT_S = 20  # the server closes a connection that is idle for 30 s
_LOG_LINES = 500
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
MANY = "shop.example"  # hits, SDK events, goals, payments, identifies
DELETED = "deleted.example"  # what is recorded here is deleted again
LOGS = "logs.example"  # imports of access logs
_LISTS = (
    "page,entry_page,exit_page",
    "channel,country,device",
    "referrer",
    "hostname",
    "browser",
    "event",
)


class Website(NamedTuple):
    public_id: str
    tracking_id: str


class Websites(NamedTuple):
    """The websites by domain, and a token for all of them."""

    by_domain: dict[str, Website]
    token: str
    sdk_token: str


def open_websites(folder: Path) -> Websites:
    """Make the data folder with its websites and tokens."""
    folder.mkdir(parents=True)
    catalog = Catalog(folder)
    try:
        made = {
            domain: catalog.add_website(domain, now_ms=now_ms()) for domain in (MANY, DELETED, LOGS)
        }
        scopes = {"read", "write", "delete"}
        token, _ = catalog.add_token(website_id=None, scopes=scopes, now_ms=now_ms())
        sdk, _ = catalog.add_token(website_id=made[MANY].id, scopes={"collect"}, now_ms=now_ms())
    finally:
        catalog.close()
    found = {domain: Website(each.public_id, each.tracking_id) for domain, each in made.items()}
    return Websites(found, token, sdk)


class Soaked:
    """A real server on the data folder, which can be killed and started again."""

    def __init__(self, folder: Path, websites: Websites) -> None:
        self.folder = folder
        self.websites = websites
        self.port = free_port()
        self.is_up = threading.Event()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        self._process = spawn(self.folder, self.port)
        wait_for_answer(self.port, self._process, "/health")
        self.is_up.set()

    def stop(self) -> None:
        stop_process(self._process)

    def kill(self) -> None:
        """kill -9, and start again."""
        self.is_up.clear()
        self._process.kill()
        self._process.wait()
        self.start()

    def ask(self, path: str) -> Any:
        """A GET with the token. Raises Refused, OSError."""
        return Client(self).get(path)

    def wait_until_loaded(self) -> None:
        while self.ask("/health")["journal_backlog_bytes"]:
            time.sleep(0.2)


class Refused(Exception):
    """An answer other than the expected ones."""


class Ledger:
    """What was acknowledged, how long each kind of request took, and what went wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()  # events of MANY, by name
        self.unsure = 0  # events sent to MANY whose answer never came
        self.visitors: set[int] = set()
        self.revenue = Decimal(0)
        self.payments = 0
        self.kept = 0  # events of DELETED that were not deleted
        self.lines = 0  # imported page views
        self.done: Counter[str] = Counter()
        self.problems: list[tuple[str, str]] = []
        self.kills = 0
        self._latencies: dict[str, list[float]] = {}

    def run(self, kind: str, do: Callable[[], None]) -> None:
        """Do one piece of work; an error is a problem, unless the server was just killed."""
        try:
            do()
        except Exception as error:  # whatever it is, the soak continues and reports it in the end
            with self._lock:
                self.problems.append((kind, f"{type(error).__name__}: {error}"))
            console.print(f"{kind}: {type(error).__name__}: {error}")
        self.done[kind] += 1

    def took(self, kind: str, seconds: float) -> None:
        with self._lock:
            self._latencies.setdefault(kind, []).append(seconds * 1000)

    def take_latencies(self) -> dict[str, list[float]]:
        """Milliseconds by kind since the last call."""
        with self._lock:
            taken, self._latencies = self._latencies, {}
        return taken

    def summary(self) -> str:
        work = ", ".join(f"{count:,} × {kind}" for kind, count in sorted(self.done.items()))
        return (
            f"{work}; {self.kills} kills, {self.unsure} answers lost, {len(self.problems)} errors"
        )


class Client:
    """Requests over one keep-alive connection."""

    def __init__(self, soaked: Soaked) -> None:
        self._soaked = soaked
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def get(self, path: str, token: str = "") -> Any:
        return msgspec.json.decode(self.send("GET", path, token=token))

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        headers: dict[str, str] | None = None,
        expected: tuple[int, ...] = (200, 202),
    ) -> bytes:
        """The answer's body. Raises Refused, and OSError or HTTPException where none came."""
        content = None if body is None else msgspec.json.encode(body)
        sent = {"Authorization": f"Bearer {token or self._soaked.websites.token}"} | (headers or {})
        self._soaked.is_up.wait(_TIMEOUT_S)
        if time.monotonic() - self._used_at > _KEPT_S or self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._soaked.port, timeout=_TIMEOUT_S
            )
        try:
            self._connection.request(method, path, content, sent)
            reply = self._connection.getresponse()
            text = reply.read()
            self._used_at = time.monotonic()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        if reply.status not in expected:
            raise Refused(f"{method} {path}: {reply.status} {text[:300]!r}")
        return text


class Work:
    """The kinds of work, each a method without arguments. For one thread."""

    def __init__(self, soaked: Soaked, ledger: Ledger, random: Random) -> None:
        self.random = random
        self._soaked = soaked
        self._ledger = ledger
        self._client = Client(soaked)
        self._visits = visits(random)
        self._going: list[Visit] = []
        self._number = 0

    def hit(self) -> None:
        """One event of the tracker. Half of the visits have a page and a referrer of their own."""
        if not self._going or self.random.random() < 0.3:
            self._going.append(self._some_visit())
        visit = self.random.choice(self._going)
        event = visit.events.pop(0)
        if not visit.events:
            self._going.remove(visit)
        ids = {"visitorUid": visit.visitor_uid, "sessionUid": visit.session_uid}
        tracking_id = self._soaked.websites.by_domain[MANY].tracking_id
        headers = {"User-Agent": visit.browser.user_agent, "X-Forwarded-For": visit.address}
        self._collect("hit", "/events", {"websiteId": tracking_id, **event, **ids}, headers)
        self._ledger.visitors.add(hash(visit.visitor_uid))
        self._ledger.hits[event.get("name") or event["type"]] += 1

    def identify(self) -> None:
        uid = self._uid()
        ids = {"type": "identify", "visitorUid": uid, "url": f"https://{MANY}/account"}
        personal = {"user_id": f"user-{uid}", "email": f"{uid}@mail.example"}
        page = {"type": "page", "visitorUid": uid, "url": f"https://{MANY}/account"}
        events = [page, {**ids, "properties": personal}]
        self._collect("identify", self._of(MANY, "/events"), self._once(events))
        self._ledger.hits.update(["page", "identify"])
        self._ledger.visitors.add(hash(uid))

    def sdk(self) -> None:
        """Events of an SDK: a page and a transaction of a new wallet."""
        wallet = f"0x{self.random.getrandbits(160):040x}"
        base = {"channel": "web", "version": "0", "anonymous_id": self._uid(), "address": wallet}
        context = {"page_url": f"https://app.example/{self._uid()}", "user_agent": _BROWSER}
        properties = {"status": "confirmed", "chain_id": 1, "transaction_hash": self._uid()}
        events = [
            {**base, "type": "page", "context": context, "message_id": self._uid()},
            {
                **base,
                "type": "transaction",
                "event": "swap",
                "properties": properties,
                "context": context,
                "message_id": self._uid(),
            },
        ]
        text = self._timed(
            "sdk", "POST", "/v0/raw_events", events, token=self._soaked.websites.sdk_token
        )
        if msgspec.json.decode(text)["successful_rows"] != 2:
            raise Refused(f"SDK events: {text!r}")
        self._ledger.hits.update(["page", "transaction"])
        self._ledger.visitors.add(hash(wallet))

    def goal(self) -> None:
        body = {"name": "from-server", "idempotencyKey": self._uid()}
        self._timed("goal", "POST", self._of(MANY, "/goals"), body)
        self._ledger.hits["from-server"] += 1

    def payment(self) -> None:
        amount = Decimal(self.random.randrange(100, 100_000)) / 100
        body = {"amount": str(amount), "currency": "USD", "transactionId": self._uid()}
        # 409: the answer to the first try was lost in a kill
        self._timed("payment", "POST", self._of(MANY, "/payments"), body, (200, 202, 409))
        self._ledger.revenue += amount
        self._ledger.payments += 1

    def delete(self) -> None:
        """Record a person's events, goals and payment, and delete one of the three again."""
        self._number += 1
        uid, name = self._uid(), f"gone-{self._number}"
        page = {"type": "page", "visitorUid": uid, "url": f"https://{DELETED}/{uid}"}
        goal = {"type": "track", "visitorUid": uid, "name": name, "url": page["url"]}
        self._client_events(DELETED, [page, goal, goal, goal])
        if self._number % 2:
            path, wanted = self._of(DELETED, "/goals", name=name), 3
            self._ledger.kept += 1
        else:
            path, wanted = self._of(DELETED, f"/visitors/{uid}"), 4
        kills = self._ledger.kills
        # 404: nothing is known of a visitor who was deleted by a first try
        text = self._timed("delete", "DELETE", path, expected=(200, 404))
        answer = msgspec.json.decode(text)
        deleted = answer["data"][0]["deleted"] if answer["status"] == "success" else 0
        is_done_before = deleted == 0 and self._ledger.kills > kills  # its answer was lost
        if deleted != wanted and not is_done_before:
            raise Refused(f"DELETE {path}: deleted {deleted}, not {wanted}")

    def report(self) -> None:
        """One of many kinds of question."""
        step = quote('{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}')
        steps = quote('[{"type":"event","event":"page"},{"type":"track","event":"signup"}]')
        asked = (
            self._of(MANY, "/overview"),
            self._of(MANY, "/timeseries", interval="hour"),
            *(self._of(MANY, "/breakdown", dimension=lists, limit=50) for lists in _LISTS),
            self._of(MANY, "/pages", search=str(self.random.randrange(1000))),
            self._of(MANY, "/goals"),
            self._of(MANY, "/ingestion"),
            self._of(MANY, "/overview", filter_country="DE|AT"),
            self._of(MANY, "/retention"),
            self._of(LOGS, "/pages"),
            self._of(DELETED, "/overview"),
            self._of(MANY, "/flow") + f"&start_step={step}",
            self._of(MANY, "/funnel") + f"&steps={steps}",
        )
        self._timed("report", "GET", self.random.choice(asked))

    def realtime(self) -> None:
        path = self.random.choice(("/realtime", "/realtime/map"))
        self._timed("realtime", "GET", self._of(MANY, path))

    def import_log(self) -> None:
        """An access log of its own day, by the command."""
        self._number += 1
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=self._number)
        path = self._soaked.folder.parent / f"soak-{self._number}.log"
        lines = [
            f"203.0.113.{number % 250} - -"
            f" [{day + timedelta(seconds=number):%d/%b/%Y:%H:%M:%S} +0000]"
            f' "GET /log/{self._uid()} HTTP/1.1" 200 512 "-" "{_BROWSER}"\n'
            for number in range(_LOG_LINES)
        ]
        path.write_text("".join(lines))
        command = [sys.executable, "-m", "footfall", "import", "access-log", "--website", LOGS]
        try:
            began = time.perf_counter()
            subprocess.run(
                [*command, "--data", str(self._soaked.folder), "--json", str(path)],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT_S,
            )
            self._ledger.took("import", time.perf_counter() - began)
        finally:
            path.unlink()
        self._ledger.lines += _LOG_LINES

    def _some_visit(self) -> Visit:
        visit = next(self._visits)
        if self.random.random() < 0.5:
            own = self._uid()
            visit.events[0]["url"] = f"https://shop.example/own/{own}"
            if visit.events[0]["type"] == "page":
                visit.events[0]["referrer"] = f"https://{own}.example.net/"
        return visit

    def _collect(
        self, kind: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> None:
        """Send events; one whose answer was lost in a kill may or may not be stored."""
        text = self._timed(kind, "POST", path, body, headers=headers)
        reply = msgspec.json.decode(text)
        if reply.get("dropped") or reply.get("data", [{}])[0].get("rejected"):
            raise Refused(f"{path}: {text!r}")

    def _client_events(self, domain: str, events: list[dict[str, object]]) -> None:
        self._collect("events", self._of(domain, "/events"), self._once(events))

    def _once(self, events: list[dict[str, object]]) -> list[dict[str, object]]:
        """With ids, so that they may be sent again."""
        return [{**event, "eventId": self._uid()} for event in events]

    def _timed(
        self,
        kind: str,
        method: str,
        path: str,
        body: object = None,
        expected: tuple[int, ...] = (200, 202),
        token: str = "",
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """Send until there is an answer. All but the tracker's hits may be repeated."""
        while True:
            kills, began = self._ledger.kills, time.perf_counter()
            try:
                text = self._client.send(
                    method, path, body, token=token, headers=headers, expected=expected
                )
            except (OSError, http.client.HTTPException):
                if self._soaked.is_up.is_set() and self._ledger.kills == kills:
                    time.sleep(1)  # perhaps it is being killed right now
                if self._soaked.is_up.is_set() and self._ledger.kills == kills:
                    raise
                self._ledger.unsure += kind == "hit"
            else:
                self._ledger.took(kind, time.perf_counter() - began)
                return text

    def _of(self, domain: str, path: str, **params: object) -> str:
        public_id = self._soaked.websites.by_domain[domain].public_id
        return f"{_BASE}{path}?{urlencode({'websiteId': public_id, **params})}"

    def _uid(self) -> str:
        return f"{self.random.getrandbits(64):016x}"


class Kind(NamedTuple):
    """A kind of work: which thread does it, how often, and how."""

    name: str
    lane: str
    every_s: float
    do: Callable[[Work], None]


KINDS = (
    Kind("hit", "collect", 0.02, Work.hit),
    Kind("sdk", "collect", 0.5, Work.sdk),
    Kind("identify", "collect", 2, Work.identify),
    Kind("goal", "collect", 2, Work.goal),
    Kind("payment", "collect", 2, Work.payment),
    Kind("report", "report", 3, Work.report),
    Kind("realtime", "report", 5, Work.realtime),
    Kind("delete", "rest", 60, Work.delete),
    Kind("import", "rest", 300, Work.import_log),
)
