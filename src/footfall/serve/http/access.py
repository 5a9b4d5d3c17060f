"""Route → who may. A route without a rule here is only for members, and a test fails.

The rules of the dashboard's own calls are in their tables (`serve/rest/manage`).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.dimension import PATH_OF
from footfall.model.errors import Forbidden
from footfall.model.member import Role
from footfall.model.share import SHARE_PAGES, ShareLink, SharePage
from footfall.serve.http.method import Endpoint

Who = Literal["anonymous", "share", "viewer", "admin", "owner"]
RANKS: tuple[Who, ...] = get_args(Who)
"""Each may do what those before it may."""

_STATE = "footfall.rule"  # where a request's scope has it

PAGE_OF: Mapping[str, tuple[SharePage, ...]] = {
    "GET /metadata": SHARE_PAGES,
    "GET /schema": SHARE_PAGES,
    "GET /overview": ("overview",),
    "GET /timeseries": ("overview",),
    "GET /breakdown": ("overview",),
    "GET /goals": ("overview",),
    **{f"GET /{path}": ("overview",) for path in PATH_OF},
    "GET /realtime": ("live", "overview"),
    "GET /flow": ("flow",),
    "GET /steps": ("flow", "funnels"),
    "GET /funnel": ("funnels",),
    "GET /retention": ("retention",),
}
"""The reports that a share may ask for, by the pages that need them. None is about a person."""
UNFILTERED = frozenset({"GET /realtime"})
"""Those among them that take no filters, so that a share with filters does not show them."""

ROUTE_ACCESS: Mapping[str, Who] = {
    **dict.fromkeys(PAGE_OF, "share"),
    "GET /websites": "viewer",
    "GET /websites/{id}/setup": "viewer",
    "GET /workspaces": "viewer",
    "GET /ingestion": "viewer",
    "GET /realtime/map": "viewer",
    "GET /visitors": "admin",
    "GET /visitors/{id}": "admin",
    "GET /visitors/{id}/export": "admin",
    "POST /events": "admin",
    "POST /goals": "admin",
    "POST /payments": "admin",
    "DELETE /goals": "admin",
    "DELETE /payments": "admin",
    "DELETE /visitors/{id}": "admin",
    "GET /v0/flow": "viewer",
    "GET /v0/funnel": "viewer",
    "GET /v0/retention": "viewer",
    "GET /v0/quarantine": "viewer",
    "POST /v0/raw_events": "admin",
}
"""The rules of both APIs' reports and server calls."""

ABOUT_VISITORS = frozenset({"GET /visitors", "GET /visitors/{id}", "GET /visitors/{id}/export"})
"""What names single visitors: for viewers only if the setting `viewers_see_visitors` says so."""

PUBLIC_PATHS: Mapping[str, str] = {
    "/health": "says nothing about visitors",
    "/metrics": "counts of this process",
    "/openapi.json": "the same for everybody",
    "/llms.txt": "the same for everybody",
    "/skill.md": "the same for everybody, with the address of the request",
    "/webhooks/{provider}/{website}": "trusted by its signature",
}
"""Paths that take neither token nor cookie, and why."""


class Rule(NamedTuple):
    """Who may use a route, and for shares: those with which of these pages."""

    who: Who
    pages: tuple[SharePage, ...] = ()
    has_filters: bool = True


MEMBERS_ONLY = Rule("viewer")


def rule_of(route: str, who: Who | None = None) -> Rule:
    """The rule of a route, as in "GET /overview"; `who` where another table has it."""
    who = who or ROUTE_ACCESS.get(route, MEMBERS_ONLY.who)
    return Rule(who, PAGE_OF.get(route, ()), route not in UNFILTERED)


def sees_visitors(role: Role | None) -> bool:
    """Whether the reports of a member of this role or, with None, of a token name single visitors
    by the way. `viewers_see_visitors` opens them to everybody but share links."""
    return role is None or RANKS.index(role) >= RANKS.index(ROUTE_ACCESS["GET /visitors"])


def ruled(endpoint: Endpoint, rule: Rule) -> Endpoint:
    """The endpoint, with its rule for `check_rule`."""

    async def respond(request: Request) -> Response:
        request.scope[_STATE] = rule
        return await endpoint(request)

    return respond


def check_share(request: Request, share: ShareLink) -> None:
    """Raise Forbidden unless the request's route belongs to one of the share's pages."""
    rule: Rule = request.scope.get(_STATE, MEMBERS_ONLY)
    if rule.who != "share":
        raise Forbidden("A share link shows reports only, and nothing about single visitors")
    if not set(rule.pages) & set(share.pages):
        raise Forbidden(f"This share link shows only {', '.join(share.pages)}")
    if share.filters and not rule.has_filters:
        raise Forbidden("This cannot be filtered, so a share link with filters does not show it")


def check_rule(request: Request, role: Role | None) -> None:
    """Raise Forbidden unless the request's route is open to a member of this role or, with None, to
    a token. What a token may do is a matter of its scopes, but nothing that only owners may."""
    rule: Rule = request.scope.get(_STATE, MEMBERS_ONLY)
    if role is not None and RANKS.index(role) < RANKS.index(rule.who):
        raise Forbidden(f"Your role in this workspace is {role}; this needs {rule.who}")
    if role is None and rule.who == "owner":
        raise Forbidden("Only an owner may do this, signed in with a browser")
