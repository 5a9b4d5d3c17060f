"""Parameters of a flow become its question, or a 400 that names the parameter."""

import json

import pytest
from query.ask import NOW, WEBSITE

from footfall.model.errors import BadRequest
from footfall.model.flow import FlowQuestion
from footfall.model.step import Step
from footfall.query.parse.asked import asked_of_days
from footfall.query.parse.flow import FLOW_PARAMS, parse_flow
from footfall.query.parse.step import STEP_EXAMPLE

START = ("start_step", '{"type":"event","event":"page","resolved_event":"__ALL_PAGE_VIEWS__"}')
SWAP = '{"type":"track","event":"swap"}'
DATES = (("dateFrom", "2026-04-01"), ("dateTo", "2026-04-30"))
ASKED = asked_of_days(DATES, WEBSITE, NOW)


def parse(*params: tuple[str, str], **named: str) -> FlowQuestion:
    return parse_flow((START, *params, *named.items()), ASKED)


def refusal(*params: tuple[str, str], **named: str) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        parse(*params, **named)
    return caught.value.field, caught.value.message


def test_with_a_start_step_only_all_options_are_off() -> None:
    assert parse() == FlowQuestion(
        website=WEBSITE,
        period=ASKED.period,
        now_at=NOW,
        start=Step(label="__ALL_PAGE_VIEWS__", type="page"),
        window_s=1_209_600,
        max_steps=4,
        limit=10_000,
    )


def test_what_was_asked_beside_is_kept() -> None:
    asked = asked_of_days((*DATES, ("bots", "only")), WEBSITE, NOW)
    assert parse_flow((START,), asked).bots == "only"


@pytest.mark.parametrize(
    ("text", "is_on"),
    [
        *(("true", True), ("1", True), ("True", True)),
        *(("false", False), ("0", False), ("False", False)),
    ],
)
def test_a_switch_is_written_in_several_ways(text: str, is_on: bool) -> None:
    question = parse(collapse_repeats=text, drop_off=text)
    assert (question.collapses_repeats, question.shows_drop_off) == (is_on, is_on)


def test_all_parameters_are_read() -> None:
    question = parse(
        end_step=SWAP,
        end_mode="mark",
        anchors=f"[{SWAP}]",
        revenue="true",
        global_filters='[{"field":"device","op":"eq","value":"mobile"}]',
        window_seconds="3600",
        max_steps="6",
        collapse_repeats="true",
        exclude="/login, connect,/login",
        nodes_per_step="8",
        direction="backward",
        drop_off="true",
        percentage_base="source",
        limit="50",
        offset="100",
    )
    assert question.end == Step(label="swap", type="track", name="swap")
    assert (question.end_mode, question.anchors) == ("mark", (question.end,))
    assert question.shows_revenue
    assert [each.values for each in question.conditions] == [("mobile",)]
    assert (question.window_s, question.max_steps, question.nodes_per_step) == (3600, 6, 8)
    assert (question.collapses_repeats, question.shows_drop_off) == (True, True)
    assert (question.excluded_labels, question.excluded_steps) == (("/login", "connect"), ())
    assert (question.direction, question.percentage_base) == ("backward", "source")
    assert (question.limit, question.offset) == (50, 100)


@pytest.mark.parametrize("name", sorted({*FLOW_PARAMS} - {"exclude"}))
def test_an_empty_parameter_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(**{name: ""})
    assert caught.value.field == name


def test_other_parameters_are_ignored() -> None:
    assert parse(unknown="x", steps="[", exclude="") == parse()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1", 2),
        ("2", 2),
        ("10", 10),
        ("11", 10),
        ("0", 2),
        ("-0", 2),
        ("-3", 2),
        ("004", 4),
        ("9" * 6000, 10),
        ("-" + "9" * 6000, 2),
        ("0" * 6000 + "5", 5),
    ],
)
def test_max_steps_is_clamped(text: str, steps: int) -> None:
    assert parse(max_steps=text).max_steps == steps


def test_exclude_takes_an_array_of_labels_and_steps() -> None:
    question = parse(exclude=f' ["/a,b","/c/**",{SWAP},"connect"]')
    assert question.excluded_labels == ("/a,b", "/c/**", "connect")
    assert question.excluded_steps == (Step(label="swap", type="track", name="swap"),)
    assert parse(exclude="[]") == parse()


