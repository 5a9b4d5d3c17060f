"""TypeScript types generated from the document: every operation compiles in strict mode."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from clients.node import package, run_node
from openapi_schema_validator import OAS31Validator

from footfall.serve.openapi.document import openapi_document

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom"],
    "types": [],
}
HELPERS = """
import type { components, operations } from "./footfall";

type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Ok<O> = O extends { responses: infer R }
  ? R extends { 200: infer A } ? Json<A> : R extends { 202: infer A } ? Json<A> : never
  : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : never;
type IsAny<T> = 0 extends 1 & T ? true : false;
type Known<T> = [T] extends [never] ? false : IsAny<T> extends true ? false : true;
"""
USES = """
export const pages: Query<operations["pages"]> = { limit: 5, filter_device: "Mobile|Tablet" };
export const flow: Query<operations["v0_flow"]> = {
  start_step: JSON.stringify({ type: "event", event: "page" }),
  date_from: "2026-01-01",
  date_to: "2026-01-31",
  drop_off: true,
};
export const lists: Query<operations["breakdown"]> = { dimension: ["page", "country"] };
export const payment: components["schemas"]["Payment"] = {
  amount: 9.5, currency: "EUR", transactionId: "t1",
};
export function visitors(answer: Ok<operations["overview"]>): number {
  return answer.data[0]?.visitors ?? 0;
}
export function steps(answer: Ok<operations["v0_funnel"]>): string[] {
  return answer.data.map((row) => `${row.event}: ${row.users}`);
}
// @ts-expect-error: there is no such dimension
export const wrong: Query<operations["breakdown"]> = { dimension: ["pages"] };
// @ts-expect-error: a flow needs its start
export const missing: Query<operations["flow"]> = {};
"""


def test_every_operation_has_types_that_compile(tmp_path: Path) -> None:
    generator, compiler = package("openapi-typescript"), package("typescript")
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    program = generator / "bin" / "cli.js"
    said = run_node(program, "openapi.json", "-o", "footfall.d.ts", cwd=tmp_path)
    assert "warn" not in said.lower(), said
    (tmp_path / "use.ts").write_text(HELPERS + USES + "\n".join(uses_of_operations()))
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": OPTIONS, "files": ["use.ts", "footfall.d.ts"]})
    )
    run_node(compiler / "bin" / "tsc", "-p", ".", cwd=tmp_path)


def uses_of_operations() -> list[str]:
    """For each operation, that its answer, its query and its body have a type."""
    lines: list[str] = []
    for operation in operations():
        name = operation["operationId"]
        kinds = ["Ok", "Query"] if has_query(operation) else ["Ok"]
        kinds += ["Body"] if "requestBody" in operation else []
        lines += [
            f'export const {name}_{kind}: Known<{kind}<operations["{name}"]>> = true;'
            for kind in kinds
        ]
    return lines


def has_query(operation: dict[str, Any]) -> bool:
    names = [each["$ref"].rpartition("/")[2] for each in operation["parameters"]]
    return any(DOCUMENT["components"]["parameters"][name]["in"] == "query" for name in names)


def operations() -> list[dict[str, Any]]:
    return [
        operation
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method != "servers"
    ]


def schemas(value: Any) -> list[dict[str, Any]]:
    """Every object inside the document."""
    if isinstance(value, list):
        return [found for each in value for found in schemas(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in schemas(each))]


def test_operation_ids_are_unique_names() -> None:
    names = [operation["operationId"] for operation in operations()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


@pytest.mark.parametrize("keyword", ["nullable", "allowEmptyValue"])
def test_keywords_of_older_versions_are_not_used(keyword: str) -> None:
    assert not [each for each in schemas(DOCUMENT) if keyword in each]


TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}
OF_TYPES = {
    "items": {"array"},
    "minItems": {"array"},
    "maxItems": {"array"},
    "pattern": {"string"},
    "maxLength": {"string"},
    "minimum": {"number", "integer"},
    "maximum": {"number", "integer"},
    "properties": {"object"},
}
"""Keywords that say nothing of values of other types."""


def types_of(schema: dict[str, Any]) -> set[str]:
    """A schema's types, none for an object that is no schema."""
    kind = schema.get("type")
    found = {kind} if isinstance(kind, str) else set(kind) if isinstance(kind, list) else set()
    return found if found <= TYPES else set()


def test_no_schema_trips_a_strict_generator() -> None:
    for each in schemas(DOCUMENT):
        types = types_of(each)
        if "array" in types:
            assert "items" in each, each
        if isinstance(each.get("required"), list) and isinstance(each.get("properties"), dict):
            assert set(each["required"]) <= set(each["properties"]), each
        if "in" in each and "name" in each and each.get("type") != "apiKey":
            assert "schema" in each, each
            assert "content" not in each, each
            assert each["description"], each
        if isinstance(each.get("enum"), list):
            assert each["enum"], each
            assert len(each["enum"]) == len(set(map(str, each["enum"]))), each
        for keyword, meant in OF_TYPES.items():
            assert not types or keyword not in each or types & meant, (keyword, each)


def test_each_component_is_used_and_each_reference_leads_to_one() -> None:
    used = {each["$ref"] for each in schemas(DOCUMENT) if "$ref" in each}
    there = {
        f"#/components/{kind}/{name}"
        for kind, components in DOCUMENT["components"].items()
        for name in components
        if kind != "securitySchemes"
    }
    assert used == there


def test_examples_and_defaults_are_valid() -> None:
    checked = 0
    for each in schemas(DOCUMENT):
        schema = each["schema"] if "in" in each and "schema" in each else each
        if not types_of(schema) and "$ref" not in schema:
            continue
        validator = OAS31Validator({**schema, "components": DOCUMENT["components"]})
        shown = [each[name] for name in ("example", "default") if name in each]
        for example in [*shown, *each.get("examples", [])]:
            validator.validate(example)
            if "contentSchema" in schema:
                inside = {**schema["contentSchema"], "components": DOCUMENT["components"]}
                OAS31Validator(inside).validate(json.loads(example))
            checked += 1
    assert checked > 20


def test_each_tag_is_declared_and_each_operation_described() -> None:
    declared = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for operation in operations() for tag in operation["tags"]} == declared
    assert all(operation["summary"] for operation in operations())
