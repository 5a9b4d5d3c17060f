"""The skill: all of its commands work, it names every tool and endpoint, and its lists are those of
the registries."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from assistants.conftest import WRITTEN_TO, Place
from dashboard.demo_server import NOW_MS

from footfall.serve.mcp.tool import TOOLS
from footfall.serve.openapi.document import openapi_document
from footfall.serve.openapi.skill import skill_text
from footfall.serve.rest.manage.table import MANAGE_CALLS
from scripts.skill import references

ROOT = Path(__file__).parents[2]
SKILL = ROOT / "skill"
TEXT = (SKILL / "SKILL.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("curl ")]
VISITOR = "skill-visitor"


def called(command: str) -> tuple[str, str]:
    """The method and the path of a command, as OpenAPI names them."""
    method = re.search(r"-X (\w+)", command)
    path = re.search(r"\$FOOTFALL_URL(/[^\"? ]*)", command)
    assert path, command
    plain = path[1].removeprefix("/api/v1")
    return (method[1] if method else "GET"), re.sub("VISITOR_ID|WEBSITE_ID", "{id}", plain)


def variables_of(place: Place) -> dict[str, str]:
    """What the commands take from the environment, and WEBSITE_ID."""
    website = place.demo.server.catalog.find_website(WRITTEN_TO)
    own, _ = place.demo.server.catalog.add_token(
        website_id=website.id, scopes=("write",), now_ms=NOW_MS
    )
    return {
        "FOOTFALL_URL": place.demo.url,
        "FOOTFALL_TOKEN": place.token,
        "SITE": WRITTEN_TO,
        "WEBSITE_TOKEN": own,
        "WEBSITE_ID": website.public_id,
    }


def run(command: str, variables: dict[str, str]) -> dict[str, Any]:
    """What a command answers, run by a shell with only the ids changed."""
    names = {"VISITOR_ID": VISITOR, "WEBSITE_ID": variables["WEBSITE_ID"]}
    done = subprocess.run(
        ["sh", "-c", re.sub("VISITOR_ID|WEBSITE_ID", lambda name: names[name[0]], command)],
        env=os.environ | variables,
        capture_output=True,
        check=True,
        timeout=180,
    )
    text = done.stdout.decode()
    if "/llms.txt" in command:
        return {"text": text}
    answer: dict[str, Any] = json.loads(text)
    return answer


def test_every_command_works(place: Place) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    place.send({"url": f"https://{WRITTEN_TO}/", "visitorUid": VISITOR})
    variables = variables_of(place)
    try:
        for command in COMMANDS:
            check(command, run(command, variables))
    finally:  # it can be tried again
        place.delete("/payments", domain=WRITTEN_TO, transactionId="invoice-456")
        place.delete(f"/visitors/{VISITOR}", domain=WRITTEN_TO)


def check(command: str, answer: dict[str, Any]) -> None:
    """Fail unless the answer is a success."""
    if "/llms.txt" in command:
        assert "# Footfall" in answer["text"]
    elif "/v0/" in command:
        assert "error" not in answer, (command, answer)
        assert answer.get("quarantined_rows", 0) == 0, (command, answer)
    else:
        assert answer["status"] == "success", (command, answer)
        assert '"rejected": [{' not in json.dumps(answer), (command, answer)


def test_nothing_is_deleted_without_a_dry_run() -> None:
    deletes = [command for command in COMMANDS if "DELETE" in command]
    assert len(deletes) == 3
    assert all("dryRun=true" in command for command in deletes)


def test_it_names_every_tool_and_every_endpoint() -> None:
    assert {tool for tool in TOOLS if not re.search(rf"\b{tool}\b", TEXT)} == set()
    of_the_dashboard = {(call.method, call.path) for call in MANAGE_CALLS}
    paths: Any = openapi_document()["paths"]
    documented = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "responses" in operation
    }
    shown = {called(command) for command in COMMANDS} - {("GET", "/llms.txt")}
    assert shown == documented - of_the_dashboard


def test_its_lists_are_those_of_the_registries() -> None:
    folder = SKILL / "references"
    found = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert found == dict(references()), "run `make skill`"
    assert {f"references/{name}" for name in found} == set(re.findall(r"references/\w+\.md", TEXT))


def test_its_head_is_what_programs_read() -> None:
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: ([^\n:]+)\n", TEXT)
    assert head is not None
    assert head[1] == "footfall"
    assert len(head[2]) <= 160
    assert len(TEXT.encode()) < 20_000, "a program loads it whole"


def test_the_server_fills_in_its_address(place: Place) -> None:
    url = place.demo.url
    assert get(f"{url}/skill.md") == TEXT.replace("https://HOST", url)
    for host in ("evil.example;id", "$(id)", "a b", "x/y", ""):
        assert get(f"{url}/skill.md", Host=host) == TEXT, host


def get(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Type"] == "text/markdown; charset=utf-8"
        return str(reply.read().decode())


def test_what_is_no_address_is_not_filled_in() -> None:
    assert "http://[::1]:8000" in skill_text("http://[::1]:8000")
    for text in (
        "",
        "http://",
        "http://a b",
        "http://x$(id)",
        "http://x`id`",
        'http://x"',
        "ftp://x",
    ):
        assert skill_text(text) == TEXT
