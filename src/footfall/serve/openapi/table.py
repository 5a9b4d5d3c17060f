"""Flow, funnel and retention in the OpenAPI document: parameters and operations."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.event import EVENT_TYPES
from footfall.model.flow import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    DEFAULT_WINDOW_S,
    DIRECTIONS,
    END_MODES,
    MAX_ANCHORS,
    MAX_NODES_PER_STEP,
    MAX_ROWS,
    MAX_STEPS,
    MAX_WINDOW_S,
    MIN_STEPS,
    PERCENTAGE_BASES,
)
from footfall.model.funnel import (
    BUILDER_CODES,
    DEFAULT_GROUPS,
    FUNNEL_TYPES,
    MAX_FUNNEL_STEPS,
    MAX_GROUPS,
    MIN_FUNNEL_STEPS,
    TOUCHES,
)
from footfall.model.retention import (
    DEFAULT_COHORTS,
    DEFAULT_MIN_USERS,
    ID_TYPES,
    MAX_COHORTS,
    MAX_MIN_USERS,
)
from footfall.model.step import EVENT_COLUMNS, OPERATOR_ALIASES, OPERATORS, STEP_TYPES
from footfall.query.ask import TABLE_REPORTS
from footfall.query.parse.condition import CONDITION_PARAMS
from footfall.query.parse.flow import EXCLUDED_PATTERN
from footfall.query.parse.json_value import MAX_TEXT
from footfall.serve.openapi.component import Json, rows_of
from footfall.serve.openapi.given import GIVEN_SWITCH, GIVEN_TEXT
from footfall.serve.openapi.operation import json_parameter, parameter, reading
from footfall.serve.rest.route import PERIOD, SELECTOR

_Value = str | float | bool
_Operator = Annotated[str, Meta(extra_json_schema={"enum": [*OPERATORS, *OPERATOR_ALIASES]})]


class Condition(msgspec.Struct, kw_only=True):
    operand: Annotated[str | UnsetType, Meta(description="A column, or the name of a property")] = (
        UNSET
    )
    field: Annotated[str | UnsetType, Meta(description="The same as operand")] = UNSET
    operator: _Operator | UnsetType = UNSET
    op: Annotated[_Operator | UnsetType, Meta(description="The same as operator")] = UNSET
    value: _Value | list[_Value] | None = None
    values: list[_Value] | None = None
    filters: Annotated[
        list["Condition"] | None,
        Meta(description="Further conditions on the same event, one level deep"),
    ] = None


class Step(msgspec.Struct, kw_only=True):
    """Which events a step means: pages are type `event` and event `page`, with the path as
    resolved_event; goals are type `track` and their name as event."""

    type: Annotated[str, Meta(extra_json_schema={"enum": list(STEP_TYPES)})]
    event: Annotated[
        str,
        Meta(description="`page` or another built-in name, or a goal's or contract event's name"),
    ]
    resolved_event: Annotated[
        str | None,
        Meta(description="What counts: __ALL_PAGE_VIEWS__, a path, or the event's name"),
    ] = None
    name: Annotated[str | None, Meta(description="Comes back as a funnel's `event`")] = None
    filters: list[Condition] | None = None
    status_type: Literal["transaction", "signature", ""] | None = None
    status_value: Annotated[str | None, Meta(examples=["success"])] = None


TABLE_FURTHER: Mapping[str, Json] = {
    "Condition": {
        "description": "A test of one event. Columns: "
        + "; ".join(f"`{name}` {rule}" for name, rule in EVENT_COLUMNS.items())
        + ". Anything else is a property of the event",
        "allOf": [
            {"anyOf": [{"required": ["operand"]}, {"required": ["field"]}]},
            {"anyOf": [{"required": ["operator"]}, {"required": ["op"]}]},
        ],
    }
}

_START = {"type": "event", "event": "page", "resolved_event": "__ALL_PAGE_VIEWS__"}
_END = {"type": "track", "event": "signup", "resolved_event": "signup"}
_PRICING = {"type": "event", "event": "page", "resolved_event": "/pricing"}
_MOBILE = [{"field": "device", "op": "equals", "value": "mobile"}]

OWN_PARAMETERS: dict[str, tuple[str, ...]] = {
    "flow": (
        *(
            "start_step",
            "end_step",
            "end_mode",
            "anchors",
            *CONDITION_PARAMS,
            "window_seconds",
            "max_steps",
        ),
        *("collapse_repeats", "exclude", "nodes_per_step", "direction", "drop_off"),
        *("percentage_base", "flow_revenue", "flow_limit", "offset"),
    ),
    "funnel": (
        *("steps", *CONDITION_PARAMS, "window_seconds", "funnel_type", "group_by", "breakdown"),
        *("funnel_limit", "breakdown_top_n", "touch", "funnel_revenue"),
    ),
    "retention": (
        *("id_type", "event_type", "event_name", *CONDITION_PARAMS, "min_users"),
        "retention_limit",
    ),
}
"""By report; as the document's components name them."""
_NAMES = {
    "flow_revenue": "revenue",
    "funnel_revenue": "revenue",
    "flow_limit": "limit",
    "funnel_limit": "limit",
    "retention_limit": "limit",
    "touch": "attribution",
}


