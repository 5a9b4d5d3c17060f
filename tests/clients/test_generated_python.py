"""A Python client generated from the served document: every operation, against a real server."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from e2e.server import Server, running

NAME = "generated_footfall_client"
STEP = '{"type":"event","event":"page"}'
DAYS = {"date_from": date(2026, 1, 1), "date_to": date(2026, 12, 31)}
GIVEN: dict[str, dict[str, Any]] = {
    "breakdown": {"dimension": ["page", "country"]},
    "flow": {"start_step": STEP},
    "funnel": {"steps": f"[{STEP},{STEP}]"},
    "v0_flow": {"start_step": STEP, **DAYS},
    "v0_funnel": {"steps": f"[{STEP},{STEP}]", **DAYS},
    "v0_retention": DAYS,
    "overview": {"fields": ["visitors", "bounceRate"], "filter_device": "Desktop"},
    "delete_goals": {"name": "signup", "dry_run": True},
    "delete_payments": {"transaction_id": "t1", "dry_run": True},
    "visitor": {"id": "ann"},
    "export_visitor": {"id": "ann"},
    "delete_visitor": {"id": "ann"},
}
"""What operations need, by their ids. Others are asked without parameters."""
BODIES: dict[str, tuple[str, Any]] = {
    "send_events": ("Event", [{"url": "https://example.com/", "visitorUid": "ann"}]),
    "track_goal": ("Goal", {"name": "signup", "visitorUid": "ann"}),
    "track_payment": ("Payment", {"amount": 9.5, "currency": "EUR", "transactionId": "t1"}),
    "v0_raw_events": ("RawEvent", [{"type": "page", "channel": "web", "version": "1"}]),
}
FIRST = ("send_events", "track_goal", "track_payment", "v0_raw_events")
WITHOUT_ACCOUNT = ("read_setup", "list_members", "list_invites", "list_tokens", "list_shares")
"""Of the dashboard's own calls, those that a token can make as they are."""
LAST = ("delete_goals", "delete_payments", "delete_visitor")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated package."""
    folder = tmp_path_factory.mktemp("generated")
    programs = Path(sys.executable).parent
    command = ["generate", "--url", f"{server.url}/openapi.json", "--meta", "none"]
    command += ["--fail-on-warning"]
    done = subprocess.run(
        [programs / "openapi-python-client", *command, "--output-path", folder / NAME],
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "warning" not in said.lower(), said
    assert "skipp" not in said.lower(), said
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))


def operations_of(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """(path, tag) by operation id; what records comes first, and what deletes last."""
    found = {
        operation["operationId"]: (path, operation["tags"][0])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "servers"
    }
    middle = [name for name in found if name not in (*FIRST, *LAST)]
    return {name: found[name] for name in (*FIRST, *middle, *LAST)}


def body_of(client: ModuleType, operation: str) -> dict[str, Any]:
    if operation not in BODIES:
        return {}
    name, sent = BODIES[operation]
    model = getattr(importlib.import_module(f"{client.__name__}.models"), name)
    if isinstance(sent, list):
        return {"body": [model.from_dict(each) for each in sent]}
    return {"body": model.from_dict(sent)}


def test_every_operation_is_generated_and_its_answer_parsed(
    server: Server, client: ModuleType
) -> None:
    website = server.website("example.com", currency="EUR")
    own = server.token(website, "read", "write", "delete", "collect")
    workspace = server.token(None, "read", "manage")
    document = server.ask("GET", "/openapi.json")[1]
    for operation, (path, tag) in operations_of(document).items():
        module = importlib.import_module(f"{client.__name__}.api.{tag}.{operation}")
        base = server.url if path.startswith("/v0") else f"{server.url}/api/v1"
        if tag == "access" and operation not in WITHOUT_ACCOUNT:
            continue  # it is generated; most need somebody who is signed in
        token = workspace if path == "/workspaces" or tag == "access" else own
        caller = client.AuthenticatedClient(
            base_url=base, token=token, raise_on_unexpected_status=True
        )
        given = dict(GIVEN.get(operation, {})) | body_of(client, operation)
        if path.startswith("/websites/{id}"):
            given["id"] = website.public_id
        answer = module.sync_detailed(client=caller, **as_enums(module, given))
        assert answer.status_code in (200, 202), f"{operation}: {answer.content!r}"
        assert answer.parsed is not None, operation
        assert not type(answer.parsed).__name__.endswith("Error"), operation
        if operation == FIRST[-1]:
            server.wait_for_loading()


def as_enums(module: ModuleType, given: dict[str, Any]) -> dict[str, Any]:
    """Lists of choices as the generated enumerations."""
    found = dict(given)
    for name, value in given.items():
        if name in ("dimension", "fields"):
            [choice] = [
                kind
                for kind in vars(module).values()
                if isinstance(kind, type) and kind.__name__.endswith(f"{name.capitalize()}Item")
            ]
            found[name] = [choice(each) for each in value]
    return found


def test_a_wrong_value_is_a_typed_error(server: Server, client: ModuleType) -> None:
    website = server.website("typed.example")
    module = importlib.import_module(f"{client.__name__}.api.reports.pages")
    caller = client.AuthenticatedClient(
        base_url=f"{server.url}/api/v1", token=server.token(website)
    )
    answer = module.sync_detailed(client=caller, filter_device="")
    assert answer.status_code == 400
    assert answer.parsed.error.field == "filter_device"
