"""POST /v0/raw_events: events of SDKs, answered when the accepted ones are on disk."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.raw import decode_raw_events
from footfall.collect.sdk import MAX_BODY_BYTES, SdkCollector
from footfall.serve.http.api import Api
from footfall.serve.http.auth import find_token
from footfall.serve.http.body import read_request
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import json_response
from footfall.serve.v0.reply import opened


def raw_events_route(api: Api, collector: SdkCollector) -> Endpoint:
    """The handler of POST /v0/raw_events. Not under the reports' rate limit.

    A key with the scope `collect` can be read by everybody in a page's source: the client's address
    is the connection's. With `write` alone a server speaks for its clients.
    """

    async def respond(request: Request) -> Response:
        is_public = "write" not in find_token(api.registry, request.headers).scopes
        call = api.admit(request, "collect" if is_public else "write", is_counted=False)
        website = api.website(call)
        events = decode_raw_events(await read_request(request, MAX_BODY_BYTES))
        client = collector.client(request.scope) if "collect" in call.token.scopes else None
        taken = await collector.take(events, website, client)
        return opened(json_response(request, msgspec.json.encode(taken)))

    return respond
