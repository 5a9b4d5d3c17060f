"""Collection from SDKs: batches whose key is in a page's source or on a server."""

import asyncio
from collections import Counter
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.types import Scope

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.collect.address import ClientAddress
from footfall.collect.client import Client, read_client
from footfall.collect.count import AddressShare
from footfall.collect.header import Headers
from footfall.collect.raw import TAG_FIELDS, decode_raw_event, quarantine
from footfall.enrich.agent import MAX_USER_AGENT
from footfall.enrich.bot import bot_patterns
from footfall.enrich.pipeline import Enricher
from footfall.journal.writer import Journal
from footfall.model.event import Dropped, Event
from footfall.model.hit import Hit
from footfall.model.record import EventsRecord, Quarantined, encode_record
from footfall.model.unit import Count, Payload
from footfall.model.website import Website

MAX_BODY_BYTES = 8 * 1024 * 1024
EVENTS_PER_TURN = 50

_BROWSERS = ("Mozilla/", "Opera/")
"""How the user agents of browsers begin, and those of crawlers that visit pages as browsers do."""

# enrichment's name of a field → the SDKs'
_FIELD_OF = {tag: f"context.{tag}" for tag in TAG_FIELDS} | {
    "visitorUid": "anonymous_id",
    "sessionUid": "session_id",
    "eventId": "message_id",
    "name": "event",
    "url": "context.page_url",
    "title": "context.page_title",
    "referrer": "context.referrer",
    "language": "context.locale",
    "timezone": "context.timezone",
    "userAgent": "context.user_agent",
    "country": "context.location",
}


class RawTaken(Payload, frozen=True):
    """What became of a request's events. The successful ones are on disk."""

    successful_rows: Annotated[Count, Meta(description="Events that are on disk")]
    quarantined_rows: Annotated[
        Count, Meta(description="Events that were quarantined, see /v0/quarantine")
    ]


class SdkCollector:
    """Takes batches: each event is judged on its own, and invalid ones are quarantined with the
    reason, in the same record as the rest."""

    def __init__(
        self,
        *,
        registry: Registry,
        enricher: Enricher,
        journal: Journal,
        client_address: ClientAddress,
        address_share: AddressShare,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._enricher = enricher
        self._journal = journal
        self._client_address = client_address
        self._address_share = address_share
        self._clock = clock

    def client(self, scope: Scope) -> Client:
        """Who sent a request, by its connection."""
        client = read_client(scope, Headers(scope["headers"]), self._client_address)
        self._address_share.add(client.address)
        return client

    async def take(
        self, raw_events: list[msgspec.Raw], website: Website, client: Client | None
    ) -> RawTaken:
        """Enrich and journal a batch. Raises Unavailable and then keeps none of it.

        `client` is the client whose address counts; None: the sender is a server, and its events
        say what they know about the client.
        """
        now = self._clock()
        events: list[Event] = []
        quarantined: list[Quarantined] = []
        reasons: Counter[str] = Counter()
        for index, raw in enumerate(raw_events):
            if index % EVENTS_PER_TURN == EVENTS_PER_TURN - 1:
                await asyncio.sleep(0)  # a large batch must not hold up the visitors' requests
            outcome = self._enrich(raw, website, client, now)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                quarantined.append(quarantine(raw, website.id, outcome))
                reasons[outcome.reason] += 1
        if raw_events:
            record = EventsRecord(
                received_at=now,
                via="sdk",
                events=events,
                counts=[(website.id, reason, n) for reason, n in reasons.items()],
                quarantined=quarantined,
            )
            await asyncio.shield(self._journal.append(encode_record(record)))
        return RawTaken(len(events), len(quarantined))

    def _enrich(
        self, raw: msgspec.Raw, website: Website, client: Client | None, now: int
    ) -> Event | Dropped:
        def decode() -> Hit:
            hit = decode_raw_event(raw, now)
            if client is not None:
                _add_client(client, hit)
            return hit

        outcome = self._enricher.decode_and_enrich(decode, website, self._registry.salts(now))
        return _in_sdk_words(outcome) if isinstance(outcome, Dropped) else outcome


def _add_client(client: Client, hit: Hit) -> None:
    """The address is the connection's, and the user agent what the event says of its client.

    Without one the connection's counts if it is a browser's: that of an HTTP library says nothing
    about the device. Hints belong to the agent that sent them.
    """
    hit.client_address = client.address
    hit.country = ""
    if hit.user_agent is None and _is_of_browser(client.user_agent):
        hit.user_agent = client.user_agent
    if hit.user_agent == client.user_agent:
        hit.hints = client.hints


def _is_of_browser(user_agent: str) -> bool:
    is_named_so = user_agent.startswith(_BROWSERS)
    return is_named_so and bot_patterns().reason(user_agent[:MAX_USER_AGENT]) != "library"


def _in_sdk_words(dropped: Dropped) -> Dropped:
    field = _FIELD_OF.get(dropped.field, dropped.field)
    message = dropped.message
    if message.startswith(f"{dropped.field} "):
        message = field + message.removeprefix(dropped.field)
    return Dropped(dropped.reason, field, message)
