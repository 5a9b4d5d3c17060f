"""Joining: records → rows, by the rules of docs/metrics.md."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from footfall.load.batch import BatchWriter
from footfall.load.session import (
    Session,
    encode_facts,
    find_own_session,
    find_session,
    open_session,
)
from footfall.load.visitor import VisitorKey, Visitors
from footfall.model.event import NOT_COUNTED, Event
from footfall.model.fact import Facts
from footfall.model.payment import Movement
from footfall.model.record import CountsRecord, EventsRecord, MovementRecord, Record
from footfall.store.engine import Engine

HOUR_MS = 3_600_000
REPEAT_MS = 24 * HOUR_MS
"""An eventId that comes again within this time of its receipt is the same event."""

_UNKNOWN_FACTS_JSON = encode_facts(Facts(channel=""))
"""A payment of nobody known: no channel either, so that it reads Unknown."""
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
        self._counts: Counter[tuple[int, int, str, str]] = Counter()
        self._received: dict[tuple[int, int], int] = {}

    def join(self, records: list[Record], rows: BatchWriter) -> None:
        """Add the records' rows. Raises EngineError; then call `forget`."""
        events = [e for r in records if isinstance(r, EventsRecord) for e in r.events]
        self._received = self._find_repeats(events)
        self._visitors.fetch(_visitor_keys(events, records))
        self._changed.clear()
        self._counts.clear()
        for record in records:
            match record:
                case EventsRecord():
                    self._join_request(record, rows)
                case MovementRecord():
                    self._join_movement(record.movement, rows)
                case CountsRecord():
                    self._count_drops(record)
        for session in self._changed.values():
            rows.add_session(session)
        for (website_id, hour_s, via, outcome), hits in self._counts.items():
            rows.add_count(website_id, hour_s, via, outcome, hits)
        self._visitors.trim()

    def counted(self) -> Counter[tuple[str, str]]:
        """What became of the hits last joined, by via and outcome."""
        outcomes: Counter[tuple[str, str]] = Counter()
        for (_, _, via, outcome), hits in self._counts.items():
            outcomes[via, outcome] += hits
        return outcomes

    def forget(self) -> None:
        """Read everything anew from the store, as after a start."""
        self._visitors.forget()

    def _join_request(self, record: EventsRecord, rows: BatchWriter) -> None:
        self._count_drops(record)
        received_at = record.received_at
        for quarantined in record.quarantined:
            rows.add_quarantined(quarantined, received_at)
        for event in sorted(record.events, key=_occurred_at):
            outcome = self._join_event(event, received_at, rows)
            self._count(received_at, event.website_id, record.via, outcome, 1)

    def _join_event(self, event: Event, received_at: int, rows: BatchWriter) -> str:
        """Add the event's row; answers what became of it (an outcome of `ingestion`)."""
        if event.event_id:
            key = event.website_id, event.event_id
            earlier = self._received.get(key)
            if earlier is not None and received_at - earlier <= REPEAT_MS:
                return "duplicate"
            self._received[key] = received_at
            rows.add_event_id(*key, received_at)
        visitor_id, session = self._find(event)
        if session is None and visitor_id and event.type not in NOT_COUNTED:
            session = self._open(event, visitor_id, rows)
        if session is None and event.type == "engagement":
            return "no_session"
        if session is not None:
            session.add(event)
            self._changed[id(session)] = session
        rows.add_event(event, visitor_id, session)
        return "bot" if event.bot else "accepted"

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
        rows.add_visit(session)
        return session

    def _sessions(self, website_id: int, visitor_id: int, is_bot: bool) -> list[Session]:
        sessions = self._visitors.sessions((website_id, visitor_id))
        return [session for session in sessions if bool(session.bot) == is_bot]

    def _join_movement(self, movement: Movement, rows: BatchWriter) -> None:
        session, borrowed = self._find_for_movement(movement)
        source = session or borrowed
        facts_json = source.facts_json if source else _UNKNOWN_FACTS_JSON
        rows.add_movement(movement, session, borrowed, facts_json)
        if movement.kind == "new":
            name = "payment" if movement.original_amount else "free_trial"
            rows.add_goal(movement, name, session.session_id if session else 0, facts_json)

    def _find_for_movement(self, movement: Movement) -> tuple[Session | None, Session | None]:
        """The session a payment belongs to, and else the one whose facts it borrows."""
        if not movement.visitor_id:
            return None, None
        at = movement.occurred_at
        known = self._visitors.sessions((movement.website_id, movement.visitor_id))
        for session in known:
            if movement.session_uid and session.session_id == movement.session_uid:
                return session, None
        for is_bot in (False, True):
            sessions = self._sessions(movement.website_id, movement.visitor_id, is_bot)
            if alive := find_session(sessions, at):
                return alive, None
        earlier = [session for session in known if session.started_at <= at]
        return None, max(earlier, key=_by_start_then_person, default=None)

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


def _visitor_keys(events: list[Event], records: Iterable[Record]) -> set[VisitorKey]:
    keys = {(event.website_id, event.visitor_id) for event in events}
    keys |= {(event.website_id, event.visitor_id_yesterday) for event in events}
    keys |= {
        (record.movement.website_id, record.movement.visitor_id)
        for record in records
        if isinstance(record, MovementRecord)
    }
    return {key for key in keys if key[1]}


def _occurred_at(event: Event) -> int:
    return event.occurred_at


def _by_start_then_person(session: Session) -> tuple[int, bool]:
    return session.started_at, not session.bot
