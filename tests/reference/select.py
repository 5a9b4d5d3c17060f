"""Filters, and the rows that a report covers. metrics.md, "Which rows a report covers"."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from footfall.model.fact import Facts
from reference.join import Log, Payment, Row, Session
from reference.period import Period

COUNTRY_NAMES = {
    "DE": "Germany",
    "US": "United States",
    "FR": "France",
    "NP": "Nepal",
    "AU": "Australia",
    "AT": "Austria",
}
"""The countries of the random traffic."""

SOURCE_NAMES = {"google.com": "Google", "facebook.com": "Facebook", "chatgpt.com": "ChatGPT"}
"""The well-known sources of the random traffic, by main domain."""

IGNORE_CASE = {"device", "browser", "os", "country", "channel", "referrer", "language"}
PATHS = {"page", "entry_page", "exit_page"}
HOLD_NO_COMMA = {"device", "hostname", "referrer", "channel", "goal", "browser", "os", "language"}
TAGS = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    *("ref", "source", "via"),
)


@dataclass(frozen=True)
class Filter:
    """contract.md §A, "Filters": v, !v, a|b, !a|b, ~v, !~v."""

    name: str
    is_negated: bool
    is_contained: bool
    values: tuple[str, ...]

    @classmethod
    def read(cls, name: str, text: str) -> "Filter":
        is_negated = text.startswith("!")
        text = text.removeprefix("!")
        is_contained = text.startswith("~")
        text = text.removeprefix("~")
        if name in HOLD_NO_COMMA:
            text = text.replace(",", "|")
        return cls(name, is_negated, is_contained, tuple(text.split("|")))

    def holds(self, spellings: Iterable[str]) -> bool:
        """Whether one of the values is (or is contained in) one of a fact's spellings."""
        known = list(spellings)[:1] if self.is_contained else spellings  # a code is no part
        return any(self._is(value, text) for value in self.values for text in known)

    def _is(self, value: str, text: str) -> bool:
        if self.name in IGNORE_CASE:
            value, text = value.lower(), text.lower()
        if self.is_contained:
            return value in text
        if self.name in PATHS:
            return _is_path(value, text)
        return value == text


def _is_path(value: str, path: str) -> bool:
    if value.startswith(("http://", "https://")):
        value = unquote(urlsplit(value).path) or "/"
    pattern = ""
    for part in re.split(r"(\*\*|\*)", value):
        pattern += {"*": "[^/]*", "**": ".*"}.get(part, re.escape(part))
    return re.fullmatch(pattern, path, re.DOTALL) is not None


def spell(name: str, facts: Facts, entry_page: str, exit_page: str) -> list[str]:
    """The ways to name a session's value of a dimension in a filter, its own name first."""
    if name == "entry_page":
        return [entry_page or "Unknown"]
    if name == "exit_page":
        return [exit_page or "Unknown"]
    value: str = getattr(facts, name)
    if not value:
        return ["Direct/None" if name == "referrer" else "Unknown"]
    if name == "country":
        return [COUNTRY_NAMES.get(value, value), value]
    if name == "region":
        return [value, facts.region_code] if facts.region_code else [value]
    if name == "referrer" and value in SOURCE_NAMES:
        return [value, SOURCE_NAMES[value]]
    if name == "browser" and value == "Mobile Safari":
        return [value, "Safari"]
    return [value]


@dataclass
class Covered:
    """What a report is about: sessions, events, payments, the last two also from outside them."""

    sessions: list[Session]
    rows: list[Row]
    payments: list[Payment]
    all_payments: list[Payment]  # of the period, whatever the filters

    def within(self, period: Period) -> "Covered":
        """The part that lies in a bucket."""
        return Covered(
            [session for session in self.sessions if session.started_at in period],
            [row for row in self.rows if row.report_at in period],
            [payment for payment in self.payments if payment.movement.occurred_at in period],
            [payment for payment in self.all_payments if payment.movement.occurred_at in period],
        )

    @property
    def visitors(self) -> set[int]:
        return {session.visitor_id for session in self.sessions}


def is_asked_for(bot: str, bots: str) -> bool:
    return bots == "include" or (bots == "only") == bool(bot)


