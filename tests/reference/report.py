"""The answers: overview, timeseries, breakdown, goals, realtime."""

from collections.abc import Iterable
from copy import copy
from decimal import Decimal
from fractions import Fraction
from typing import Any

from footfall.model.payment import Movement
from footfall.model.website import Website
from reference.comparison import Comparison
from reference.join import Log, Payment
from reference.paid import cents
from reference.period import Period, buckets, fill_in, read_period, stamp
from reference.select import (
    Covered,
    Filter,
    ascii_form,
    cover,
    is_asked_for,
)

Params = list[tuple[str, str]]
Answer = dict[str, Any]
Key = tuple[str, ...]

NUMBERS = (
    *("visitors", "sessions", "pageviews", "bounce_rate", "avg_session_duration"),
    *("avg_engaged_time", "revenue", "new_revenue", "renewal_revenue", "refunded_revenue"),
    *("revenue_per_visitor", "conversion_rate", "kpi_value", "kpi_per_visitor"),
    *("kpi_conversion_rate", "currency"),
)
"""metrics.md, "Numbers": those of a period."""


class Question:
    """One question to one website's log, read from the parameters of a URL."""

    def __init__(self, log: Log, params: Params, website: Website, now_ms: int) -> None:
        given = dict(params)
        self.log = log
        self.website = website
        self.now_ms = now_ms
        self.given = given
        self.zone = given.get("timezone", website.timezone)
        self.period = read_period(given.get("startAt"), given.get("endAt"), self.zone)
        if "interval" in given:
            self.period = fill_in(self.period, given["interval"], self.zone, now_ms)
        self.limit = int(given.get("limit", "100"))
        self.offset = int(given.get("offset", "0"))
        self.filters = [
            Filter.read(name.removeprefix("filter_"), value)
            for name, value in params
            if name.startswith("filter_")
        ]
        self.bots = given.get("bots", "exclude")
        self.attribution = given.get("attribution", "last")
        self.covered = cover(log, self.period, self.filters, self.bots, self.attribution)
        self.known_rows = [row for row in log.rows if is_asked_for(row.bot, self.bots)]

    def of_period(self, period: Period) -> "Question":
        """The same question about another period."""
        other = copy(self)
        other.period = period
        other.covered = cover(self.log, period, self.filters, self.bots, self.attribution)
        return other

    @property
    def unconverted(self) -> list[Answer]:
        """Listed with every number that they are missing from."""
        return unconverted(self.covered.payments) if self._shows_money else []

    @property
    def _shows_money(self) -> bool:
        asked = self.given.get("fields", "").split(",")
        names = [name for name in NUMBERS if name in asked or camel_case(name) in asked]
        money = ("revenue", *(("kpi_value", "kpi_per") if not self.website.kpi else ()))
        return not names or any(part in name for name in names for part in money)

    def page(self, rows: list[Answer]) -> tuple[list[Answer], dict[str, int]]:
        """`search` narrows, then limit and offset cut."""
        search = self.given.get("search", "")
        wanted = {search.lower(), ascii_form(search)}
        rows = [row for row in rows if any(text in row["value"].lower() for text in wanted)]
        total = {"limit": self.limit, "offset": self.offset, "total": len(rows)}
        return rows[self.offset : self.offset + self.limit], total


def round_2(number: Fraction | Decimal | int) -> Decimal:
    """Two decimals, half up, from an exact number."""
    exact = Fraction(number) * 100
    whole = (exact.numerator * 2 + exact.denominator) // (exact.denominator * 2)
    return Decimal(whole) / 100


def ratio(part: Fraction | Decimal | int, whole: Fraction | int) -> Decimal:
    """Division by zero is 0."""
    return round_2(Fraction(part) / whole) if whole else Decimal(0)


def money(payments: Iterable[Payment], *kinds: str) -> Decimal:
    """Σ amounts, exact. metrics.md, "revenue" and "refunded"."""
    return sum((p.movement.amount for p in payments if p.movement.kind in kinds), Decimal(0))


