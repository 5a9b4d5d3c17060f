"""The flow report: where people go from an event, edge by edge."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from footfall.model.answer import Amount, Unconverted
from footfall.model.flow import FlowQuestion
from footfall.model.table import Column, Cost, Table
from footfall.model.unit import Count, Money, Ordinal, Payload, Percent
from footfall.query.number import money, rounded, share
from footfall.query.reach import find_reach_of_events
from footfall.query.sql.covered import Span
from footfall.query.sql.flow import (
    flow_span,
    flow_statement,
    flow_totals_statement,
    flow_unconverted_statement,
)
from footfall.query.unconverted import read_amounts
from footfall.store.reader import Reader

_COLUMNS = (
    Column("step", "UInt32"),
    Column("source", "String"),
    Column("target", "String"),
    Column("transitions", "UInt64"),
    Column("percentage", "Float64"),
)


_TOTAL = 5  # where a row of the statement has the number of all rows
_REVENUE = Column("revenue", "Float64")


class FlowRow(Payload, frozen=True, kw_only=True):
    """One edge: how often people went from source to target in a step."""

    step: Annotated[Ordinal, Meta(description="1 for what follows the start event")]
    source: str
    target: str
    transitions: Count
    percentage: Annotated[Percent, Meta(description="Of what percentage_base says")]
    revenue: Annotated[
        Money | UnsetType,
        Meta(description="New and renewal payments of the period that were made in these sessions"),
    ] = UNSET


class FlowTotals(Payload, frozen=True, kw_only=True):
    """The numbers of a whole flow, in sessions and in money. Those of the end are null without
    end_step."""

    started: Annotated[Count, Meta(description="Sessions with a start event")]
    paths: Annotated[
        Count,
        Meta(
            description="Sessions whose paths are counted: those that pass through all anchors and,"
            " unless end_mode is mark, reach the end"
        ),
    ]
    reached_end: Annotated[Count | None, Meta(description="Paths that reach the end")]
    beyond_max_steps: Annotated[
        Count | None, Meta(description="Of these, how many reach it beyond max_steps, unseen")
    ]
    revenue: Annotated[Money, Meta(description="Of all paths")]
    reached_end_revenue: Annotated[Money | None, Meta(description="Of the paths that reach it")]
    beyond_max_steps_revenue: Money | None
    currency: str
    unconverted: Unconverted


def answer_flow(question: FlowQuestion, reader: Reader) -> Table[FlowRow]:
    """Rows by step, the most travelled first.

    Raises EngineError. docs/flows.md has the rules.
    """
    reach = find_reach_of_events(question, flow_span(question), reader)
    statement = flow_statement(question, reach)
    found = reader.query(statement.text, statement.values, statement.reads)
    if found.rows or not question.offset:
        total = found.rows[0][_TOTAL] if found.rows else 0
    else:  # past the last row, no row carries the total
        first = replace(question, limit=1, offset=0, shows_revenue=False)
        total = answer_flow(first, reader).total
    return Table(
        columns=(*_COLUMNS, *([_REVENUE] if question.shows_revenue else [])),
        rows=[_row(*row) for row in found.rows],
        total=total,
        limit=question.limit,
        offset=question.offset,
        cost=Cost(found.elapsed_s, found.rows_read, found.bytes_read),
        totals=_totals(question, reach, reader) if question.shows_revenue else UNSET,
    )


def _row(
    step: int, source: str, target: str, transitions: int, base: int, _total: int, *paid: str
) -> FlowRow:
    return FlowRow(
        step=step,
        source=source,
        target=target,
        transitions=transitions,
        percentage=share(transitions, base),
        revenue=rounded(money(paid[0])) if paid else UNSET,
    )


def _totals(question: FlowQuestion, reach: Span | None, reader: Reader) -> FlowTotals:
    statement = flow_totals_statement(question, reach)
    [row] = reader.query(statement.text, statement.values, statement.reads).rows
    started, paths, ended, hidden, *paid, unconverted = row
    revenue, of_ended, of_hidden = (rounded(money(text)) for text in paid)
    has_end = question.end is not None
    amounts: list[Amount] = []
    if unconverted:
        amounts = read_amounts(flow_unconverted_statement(question, reach), reader)
    return FlowTotals(
        started=started,
        paths=paths,
        reached_end=ended if has_end else None,
        beyond_max_steps=hidden if has_end else None,
        revenue=revenue,
        reached_end_revenue=of_ended if has_end else None,
        beyond_max_steps_revenue=of_hidden if has_end else None,
        currency=question.website.currency,
        unconverted=amounts,
    )
