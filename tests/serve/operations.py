"""Every operation of the OpenAPI document, and which of them are about no website.

Generic tests go through this list, so that a new route is tested on the day it appears. What they
leave out is left out here, with the reason.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from footfall.serve.openapi.document import openapi_document

DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document()))
ABOUT_NO_WEBSITE: Mapping[str, str] = {
    "GET /websites": "lists the token's websites",
    "GET /workspaces": "answers the token's workspace",
    "GET /schema": "explains numbers and dimensions, which are the same for all websites",
}
"""Operations of the published APIs that take no selector, and why."""
_FILTERS = [{"dimension": "page", "value": "/"}]
_BODIES: Mapping[str, object] = {
    "POST /events": [{"url": "https://example.com/"}],
    "POST /goals": {"name": "signup"},
    "POST /payments": {"amount": 1, "currency": "EUR", "transactionId": "t1"},
    "POST /v0/raw_events": [{"type": "page", "channel": "web", "version": "1"}],
    "POST /segments": {"name": "one", "filters": _FILTERS},
    "POST /funnels": {"name": "one", "parameters": {}},
    "POST /flows": {"name": "one", "parameters": {}},
    "POST /annotations": {"name": "one", "at": "2026-11-01"},
}


class Operation(NamedTuple):
    method: str
    path: str

    @property
    def route(self) -> str:
        """As in the tables of rules: "GET /overview"."""
        return f"{self.method} {self.path}"

    @property
    def documented(self) -> dict[str, Any]:
        found: dict[str, Any] = DOCUMENT["paths"][self.path][self.method.lower()]
        return found

    @property
    def parameters(self) -> set[str]:
        """Names of the components that describe its parameters."""
        return {each["$ref"].rpartition("/")[2] for each in self.documented["parameters"]}

    @property
    def is_own_call(self) -> bool:
        """Whether only the dashboard makes it. Who may is then a matter of roles, too, and
        `test_route_access` makes each of these calls as everybody."""
        return "access" in self.documented["tags"]

    @property
    def names_website(self) -> bool:
        """Whether the path has the website, so that the query needs no selector."""
        return self.path.startswith("/websites/{id}")

    @property
    def needs_selector(self) -> bool:
        """Of the dashboard's own calls, those about accounts and workspaces do not."""
        if self.is_own_call:
            return {"websiteId", "domain"} <= self.parameters
        return not self.names_website and self.route not in ABOUT_NO_WEBSITE

    @property
    def body(self) -> object:
        """A valid one, or None where it takes none."""
        return _BODIES.get(self.route, {}) if "requestBody" in self.documented else None

    def address(self, **names: str) -> str:
        """The path, with `names` and otherwise "ann" where it varies."""
        return re.sub(r"{(\w+)}", lambda found: names.get(found[1], "ann"), self.path)


OPERATIONS = [
    Operation(method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method != "servers"
]
