"""The wire format of events, of the tracker and of backends, decoded and size-checked."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from footfall.enrich.long_url import shorten_url
from footfall.model.errors import BadRequest
from footfall.model.event import (
    EARLIEST_AT,
    GOAL_NAME,
    MAX_AHEAD_MS,
    MAX_EVENT_NAME,
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    EventType,
    is_event_name,
)
from footfall.model.hit import ClientFacts, ClientHints, Hit, client_facts
from footfall.model.json_text import MALFORMED, mend_characters
from footfall.model.uid import UID_PATTERN

MAX_PUBLIC_EVENTS = 20
MAX_BATCH_EVENTS = 1000

_Uid = Annotated[str, Meta(pattern=rf"\A(?:{UID_PATTERN})?\Z")]


class _Described(ClientFacts, kw_only=True, gc=False):
    """What both trackers and backends say about an event."""

    type: EventType = "page"
    url: str = ""  # of any length: enrichment shortens it
    referrer: str = ""  # the same
    title: str = ""  # the same
    name: Annotated[str, Meta(max_length=MAX_EVENT_NAME)] = ""
    properties: Annotated[
        dict[str, Any] | str | None,
        Meta(
            description="An identify may also have a text here, the person's email address",
            extra_json_schema={"maxProperties": MAX_PROPERTIES},
        ),
    ] = None
    visitor_uid: _Uid = msgspec.field(name="visitorUid", default="")
    session_uid: _Uid = msgspec.field(name="sessionUid", default="")
    engaged_s: Annotated[float, Meta(ge=0, le=3600)] = 0.0


class PublicEvent(_Described, kw_only=True, gc=False):
    """One event as the tracker sends it. Fields that it may not set are ignored."""

    website_id: Annotated[str, Meta(max_length=64)] = msgspec.field(name="websiteId")
    cookieless: bool = False
    hash: bool = False
    platform_version: Annotated[str, Meta(max_length=64)] = msgspec.field(
        name="platformVersion", default=""
    )


class ServerEvent(_Described, kw_only=True, gc=False):
    """One event as a backend sends it: its client facts and time are believed."""

    event_id: Annotated[str, Meta(max_length=64)] = msgspec.field(name="eventId", default="")
    timestamp: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(extra_json_schema={"format": "date-time"}),
    ] = None
    user_agent: Annotated[str, Meta(max_length=1024)] | None = msgspec.field(
        name="userAgent", default=None
    )
    ip: Annotated[str, Meta(max_length=64)] = ""
    country: Annotated[str, Meta(max_length=128)] = ""
    region: Annotated[str, Meta(max_length=128)] = ""
    city: Annotated[str, Meta(max_length=128)] = ""
    address: Annotated[str, Meta(max_length=128)] = ""


class Batch(msgspec.Struct, kw_only=True):
    """Events of one website."""

    website_id: str = msgspec.field(name="websiteId", default="")
    domain: str = ""
    events: list[msgspec.Raw]


_public = msgspec.json.Decoder(PublicEvent)
_publics: msgspec.json.Decoder[list[PublicEvent] | PublicEvent] = msgspec.json.Decoder(
    Annotated[list[PublicEvent], Meta(max_length=MAX_PUBLIC_EVENTS)] | PublicEvent
)
_server = msgspec.json.Decoder(ServerEvent)
_batch = msgspec.json.Decoder(Batch)
_events = msgspec.json.Decoder(list[msgspec.Raw])


def decode_public(body: bytes) -> list[PublicEvent | BadRequest]:
    """The tracker's events; an invalid one as its error. Raises BadRequest for the body."""
    try:
        events = _publics.decode(body)
        return list(events) if isinstance(events, list) else [events]
    except MALFORMED:
        return [_decode_one(raw) for raw in _raw_events(mend_characters(body))]


def _raw_events(body: bytes) -> list[msgspec.Raw]:
    if body.lstrip()[:1] != b"[":
        return [msgspec.Raw(body)]
    try:
        events = _events.decode(body)
    except MALFORMED as error:
        raise bad_request_of(error) from None
    if len(events) > MAX_PUBLIC_EVENTS:
        raise BadRequest(f"{len(events)} events in one request; at most {MAX_PUBLIC_EVENTS}")
    return events


def _decode_one(raw: msgspec.Raw) -> PublicEvent | BadRequest:
    try:
        return _public.decode(raw)
    except MALFORMED as error:
        return bad_request_of(error)


def decode_batch(body: bytes) -> tuple[str, list[msgspec.Raw]]:
    """A backend's batch: the selector it names ('' for none) and its events, not yet decoded.

    Raises BadRequest naming the field.
    """
    body = mend_characters(body)
    try:
        if body.lstrip()[:1] == b"[":
            selector, events = "", _events.decode(body)
        else:
            batch = _batch.decode(body)
            selector, events = batch.website_id or batch.domain, batch.events
    except MALFORMED as error:
        raise bad_request_of(error) from None
    if len(events) > MAX_BATCH_EVENTS:
        raise BadRequest(
            f"events: {len(events)} events in one request; send at most {MAX_BATCH_EVENTS}",
            field="events",
        )
    return selector, events


