"""Filters of events: both spellings, values of all kinds, and what is wrong with the others."""

import json
from typing import Any

import pytest

from footfall.model.errors import BadRequest
from footfall.model.step import EVENT_COLUMNS, OPERATORS, Condition
from footfall.query.parse.condition import read_conditions, split_joined
from footfall.query.sql.event import EventTests
from footfall.query.sql.statement import Values

VALID = (
    "equals, notEquals, in, notIn, gt, lt, gte, lte, startsWith, endsWith, includes, notEmpty,"
    " isEmpty, eq, neq, nin, contains"
)
MOBILE = {"operand": "device", "operator": "equals", "value": "mobile"}


def read(*filters: Any) -> tuple[Condition, ...]:
    return read_text(json.dumps(filters))


def read_text(text: str) -> tuple[Condition, ...]:
    return read_conditions({"global_filters": text})


def values(operator: str, **members: Any) -> tuple[str, ...]:
    [condition] = read({"field": "plan", "op": operator, **members})
    return condition.values


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        read_text(text)
    return caught.value.field, caught.value.message


def test_both_spellings_of_a_filter_say_the_same() -> None:
    older = read(MOBILE)
    newer = read({"field": "device", "op": "eq", "value": "mobile"})
    assert older == newer == (Condition(field="device", operator="equals", values=("mobile",)),)
    assert read({**MOBILE, "field": "device", "op": "equals", "more": {"a": [1]}}) == older


@pytest.mark.parametrize("text", ["null", "[]"])
def test_an_empty_array_has_no_conditions(text: str) -> None:
    assert read_text(text) == ()
    assert read_conditions({}) == ()


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_taken(operator: str) -> None:
    [condition] = read({"field": "device", "op": operator, "value": "12"})
    assert condition.operator == operator


@pytest.mark.parametrize(
    ("alias", "operator"),
    [("eq", "equals"), ("neq", "notEquals"), ("nin", "notIn"), ("contains", "includes")],
)
def test_newer_spellings_of_operators_are_taken(alias: str, operator: str) -> None:
    [condition] = read({"field": "device", "op": alias, "value": "x"})
    assert condition.operator == operator


def test_a_name_other_than_a_columns_is_a_property_whose_dots_look_inside() -> None:
    [condition] = read({"field": "user.plan", "op": "eq", "value": "pro"})
    assert condition.property_path == ("user", "plan")
    for column in EVENT_COLUMNS:
        [condition] = read({"field": column, "op": "isEmpty"})
        assert condition.property_path == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", "1"),
        ("", ""),
        (1, "1"),
        (-0.5, "-0.5"),
        (1e18, "1000000000000000000"),
        (100.0, "100"),
        (1e22, "1e22"),
        (True, "true"),
        (False, "false"),
        (2**70, str(2**70)),
    ],
)
def test_a_value_is_a_text_or_the_json_text_of_a_scalar(value: object, text: str) -> None:
    assert values("equals", value=value) == (text,)
    assert values("in", values=[value]) == (text,)


def test_a_number_is_written_as_properties_are() -> None:
    [condition] = read_text('[{"field":"price","op":"eq","value":1.50}]')
    assert condition.values == ("1.5",)


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("location", "Germany", "DE"),
        ("country", "KOR", "KR"),
        ("country", "Côte d'Ivoire", "CI"),
        ("country", "Atlantis", "Atlantis"),
        ("country", "de", "de"),  # values are compared case-sensitively
        ("location", "uk", "uk"),
        ("referrer", "münchen.example", "xn--mnchen-3ya.example"),
        ("origin", "straße.example", "xn--strae-oqa.example"),
        ("origin", "Shop.example", "Shop.example"),
    ],
)
def test_countries_and_hosts_are_compared_as_they_are_stored(
    field: str, written: str, stored: str
) -> None:
    for operator in ("equals", "notEquals", "in", "notIn"):
        [condition] = read({"field": field, "op": operator, "value": written})
        assert condition.values == (stored,)


def test_a_text_is_found_as_written_and_as_cleaned_when_it_was_stored() -> None:
    [page] = read({"field": "page_path", "op": "equals", "value": "/a\u202e\nb"})
    assert page.values == ("/a\u202e\nb", "/a b", "/a \nb")


def test_in_takes_values_first_else_a_joined_value() -> None:
    assert values("in", value="x", values=["a", "b|c", "a"]) == ("a", "b|c")
    assert values("notIn", value="a|b") == ("a", "b")
    assert values("in", value="a|b", values=[]) == ("a", "b")
    assert values("in", value="a", values=None) == ("a",)
    assert values("in", value=["a", 1]) == ("a", "1")
    assert values("in", value=137) == ("137",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ["a"]),
        ("a||b|", ["a", "", "b", ""]),
        (r"a\|b|c", ["a|b", "c"]),
        (r"a\\|b", ["a\\", "b"]),
        (r"a\\\|b", [r"a\|b"]),
        (r"\n|\\", [r"\n", "\\"]),
        ("a\\", ["a\\"]),
    ],
)
def test_a_backslash_keeps_a_bar(text: str, parts: list[str]) -> None:
    assert split_joined(text) == parts


