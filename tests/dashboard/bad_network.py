"""A proxy in front of a server that delays, cuts off or refuses what it is asked for."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["", "delayed", "cut off", "429", "500", "503"]
REASONS = {"429": "Too Many Requests", "500": "Internal Server Error", "503": "Busy"}
REPORTS = re.compile(
    rb"/api/v1/(overview|timeseries|breakdown|goals|flow|funnel|retention|visitors|realtime"
    rb"|realtime/map)\?"
)
DELAY_S = 0.5
PATIENCE_S = 30


class BadNetwork:
    """Reports have the fault; everything else passes. `url`: what a browser opens."""

    def __init__(self, server_url: str) -> None:
        self.fault: Fault = ""
        self.retry_after_s = 5
        url = urlsplit(server_url)
        self._server = (url.hostname or "", url.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                browser, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        browser.settimeout(PATIENCE_S)
        with browser, suppress(OSError):  # the browser has gone
            asked = _read_request(browser)
            fault = self.fault if REPORTS.search(asked.partition(b"\r\n")[0]) else ""
            if fault in REASONS:
                browser.sendall(self._refusal(fault))
            elif asked:
                self._pass_on(asked, browser, fault)

    def _refusal(self, status: str) -> bytes:
        """As a proxy answers by itself, without our JSON."""
        lines = [f"HTTP/1.1 {status} {REASONS[status]}", "Content-Length: 4", "Connection: close"]
        if status != "500":
            lines.append(f"Retry-After: {self.retry_after_s}")
        return "\r\n".join([*lines, "", "oops"]).encode()

    def _pass_on(self, asked: bytes, browser: socket.socket, fault: str) -> None:
        if fault == "delayed":
            time.sleep(DELAY_S)
        head, _, body = asked.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection")]
        with socket.create_connection(self._server, timeout=PATIENCE_S) as server:
            server.sendall(b"\r\n".join([*lines, b"Connection: close", b"", body]))
            answer = b"".join(iter(lambda: server.recv(65_536), b""))
        browser.sendall(answer[: answer.index(b"\r\n\r\n") + 14] if fault == "cut off" else answer)


def _read_request(browser: socket.socket) -> bytes:
    """Its head, and as much of its body as it says."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        if not (more := browser.recv(65_536)):
            return b""
        asked += more
    head, _, body = asked.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    missing = (int(found[1]) if found else 0) - len(body)
    while missing > 0 and (more := browser.recv(65_536)):
        asked, missing = asked + more, missing - len(more)
    return asked


@contextmanager
def bad_network(server_url: str) -> Iterator[BadNetwork]:
    network = BadNetwork(server_url)
    try:
        yield network
    finally:
        network.close()
