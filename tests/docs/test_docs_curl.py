"""The curl lines in the docs, tried on a real server."""

import json
import re
import shlex
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cli.running import RunningServer, running_server

from docs.test_docs import PAGES, shell_lines
from footfall.catalog import Catalog
from footfall.clock import now_ms
from footfall.model.key import visitor_key
from footfall.model.payment import Profile

pytestmark = pytest.mark.slow

CURL_LINES = sorted(
    {
        re.sub(r" +", " ", line.strip())
        for page in PAGES
        for line in shell_lines(page)
        if line.strip().startswith("curl ")
    }
)
ADDRESS = "http://127.0.0.1:8000"
ANN = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
"""The visitor of the docs' examples."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("data")
    catalog = Catalog(folder)
    website = catalog.add_website("example.com", now_ms=now_ms())
    catalog.profiles.set(website.id, visitor_key(website.id, ANN), Profile(name="Ann"), now_ms())
    catalog.close()
    with running_server(folder) as server:
        page = [{"url": "https://example.com/", "visitorUid": ANN}]
        token = {"Authorization": f"Bearer {server.token('write')}"}
        assert server.post("/api/v1/events", page, token) == 202
        yield server


def request_of(line: str, url: str, token: str) -> urllib.request.Request:
    """What curl would send, as far as the docs use its options."""
    line = line.replace("$FOOTFALL", f"{url}/api/v1").replace(ADDRESS, url)
    _, *words = shlex.split(line.replace("$TOKEN", token))
    headers: dict[str, str] = {}
    fields: list[tuple[str, str]] = []
    method, body, address = "GET", "", ""
    rest = iter(words)
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = next(rest)
        elif word == "-d" and "-G" in words:
            name, _, value = next(rest).partition("=")
            fields.append((name, value))
        elif word == "-d":
            body = next(rest)
        elif word == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            fields.append((name, value))
        elif word not in ("-G", "-OJ"):
            assert not word.startswith("-"), f"teach this test the option {word}"
            address = word
    if fields:
        address += "?" + urlencode(fields)
    return urllib.request.Request(address, body.encode() or None, headers, method=method)


@pytest.mark.parametrize("line", CURL_LINES)
def test_a_curl_line_in_the_docs_works(line: str, server: RunningServer) -> None:
    method = re.search(r"-X (\w+)", line)
    scope = {"POST": "write", "DELETE": "delete"}[method[1]] if method else "read"
    request = request_of(line, server.url, server.token(scope))
    with urllib.request.urlopen(request, timeout=180) as reply:
        if reply.headers["Content-Type"].startswith("text/csv"):
            assert str(reply.headers.get_filename()).endswith(".csv")  # as which -OJ saves it
            return
        answer = json.load(reply)
    if "/v0/" in line:
        assert answer.get("quarantined_rows") == 0 or answer["rows"] == len(answer["data"])
        return
    assert answer["status"] == "success"
    assert not any(row.get("rejected") for row in answer["data"] if isinstance(row, dict))


def test_the_docs_show_curl_lines() -> None:
    assert len(CURL_LINES) > 5
