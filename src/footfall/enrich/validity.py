"""Steps that refuse what could not be stored or is none of our types."""

import re

from footfall.enrich.draft import Draft
from footfall.enrich.place import MAX_ADDRESS
from footfall.enrich.step import invalid
from footfall.model.address import plain_address
from footfall.model.event import EVENT_TYPES, Dropped
from footfall.model.hit import Hit
from footfall.model.text import is_clean

_UID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WALLET = re.compile(r"[A-Za-z0-9:._-]{1,128}")
_TYPES = frozenset(EVENT_TYPES)
_FIELD_NAMES = {
    "url": "url",
    "referrer": "referrer",
    "title": "title",
    "name": "name",
    "language": "language",
    "screen": "screen",
    "visitor_uid": "visitorUid",
    "session_uid": "sessionUid",
    "event_id": "eventId",
    "address": "address",
    "client_address": "ip",
    "user_agent": "userAgent",
    "country": "country",
    "region": "region",
    "city": "city",
    "timezone": "timezone",
    "version": "version",
}


def drop_unknown_type(draft: Draft) -> Dropped | None:
    if draft.hit.type in _TYPES:
        return None
    return invalid("type", f"unknown type; one of {', '.join(EVENT_TYPES)}")


def drop_unstorable(draft: Draft) -> Dropped | None:
    """No NUL and no lone surrogates in any text."""
    hit = draft.hit
    if is_clean(_all_text(hit)):
        return None
    for field, name in _FIELD_NAMES.items():
        if not is_clean(getattr(hit, field) or ""):
            return invalid(name, f"{name} must be text without NUL and lone surrogates")
    for tag, value in (hit.tags or {}).items():
        if not is_clean(value):
            return invalid(tag, f"{tag} must be text without NUL and lone surrogates")
    return None


def drop_malformed_id(draft: Draft) -> Dropped | None:
    """Ids are opaque, but short and plain."""
    hit = draft.hit
    if hit.visitor_uid and not _UID.fullmatch(hit.visitor_uid):
        return invalid("visitorUid", "visitorUid must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    if hit.session_uid and not _UID.fullmatch(hit.session_uid):
        return invalid("sessionUid", "sessionUid must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    if len(hit.event_id) > 64:
        return invalid("eventId", "eventId must have at most 64 characters")
    if hit.address and not _WALLET.fullmatch(hit.address):
        return invalid("address", "address must be a wallet address")
    return None


def add_address(draft: Draft) -> Dropped | None:
    """The client's address in its one spelling; a backend's must be one."""
    given = draft.hit.client_address
    draft.address = plain_address(given[:MAX_ADDRESS]) if given else ""
    if given and not draft.address and not draft.hit.is_public:
        return invalid("ip", "ip must be an IPv4 or IPv6 address")
    return None


def _all_text(hit: Hit) -> str:
    return "".join(
        (
            hit.url,
            hit.referrer,
            hit.title,
            hit.name,
            hit.language,
            hit.screen,
            hit.visitor_uid,
            hit.session_uid,
            hit.event_id,
            hit.address,
            hit.client_address,
            hit.user_agent or "",
            hit.country,
            hit.region,
            hit.city,
            hit.timezone,
            hit.version,
            "".join(hit.tags.values()) if hit.tags else "",
        )
    )
