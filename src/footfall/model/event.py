"""An event: an accepted, enriched row, and what a hit becomes instead when it is not one."""

import re
from typing import Literal, get_args

import msgspec

from footfall.model.fact import Facts
from footfall.model.text import is_clean, one_line

EventType = Literal[
    "page",
    "track",
    "outbound",
    "engagement",
    "identify",
    "detect",
    "connect",
    "disconnect",
    "chain",
    "signature",
    "transaction",
    "decoded_log",
]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)
NOT_COUNTED: frozenset[str] = frozenset({"engagement", "identify", "detect"})
"""Types that never open a session and do not count as events."""

NAME_PATTERN = "[a-z0-9_-]{1,64}"
"""The pattern of the names of goals and metadata, in lower case and without anchors."""
GOAL_NAME = METADATA_NAME = re.compile(NAME_PATTERN)
MAX_EVENT_NAME = 128
"""The limit for the other names: contract events, transactions, an SDK's goals."""
MAX_PROPERTIES = 50
MAX_PROPERTIES_BYTES = 8 * 1024  # as JSON
EARLIEST_AT = 946_684_800_000  # 2000-01-01; no event is older
MAX_AHEAD_MS = 60_000  # an event's time may be this far in the future

PAYMENT_GOAL = "payment"
RESERVED_GOAL_RULES: dict[str, str] = {
    PAYMENT_GOAL: "A new payment above 0. Renewals record no goal.",
    "free_trial": "A payment of 0, as at the beginning of a trial.",
}
RESERVED_GOALS: frozenset[str] = frozenset(RESERVED_GOAL_RULES)
"""Goal names that only the payments side records."""


def is_event_name(name: str) -> bool:
    """Whether a name other than that of a tracker's goal is valid; '' (no name) is."""
    return len(name) <= MAX_EVENT_NAME and one_line(name) == name and is_clean(name)


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One enriched event, before it is joined to its session. This is what the journal holds.

    It no longer has the client's address. `visitor_id`, `session_uid` and `event_id` are
    64-bit keys (`model.key`), 0 where there is none; times are milliseconds since 1970, UTC.
    """

    website_id: int
    type: str
    occurred_at: int
    visitor_id: int = 0
    visitor_id_yesterday: int = 0  # cookieless only: the same person under yesterday's salt
    session_uid: int = 0  # key of the session id that the client sent
    event_id: int = 0  # key of the sender's eventId, by which repeats are recognized
    path: str = ""
    title: str = ""
    name: str = ""  # goal, contract event; '' for the other types
    link: str = ""  # outbound: the address without query and fragment
    properties: str = ""  # JSON object as text, '' for none
    engaged_ms: int = 0
    address: str = ""  # wallet
    bot: str = ""  # the reason for which the hit is judged automated, '' for a person
    facts: Facts = msgspec.field(default_factory=Facts)
    has_own_session: bool = False  # session_uid is its session, whatever its time
    client_session: int = 0  # key of the client's session id, whoever the visitor is
    is_server_side: bool = False  # recorded by a server: it belongs to a session, and changes none


DropReason = Literal[
    "invalid",  # not understood: bad JSON, wrong types, a value out of range
    "too_large",
    "unknown_website",
    "foreign_hostname",
    "spam_referrer",
    "excluded_address",
    "excluded_path",
    "excluded_hostname",
    "excluded_country",
    "excluded_referrer",
    "reserved_goal",
    "no_session",  # engagement with no live session (decided when loading)
    "duplicate",  # an eventId seen within 24 hours (decided when loading)
    "refused_by_engine",  # set aside with its reason (decided when loading)
    "internal_error",  # a bug: a step of the enrichment raised an exception
    "asset",  # access logs: a request for a file that is not a page
    "error_status",  # access logs: a request that was not answered with 2xx or 304
    "not_get",  # access logs: a method other than GET
]
DROP_REASONS: tuple[str, ...] = get_args(DropReason)


class Dropped(msgspec.Struct, frozen=True):
    """Why a hit did not become an event, in words for its sender."""

    reason: DropReason
    field: str = ""
    message: str = ""
