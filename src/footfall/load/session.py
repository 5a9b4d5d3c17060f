"""Sessions and the rule by which an event joins one."""

import msgspec

from footfall.model.event import NOT_COUNTED, Event
from footfall.model.fact import Facts
from footfall.model.key import session_key
from footfall.model.mark import FIRST, UNKNOWN

GAP_MS = 30 * 60 * 1000
"""Two neighbouring events of a session are at most this far apart."""

MAX_OWN_SESSIONS = 2_000
"""A visitor with this many sessions gets no further ones by name alone. Otherwise anyone with a
public key could make each event of that visitor cost more than the one before."""

_encode = msgspec.json.encode


class Session(msgspec.Struct, kw_only=True, gc=False, array_like=True):
    """The stored state of a session, changed in place as events join it."""

    website_id: int
    visitor_id: int
    session_id: int
    bot: str
    started_at: int
    last_event_at: int
    facts_json: bytes  # the facts, as they end the rows of every table: "a","b",…
    pageviews: int = 0
    counted_events: int = 0
    engaged_ms: int = 0
    entry_page: str = ""
    exit_page: str = ""
    exit_page_at: int = 0
    exit_link: str = ""
    exit_link_at: int = 0
    prev_at: int = UNKNOWN  # its marks: see model.mark
    gaps: list[int] = []

    def add(self, event: Event) -> None:
        """Add an event that joins the session."""
        at = event.occurred_at
        self.last_event_at = max(self.last_event_at, at)
        self.engaged_ms += event.engaged_ms
        if event.type in NOT_COUNTED:
            return
        if not self.counted_events:  # it is covered from now on
            self.take_marks()
        self.counted_events += 1
        if event.type == "page":
            self._add_page(event.path, at)
        elif event.type == "outbound" and event.link and at >= self.exit_link_at:
            self.exit_link, self.exit_link_at = event.link, at

    def _add_page(self, path: str, at: int) -> None:
        pages = self.entry_page, self.exit_page
        self.pageviews += 1
        self.entry_page = self.entry_page or path
        if at >= self.exit_page_at:
            self.exit_page, self.exit_page_at = path, at
        if pages != (self.entry_page, self.exit_page):  # so its marks may change
            self.take_marks()

    @property
    def is_marked(self) -> bool:
        return self.prev_at == FIRST or (self.prev_at != UNKNOWN and bool(self.gaps))

    def take_marks(self) -> None:
        self.prev_at, self.gaps = UNKNOWN, []


def find_session(sessions: list[Session], at: int) -> Session | None:
    """The session of one visitor that an event at `at` joins, or None if it may open its own.

    `sessions` are those of the event's kind (bot or person). An event that is not late joins the
    newest session within the gap. A late event joins the session that it lies within, else the
    earliest session within the gap.
    """
    if not sessions:
        return None
    newest = max(sessions, key=_by_last_event)
    if at >= newest.last_event_at:
        return newest if at - newest.last_event_at <= GAP_MS else None
    within = [s for s in sessions if s.started_at <= at <= s.last_event_at]
    near = within or [
        s for s in sessions if s.started_at - GAP_MS <= at <= s.last_event_at + GAP_MS
    ]
    return min(near, key=_by_start) if near else None


def find_own_session(sessions: list[Session], event: Event) -> Session | None:
    """The session that an event's sender names, whatever its time, or None if the event may open
    it.

    `sessions` are those of its visitor and kind.
    """
    ids = (event.session_uid, _id_apart(event))
    for session in sessions:
        if session.session_id in ids:
            return session
    if len(sessions) < MAX_OWN_SESSIONS:
        return None
    return find_session(sessions, event.occurred_at)


def open_session(event: Event, visitor_id: int, taken_ids: set[int]) -> Session:
    """A new session with the event's facts; the event itself is not yet added to it.

    It has the client's id if the client sent one that no other session has.
    """
    session_id = event.session_uid
    if event.has_own_session and session_id in taken_ids:
        session_id = _id_apart(event)
    elif not session_id or session_id in taken_ids:
        start = f"{event.occurred_at}{'b' if event.bot else ''}"
        session_id = session_key(event.website_id, visitor_id, start)
    return Session(
        website_id=event.website_id,
        visitor_id=visitor_id,
        session_id=session_id,
        bot=event.bot,
        started_at=event.occurred_at,
        last_event_at=event.occurred_at,
        facts_json=encode_facts(event.facts),
    )


def _id_apart(event: Event) -> int:
    """The id of a session whose name is already used, by a person if this is a bot or the other way
    round. Reports distinguish sessions only by their ids."""
    return session_key(event.website_id, event.visitor_id, f"{event.session_uid} apart")


def encode_facts(facts: Facts) -> bytes:
    return _encode(facts)[1:-1]


def _by_last_event(session: Session) -> tuple[int, int]:
    return session.last_event_at, session.started_at


def _by_start(session: Session) -> int:
    return session.started_at
