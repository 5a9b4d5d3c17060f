"""One visitor in the OpenAPI document: parameters and operations."""

from footfall.model.period import MOMENT_PATTERN
from footfall.model.uid import UID_PATTERN
from footfall.query.ask import REPORTS
from footfall.query.parse.visitor import CURSOR_PATTERN, MAX_ACTIONS
from footfall.serve.openapi.component import Json
from footfall.serve.openapi.operation import parameter, reading
from footfall.serve.rest.route import SELECTOR

VISITOR_PARAMETERS: Json = {
    "visitor_id": {
        **{"name": "id", "in": "path", "required": True},
        "description": "A `visitorId` of /realtime/map, or the value of the cookie `_fs_vid`. The"
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


def visitor_paths() -> Json:
    """The GETs of one visitor."""
    story, export = REPORTS["visitor"], REPORTS["visitor_export"]
    parameters = ("visitor_id", *SELECTOR, "timezone")
    return {
        "/visitors/{id}": {
            "get": reading(
                *("visitor", story.summary, "people"),
                (*parameters, "visitor_limit", "before"),
                story.answer,
            )
        },
        "/visitors/{id}/export": {
            "get": reading("export_visitor", export.summary, "people", parameters, export.answer)
        },
    }