def own_names(report: str) -> tuple[str, ...]:
    """A report's own parameters, as callers name them."""
    return tuple(_NAMES.get(name, name) for name in OWN_PARAMETERS[report])


def _choice(description: str, name: str, choices: tuple[str, ...], default: str = "") -> Json:
    schema: Json = {"type": "string", "enum": list(choices)}
    return parameter(name, description, schema | ({"default": default} if default else {}))


def _whole(name: str, description: str, lowest: int, highest: int, default: int = 0) -> Json:
    schema: Json = {"type": "integer", "minimum": lowest, "maximum": highest}
    return parameter(name, description, schema | ({"default": default} if default else {}))


_FLOW: Json = {
    "start_step": json_parameter(
        "start_step",
        "Where paths begin: a session's earliest matching event within the dates",
        Step,
        _START,
        is_required=True,
    ),
    "end_step": json_parameter(
        "end_step",
        "Keeps sessions that reach this inside the window and cuts their paths there; that"
        " node's label ends in __END_MATCH__",
        Step,
        _END,
    ),
    "end_mode": _choice(
        "`only` leaves out the sessions that do not reach end_step; `mark` keeps them, so that end"
        " and drop-off appear in one picture",
        *("end_mode", END_MODES, "only"),
    ),
    "anchors": json_parameter(
        "anchors",
        f"Up to {MAX_ANCHORS} steps that a path must pass through after its start and before its"
        " end, in this order",
        Annotated[list[Step], Meta(max_length=MAX_ANCHORS)],
        [_PRICING],
    ),
    "global_filters": json_parameter(
        "global_filters",
        "Conditions on every event, the start event included",
        list[Condition],
        _MOBILE,
    ),
    "filters": json_parameter(
        "filters",
        "The same as global_filters. If both are given, an event must meet all conditions of both",
        list[Condition],
        _MOBILE,
    ),
    "window_seconds": _whole(
        "window_seconds",
        "How long after its first event a path or funnel can continue",
        *(1, MAX_WINDOW_S, DEFAULT_WINDOW_S),
    ),
    "max_steps": parameter(
        "max_steps",
        f"The most transitions of a path; less counts as {MIN_STEPS}, more as {MAX_STEPS}",
        {"type": "integer", "default": DEFAULT_STEPS},
    ),
    "collapse_repeats": parameter(
        "collapse_repeats", "Equal labels in a row are one node", GIVEN_SWITCH
    ),
    "exclude": parameter(
        "exclude",
        "Events that are dropped: labels, comma-separated (`*` and `**` in paths), or a JSON"
        " array of labels and steps",
        {"type": "string", "pattern": f"^{EXCLUDED_PATTERN}$", "examples": ["/login,connect"]},
    ),
    "nodes_per_step": _whole(
        "nodes_per_step",
        "The largest nodes of each step; the rest is `Others`. Without it all",
        *(1, MAX_NODES_PER_STEP),
    ),
    "direction": _choice(
        "`backward`: what came before the start event", "direction", DIRECTIONS, "forward"
    ),
    "drop_off": parameter(
        "drop_off", "Rows with `__DROP_OFF__` for sessions whose path ended", GIVEN_SWITCH
    ),
    "percentage_base": _choice(
        "What percentages are of: the step's transitions, those leaving the source, or all"
        " sessions with a start event",
        *("percentage_base", PERCENTAGE_BASES, "step"),
    ),
    "flow_revenue": parameter(
        "revenue",
        "Adds `revenue` to every row, and `totals`: what was paid in the period in the sessions of"
        " a transition, new and renewal payments",
        GIVEN_SWITCH,
    ),
    "flow_limit": _whole("limit", "Rows to answer", 1, MAX_ROWS, DEFAULT_ROWS),
}
_FUNNEL: Json = {
    "steps": json_parameter(
        "steps",
        f"{MIN_FUNNEL_STEPS} to {MAX_FUNNEL_STEPS} steps",
        Annotated[list[Step], Meta(min_length=MIN_FUNNEL_STEPS, max_length=MAX_FUNNEL_STEPS)],
        [_START, _END],
        is_required=True,
    ),
    "funnel_type": _choice(
        "`closed`: in order and inside the window; `open`: in any order inside the dates",
        *("funnel_type", FUNNEL_TYPES, "closed"),
    ),
    "group_by": _choice(
        "A row per step and value of this", "group_by", (*EVENT_COLUMNS, BUILDER_CODES)
    ),
    "breakdown": _choice("The same as group_by", "breakdown", (*EVENT_COLUMNS, BUILDER_CODES)),
    "funnel_limit": _whole(
        "limit",
        "The largest values of group_by; the rest is `Others`",
        1,
        MAX_GROUPS,
        DEFAULT_GROUPS,
    ),
    "breakdown_top_n": _whole("breakdown_top_n", "The same as limit", 1, MAX_GROUPS),
    "touch": _choice(
        "Which event gives the value of group_by: the first step's or the deepest",
        *("attribution", TOUCHES, "first_touch"),
    ),
    "funnel_revenue": parameter(
        "revenue",
        "Adds `revenue` to every row, and `totals`: what those at a step paid from there on, inside"
        " the window, new and renewal payments; of a step `payment` that payment",
        GIVEN_SWITCH,
    ),
}
_RETENTION: Json = {
    "id_type": _choice("Who returns: visitors or wallets", "id_type", ID_TYPES, ID_TYPES[0]),
    "event_type": _choice("Only events of this type count as a return", "event_type", EVENT_TYPES),
    "event_name": parameter(
        "event_name",
        "Only events of this name count as a return",
        {**GIVEN_TEXT, "maxLength": MAX_TEXT},
    ),
    "min_users": _whole(
        "min_users", "Smaller cohorts are left out", 1, MAX_MIN_USERS, DEFAULT_MIN_USERS
    ),
    "retention_limit": _whole("limit", "The newest cohorts", 1, MAX_COHORTS, DEFAULT_COHORTS),
}
TABLE_PARAMETERS: Json = {**_FLOW, **_FUNNEL, **_RETENTION}


def table_operation(name: str, filters: tuple[str, ...]) -> Json:
    """The GET of the web analytics API."""
    report = TABLE_REPORTS[name]
    parameters = (*SELECTOR, *PERIOD, "bots", *OWN_PARAMETERS[name], *filters)
    answer = rows_of(report.row, report.totals)
    return reading(name, report.summary, "paths", parameters, answer, has_csv=True)
