"""A hit: what reached a collector, decoded and size-checked, not yet trusted."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta


class ClientHints(msgspec.Struct, frozen=True):
    """The browser's Sec-CH-UA-* headers that help to detect browser, system and device."""

    brands: str = ""  # Sec-CH-UA or Sec-CH-UA-Full-Version-List
    platform: str = ""
    platform_version: str = ""
    mobile: str = ""


NO_HINTS = ClientHints()


class ClientFacts(msgspec.Struct, kw_only=True):
    """Facts that clients state themselves: they go through decoding unchanged."""

    language: Annotated[str, Meta(max_length=256)] = ""
    screen: Annotated[str, Meta(max_length=32)] = ""


def client_facts(sent: ClientFacts) -> dict[str, Any]:
    """The same facts as keyword arguments of a hit."""
    return {name: getattr(sent, name) for name in ClientFacts.__struct_fields__}


class Hit(ClientFacts, kw_only=True):
    """One event as its sender describes it, and what the connection says about the sender.

    From the public collector `client_address`, `user_agent` and `hints` come from the connection
    and `occurred_at` is the time of receipt; a backend or a log states them.
    """

    type: str = "page"
    url: str = ""
    referrer: str = ""
    title: str = ""
    name: str = ""
    properties: dict[str, object] | None = None
    engaged_ms: int = 0
    visitor_uid: str = ""
    session_uid: str = ""
    event_id: str = ""
    address: str = ""  # wallet
    occurred_at: int = 0  # ms since 1970
    is_cookieless: bool = False  # then visitor_uid and session_uid are empty
    is_hash_route: bool = False  # the URL's fragment is the path
    client_address: str = ""  # IP address; '' where a backend gives none
    user_agent: str | None = None  # None: not given by a backend; '' is a bot
    hints: ClientHints = NO_HINTS
    country: str = ""  # given ones override the look-up
    region: str = ""
    city: str = ""
    is_public: bool = True  # from the public collector: its URL must be on the website's own hosts
    timezone: str = ""  # IANA name
    version: str = ""
    tags: dict[str, str] | None = None  # campaign tags and click ids: they win over the URL's
    has_own_session: bool = False  # session_uid is its session, whatever its time
    has_visitor: bool = True  # False: it has no visitor, even with an address and a user agent
    has_any_traits: bool = False  # an SDK's identify: about a wallet, with any properties
    keeps_goal_name: bool = False  # an SDK's: any printable name, in the case in which it came