def decode_server_event(raw: msgspec.Raw, now_ms: int) -> Hit:
    """One event of a batch. Raises BadRequest naming the field."""
    try:
        event = _server.decode(raw)
    except MALFORMED as error:
        raise bad_request_of(error) from None
    return Hit(
        is_public=False,
        type=event.type,
        url=_checked_url(event.type, event.url),
        referrer=event.referrer,
        title=event.title,
        name=_checked_name(event.type, event.name),
        properties=_checked_properties(event.type, event.properties),
        **client_facts(event),
        engaged_ms=round(event.engaged_s * 1000),
        visitor_uid=event.visitor_uid,
        session_uid=event.session_uid,
        event_id=event.event_id,
        address=event.address,
        occurred_at=checked_time(event.timestamp, now_ms),
        client_address=event.ip,
        user_agent=event.user_agent,
        country=event.country,
        region=event.region,
        city=event.city,
    )


def hit_of_public(event: PublicEvent, now_ms: int) -> Hit:
    """The hit of a tracker's event, without what the connection says.

    Raises BadRequest naming the field.
    """
    is_cookieless = event.cookieless or not event.visitor_uid
    return Hit(
        type=event.type,
        url=_checked_url("page", shorten_url(event.url, is_sent_cut=True)),
        referrer=event.referrer,
        title=event.title,
        name=_checked_name(event.type, event.name),
        properties=_checked_properties(event.type, event.properties),
        **client_facts(event),
        engaged_ms=round(event.engaged_s * 1000),
        visitor_uid="" if is_cookieless else event.visitor_uid,
        session_uid="" if is_cookieless else event.session_uid,
        occurred_at=now_ms,
        is_cookieless=is_cookieless,
        is_hash_route=event.hash,
        hints=ClientHints(platform_version=event.platform_version),
    )


def _checked_url(type_: str, url: str) -> str:
    if not url and type_ in ("page", "outbound"):
        raise BadRequest(f"url: required for {type_} events; send the full address", field="url")
    return url


def _checked_name(type_: str, name: str) -> str:
    if type_ == "track":
        name = name.lower()
        if not GOAL_NAME.fullmatch(name):
            raise BadRequest(
                "name: not a valid goal name: use 1 to 64 of a-z, 0-9, _ or -", field="name"
            )
    elif type_ == "decoded_log" and not (name and is_event_name(name)):
        raise BadRequest(
            "name: a contract event's name has 1 to 128 printable characters", field="name"
        )
    elif type_ in ("signature", "transaction") and not is_event_name(name):
        raise BadRequest(f"name: a {type_}'s name has printable characters only", field="name")
    elif type_ not in ("track", "decoded_log", "signature", "transaction"):
        return ""
    return name


def _checked_properties(
    type_: str, properties: dict[str, Any] | str | None
) -> dict[str, Any] | None:
    if isinstance(properties, str):
        if type_ != "identify":
            raise BadRequest("properties: send an object, or nothing", field="properties")
        return {"email": properties}  # as in identify("ann@example.com")
    if not properties:
        return None
    if type_ == "outbound" and isinstance(link := properties.get("url"), str):
        properties = {**properties, "url": shorten_url(link)}
    if len(properties) > MAX_PROPERTIES:
        raise BadRequest(
            f"properties: {len(properties)} keys; at most {MAX_PROPERTIES}", field="properties"
        )
    try:
        size = len(msgspec.json.encode(properties))
    except (UnicodeError, RecursionError):
        raise BadRequest(
            "properties: not valid Unicode, or nested too deep", field="properties"
        ) from None
    if size > MAX_PROPERTIES_BYTES:
        raise BadRequest(
            f"properties: {size} bytes as JSON; at most {MAX_PROPERTIES_BYTES}", field="properties"
        )
    return properties


def checked_time(timestamp: str | None, now_ms: int, zone: tzinfo = UTC) -> int:
    """An event's time by its ISO 8601 text, local to `zone` where it has no offset; now for none.
    Raises BadRequest naming timestamp."""
    if timestamp is None:
        return now_ms
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        raise BadRequest(
            f"timestamp: {timestamp!r} is not an ISO 8601 time such as 2026-01-31T12:00:00Z",
            field="timestamp",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        at = int(moment.timestamp() * 1000 + 0.5)
    except (OverflowError, ValueError):
        at = 0
    if not EARLIEST_AT <= at <= now_ms + MAX_AHEAD_MS:
        raise BadRequest(
            f"timestamp: {timestamp} is not between 2000-01-01 and one minute from now",
            field="timestamp",
        )
    return at


def bad_request_of(error: Exception, whole: str = "body") -> BadRequest:
    """The error for MALFORMED: msgspec's "Expected … - at `$.field`" with the field first, or with
    `whole`, the word for what was decoded, if the error is not in a field."""
    message, _, path = str(error).partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    if not field and (found := re.search(r"missing required field `(\w+)`", message)):
        field = found[1]
    return BadRequest(f"{field or whole}: {message}", field=field)
