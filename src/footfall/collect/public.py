"""The public collector: what trackers in browsers send, without a token.

A plain ASGI function, reached before the web framework: this is the one path that every
visitor's browser takes.
"""

from collections.abc import Sequence
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
_ACCEPTED_ONE = b'{"status":"success","data":[{"accepted":1,"dropped":[]}]}'


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
        method = scope["method"]
        if method == "OPTIONS":
            await _send(send, 204, _CORS, b"")
            return
        if method == "HEAD":
            await _send(send, 200, _GIF, b"", length=len(_PIXEL))
            return
        headers = Headers(scope["headers"])
        try:
            if method == "POST":
                encoding = headers.text(b"content-encoding").encode("latin-1")
                body = await read_body(receive, MAX_BODY_BYTES, encoding)
                events: Sequence[PublicEvent | BadRequest] = decode_public(body)
            elif method == "GET":
                events = [_event_of_query(scope["query_string"], headers)]
            else:
                message = f"{method} is not possible here; send events with POST"
                await _send(send, 405, [*_JSON, _ALLOW], _error_body(405, message))
                return
            accepted, dropped = await self._take(events, scope, headers)
        except FootfallError as error:
            if isinstance(error, BadRequest | TooLarge):
                self._counts.drop(0, "too_large" if error.status == 413 else "invalid")
            await _send_error(send, error)
            return
        if method != "POST":
            await _send(send, 200, _GIF, _PIXEL)
        elif accepted == 1 and not dropped:
            await _send(send, 202, _JSON, _ACCEPTED_ONE)
        else:
            await _send(send, *_answer(accepted, dropped))

    async def _take(
        self, wires: Sequence[PublicEvent | BadRequest], scope: Scope, headers: Headers
    ) -> tuple[int, list[Dropped]]:
        """Enrich and journal one request's events. Raises Unavailable and then keeps none."""
        now = self._clock()
        client = read_client(scope, headers, self._client_address)
        self._address_share.add(client.address)
        events: list[Event] = []
        drops: list[tuple[int, Dropped]] = []
        urls: list[str] = []  # of the drops
        for wire in wires:
            if isinstance(wire, BadRequest):
                drops.append((0, Dropped("invalid", wire.field, wire.message)))
                urls.append("")
                continue
            website = self._registry.website_by_tracking_id(wire.website_id)
            if website is None:
                drops.append((0, _unknown_website(wire.website_id)))
                urls.append(wire.url)
                continue
            outcome = self._enrich(wire, website, now, client)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                drops.append((website.id, outcome))
                urls.append(wire.url)
        if events:
            record = EventsRecord(received_at=now, via="collector", events=events)
            await self._journal.append(encode_record(record))
        for event in events:
            self._recent.note_event(event)
        for (website_id, dropped), url in zip(drops, urls, strict=True):
            self._counts.drop(website_id, dropped.reason)
            self._recent.note_drop(website_id, url, dropped)
        return len(events), [dropped for _, dropped in drops]

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


def _answer(accepted: int, dropped: list[Dropped]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """202 if anything was accepted or dropped by a rule; 400 if all of it was invalid."""
    wrong = [d for d in dropped if d.reason in ("invalid", "unknown_website")]
    if wrong and not accepted and len(wrong) == len(dropped):
        return 400, _JSON, _error_body(400, wrong[0].message or wrong[0].reason)
    rows = [{"reason": d.reason, "field": d.field, "message": d.message} for d in dropped]
    data = {"status": "success", "data": [{"accepted": accepted, "dropped": rows}]}
    return 202, _JSON, msgspec.json.encode(data)


def _error_body(status: int, message: str) -> bytes:
    return msgspec.json.encode(error_of(status, message))


async def _send_error(send: Send, error: FootfallError) -> None:
    headers = list(_JSON)
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % error.retry_after_s))
    await _send(send, error.status, headers, _error_body(error.status, error.message))


async def _send(
    send: Send,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    *,
    length: int | None = None,
) -> None:
    """An answer; `length` is the length in its head if no body follows."""
    said = len(body) if length is None else length
    headers = [*headers, (b"content-length", b"%d" % said)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
