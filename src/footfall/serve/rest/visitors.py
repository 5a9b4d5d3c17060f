"""One visitor: their story, and all that is held of them as a file."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from footfall.catalog import Catalog
from footfall.model.errors import NotFound
from footfall.model.payment import NO_PROFILE
from footfall.model.question import Asked
from footfall.money.ledger import Ledger
from footfall.query.visitor import (
    answer_visitor,
    is_visitor,
    parse_visitor,
    visitor_ids,
    write_visitor_id,
)
from footfall.query.visitor_export import Booked, export_visitor
from footfall.serve.http.api import Api, Reading
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import encode, json_file, success
from footfall.store.reader import Reader


def visitor_route(api: Api, catalog: Catalog) -> Endpoint:
    """The handler of GET /visitors/{id}."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        question = parse_visitor(call.params, website, api.clock())

        def work(reader: Reader) -> bytes:
            visitor_id = find_visitor(reader, catalog, question, request.path_params["id"])
            profile = catalog.profiles.get(website.id, visitor_id)
            story = answer_visitor(question, visitor_id, profile, reader)
            zone = question.period.timezone
            return encode({"status": "success", "timezone": zone, "data": story})

        return success(request, await api.read(call, website, work))

    return respond


def export_route(
    api: Api, catalog: Catalog, ledger: Ledger, catch_up: Callable[[], Awaitable[None]]
) -> Endpoint:
    """The handler of GET /visitors/{id}/export. `catch_up` loads what was acknowledged. What can be
    refused is so before the answer begins; does something fail later, it ends early and is no
    JSON."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "read")
        website = api.website(call)
        asked = parse_visitor(call.params, website, api.clock())

        await catch_up()
        reading = Reading(api, call, website)

        def begin(reader: Reader) -> tuple[int, Iterator[bytes]]:
            visitor_id = find_visitor(reader, catalog, asked, request.path_params["id"])
            profile = catalog.profiles.get(website.id, visitor_id)
            booked = [
                Booked(movement, bought.provider, bought.subscription_id)
                for bought in ledger.payments_of(website.id, visitor_id)
                for movement in (bought.payment, *bought.refunds)
            ]
            return visitor_id, export_visitor(asked, visitor_id, profile, booked, reader)

        visitor_id, pieces = await reading.run(begin)
        taken: list[bytes] = []

        def take(_reader: Reader) -> bytes:
            """The next piece; the same one again if a delete came between."""
            if not taken:
                taken.append(next(pieces, b""))
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

        return json_file(request, body(), f"visitor-{write_visitor_id(visitor_id)}.json")

    return respond


def find_visitor(reader: Reader, catalog: Catalog, asked: Asked, text: str) -> int:
    """The key of the visitor whom an id means: of whom rows are stored, or a profile. Raises
    NotFound, EngineError."""
    for visitor_id in visitor_ids(asked.website.id, text):
        has_profile = catalog.profiles.get(asked.website.id, visitor_id) != NO_PROFILE
        if has_profile or is_visitor(asked, visitor_id, reader):
            return visitor_id
    raise NotFound("Visitor not found", field="id")
