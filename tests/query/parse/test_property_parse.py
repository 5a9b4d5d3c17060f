"""Whatever a caller writes is understood, or refused naming the parameter; it never breaks."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query.ask import NOW, WEBSITE
from selection import IS_ALL

from footfall.model.errors import BadRequest
from footfall.model.step import EVENT_COLUMNS, OPERATOR_ALIASES, OPERATORS, STEP_TYPES
from footfall.query.parse.asked import asked_of_days, asked_of_report
from footfall.query.parse.condition import split_joined
from footfall.query.parse.flow import FLOW_PARAMS, parse_flow
from footfall.query.parse.funnel import FUNNEL_PARAMS, parse_funnel
from footfall.query.parse.given import Params
from footfall.query.parse.retention import RETENTION_PARAMS, cohort_weeks, parse_retention

pytestmark = pytest.mark.slow

DATES = ("dateFrom", "dateTo", "date_from", "date_to", "startAt", "endAt", "timezone", "bots")
APRIL = (("dateFrom", "2026-04-01"), ("dateTo", "2026-04-30"))
ASKED = asked_of_days(APRIL, WEBSITE, NOW)

any_text = st.text(st.characters(codec=None), max_size=20)  # lone surrogates and NUL as well
known_text = st.sampled_from(
    (*STEP_TYPES, *OPERATORS, *OPERATOR_ALIASES, *list(EVENT_COLUMNS)[:3], "page", "a|b", "a.b", "")
)
scalar = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()  # NaN and infinities are written too
    | known_text
    | any_text
)
any_json = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=8,
)
likely = known_text | any_json
condition = st.dictionaries(
    st.sampled_from(("operand", "field", "operator", "op", "value", "values", "x")), likely
)
step = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(STEP_TYPES) | likely,
        "event": likely,
        "resolved_event": likely,
        "status_type": likely,
        "status_value": likely,
        "name": likely,
        "filters": st.lists(condition, max_size=3) | likely,
    },
)
json_text = (any_json | step | condition | st.lists(step | condition | likely, max_size=12)).map(
    json.dumps
)
number_text = st.integers().map(str) | st.floats().map(str)
day_text = st.dates().map(str) | st.datetimes().map(str)
value_text = any_text | known_text | json_text | number_text | day_text


def any_params(names: tuple[str, ...]) -> st.SearchStrategy[Params]:
    return st.lists(st.tuples(st.sampled_from(names), value_text), max_size=6)


EXAMPLES = 200 if IS_ALL else 60
KNOWN = {"", *FLOW_PARAMS, *FUNNEL_PARAMS, *RETENTION_PARAMS, *DATES}


def refused(ask: Callable[[], object]) -> str:
    """The parameter that a refusal names; '' where the parameters are understood."""
    try:
        ask()
    except BadRequest as error:
        return error.field.split(".")[0] or "nothing named"
    return ""


@settings(max_examples=EXAMPLES, deadline=None)
@given(any_params(FLOW_PARAMS))
def test_any_parameters_of_a_flow_parse_or_are_refused(params: Params) -> None:
    start = ("start_step", '{"type":"event","event":"page"}')
    assert refused(lambda: parse_flow(params, ASKED)) in KNOWN
    others = [each for each in params if each[0] != "start_step"]
    assert refused(lambda: parse_flow([start, *others], ASKED)) in KNOWN


@settings(max_examples=EXAMPLES, deadline=None)
@given(any_params(FUNNEL_PARAMS), st.lists(step, min_size=1, max_size=11).map(json.dumps))
def test_any_parameters_of_a_funnel_parse_or_are_refused(params: Params, steps: str) -> None:
    assert refused(lambda: parse_funnel(params, ASKED)) in KNOWN
    assert refused(lambda: parse_funnel([("steps", steps)], ASKED)) in KNOWN


@settings(max_examples=EXAMPLES, deadline=None)
@given(any_params(RETENTION_PARAMS))
def test_any_parameters_of_retention_parse_or_are_refused(params: Params) -> None:
    assert refused(lambda: parse_retention(params, ASKED)) in KNOWN
    assert refused(lambda: cohort_weeks(params)) in KNOWN


@settings(max_examples=EXAMPLES, deadline=None)
@given(any_params(DATES), st.none() | st.integers(1, 52))
@pytest.mark.parametrize("ask", [asked_of_days, asked_of_report])
def test_any_dates_parse_or_are_refused(
    ask: Callable[..., object], params: Params, weeks: int | None
) -> None:
    assert refused(lambda: ask(params, WEBSITE, NOW, default_weeks=weeks)) in KNOWN


@given(st.text(), st.text())
def test_a_parameter_that_is_not_json_is_named(text: str, rest: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_flow([("start_step", "{" + text + "'" + rest)], ASKED)
    assert caught.value.field.startswith("start_step")


@given(st.lists(st.text("ab|\\", max_size=6), min_size=1, max_size=6))
def test_escaped_texts_come_back_out_of_a_joined_value(parts: list[str]) -> None:
    joined = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    assert split_joined(joined) == parts
