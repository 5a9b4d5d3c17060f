"""Visitors in the OpenAPI document: parameters and operations."""

from footfall.model.flow import MAX_STEPS
from footfall.model.funnel import MAX_FUNNEL_STEPS
from footfall.model.period import MOMENT_PATTERN
from footfall.model.uid import UID_PATTERN
from footfall.model.visitor_list import ORDERS, VISITOR_SORTS
from footfall.query.ask import REPORTS
from footfall.query.parse.given import MAX_SEARCH
from footfall.query.parse.visitor import CURSOR_PATTERN, INCLUDED, MAX_ACTIONS
from footfall.query.parse.visitor_list import (
    FLOW_LINK_PARAMS,
    FLOW_PART_PARAMS,
    FUNNEL_PART_PARAMS,
    FUNNEL_STEP_PARAMS,
    MAX_LABEL,
    VISITOR_CURSOR_PATTERN,
)
from footfall.serve.openapi.component import Json
from footfall.serve.openapi.given import GIVEN_SWITCH, GIVEN_TEXT
from footfall.serve.openapi.operation import parameter, reading
from footfall.serve.openapi.table import TABLE_PARAMETERS
from footfall.serve.rest.route import PERIOD, SELECTOR


def _optional(name: str, description: str) -> Json:
    """A parameter of a flow or funnel where it is not required."""
    known = TABLE_PARAMETERS[name]
    assert isinstance(known, dict)
    return {**known, "required": False, "description": f"{description}. JSON text, as in a report"}


VISITOR_PARAMETERS: Json = {
    "visitor_id": {
        **{"name": "id", "in": "path", "required": True},
        "description": "A `visitorId` of a list or map, or the value of the cookie `_fs_vid`. The"
        " former is tried first",
        "schema": {"type": "string", "pattern": f"^{UID_PATTERN}$"},
    },
    "visitor_limit": parameter(
        "limit",
        "Rows of each list, the newest",
        {"type": "integer", "minimum": 1, "maximum": MAX_ACTIONS, "default": MAX_ACTIONS},
    ),
    "before": parameter(
        "before",
        "Lists contain only what is older than this: an ISO 8601 time or, so that nothing of the"
        " same instant is missing or repeated, the `cursor` of the last row",
        {"type": "string", "pattern": f"^(?:{MOMENT_PATTERN}|{CURSOR_PATTERN})$"},
    ),
}
VISITOR_PARAMETERS["include"] = parameter(
    "include",
    "Adds lists to the answer: visits, events of all types",
    {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(INCLUDED)}},
)
LIST_PARAMETERS: Json = {
    "visitor_search": parameter(
        "search",
        "Keeps visitors whose user id, e-mail address, name or wallet contains this in any case,"
        " whose visitorId begins with it, or whose cookie `_fs_vid` it is",
        {**GIVEN_TEXT, "maxLength": MAX_SEARCH},
    ),
    "visitor_sort": parameter(
        "sort",
        "The number that orders the list",
        {"type": "string", "enum": list(VISITOR_SORTS), "default": VISITOR_SORTS[0]},
    ),
    "visitor_order": parameter(
        "order",
        "`desc`: the largest or latest first",
        {"type": "string", "enum": list(ORDERS), "default": ORDERS[0]},
    ),
    "cursor": parameter(
        "cursor",
        "Continues the list: `pagination.next` of the page before, with the same parameters",
        {"type": "string", "pattern": f"^{VISITOR_CURSOR_PATTERN}$"},
    ),
    "visitors_start_step": _optional(
        "start_step", "Asks for the visitors of this flow's paths, or of one transition"
    ),
    "flow_step": parameter(
        "flow_step",
        "With start_step: the step of the transition whose visitors are asked for",
        {"type": "integer", "minimum": 1, "maximum": MAX_STEPS},
    ),
    "flow_source": parameter(
        "flow_source",
        "With flow_step: the row's `source`; without it any",
        {**GIVEN_TEXT, "maxLength": MAX_LABEL},
    ),
    "flow_target": parameter(
        "flow_target",
        "With flow_step: the row's `target`, `__DROP_OFF__` among them; without it any",
        {**GIVEN_TEXT, "maxLength": MAX_LABEL},
    ),
    "visitors_steps": _optional("steps", "Asks for the people at a step of this funnel"),
    "funnel_step": parameter(
        "funnel_step",
        "With steps: the step that they got to or further, 1 if it is missing",
        {"type": "integer", "minimum": 1, "maximum": MAX_FUNNEL_STEPS},
    ),
    "dropped": parameter(
        "dropped", "With steps: those who got to funnel_step and no further", GIVEN_SWITCH
    ),
}
_BEHIND = {"start_step": "visitors_start_step", "steps": "visitors_steps"}
"""Parameters that a flow or funnel requires and the list does not."""
LIST_NAMES = tuple(
    dict.fromkeys(
        _BEHIND.get(name, name)
        for name in (
            *("visitor_search", "visitor_sort", "visitor_order", "cursor", "limit"),
            *(*FLOW_LINK_PARAMS, *FLOW_PART_PARAMS, *FUNNEL_STEP_PARAMS, *FUNNEL_PART_PARAMS),
        )
    )
)


def visitor_list_path(filters: tuple[str, ...]) -> Json:
    """The GET of the list."""
    report = REPORTS["visitors"]
    parameters = (*SELECTOR, *PERIOD, "bots", *LIST_NAMES, *filters)
    answered = reading(
        *("visitors", report.summary, "people", parameters, report.answer),
        has_csv=True,
    )
    return {"/visitors": {"get": answered}}


def visitor_paths() -> Json:
    """The GETs of one visitor."""
    story, export = REPORTS["visitor"], REPORTS["visitor_export"]
    parameters = ("visitor_id", *SELECTOR, "timezone")
    return {
        "/visitors/{id}": {
            "get": reading(
                *("visitor", story.summary, "people"),
                (*parameters, "visitor_limit", "before", "include"),
                story.answer,
            )
        },
        "/visitors/{id}/export": {
            "get": reading("export_visitor", export.summary, "people", parameters, export.answer)
        },
    }