def test_other_operators_take_a_value_or_the_only_one_of_values() -> None:
    assert values("equals", values=["pro"]) == ("pro",)
    assert values("equals", value="a|b", values=["x", "y"]) == ("a|b",)
    assert values("gte", values=[12]) == ("12",)


def test_empty_tests_need_no_value_and_ignore_it() -> None:
    assert values("notEmpty") == values("isEmpty", value=[{}], values=3) == ()


@pytest.mark.parametrize("number", ["12", "-0.5", "1e18", "1.5E-3", 7, -0.25])
def test_comparisons_take_numbers(number: object) -> None:
    assert len(values("gt", value=number)) == 1


@pytest.mark.parametrize("text", ["x", "+1", "1.", ".5", "0x10", "NaN", "inf", "1 ", "١", True])
def test_a_comparison_with_a_text_that_is_not_a_number_is_accepted_and_false(text: object) -> None:
    [condition] = read({"field": "price", "op": "lt", "value": text})
    assert EventTests(Values()).conditions([condition]) == "false"


AT = "global_filters"
EXAMPLE = '{"field":"device","op":"equals","value":"mobile"}'


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        ({"a": 1}, AT, f"{AT} (an object) is not a JSON array of conditions"),
        ("x", AT, f"{AT} 'x' is not a JSON array of conditions"),
        (0, AT, f"{AT} 0 is not a JSON array of conditions"),
        ([5], f"{AT}.0", f"{AT}.0 5 is not a JSON object; write {EXAMPLE}"),
        ([None], f"{AT}.0", f"{AT}.0 null is not a JSON object; write {EXAMPLE}"),
        (
            [{**MOBILE, "operator": "like"}],
            f"{AT}.0.operator",
            f"{AT}.0.operator 'like' is not one of {VALID}",
        ),
        (
            [MOBILE, {"field": "os", "op": "Equals", "value": ""}],
            f"{AT}.1.op",
            f"{AT}.1.op 'Equals' is not one of {VALID}",
        ),
        (
            [{**MOBILE, "operator": 1}],
            f"{AT}.0.operator",
            f"{AT}.0.operator 1 is not one of {VALID}",
        ),
        (
            [{"operand": "os", "value": "x"}],
            f"{AT}.0.operator",
            f"{AT}.0.operator is missing; one of {VALID}",
        ),
        (
            [{"op": "eq", "value": "x"}],
            f"{AT}.0.operand",
            f"{AT}.0.operand is missing; give a column, as in device, or a property's name",
        ),
        (
            [{**MOBILE, "field": "os"}],
            f"{AT}.0.operand",
            f"{AT}.0 has operand and field, and they differ; give one of them",
        ),
        (
            [{**MOBILE, "op": "in"}],
            f"{AT}.0.operator",
            f"{AT}.0 has operator and op, and they differ; give one of them",
        ),
        (
            [{**MOBILE, "operand": 5}],
            f"{AT}.0.operand",
            f"{AT}.0.operand 5 is not a text; give a column or a property's name",
        ),
        (
            [{"field": "a..b", "op": "isEmpty"}],
            f"{AT}.0.field",
            f"{AT}.0.field 'a..b' has an empty part; write names with single dots, as in user.plan",
        ),
        (
            [{"field": "a" * 257, "op": "isEmpty"}],
            f"{AT}.0.field",
            f"{AT}.0.field '{'a' * 64}'… is 257 characters long; at most 256",
        ),
        (
            [{"field": "a\0", "op": "isEmpty"}],
            f"{AT}.0.field",
            f"{AT}.0.field 'a\\x00' contains a NUL character",
        ),
        (
            [{"operand": "os", "operator": "equals"}],
            f"{AT}.0.value",
            f"{AT}.0.value is missing; give the text, number, true or false that equals"
            " compares with",
        ),
        (
            [{**MOBILE, "value": None}],
            f"{AT}.0.value",
            f"{AT}.0.value is missing; give the text, number, true or false that equals"
            " compares with",
        ),
        (
            [{**MOBILE, "value": ["a"]}],
            f"{AT}.0.value",
            f"{AT}.0.value (an array) is not a valid value; give a text, a number, true or false",
        ),
        (
            [{"field": "os", "op": "eq", "values": ["a", "b"]}],
            f"{AT}.0.values",
            f"{AT}.0.values has 2 values, and equals takes one; give it as value, or use in",
        ),
        (
            [{"field": "os", "op": "in", "values": "a"}],
            f"{AT}.0.values",
            f"{AT}.0.values 'a' is not a JSON array of values",
        ),
        (
            [{"field": "os", "op": "in", "values": ["a", ["b"]]}],
            f"{AT}.0.values.1",
            f"{AT}.0.values.1 (an array) is not a valid value; give a text, a number,"
            " true or false",
        ),
        (
            [{"field": "os", "op": "in", "values": ["a", None]}],
            f"{AT}.0.values.1",
            f"{AT}.0.values.1 null is not a valid value; give a text, a number, true or false",
        ),
        (
            [{"field": "os", "op": "notIn", "value": ""}],
            f"{AT}.0.value",
            f"{AT}.0.value is missing; give values as an array, or value as a|b",
        ),
        (
            [{"field": "os", "op": "in", "values": []}],
            f"{AT}.0.value",
            f"{AT}.0.value is missing; give values as an array, or value as a|b",
        ),
        (
            [{"field": "os", "op": "in", "values": ["a"] * 201}],
            f"{AT}.0.values",
            f"{AT}.0.values has 201 values; at most 200",
        ),
        (
            [{"field": "os", "op": "in", "value": "a|" * 200}],
            f"{AT}.0.value",
            f"{AT}.0.value has 201 values; at most 200",
        ),
        (
            [{**MOBILE, "value": "x" * 100_000}],
            f"{AT}.0.value",
            f"{AT}.0.value '{'x' * 64}'… is 100000 characters long; at most 2048",
        ),
        (
            [{"field": "os", "op": "in", "value": "a|" + "x" * 2049}],
            f"{AT}.0.value",
            f"{AT}.0.value '{'x' * 64}'… is 2049 characters long; at most 2048",
        ),
        (
            [{**MOBILE, "value": "\0"}],
            f"{AT}.0.value",
            f"{AT}.0.value '\\x00' contains a NUL character",
        ),
        ([MOBILE] * 51, AT, f"{AT} has 51 conditions; at most 50"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(filters: Any, field: str, message: str) -> None:
    assert refusal(json.dumps(filters)) == (field, message)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Input data was truncated"),
        ("[NaN]", "invalid character"),
        ("[1e999]", "out of range"),
        ("[" * 100_000, "nested too deep"),
        (r'[{"field":"\ud800abcdefgh"}]', "surrogate"),
        ("[\ud800]", "surrogate"),
        ("[1" + "1" * 5000 + "]", "out of range"),
        ("[] []", "malformed"),
    ],
)
def test_invalid_json_is_refused_with_the_reason(text: str, why: str) -> None:
    field, message = refusal(text)
    assert field == AT
    assert message.startswith(f"{AT} ")
    assert " is not valid JSON (" in message
    assert why in message
    assert message.endswith(f"; write [{EXAMPLE}]")
    assert len(message) < 400


