"""The web analytics API, the webhooks and the public pages as one ASGI application."""

from collections.abc import Callable

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from footfall.serve.health import Health
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import SECURITY_HEADERS, exception_handlers, failure
from footfall.serve.openapi.document import openapi_document
from footfall.serve.openapi.llms import llms_text
from footfall.serve.openapi.skill import skill_text
from footfall.serve.rest.base import BASES
from footfall.serve.rest.routing import Writing, rest_routes
from footfall.serve.webhook import webhook_routes


def web_app(api: Api, *, health: Health, writing: Writing) -> Starlette:
    """Everything except the tracker, its events and the paths under /v0."""
    webhooks = webhook_routes(
        registry=api.registry,
        connections=writing.connections,
        post=writing.payment_service.post_notice,
        clock=api.clock,
    )
    app = Starlette(
        routes=[*rest_routes(api, writing), *webhooks, *_public_routes(api, health)],
        exception_handlers=exception_handlers(failure),
    )
    app.router.redirect_slashes = False
    return app


def _public_routes(api: Api, health: Health) -> list[Route]:
    document = _page(lambda: msgspec.json.encode(openapi_document()), "application/json")
    text = _page(lambda: llms_text().encode(), "text/plain; charset=utf-8")

    async def respond_skill(request: Request) -> Response:
        """Never from a cache: the address in it is the one that this request names."""
        scheme = "https" if api.browsers.is_secure(request) else "http"
        address = api.browsers.public_url or f"{scheme}://{request.headers.get('host', '')}"
        headers = {"Cache-Control": "no-store", **SECURITY_HEADERS}
        return Response(skill_text(address), headers=headers, media_type="text/markdown")

    async def report_health(_request: Request) -> Response:
        report = health.report()
        status = 503 if report.status == "failing" else 200
        body = msgspec.json.encode(report)
        headers = {"Cache-Control": "no-store", **SECURITY_HEADERS}
        return Response(body, status, headers, "application/json")

    async def report_metrics(_request: Request) -> Response:
        return PlainTextResponse(
            health.metrics(), headers=SECURITY_HEADERS, media_type=CONTENT_TYPE_LATEST
        )

    return [
        *(Route(f"{base}/openapi.json", document) for base in ("", *BASES)),
        *(Route(f"{base}/llms.txt", text) for base in ("", *BASES)),
        Route("/skill.md", respond_skill),
        Route("/health", report_health),
        Route("/metrics", report_metrics),
    ]


def _page(make: Callable[[], bytes], media_type: str) -> Endpoint:
    """A public page that is the same for everybody; made on the first request."""
    made: list[bytes] = []

    async def respond(_request: Request) -> Response:
        if not made:
            made.append(make())
        headers = {"Cache-Control": "max-age=300", **SECURITY_HEADERS}
        return Response(made[0], headers=headers, media_type=media_type)

    return respond
