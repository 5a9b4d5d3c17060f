"""Which handler answers which path and method of the web analytics API."""

from collections.abc import Iterator
from typing import NamedTuple

from starlette.routing import Route

from footfall.collect.recent import RecentHits
from footfall.collect.server import ServerCollector
from footfall.journal.writer import Journal
from footfall.money.connection import Connections
from footfall.money.service import PaymentService
from footfall.query.ask import TABLE_REPORTS
from footfall.serve.deletions import Deletions
from footfall.serve.http.access import ABOUT_VISITORS, Rule, rule_of, ruled
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint, routes_of
from footfall.serve.rest.base import BASES
from footfall.serve.rest.deletes import Deletes
from footfall.serve.rest.events import events_route
from footfall.serve.rest.export_endpoint import export_endpoint
from footfall.serve.rest.lists import Lists
from footfall.serve.rest.manage.call import Parts, manage_endpoint
from footfall.serve.rest.manage.table import MANAGE_CALLS
from footfall.serve.rest.report_endpoint import report_endpoint
from footfall.serve.rest.route import REPORT_ROUTES
from footfall.serve.rest.schema import schema_endpoint
from footfall.serve.rest.server_call import goals_route, payments_route
from footfall.serve.rest.setup import Setup
from footfall.serve.rest.view_log import logged_view


class Writing(NamedTuple):
    """What the routes need that write, and what reached the collector lately."""

    server_collector: ServerCollector
    journal: Journal
    connections: Connections
    payment_service: PaymentService
    deletions: Deletions
    recent: RecentHits


def rest_routes(api: Api, writing: Writing) -> list[Route]:
    """The routes of the web analytics API, under both of its bases."""
    endpoints = [
        (path, method, ruled(endpoint, _rule(api, f"{method} {path}")))
        for path, method, endpoint in _endpoints(api, writing)
    ]
    endpoints += _manage_endpoints(Parts(api, writing.deletions))
    return routes_of(
        (base + path, method, endpoint) for base in BASES for path, method, endpoint in endpoints
    )


def _rule(api: Api, route: str) -> Rule:
    is_for_viewers = api.viewers_see_visitors and route in ABOUT_VISITORS
    return rule_of(route, "viewer" if is_for_viewers else None)


def _manage_endpoints(parts: Parts) -> Iterator[tuple[str, str, Endpoint]]:
    for call in MANAGE_CALLS:
        rule = rule_of(f"{call.method} {call.path}", call.who)
        yield call.path, call.method, ruled(manage_endpoint(parts, call), rule)


def _endpoints(api: Api, writing: Writing) -> Iterator[tuple[str, str, Endpoint]]:
    lists = Lists(api)
    yield "/websites", "GET", lists.websites
    yield "/workspaces", "GET", lists.workspaces
    yield "/websites/{id}/setup", "GET", Setup(api, writing.recent, api.clock).status
    yield "/metadata", "GET", lists.metadata
    yield "/schema", "GET", schema_endpoint(api)
    for route in REPORT_ROUTES:
        handler = report_endpoint(api, route.report, fixed=route.fixed, lane=route.lane)
        yield route.path, "GET", handler
    for name in (*TABLE_REPORTS, "ingestion"):
        yield f"/{name}", "GET", report_endpoint(api, name)
    yield "/visitors", "GET", report_endpoint(api, "visitors")
    visitor = report_endpoint(api, "visitor", has_rows=False)
    yield "/visitors/{id}", "GET", logged_view(api, visitor, "view visitor")
    export = export_endpoint(api, writing.deletions.catch_up)
    yield "/visitors/{id}/export", "GET", logged_view(api, export, "export visitor")
    yield "/events", "POST", events_route(api, writing.server_collector)
    yield "/goals", "POST", goals_route(api, writing.journal, writing.deletions.catch_up)
    yield (
        "/payments",
        "POST",
        payments_route(api, writing.payment_service, writing.deletions.catch_up),
    )
    deletes = Deletes(api, writing.deletions)
    yield "/goals", "DELETE", deletes.goals
    yield "/payments", "DELETE", deletes.payments
    yield "/visitors/{id}", "DELETE", deletes.visitor
