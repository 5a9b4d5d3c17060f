"""An answer as a table whose columns have types, for clients that read them."""

from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.model.unit import Bytes, Count, Payload, Seconds

Row = TypeVar("Row")
Totals = TypeVar("Totals")


class Column(Payload, frozen=True):
    """A column of a table."""

    name: str
    type: Annotated[str, Meta(description="As the engine names it: UInt64, Nullable(Float64)")]


class Cost(Payload, frozen=True):
    """What the engine did for an answer."""

    elapsed: Seconds
    rows_read: Count
    bytes_read: Bytes


class Table(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """`rows` have a field for each column; `total` counts the rows before limit and offset.

    `limit` None: all rows are there. `totals` are numbers of the whole report, where it has some
    and they are asked for.
    """

    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    limit: int | None = None
    offset: int = 0
    cost: Cost
    totals: Payload | UnsetType = UNSET


class TableAnswer(Payload, Generic[Row], frozen=True, kw_only=True):
    """A table as the flow and funnel API sends it: its columns' types, its rows, its cost."""

    meta: tuple[Column, ...]
    data: list[Row]
    rows: Annotated[Count, Meta(description="The number of rows in this answer")]
    rows_before_limit_at_least: Count
    statistics: Cost


class TotalledTableAnswer(TableAnswer[Row], Generic[Row, Totals], frozen=True, kw_only=True):
    """The same with the numbers of the whole report, if they are asked for."""

    totals: Totals | UnsetType = UNSET


def table_answer(table: Table[Row]) -> TableAnswer[Row]:
    return TotalledTableAnswer(
        meta=table.columns,
        data=table.rows,
        rows=len(table.rows),
        rows_before_limit_at_least=table.total,
        statistics=table.cost,
        totals=table.totals,
    )
