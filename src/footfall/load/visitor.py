"""Each visitor's sessions: those needed recently in memory, the rest in the store."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from footfall.load.session import Session
from footfall.model.fact import FACT_NAMES
from footfall.store.engine import Engine

VisitorKey = tuple[int, int]
"""(website_id, visitor_id)"""

MAX_BYTES = 3_000_000
"""The maximum size of the visitors in memory between two batches, about 0.8 kB each."""
_ENTRY_BYTES = 300  # a visitor's key and its entry in the collection
_KEYS_PER_QUERY = 2_000

_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(list[Session]).decode

_STATE = (
    "website_id, visitor_id, session_id, bot, toUnixTimestamp64Milli(started_at),"
    " toUnixTimestamp64Milli(last_event_at), pageviews, counted_events, engaged_ms, entry_page,"
    " exit_page, toUnixTimestamp64Milli(exit_page_at), exit_link,"
    " toUnixTimestamp64Milli(exit_link_at), prev_at, gaps"
)
_STATE_COLUMNS = len(Session.__struct_fields__) - 1
_FACTS_AT = Session.__struct_fields__.index("facts_json")
_FIND_VISITS = (
    "SELECT website_id, toUnixTimestamp64Milli(started_at), session_id FROM visits"
    " WHERE (website_id, visitor_id) IN (SELECT key.1, key.2 FROM (SELECT arrayJoin("
    "JSONExtract({keys:String}, 'Array(Tuple(UInt32, UInt64))')) AS key))"
)
_FIND_SESSIONS = (
    f"SELECT {_STATE}, {', '.join(FACT_NAMES)} FROM sessions FINAL"
    " WHERE (website_id, started_at, session_id)"
    " IN (SELECT key.1, fromUnixTimestamp64Milli(key.2, 'UTC'), key.3 FROM (SELECT arrayJoin("
    "JSONExtract({keys:String}, 'Array(Tuple(UInt32, Int64, UInt64))')) AS key))"
)


class Visitors:
    """Sessions by visitor: those of the batch as objects, and between batches those needed most
    recently, with each visitor's sessions as one string of bytes.

    Bytes have a size that can be limited, whatever clients send. They are also large enough to lie
    outside the interpreter's blocks for small objects, where a single object would keep a whole
    block from being released.
    """

    def __init__(self, engine: Engine, max_bytes: int = MAX_BYTES) -> None:
        self._engine = engine
        self._max_bytes = max_bytes
        self._kept: OrderedDict[VisitorKey, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._of_batch: dict[VisitorKey, list[Session]] = {}

    def fetch(self, keys: Iterable[VisitorKey]) -> None:
        """Make the sessions of these visitors available in `sessions`. Raises EngineError."""
        missing = []
        for key in keys:
            if kept := self._pop(key):
                self._of_batch[key] = _decode(kept)
            elif key not in self._of_batch:
                missing.append(key)
                self._of_batch[key] = []
        for start in range(0, len(missing), _KEYS_PER_QUERY):
            self._read(missing[start : start + _KEYS_PER_QUERY])

    def sessions(self, key: VisitorKey) -> list[Session]:
        """The visitor's sessions; append to the list to add one. Only after `fetch`."""
        return self._of_batch[key]

    def end_batch(self) -> None:
        """Pack the batch's visitors, and forget those that were not needed for longest."""
        for key, sessions in self._of_batch.items():
            kept = _encode(sessions)
            self._kept[key] = kept
            self._kept_bytes += len(kept) + _ENTRY_BYTES
            while self._kept_bytes > self._max_bytes:
                self._pop(next(iter(self._kept)))
        self._of_batch.clear()

    def kept_bytes(self) -> int:
        """The approximate size of the visitors in memory between two batches."""
        return self._kept_bytes

    def forget(self) -> None:
        self._kept.clear()
        self._kept_bytes = 0
        self._of_batch.clear()

    def _pop(self, key: VisitorKey) -> bytes | None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept_bytes -= len(kept) + _ENTRY_BYTES
        return kept

    def _read(self, keys: list[VisitorKey]) -> None:
        visits = self._find(_FIND_VISITS, keys)
        for start in range(0, len(visits), _KEYS_PER_QUERY):
            for row in self._find(_FIND_SESSIONS, visits[start : start + _KEYS_PER_QUERY]):
                session = _session_of_row(row)
                self._of_batch[session.website_id, session.visitor_id].append(session)

    def _find(self, sql: str, keys: Sequence[object]) -> list[list[object]]:
        # one JSON text, since the driver takes 15 µs to bind each element of an array
        return self._engine.query(sql, {"keys": msgspec.json.encode(keys).decode()}).rows


def _session_of_row(row: list[object]) -> Session:
    state, facts = row[:_STATE_COLUMNS], row[_STATE_COLUMNS:]
    state.insert(_FACTS_AT, msgspec.json.encode(facts)[1:-1])
    return msgspec.convert(state, Session)
