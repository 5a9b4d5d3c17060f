"""The wire format of SDK events, decoded and size-checked."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from footfall.collect.wire import bad_request_of
from footfall.model.campaign import CAMPAIGN_PARAMS, CLICK_IDS
from footfall.model.errors import BadRequest
from footfall.model.event import EVENT_TYPES, MAX_EVENT_NAME, MAX_PROPERTIES_BYTES, Dropped
from footfall.model.hit import Hit
from footfall.model.json_text import MALFORMED, mend_characters
from footfall.model.record import Quarantined
from footfall.model.text import cut, is_secret_name

MAX_RAW_EVENTS = 1000
MAX_SHIFT_MS = 24 * 60 * 60 * 1000
"""The longest time that an event is believed to have waited in its sender's queue."""

RAW_TYPES: tuple[str, ...] = tuple(
    name for name in EVENT_TYPES if name not in ("outbound", "engagement")
)
_TYPE_OF = {name: name for name in RAW_TYPES} | {"screen": "page"}  # older SDKs: an app's page

_Short = Annotated[str, Meta(max_length=256)] | None
_Id = Annotated[str, Meta(max_length=64)] | None
_PLACE_PROPERTIES = frozenset({"url", "path", "hash", "query", "title"})
_MAX_MESSAGE = 200
_NOWHERE = "unknown"


class _Context(msgspec.Struct, kw_only=True, gc=False):
    """Where and with what the event happened. Beside these fields it has those of TAG_FIELDS, which
    an SDK remembers.

    Addresses, titles, user agents, tags and click ids may have any length: enrichment shortens
    them.
    """

    page_url: str | None = None
    page_title: str | None = None
    referrer: str | None = None
    locale: _Short = None
    timezone: _Short = None
    location: Annotated[str, Meta(max_length=128)] | None = None
    user_agent: str | None = None
    screen_width: float | None = None
    screen_height: float | None = None


TAG_FIELDS: tuple[str, ...] = (*CAMPAIGN_PARAMS, *CLICK_IDS)
RawContext = msgspec.defstruct(
    "RawContext",
    [(name, str | None, None) for name in TAG_FIELDS],
    bases=(_Context,),
    kw_only=True,
    gc=False,
)
_NO_CONTEXT = RawContext()


class RawEvent(msgspec.Struct, kw_only=True, gc=False):
    """One event as an SDK sends it. null is the same as a missing field; others are ignored."""

    type: Annotated[
        Annotated[str, Meta(max_length=32)] | None,
        Meta(extra_json_schema={"enum": [*_TYPE_OF]}),
    ] = None
    channel: Annotated[str, Meta(max_length=64)] | None = None
    version: Annotated[str, Meta(max_length=32)] | None = None
    anonymous_id: _Id = None
    session_id: _Id = None
    message_id: _Id = None
    user_id: _Short = None
    address: Annotated[str, Meta(max_length=128)] | None = None
    event: Annotated[str, Meta(max_length=MAX_EVENT_NAME)] | None = None
    context: RawContext | None = None  # type: ignore[valid-type]
    properties: dict[str, Any] | None = None
    original_timestamp: Annotated[str, Meta(max_length=64)] | None = None
    sent_at: Annotated[str, Meta(max_length=64)] | None = None


class _Label(msgspec.Struct, gc=False):
    """The fields that identify an invalid event, of any JSON type."""

    type: Any = None
    event: Any = None
    message_id: Any = None


_event = msgspec.json.Decoder(RawEvent)
_events = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(dict[str, msgspec.Raw])
_label = msgspec.json.Decoder(_Label)


def decode_raw_events(body: bytes) -> list[msgspec.Raw]:
    """A request's events, not yet decoded: of an array, or the one object alone.

    Raises BadRequest for the body as a whole.
    """
    body = mend_characters(body)
    try:
        if body.lstrip()[:1] == b"{":
            _one.decode(body)
            return [msgspec.Raw(body)]
        events = _events.decode(body)
    except msgspec.ValidationError:
        raise BadRequest("body: send a JSON array of events, or one event as an object") from None
    except MALFORMED as error:
        raise bad_request_of(error) from None
    if len(events) > MAX_RAW_EVENTS:
        raise BadRequest(f"body: {len(events)} events in one request; at most {MAX_RAW_EVENTS}")
    return events


