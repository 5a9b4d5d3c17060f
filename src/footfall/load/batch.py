"""A numbered batch: the exact bytes that go into the tables, so that they can be sent twice."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from footfall.journal.reader import Positions
from footfall.load.owner import Owner
from footfall.load.session import Session
from footfall.load.time_text import time_text
from footfall.model.event import Event
from footfall.model.payment import Movement
from footfall.model.record import Quarantined

SEQ_PER_BATCH = 1 << 20
"""Room for the rows of one batch in `seq`, the order of arrival."""

FACTS_BEFORE_MARKS = 26
"""In the table of sessions, newer facts come after the marks and walks."""
_NO_WALK: tuple[object, ...] = ([], [], [], 0, time_text(0), [])

_encode = msgspec.json.Encoder(decimal_format="string").encode


class Batch(msgspec.Struct, kw_only=True):
    """Rows by table as JSONCompactEachRow lines, and how far the journals are read with them.

    `series` is chosen at random once per spool. Together with the number it identifies the batch to
    the store: the first batch of a new spool must not be mistaken for one of an old spool.
    """

    series: str
    number: int
    positions: Positions
    tables: dict[str, bytes]
    # Website and movement of the payments that are posted again: their older goals are removed.
    # Spools written by earlier versions use the name `retold`.
    reposted: list[tuple[int, str]] = msgspec.field(name="retold", default_factory=list)
    began: Positions | None = None  # how far the journals were read before it, if known
    reloaded: list[str] = []  # refused rows that it contains, by the names of load.reload
    has_inventory: bool = False  # an inventory of the engine existed when it was written


class BatchWriter:
    """Collects one batch's lines. Every line has its table's columns in order."""

    def __init__(self, series: str, number: int) -> None:
        self.series = series
        self.number = number
        self._lines: dict[str, list[bytes]] = {}
        self._reposted: list[tuple[int, str]] = []
        self._seq = number * SEQ_PER_BATCH

    def add_event(self, event: Event, visitor_id: int, session: Session | None) -> None:
        """A row of `events`, placed by its session's start and with its facts, if it has one."""
        if session:
            report_at, session_id, facts_json = (
                session.started_at,
                session.session_id,
                session.facts_json,
            )
        else:
            report_at, session_id = event.occurred_at, 0
            facts_json = _encode(event.facts)[1:-1]
        row = (
            event.website_id,
            time_text(report_at),
            session_id,
            visitor_id,
            time_text(event.occurred_at),
            self.next_seq(),
            event.type,
            event.name,
            event.path,
            event.title,
            event.link,
            event.properties,
            event.engaged_ms,
            event.address,
            0,
            event.bot,
        )
        self._add("events", row, facts_json)

    def next_seq(self) -> int:
        """The place in the order of arrival of a row that is added now, or later."""
        self._seq += 1
        return self._seq

    def add_recorded(self, event: Event, owner: Owner, seq: int) -> None:
        """A row of an event that a server recorded: placed by its own time, with its owner's
        facts."""
        at = time_text(event.occurred_at)
        row = (
            event.website_id,
            at,
            owner.session.session_id if owner.session else 0,
            owner.visitor_id,
            at,
            seq,
            event.type,
            event.name,
            "",
            "",
            "",
            event.properties,
            0,
            event.address,
            1,
            "",
        )
        self._add("events", row, owner.facts_json)

    def add_reposted(self, website_id: int, movement_id: str) -> None:
        """Note that a movement is a newer version: its older goals are to be removed."""
        self._reposted.append((website_id, movement_id))

    def add_session(self, session: Session) -> None:
        """The session's row as it is now; its version is the batch's number."""
        row = (
            session.website_id,
            time_text(session.started_at),
            session.session_id,
            session.visitor_id,
            self.number,
            0,
            session.bot,
            time_text(session.last_event_at),
            session.pageviews,
            session.counted_events,
            session.engaged_ms,
            session.entry_page,
            session.exit_page,
            time_text(session.exit_page_at),
            session.exit_link,
            time_text(session.exit_link_at),
        )
        self._add("sessions", row, _facts_and_marks(session))

    def add_visit(self, session: Session, client_session: int) -> None:
        started_at = time_text(session.started_at)
        ids = (session.website_id, session.visitor_id, started_at, session.session_id)
        row = (*ids, client_session)
        self._add("visits", row)

    def add_movement(self, movement: Movement, owner: Owner) -> None:
        """A row of `payments` with its owner's facts."""
        session = owner.session
        pages = session or owner.borrowed
        row = (
            movement.website_id,
            time_text(movement.occurred_at),
            movement.movement_id,
            self.number,
            int(movement.is_void),
            movement.kind,
            owner.visitor_id,
            session.session_id if session else 0,
            time_text(session.started_at if session else 0),
            int(movement.is_converted),
            _plain(movement.amount),
            _plain(movement.original_amount),
            movement.original_currency,
            _plain(movement.rate),
            int(movement.is_rate_estimated),
            pages.entry_page if pages else "",
            pages.exit_page if pages else "",
            pages.exit_link if pages else "",
        )
        self._add("payments", row, owner.facts_json)

    def add_event_id(self, website_id: int, event_id: int, received_at: int) -> None:
        self._add("event_ids", (website_id, event_id, time_text(received_at)))

    def add_count(self, website_id: int, hour_s: int, via: str, outcome: str, hits: int) -> None:
        self._add("ingestion", (website_id, time_text(hour_s * 1000), via, outcome, hits))

    def add_quarantined(self, quarantined: Quarantined, received_at: int) -> None:
        row = (
            quarantined.website_id,
            time_text(received_at),
            quarantined.message_id,
            quarantined.type,
            quarantined.name,
            quarantined.field,
            quarantined.message,
        )
        self._add("quarantine", row)

    def add_rows(self, tables: Mapping[str, bytes]) -> None:
        """Rows as they are, by table."""
        for table, rows in tables.items():
            self._lines.setdefault(table, []).append(rows)

    def finish(self, positions: Positions, began: Positions | None = None) -> Batch:
        """The batch, whose records lie in the journals from `began` to `positions`."""
        # last: when it is stored, everything is
        self._add("batches", (self.number, _encode(positions).decode()))
        # sessions first: a walk is taken away before the events come that it lacks
        order = sorted(self._lines, key=lambda table: table != "sessions")
        tables = {table: b"\n".join(self._lines[table]) for table in order}
        return Batch(
            series=self.series,
            number=self.number,
            positions=dict(positions),
            tables=tables,
            reposted=self._reposted,
            began=began,
            has_inventory=True,
        )

    def _add(self, table: str, row: tuple[object, ...], rest_json: bytes = b"") -> None:
        line = _encode(row)
        if rest_json:
            line = line[:-1] + b"," + rest_json + b"]"
        self._lines.setdefault(table, []).append(line)


def _facts_and_marks(session: Session) -> bytes:
    """The end of a session's row, without a walk: in the table, marks and walks came after the
    first facts."""
    values = msgspec.json.decode(b"[%b]" % session.facts_json)
    values[FACTS_BEFORE_MARKS:FACTS_BEFORE_MARKS] = session.prev_at, session.gaps, *_NO_WALK
    return _encode(values)[1:-1]


def _plain(amount: Decimal) -> str:
    return format(amount, "f")
