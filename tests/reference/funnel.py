"""Funnel: docs/flows.md, "Funnel"; metrics.md, "Funnel"."""

import json
from dataclasses import dataclass
from fractions import Fraction

from footfall.model.flow import DEFAULT_WINDOW_S, OTHERS
from reference.ask import Answer, Asked
from reference.join import Payment, Row
from reference.paid import cents, sum_of, without_rate
from reference.step import Condition, Step, all_hold, matches, read_conditions, value_of, wallet_of

Person = tuple[str, int | str]


@dataclass
class Chain:
    """The events by which one person got from step to step."""

    events: list[Row]
    group: str = ""

    @property
    def level(self) -> int:
        return len(self.events)


class Funnel:
    """One question to a log."""

    def __init__(self, asked: Asked) -> None:
        given = asked.given
        self.asked = asked
        self.steps: list[Step] = json.loads(given["steps"])
        self.conditions: list[Condition] = read_conditions(given)
        self.window_ms = 1000 * asked.number("window_seconds", DEFAULT_WINDOW_S)
        self.is_open = given.get("funnel_type") == "open"
        self.group_by = given.get("group_by", given.get("breakdown", ""))
        self.limit = asked.number("limit", asked.number("breakdown_top_n", 5))
        chains = [self._open(rows) if self.is_open else self._closed(rows) for rows in self._who()]
        self.chains = [chain for chain in chains if chain.level > 0]
        for chain in self.chains:
            chain.group = self._group(chain)

    def _who(self) -> list[list[Row]]:
        """Each person's events that pass the conditions, in order."""
        people: dict[Person, list[Row]] = {}
        for row in self.asked.rows:
            person = who(row)
            if person and all_hold(self.conditions, row):
                people.setdefault(person, []).append(row)
        return list(people.values())

    def _closed(self, rows: list[Row]) -> Chain:
        """The longest chain from any start; among equals the earliest start's."""
        best = Chain([])
        for start in rows:
            if start.occurred_at in self.asked.period and matches(self.steps[0], start):
                chain = self._chain_from(start, rows)
                if chain.level > best.level:
                    best = chain
        return best

    def _chain_from(self, start: Row, rows: list[Row]) -> Chain:
        chain = Chain([start])
        latest = start.occurred_at + self.window_ms
        for row in rows:
            is_later = row.order > chain.events[-1].order and row.occurred_at <= latest
            is_wanted = chain.level < len(self.steps) and matches(self.steps[chain.level], row)
            if is_later and is_wanted:
                chain.events.append(row)
        return chain

    def _open(self, rows: list[Row]) -> Chain:
        """Steps 1 to k each have an event inside the dates, in any order."""
        chain = Chain([])
        inside = [row for row in rows if row.occurred_at in self.asked.period]
        for step in self.steps:
            found = [row for row in inside if matches(step, row)]
            if not found:
                break
            chain.events.append(found[0])
        return chain

    def _group(self, chain: Chain) -> str:
        if not self.group_by:
            return ""
        touch = self.asked.given.get("attribution", "first_touch")
        event = chain.events[0] if touch == "first_touch" else chain.events[-1]
        value = value_of(event, self.group_by)
        return value.split("-")[0] if self.group_by == "device" else value

    def rows(self) -> list[Answer]:
        if not self.group_by:
            return self._rows_of(self.chains)
        sizes: dict[str, int] = {}
        for chain in self.chains:
            sizes[chain.group] = sizes.get(chain.group, 0) + 1
        ranked = sorted(sizes, key=lambda group: (-sizes[group], group))
        rows = []
        for group in ranked[: self.limit]:
            rows += self._rows_of([c for c in self.chains if c.group == group], group)
        rest = [chain for chain in self.chains if chain.group in ranked[self.limit :]]
        return rows + (self._rows_of(rest, OTHERS) if rest else [])

    def _rows_of(self, chains: list[Chain], group: str | None = None) -> list[Answer]:
        rows = []
        for number in range(1, len(self.steps) + 1):
            row = self._row(number, chains)
            if group is not None:
                row["breakdown"] = group
            rows.append(row)
        return rows

    def _row(self, number: int, chains: list[Chain]) -> Answer:
        step = self.steps[number - 1]
        users = reached(chains, number)
        before = reached(chains, number - 1)
        first = reached(chains, 1)
        is_first = number == 1
        row: Answer = {
            "step": number,
            "event": step.get("name") or step.get("resolved_event") or step.get("event"),
            "users": users,
            "total": reached(self.chains, number),
            "conversion_from_start": share(users, first),
            "conversion_from_previous": None if is_first else share(users, before),
            "dropoff_from_previous": None if is_first else share(before - users, before),
            "median_seconds_from_previous": self._median(chains, number, number - 1),
            "median_seconds_from_start": self._median(chains, number, 1),
        }
        if self.asked.is_on("revenue"):
            row["revenue"] = cents(sum_of(self._paid(chains, number)))
        if self.is_open:
            is_last = number == len(self.steps)
            row["dropped_off_users"] = 0 if is_last else users - reached(chains, number + 1)
        return row

    def _paid(self, chains: list[Chain], number: int) -> list[Payment]:
        """What those who got to a step paid there or later. docs/flows.md, "Revenue of a
        funnel"."""
        return [
            payment
            for chain in chains
            if chain.level >= number
            for payment in self.asked.payments
            if payment.visitor_id and payment.visitor_id == chain.events[0].visitor_id
            if self._counts(payment, chain, number)
        ]

    def _counts(self, payment: Payment, chain: Chain, number: int) -> bool:
        event, at = chain.events[number - 1], payment.movement.occurred_at
        step = self.steps[number - 1]
        is_goal = step["type"] in ("event", "track") and step.get("event") != "page"
        if is_goal and (step.get("resolved_event") or step["event"]) == "payment":
            return payment.movement.movement_id == event.movement_id
        if at < event.occurred_at:
            return False
        if self.is_open:
            return at in self.asked.period
        return at <= chain.events[0].occurred_at + self.window_ms

    def totals(self) -> Answer:
        """docs/flows.md: the numbers of the whole funnel."""
        last = len(self.steps)
        paid = self._paid(self.chains, last)
        return {
            "started": reached(self.chains, 1),
            "completed": reached(self.chains, last),
            "revenue": cents(sum_of(paid)),
            "currency": self.asked.website.currency,
            "unconverted": without_rate(payment.movement for payment in paid),
        }

    def _median(self, chains: list[Chain], number: int, since: int) -> Fraction | None:
        """Seconds between two steps' events; none on the first step and in an open funnel."""
        if number == 1 or self.is_open:
            return None
        gaps = [
            chain.events[number - 1].occurred_at - chain.events[since - 1].occurred_at
            for chain in chains
            if chain.level >= number
        ]
        return median(gaps) / 1000 if gaps else None


def who(row: Row) -> Person | None:
    """The visitor, else the wallet."""
    if row.visitor_id:
        return "visitor", row.visitor_id
    return ("address", wallet_of(row.address)) if row.address else None


def reached(chains: list[Chain], number: int) -> int:
    return len([chain for chain in chains if chain.level >= number])


def share(part: int, whole: int) -> Fraction:
    """0 to 1, four decimals, half up; of nobody: 0."""
    if whole == 0:
        return Fraction(0)
    exact = Fraction(part, whole) * 10_000
    return Fraction((exact.numerator * 2 + exact.denominator) // (exact.denominator * 2), 10_000)


def median(numbers: list[int]) -> Fraction:
    """The middle one, or the mean of the two middle ones."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[middle])
    return Fraction(ordered[middle - 1] + ordered[middle], 2)


def answer_funnel(asked: Asked) -> tuple[list[Answer], int]:
    rows = Funnel(asked).rows()
    return rows, len(rows)
