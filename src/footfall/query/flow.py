"""The flow report: where people go from an event, edge by edge."""

from typing import Annotated

import msgspec
from msgspec import Meta

from footfall.model.flow import FlowQuestion
from footfall.model.table import Column, Cost, Table
from footfall.model.unit import Count, Ordinal, Payload, Percent
from footfall.query.number import share
from footfall.query.reach import find_reach_of_events
from footfall.query.sql.flow import flow_span, flow_statement
from footfall.store.reader import Reader

_COLUMNS = (
    Column("step", "UInt32"),
    Column("source", "String"),
    Column("target", "String"),
    Column("transitions", "UInt64"),
    Column("percentage", "Float64"),
)


class FlowRow(Payload, frozen=True, kw_only=True):
    """One edge: how often people went from source to target in a step."""

    step: Annotated[Ordinal, Meta(description="1 for what follows the start event")]
    source: str
    target: str
    transitions: Count
    percentage: Annotated[Percent, Meta(description="Of what percentage_base says")]


def answer_flow(question: FlowQuestion, reader: Reader) -> Table[FlowRow]:
    """Rows by step, the most travelled first.

    Raises EngineError. docs/flows.md has the rules.
    """
    reach = find_reach_of_events(question, flow_span(question), reader)
    statement = flow_statement(question, reach)
    found = reader.query(statement.text, statement.values)
    if found.rows or not question.offset:
        total = found.rows[0][-1] if found.rows else 0
    else:  # past the last row, no row carries the total
        first = msgspec.structs.replace(question, limit=1, offset=0)
        total = answer_flow(first, reader).total
    return Table(
        columns=_COLUMNS,
        rows=[
            FlowRow(
                step=step,
                source=source,
                target=target,
                transitions=transitions,
                percentage=share(transitions, base),
            )
            for step, source, target, transitions, base, _ in found.rows
        ],
        total=total,
        limit=question.limit,
        offset=question.offset,
        cost=Cost(found.elapsed_s, found.rows_read, found.bytes_read),
    )
