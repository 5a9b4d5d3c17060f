"""The published example of a flow request, sent to our server with only host and key changed.

The page is not part of the project: without ../shared/seeds these tests are skipped.
"""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from cli.running import RunningServer, running_server, wait_until

from footfall.app import Footfall
from footfall.catalog import Catalog
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.demo.fill import fill

pytestmark = pytest.mark.slow

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
DOMAIN = "seed.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
VISITS = [
    ["/", "/swap", "connect", "swap"],
    ["/", "/swap", "connect", "swap"],
    ["/", "/earn", "swap"],
    ["/swap"],
]
"""What visitors do in the days of the example: pages, a wallet's connection, a goal."""


@pytest.fixture(scope="module")
def page() -> str:
    found = sorted(SEEDS.glob("003_*.txt"))
    if not found:
        pytest.skip(f"{SEEDS.parent.name}/{SEEDS.name}/003_* is not here: nothing to compare with")
    return found[0].read_text("utf-8")


@pytest.fixture(scope="module")
def words(page: str) -> list[str]:
    """The example's command, as a shell would take it apart."""
    [command] = re.findall(r"^curl -G (?:.*\\\n)+.*$", page, re.MULTILINE)
    return shlex.split(command.replace("\\\n", " "))


@pytest.fixture(scope="module")
def documented(page: str) -> dict[str, Any]:
    """The answer that the page shows."""
    begin = page.index('{\n  "meta"')
    answer, _ = json.JSONDecoder().raw_decode(page, begin)
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that holds the visits."""
    folder = tmp_path_factory.mktemp("data")
    catalog = Catalog(folder)
    catalog.add_website(DOMAIN, now_ms=now_ms())
    catalog.close()
    with running_server(folder) as server:
        events = [event for number, path in enumerate(VISITS) for event in visit(number, path)]
        token = {"Authorization": f"Bearer {server.token('write')}"}
        assert server.post("/api/v1/events", events, token) == 202
        reading = server.token("read")
        wait_until(
            lambda: server.get("/api/v1/overview", reading)["data"][0]["sessions"],
            lambda sessions: sessions == len(VISITS),
        )
        yield server


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    catalog = Catalog(server.folder)
    try:
        website = catalog.find_website(DOMAIN)
        return catalog.add_token(
            website_id=website.id, scopes={"read"}, kind="formo", now_ms=now_ms()
        )[0]
    finally:
        catalog.close()


def visit(number: int, path: list[str]) -> Iterator[dict[str, Any]]:
    for minute, node in enumerate(path):
        event: dict[str, Any] = {
            "visitorUid": f"visitor-{number}",
            "userAgent": BROWSER,
            "timestamp": f"2026-04-{number + 10}T12:{minute:02}:00Z",
        }
        if node.startswith("/"):
            event["url"] = f"https://{DOMAIN}{node}"
        elif node == "connect":
            event |= {"type": "connect", "properties": {"chain_id": 1}}
        else:
            event |= {"type": "track", "name": node}
        yield event


def pointed_at(words: list[str], url: str, key: str) -> list[str]:
    """The command for our server: another host, a key of ours, nothing else."""
    changed = [re.sub(r"^https://[^/]+(?=/v0/)", url, word) for word in words]
    return [re.sub(r"\$\w+$", key, word) if " Bearer $" in word else word for word in changed]


def request_of(words: list[str]) -> httpx2.Request:
    """What curl makes of the command, as far as the example uses its options."""
    headers: dict[str, str] = {}
    params: list[tuple[str, str]] = []
    address = ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            params.append((name, value))
        elif word != "-G":
            assert not word.startswith("-"), f"teach this test the option {word}"
            address = word
    return httpx2.Request("GET", address, headers=headers, params=params)


def check_shape(answer: dict[str, Any], documented: dict[str, Any]) -> None:
    """Fail unless an answer has everything the page shows, with the same types and order."""
    assert answer["meta"] == documented["meta"]
    assert [key for key in answer if key in documented] == list(documented)
    columns = [column["name"] for column in documented["meta"]]
    example = documented["data"][0]
    for row in answer["data"]:
        assert list(row) == list(example) == columns
        assert [type(row[name]) for name in columns] == [type(example[name]) for name in columns]
    assert answer["rows"] == len(answer["data"])
    assert answer["rows_before_limit_at_least"] == answer["rows"]


def check_numbers(answer: dict[str, Any]) -> None:
    """Fail unless the answer is what the visits come to."""
    assert [tuple(row.values()) for row in answer["data"]] == [
        (1, "/", "/swap", 2, 66.67),
        (1, "/", "/earn", 1, 33.33),
        (2, "/swap", "connect", 2, 66.67),
        (2, "/earn", "swap__END_MATCH__", 1, 33.33),
        (3, "connect", "swap__END_MATCH__", 2, 100.0),
    ]


def test_the_published_request_is_answered_in_the_documented_shape(
    words: list[str], documented: dict[str, Any], server: RunningServer, key: str
) -> None:
    with httpx2.Client() as client:
        reply = client.send(request_of(pointed_at(words, server.url, key)))
    assert reply.status_code == 200, reply.text
    check_shape(reply.json(), documented)
    check_numbers(reply.json())


def test_the_published_command_itself_works(
    words: list[str], documented: dict[str, Any], server: RunningServer, key: str
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = [*pointed_at(words, server.url, key), "--silent", "--fail-with-body"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=180)
    check_shape(json.loads(done.stdout), documented)
    check_numbers(json.loads(done.stdout))


def test_the_published_request_without_its_key_is_a_documented_error(
    words: list[str], server: RunningServer
) -> None:
    with httpx2.Client() as client:
        reply = client.send(request_of(pointed_at(words, server.url, "formo_unknown")))
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "UNAUTHORIZED"


class Demo(NamedTuple):
    """The demo website on a server in this process, at the end of the example's month."""

    footfall: Footfall
    key: str
    loop: asyncio.Runner

    def send(self, request: httpx2.Request) -> httpx2.Response:
        return self.loop.run(self._send(request))

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.footfall.asgi)
        async with httpx2.AsyncClient(transport=transport) as client:
            return await client.send(request)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    def clock() -> int:
        return 1_777_593_600_000  # 2026-05-01 00:00 UTC

    settings = Settings(data=str(tmp_path_factory.mktemp("demo")))
    footfall = Footfall(settings, clock)
    load = footfall.loader.step  # before the server's own thread does that
    website = fill(footfall.catalog, settings.folder, load, clock, lambda _: None, days=5)
    key, _ = footfall.catalog.add_token(
        website_id=website.id, scopes={"read"}, kind="formo", now_ms=clock()
    )
    footfall.registry.refresh()
    with asyncio.Runner() as loop:
        loop.run(footfall.start())
        yield Demo(footfall, key, loop)
        loop.run(footfall.stop())