MANY_FILTERS = json.dumps(
    [{"type": "track", "event": "a", "filters": [{"field": "os", "op": "isEmpty"}] * 26}] * 2
)


@pytest.mark.parametrize(
    ("name", "value", "field", "message"),
    [
        ("window_seconds", "0", "", " '0' is not a whole number from 1 to 3153600000"),
        ("window_seconds", "1.5", "", " '1.5' is not a whole number from 1 to 3153600000"),
        ("window_seconds", "3153600001", "", " '3153600001' is not a whole number from 1 to"),
        ("max_steps", "four", "", " 'four' is not a whole number; give one from 2 to 10"),
        ("max_steps", "4.0", "", " '4.0' is not a whole number"),
        ("max_steps", "٤", "", " '٤' is not a whole number"),
        ("collapse_repeats", "yes", "", " 'yes' is not one of true, false, 1, 0"),
        ("drop_off", "TRUE", "", " 'TRUE' is not one of true, false, 1, 0"),
        ("nodes_per_step", "0", "", " '0' is not a whole number from 1 to 100"),
        ("nodes_per_step", "101", "", " '101' is not a whole number from 1 to 100"),
        ("direction", "up", "", " 'up' is not one of forward, backward"),
        ("end_mode", "both", "", " 'both' is not one of only, mark"),
        ("revenue", "yes", "", " 'yes' is not one of true, false, 1, 0"),
        ("anchors", SWAP, "", " (an object) is not a JSON array of steps"),
        ("anchors", f"[{','.join([SWAP] * 9)}]", "", " has 9 steps; at most 8"),
        (
            "anchors",
            f'[{SWAP},{{"type":"page","event":"x"}}]',
            ".1.type",
            " 'page' is not one of event,",
        ),
        ("percentage_base", "all", "", " 'all' is not one of step, source, start"),
        ("limit", "100001", "", " '100001' is not a whole number from 1 to 100000"),
        ("offset", "-1", "", " '-1' is not a whole number from 0 to 1000000000"),
        ("end_step", "{", "", " '{' is not valid JSON (Input data was truncated); write {"),
        ("end_step", '{"type":"x","event":"y"}', ".type", " 'x' is not one of event, track,"),
        ("global_filters", "[3]", ".0", " 3 is not a JSON object; write {"),
        (
            "exclude",
            "a,,b",
            "",
            " '' is not a label; give labels, as in /login or connect, or steps",
        ),
        (
            "exclude",
            "[7]",
            ".0",
            " 7 is not a label; give labels, as in /login or connect, or steps",
        ),
        ("exclude", '["a",""]', ".1", " '' is not a label"),
        ("exclude", "[", "", " '[' is not valid JSON"),
        ("exclude", '["a",{"event":"x"}]', ".1.type", " is missing; one of event, track,"),
        ("exclude", "a," * 50 + "a", "", " has 51 labels; at most 50"),
        ("exclude", json.dumps(["a"] * 51), "", " has 51 labels and steps; at most 50"),
        ("exclude", "/" + "*" * 21, "", f" '/{'*' * 21}' has more than 20 '*'"),
        ("exclude", json.dumps(["/" * 2049]), ".0", f" '{'/' * 64}'… is 2049 characters long;"),
        ("exclude", "a\0", "", " 'a\\x00' contains a NUL character"),
        ("exclude", MANY_FILTERS, "", " has 52 conditions; at most 50 in all steps"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, field: str, message: str) -> None:
    named, said = refusal((name, value))
    assert named == name + field
    assert said.startswith(named + message)


def test_a_start_step_is_required() -> None:
    for params in ((), (("start_step", "null"),)):
        with pytest.raises(BadRequest) as caught:
            parse_flow(params, ASKED)
        assert caught.value.field == "start_step"
        assert caught.value.message == f"start_step is missing; give {STEP_EXAMPLE}"


def test_a_parameter_given_twice_with_two_values_is_refused() -> None:
    assert parse(("limit", "5"), ("limit", "5")).limit == 5
    assert refusal(("limit", "5"), ("limit", "6"))[0] == "limit"
    assert refusal(("start_step", SWAP)) == (
        "start_step",
        "start_step is given with two values; give one",
    )
