"""Server-side collection: batches of events from backends, with a token."""

import asyncio

import msgspec

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.collect.count import HitCounts
from footfall.collect.wire import decode_server_event
from footfall.enrich.pipeline import Enricher
from footfall.journal.writer import Journal
from footfall.model.event import Dropped, Event
from footfall.model.hit import Hit
from footfall.model.record import EventsRecord, encode_record
from footfall.model.unit import Count, Ordinal, Payload
from footfall.model.website import Website

MAX_BODY_BYTES = 8 * 1024 * 1024
EVENTS_PER_TURN = 50


class Rejected(Payload, frozen=True):
    """One event of a batch that was not taken, by its index."""

    index: Ordinal
    field: str
    message: str


class Taken(Payload, frozen=True):
    """What became of a batch. Everything accepted is on disk."""

    accepted: Count
    rejected: list[Rejected]


class ServerCollector:
    """Takes batches: each event is judged on its own, and the accepted ones are kept together."""

    def __init__(
        self,
        *,
        registry: Registry,
        enricher: Enricher,
        journal: Journal,
        counts: HitCounts,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._enricher = enricher
        self._journal = journal
        self._counts = counts
        self._clock = clock

    async def take(self, raw_events: list[msgspec.Raw], website: Website) -> Taken:
        """Enrich and journal a batch. Raises Unavailable and then keeps none of it."""
        now = self._clock()
        events: list[Event] = []
        reasons: list[str] = []
        rejected: list[Rejected] = []
        for index, raw in enumerate(raw_events):
            if index % EVENTS_PER_TURN == EVENTS_PER_TURN - 1:
                await asyncio.sleep(0)  # a large batch must not hold up the visitors' requests
            outcome = self._enrich(raw, website, now)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                reasons.append(outcome.reason)
                message = outcome.message or f"dropped: {outcome.reason}"
                rejected.append(Rejected(index, outcome.field, message))
        if events:
            record = EventsRecord(received_at=now, via="server", events=events)
            await asyncio.shield(self._journal.append(encode_record(record)))
        for reason in reasons:  # only now: events that are not kept are sent again
            self._counts.drop(website.id, reason)
        return Taken(len(events), rejected)

    def _enrich(self, raw: msgspec.Raw, website: Website, now: int) -> Event | Dropped:
        def decode() -> Hit:
            return decode_server_event(raw, now)

        return self._enricher.decode_and_enrich(decode, website, self._registry.salts(now))