def cover(
    log: Log,
    period: Period,
    filters: list[Filter],
    bots: str = "exclude",
    attribution: str = "last",
) -> Covered:
    """The rows of a period, bots mode and filters."""

    in_period = Covered(
        [
            s
            for s in log.sessions
            if s.started_at in period and s.is_counted and is_asked_for(s.bot, bots)
        ],
        [row for row in log.rows if row.report_at in period and is_asked_for(row.bot, bots)],
        [payment for payment in log.payments if payment.movement.occurred_at in period],
        [],
    )
    tests = [_test(one, in_period, period) for one in filters]
    payments = [p for p in in_period.payments if _keeps(tests, _Subject.of_payment(p))]
    return Covered(
        [s for s in in_period.sessions if _keeps(tests, _Subject.of_session(s))],
        [row for row in in_period.rows if _keeps(tests, _Subject.of_row(row))],
        [attribute(payment, log, attribution) for payment in payments],
        in_period.payments,
    )


def keep(log: Log, period: Period, filters: list[Filter], bots: str) -> list[Row]:
    """The rows of any time whose session passes the filters: what paths are made of. What a
    visitor completed, or a server recorded, counts in the period it is placed in."""
    asked_for = [row for row in log.rows if is_asked_for(row.bot, bots)]
    placed = Covered([], [row for row in asked_for if row.report_at in period], [], [])
    tests = [_test(one, placed, period) for one in filters]
    return [row for row in asked_for if _keeps(tests, _Subject.of_row(row))]


def attribute(payment: Payment, log: Log, attribution: str) -> Payment:
    """metrics.md, "a row's revenue": `first` is the visitor's first session ever. It decides in
    which row a payment stands; filters test the facts that were stamped."""
    theirs = [s for s in log.sessions if s.visitor_id == payment.visitor_id and s.is_counted]
    if attribution == "last" or not payment.visitor_id or not theirs:
        return payment
    first = min(theirs, key=lambda session: (session.started_at, bool(session.bot)))
    return Payment(
        payment.movement,
        payment.visitor_id,
        payment.session,
        first.facts,
        first.entry_page,
        first.exit_page,
        first.exit_link,
    )


@dataclass
class _Subject:
    """What a filter looks at."""

    facts: Facts
    entry_page: str
    exit_page: str
    session: Session | None
    visitor_id: int

    @classmethod
    def of_session(cls, session: Session) -> "_Subject":
        return cls(
            session.facts, session.entry_page, session.exit_page, session, session.visitor_id
        )

    @classmethod
    def of_row(cls, row: Row) -> "_Subject":
        """Rows without a session are tested on their borrowed facts."""
        if row.session:
            return cls.of_session(row.session)
        return cls(row.facts, "", "", None, row.visitor_id)

    @classmethod
    def of_payment(cls, payment: Payment) -> "_Subject":
        return cls(
            payment.facts,
            payment.entry_page,
            payment.exit_page,
            payment.session,
            payment.visitor_id,
        )


_Test = Callable[[_Subject], bool]


def _keeps(tests: list[_Test], subject: _Subject) -> bool:
    return all(test(subject) for test in tests)


def _test(one: Filter, in_period: Covered, period: Period) -> _Test:
    if one.name == "goal":
        visitors = {
            row.visitor_id
            for row in in_period.rows
            if row.type == "track" and row.visitor_id and one.holds([row.name])
        }
        return lambda subject: (subject.visitor_id in visitors) != one.is_negated
    if one.name in ("page", "event"):
        return lambda subject: _has_event(subject.session, one, period)
    return lambda subject: (
        one.holds(spell(one.name, subject.facts, subject.entry_page, subject.exit_page))
        != one.is_negated
    )


def _has_event(session: Session | None, one: Filter, period: Period) -> bool:
    """Whether the session saw the page or event (negated: never did); without one, never. What a
    server recorded for it counts in the period it is placed in, as a goal's completions do."""
    if session is None:
        return False
    if one.name == "page":
        saw = any(one.holds([row.path]) for row in session.pages)
    else:
        recorded = [row for row in session.server_rows if row.occurred_at in period]
        saw = any(one.holds([row.label]) for row in session.rows + recorded)
    return saw != one.is_negated
