"""The dashboard's types of the API are generated from the OpenAPI document and up to date."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
from clients.node import package, run_node

from footfall.serve.openapi.document import openapi_document

TYPES = Path(__file__).parents[2] / "dashboard" / "src" / "api" / "schema.d.ts"
HOW = "the API has changed: run `make types` and commit dashboard/src/api/schema.d.ts"
METHODS = ("get", "put", "post", "patch", "delete")


def test_the_dashboards_types_are_those_of_the_document(tmp_path: Path) -> None:
    program = package("openapi-typescript") / "bin" / "cli.js"
    document = msgspec.json.decode(msgspec.json.encode(openapi_document()))
    (tmp_path / "openapi.json").write_text(json.dumps(only_answers(document)))
    run_node(program, "openapi.json", "-o", "schema.d.ts", cwd=tmp_path)
    generated = (tmp_path / "schema.d.ts").read_text()
    if os.environ.get("FOOTFALL_WRITE_TYPES"):
        TYPES.write_text(generated)
    assert TYPES.read_text() == generated, HOW


def only_answers(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what the dashboard has types for: bodies and answers of success.

    Everything else would make the file ten times as long and change it with every sentence.
    """
    paths = {}
    for path, item in document["paths"].items():
        paths[path] = {
            method: {
                "operationId": operation["operationId"],
                **{name: operation[name] for name in ("requestBody",) if name in operation},
                "responses": {
                    status: without_words(answer)
                    for status, answer in operation["responses"].items()
                    if status.startswith("2")
                },
            }
            for method, operation in item.items()
            if method in METHODS
        }
    schemas = document["components"]["schemas"]
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": without_words(paths),
        "components": {"schemas": {name: without_words(each) for name, each in schemas.items()}},
    }


def without_words(value: Any) -> Any:
    """Without descriptions, examples and headers, at any depth."""
    if isinstance(value, list):
        return [without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    left_out = {"headers", "examples", "example", "summary"}
    kept = {name: without_words(each) for name, each in value.items() if name not in left_out}
    if isinstance(kept.get("description"), str):
        kept["description"] = ""
    return kept
