"""One visitor's story and export. docs/api.md, "One visitor", and metrics.md."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from footfall.model.website import Website
from reference.join import DAY, NOT_COUNTED, Log, Payment, Row, Session
from reference.paid import cents, sum_of
from reference.period import stamp
from reference.select import COUNTRY_NAMES

Found = dict[str, Any]
RECORDED_BY_PAYMENTS = ("payment", "free_trial")


class Visitor:
    """What is kept of one visitor: nothing that has outlived the website's retention."""

    def __init__(self, log: Log, visitor_id: int, website: Website, now_ms: int, zone: str) -> None:
        floor = now_ms - website.retain_days * DAY if website.retain_days else 0
        self.website, self.zone, self.visitor_id = website, zone, visitor_id
        self.all_sessions = [s for s in log.sessions if self._is_kept(s, s.started_at, floor)]
        self.rows = [row for row in log.rows if self._is_kept(row, row.report_at, floor)]
        self.payments = [p for p in log.payments if self._is_kept(p, p.movement.occurred_at, floor)]
        people = [session for session in self.all_sessions if not session.bot]
        self.is_bot = bool(self.all_sessions) and not people
        self.sessions = people or self.all_sessions

    def _is_kept(self, one: Session | Row | Payment, at: int, floor: int) -> bool:
        return one.visitor_id == self.visitor_id and at >= floor

    @property
    def is_known(self) -> bool:
        return bool(self.all_sessions or self.rows or self.payments)

    def story(self) -> Found:
        """All but the lists."""
        return {
            "visitorId": f"{self.visitor_id:016x}",
            "isBot": self.is_bot,
            "identity": self._identity(),
            "source": self._source(),
            "sourceIconUrl": None,
            "activity": self._activity(),
            "revenue": self._revenue(),
            "profile": None,
        }

    def timeline(self) -> list[Found]:
        """All of it, the newest first; at the same instant payments, then what arrived last."""
        rows = [row for row in self.rows if self._is_shown(row)]
        events = [((row.occurred_at, 0, row.arrival), self._action(row)) for row in rows]
        paid = [
            ((payment.movement.occurred_at, 1, 0), self._paid(payment)) for payment in self.payments
        ]
        in_order = sorted(events + paid, key=lambda pair: pair[0], reverse=True)
        return [action for _, action in in_order]

    def visits(self) -> list[Found]:
        """The visits that count, the newest first."""
        counted = [session for session in self.sessions if session.is_counted]
        counted.sort(key=lambda session: session.started_at, reverse=True)
        return [self._visit(session) for session in counted]

    def _visit(self, session: Session) -> Found:
        facts, paid = session.facts, [p for p in self.payments if p.session is session]
        said = [facts.referrer, facts.utm_source, facts.source, facts.ref, facts.via]
        counted = [row for row in session.rows if row.type not in NOT_COUNTED]
        plain = ("hostname", "channel", "referrer", "region", "city", "device", "browser", "os")
        return {
            "startedAt": stamp(session.started_at, self.zone),
            "lastEventAt": stamp(session.last_event_at, self.zone),
            "duration": cents(Decimal(session.last_event_at - session.started_at) / 1000),
            "engagedTime": cents(Decimal(session.engaged_ms) / 1000),
            "pageviews": len(session.pages),
            "events": len(counted),
            "entryPage": session.entry_page or None,
            "exitPage": session.exit_page or None,
            "exitLink": session.exit_link or None,
            "source": next((text for text in said if text), None),
            "campaign": facts.utm_campaign or None,
            "countryCode": facts.country or None,
            "language": facts.language or None,
            "screen": facts.screen or None,
            "paid": cents(sum_of(paid)),
            **{name: getattr(facts, name) or None for name in plain},
        }

    def all_events(self) -> list[Found]:
        """Events of all types but engagement, and payments, the newest first."""
        rows = [
            row
            for row in self.rows
            if row.type != "engagement"
            and not (row.type == "track" and row.name in RECORDED_BY_PAYMENTS)
            and (row.is_server_side or bool(row.bot) == self.is_bot)
        ]
        events = [((row.occurred_at, 0, row.arrival), self._any_event(row)) for row in rows]
        paid = [((p.movement.occurred_at, 1, 0), self._paid(p)) for p in self.payments]
        for _, payment in paid:
            payment["name"] = payment.pop("eventName")
        in_order = sorted(events + paid, key=lambda pair: pair[0], reverse=True)
        return [event for _, event in in_order]

    def _any_event(self, row: Row) -> Found:
        return {
            "type": row.type,
            "timestamp": stamp(row.occurred_at, self.zone),
            "name": row.name or None,
            "url": row.facts.hostname + row.path if row.path else None,
            "title": row.title or None,
            "link": row.link or None,
            "address": row.address or None,
            "properties": json.loads(row.properties) if row.properties else None,
            "isServerSide": row.is_server_side,
            "amount": None,
        }

    def _is_shown(self, row: Row) -> bool:
        is_theirs = row.is_server_side or bool(row.bot) == self.is_bot
        is_goal = row.type == "track" and row.name not in RECORDED_BY_PAYMENTS
        return is_theirs and (row.type == "page" or is_goal)

    def _action(self, row: Row) -> Found:
        return {
            "type": "pageview" if row.type == "page" else "goal",
            "timestamp": stamp(row.occurred_at, self.zone),
            "url": row.facts.hostname + row.path if row.path else None,
            "eventName": row.name or None,
            "amount": None,
        }

    def _paid(self, payment: Payment) -> Found:
        movement = payment.movement
        sign = -1 if movement.kind == "refund" else 1
        names = {"new": "payment" if movement.original_amount else "free_trial"}
        return {
            "type": "payment",
            "timestamp": stamp(movement.occurred_at, self.zone),
            "url": None,
            "eventName": names.get(movement.kind, movement.kind),
            "amount": cents(sign * movement.amount) if movement.is_converted else None,
            "originalAmount": cents(sign * movement.original_amount),
            "originalCurrency": movement.original_currency,
        }

    def _latest(self) -> Session | None:
        if not self.sessions:
            return None
        return max(self.sessions, key=lambda s: (s.last_event_at, s.started_at))

    def _identity(self) -> Found:
        latest = self._latest()
        facts = latest.facts if latest else None
        width, _, height = (facts.screen if facts else "").partition("x")
        found: Found = dict.fromkeys(("country", "countryCode", "region", "city"))
        if facts:
            found["country"] = COUNTRY_NAMES.get(facts.country)
            found["countryCode"] = facts.country or None
            found["region"], found["city"] = facts.region or None, facts.city or None
        for name in ("browser", "os"):
            known = getattr(facts, name, "")
            version = getattr(facts, f"{name}_version", "").replace(known, "", 1).strip()
            found[name] = {"name": known or None, "version": version or None}
        found["device"] = {"type": (facts.device if facts else "") or None}
        found["viewport"] = {
            "width": int(width) if width else None,
            "height": int(height) if height else None,
        }
        return found

    def _source(self) -> str | None:
        latest = self._latest()
        if latest is None:
            return None
        facts = latest.facts
        said = [facts.referrer, facts.utm_source, facts.source, facts.ref, facts.via]
        return next((text for text in said if text), None)

    def _activity(self) -> Found:
        pages = [(row, session) for session in self.sessions for row in session.pages]
        last = max(pages, key=lambda pair: pair[0].order, default=None)
        starts = [session.started_at for session in self.sessions]
        ends = [session.last_event_at for session in self.sessions]
        counted = [s for s in self.sessions if any(row.type not in NOT_COUNTED for row in s.rows)]
        return {
            "visitCount": len(counted),
            "pageViewCount": len(pages),
            "firstVisitAt": stamp(min(starts), self.zone) if starts else None,
            "lastVisitAt": stamp(max(ends), self.zone) if ends else None,
            "currentUrl": last[1].facts.hostname + last[0].path if last else None,
        }

    def _revenue(self) -> Found:
        moved = [payment.movement for payment in self.payments]
        paid = [movement for movement in moved if movement.kind != "refund"]
        more_than_nothing = [movement for movement in paid if movement.original_amount > 0]
        first_at = min((movement.occurred_at for movement in more_than_nothing), default=None)
        waited = None
        if first_at is not None and self.sessions:
            waited = max(first_at - min(s.started_at for s in self.sessions), 0)
        lacking = [movement for movement in more_than_nothing if not movement.is_converted]
        return {
            "totalRevenue": cents(sum((m.amount for m in paid), Decimal(0))),
            "refundedRevenue": cents(
                sum((m.amount for m in moved if m.kind == "refund"), Decimal(0))
            ),
            "isCustomer": bool(more_than_nothing),
            "timeToFirstConversion": None if waited is None else cents(Decimal(waited) / 1000),
            "currency": self.website.currency,
            "unconverted": [
                {
                    "currency": currency,
                    "amount": cents(
                        sum(
                            (m.original_amount for m in lacking if m.original_currency == currency),
                            Decimal(0),
                        )
                    ),
                }
                for currency in sorted({movement.original_currency for movement in lacking})
            ],
        }


def pages_of(timeline: Iterable[Found]) -> list[Found]:
    return [
        {"url": row["url"], "timestamp": row["timestamp"]}
        for row in timeline
        if row["type"] == "pageview"
    ]


def goals_of(timeline: Iterable[Found]) -> list[Found]:
    return [
        {"name": row["eventName"], "timestamp": row["timestamp"]}
        for row in timeline
        if row["type"] == "goal"
    ]
