"""Joining: records → rows, by the rules of docs/metrics.md."""

from collections import Counter

import msgspec

from footfall.load.batch import BatchWriter
from footfall.load.deleted_rows import PAYMENT_OF_GOAL
from footfall.load.draft import IS_GOAL_OF_PAYMENT
from footfall.load.identity import set_apart
from footfall.load.mark import mark_sessions
from footfall.load.owner import Owner, Owners
from footfall.load.session import (
    Session,
    find_own_session,
    find_session,
    open_session,
)
from footfall.load.visitor import VisitorKey, Visitors
from footfall.model.event import NOT_COUNTED, PAYMENT_GOAL, Event
from footfall.model.identity import Identified
from footfall.model.payment import TRANSACTION_ID
from footfall.model.record import CountsRecord, EventsRecord, MovementRecord, Record
from footfall.store.engine import Engine

HOUR_MS = 3_600_000
_encode = msgspec.json.encode
REPEAT_MS = 24 * HOUR_MS
"""An eventId that comes again within this time of its receipt is the same event."""

_FIND_STORED = (
    "SELECT website_id, movement_id FROM payments FINAL WHERE (website_id, report_at, movement_id)"
    " IN (SELECT key.1, fromUnixTimestamp64Milli(key.2, 'UTC'), key.3 FROM (SELECT arrayJoin("
    "JSONExtract({keys:String}, 'Array(Tuple(UInt32, Int64, String))')) AS key))"
)
_FIND_GOALS = (
    "SELECT DISTINCT website_id, visitor_id, session_id FROM events"
    f" WHERE website_id IN {{websites:Array(UInt32)}} AND session_id != 0 AND {IS_GOAL_OF_PAYMENT}"
    f" AND {PAYMENT_OF_GOAL} IN {{ids:Array(String)}}"
)
_FIND_REPEATS = (
    "SELECT website_id, event_id, toUnixTimestamp64Milli(max(received_at)) FROM event_ids"
    " WHERE (website_id, event_id) IN (SELECT key.1, key.2 FROM (SELECT arrayJoin("
    "JSONExtract({keys:String}, 'Array(Tuple(UInt32, UInt64))')) AS key))"
    " GROUP BY website_id, event_id"
)


