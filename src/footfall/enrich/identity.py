"""The step that checks an identify: who it says the visitor is, and what else it says."""

import re

import msgspec

from footfall.enrich.draft import Draft
from footfall.enrich.step import invalid
from footfall.model.event import METADATA_NAME, Dropped
from footfall.model.identity import MAX_PERSONAL, profile_field
from footfall.model.text import cut

MAX_TRAITS = 10
"""Besides the profile's fields and the image."""
MAX_IMAGE = 250
_MAX_VALUE = 255
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_IMAGE = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_SAYS_WHO = frozenset({"user_id", "email", "customer_id"})
_encode = msgspec.json.encode


def drop_wrong_identity(draft: Draft) -> Dropped | None:
    """An identify names a person and says little else. An SDK's is about a wallet and may have any
    properties; so may one that has no id and is about a wallet."""
    hit = draft.hit
    if hit.type != "identify" or hit.has_any_traits:
        return None
    traits = 0
    says_who = bool(hit.address)
    for name, value in (hit.properties or {}).items():
        if value is None or value == "":
            continue
        field = profile_field(name)
        if wrong := _wrong(name, field, value):
            named = f"properties.{cut(name, 64)}"
            return invalid(named, f"{named} {wrong}")
        says_who |= field in _SAYS_WHO
        traits += not field and name != "image"
    if not says_who:
        return invalid(
            "properties.user_id",
            "properties.user_id is missing: identify says who it is by user_id, or by email",
        )
    if traits > MAX_TRAITS:
        return invalid(
            "properties",
            f"properties has {traits} besides user_id, name, email, customer_id and image;"
            f" at most {MAX_TRAITS}",
        )
    return None


def _wrong(name: str, field: str, value: object) -> str:
    """What is wrong with a property, as the end of a sentence; '' for nothing."""
    if not isinstance(value, str | int | float):
        return "must be text, a number, true or false"
    text = value if isinstance(value, str) else _encode(value).decode()
    if field:
        if isinstance(value, bool):
            return "must be text or a number"
        if len(text) > MAX_PERSONAL:
            return f"must have at most {MAX_PERSONAL} characters"
        if field == "email" and not _EMAIL.fullmatch(text.strip()):
            return "must be an e-mail address such as ann@example.com"
        return ""
    if name == "image":
        is_address = _IMAGE.fullmatch(text) and len(text) <= MAX_IMAGE
        return "" if is_address else f"must be an http(s) address of at most {MAX_IMAGE} characters"
    if not METADATA_NAME.fullmatch(name):
        return "is not a valid name: use 1 to 64 of a-z 0-9 _ -"
    return "" if len(text) <= _MAX_VALUE else f"must have at most {_MAX_VALUE} characters"
