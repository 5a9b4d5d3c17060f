"""Schemas made of types: as answers are encoded, and with the units and rules of the registries."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.collect.server_call import GoalBody
from footfall.model.answer import Answer
from footfall.model.metric import METRICS
from footfall.model.unit import KEY, Count, ExactMoney, Payload, Percent, Seconds
from footfall.query.ask import REPORTS
from footfall.serve.http.reply import encode
from footfall.serve.openapi.component import named, rows_of, table_of, with_components
from footfall.serve.openapi.document import openapi_document
from footfall.serve.rest.manage.table import MANAGE_CALLS

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
SCHEMAS = DOCUMENT["components"]["schemas"]


class Part(Payload, frozen=True, kw_only=True, rename="camel"):
    """A part
    of something."""

    some_text: str | None
    bounce_rate: Percent
    visitors: Annotated[Count | UnsetType, Meta(description="Just those")] = UNSET
    exact: ExactMoney
    kind: Literal["a", "b"] | None
    title: str


class Whole(Answer, frozen=True, kw_only=True):
    """The whole."""

    properties: Part
    maybe: Part | None
    wait: Seconds | None


def schemas_of(*types: Any) -> dict[str, Any]:
    made: Any = with_components({"paths": list(types), "components": {"schemas": {}}}, {})
    return made["components"]["schemas"]  # type: ignore[no-any-return]


def test_a_struct_is_described_as_it_is_encoded() -> None:
    part = schemas_of(Part)["Part"]
    assert part["description"] == "A part of something"
    assert part["required"] == ["someText", "bounceRate", "exact", "kind", "title"]
    fields = part["properties"]
    assert fields["someText"] == {"type": ["string", "null"]}
    assert fields["kind"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert fields["exact"] == {"type": "number", KEY: "money"}
    sent = Part(some_text=None, bounce_rate=1, exact=Decimal("1.50"), kind="a", title="t")
    text = '{"someText":null,"bounceRate":1,"exact":1.50,"kind":"a","title":"t"}'
    assert encode(sent).decode() == text


def test_a_metrics_field_has_the_registrys_rule_unless_it_has_its_own() -> None:
    fields = schemas_of(Part)["Part"]["properties"]
    metric = METRICS["bounce_rate"]
    assert (fields["bounceRate"]["title"], fields["bounceRate"]["description"]) == (
        metric.label,
        metric.rule,
    )
    assert fields["visitors"]["description"] == "Just those"


def test_a_field_may_be_named_as_a_word_of_json_schema() -> None:
    fields = schemas_of(Whole)["Whole"]["properties"]
    assert fields["properties"] == {"$ref": "#/components/schemas/Part"}
    assert fields["maybe"] == {"anyOf": [fields["properties"], {"type": "null"}]}
    assert fields["wait"] == {"type": ["number", "null"], KEY: "seconds"}
    assert fields["status"] == {"const": "success"}


def test_a_body_keeps_what_is_checked_by_hand() -> None:
    goal = schemas_of(named("Goal", GoalBody))["Goal"]
    assert goal["required"] == ["name"]
    assert goal["properties"]["name"]["not"] == {"enum": ["free_trial", "payment"]}
    assert goal["properties"]["metadata"]["maxProperties"] == 10


def test_envelopes_are_named_after_their_rows() -> None:
    found = schemas_of(rows_of(Part), table_of(Part))
    assert {"PartAnswer", "PartTable", "Part", "Column", "Cost"} <= set(found)


def test_what_types_cannot_say_is_added() -> None:
    assert SCHEMAS["RawEvent"]["required"] == ["type", "version", "channel"]
    assert "allOf" in SCHEMAS["Condition"]


def numbers_in(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        kinds = schema.get("type", "")  # or the schema of a field that is named type
        if {"integer", "number"} & set(kinds if isinstance(kinds, list) else [str(kinds)]):
            yield schema
    for each in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(each, dict | list):
            yield from numbers_in(each)


def test_every_number_of_an_answer_has_a_unit() -> None:
    bodies = {"Event", "Batch", "Payment", "Goal", "RawEvent", "RawContext", "Step", "Condition"}
    bodies |= {call.body.__name__ for call in MANAGE_CALLS if call.body}
    assert bodies <= set(SCHEMAS)
    for name, schema in SCHEMAS.items():
        if name not in bodies:
            for number in numbers_in(schema):
                assert KEY in number, name


def test_every_report_is_described_by_what_it_answers() -> None:
    for name, report in REPORTS.items():
        answer = getattr(report.answer, "__name__", "")
        assert answer in SCHEMAS or name == "breakdown" or report.row.__name__ in SCHEMAS
    assert {"BreakdownAnswer", "BreakdownsAnswer"} <= set(SCHEMAS)
