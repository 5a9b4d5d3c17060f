"""What the journal holds: one record per acknowledged request, encoded as MessagePack."""

import re
from typing import Literal

import msgspec

from footfall.model.event import Event
from footfall.model.payment import Movement

Via = Literal["collector", "server", "import", "demo", "sdk", "connection"]
"""The way in. `connection`: connections that were refused or cut off; they are not hits."""


class Quarantined(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """An SDK's event that was not taken, and why, for those who look for it.

    Every text is short. None is an address or a value of the event, except for its name.
    """

    website_id: int
    message_id: str
    type: str
    name: str
    field: str  # dotted, '' for the whole event
    message: str


class EventsRecord(msgspec.Struct, frozen=True, array_like=True, tag=1, kw_only=True, gc=False):
    """Events that one request (or one chunk of an import) brought, whole or not at all."""

    received_at: int
    via: Via
    events: list[Event]
    lines_done: int = 0  # imports: how many of the job's lines are in the journal up to here
    counts: list[tuple[int, str, int]] = []  # what was dropped of it, as in CountsRecord
    quarantined: list[Quarantined] = []  # SDKs: the events of the request that were not accepted


class MovementRecord(msgspec.Struct, frozen=True, array_like=True, tag=2, kw_only=True, gc=False):
    """A payment or a refund to be tied to its session and shown in reports."""

    received_at: int
    movement: Movement
    lines_done: int = 0  # the demo's: as in EventsRecord
    is_restored: bool = False  # the store has lost it, but perhaps not the goal that it recorded


class CountsRecord(msgspec.Struct, frozen=True, array_like=True, tag=3, kw_only=True, gc=False):
    """How many hits were dropped since the last such record, and why."""

    received_at: int
    via: Via
    counts: list[tuple[int, str, int]]  # website_id (0: unknown), reason, hits


Record = EventsRecord | MovementRecord | CountsRecord

RECORD_START = re.compile(rb"[\x90-\x9f][\x01-\x03]")
"""The first two bytes of every encoded record: a short array, and the tag of its type."""

encode_record = msgspec.msgpack.Encoder(decimal_format="string").encode
decode_record = msgspec.msgpack.Decoder(Record).decode
