"""What the journal holds: one record per acknowledged request, encoded as MessagePack."""

from typing import Literal

import msgspec

from footfall.model.event import Event
from footfall.model.payment import Movement

Via = Literal["collector", "server", "import", "demo"]


class EventsRecord(msgspec.Struct, frozen=True, array_like=True, tag=1, kw_only=True, gc=False):
    """Events that one request (or one chunk of an import) brought, whole or not at all."""

    received_at: int
    via: Via
    events: list[Event]
    lines_done: int = 0  # imports: how many of the job's lines are in the journal up to here
    counts: list[tuple[int, str, int]] = []  # imports: what the chunk dropped, as in CountsRecord


class MovementRecord(msgspec.Struct, frozen=True, array_like=True, tag=2, kw_only=True, gc=False):
    """A payment or a refund to be tied to its session and shown in reports."""

    received_at: int
    movement: Movement
    lines_done: int = 0  # the demo's: as in EventsRecord


class CountsRecord(msgspec.Struct, frozen=True, array_like=True, tag=3, kw_only=True, gc=False):
    """How many hits were dropped since the last such record, and why."""

    received_at: int
    via: Via
    counts: list[tuple[int, str, int]]  # website_id (0: unknown), reason, hits


Record = EventsRecord | MovementRecord | CountsRecord

encode_record = msgspec.msgpack.Encoder(decimal_format="string").encode
decode_record = msgspec.msgpack.Decoder(Record).decode
