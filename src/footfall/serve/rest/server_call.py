"""POST /goals and POST /payments: on disk when they are answered."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from footfall.collect.server_call import (
    MAX_BODY_BYTES,
    GoalBody,
    PaymentBody,
    decode_call,
    goal_event,
    goal_key,
    payment_of,
    refund_of,
)
from footfall.journal.writer import Journal
from footfall.model.answer import RowsAnswer
from footfall.model.errors import BadRequest, NotFound, Unavailable
from footfall.model.payment import Payment
from footfall.model.record import EventsRecord, encode_record
from footfall.model.unit import Payload
from footfall.model.website import Website
from footfall.money.service import PaymentService
from footfall.query.parse.given import one
from footfall.query.visitor import has_pageview, visitor_of_session
from footfall.serve.http.api import Api, Call
from footfall.serve.http.auth import select_website
from footfall.serve.http.body import read_request
from footfall.serve.http.method import Endpoint
from footfall.serve.http.reply import success
from footfall.store.engine import EngineError
from footfall.store.reader import Reader

MAX_KEY = 255
KEY_PATTERN = "[!-~](?:[ -~]{0,253}[!-~])?"
LOOK_TIMEOUT_S = 2.0
CatchUp = Callable[[], Awaitable[None]]
"""Waits until what was acknowledged is loaded."""
T = TypeVar("T")

_log = structlog.get_logger("footfall.serve")


class GoalRecorded(Payload, frozen=True, kw_only=True, rename="camel"):
    """A completion that is recorded."""

    message: str
    name: str
    event_id: str


class PaymentRecorded(Payload, frozen=True, kw_only=True):
    """A payment or a refund that is recorded; the transaction in either spelling."""

    message: str
    transactionId: str
    transaction_id: str


def goals_route(api: Api, journal: Journal, catch_up: CatchUp) -> Endpoint:
    """The handler of POST /goals."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write")
        body = decode_call(await read_request(request, MAX_BODY_BYTES), GoalBody)
        website = _website(api, call, *body.selectors)
        key = body.idempotency_key or _idempotency_key(request)
        now = api.clock()
        event_id = goal_key(website.id, key) if key else secrets.randbits(64) or 1
        event = goal_event(body, website.id, now, event_id)
        if event.visitor_id:
            await _check_visitor(call, website, event.visitor_id)
        record = EventsRecord(received_at=now, via="server", events=[event])
        # shielded: others wait for the same commit
        await asyncio.shield(journal.append(encode_record(record)))
        row = GoalRecorded(
            message="Goal created successfully", name=event.name, event_id=f"{event_id:016x}"
        )
        return success(request, RowsAnswer(data=[row]))

    async def _check_visitor(call: Call, website: Website, visitor_id: int) -> None:
        def look(reader: Reader) -> bool:
            return has_pageview(reader, website.id, visitor_id)

        if not await _find(api, call, website, catch_up, look):
            raise NotFound(
                "visitorUid: there is no page view of this visitor; send the value of their cookie"
                " _fs_vid, or leave visitorUid out",
                field="visitorUid",
            )

    return respond


def payments_route(api: Api, payment_service: PaymentService, catch_up: CatchUp) -> Endpoint:
    """The handler of POST /payments: a payment, a renewal or a refund."""

    async def respond(request: Request) -> Response:
        call = api.admit(request, "write")
        body = decode_call(await read_request(request, MAX_BODY_BYTES), PaymentBody)
        website = _website(api, call, *body.selectors)
        now = api.clock()
        if body.is_refund:
            key = body.idempotency_key or _idempotency_key(request)
            is_new = await payment_service.add_refund(refund_of(body, website.id, now, key))
            message = "Refund recorded successfully" if is_new else "Refund was recorded before"
        else:
            payment = payment_of(body, website.id, now)
            await payment_service.add_payment(await _with_visitor(call, payment, website), website)
            message = "Payment recorded successfully"
        row = PaymentRecorded(
            message=message,
            transactionId=body.transaction_id,
            transaction_id=body.transaction_id,
        )
        return success(request, RowsAnswer(data=[row]))

    async def _with_visitor(call: Call, payment: Payment, website: Website) -> Payment:
        """With the visitor of its session if it names none, for profiles, exports and deletions."""
        if payment.visitor_id or not payment.client_session:
            return payment

        def look(reader: Reader) -> int:
            session, at = payment.client_session, payment.occurred_at
            return visitor_of_session(reader, website.id, session, at)

        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                found = await _find(api, call, website, catch_up, look)
        except (EngineError, OSError, Unavailable) as error:  # TimeoutError is an OSError
            # The payment is recorded all the same: reports find the session themselves.
            _log.warning(
                "payment recorded before its session was found", error=str(error) or "slow"
            )
            return payment
        return msgspec.structs.replace(payment, visitor_id=found)

    return respond


async def _find(
    api: Api, call: Call, website: Website, catch_up: CatchUp, look: Callable[[Reader], T]
) -> T:
    """The answer of `look`; if it is empty, the answer once everything acknowledged is loaded."""
    if found := await api.read(call, website, look, "writes"):
        return found
    await catch_up()
    return await api.read(call, website, look, "writes")


def _website(api: Api, call: Call, *selectors: str) -> Website:
    asked = (one(call.params, "websiteId"), one(call.params, "domain"))
    return select_website(api.registry, call.token, *selectors, *asked)


def _idempotency_key(request: Request) -> str:
    key: str | None = request.headers.get("idempotency-key")
    if key is None:
        return ""
    if not re.fullmatch(KEY_PATTERN, key):
        raise BadRequest(
            f"Idempotency-Key: must have 1 to {MAX_KEY} printable ASCII characters, without a space"
            " at either end",
            field="Idempotency-Key",
        )
    return key
