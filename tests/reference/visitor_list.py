"""The list of visitors, and the people behind a number. docs/api.md, "Visitors"."""

from collections.abc import Callable, Iterable
from typing import Any

from reference.ask import Asked
from reference.flow import Flow
from reference.funnel import Funnel
from reference.join import Log, Payment, Row, Session
from reference.paid import cents, is_revenue, sum_of, without_rate
from reference.period import stamp
from reference.select import cover, is_asked_for

Found = dict[str, Any]


class VisitorList:
    """All rows of one question, in their order."""

    def __init__(self, log: Log, asked: Asked) -> None:
        self.log, self.asked = log, asked
        self.unlisted: int | None = None
        self.visitors: set[int] = set()
        self.sessions: list[Session] = []
        self.rows: list[Row] = []
        self.payments: list[Payment] = []
        if "start_step" in asked.given:
            self._choose_sessions(sessions_of_flow(asked))
        elif "steps" in asked.given:
            self._choose_people(Funnel(asked))
        else:
            self._choose_covered()

    def _choose_covered(self) -> None:
        """What the report covers, as in the overview."""
        bots = self.asked.given.get("bots", "exclude")
        covered = cover(self.log, self.asked.period, self.asked.filters, bots)
        self.sessions, self.rows = covered.sessions, covered.rows
        self.payments = covered.payments
        self.visitors = covered.visitors

    def _choose_sessions(self, sessions: list[Session]) -> None:
        """The sessions of a flow's number, with all their events, and the period's payments."""
        self.sessions = sessions
        self.visitors = {session.visitor_id for session in sessions}
        self.rows = [row for row in self.log.rows if row.session in sessions]
        self.payments = [each for one in sessions for each in self.asked.payments_of(one)]

    def _choose_people(self, funnel: Funnel) -> None:
        """Those at a step or further, or who got no further; with all that is known of them."""
        step = self.asked.number("funnel_step", 1)
        chains = [chain for chain in funnel.chains if chain.level >= step]
        if self.asked.is_on("dropped"):
            chains = [c for c in chains if c.level == step and step < len(funnel.steps)]
        people = [chain.events[0].visitor_id for chain in chains]
        self.unlisted = people.count(0)
        self.visitors = set(people) - {0}
        bots = self.asked.given.get("bots", "exclude")
        self.sessions = [s for s in self.log.sessions if s.is_counted and is_asked_for(s.bot, bots)]
        self.rows = [row for row in self.log.rows if is_asked_for(row.bot, bots)]
        self.payments = self.log.payments

    def listed(self) -> list[Found]:
        rows = [self._row(visitor_id) for visitor_id in self.visitors]
        sort = self.asked.given.get("sort", "last_seen")
        sign = 1 if self.asked.given.get("order") == "asc" else -1
        return sorted(rows, key=lambda row: (sign * row["keys"][sort], row["visitorId"]))

    def session_count(self) -> int:
        return len([session for session in self.sessions if session.visitor_id in self.visitors])

    def _row(self, visitor_id: int) -> Found:
        sessions = [each for each in self.sessions if each.visitor_id == visitor_id]
        rows = [row for row in self.rows if row.visitor_id == visitor_id]
        paid = [p for p in self.payments if p.visitor_id == visitor_id and is_revenue(p.movement)]
        starts = [session.started_at for session in sessions]
        ends = [session.last_event_at for session in sessions]
        goals = len([row for row in rows if row.type == "track"])
        pageviews = sum(len(session.pages) for session in sessions)
        amount, zone = sum_of(paid), self.asked.zone
        return {
            "visitorId": f"{visitor_id:016x}",
            "isBot": bool(sessions) and all(session.bot for session in sessions),
            "wallet": _last_wallet(rows),
            "firstSeenAt": stamp(min(starts), zone) if starts else None,
            "lastSeenAt": stamp(max(ends), zone) if ends else None,
            "sessions": len(sessions),
            "pageviews": pageviews,
            "goals": goals,
            "paid": cents(amount),
            "isCustomer": any(each.movement.original_amount > 0 for each in paid),
            "unconverted": [
                each for each in without_rate(p.movement for p in paid) if each["amount"]
            ],
            "facts": [_facts(each) for each in _latest(sessions, lambda s: s.last_event_at)],
            "pages": _last_pages(sessions),
            "keys": {
                "last_seen": max(ends, default=0),
                "first_seen": min(starts, default=0),
                "sessions": len(sessions),
                "pageviews": pageviews,
                "goals": goals,
                "paid": amount,
            },
        }


def sessions_of_flow(asked: Asked) -> list[Session]:
    """Those of all paths, or of the transition that is named."""
    flow = Flow(asked)
    if "flow_step" not in asked.given:
        return [path.session for path in flow.paths]
    step = asked.number("flow_step", 1)
    source, target = (asked.given.get(f"flow_{name}", "") for name in ("source", "target"))
    return [
        path.session
        for edge, path in flow.legs()
        if edge[0] == step and source in ("", edge[1]) and target in ("", edge[2])
    ]


def _latest(sessions: Iterable[Session], at: Callable[[Session], int]) -> list[Session]:
    """The most recent one; several if they have the same times."""
    found = list(sessions)
    newest = max(((at(each), each.started_at) for each in found), default=None)
    return [each for each in found if (at(each), each.started_at) == newest]


def _facts(session: Session) -> Found:
    facts = session.facts
    said = [facts.referrer, facts.utm_source, facts.source, facts.ref, facts.via]
    return {
        "countryCode": facts.country or None,
        "region": facts.region or None,
        "city": facts.city or None,
        "device": facts.device or None,
        "browser": facts.browser or None,
        "os": facts.os or None,
        "channel": facts.channel or None,
        "source": next((text for text in said if text), None),
    }


def _last_pages(sessions: list[Session]) -> list[str | None]:
    """Host and path of the page seen last; several if two were seen at once."""
    pages = [(row.occurred_at, session, row) for session in sessions for row in session.pages]
    newest = max((at for at, _, _ in pages), default=None)
    found = [s.facts.hostname + row.path or None for at, s, row in pages if at == newest]
    return list(found) or [None]


def _last_wallet(rows: list[Row]) -> str | None:
    known = [row for row in rows if row.address]
    return max(known, key=lambda row: row.order).address if known else None
