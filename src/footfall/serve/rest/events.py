"""POST events: batches from backends, answered when what was accepted is on disk."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.body import read_body
from footfall.collect.server import MAX_BODY_BYTES, ServerCollector
from footfall.collect.wire import decode_batch
from footfall.model.errors import BadRequest, TooLarge
from footfall.serve.auth import select_website
from footfall.serve.reply import success
from footfall.serve.rest.api import Api
from footfall.serve.rest.parameter import one
from footfall.serve.rest.report import Endpoint


def events_route(api: Api, collector: ServerCollector) -> Endpoint:
    """The handler of POST /events. Not under the reports' rate limit."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write", is_counted=False)
        selector, events = decode_batch(await _body(request))
        selectors = (selector, one(call.params, "websiteId"), one(call.params, "domain"))
        website = select_website(api.registry, call.token, *selectors)
        taken = await collector.take(events, website)
        body = msgspec.json.encode({"status": "success", "data": [taken]})
        return success(request, body, 202)

    return respond


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number")
    if len(length) > 12 or int(length) > MAX_BODY_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BODY_BYTES // 1024} kB")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    return await read_body(request.receive, MAX_BODY_BYTES, encoding.encode("latin-1"))
