"""The API as one ASGI application: routes under both bases, the public pages, the errors."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from footfall.catalog import Catalog
from footfall.collect.server import ServerCollector
from footfall.journal.writer import Journal
from footfall.payments.books import Books
from footfall.serve.erasing import Erasing
from footfall.serve.health import Health
from footfall.serve.method import Endpoint, routes_of
from footfall.serve.reply import exception_handlers, failure
from footfall.serve.rest.api import Api
from footfall.serve.rest.deletes import Deletes
from footfall.serve.rest.events import events_route
from footfall.serve.rest.lists import Lists
from footfall.serve.rest.llms import llms_text
from footfall.serve.rest.openapi import openapi_document
from footfall.serve.rest.report import ingestion_route, report_route, table_route
from footfall.serve.rest.route import BASES, REPORT_ROUTES
from footfall.serve.rest.telling import goals_route, payments_route
from footfall.serve.rest.visitors import export_route, visitor_route
from footfall.serve.table_report import TABLE_REPORTS
from footfall.serve.webhook import webhook_routes


class Writing(NamedTuple):
    """What the routes need that write."""

    server_collector: ServerCollector
    journal: Journal
    books: Books
    erasing: Erasing


def rest_app(api: Api, *, catalog: Catalog, health: Health, writing: Writing) -> Starlette:
    """The web analytics API and the public pages."""
    endpoints = list(_endpoints(api, catalog, writing))
    routes = routes_of(
        (base + path, method, endpoint) for base in BASES for path, method, endpoint in endpoints
    )
    routes += webhook_routes(
        registry=api.registry,
        connections=catalog.connections,
        book=writing.books.tell,
        clock=api.clock,
    )
    app = Starlette(
        routes=[*routes, *_public_routes(health)],
        exception_handlers=exception_handlers(failure),
    )
    app.router.redirect_slashes = False
    return app


def _endpoints(api: Api, catalog: Catalog, writing: Writing) -> Iterator[tuple[str, str, Endpoint]]:
    lists = Lists(api)
    yield "/websites", "GET", lists.websites
    yield "/workspaces", "GET", lists.workspaces
    yield "/metadata", "GET", lists.metadata
    for route in REPORT_ROUTES:
        yield route.path, "GET", report_route(api, route)
    for name, report in TABLE_REPORTS.items():
        yield f"/{name}", "GET", table_route(api, report)
    yield "/ingestion", "GET", ingestion_route(api)
    yield "/visitors/{id}", "GET", visitor_route(api, catalog)
    yield "/visitors/{id}/export", "GET", export_route(api, catalog, writing.erasing.catch_up)
    yield "/events", "POST", events_route(api, writing.server_collector)
    yield "/goals", "POST", goals_route(api, writing.journal, writing.erasing.catch_up)
    yield "/payments", "POST", payments_route(api, writing.books, writing.erasing.catch_up)
    deletes = Deletes(api, catalog, writing.erasing)
    yield "/goals", "DELETE", deletes.goals
    yield "/payments", "DELETE", deletes.payments
    yield "/visitors/{id}", "DELETE", deletes.visitor


def _public_routes(health: Health) -> list[Route]:
    document = _page(lambda: msgspec.json.encode(openapi_document()), "application/json")
    text = _page(lambda: llms_text().encode(), "text/plain; charset=utf-8")

    async def report_health(_request: Request) -> Response:
        report = health.report()
        status = 503 if report["status"] == "failing" else 200
        body = msgspec.json.encode(report)
        return Response(body, status, {"Cache-Control": "no-store"}, "application/json")

    async def report_metrics(_request: Request) -> Response:
        return PlainTextResponse(health.metrics(), media_type=CONTENT_TYPE_LATEST)

    return [
        *(Route(f"{base}/openapi.json", document) for base in ("", *BASES)),
        *(Route(f"{base}/llms.txt", text) for base in ("", *BASES)),
        Route("/health", report_health),
        Route("/metrics", report_metrics),
    ]


def _page(make: Callable[[], bytes], media_type: str) -> Endpoint:
    """A public page that is the same for everybody; made when first asked for."""
    made: list[bytes] = []

    async def respond(_request: Request) -> Response:
        if not made:
            made.append(make())
        return Response(made[0], headers={"Cache-Control": "max-age=300"}, media_type=media_type)

    return respond
