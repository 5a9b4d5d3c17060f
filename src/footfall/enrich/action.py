"""Steps about what was done: the name of a goal, the link clicked, properties, time engaged."""

import re
from typing import Any

import msgspec

from footfall.enrich.draft import Draft
from footfall.enrich.long_url import shorten_url
from footfall.enrich.step import invalid
from footfall.model.event import (
    GOAL_NAME,
    MAX_EVENT_NAME,
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    RESERVED_GOALS,
    Dropped,
    is_event_name,
)
from footfall.model.hostname import clean_host, to_ascii
from footfall.model.text import clean_json, hide_secrets, one_line

MAX_ENGAGED_MS = 3_600_000

_MUST_BE_NAMED = frozenset({"track", "decoded_log"})
_NAMED = _MUST_BE_NAMED | {"signature", "transaction"}

_LINK = re.compile(r"(https?)://([^/\\?#]+)([^?#]*)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_LEAST, _GREATEST = -(2**63), 2**64 - 1
_encode = msgspec.json.Encoder().encode


def add_name(draft: Draft) -> Dropped | None:
    """The name of a goal, a contract event, a signature or a transaction.

    Goals are in lower case, except for an SDK's; names that only payments record are refused.
    """
    hit = draft.hit
    if hit.type not in _NAMED:
        return None
    name = hit.name
    if hit.type == "track" and not hit.keeps_goal_name:
        name = name.lower()
        if not GOAL_NAME.fullmatch(name):
            return invalid("name", "name must be 1 to 64 characters of a-z 0-9 _ -")
    elif (not name and hit.type in _MUST_BE_NAMED) or not is_event_name(name):
        return invalid("name", f"name must be 1 to {MAX_EVENT_NAME} printable characters")
    if hit.type == "track" and name in RESERVED_GOALS:
        return Dropped("reserved_goal", "name", f"{name} is recorded by payments only")
    draft.name = hide_secrets(name)
    return None


def add_link(draft: Draft) -> Dropped | None:
    """The address of an outbound click, without query, fragment and credentials."""
    if draft.hit.type != "outbound":
        return None
    url = (draft.hit.properties or {}).get("url")
    link = clean_link(url) if isinstance(url, str) else ""
    if not link:
        return invalid(
            "properties.url",
            "properties.url must be a full http(s) address",
        )
    draft.link = link
    return None


def add_properties(draft: Draft) -> Dropped | None:
    """Properties as JSON text, once; an outbound click's `url` is kept as the link alone."""
    properties = draft.hit.properties
    if not properties:
        return None
    if draft.hit.type == "outbound":
        properties = {key: value for key, value in properties.items() if key != "url"}
        if not properties:
            return None
    if len(properties) > MAX_PROPERTIES:
        return invalid("properties", f"properties must have at most {MAX_PROPERTIES} keys")
    try:
        encoded = _encode(properties)
        if _LONG_NUMBER.search(encoded):
            encoded = _encode(_with_short_numbers(properties))
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return invalid("properties", "properties must be plain JSON without lone surrogates")
    if len(encoded) > MAX_PROPERTIES_BYTES:
        return invalid("properties", f"properties must have at most {MAX_PROPERTIES_BYTES} bytes")
    if _NUL.search(encoded):
        return invalid("properties", "properties must be text without NUL")
    draft.properties = clean_json(encoded.decode())
    return None


def add_engagement(draft: Draft) -> Dropped | None:
    if draft.hit.type == "engagement":
        if not 0 <= draft.hit.engaged_ms <= MAX_ENGAGED_MS:
            return invalid("engaged_s", "engaged_s must be from 0 to 3,600")
        draft.engaged_ms = draft.hit.engaged_ms
    return None


def clean_link(url: str) -> str:
    """The http(s) address without query, fragment and credentials; '' if it is not one."""
    url = shorten_url(url)
    match = _LINK.fullmatch(url.strip()) if "\0" not in url else None
    authority = match[2].rpartition("@")[2] if match else ""
    if not match or not clean_host(authority) or one_line(url) != url:
        return ""
    return f"{match[1].lower()}://{to_ascii(authority)}{hide_secrets(match[3]) or '/'}"


def _with_short_numbers(value: Any) -> Any:
    """JSON with the integers beyond 64 bits as strings, at any depth: amounts in wei are that
    large, and the engine's parsers disagree about them."""
    if isinstance(value, dict):
        return {key: _with_short_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_short_numbers(inner) for inner in value]
    if isinstance(value, int) and not _LEAST <= value <= _GREATEST:
        return str(value)
    return value
