"""POST /webhooks/{provider}/{website}: what payment providers tell, believed by its signature.

Known by no token and under no rate limit of ours: providers come in bursts and back off by
themselves. Neither a body nor a header nor a secret reaches the log.
"""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.collect.body import read_body
from footfall.model.errors import (
    BadRequest,
    FootfallError,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from footfall.model.payment import Alias, Payment, TrialStart
from footfall.model.website import Website
from footfall.money.connection import Connections, Outcome, WebhookEvent
from footfall.providers.payload import Telling
from footfall.providers.provider import PROVIDERS, Provider
from footfall.serve.http.reply import success

MAX_BODY_BYTES = 1024 * 1024
PATH = "/webhooks/{provider}/{website}"
RETRY_AFTER_S = 30

Book = Callable[[Telling], Awaitable[Outcome]]
"""Books all that a telling tells. Raises Unavailable where it cannot be kept, any other
FootfallError where the books refuse it. Called again for the same telling, it changes nothing."""

_log = structlog.get_logger("footfall.serve")
_SETTLED = frozenset({"booked", "repeat", "waiting", "ignored"})


def webhook_routes(
    *, registry: Registry, connections: Connections, book: Book, clock: Clock
) -> list[Route]:
    """The providers' way in. Errors are raised: the app's handlers render them."""
    webhooks = Webhooks(registry=registry, connections=connections, book=book, clock=clock)
    return [Route(PATH, webhooks.respond, methods=["POST"])]


class Webhooks:
    def __init__(
        self, *, registry: Registry, connections: Connections, book: Book, clock: Clock
    ) -> None:
        self._registry = registry
        self._connections = connections
        self._book = book
        self._clock = clock

    async def respond(self, request: Request) -> Response:
        """200 once the event is kept or known to be of no use. Raises NotFound for what is not
        connected, whatever the reason, Unauthorized, BadRequest, TooLarge, Unavailable."""
        provider, website, secret = await self._find(request)
        body = await _body(request)
        now = self._clock()
        try:
            provider.verify(request.headers, body, secret, now)
        except Unauthorized as error:
            _log.warning(
                "webhook refused",
                provider=provider.name,
                website=website.domain,
                reason=error.message,
            )
            raise
        telling = await self._read(provider, body, website, now)
        outcome, reason = await self._settle(telling, website, now)
        data: dict[str, object] = {"outcome": outcome, "eventId": telling.event_id}
        if reason:
            data["reason"] = reason
        return success(request, msgspec.json.encode({"status": "success", "data": [data]}))

    async def _find(self, request: Request) -> tuple[Provider, Website, str]:
        provider = PROVIDERS.get(request.path_params["provider"])
        website = self._registry.find_website(request.path_params["website"])
        secret: str | None = None
        if provider is not None and website is not None:
            secret = await asyncio.to_thread(self._secret_of, website.id, provider.name)
        if provider is None or website is None or secret is None:
            raise NotFound("No webhook is connected at this address")
        return provider, website, secret

    def _secret_of(self, website_id: int, provider: str) -> str | None:
        try:
            return self._connections.secret_of(website_id, provider)
        except NotFound as error:  # the key is lost: ours to repair, and the provider's to retry
            _log.error("webhook secret cannot be read", provider=provider, reason=error.message)
            raise Unavailable(
                "The secret of this webhook cannot be read: the server's log says why",
                retry_after_s=RETRY_AFTER_S,
            ) from None

    async def _read(self, provider: Provider, body: bytes, website: Website, now: int) -> Telling:
        """Raises BadRequest for what is signed and yet not understood; that it came is kept."""
        try:
            return provider.read(body, website.id, now)
        except BadRequest as error:
            _log.warning(
                "webhook not understood",
                provider=provider.name,
                website=website.domain,
                field=error.field,
            )
            event = WebhookEvent(
                website_id=website.id,
                provider=provider.name,
                event_id=f"body:{sha256(body).hexdigest()}",
                received_at=now,
                outcome="refused",
                type="not understood",
            )
            await asyncio.to_thread(self._connections.remember, event)
            raise

    async def _settle(self, telling: Telling, website: Website, now: int) -> tuple[Outcome, str]:
        """What became of the telling, and why where nothing did."""
        key = (website.id, telling.provider, telling.event_id)
        known = await asyncio.to_thread(self._connections.outcome_of, *key)
        if known in _SETTLED:
            return "repeat", ""
        outcome: Outcome
        ignored = telling.ignored or self._of_another_website(telling, website)
        if ignored:
            outcome, reason = "ignored", ignored
        else:
            outcome, reason = await self._try_to_book(telling, website)
        event = _event(telling, outcome, now)
        await asyncio.to_thread(self._connections.remember, event)
        _log.info(
            "webhook",
            provider=telling.provider,
            website=website.domain,
            type=telling.type,
            outcome=outcome,
        )
        return outcome, reason

    async def _try_to_book(self, telling: Telling, website: Website) -> tuple[Outcome, str]:
        try:
            return await self._book(telling), ""
        except Unavailable:
            raise
        except FootfallError as error:
            # Telling it again would not help: it is kept for the website's owner to see.
            _log.warning(
                "payment refused",
                provider=telling.provider,
                website=website.domain,
                type=telling.type,
                field=error.field,
            )
            return "refused", error.message

    def _of_another_website(self, telling: Telling, website: Website) -> str:
        """An account's webhooks all get all its events: the metadata may say whose one is."""
        named = self._registry.find_website(telling.website) if telling.website else None
        return "" if named in (None, website) else "it is another website's payment"


def _event(telling: Telling, outcome: Outcome, now: int) -> WebhookEvent:
    first = telling.told[0] if telling.told else None
    first = None if isinstance(first, TrialStart) else first
    return WebhookEvent(
        website_id=telling.website_id,
        provider=telling.provider,
        event_id=telling.event_id,
        received_at=now,
        outcome=outcome,
        type=telling.type,
        transaction_id=first.transaction_id if first else "",
        amount=None if first is None or isinstance(first, Alias) else first.amount,
        currency=first.currency if isinstance(first, Payment) else "",
    )


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number")
    if len(length) > 12 or int(length) > MAX_BODY_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BODY_BYTES // 1024} kB")
    return await read_body(request.receive, MAX_BODY_BYTES)
