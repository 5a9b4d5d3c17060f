"""POST /goals and POST /payments: what shops tell, on disk when answered."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.told import (
    MAX_BODY_BYTES,
    GoalBody,
    PaymentBody,
    decode_told,
    goal_event,
    payment_of,
    refund_of,
)
from footfall.journal.writer import Journal
from footfall.model.errors import BadRequest, NotFound
from footfall.model.event import Event
from footfall.model.record import EventsRecord, encode_record
from footfall.model.website import Website
from footfall.payments.books import Books
from footfall.query.visitor import has_pageview
from footfall.serve.auth import select_website
from footfall.serve.body import read_request
from footfall.serve.reply import success
from footfall.serve.rest.api import Api, Call
from footfall.serve.rest.parameter import one
from footfall.serve.rest.report import Endpoint

MAX_KEY = 255
CatchUp = Callable[[], Awaitable[None]]


def goals_route(api: Api, journal: Journal, catch_up: CatchUp) -> Endpoint:
    """The handler of POST /goals. `catch_up` waits until what was acknowledged is loaded."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write", is_counted=False)
        body = decode_told(await read_request(request, MAX_BODY_BYTES), GoalBody)
        website = _website(api, call, *body.selectors)
        key = body.idempotency_key or _idempotency_key(request)
        now = api.clock()
        event = goal_event(body, website.id, now, key)
        if body.visitor_uid:
            await _check_visitor(event, website)
        record = EventsRecord(received_at=now, via="server", events=[event])
        await asyncio.shield(journal.append(encode_record(record)))
        return _done(request, {"message": "Goal created successfully", "name": event.name})

    async def _check_visitor(event: Event, website: Website) -> None:
        def is_known() -> bool:
            return has_pageview(api.engine, website.id, event.visitor_id)

        if await api.read(website, is_known):
            return
        await catch_up()
        if not await api.read(website, is_known):
            raise NotFound(
                "visitorUid: no page view of this visitor is recorded; send the value of their"
                " cookie _fs_vid, or leave visitorUid out",
                field="visitorUid",
            )

    return respond


def payments_route(api: Api, books: Books) -> Endpoint:
    """The handler of POST /payments: a payment, a renewal or a refund."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write", is_counted=False)
        body = decode_told(await read_request(request, MAX_BODY_BYTES), PaymentBody)
        website = _website(api, call, *body.selectors)
        now = api.clock()
        if body.is_refund:
            key = _idempotency_key(request)
            is_new = await books.add_refund(refund_of(body, website.id, now, key))
            message = "Refund recorded successfully" if is_new else "Refund was recorded before"
        else:
            await books.add_payment(payment_of(body, website.id, now), website)
            message = "Payment recorded successfully"
        return _done(request, {"message": message, "transaction_id": body.transaction_id})

    return respond


def _website(api: Api, call: Call, *selectors: str) -> Website:
    asked = (one(call.params, "websiteId"), one(call.params, "domain"))
    return select_website(api.registry, call.token, *selectors, *asked)


def _idempotency_key(request: Request) -> str:
    key: str = request.headers.get("idempotency-key", "").strip()
    if len(key) > MAX_KEY or not key.isprintable():
        raise BadRequest(
            f"Idempotency-Key: at most {MAX_KEY} printable characters", field="Idempotency-Key"
        )
    return key


def _done(request: Request, row: dict[str, object]) -> Response:
    return success(request, msgspec.json.encode({"status": "success", "data": [row]}))