def test_the_published_request_is_answered_for_the_demo_website_too(
    words: list[str], documented: dict[str, Any], demo: Demo
) -> None:
    reply = demo.send(request_of(pointed_at(words, "http://demo.test", demo.key)))
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    check_shape(answer, documented)
    assert {row["step"] for row in answer["data"]} == {1, 2, 3, 4}
    assert any(row["target"] == "swap__END_MATCH__" for row in answer["data"])
    assert "connect" in {row["source"] for row in answer["data"]}


def test_every_parameter_of_the_page_is_described(page: str, server: RunningServer) -> None:
    table = page.partition("\nQuery Parameters\n")[2].partition("\nResponse\n")[0]
    published = set(re.findall(r"^([a-zA-Z_]+)\n(?:string|integer)", table, re.MULTILINE))
    assert len(published) >= 7
    document = server.get("/openapi.json")
    listed = document["paths"]["/v0/flow"]["get"]["parameters"]
    parameters = document["components"]["parameters"]
    names = {parameters[each["$ref"].rpartition("/")[2]]["name"] for each in listed}
    assert not published - names


def test_a_value_of_100_kb_is_a_400_that_names_its_parameter(
    server: RunningServer, key: str
) -> None:
    """Over a real connection, whose heads are bounded too."""
    command = ["curl", "-G", "--silent", "-H", f"Authorization: Bearer {key}", "--data-urlencode"]
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    filters = json.dumps([{"field": "city", "op": "equals", "value": "x" * 100_000}])
    done = subprocess.run(
        [*command, f"global_filters={filters}", f"{server.url}/v0/flow"],
        capture_output=True,
        check=True,
        timeout=180,
    )
    error = json.loads(done.stdout)["error"]
    assert (error["code"], error["param"]) == ("INVALID_VALIDATION_REQUEST", "global_filters")
