"""Finds the visitor of a goal or payment that a server sent. It changes no session."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from footfall.load.session import Session, encode_facts, find_session
from footfall.load.visitor import VisitorKey, Visitors
from footfall.model.event import Event
from footfall.model.fact import Facts
from footfall.model.payment import Movement
from footfall.model.record import EventsRecord, MovementRecord, Record
from footfall.store.engine import Engine

_UNKNOWN_FACTS_JSON = encode_facts(Facts(channel=""))
"""For an unknown visitor. It has no channel either, so that reports show Unknown."""
_FIND_CLIENT_SESSIONS = (
    "SELECT website_id, client_session, visitor_id, session_id,"
    " toUnixTimestamp64Milli(started_at) FROM visits"
    " WHERE (website_id, client_session) IN (SELECT key.1, key.2 FROM (SELECT arrayJoin("
    "JSONExtract({keys:String}, 'Array(Tuple(UInt32, UInt64))')) AS key))"
)

Recorded = Event | Movement


class Owner(NamedTuple):
    """The visitor, 0 if unknown; the session, or else the one whose facts are used."""

    visitor_id: int
    session: Session | None
    borrowed: Session | None

    @property
    def facts_json(self) -> bytes:
        source = self.session or self.borrowed
        return source.facts_json if source else _UNKNOWN_FACTS_JSON


class _Visit(NamedTuple):
    visitor_id: int
    session_id: int
    started_at: int


class Owners:
    """Finds the owners of one batch's recorded goals and payments."""

    def __init__(self, engine: Engine, visitors: Visitors) -> None:
        self._engine = engine
        self._visitors = visitors
        self._visits: dict[tuple[int, int], list[_Visit]] = {}

    def prepare(self, records: Iterable[Record]) -> set[VisitorKey]:
        """Look up sessions that are named without their visitor. Returns the visitors who must
        be fetched before `find` is asked. Raises EngineError."""
        recorded = list(_recorded_by_servers(records))
        keys = {(each.website_id, each.client_session) for each in recorded if _is_by_session(each)}
        self._visits = {key: [] for key in keys}
        if keys:
            text = msgspec.json.encode(list(keys)).decode()
            for website_id, client_session, *visit in self._engine.query(
                _FIND_CLIENT_SESSIONS, {"keys": text}
            ).rows:
                self._visits[website_id, client_session].append(_Visit(*visit))
        wanted = {(each.website_id, each.visitor_id) for each in recorded if each.visitor_id}
        for (website_id, _), visits in self._visits.items():
            wanted |= {(website_id, visit.visitor_id) for visit in visits}
        return wanted

    def end_batch(self) -> None:
        """Keep nothing of the batch."""
        self._visits = {}

    def add_opened(self, session: Session, client_session: int) -> None:
        """A session that this batch has opened."""
        found = self._visits.get((session.website_id, client_session))
        if found is not None:
            found.append(_Visit(session.visitor_id, session.session_id, session.started_at))

    def find(self, recorded: Recorded) -> Owner:
        """Its session: the one it names, whoever is named beside it, else the visitor's alive at
        its time; else the facts of their latest session at or before its time."""
        visitor_id, session_id = recorded.visitor_id, recorded.session_uid
        if _is_by_session(recorded) and (visit := self._named_visit(recorded)):
            visitor_id, session_id = visit.visitor_id, visit.session_id
        if not visitor_id:
            return Owner(0, None, None)
        at = recorded.occurred_at
        known = self._visitors.sessions((recorded.website_id, visitor_id))
        for session in known:
            if session_id and session.session_id == session_id:
                return Owner(visitor_id, session, None)
        for is_bot in (False, True):
            kind = [session for session in known if bool(session.bot) == is_bot]
            if alive := find_session(kind, at):
                return Owner(visitor_id, alive, None)
        earlier = [session for session in known if session.started_at <= at]
        return Owner(visitor_id, None, max(earlier, key=_by_start_then_person, default=None))

    def _named_visit(self, recorded: Recorded) -> _Visit | None:
        """Of several that a client gave one id, the latest begun by then, else the first."""
        visits = self._visits[recorded.website_id, recorded.client_session]
        begun = [visit for visit in visits if visit.started_at <= recorded.occurred_at]
        if begun:
            return max(begun, key=_by_started_at)
        return min(visits, key=_by_started_at, default=None)


def _recorded_by_servers(records: Iterable[Record]) -> Iterable[Recorded]:
    for record in records:
        if isinstance(record, MovementRecord):
            yield record.movement
        elif isinstance(record, EventsRecord):
            yield from (event for event in record.events if event.is_server_side)


def _is_by_session(recorded: Recorded) -> bool:
    return bool(recorded.client_session)


def _by_started_at(visit: _Visit) -> int:
    return visit.started_at


def _by_start_then_person(session: Session) -> tuple[int, bool]:
    return session.started_at, not session.bot
