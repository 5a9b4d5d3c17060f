"""Sessions are joined and payments are tied to them, in order of receipt."""

from dataclasses import dataclass, field

from footfall.model.event import NOT_COUNTED, Event
from footfall.model.fact import Facts
from footfall.model.payment import Movement

HALF_HOUR = 30 * 60 * 1000
DAY = 24 * 60 * 60 * 1000

UNKNOWN_FACTS = Facts(channel="")
"""metrics.md, server-side event: "no visitor known: Unknown". Nobody knows the channel either."""


@dataclass(eq=False)
class Session:
    """One visit. Its start and facts stay as its first counted event made them."""

    id: int
    visitor_id: int
    bot: str
    started_at: int
    facts: Facts
    named: int = 0  # the id by which its sender calls it
    rows: list["Row"] = field(default_factory=list)  # in order of arrival, no server-side ones
    server_rows: list["Row"] = field(default_factory=list)

    @property
    def last_event_at(self) -> int:
        """Never before the start, which stays when what began the session is deleted."""
        return max([self.started_at, *(row.occurred_at for row in self.rows)])

    @property
    def is_counted(self) -> bool:
        """metrics.md: a report covers the sessions that hold at least one counted event."""
        return any(row.type not in NOT_COUNTED for row in self.rows)

    @property
    def pages(self) -> list["Row"]:
        return [row for row in self.rows if row.type == "page"]

    @property
    def entry_page(self) -> str:
        """ARCHITECTURE: the first page event in order of arrival, and it stays."""
        return self.pages[0].path if self.pages else ""

    @property
    def exit_page(self) -> str:
        last = _latest(self.pages)
        return last.path if last else ""

    @property
    def exit_link(self) -> str:
        last = _latest([row for row in self.rows if row.type == "outbound"])
        return last.link if last else ""

    @property
    def is_bounce(self) -> bool:
        """metrics.md: exactly one page event and no other counted event."""
        counted = [row.type for row in self.rows if row.type not in NOT_COUNTED]
        return counted == ["page"]

    @property
    def engaged_ms(self) -> int:
        return sum(row.engaged_ms for row in self.rows)


@dataclass(eq=False)
class Row:
    """One stored event. `session` is None where it has none."""

    type: str
    occurred_at: int
    visitor_id: int
    bot: str
    facts: Facts
    arrival: int = 0  # how many rows were stored before
    name: str = ""
    path: str = ""
    title: str = ""
    link: str = ""
    properties: str = ""  # JSON object as text
    address: str = ""
    engaged_ms: int = 0
    session: Session | None = None
    is_server_side: bool = False
    movement_id: str = ""  # of the payment that recorded it

    @property
    def report_at(self) -> int:
        """metrics.md, "Which rows a report covers" 1."""
        if self.session is None or self.is_server_side:
            return self.occurred_at
        return self.session.started_at

    @property
    def label(self) -> str:
        """metrics.md: the name of track and decoded_log events, else the type."""
        return self.name if self.type in ("track", "decoded_log") else self.type

    @property
    def order(self) -> tuple[int, int]:
        """contract.md §B: in time order, ties by arrival."""
        return self.occurred_at, self.arrival


@dataclass(eq=False)
class Payment:
    """A movement with what was stamped on it when it was recorded."""

    movement: Movement
    visitor_id: int
    session: Session | None
    facts: Facts
    entry_page: str
    exit_page: str
    exit_link: str


def _latest(rows: list[Row]) -> Row | None:
    """The row with the greatest time, the later arrival among equals."""
    latest = None
    for row in rows:
        if latest is None or row.occurred_at >= latest.occurred_at:
            latest = row
    return latest