class Joiner:
    """Turns records, in order of receipt, into the rows of one batch."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._visitors = Visitors(engine)
        self._changed: dict[int, Session] = {}
        self._opened: set[int] = set()
        self._counts: Counter[tuple[int, int, str, str]] = Counter()
        self._received: dict[tuple[int, int], int] = {}
        self._owners = Owners(engine, self._visitors)
        self._stored_movements: set[tuple[int, str]] = set()
        self._goals: dict[tuple[int, str], tuple[Event, Owner, int]] = {}
        self.identified: list[Identified] = []
        """The personal data in the records that were joined last. No row contains it."""
        self.has_unmarked = False
        """Whether a session that was joined last has no mark yet."""

    def join(self, records: list[Record], rows: BatchWriter) -> None:
        """Add the records' rows. Raises EngineError; then call `forget`."""
        events = [e for r in records if isinstance(r, EventsRecord) for e in r.events]
        self._received = self._find_repeats(events)
        self._stored_movements = self._find_stored_movements(records)
        losing = self._find_sessions_of_older_goals(records)
        losing_visitors = {(website_id, visitor_id) for website_id, visitor_id, _ in losing}
        self._visitors.fetch(
            _visitor_keys(events) | self._owners.prepare(records) | losing_visitors
        )
        self._counts.clear()
        self.identified.clear()
        for record in records:
            match record:
                case EventsRecord():
                    self._join_request(record, rows)
                case MovementRecord():
                    self._join_movement(record, rows)
                case CountsRecord():
                    self._count_drops(record)
        for goal, owner, seq in self._goals.values():
            self._add_recorded(goal, owner, seq, rows)
        self._change(losing)
        self._mark_changed()
        for session in sorted(self._changed.values(), key=_by_start, reverse=True):
            rows.add_session(session)  # the last month first: `mark_sessions` relies on that
        for (website_id, hour_s, via, outcome), hits in self._counts.items():
            rows.add_count(website_id, hour_s, via, outcome, hits)
        self._end_batch()

    def _change(self, keys: list[tuple[int, int, int]]) -> None:
        """Write sessions again: website, visitor, session."""
        for website_id, visitor_id, session_id in keys:
            for session in self._visitors.sessions((website_id, visitor_id)):
                if session.session_id == session_id:
                    self._changed[id(session)] = session

    def _mark_changed(self) -> None:
        unmarked = [session for session in self._changed.values() if not session.is_marked]
        for key in {(session.website_id, session.visitor_id) for session in unmarked}:
            mark_sessions(self._visitors.sessions(key), self._changed, self._opened)
        self.has_unmarked = any(
            each.counted_events and not each.is_marked for each in self._changed.values()
        )

    def counted(self) -> Counter[tuple[str, str]]:
        """What became of the hits last joined, by via and outcome."""
        outcomes: Counter[tuple[str, str]] = Counter()
        for (_, _, via, outcome), hits in self._counts.items():
            outcomes[via, outcome] += hits
        return outcomes

    def forget(self) -> None:
        """Read everything again from the store, as after a start."""
        self._visitors.forget()
        self._end_batch()

    def _end_batch(self) -> None:
        """Keep nothing of the records but the visitors and what the loader asks for next."""
        self._visitors.end_batch()
        self._owners.end_batch()
        self._changed.clear()
        self._opened.clear()
        self._goals.clear()
        self._received = {}
        self._stored_movements = set()

    def _join_request(self, record: EventsRecord, rows: BatchWriter) -> None:
        self._count_drops(record)
        received_at = record.received_at
        for quarantined in record.quarantined:
            rows.add_quarantined(quarantined, received_at)
        for event in sorted(record.events, key=_occurred_at):
            outcome = self._join_event(event, received_at, rows)
            self._count(received_at, event.website_id, record.via, outcome, 1)

    def _join_event(self, event: Event, received_at: int, rows: BatchWriter) -> str:
        """Add the event's row; returns what became of it (an outcome of `ingestion`)."""
        if event.event_id:
            key = event.website_id, event.event_id
            earlier = self._received.get(key)
            if earlier is not None and received_at - earlier <= REPEAT_MS:
                return "duplicate"
            self._received[key] = received_at
            rows.add_event_id(*key, received_at)
        if event.is_server_side:
            self._add_recorded(event, self._owners.find(event), rows.next_seq(), rows)
            return "accepted"
        visitor_id, session = self._find(event)
        if session is None and visitor_id and event.type not in NOT_COUNTED:
            session = self._open(event, visitor_id, rows)
        if session is None and event.type == "engagement":
            return "no_session"
        if session is not None:
            session.add(event)
            self._changed[id(session)] = session
        if event.type == "identify":
            event, identified = set_apart(event)
            if identified:
                self.identified.append(identified)
        rows.add_event(event, visitor_id, session)
        return "bot" if event.bot else "accepted"

    def _add_recorded(self, event: Event, owner: Owner, seq: int, rows: BatchWriter) -> None:
        """The row of a server's event. It changes no session, but the row of its session is written
        again, because the walk in it lacks the event."""
        rows.add_recorded(event, owner, seq)
        if owner.session:
            self._changed[id(owner.session)] = owner.session

    def _find(self, event: Event) -> tuple[int, Session | None]:
        """Whose the event is, and the session it joins. Yesterday's id stays while it is alive."""
        if event.has_own_session:
            sessions = self._sessions(event.website_id, event.visitor_id, bool(event.bot))
            return event.visitor_id, find_own_session(sessions, event)
        for visitor_id in (event.visitor_id_yesterday, event.visitor_id):
            if visitor_id:
                session = find_session(
                    self._sessions(event.website_id, visitor_id, bool(event.bot)),
                    event.occurred_at,
                )
                if session:
                    return visitor_id, session
        return event.visitor_id, None

    def _open(self, event: Event, visitor_id: int, rows: BatchWriter) -> Session:
        sessions = self._visitors.sessions((event.website_id, visitor_id))
        session = open_session(event, visitor_id, {s.session_id for s in sessions})
        sessions.append(session)
        self._opened.add(id(session))
        rows.add_visit(session, event.client_session)
        self._owners.add_opened(session, event.client_session)
        return session

    def _sessions(self, website_id: int, visitor_id: int, is_bot: bool) -> list[Session]:
        sessions = self._visitors.sessions((website_id, visitor_id))
        return [session for session in sessions if bool(session.bot) == is_bot]

    def _join_movement(self, record: MovementRecord, rows: BatchWriter) -> None:
        """A row of money, and the goal that a new payment records. The last version counts."""
        movement = record.movement
        owner = self._owners.find(movement)
        rows.add_movement(movement, owner)
        key = movement.website_id, movement.movement_id
        if self._is_reposted(record):
            rows.add_reposted(*key)
        self._goals.pop(key, None)  # an earlier version in the same records
        if movement.kind == "new" and movement.has_goal and not movement.is_void:
            goal = Event(
                website_id=movement.website_id,
                type="track",
                name=PAYMENT_GOAL if movement.original_amount else "free_trial",
                occurred_at=movement.occurred_at,
                properties=_encode({TRANSACTION_ID: movement.movement_id}).decode(),
                is_server_side=True,
            )
            self._goals[key] = goal, owner, rows.next_seq()

    def _is_reposted(self, record: MovementRecord) -> bool:
        """Whether the store may have an older version of the movement, and its goal."""
        key = record.movement.website_id, record.movement.movement_id
        return key in self._stored_movements or record.is_restored

    def _find_sessions_of_older_goals(self, records: list[Record]) -> list[tuple[int, int, int]]:
        """Sessions whose walks will be wrong: the goals of payments that are posted again are
        removed. Website, visitor, session."""
        reposted = [
            r.movement for r in records if isinstance(r, MovementRecord) if self._is_reposted(r)
        ]
        if not reposted:
            return []
        values = {
            "websites": sorted({movement.website_id for movement in reposted}),
            "ids": sorted({movement.movement_id for movement in reposted}),
        }
        return [(*key,) for key in self._engine.query(_FIND_GOALS, values).rows]

    def _find_stored_movements(self, records: list[Record]) -> set[tuple[int, str]]:
        """Movements that are already in the store."""
        keys = [
            (movement.website_id, movement.occurred_at, movement.movement_id)
            for movement in (r.movement for r in records if isinstance(r, MovementRecord))
        ]
        if not keys:
            return set()
        found = self._engine.query(_FIND_STORED, {"keys": _encode(keys).decode()}).rows
        return {(website_id, movement_id) for website_id, movement_id in found}

    def _find_repeats(self, events: list[Event]) -> dict[tuple[int, int], int]:
        keys = [(event.website_id, event.event_id) for event in events if event.event_id]
        if not keys:
            return {}
        found = self._engine.query(_FIND_REPEATS, {"keys": msgspec.json.encode(keys).decode()}).rows
        return {(website_id, event_id): at for website_id, event_id, at in found}

    def _count_drops(self, record: EventsRecord | CountsRecord) -> None:
        for website_id, reason, hits in record.counts:
            self._count(record.received_at, website_id, record.via, reason, hits)

    def _count(self, at: int, website_id: int, via: str, outcome: str, hits: int) -> None:
        self._counts[website_id, at // HOUR_MS * 3600, via, outcome] += hits


def _visitor_keys(events: list[Event]) -> set[VisitorKey]:
    keys = {(event.website_id, event.visitor_id) for event in events}
    keys |= {(event.website_id, event.visitor_id_yesterday) for event in events}
    return {key for key in keys if key[1]}


def _by_start(session: Session) -> int:
    return session.started_at


def _occurred_at(event: Event) -> int:
    return event.occurred_at
