"""The flow and funnel API as one ASGI application, on the parts that all APIs share."""

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.sdk import SdkCollector
from footfall.query.ask import TABLE_REPORTS
from footfall.serve.http.access import rule_of, ruled
from footfall.serve.http.api import Api
from footfall.serve.http.method import Endpoint, routes_of
from footfall.serve.http.reply import exception_handlers
from footfall.serve.v0.raw_events import raw_events_route
from footfall.serve.v0.reply import CORS, RAW_EVENTS_PATH, render_failure
from footfall.serve.v0.table_endpoint import table_endpoint

_PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}


def v0_app(api: Api, sdk_collector: SdkCollector) -> Starlette:
    """Everything under /v0. Accepts this API's keys and the tokens of the web analytics API."""
    app = Starlette(
        routes=routes_of(
            (path, method, ruled(endpoint, rule_of(f"{method} {path}")))
            for path, method, endpoint in _endpoints(api.taking("formo", "flow"), sdk_collector)
        ),
        exception_handlers=exception_handlers(render_failure),
    )
    app.router.redirect_slashes = False
    return app


def _endpoints(api: Api, collector: SdkCollector) -> Iterator[tuple[str, str, Endpoint]]:
    for name in (*TABLE_REPORTS, "quarantine"):
        yield f"/v0/{name}", "GET", table_endpoint(api, name)
    yield RAW_EVENTS_PATH, "POST", raw_events_route(api, collector)
    yield RAW_EVENTS_PATH, "OPTIONS", _let_browsers_send


async def _let_browsers_send(_request: Request) -> Response:
    """The preflight request that browsers send for a page of another origin."""
    return Response(status_code=204, headers=_PREFLIGHT)