def overview(question: Question) -> Answer:
    """One row, every number."""
    return in_both_spellings(numbers(question.covered, question.website))


def comparison(question: Question) -> Comparison:
    return Comparison(question.given, question.period, question.zone, question.now_ms)


def overview_before(question: Question) -> Answer:
    """The row of the period that it is compared with, and the change since."""
    compared = comparison(question)
    before = overview(question.of_period(compared.other))
    return {
        **bounds(compared),
        "data": [before],
        "change": change(overview(question), before),
    }


def bounds(compared: Comparison) -> Answer:
    name = compared.given["compare"]
    return {
        "period": "custom" if ".." in name else name,
        "startAt": stamp(compared.other.start, compared.zone),
        "endBefore": stamp(compared.other.end, compared.zone),
    }


def change(now: Answer, before: Answer) -> Answer:
    """In percent, and 0 from 0."""
    return {
        name: ratio(100 * (Fraction(value) - Fraction(before[name])), Fraction(before[name]))
        for name, value in now.items()
        if not isinstance(value, str | dict)
    }


def numbers(covered: Covered, website: Website) -> Answer:
    sessions, visitors = covered.sessions, len(covered.visitors)
    length_ms = sum(session.last_event_at - session.started_at for session in sessions)
    engaged_ms = sum(session.engaged_ms for session in sessions)
    revenue = money(covered.payments, "new", "renewal")
    conversion = ratio(100 * len(buyers(covered) & covered.visitors), visitors)
    answer: Answer = {
        "visitors": visitors,
        "sessions": len(sessions),
        "pageviews": sum(len(session.pages) for session in sessions),
        "bounce_rate": ratio(100 * sum(s.is_bounce for s in sessions), len(sessions)),
        "avg_session_duration": ratio(Fraction(length_ms, 1000), len(sessions)),
        "avg_engaged_time": ratio(Fraction(engaged_ms, 1000), len(sessions)),
        "revenue": round_2(revenue),
        "new_revenue": round_2(money(covered.payments, "new")),
        "renewal_revenue": round_2(money(covered.payments, "renewal")),
        "refunded_revenue": round_2(money(covered.payments, "refund")),
        "revenue_per_visitor": ratio(revenue, visitors),
        "conversion_rate": conversion,
        "kpi_value": round_2(revenue),
        "kpi_per_visitor": ratio(revenue, visitors),
        "kpi_conversion_rate": conversion,
        "currency": website.currency,
    }
    if website.kpi:
        done = [row for row in covered.rows if row.type == "track" and row.name == website.kpi]
        who = {row.visitor_id for row in done} & covered.visitors
        answer["kpi_value"] = Decimal(len(done))
        answer["kpi_per_visitor"] = ratio(len(done), visitors)
        answer["kpi_conversion_rate"] = ratio(100 * len(who), visitors)
    return answer


def in_both_spellings(row: Answer) -> Answer:
    """contract.md: every name in snake_case and in camelCase."""
    return row | {camel_case(name): value for name, value in row.items()}


