"""The public collector: what trackers in browsers send, without a token.

Reached before the web framework, because this is the one path that every visitor's browser takes.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

from footfall.catalog import Registry
from footfall.clock import Clock
from footfall.collect.address import ClientAddress
from footfall.collect.body import read_body
from footfall.collect.client import Client, read_client
from footfall.collect.count import AddressShare, HitCounts
from footfall.collect.header import Headers
from footfall.collect.recent import RecentHits
from footfall.collect.wire import PublicEvent, decode_public, hit_of_public
from footfall.enrich.pipeline import Enricher
from footfall.journal.writer import Journal
from footfall.model.answer import error_of
from footfall.model.errors import BadRequest, FootfallError, TooLarge
from footfall.model.event import Dropped, Event
from footfall.model.hit import Hit
from footfall.model.record import EventsRecord, encode_record
from footfall.model.website import Website

MAX_BODY_BYTES = 256 * 1024

_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
]
_ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
# No Cache-Control: a page may keep 64 kB of requests alive, and Chromium does not let go of one
# whose answer says no-store and is not read, unless it was sent with `mode: no-cors` as the
# tracker does. The pixel is shown again only if it is not stored.
_JSON = [(b"content-type", b"application/json"), *_CORS[:1]]
_GIF = [(b"content-type", b"image/gif"), *_CORS[:1], (b"cache-control", b"no-store")]
_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_PIXEL_FIELDS = ("websiteId", "url", "referrer", "title")


class Reply(NamedTuple):
    """An answer with all of its own headers."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Taken(NamedTuple):
    """What is known about a whole request. `reply` may be called as soon as `committed` is done,
    at once if there is none."""

    committed: "asyncio.Future[None] | None"
    reply: Callable[[], Reply]


class _Pending(NamedTuple):
    """One request's events, which are not on disk before `committed` is done."""

    events: list[Event]
    drops: list[tuple[int, str, Dropped]]  # website, address of the page
    committed: "asyncio.Future[None] | None"


