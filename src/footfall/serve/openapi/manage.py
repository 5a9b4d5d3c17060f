"""The dashboard's own calls in the OpenAPI document, made from their table."""

import re
import types
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from footfall.serve.http.browser import COOKIE, CSRF_HEADER
from footfall.serve.openapi.component import SENT, Json, Schema, rows_of
from footfall.serve.openapi.given import GIVEN_TEXT
from footfall.serve.openapi.operation import failures_of, parameters_of
from footfall.serve.rest.manage.call import ManageCall, OneAnswer
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.route import PAGE

COOKIE_SCHEME: Json = {
    "type": "apiKey",
    "in": "cookie",
    "name": COOKIE,
    "description": f"Set by signing in; over TLS its name is `__Host-{COOKIE}`. Everything but GET"
    f" also needs the header {CSRF_HEADER}",
}
_PATH_NAMES = {name for call in MANAGE_CALLS for name in re.findall(r"{(\w+)}", call.path)}
MANAGE_PARAMETERS: Json = {
    "csrf": {
        **{"name": CSRF_HEADER, "in": "header"},
        "schema": {"type": "string"},
        "description": "The value of `csrf` in GET /me. Needed with the cookie, not with a token",
    },
    **{
        f"path_{name}": {
            **{"name": name, "in": "path", "required": True},
            "schema": {**GIVEN_TEXT, "minLength": 1},
            "description": description,
        }
        for name, description in {
            "id": "As the list has it",
            "code": "As the link has it",
            "slug": "As the link has it",
            "name": "The goal's name",
        }.items()
        if name in _PATH_NAMES
    },
}
_SUCCESS = "Done; changes are on disk"


def manage_paths() -> dict[str, Json]:
    """The operations by path."""
    found: dict[str, Json] = {}
    for call in MANAGE_CALLS:
        found.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return found


@lru_cache(maxsize=256)
def one_of(row: type) -> Any:
    """The answer with one thing of this type."""
    name = f"{row.__name__.removesuffix('Row')}One"
    return types.new_class(name, (OneAnswer[row],), SENT)  # type: ignore[valid-type]


def _operation(call: ManageCall) -> Json:
    names = [f"path_{name}" for name in re.findall(r"{(\w+)}", call.path)]
    names += [*call.parameters, *(PAGE if call.is_list else ())]
    if call.method != "GET" and not call.is_open:
        names.append("csrf")
    found: Json = {
        "operationId": call.name,
        "summary": call.summary,
        "tags": ["access"],
        "parameters": parameters_of(names),
        "responses": {
            "200": {
                "description": _SUCCESS if call.method != "GET" else "The answer",
                "content": {"application/json": {"schema": _answer(call)}},
            },
            **failures_of(names, _failures(call)),
        },
    }
    if call.is_open:
        found["security"] = []
    if call.body is not None:
        content = {"application/json": {"schema": call.body}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _failures(call: ManageCall) -> Sequence[str]:
    body = ("413",) if call.body is not None else ()
    limit = () if call.is_open and call.method == "GET" else ("429",)
    origin = ("403",) if not call.is_open or call.method != "GET" else ()
    admission = () if call.is_open else ("401",)
    always = ("400", "414", "500", "503")
    return sorted({*always, *call.failures, *body, *limit, *origin, *admission})


def _answer(call: ManageCall) -> Schema:
    schema: Schema = rows_of(call.answer) if call.is_list else one_of(call.answer)
    return schema
