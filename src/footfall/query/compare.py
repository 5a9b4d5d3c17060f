"""What reports share that show another period beside theirs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from footfall.model.comparison import ComparisonName, Other, other_period
from footfall.model.period import END_OF_TIME, START_OF_TIME, Period, write_moment
from footfall.model.question import Question
from footfall.model.unit import Moment, Payload, Percent
from footfall.query.number import share

Change = Annotated[
    dict[str, Percent],
    Meta(description="Percent by which each number changed since; 0 where it was 0"),
]


class ComparedPeriod(Payload, frozen=True, kw_only=True, rename="camel"):
    """The period that a report is compared with."""

    period: ComparisonName
    start_at: Annotated[Moment | None, Meta(description="The first instant of the period")]
    end_before: Annotated[Moment | None, Meta(description="The instant after its last")]


def other_question(question: Question) -> tuple[Question, Other]:
    """The same question about the period that it is compared with, and how instants of the two
    correspond. A period without an end is compared up to now."""
    assert question.compare
    period = question.period
    if period.end_ms == END_OF_TIME:
        period = msgspec.structs.replace(period, end_ms=question.now_at)
    other = other_period(period, question.compare)
    return msgspec.structs.replace(question, period=other.period, compare=None), other


def compared_period(question: Question, other: Period) -> dict[str, Any]:
    """The fields of ComparedPeriod."""
    assert question.compare
    return {
        "period": question.compare.name,
        "start_at": _bound(other, other.start_ms),
        "end_before": _bound(other, other.end_ms),
    }


def change_since(
    now: Mapping[str, float | str], before: Mapping[str, float | str]
) -> dict[str, float]:
    """By how many percent each number of `now` differs from `before`; 0 where that is 0."""
    return {
        name: share(_exact(value) - _exact(before[name]), _exact(before[name]))
        for name, value in now.items()
        if not isinstance(value, str)
    }


def _bound(period: Period, at: int) -> str | None:
    """None if the period has no such bound."""
    return None if at in (START_OF_TIME, END_OF_TIME) else write_moment(at, period.timezone)


def _exact(value: float | str) -> Decimal:
    return Decimal(str(value))
