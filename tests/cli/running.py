"""Commands and servers as processes of their own, as people run them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from e2e.forked import Forked, run_forked
from new_folder import begin_folder

from footfall.catalog import Catalog
from footfall.clock import now_ms

START_TIMEOUT_S = 180
T = TypeVar("T")


def footfall(*words: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data folder and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "footfall", *words, "--data", str(data)],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def forked_footfall(*words: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """As footfall(), but cheaper: the command begins with everything imported, and with nothing on
    its standard input. For tests that are not about the start of a process."""
    return run_forked([*words, "--data", str(data)], environment(**variables), timeout_s=120)


class RunningServer:
    """A `footfall serve` on a free port."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def token(self, scope: str) -> str:
        catalog = Catalog(self.folder)
        try:
            return catalog.add_token(
                website_id=website_id(catalog), scopes={scope}, now_ms=now_ms()
            )[0]
        finally:
            catalog.close()

    def get(self, path: str, token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=180) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer

    def post(self, path: str, body: object, headers: dict[str, str]) -> int:
        request = urllib.request.Request(
            self.url + path, data=json.dumps(body).encode(), headers=headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=180) as reply:
            return int(reply.status)


def website_id(catalog: Catalog) -> int:
    return catalog.websites()[0].id


@contextmanager
def running_server(folder: Path) -> Iterator[RunningServer]:
    begin_folder(folder)
    words = ["serve", "--data", str(folder), "--port", "0"]
    process = Forked(words, environment(), Path(os.devnull))
    try:
        yield RunningServer(folder, wait_until(lambda: _url(folder, process), bool))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=180)


def wait_until(ask: Callable[[], T], is_enough: Callable[[T], object]) -> T:
    """Ask again and again; fails after START_TIMEOUT_S."""
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while True:
        answer = ask()
        if answer and is_enough(answer):
            return answer
        assert time.monotonic() < give_up_at, f"the last answer was {answer!r}"
        time.sleep(0.1)


def _url(folder: Path, process: Forked) -> str:
    assert process.poll() is None, "the server ended"
    try:
        url = str(json.loads((folder / "server.json").read_bytes())["url"])
        urllib.request.urlopen(f"{url}/openapi.json", timeout=180).close()
    except (OSError, ValueError):
        return ""
    return url


def environment(**further: str) -> dict[str, str]:
    """The variables of a command that is run as a process of its own."""
    known = {"PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "120"}
    return os.environ | known | further
