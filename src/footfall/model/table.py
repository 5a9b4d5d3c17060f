"""An answer as a table whose columns have types, for clients that read them."""

import msgspec

from footfall.model.question import Row


class Column(msgspec.Struct, frozen=True):
    name: str
    type: str  # the engine's name of it, as in UInt64, String, Nullable(Float64)


class Cost(msgspec.Struct, frozen=True):
    """What the engine did for an answer."""

    elapsed: float  # seconds
    rows_read: int
    bytes_read: int


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` are the columns by name; `total` counts the rows before limit and offset.

    `limit` None: all rows are there.
    """

    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    limit: int | None = None
    offset: int = 0
    cost: Cost
