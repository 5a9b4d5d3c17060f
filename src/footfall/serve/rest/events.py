"""POST events: batches from backends, answered when what was accepted is on disk."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.server import MAX_BODY_BYTES, ServerCollector
from footfall.collect.wire import decode_batch
from footfall.model.answer import RowsAnswer
from footfall.query.parse.given import one
from footfall.serve.http.api import Api
from footfall.serve.http.auth import select_website
from footfall.serve.http.body import read_request
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import success


def events_route(api: Api, collector: ServerCollector) -> Endpoint:
    """The handler of POST /events. Not under the reports' rate limit."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write", is_counted=False)
        selector, events = decode_batch(await read_request(request, MAX_BODY_BYTES))
        selectors = (selector, one(call.params, "websiteId"), one(call.params, "domain"))
        website = select_website(api.registry, call.token, *selectors)
        taken = await collector.take(events, website)
        return success(request, RowsAnswer(data=[taken]), 202)

    return respond
