"""The parts of an overview's numbers: what is divided by what, and what was left out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from footfall.model.answer import Amount, Unconverted
from footfall.model.question import PageQuestion, Question
from footfall.model.unit import KEY, Count, Payload
from footfall.query.figure import Figures, formula_of
from footfall.query.ingestion import OUTCOMES
from footfall.query.number import plain
from footfall.query.sql.covered import Span
from footfall.query.sql.ingestion import ingestion_statement
from footfall.query.sql.overview import overview_statement, uncounted_statement
from footfall.store.reader import Reader

Exclusion = Literal["bots", "uncountedSessions", "unconverted", "dropped"]
PartUnit = Literal["count", "seconds", "money"]
_COUNTED_BOTS = ("visitors", "sessions", "views")
_STORED = ("accepted", "bot")
"""Outcomes of hits that are not dropped."""

_OF_VISITS: tuple[Exclusion, ...] = ("bots", "uncountedSessions", "dropped")
_OF_EVENTS: tuple[Exclusion, ...] = ("bots", "dropped")
_OF_MONEY: tuple[Exclusion, ...] = ("unconverted",)


class _Figure(msgspec.Struct, frozen=True):
    """How a part is called, its unit, and what is never in it."""

    label: str
    unit: PartUnit
    excludes: tuple[Exclusion, ...]


FIGURES: Mapping[str, _Figure] = {
    "visitors": _Figure("Visitors", "count", _OF_VISITS),
    "sessions": _Figure("Sessions", "count", _OF_VISITS),
    "views": _Figure("Pageviews", "count", _OF_VISITS),
    "bounces": _Figure("Bounces", "count", _OF_VISITS),
    "duration": _Figure("Length of all sessions", "seconds", _OF_VISITS),
    "engaged": _Figure("Visible time of all sessions", "seconds", _OF_VISITS),
    "payers": _Figure("Visitors who made a new payment", "count", _OF_VISITS),
    "achievers": _Figure("Visitors who completed the KPI goal", "count", _OF_VISITS),
    "completions": _Figure("Completions of the KPI goal", "count", _OF_EVENTS),
    "revenue": _Figure("New and renewal payments", "money", _OF_MONEY),
    "new_revenue": _Figure("New payments", "money", _OF_MONEY),
    "renewal_revenue": _Figure("Renewal payments", "money", _OF_MONEY),
    "refunded_revenue": _Figure("Refunds", "money", _OF_MONEY),
}
"""The parts that numbers are made of."""


class Quantity(Payload, frozen=True, kw_only=True):
    """A part of a number."""

    label: str
    unit: PartUnit
    value: Annotated[Decimal, Meta(extra_json_schema={KEY: "as in the field unit"})]


class NumberParts(Payload, frozen=True, kw_only=True):
    """The number is the numerator, divided by the denominator if there is one; a percentage is 100
    times that. `excludes` names members of `excluded`."""

    numerator: Quantity
    denominator: Quantity | None
    excludes: list[Exclusion]


class ExcludedBots(Payload, frozen=True, kw_only=True):
    """The visits of bots that the same question covers."""

    visitors: Count
    sessions: Count
    pageviews: Count


class Excluded(Payload, frozen=True, kw_only=True, rename="camel"):
    """What is in none of an overview's numbers, or not in all of them."""

    bots: Annotated[
        ExcludedBots | None, Meta(description="Null where `bots` asks for bots or everything")
    ]
    uncounted_sessions: Annotated[
        Count, Meta(description="Sessions whose events were deleted, except for engagement")
    ]
    unconverted: Unconverted
    dropped: Annotated[
        dict[str, Count] | None,
        Meta(description="Hits by the reason they were dropped for; null with filters"),
    ]


def number_parts(
    question: Question, figures: Figures, fields: tuple[str, ...]
) -> dict[str, NumberParts]:
    """The parts of each number in `fields`, by its name in snake_case."""
    found: dict[str, NumberParts] = {}
    for name in fields:
        if formula := formula_of(question, name):
            names = [formula.part, *([formula.whole] if formula.whole else [])]
            excludes = dict.fromkeys(what for part in names for what in FIGURES[part].excludes)
            found[name] = NumberParts(
                numerator=_quantity(figures, formula.part),
                denominator=_quantity(figures, formula.whole) if formula.whole else None,
                excludes=list(excludes),
            )
    return found


def _quantity(figures: Figures, part: str) -> Quantity:
    figure = FIGURES[part]
    value = Decimal(getattr(figures, part))
    exact = value / 1000 if figure.unit == "seconds" else value
    return Quantity(label=figure.label, unit=figure.unit, value=plain(exact))


def read_excluded(
    question: Question, reader: Reader, reach: Span | None, unconverted: list[Amount]
) -> Excluded:
    """What the question's numbers leave out. Raises EngineError."""
    statement = uncounted_statement(question, reach)
    [[uncounted]] = reader.query(statement.text, statement.values, statement.reads).rows
    return Excluded(
        bots=_bots(question, reader, reach),
        uncounted_sessions=uncounted,
        unconverted=unconverted,
        dropped=None if question.filters else _dropped(question, reader),
    )


def _bots(question: Question, reader: Reader, reach: Span | None) -> ExcludedBots | None:
    if question.bots != "exclude":
        return None
    of_bots = msgspec.structs.replace(question, bots="only")
    statement = overview_statement(of_bots, _COUNTED_BOTS, reach)
    [[visitors, sessions, views]] = reader.query(
        statement.text, statement.values, statement.reads
    ).rows
    return ExcludedBots(visitors=visitors, sessions=sessions, pageviews=views)


def _dropped(question: Question, reader: Reader) -> dict[str, int]:
    """In the order of the reasons' registry. Hits that were dropped have no facts that a filter
    could test."""
    statement = ingestion_statement(
        PageQuestion(website=question.website, period=question.period, now_at=question.now_at)
    )
    hits = dict.fromkeys(OUTCOMES, 0)
    for _, _, outcome, count in reader.query(
        statement.text, statement.values, statement.reads
    ).rows:
        hits[outcome] += count
    return {reason: count for reason, count in hits.items() if count and reason not in _STORED}
