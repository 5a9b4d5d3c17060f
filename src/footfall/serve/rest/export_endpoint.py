"""GET /visitors/{id}/export: all that is stored about one visitor, as a file."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from footfall.query.ask import ask
from footfall.query.visitor import write_visitor_id
from footfall.query.visitor_export import Export
from footfall.serve.http.api import Api, Reading, with_fixed
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import json_file
from footfall.store.reader import Reader


def export_endpoint(api: Api, catch_up: Callable[[], Awaitable[None]]) -> Endpoint:
    """The handler of an export. `catch_up` loads what was acknowledged.

    What can be refused is refused before the answer begins. If something fails later, the answer
    ends early and is not valid JSON.
    """

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        params = with_fixed(call.params, request.path_params)
        now_ms = api.clock()
        await catch_up()
        reading = Reading(api, call, website)

        def begin(reader: Reader) -> Export:
            found = ask("visitor_export", params, website, now_ms, reader, people=api.people)
            assert isinstance(found, Export)
            return found

        export = await reading.run(begin)
        taken: list[bytes] = []

        def take(_reader: Reader) -> bytes:
            """The next piece; the same piece again if a delete came between."""
            if not taken:
                taken.append(next(export.pieces, b""))
            return taken[0]

        first = await reading.run(take)

        async def body() -> AsyncIterator[bytes]:
            yield b'{"status":"success","data":' + first
            with suppress(ClientDisconnect):
                taken.clear()
                while piece := await reading.run(take):
                    taken.clear()
                    yield piece
                yield b"}"

        return json_file(request, body(), f"visitor-{write_visitor_id(export.visitor_id)}.json")

    return respond
