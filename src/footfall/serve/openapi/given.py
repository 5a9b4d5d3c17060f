"""Schemas of what a caller gives as a parameter."""

from footfall.model.period import DAY_PATTERN, MOMENT_PATTERN, timezone_names
from footfall.query.parse.given import SWITCHES
from footfall.serve.openapi.component import Json

GIVEN_TEXT: Json = {"type": "string", "pattern": r"^[^\u0000]*$"}
GIVEN_DAY: Json = {"type": "string", "format": "date", "pattern": f"^{DAY_PATTERN}$"}
GIVEN_MOMENT: Json = {"type": "string", "pattern": f"^{MOMENT_PATTERN}$"}
GIVEN_SWITCH: Json = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "string", "enum": [text for text in SWITCHES if text not in ("true", "false")]},
    ],
    "default": False,
}


def timezone_schema() -> Json:
    """The zones by name, as a pattern: some generators cannot make names of `Etc/GMT+1` and
    `Etc/GMT-1` that differ, as an enumeration would need."""
    names = "|".join(name.replace("+", r"\+") for name in timezone_names())
    return {"type": "string", "pattern": f"^(?:{names})$", "examples": ["Europe/Vienna"]}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
