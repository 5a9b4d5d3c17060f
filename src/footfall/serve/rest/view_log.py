"""Who looked at which visitor: members' views of a single person are in the audit log."""

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from footfall.serve.http.api import Api, Call
from footfall.serve.http.method import Endpoint

_SHOWN = (200, 304)
"""304: a page that has the answer already shows it again."""


def logged_view(api: Api, endpoint: Endpoint, action: str) -> Endpoint:
    """The endpoint of one visitor, whose views by members are logged. The visitor is logged as a
    keyed hash. Views by tokens are not logged: programs may look at every visitor."""

    async def respond(request: Request) -> Response:
        response = await endpoint(request)
        call: Call = request.state.call
        if call.signed_in is not None and response.status_code in _SHOWN:
            website = api.website(call)
            add = partial(
                api.browsers.catalog.audit.add,
                website.id,
                call.token.actor,
                action,
                filters={},
                people={"id": request.path_params["id"]},
                counts={},
                now_ms=api.clock(),
            )
            await asyncio.to_thread(add)  # before the answer: what is not logged is not shown
        return response

    return respond
