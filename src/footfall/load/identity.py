"""Taking personal data out of an identify: it belongs in the profile, not in events."""

from typing import Any

import msgspec

from footfall.model.event import Event
from footfall.model.identity import MAX_PERSONAL, Identified, profile_field
from footfall.model.payment import NO_PROFILE, Profile
from footfall.model.text import cut

_encode = msgspec.json.encode


def set_apart(event: Event) -> tuple[Event, Identified | None]:
    """An identify without its personal data, and that data if it may be stored.

    It may be stored for a visitor with an id of their own, but not for a visitor without cookies or
    for a bot.
    """
    if not event.properties:
        return event, None
    known: dict[str, str] = {}
    others: dict[str, Any] = {}
    for name, value in msgspec.json.decode(event.properties, type=dict[str, Any]).items():
        field = profile_field(name)
        if not field:
            others[name] = value
        elif not known.get(field):
            known[field] = _text(value)
    if not known:
        return event, None
    bare = msgspec.structs.replace(event, properties=_encode(others).decode() if others else "")
    profile = Profile(**known)
    is_cookieless = event.visitor_id_yesterday != 0
    if profile == NO_PROFILE or not event.visitor_id or is_cookieless or event.bot:
        return bare, None
    return bare, Identified(
        website_id=event.website_id,
        visitor_id=event.visitor_id,
        profile=profile,
        stated_at=event.occurred_at,
    )


def _text(value: object) -> str:
    """The text of a text or a number; '' for anything that cannot be a name."""
    if isinstance(value, str):
        return cut(value, MAX_PERSONAL)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _encode(value).decode() if is_number else ""
