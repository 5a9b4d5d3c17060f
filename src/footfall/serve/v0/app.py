"""The flow and funnel API as one ASGI application, on the parts of the other API."""

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall.collect.sdk import SdkCollector
from footfall.serve.reply import exception_handlers
from footfall.serve.rest.api import Api
from footfall.serve.rest.report import Endpoint
from footfall.serve.table_report import TABLE_REPORTS
from footfall.serve.v0.quarantine import quarantine_route
from footfall.serve.v0.raw_events import raw_events_route
from footfall.serve.v0.reply import CORS, RAW_EVENTS_PATH, render_failure
from footfall.serve.v0.report import table_route

_PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}


def v0_app(api: Api, sdk_collector: SdkCollector) -> Starlette:
    """Everything under /v0. Takes this API's keys and the other's tokens alike."""
    app = Starlette(
        routes=list(_routes(api.taking("formo", "flow"), sdk_collector)),
        exception_handlers=exception_handlers(render_failure),
    )
    app.router.redirect_slashes = False
    return app


def _routes(api: Api, collector: SdkCollector) -> Iterator[Route]:
    for name, report in TABLE_REPORTS.items():
        yield Route(f"/v0/{name}", table_route(api, report), methods=["GET"])
    yield Route("/v0/quarantine", quarantine_route(api), methods=["GET"])
    take_raw_events = _open_to_all_origins(raw_events_route(api, collector))
    yield Route(RAW_EVENTS_PATH, take_raw_events, methods=["POST", "OPTIONS"])


def _open_to_all_origins(endpoint: Endpoint) -> Endpoint:
    """Let browsers ask first whether they may send."""

    async def respond(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        return await endpoint(request)

    return respond
