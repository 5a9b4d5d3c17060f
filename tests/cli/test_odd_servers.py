"""`footfall report` where the other end, or its output, is not what it should be: one sentence."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cli.running import environment

from footfall.cli.report import app
from footfall.model.errors import FootfallError

NOT_FOOTFALL = "What responds at this address is not Footfall"
NOT_DRAWN = "not one that this version can draw"
WEBSITE = {
    "id": "2a54f1e1",
    "domain": "example.com",
    "name": "Example",
    "kpi": None,
    "trackingId": "fs_2a54f1e1",
    "timezone": "UTC",
    "currency": "EUR",
}


class Odd(ThreadingHTTPServer):
    """Answers whatever it is given: for `/websites`, and for every other path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.websites: Any = {"data": [WEBSITE]}
        self.report: Any = {"data": [{"visitors": 1}]}
        self.status = 200
        self.headers: dict[str, str] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Odd

    def do_GET(self) -> None:
        answer = self.server.websites if "/websites" in self.path else self.server.report
        is_text = isinstance(answer, str)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html" if is_text else "application/json")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.encode() if is_text else json.dumps(answer).encode())

    def log_message(self, *_args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def said(*words: str) -> str:
    """The one sentence with which a command fails."""
    with pytest.raises(FootfallError) as raised:
        app(list(words), result_action="return_value", exit_on_error=False)
    return raised.value.message


def ask(server: Odd) -> str:
    return said("overview", "--url", server.url, "--token", "flow_x")


@pytest.mark.parametrize(
    "websites",
    [[], None, "<html>", {}, {"data": None}, {"data": [1]}, {"data": [{}]}, {"data": {"id": "x"}}],
)
def test_what_is_not_a_list_of_websites_is_not_footfall(odd: Odd, websites: Any) -> None:
    odd.websites = websites
    assert NOT_FOOTFALL in ask(odd)


@pytest.mark.parametrize(
    "report",
    [None, [], {}, {"data": None}, {"data": []}, {"data": [1]}, {"data": [{"visitors": "many"}]}],
)
def test_an_answer_of_another_shape_is_not_drawn(odd: Odd, report: Any) -> None:
    odd.report = report
    assert NOT_DRAWN in ask(odd)


def test_a_redirect_says_where_to(odd: Odd) -> None:
    odd.status, odd.websites = 308, ""
    odd.headers = {"Location": "https://stats.example.com/\x1b[31m", "Content-Length": "0"}
    assert "redirects to https://stats.example.com/\N{REPLACEMENT CHARACTER}[31m" in ask(odd)


def test_a_proxy_without_its_server_is_not_a_wrong_address(odd: Odd) -> None:
    odd.status, odd.websites = 502, "<h1>Bad Gateway</h1>"
    assert "The status is 502" in ask(odd)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:99999", "is not an address: Port out of range"),
        ("http://[::1", "is not an address"),
        ("http://", "is not an address such as"),
        ("ftp://stats.example.com", "is not an address such as"),
        ("https://ann:secret@stats.example.com", "must not have a name and a password"),
    ],
)
def test_a_wrong_address_is_named(url: str, reason: str) -> None:
    message = said("overview", "--url", url, "--token", "flow_x")
    assert reason in message
    assert "secret" not in message


def test_the_address_of_the_api_is_the_servers(odd: Odd) -> None:
    words = ["overview", "--token", "flow_x", "--request", "--url", f"{odd.url}/api/v1/"]
    app(words, result_action="return_value", exit_on_error=False)


def test_output_that_cannot_be_written_is_one_sentence(odd: Odd) -> None:
    """A full disk; and a shell's `>&-`, which would leave the stream's number to a file of ours."""
    report = ("report", "websites", "--url", odd.url, "--token", "flow_x")
    for words, redirection, code, error in (
        (("completion", "bash"), ">/dev/full", 1, "footfall: cannot write the output: No space"),
        (report, ">&-", 0, ""),
    ):
        command = (sys.executable, "-m", "footfall", *words)
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *command],
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr[:41]) == (code, error[:41])
