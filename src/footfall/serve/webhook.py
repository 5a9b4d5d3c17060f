"""POST /webhooks/{provider}/{website}: payment notices, trusted by their signature.

There is no token and no rate limit: providers send in bursts and slow down by themselves. No body,
header or secret is ever logged.
"""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

import structlog
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.model.answer import RowsAnswer
from footfall.model.errors import (
    BadRequest,
    FootfallError,
    NotFound,
    Unauthorized,
    Unavailable,
)
from footfall.model.notice import Notice
from footfall.model.payment import Alias, TrialStart
from footfall.model.unit import Payload
from footfall.model.website import Website
from footfall.money.connection import Connections, Outcome, WebhookEvent
from footfall.providers.provider import PROVIDERS, Provider
from footfall.serve.http.body import read_request
from footfall.serve.http.reply import success

MAX_BODY_BYTES = 1024 * 1024
PATH = "/webhooks/{provider}/{website}"
RETRY_AFTER_S = 30

Post = Callable[[Notice], Awaitable[Outcome]]
"""Posts the entries of a notice. Raises Unavailable if they cannot be written now, any other
FootfallError if the ledger refuses one. Posting the same notice again changes nothing."""

_log = structlog.get_logger("footfall.serve")
_SETTLED = frozenset({"booked", "repeat", "waiting", "ignored"})


def webhook_routes(
    *, registry: Registry, connections: Connections, post: Post, clock: Clock
) -> list[Route]:
    """The route of all providers' webhooks. Errors are raised; the app's handlers render them."""
    webhooks = Webhooks(registry=registry, connections=connections, post=post, clock=clock)
    return [Route(PATH, webhooks.respond, methods=["POST"])]


class WebhookRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """What became of a provider's event, and why where nothing did."""

    outcome: Outcome
    event_id: str
    reason: str | UnsetType = UNSET


class Webhooks:
    def __init__(
        self, *, registry: Registry, connections: Connections, post: Post, clock: Clock
    ) -> None:
        self._registry = registry
        self._connections = connections
        self._post = post
        self._clock = clock

    async def respond(self, request: Request) -> Response:
        """200 once the event is recorded or ignored. Raises Unauthorized, BadRequest, TooLarge,
        Unavailable, and NotFound for any provider or website without a connection."""
        provider, website, secret = await self._find(request)
        body = await read_request(request, MAX_BODY_BYTES, unpacks=False)
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
        notice = await self._read(provider, body, website, now)
        outcome, reason = await self._settle(notice, website, now)
        row = WebhookRow(outcome=outcome, event_id=notice.event_id, reason=reason or UNSET)
        return success(request, RowsAnswer(data=[row]))

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
        except NotFound as error:  # the key is lost: once it is back, the provider's retry succeeds
            _log.error("webhook secret cannot be read", provider=provider, reason=error.message)
            raise Unavailable(
                "The secret of this webhook cannot be read: see the server's log for the reason",
                retry_after_s=RETRY_AFTER_S,
            ) from None

    async def _read(self, provider: Provider, body: bytes, website: Website, now: int) -> Notice:
        """Raises BadRequest for a signed event that cannot be read, and records that it arrived."""
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

    async def _settle(self, notice: Notice, website: Website, now: int) -> tuple[Outcome, str]:
        """The outcome of the notice, and the reason if it was ignored or refused."""
        key = (website.id, notice.provider, notice.event_id)
        known = await asyncio.to_thread(self._connections.outcome_of, *key)
        if known in _SETTLED:
            return "repeat", ""
        outcome: Outcome
        ignored = notice.ignored or self._of_another_website(notice, website)
        if ignored:
            outcome, reason = "ignored", ignored
        else:
            outcome, reason = await self._try_to_post(notice, website)
        event = _event(notice, outcome, now)
        await asyncio.to_thread(self._connections.remember, event)
        _log.info(
            "webhook",
            provider=notice.provider,
            website=website.domain,
            type=notice.type,
            outcome=outcome,
        )
        return outcome, reason

    async def _try_to_post(self, notice: Notice, website: Website) -> tuple[Outcome, str]:
        try:
            return await self._post(notice), ""
        except Unavailable:
            raise
        except FootfallError as error:
            # Notice it again would not help: it is kept for the website's owner to see.
            _log.warning(
                "payment refused",
                provider=notice.provider,
                website=website.domain,
                type=notice.type,
                field=error.field,
            )
            return "refused", error.message

    def _of_another_website(self, notice: Notice, website: Website) -> str:
        """Why it is ignored, if its metadata names another website: a provider sends every event of
        an account to all of the account's webhooks."""
        named = self._registry.find_website(notice.website) if notice.website else None
        return "" if named in (None, website) else "the payment belongs to another website"


def _event(notice: Notice, outcome: Outcome, now: int) -> WebhookEvent:
    first = notice.entries[0] if notice.entries else None
    first = None if isinstance(first, TrialStart) else first
    money = None if isinstance(first, Alias) else first
    return WebhookEvent(
        website_id=notice.website_id,
        provider=notice.provider,
        event_id=notice.event_id,
        received_at=now,
        outcome=outcome,
        type=notice.type,
        transaction_id=first.transaction_id if first else "",
        amount=money.amount if money else None,
        currency=money.currency if money else "",
    )
