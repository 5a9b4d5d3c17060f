"""Steps about what was done: the name of a goal, the link clicked, properties, time engaged."""

import re

import msgspec

from footfall.enrich.draft import Draft
from footfall.enrich.page_url import MAX_URL, clean_host
from footfall.enrich.step import invalid
from footfall.enrich.text import hide_secrets
from footfall.model.event import (
    GOAL_NAME,
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    RESERVED_GOALS,
    Dropped,
)

MAX_ENGAGED_MS = 3_600_000

_LINK = re.compile(r"(https?)://([^/\\?#]+)([^?#]*)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_encode = msgspec.json.Encoder().encode


def add_name(draft: Draft) -> Dropped | None:
    """A goal's name in lower case; the names that only payments record are refused."""
    hit = draft.hit
    if hit.type == "track":
        name = hit.name.lower()
        if not GOAL_NAME.fullmatch(name):
            return invalid("name", "name must be 1 to 64 characters of a-z 0-9 _ -")
        if name in RESERVED_GOALS:
            return Dropped("reserved_goal", "name", f"{name} is recorded by payments only")
        draft.name = name
    elif hit.type == "decoded_log":
        if not (0 < len(hit.name) <= 128 and hit.name.isprintable()):
            return invalid("name", "name must be 1 to 128 printable characters")
        draft.name = hit.name
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
            "properties.url must be a full http(s) address of at most 2,048 characters",
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
        return invalid("properties", f"properties must be at most {MAX_PROPERTIES}")
    try:
        encoded = _encode(properties)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return invalid("properties", "properties must be plain JSON without lone surrogates")
    if len(encoded) > MAX_PROPERTIES_BYTES:
        return invalid("properties", f"properties must be at most {MAX_PROPERTIES_BYTES} bytes")
    if _NUL.search(encoded):
        return invalid("properties", "properties must be text without NUL")
    draft.properties = hide_secrets(encoded.decode())
    return None


def add_engagement(draft: Draft) -> Dropped | None:
    if draft.hit.type == "engagement":
        if not 0 <= draft.hit.engaged_ms <= MAX_ENGAGED_MS:
            return invalid("engaged_s", "engaged_s must be from 0 to 3,600")
        draft.engaged_ms = draft.hit.engaged_ms
    return None


def clean_link(url: str) -> str:
    """The http(s) address without query, fragment and credentials; '' if it is none."""
    match = _LINK.fullmatch(url.strip()) if len(url) <= MAX_URL and "\0" not in url else None
    authority = match[2].rpartition("@")[2] if match else ""
    if not match or not clean_host(authority) or not url.isprintable():
        return ""
    return f"{match[1].lower()}://{authority.lower()}{hide_secrets(match[3]) or '/'}"
