"""Filters, and the rows that a report covers. metrics.md, "Which rows a report covers"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import idna

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
HOSTS = {"hostname", "referrer"}
PATHS = {"page", "entry_page", "exit_page"}
HOLD_NO_COMMA = {"device", "hostname", "referrer", "channel", "goal", "browser", "os", "language"}
TAGS = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    *("ref", "source", "via"),
)


Characters = list[tuple[str, bool]]
"""A text as it is written: its characters, and whether a backslash made each of them literal."""

INVISIBLE = "\u200b\u2060\ufeff\u200e\u200f\u061c"
"""Of the characters that are removed from texts, those of the random traffic."""


def read_characters(text: str) -> Characters:
    found: Characters = []
    is_literal = False
    for character in text:
        if character == "\\" and not is_literal:
            is_literal = True
            continue
        found.append((character, is_literal))
        is_literal = False
    return found


def text_of(characters: Characters) -> str:
    return "".join(character for character, _ in characters)


@dataclass(frozen=True)
class Name:
    """What a filter tests: the value as it is stored, and how people name it, a list's way
    first."""

    stored: str
    names: tuple[str, ...]


def plain(value: str) -> Name:
    return Name(value, (value,))


@dataclass(frozen=True)
class Filter:
    """contract.md §A, "Filters": v, !v, a|b, !a|b, ~v, !~v, and the backslash."""

    name: str
    is_negated: bool
    is_contained: bool
    values: tuple[Characters, ...]

    @classmethod
    def read(cls, name: str, text: str) -> "Filter":
        is_negated = text.startswith("!")
        text = text.removeprefix("!")
        is_contained = text.startswith("~")
        text = text.removeprefix("~")
        separators = "|," if name in HOLD_NO_COMMA or name == "country" else "|"
        values: list[Characters] = [[]]
        for character, is_literal in read_characters(text):
            if character in separators and not is_literal:
                values.append([])
            else:
                values[-1].append((character, is_literal))
        if len(separators) > 1:
            values = [_strip(value) for value in values]
        return cls(name, is_negated, is_contained, tuple(values))

    def holds(self, fact: Name) -> bool:
        """Whether one of the values is (or is contained in) the fact."""
        return any(self._is(value, fact) for value in self.values)

    def _is(self, value: Characters, fact: Name) -> bool:
        is_exact = value[0][1] and self.name != "country"
        names = list(fact.names)
        if is_exact and not self.is_contained:
            names = [fact.stored]
        elif self.is_contained:  # neither a code nor, exactly, the word for a missing one
            names = names[:1] if fact.stored or not value[0][1] else []
        return any(self._fits(value, name, fact, is_exact) for name in names)

    def _fits(self, value: Characters, name: str, fact: Name, is_exact: bool) -> bool:
        text = text_of(value)
        if self.name in HOSTS and self.is_contained:
            text = ascii_form(text)
        elif self.name in HOSTS and fact.stored and not is_exact:
            text = _host(text)
        if self.name in IGNORE_CASE:
            text, name = text.lower(), name.lower()
        if self.is_contained:
            return text in name
        if self.name in PATHS:
            return _is_path(value, name, is_exact)
        if self.name == "referrer":
            text = text.removeprefix("www.")
        return text == name or (not is_exact and cleaned(text) == name)


def _strip(value: Characters) -> Characters:
    while value and value[0] in ((" ", False), ("\t", False)):
        value = value[1:]
    while value and value[-1] in ((" ", False), ("\t", False)):
        value = value[:-1]
    return value


def cleaned(text: str) -> str:
    """As the collector stores it."""
    text = "".join(character for character in text if character not in INVISIBLE)
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+", " ", text)


def ascii_form(host: str) -> str:
    try:
        return idna.encode(host, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        return host.lower()


def _host(text: str) -> str:
    host = text.strip().lower().partition("://")[2] or text.strip().lower()
    host = re.split("[/?#]", host)[0].rpartition("@")[2].partition(":")[0]
    return ascii_form(host.removesuffix(".") or text.lower())


def _is_path(value: Characters, path: str, is_exact: bool) -> bool:
    """A pattern, a path, or a full address; encoded as addresses are unless it is exact."""
    found = re.fullmatch(r"https?://[^/?#]+([^?#]*)(?:[?#].*)?", text_of(value), re.DOTALL)
    if found and not is_exact:
        begin, end = found.span(1)
        value = value[begin:end] or [("/", False)]
    readings = [value]
    if not is_exact and (found or text_of(value).startswith("/")):
        readings.append(_decoded(value))
        if found and ("*", False) not in value:
            readings = readings[1:]
    return any(match_path(reading, path) or _is_cleaned(reading, path) for reading in readings)


def _is_cleaned(reading: Characters, path: str) -> bool:
    return ("*", False) not in reading and cleaned(text_of(reading)) == path


def match_path(pattern: Characters, path: str) -> bool:
    """`*` within a segment, `**` across."""
    expression = ""
    for character, is_literal in pattern:
        is_star = character == "*" and not is_literal
        expression += "\0" if is_star else re.escape(character)
    expression = re.sub("\0{2,}", ".*", expression).replace("\0", "[^/]*")
    return re.fullmatch(expression, path, re.DOTALL) is not None


def _decoded(value: Characters) -> Characters:
    """Percent-decoded where that is UTF-8."""
    text = text_of(value)
    found: Characters = []
    at = 0
    for run in re.finditer("(?:%[0-9A-Fa-f]{2})+", text):
        try:
            decoded = unquote(run[0], errors="strict")
        except UnicodeDecodeError:
            continue
        found += value[at : run.start()] + [(character, True) for character in decoded]
        at = run.end()
    return found + value[at:]


def spell(name: str, facts: Facts, entry_page: str, exit_page: str) -> Name:
    """A session's value of a dimension."""
    value: str = {"entry_page": entry_page, "exit_page": exit_page}.get(name, "")
    if name not in ("entry_page", "exit_page"):
        value = getattr(facts, name)
    if not value:
        return Name("", ("Direct/None" if name == "referrer" else "Unknown",))
    if name == "country":
        return Name(value, (COUNTRY_NAMES.get(value, value), value))
    if name == "region":
        return Name(value, (value, facts.region_code) if facts.region_code else (value,))
    if name == "referrer" and value in SOURCE_NAMES:
        return Name(value, (value, SOURCE_NAMES[value]))
    if name == "browser" and value == "Mobile Safari":
        return Name(value, (value, "Safari"))
    return plain(value)


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
    in_period = _in_period(log, period, bots)
    tests = [_test(one, in_period, period) for one in filters]
    payments = [p for p in in_period.payments if _keeps(tests, _Subject.of_payment(p))]
    return Covered(
        [s for s in in_period.sessions if _keeps(tests, _Subject.of_session(s))],
        [row for row in in_period.rows if _keeps(tests, _Subject.of_row(row))],
        [attribute(payment, log, attribution) for payment in payments],
        in_period.payments,
    )


def uncounted(log: Log, period: Period, filters: list[Filter], bots: str) -> list[Session]:
    """metrics.md: the sessions in which no counted event is left, because they were deleted."""
    tests = [_test(one, _in_period(log, period, bots), period) for one in filters]
    return [
        s
        for s in log.sessions
        if s.started_at in period
        and not s.is_counted
        and is_asked_for(s.bot, bots)
        and _keeps(tests, _Subject.of_session(s))
    ]


def _in_period(log: Log, period: Period, bots: str) -> Covered:
    """Before the filters."""
    return Covered(
        [
            s
            for s in log.sessions
            if s.started_at in period and s.is_counted and is_asked_for(s.bot, bots)
        ],
        [row for row in log.rows if row.report_at in period and is_asked_for(row.bot, bots)],
        [payment for payment in log.payments if payment.movement.occurred_at in period],
        [],
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
            if row.type == "track" and row.visitor_id and one.holds(plain(row.name))
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
        saw = any(one.holds(plain(row.path)) for row in session.pages)
    else:
        recorded = [row for row in session.server_rows if row.occurred_at in period]
        saw = any(one.holds(plain(row.label)) for row in session.rows + recorded)
    return saw != one.is_negated
