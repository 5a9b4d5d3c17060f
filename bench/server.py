"""A real `footfall serve` in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.process import children_of
from footfall.catalog import Catalog
from footfall.clock import now_ms
from footfall.model.website import Website

START_TIMEOUT_S = 60
DOMAIN = "shop.example"
_BASE = "/api/v1"


class Server:
    """A started server, its website, and a token that may read."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder
        self.website, self._token = prepare_folder(folder)

    @property
    def pids(self) -> list[int]:
        """The server's process and those of its further collectors."""
        return [self.process.pid, *children_of(self.process.pid)]

    def get(self, path: str, **params: object) -> Any:
        """A report's answer."""
        query = urllib.parse.urlencode({"websiteId": self.website.public_id, **params})
        return self._ask(f"{_BASE}{path}?{query}")

    def backlog_bytes(self) -> int:
        """Bytes that are acknowledged and not yet loaded."""
        return int(self._ask("/health")["journal_backlog_bytes"])

    def wait_until_loaded(self) -> float:
        """Seconds until nothing acknowledged is waiting any more."""
        began = time.perf_counter()
        while self.backlog_bytes():
            time.sleep(0.05)
        return time.perf_counter() - began

    def outcomes(self) -> dict[str, int]:
        """Hits by what became of them, of all days."""
        totals: dict[str, int] = self.get("/ingestion")["totals"]
        return totals

    def stored_events(self) -> int:
        rows = self.get("/breakdown", dimension="event", bots="include", limit=1000)["data"]
        return sum(row["completions"] for row in rows)

    def _ask(self, path: str) -> Any:
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)


def prepare_folder(folder: Path) -> tuple[Website, str]:
    """The data folder's website, made if it has none, and a new token for it."""
    catalog = Catalog(folder)
    try:
        websites = catalog.websites()
        website = websites[0] if websites else catalog.add_website(DOMAIN, now_ms=now_ms())
        token, _ = catalog.add_token(website_id=website.id, scopes={"read"}, now_ms=now_ms())
    finally:
        catalog.close()
    return website, token


@contextmanager
def running_server(folder: Path, *, collectors: int = 1, cache_mb: int = 0) -> Iterator[Server]:
    """Serve a data folder on a free port until the block ends. Without `cache_mb`, a question that
    is repeated is read each time."""
    folder.mkdir(parents=True, exist_ok=True)
    prepare_folder(folder)
    port = free_port()
    process = spawn(folder, port, collectors, cache_mb=cache_mb)
    try:
        wait_for_answer(port, process, "/openapi.json")
        _wait_for_listeners(port, collectors)
        yield Server(process, port, folder)
    finally:
        stop(process)


def _wait_for_listeners(port: int, count: int) -> None:
    """Wait until every collector process listens; the first one answers before the others do."""
    give_up_at = time.monotonic() + START_TIMEOUT_S
    address = f"0100007F:{port:04X} 00000000:0000 0A"
    while Path("/proc/net/tcp").read_text().count(address) < count:
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"not all collectors listened within {START_TIMEOUT_S} s")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def spawn(
    folder: Path,
    port: int,
    collectors: int = 1,
    log: Path | None = None,
    cache_mb: int = 0,
) -> "subprocess.Popen[bytes]":
    """Start a server. What it prints goes to `log`, or nowhere."""
    words = ["serve", "--data", str(folder), "--port", str(port), "--collectors", str(collectors)]
    with Path(log or os.devnull).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "footfall", *words],
            env=os.environ
            | {"FOOTFALL_RATE_LIMIT_PER_MINUTE": "1000000", "FOOTFALL_CACHE_MB": str(cache_mb)},
            stdout=output,
            stderr=output,
            # Linux shares its cores among sessions first: the server's threads are not to take the
            # share of the clients that measure them.
            start_new_session=True,
        )


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


def wait_for_answer(port: int, process: "subprocess.Popen[bytes]", path: str) -> None:
    """Wait until a server that was just started answers `path`."""
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise RuntimeError(f"the server did not answer within {START_TIMEOUT_S} s")
