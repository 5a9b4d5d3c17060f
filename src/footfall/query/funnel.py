"""The funnel report: how many people get from step to step, and how long it takes them."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.answer import Amount, Unconverted
from footfall.model.flow import OTHERS
from footfall.model.funnel import FunnelQuestion
from footfall.model.table import Column, Cost, Table
from footfall.model.unit import Count, Money, Ordinal, Payload, Ratio, Seconds
from footfall.query.number import money, ratio, rounded
from footfall.query.reach import find_reach_of_events
from footfall.query.sql.covered import Span
from footfall.query.sql.funnel import (
    funnel_span,
    funnel_statement,
    funnel_unconverted_statement,
)
from footfall.query.unconverted import read_amounts
from footfall.store.reader import Reader

_NUMBER = "Nullable(Float64)"
_STEP = (Column("step", "UInt64"), Column("event", "String"))
_BREAKDOWN = Column("breakdown", "String")
_MEASURES = (
    Column("users", "UInt64"),
    Column("total", "UInt64"),
    Column("conversion_from_start", _NUMBER),
    Column("conversion_from_previous", _NUMBER),
    Column("dropoff_from_previous", _NUMBER),
    Column("median_seconds_from_previous", _NUMBER),
    Column("median_seconds_from_start", _NUMBER),
)
_DROPPED_OFF = Column("dropped_off_users", "UInt64")
_REVENUE = Column("revenue", "Float64")


class FunnelRow(Payload, frozen=True, kw_only=True):
    """How many people got to one step. Comparisons with the step before are null in the
    first."""

    step: Ordinal
    event: Annotated[str, Meta(description="The step's `name`, else the event that it means")]
    breakdown: Annotated[
        str | UnsetType, Meta(description="The value of group_by, where that is given")
    ] = UNSET
    users: Annotated[Count, Meta(description="At this step or further")]
    total: Annotated[Count, Meta(description="The same over all values of group_by")]
    conversion_from_start: Ratio | None
    conversion_from_previous: Ratio | None
    dropoff_from_previous: Ratio | None
    median_seconds_from_previous: Seconds | None
    median_seconds_from_start: Seconds | None
    dropped_off_users: Annotated[Count | UnsetType, Meta(description="In open funnels only")] = (
        UNSET
    )
    revenue: Annotated[
        Money | UnsetType,
        Meta(
            description="What those who got here paid from this step on, inside the window; of a"
            " step `payment` that payment"
        ),
    ] = UNSET


class FunnelTotals(Payload, frozen=True, kw_only=True):
    """The numbers of a whole funnel, over all values of group_by."""

    started: Annotated[Count, Meta(description="People at the first step")]
    completed: Annotated[Count, Meta(description="People at the last step")]
    revenue: Annotated[Money, Meta(description="Of those at the last step")]
    currency: str
    unconverted: Unconverted


class _Reached(msgspec.Struct, frozen=True):
    """How many got to a step, and their medians, none in an open funnel; what they paid, and how
    many payments have no rate."""

    users: int = 0
    from_previous_ms: float | None = None
    from_start_ms: float | None = None
    revenue: str = ""
    unconverted: int = 0


def answer_funnel(question: FunnelQuestion, reader: Reader) -> Table[FunnelRow]:
    """A row per step, with a breakdown one per value and step, the largest value first.

    Raises EngineError. docs/flows.md has the rules.
    """
    reach = find_reach_of_events(question, funnel_span(question), reader)
    statement = funnel_statement(question, reach)
    found = reader.query(statement.text, statement.values, statement.reads)
    count = len(question.steps)
    groups: dict[tuple[int, str], list[_Reached]] = {}
    if not question.group_by:
        groups[1, ""] = [_Reached()] * count
    for rank, value, step, *reached in found.rows:
        groups.setdefault((rank, value), [_Reached()] * count)[step - 1] = _Reached(*reached)
    totals = [sum(group[k].users for group in groups.values()) for k in range(count)]
    rows: list[FunnelRow] = []
    for (rank, value), group in groups.items():
        rows += _rows(question, group, totals, OTHERS if rank > question.limit else value)
    return Table(
        columns=_columns(question),
        rows=rows,
        total=len(rows),
        cost=Cost(found.elapsed_s, found.rows_read, found.bytes_read),
        totals=_totals(question, groups, reach, reader) if question.shows_revenue else UNSET,
    )


def _totals(
    question: FunnelQuestion,
    groups: Mapping[tuple[int, str], list[_Reached]],
    reach: Span | None,
    reader: Reader,
) -> FunnelTotals:
    last = [group[-1] for group in groups.values()]
    amounts: list[Amount] = []
    if any(reached.unconverted for reached in last):
        amounts = read_amounts(funnel_unconverted_statement(question, reach), reader)
    return FunnelTotals(
        started=sum(group[0].users for group in groups.values()),
        completed=sum(reached.users for reached in last),
        revenue=rounded(sum(money(reached.revenue) for reached in last)),
        currency=question.website.currency,
        unconverted=amounts,
    )


def _columns(question: FunnelQuestion) -> tuple[Column, ...]:
    breakdown = (_BREAKDOWN,) if question.group_by else ()
    dropped_off = (_DROPPED_OFF,) if question.funnel_type == "open" else ()
    revenue = (_REVENUE,) if question.shows_revenue else ()
    return (*_STEP, *breakdown, *_MEASURES, *dropped_off, *revenue)


def _rows(
    question: FunnelQuestion, group: list[_Reached], totals: list[int], breakdown: str
) -> list[FunnelRow]:
    first, rows = group[0].users, []
    for k, (step, reached) in enumerate(zip(question.steps, group, strict=True)):
        users, is_first = reached.users, k == 0
        before = first if is_first else group[k - 1].users
        following = group[k + 1].users if k + 1 < len(group) else users
        row = FunnelRow(
            step=k + 1,
            event=step.label,
            breakdown=breakdown if question.group_by else UNSET,
            users=users,
            total=totals[k],
            conversion_from_start=ratio(users, first),
            conversion_from_previous=None if is_first else ratio(users, before),
            dropoff_from_previous=None if is_first else ratio(before - users, before),
            median_seconds_from_previous=None if is_first else _s(reached.from_previous_ms),
            median_seconds_from_start=None if is_first else _s(reached.from_start_ms),
            dropped_off_users=users - following if question.funnel_type == "open" else UNSET,
            revenue=rounded(money(reached.revenue)) if question.shows_revenue else UNSET,
        )
        rows.append(row)
    return rows


def _s(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000
