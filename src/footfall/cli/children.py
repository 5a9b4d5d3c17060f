"""Additional collector processes, which the server starts, watches and stops."""

import subprocess
import sys
import threading
from types import TracebackType

import msgspec
import structlog

from footfall.config import Settings

WATCH_EVERY_S = 1.0
WAIT_S = 3

log = structlog.get_logger()


class Collectors:
    """Additional collector processes. Each ends when this process closes its stdin or dies."""

    def __init__(self, settings: Settings, port: int, server: str) -> None:
        """`port` is the one they share. They forward reports to the address `server`."""
        # other users of this machine can read command lines, and the store's address has a password
        shown = msgspec.structs.replace(settings, port=port, store="")
        options = msgspec.json.encode(shown).decode()
        self._commands = [
            [sys.executable, "-m", "footfall", "collector", options, f"collector-{n}", server]
            for n in range(1, settings.collectors)
        ]
        self._children: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._restart_dead, name="collectors", daemon=True)

    def __enter__(self) -> "Collectors":
        self._children = [_start(command) for command in self._commands]
        if self._children:
            self._watch.start()
        return self

    def stop(self) -> None:
        """Make them end, without waiting."""
        self._stopping.set()
        for child in self._children:
            if child.stdin and not child.stdin.closed:
                child.stdin.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._watch.is_alive():
            self._watch.join()
        self.stop()  # one may have been started in between
        for child in self._children:
            try:
                child.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                child.kill()  # everything that it acknowledged is on disk
                child.wait()

    def _restart_dead(self) -> None:
        while not self._stopping.wait(WATCH_EVERY_S):
            for n, child in enumerate(self._children):
                if child.poll() is not None and not self._stopping.is_set():
                    log.error("a collector ended and is being restarted", code=child.returncode)
                    self._children[n] = _start(self._commands[n])


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdin=subprocess.PIPE)
