"""Hand-made rows for a real embedded engine: what a row leaves out keeps its default."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from secrets import token_hex

from footfall.store.engine import Engine

WEBSITE_ID = 7
_EMPTY: dict[str, object] = {"UInt": 0, "Deci": 0, "Arra": []}


class Store:
    """Writes rows of hand-made visits into an engine's tables, all rows of a table when `engine` is
    needed: for each insert, a query has one more part to read."""

    def __init__(self, engine: Engine, *, writes_at_once: bool = False) -> None:
        self._engine = engine
        self._writes_at_once = writes_at_once
        self._unwritten: defaultdict[str, list[str]] = defaultdict(list)
        self._columns: dict[str, list[tuple[str, str]]] = {}

    def insert(self, table: str, *rows: dict[str, object]) -> None:
        columns = self._columns_of(table)
        known = {name for name, _ in columns}
        for row in rows:
            assert set(row) <= known, set(row) - known
            full = {"website_id": WEBSITE_ID, **row}
            line = json.dumps([_value(full, *column) for column in columns])
            self._unwritten[table].append(line)
        if self._writes_at_once:
            self._write()

    @property
    def engine(self) -> Engine:
        """With all rows."""
        self._write()
        return self._engine

    def _write(self) -> None:
        for table, lines in self._unwritten.items():
            self._engine.insert(table, "\n".join(lines).encode(), token_hex(8))
        self._unwritten.clear()

    def session(self, session_id: int, visitor_id: int, started: str, **facts: object) -> None:
        """A session with one page event unless `pageviews` says otherwise, and its visit."""
        row = {
            "session_id": session_id,
            "visitor_id": visitor_id,
            "started_at": ms(started),
            "version": 1,
            "last_event_at": ms(started),
            "pageviews": 1,
            "counted_events": facts.get("pageviews", 1),
            **facts,
        }
        self.insert("sessions", row)
        self.insert(
            "visits",
            {
                "session_id": session_id,
                "visitor_id": visitor_id,
                "started_at": ms(started),
                **({"website_id": facts["website_id"]} if "website_id" in facts else {}),
            },
        )

    def event(self, kind: str, report: str, **columns: object) -> None:
        at = ms(report)
        self.insert("events", {"type": kind, "report_at": at, "occurred_at": at, **columns})

    def payment(self, movement: str, report: str, amount: str, **columns: object) -> None:
        row = {
            "movement_id": movement,
            "report_at": ms(report),
            "version": 1,
            "kind": "new",
            "is_converted": 1,
            "amount": amount,
            "original_amount": amount,
            "original_currency": "EUR",
            "rate": 1,
            **columns,
        }
        self.insert("payments", row)

    def _columns_of(self, table: str) -> list[tuple[str, str]]:
        if table not in self._columns:
            rows = self._engine.query(
                "SELECT name, type FROM system.columns"
                " WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
                {"table": table},
            ).rows
            self._columns[table] = [(name, kind) for name, kind in rows]
        return self._columns[table]


def _value(row: dict[str, object], name: str, kind: str) -> object:
    if kind.startswith("DateTime64"):
        at = datetime.fromtimestamp(int(str(row.get(name, 0))) / 1000, UTC)
        return at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return row.get(name, _EMPTY.get(kind[:4], ""))


def ms(text: str) -> int:
    """Milliseconds of '2026-03-01T10:00:00', which is UTC. A number in rows is milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