def camel_case(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def buyers(covered: Covered) -> set[int]:
    """Who made a new payment > 0 in the period."""
    return {
        payment.visitor_id
        for payment in covered.all_payments
        if payment.movement.kind == "new" and payment.movement.original_amount > 0
    }


def unconverted(payments: list[Payment]) -> list[Answer]:
    """Payments for which no rate was known, in their own currencies."""
    sums: dict[str, Decimal] = {}
    for payment in payments:
        movement = payment.movement
        if not movement.is_converted and movement.kind != "refund":
            before = sums.get(movement.original_currency, Decimal(0))
            sums[movement.original_currency] = before + movement.original_amount
    return [{"currency": name, "amount": round_2(sums[name])} for name in sorted(sums)]


POINT = (
    *("visitors", "sessions", "pageviews", "revenue", "new_revenue", "renewal_revenue"),
    *("refunded_revenue", "conversion_rate", "kpi_value"),
)
"""The numbers of a bucket, if no others are asked for."""


def timeseries(question: Question) -> Answer:
    """Buckets and totals. A bucket is a report over its part of the period."""
    interval = question.given.get("interval", "day")
    return _series(question, buckets(question.period, interval, question.zone))


def timeseries_before(question: Question) -> Answer:
    """The buckets of the period that it is compared with, and the change of the totals."""
    compared = comparison(question)
    other = question.of_period(compared.other)
    found = _series(other, compared.buckets(question.given["interval"]))
    for point in found["data"]:
        point.pop("partial", None)
    return {
        **bounds(compared),
        **found,
        "change": change(_point(question, question.covered), found["totals"]),
        "unconverted": other.unconverted,
    }


def _series(question: Question, parts: list[Period]) -> Answer:
    data = []
    for part in parts:
        point = _point(question, question.covered.within(part))
        if "partial" in question.given.get("fields", "").split(","):
            point["partial"] = question.now_ms < part.end
        data.append(point | {"timestamp": stamp(part.start, question.zone)})
    return {"data": data, "totals": _point(question, question.covered)}


def _point(question: Question, covered: Covered) -> Answer:
    found = numbers(covered, question.website)
    asked = question.given.get("fields", "").split(",")
    names = [name for name in NUMBERS if name in asked or camel_case(name) in asked] or list(POINT)
    if "revenue" not in names:
        return in_both_spellings({name: found[name] for name in names})
    split = {
        "new": found["new_revenue"],
        "renewal": found["renewal_revenue"],
        "refund": found["refunded_revenue"],
    }
    names += ["new_revenue", "renewal_revenue", "refunded_revenue"]
    return in_both_spellings({name: found[name] for name in names}) | {"revenueBreakdown": split}


def realtime(question: Question) -> Answer:
    """metrics.md: distinct visitors with an event in the last 5 minutes."""
    last = Period(question.now_ms - 5 * 60 * 1000, question.now_ms + 1)
    rows = [row for row in question.known_rows if row.occurred_at in last]
    return {"visitors": len({row.visitor_id for row in rows} - {0})}


def realtime_minutes(question: Question) -> list[Answer]:
    """metrics.md: distinct visitors with an event in each minute, and in the current one those of
    events that are up to a minute ahead."""
    minute = 60 * 1000
    current = question.now_ms - question.now_ms % minute
    found = []
    for back in range(int(question.given["minutes"]) - 1, -1, -1):
        start = current - back * minute
        end = question.now_ms + minute + 1 if start == current else start + minute
        rows = [row for row in question.known_rows if start <= row.occurred_at < end]
        visitors = len({row.visitor_id for row in rows} - {0})
        found.append({"minute": stamp(start, "UTC").replace("+00:00", "Z"), "visitors": visitors})
    return found


def realtime_payments(question: Question) -> list[Answer]:
    """metrics.md: the newest payments and refunds of the last 24 hours, without who paid."""
    day, minute = 24 * 60 * 60 * 1000, 60 * 1000
    span = range(question.now_ms - day, question.now_ms + minute + 1)
    found = [each.movement for each in question.log.payments if each.movement.occurred_at in span]
    found.sort(key=lambda each: (-each.occurred_at, each.movement_id))
    return [_paid(each) for each in found[: int(question.given["payments"])]]


def _paid(movement: Movement) -> Answer:
    sign = -1 if movement.kind == "refund" else 1
    return {
        "kind": movement.kind,
        "occurredAt": stamp(movement.occurred_at, "UTC").replace("+00:00", "Z"),
        "amount": sign * cents(movement.amount) if movement.is_converted else None,
        "originalAmount": sign * cents(movement.original_amount),
        "originalCurrency": movement.original_currency,
    }
