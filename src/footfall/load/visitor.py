"""Each visitor's sessions: the ones lately needed in memory, the rest in the store."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from footfall.load.session import Session
from footfall.model.fact import FACT_NAMES
from footfall.store.engine import Engine

VisitorKey = tuple[int, int]
"""(website_id, visitor_id)"""

CAPACITY = 12_000  # visitors, at about 0.8 kB
MAX_SESSIONS = 4 * CAPACITY
_KEYS_PER_QUERY = 2_000

_STATE = (
    "website_id, visitor_id, session_id, bot, toUnixTimestamp64Milli(started_at),"
    " toUnixTimestamp64Milli(last_event_at), pageviews, counted_events, engaged_ms, entry_page,"
    " exit_page, toUnixTimestamp64Milli(exit_page_at), exit_link,"
    " toUnixTimestamp64Milli(exit_link_at)"
)
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
    """Sessions by visitor, fetched in batches and kept until others are needed more."""

    def __init__(self, engine: Engine, capacity: int = CAPACITY) -> None:
        self._engine = engine
        self._capacity = capacity
        self._kept: OrderedDict[VisitorKey, list[Session]] = OrderedDict()

    def fetch(self, keys: Iterable[VisitorKey]) -> None:
        """Make sure that `sessions` answers for these visitors. Raises EngineError."""
        missing = []
        for key in keys:
            if key in self._kept:
                self._kept.move_to_end(key)
            else:
                missing.append(key)
                self._kept[key] = []
        try:
            for start in range(0, len(missing), _KEYS_PER_QUERY):
                self._read(missing[start : start + _KEYS_PER_QUERY])
        except BaseException:
            for key in missing:
                del self._kept[key]
            raise

    def sessions(self, key: VisitorKey) -> list[Session]:
        """The visitor's sessions; append to the list to add one. Only after `fetch`."""
        return self._kept[key]

    def trim(self) -> None:
        """Forget the visitors not needed for longest, down to the capacity."""
        sessions = sum(map(len, self._kept.values()))
        while len(self._kept) > self._capacity or (self._kept and sessions > MAX_SESSIONS):
            _, forgotten = self._kept.popitem(last=False)
            sessions -= len(forgotten)

    def forget(self) -> None:
        self._kept.clear()

    def _read(self, keys: list[VisitorKey]) -> None:
        visits = self._find(_FIND_VISITS, keys)
        for start in range(0, len(visits), _KEYS_PER_QUERY):
            for row in self._find(_FIND_SESSIONS, visits[start : start + _KEYS_PER_QUERY]):
                session = _session_of_row(row)
                self._kept[session.website_id, session.visitor_id].append(session)

    def _find(self, sql: str, keys: Sequence[object]) -> list[list[object]]:
        # one JSON text, since the driver takes 15 µs to bind each element of an array
        return self._engine.query(sql, {"keys": msgspec.json.encode(keys).decode()}).rows


def _session_of_row(row: list[object]) -> Session:
    fields = (
        "website_id",
        "visitor_id",
        "session_id",
        "bot",
        "started_at",
        "last_event_at",
        "pageviews",
        "counted_events",
        "engaged_ms",
        "entry_page",
        "exit_page",
        "exit_page_at",
        "exit_link",
        "exit_link_at",
    )
    state = dict(zip(fields, row, strict=False))
    state["facts_json"] = msgspec.json.encode(row[len(fields) :])[1:-1]
    return msgspec.convert(state, Session)
