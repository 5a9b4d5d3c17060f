"""A real `footfall serve` in a process of its own: started, asked, stopped, killed.

What it logs is kept, and `Server.check_log` fails if it contains an unexpected error.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from e2e.forked import Forked
from new_folder import begin_folder

from footfall.catalog import Catalog
from footfall.clock import now_ms
from footfall.model.website import Website

BASE = "/analytics/api/v1"
PATIENCE_S = 180
"""How long to wait for what takes a second or two where nothing else keeps the machine busy."""
_GREETING = re.compile(r"listens on (http://\S+?)\. Ctrl-C")
_UNFORESEEN = ("Traceback", "request failed", "loading failed", "refused a row")

T = TypeVar("T")
Answer = dict[str, Any]


LOADS_OFTEN = {
    "footfall.load.thread.PAUSE_S": 0.3,
    "footfall.load.thread.LONG_PAUSE_S": 0.3,
}
"""Constants of a server whose reports have what was sent after a third of the time that they take
for people: nearly every test waits for that."""
TRIES_OFTEN = {**LOADS_OFTEN, "footfall.serve.retention.EVERY_MS": 3_000}
"""Constants of a server that removes old rows often: health is good again when that has been tried
again."""


class Server:
    """A server on `folder`. It may have another port after each start, unless `keeps_port`."""

    keeps_port = False
    begins_empty = False
    """Whether the first start makes the catalog and the tables. Otherwise they are copies, and a
    start takes half as long."""
    is_forked = True
    """Whether it begins with everything imported; False: as a person starts it."""
    constants: Mapping[str, object] = LOADS_OFTEN
    """Of modules, by full name, for a forked one: how often something is tried again, and so on."""

    def __init__(self, folder: Path, *flags: str, **settings: object) -> None:
        """`settings` are given as FOOTFALL_… variables."""
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self.url = ""
        self._flags = flags
        self._collectors = int(str(settings.get("collectors", 1)))
        self._environment = environment() | {
            f"FOOTFALL_{name.upper()}": str(value) for name, value in settings.items()
        }
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes] | Forked":
        assert self._process is not None, "the server has not been started"
        return self._process

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def begin(self) -> None:
        """Start the process and do not wait for it."""
        if not self.begins_empty and "FOOTFALL_STORE" not in self._environment:
            begin_folder(self.folder)
        port = self.port if self.keeps_port and self.url else 0
        words = ["serve", "--data", str(self.folder), "--port", str(port), *self._flags]
        with self.log.open("ab") as log:
            self._log_begin = log.tell()
            if self.is_forked:
                self._process = Forked(words, self._environment, self.log, self.constants)
                return
            self._process = subprocess.Popen(
                [sys.executable, "-m", "footfall", *words],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start the process and wait until it answers, and until all its collectors listen."""
        self.begin()
        self.url = wait_until(self._find_url, f"an answer of the server; {self.log}")
        wait_until(lambda: self._listeners() >= self._collectors, "further collectors")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end and wait until it has. Answers its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def children(self) -> list[int]:
        """Process ids of its further collectors."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in listed.split()]

    def logged(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def check_log(self) -> None:
        """Fail if the log contains what should never happen."""
        text = self.logged()
        found = [words for words in _UNFORESEEN if words in text]
        assert not found, f"the log holds {found}:\n{text[-6000:]}"

    def website(self, domain: str, **settings: Any) -> Website:
        with self.catalog() as catalog:
            return catalog.add_website(domain, now_ms=now_ms(), **settings)

    def token(self, website: Website | None = None, *scopes: str, kind: str = "flow") -> str:
        with self.catalog() as catalog:
            return catalog.add_token(
                website_id=website.id if website else None,
                scopes=scopes or ("read", "write"),
                kind=kind,
                now_ms=now_ms(),
            )[0]

    @contextmanager
    def catalog(self) -> Iterator[Catalog]:
        catalog = Catalog(self.folder)
        try:
            yield catalog
        finally:
            catalog.close()

    def get(self, path: str, token: str, **parameters: object) -> Answer:
        """The JSON of a GET under the API's base; fails unless it is a success."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        status, answer = self.ask("GET", f"{BASE}{path}{query}", token)
        assert status == 200, f"{path}{query}: {status} {answer}"
        return answer

    def ask(
        self,
        method: str,
        path: str,
        token: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Answer]:
        """Status and JSON of any request; a `body` that is not bytes goes as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(self.url + path, data, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
                return reply.status, _json(reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _json(error.read())

    def wait_for_loading(self) -> None:
        """Until everything acknowledged is in reports."""
        wait_until(lambda: self._backlog() == 0, "empty journal")

    def _listeners(self) -> int:
        """How many sockets listen on its port: each collector has one."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        ours, listening = f":{self.port:04X}", "0A"
        columns = (line.split() for line in lines)
        return sum(row[1].endswith(ours) and row[3] == listening for row in columns)

    def _backlog(self) -> int:
        return int(self.ask("GET", "/health")[1]["journal_backlog_bytes"])

    def _find_url(self) -> str:
        code = self.process.poll()
        assert code is None, f"the server ended with {code}:\n{self.logged()[-3000:]}"
        address = self.printed_address()
        if not address:
            return ""
        try:
            urllib.request.urlopen(f"{address}/health", timeout=PATIENCE_S).close()
        except OSError:
            return ""
        return address

    def printed_address(self) -> str:
        """The address that this start has printed; '' before."""
        greeting = _GREETING.search(self.log.read_bytes()[self._log_begin :].decode())
        return greeting[1] if greeting else ""


@contextmanager
def running(
    folder: Path,
    *flags: str,
    begins_empty: bool = False,
    constants: Mapping[str, object] = {},
    **settings: object,
) -> Iterator[Server]:
    """A server that runs until the block ends, and whose log is then fit to be seen."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder, *flags, **settings)
    server.begins_empty = begins_empty
    server.constants = {**server.constants, **constants}
    server.start()
    try:
        yield server
    finally:
        if server.is_running():
            server.stop()
    server.check_log()


def environment() -> dict[str, str]:
    """The variables of a process that finds our packages and wraps no lines."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "400"}


def wait_until(ask: Callable[[], T], what: str, timeout_s: float = PATIENCE_S) -> T:
    """The first answer of `ask` that is true."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < give_up_at, f"no {what} within {timeout_s} s"
        time.sleep(0.05)


def _json(body: bytes) -> Answer:
    try:
        parsed: Answer = json.loads(body)
    except ValueError:
        return {"text": body.decode(errors="replace")}
    return parsed if isinstance(parsed, dict) else {"value": parsed}