def decode_raw_event(raw: msgspec.Raw, now_ms: int) -> Hit:
    """One event, without what the connection says about the client, but with what its context
    says. Raises BadRequest with the field's dotted name."""
    try:
        event = _event.decode(raw)
    except MALFORMED as error:
        raise bad_request_of(error, "event") from None
    type_ = _checked_type(event)
    context: Any = event.context or _NO_CONTEXT
    return Hit(
        is_public=False,
        keeps_goal_name=True,
        has_any_traits=True,
        type=type_,
        url=_url(type_, event, context),
        title=context.page_title or _page_property(type_, event, "title"),
        referrer=context.referrer or "",
        name=event.event or "",
        properties=_properties(type_, event),
        language=context.locale or "",
        screen=_screen(context),
        timezone=context.timezone or "",
        version=event.version or "",
        tags={name: value for name in TAG_FIELDS if (value := getattr(context, name))},
        visitor_uid=event.anonymous_id or "",
        session_uid=event.session_id or "",
        has_own_session=bool(event.session_id),
        has_visitor=bool(event.anonymous_id),
        event_id=event.message_id or "",
        address=event.address or "",
        occurred_at=_occurred_at(event, now_ms),
        user_agent=(context.user_agent or "").strip() or None,
        country=_country(context),
    )


def quarantine(raw: msgspec.Raw, website_id: int, dropped: Dropped) -> Quarantined:
    """What is kept of a rejected event: its name and the reason, all shortened."""
    try:
        label = _label.decode(raw)
    except MALFORMED:
        label = _Label()
    return Quarantined(
        website_id=website_id,
        message_id=_shown(label.message_id, 64),
        type=_shown(label.type, 32),
        name=_shown(label.event, MAX_EVENT_NAME),
        field=cut(dropped.field, 64),
        message=cut(dropped.message or f"dropped: {dropped.reason}", _MAX_MESSAGE),
    )


def _shown(value: object, length: int) -> str:
    """Text that can be stored; '' for anything else."""
    if not isinstance(value, str):
        return ""
    return cut(value[:length].encode("utf-8", "replace").decode(), length)


def _checked_type(event: RawEvent) -> str:
    """The event's type, after a check of the fields that every event must have."""
    for name in ("type", "version", "channel"):
        if not getattr(event, name):
            raise BadRequest(f"{name}: required for every event", field=name)
    if not event.anonymous_id and not event.address:
        raise BadRequest(
            "anonymous_id: required for every event that has no address", field="anonymous_id"
        )
    type_ = _TYPE_OF.get(event.type or "")
    if type_ is None:
        raise BadRequest(f"type: unknown; one of {', '.join(RAW_TYPES)}", field="type")
    return type_


def _url(type_: str, event: RawEvent, context: _Context) -> str:
    url = context.page_url or ""
    if type_ != "page":
        return url
    url = url or _page_property(type_, event, "url")
    if not url:
        raise BadRequest(
            "context.page_url: required for page events; send the full address",
            field="context.page_url",
        )
    return url


def _page_property(type_: str, event: RawEvent, name: str) -> str:
    """A page's address or title where the context has none."""
    value = (event.properties or {}).get(name) if type_ == "page" else None
    return value if isinstance(value, str) else ""


def _properties(type_: str, event: RawEvent) -> dict[str, object] | None:
    properties = event.properties or {}
    if type_ == "page":
        # SDKs copy the parameters of the address into a page's properties, secrets and all
        properties = {
            name: "***" if is_secret_name(name) else value
            for name, value in properties.items()
            if name not in _PLACE_PROPERTIES
        }
    elif type_ == "identify" and event.user_id and properties.get("user_id") is None:
        properties = {**properties, "user_id": event.user_id}
    elif type_ == "transaction":
        properties = _without_long_calls(properties)
    return properties or None


def _without_long_calls(properties: dict[str, object]) -> dict[str, object]:
    """Drop the call's bytes, which can have any length, rather than the whole transaction."""
    for name in ("data", "function_args"):
        try:
            size = len(msgspec.json.encode(properties))
        except (UnicodeError, RecursionError):
            return properties  # enrichment refuses it
        if size > MAX_PROPERTIES_BYTES:
            properties = {key: value for key, value in properties.items() if key != name}
    return properties


def _screen(context: _Context) -> str:
    width, height = context.screen_width, context.screen_height
    if width is None or height is None:
        return ""
    return f"{width:.0f}x{height:.0f}"


def _country(context: _Context) -> str:
    location = context.location or ""
    return "" if location.lower() == _NOWHERE else location


def _occurred_at(event: RawEvent, now_ms: int) -> int:
    """The time of receipt minus the event's wait at its sender, by the sender's clock."""
    happened_at = _moment(event.original_timestamp, "original_timestamp")
    sent_at = _moment(event.sent_at, "sent_at")
    if happened_at is None or sent_at is None:
        return now_ms
    return now_ms - min(max(sent_at - happened_at, 0), MAX_SHIFT_MS)


def _moment(text: str | None, field: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{field}: not an ISO 8601 time such as 2026-01-31T12:00:00.000Z", field=field
        ) from None