class Log:
    """All that is stored of one website."""

    def __init__(self, website_id: int) -> None:
        self.website_id = website_id
        self.sessions: list[Session] = []
        self.rows: list[Row] = []
        self.payments: list[Payment] = []
        self.dropped: list[tuple[str, Event]] = []
        self._arrived = 0
        self._opened = 0
        self._stored_ids: dict[int, int] = {}  # event_id → when the stored one was received

    def add_request(self, received_at: int, events: list[Event]) -> None:
        """Store one request's events. ARCHITECTURE: they are taken in time order."""
        ours = [event for event in events if event.website_id == self.website_id]
        for event in sorted(ours, key=lambda event: event.occurred_at):
            if self._is_repeat(event, received_at):
                self.dropped.append(("duplicate", event))
            else:
                self._add_event(event)

    def add_movement(self, movement: Movement) -> None:
        """Store a payment or refund; a new payment records its goal too."""
        if movement.website_id != self.website_id:
            return
        session, facts_of = self._session_of(movement)
        facts = facts_of.facts if facts_of else UNKNOWN_FACTS
        visitor_id = movement.visitor_id or (session.visitor_id if session else 0)
        self.payments.append(
            Payment(
                movement=movement,
                visitor_id=visitor_id,
                session=session,
                facts=facts,
                entry_page=facts_of.entry_page if facts_of else "",
                exit_page=facts_of.exit_page if facts_of else "",
                exit_link=facts_of.exit_link if facts_of else "",
            )
        )
        if movement.kind == "new":
            goal = Row(
                type="track",
                name="payment" if movement.original_amount > 0 else "free_trial",
                occurred_at=movement.occurred_at,
                visitor_id=visitor_id,
                bot="",
                facts=facts,
                arrival=self._next_arrival(),
                session=session,
                is_server_side=True,
                movement_id=movement.movement_id,
            )
            self.rows.append(goal)
            if session:
                session.server_rows.append(goal)

    def _next_arrival(self) -> int:
        self._arrived += 1
        return self._arrived

    def _is_repeat(self, event: Event, received_at: int) -> bool:
        """contract.md: the same eventId again within 24 h of receipt is not stored again."""
        if not event.event_id:
            return False
        before = self._stored_ids.get(event.event_id)
        if before is not None and received_at - before <= DAY:
            return True
        self._stored_ids[event.event_id] = received_at
        return False

    def _add_event(self, event: Event) -> None:
        visitor_id, session = self._join(event)
        if session is None and visitor_id and event.type not in NOT_COUNTED:
            session = self._open(event)
        if session is None and event.type == "engagement":
            self.dropped.append(("no_session", event))
            return
        row = Row(
            type=event.type,
            occurred_at=event.occurred_at,
            visitor_id=visitor_id,
            bot=event.bot,
            facts=session.facts if session else event.facts,
            arrival=self._next_arrival(),
            name=event.name,
            path=event.path,
            title=event.title,
            link=event.link,
            properties=event.properties,
            address=event.address,
            engaged_ms=event.engaged_ms,
            session=session,
        )
        self.rows.append(row)
        if session:
            session.rows.append(row)

    def _join(self, event: Event) -> tuple[int, Session | None]:
        """The visitor whose event it is and the session it joins."""
        if event.has_own_session:
            return event.visitor_id, self._named(event)
        if event.visitor_id_yesterday:
            yesterdays = self._alive(event.visitor_id_yesterday, event.occurred_at, bool(event.bot))
            if yesterdays:
                return event.visitor_id_yesterday, yesterdays
        if not event.visitor_id:
            return 0, None
        return event.visitor_id, self._alive(event.visitor_id, event.occurred_at, bool(event.bot))

    def _named(self, event: Event) -> Session | None:
        """metrics.md: "an explicit session_id always wins", whatever the time."""
        for session in self.sessions:
            is_theirs = session.visitor_id == event.visitor_id
            is_same_kind = bool(session.bot) == bool(event.bot)
            if session.named == event.session_uid and is_theirs and is_same_kind:
                return session
        return None

    def _alive(self, visitor_id: int, at: int, is_bot: bool) -> Session | None:
        """ARCHITECTURE, "Joining sessions", 1 and 2."""
        theirs = [
            session
            for session in self.sessions
            if session.visitor_id == visitor_id and bool(session.bot) == is_bot
        ]
        if not theirs:
            return None
        newest = max(theirs, key=lambda session: (session.last_event_at, session.started_at))
        if at >= newest.last_event_at:
            return newest if at - newest.last_event_at <= HALF_HOUR else None
        theirs.sort(key=lambda session: session.started_at)
        for session in theirs:
            if session.started_at <= at <= session.last_event_at:
                return session
        for session in theirs:
            is_before = 0 < session.started_at - at <= HALF_HOUR
            is_after = 0 < at - session.last_event_at <= HALF_HOUR
            if is_before or is_after:
                return session
        return None

    def _open(self, event: Event) -> Session:
        """metrics.md: the tracker's id where one was sent and the 30-minute rule agrees. Where a
        bot's explicit session has the name of a person's, the later of the two has another id."""
        taken = {session.id for session in self.sessions}
        self._opened += 1
        own_id = -self._opened
        is_free = event.session_uid and event.session_uid not in taken
        session = Session(
            id=event.session_uid if is_free else own_id,
            visitor_id=event.visitor_id,
            bot=event.bot,
            started_at=event.occurred_at,
            facts=event.facts,
            named=event.session_uid if is_free or event.has_own_session else 0,
        )
        self.sessions.append(session)
        return session

    def _session_of(self, movement: Movement) -> tuple[Session | None, Session | None]:
        """The session a movement belongs to, and the one whose facts it borrows."""
        for session in self.sessions:
            if movement.session_uid and session.id == movement.session_uid:
                return session, session
        if not movement.visitor_id:
            return None, None
        for is_bot in (False, True):
            if alive := self._alive(movement.visitor_id, movement.occurred_at, is_bot):
                return alive, alive
        before = [
            session
            for session in self.sessions
            if session.visitor_id == movement.visitor_id
            and session.started_at <= movement.occurred_at
        ]
        if before:
            return None, max(before, key=lambda one: (one.started_at, not one.bot))
        return None, None