def _reply(status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Reply:
    return Reply(status, (*headers, (b"content-length", b"%d" % len(body))), body)


_PIXEL_SHOWN = _reply(200, _GIF, _PIXEL)
_ACCEPTED_ONE = _reply(202, _JSON, b'{"status":"success","data":[{"accepted":1,"dropped":[]}]}')


class PublicCollector:
    """Answers POST (tracker), GET and HEAD (pixel) and OPTIONS on the events path.

    A HEAD is not a view: nothing shows the pixel, so only its headers are sent.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        enricher: Enricher,
        journal: Journal,
        client_address: ClientAddress,
        counts: HitCounts,
        address_share: AddressShare,
        recent: RecentHits,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._enricher = enricher
        self._journal = journal
        self._client_address = client_address
        self._counts = counts
        self._address_share = address_share
        self._recent = recent
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application: any request, however it arrives."""
        method = scope["method"]
        if method == "OPTIONS":
            await _send(send, _reply(204, _CORS, b""))
        elif method == "HEAD":
            await _send(send, _PIXEL_SHOWN._replace(body=b""))
        elif method in ("POST", "GET"):
            await _send(send, await self._answer(scope, receive))
        else:
            message = f"{method} is not possible here; send events with POST"
            await _send(send, _reply(405, [*_JSON, _ALLOW], _error_body(405, message)))

    def take_whole(self, scope: Scope, body: bytes) -> Taken | None:
        """Take a POST whose whole body is here, without a task that waits for anything. None if
        only the application can: then nothing has happened."""
        headers = Headers(scope["headers"])
        if b"content-encoding" in headers or len(body) > MAX_BODY_BYTES:
            return None
        try:
            pending = self._take(decode_public(body), scope, headers)
        except FootfallError as error:
            return Taken(None, partial(self._refusal, error))
        return Taken(pending.committed, partial(self._finish_whole, pending))

    def _finish_whole(self, pending: _Pending) -> Reply:
        try:
            if pending.committed is not None:
                pending.committed.result()
        except FootfallError as error:
            return self._refusal(error)
        return self._finish(pending)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        """The answer to a POST or GET."""
        headers = Headers(scope["headers"])
        try:
            if scope["method"] == "GET":
                pending = self._take(
                    [_event_of_query(scope["query_string"], headers)], scope, headers
                )
            else:
                encoding = headers.text(b"content-encoding").encode("latin-1")
                body = await read_body(receive, MAX_BODY_BYTES, encoding)
                pending = self._take(decode_public(body), scope, headers)
            if pending.committed is not None:
                await pending.committed
        except FootfallError as error:
            return self._refusal(error)
        reply = self._finish(pending)
        return _PIXEL_SHOWN if scope["method"] == "GET" else reply

    def _take(
        self, wires: Sequence[PublicEvent | BadRequest], scope: Scope, headers: Headers
    ) -> _Pending:
        """Enrich one request's events and hand them to the journal. Raises Unavailable and then
        keeps none."""
        now = self._clock()
        client = read_client(scope, headers, self._client_address)
        self._address_share.add(client.address)
        events: list[Event] = []
        drops: list[tuple[int, str, Dropped]] = []
        for wire in wires:
            if isinstance(wire, BadRequest):
                drops.append((0, "", Dropped("invalid", wire.field, wire.message)))
                continue
            website = self._registry.website_by_tracking_id(wire.website_id)
            if website is None:
                drops.append((0, wire.url, _unknown_website(wire.website_id)))
                continue
            outcome = self._enrich(wire, website, now, client)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                drops.append((website.id, wire.url, outcome))
        committed = None
        if events:
            record = EventsRecord(received_at=now, via="collector", events=events)
            committed = self._journal.append(encode_record(record))
        return _Pending(events, drops, committed)

    def _finish(self, pending: _Pending) -> Reply:
        """Note what became of a request whose events are on disk, and answer it."""
        for event in pending.events:
            self._recent.note_event(event)
        for website_id, url, dropped in pending.drops:
            self._counts.drop(website_id, dropped.reason)
            self._recent.note_drop(website_id, url, dropped)
        if len(pending.events) == 1 and not pending.drops:
            return _ACCEPTED_ONE
        return _reply_to_some(len(pending.events), [dropped for _, _, dropped in pending.drops])

    def _refusal(self, error: FootfallError) -> Reply:
        """Count a request that is refused as a whole, and answer it."""
        if isinstance(error, BadRequest | TooLarge):
            self._counts.drop(0, "too_large" if error.status == 413 else "invalid")
        headers = list(_JSON)
        if error.retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % error.retry_after_s))
        return _reply(error.status, headers, _error_body(error.status, error.message))

    def _enrich(
        self, wire: PublicEvent, website: Website, now: int, client: Client
    ) -> Event | Dropped:
        def decode() -> Hit:
            hit = hit_of_public(wire, now)
            hit.client_address = client.address
            hit.user_agent = client.user_agent
            stated, hit.hints = hit.hints.platform_version, client.hints
            if not client.hints.platform_version:
                # browsers send it only on request, and the tracker can request it
                hit.hints = msgspec.structs.replace(client.hints, platform_version=stated)
            return hit

        return self._enricher.decode_and_enrich(decode, website, self._registry.salts(now))


def _event_of_query(query: bytes, headers: Headers) -> PublicEvent:
    """The pixel's page view: its address is the page that shows the pixel."""
    try:
        given = {name: values[-1] for name, values in parse_qs(query.decode("ascii")).items()}
    except (UnicodeDecodeError, ValueError):
        raise BadRequest("query: not a URL-encoded query string") from None
    given.setdefault("url", headers.text(b"referer"))
    fields: dict[str, object] = {"cookieless": True}
    fields |= {name: given[name] for name in _PIXEL_FIELDS if name in given}
    try:
        return msgspec.convert(fields, PublicEvent)
    except msgspec.ValidationError as error:
        raise BadRequest(f"query: {error}") from None


def _unknown_website(tracking_id: str) -> Dropped:
    return Dropped(
        "unknown_website",
        "websiteId",
        f"websiteId: no website has the tracking id {tracking_id[:40]!r};"
        " `footfall website list` shows them",
    )


def _reply_to_some(accepted: int, dropped: list[Dropped]) -> Reply:
    """202 if anything was accepted or dropped by a rule; 400 if all of it was invalid."""
    wrong = [d for d in dropped if d.reason in ("invalid", "unknown_website")]
    if wrong and not accepted and len(wrong) == len(dropped):
        return _reply(400, _JSON, _error_body(400, wrong[0].message or wrong[0].reason))
    rows = [{"reason": d.reason, "field": d.field, "message": d.message} for d in dropped]
    data = {"status": "success", "data": [{"accepted": accepted, "dropped": rows}]}
    return _reply(202, _JSON, msgspec.json.encode(data))


def _error_body(status: int, message: str) -> bytes:
    return msgspec.json.encode(error_of(status, message))


async def _send(send: Send, reply: Reply) -> None:
    start = {"type": "http.response.start", "status": reply.status, "headers": [*reply.headers]}
    await send(start)
    await send({"type": "http.response.body", "body": reply.body})