def test_what_lies_deep_in_an_ignored_member_does_not_matter() -> None:
    assert len(read_text('[{"field":"os","op":"isEmpty","x":' + "[" * 500 + "]" * 500 + "}]")) == 1


OS = {"operand": "os", "operator": "equals", "value": "ios"}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"filters": [MOBILE]}, ["device"]),
        ({"global_filters": [MOBILE], "filters": [OS]}, ["device", "os"]),
        ({"global_filters": [], "filters": [OS, MOBILE]}, ["os", "device"]),
        ({"filters": [{"field": "os", "op": "in", "values": ["ios"]}]}, ["os"]),
        ({"filters": [{**OS, "filters": [MOBILE, MOBILE]}]}, ["os", "device", "device"]),
        ({"filters": [{**OS, "filters": None}]}, ["os"]),
    ],
)
def test_filters_mean_global_filters_and_both_are_one_list(given, fields) -> None:
    read = read_conditions({name: json.dumps(value) for name, value in given.items()})
    assert [condition.field for condition in read] == fields


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("[", "filters", "filters '[' is not valid JSON"),
        ("{}", "filters", "filters (an object) is not a JSON array of conditions"),
        ('"device"', "filters", "filters 'device' is not a JSON array of conditions"),
        ("[1]", "filters.0", "filters.0 1 is not a JSON object; write {"),
        ('[{"field":"os","op":"is"}]', "filters.0.op", "filters.0.op 'is' is not one of equals"),
        ('[{"field":"os","op":"eq"}]', "filters.0.value", "filters.0.value is missing"),
        (json.dumps([OS] * 50), "filters", "filters: 51 conditions; at most 50 in global_filters"),
        (json.dumps([OS] * 51), "filters", "filters has 51 conditions; at most 50"),
        (
            json.dumps([{**OS, "filters": [5]}]),
            "filters.0.filters.0",
            "filters.0.filters.0 5 is not a JSON object",
        ),
        (
            json.dumps([{**OS, "filters": [{**OS, "filters": [OS]}]}]),
            "filters.0.filters.0.filters",
            "filters.0.filters.0.filters: conditions can be nested one level deep",
        ),
    ],
)
def test_what_is_wrong_in_filters_is_named(text, field, message) -> None:
    with pytest.raises(BadRequest) as caught:
        read_conditions({"global_filters": json.dumps([MOBILE]), "filters": text})
    assert caught.value.field == field
    assert caught.value.message.startswith(message)
