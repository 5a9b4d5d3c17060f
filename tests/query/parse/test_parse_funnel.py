"""Parameters of a funnel become its question, or a 400 that names the parameter."""

import json

import pytest
from query.ask import NOW, WEBSITE

from footfall.model.errors import BadRequest
from footfall.model.funnel import FunnelQuestion
from footfall.model.step import EVENT_COLUMNS, Step
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.funnel import parse_funnel

ASKED = asked_of_days((("dateFrom", "2026-04-01"), ("dateTo", "2026-04-30")), WEBSITE, NOW)
PAGE = {"type": "event", "event": "page"}
SWAP = {"type": "track", "event": "swap"}
STEPS = json.dumps([PAGE, SWAP])


def parse(*params: tuple[str, str], **named: str) -> FunnelQuestion:
    return parse_funnel((("steps", named.pop("steps", STEPS)), *params, *named.items()), ASKED)


def refusal(*params: tuple[str, str], **named: str) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        parse(*params, **named)
    return caught.value.field, caught.value.message


def test_with_steps_only_it_is_a_closed_funnel_of_two_weeks() -> None:
    assert parse() == FunnelQuestion(
        website=WEBSITE,
        period=ASKED.period,
        now_at=NOW,
        steps=(Step(label="page", type="page"), Step(label="swap", type="track", name="swap")),
        window_s=1_209_600,
        limit=5,
    )


def test_all_parameters_are_read() -> None:
    question = parse(
        global_filters='[{"field":"os","op":"isEmpty"}]',
        window_seconds="60",
        funnel_type="open",
        group_by="utm_source",
        limit="100",
        attribution="last_touch",
    )
    assert (question.window_s, question.funnel_type, len(question.conditions)) == (60, "open", 1)
    assert (question.group_by, question.limit) == ("utm_source", 100)
    assert question.attribution == "last_touch"


def test_older_names_of_the_breakdown_say_the_same() -> None:
    older = parse(breakdown="device", breakdown_top_n="8")
    assert older == parse(group_by="device", limit="8", breakdown_top_n="8")


@pytest.mark.parametrize("column", [*EVENT_COLUMNS, "builder_codes"])
def test_every_column_and_builder_codes_can_group(column: str) -> None:
    assert parse(group_by=column).group_by == column


def test_a_step_is_called_by_its_name_else_as_the_event_is() -> None:
    steps = [{**SWAP, "name": "swap::1"}, {**PAGE, "resolved_event": "/a"}, {**PAGE, "name": None}]
    assert [step.label for step in parse(steps=json.dumps(steps)).steps] == [
        "swap::1",
        "/a",
        "page",
    ]


@pytest.mark.parametrize("count", [2, 10])
def test_two_to_ten_steps_are_taken(count: int) -> None:
    assert len(parse(steps=json.dumps([PAGE] * count)).steps) == count


TEN = [{**PAGE, "filters": [{"field": "os", "op": "isEmpty"}] * 6}] * 10


@pytest.mark.parametrize(
    ("name", "value", "field", "message"),
    [
        ("steps", "", "", " '' is not valid JSON (Input data was truncated); write ["),
        ("steps", "null", "", " is missing; give a JSON array of 2 to 10 steps, as in ["),
        ("global_filters", "", "", " '' is not valid JSON"),
        ("window_seconds", "", "", " '' is not a whole number from 1 to 3153600000"),
        ("funnel_type", "", "", " '' is not one of closed, open"),
        ("group_by", "", "", " '' is not one of device,"),
        ("breakdown", "", "", " '' is not one of device,"),
        ("limit", "", "", " '' is not a whole number from 1 to"),
        ("breakdown_top_n", "", "", " '' is not a whole number from 1 to"),
        ("attribution", "", "", " '' is not one of first_touch, last_touch"),
        ("steps", "[]", "", " has 0 steps; give 2 to 10"),
        ("steps", json.dumps([PAGE]), "", " has 1 steps; give 2 to 10"),
        ("steps", json.dumps([PAGE] * 11), "", " has 11 steps; at most 10"),
        ("steps", json.dumps(PAGE), "", " (an object) is not a JSON array of steps"),
        ("steps", json.dumps([PAGE, []]), ".1", " (an array) is not a JSON object; write {"),
        ("steps", json.dumps([PAGE, {"type": "event"}]), ".1.event", " is missing; give the"),
        ("steps", json.dumps([{**PAGE, "name": 1}, PAGE]), ".0.name", " 1 is not a text; give a"),
        (
            "steps",
            json.dumps([PAGE, {**PAGE, "name": "n" * 201}]),
            ".1.name",
            f" '{'n' * 64}'… is 201 characters long; at most 200",
        ),
        (
            "steps",
            json.dumps([PAGE, {**SWAP, "filters": [{}, {}]}]),
            ".1.filters.0.operand",
            " is missing; give a column, as in device, or a property's name",
        ),
        ("steps", json.dumps(TEN), "", " has 60 conditions; at most 50 in all steps"),
        ("window_seconds", "0", "", " '0' is not a whole number from 1 to 3153600000"),
        ("funnel_type", "strict", "", " 'strict' is not one of closed, open"),
        ("attribution", "first", "", " 'first' is not one of first_touch, last_touch"),
        ("group_by", "plan", "", " 'plan' is not one of device, browser, os, location, country,"),
        ("breakdown", "plan", "", " 'plan' is not one of device, browser, os, location, country,"),
        ("limit", "0", "", " '0' is not a whole number from 1 to 100"),
        ("breakdown_top_n", "101", "", " '101' is not a whole number from 1 to 100"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, field: str, message: str) -> None:
    named, said = refusal(**{name: value})
    assert named == name + field
    assert said.startswith(named + message)


def test_two_names_of_one_parameter_must_agree() -> None:
    assert refusal(group_by="os", breakdown="device") == (
        "group_by",
        "group_by and breakdown differ; give one of them",
    )
    assert refusal(limit="5", breakdown_top_n="6")[0] == "limit"
    assert refusal(("limit", "5"), ("limit", "6"))[0] == "limit"
