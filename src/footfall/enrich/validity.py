"""Steps that refuse what cannot be stored and types that do not exist."""

import re
from operator import attrgetter

import msgspec

from footfall.enrich.draft import Draft
from footfall.enrich.place import MAX_ADDRESS
from footfall.enrich.step import invalid
from footfall.model.address import plain_address
from footfall.model.event import EVENT_TYPES, Dropped
from footfall.model.hit import Hit
from footfall.model.text import is_clean
from footfall.model.uid import is_uid

_WALLET = re.compile(r"[A-Za-z0-9:._-]{1,128}")
_TYPES = frozenset(EVENT_TYPES)
_TEXTS = tuple(
    field.name
    for field in msgspec.structs.fields(Hit)
    if isinstance(field.default, str) or field.name == "user_agent"
)
_texts_of = attrgetter(*_TEXTS)
_SENT_AS = {"client_address": "ip"}
"""Fields of a hit that senders know by another name than the same in camelCase."""


def drop_unknown_type(draft: Draft) -> Dropped | None:
    if draft.hit.type in _TYPES:
        return None
    return invalid("type", f"unknown type; one of {', '.join(EVENT_TYPES)}")


def drop_unstorable(draft: Draft) -> Dropped | None:
    """No NUL and no lone surrogates in any text."""
    hit = draft.hit
    if is_clean(_all_text(hit)):
        return None
    for field in _TEXTS:
        if not is_clean(getattr(hit, field) or ""):
            name = _sent_as(field)
            return invalid(name, f"{name} must be text without NUL and lone surrogates")
    for tag, value in (hit.tags or {}).items():
        if not is_clean(value):
            return invalid(tag, f"{tag} must be text without NUL and lone surrogates")
    return None


def drop_malformed_id(draft: Draft) -> Dropped | None:
    """Ids are opaque, but short and plain."""
    hit = draft.hit
    if hit.visitor_uid and not is_uid(hit.visitor_uid):
        return invalid("visitorUid", "visitorUid must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    if hit.session_uid and not is_uid(hit.session_uid):
        return invalid("sessionUid", "sessionUid must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    if len(hit.event_id) > 64:
        return invalid("eventId", "eventId must have at most 64 characters")
    if hit.address and not _WALLET.fullmatch(hit.address):
        return invalid("address", "address must be a wallet address")
    return None


def add_address(draft: Draft) -> Dropped | None:
    """The client's address in its one spelling; what a backend sends must be one."""
    given = draft.hit.client_address
    draft.address = plain_address(given[:MAX_ADDRESS]) if given else ""
    if given and not draft.address and not draft.hit.is_public:
        return invalid("ip", "ip must be an IPv4 or IPv6 address")
    return None


def _all_text(hit: Hit) -> str:
    tags = hit.tags.values() if hit.tags else ()
    return "".join((*filter(None, _texts_of(hit)), *tags))


def _sent_as(name: str) -> str:
    first, *rest = name.split("_")
    return _SENT_AS.get(name) or first + "".join(word.title() for word in rest)
