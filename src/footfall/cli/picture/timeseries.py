"""Numbers over time: a sparkline for each, and a row for each bucket."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Bars, Column, Labels, Numbers, spark, table
from footfall.cli.picture.lists import title_of
from footfall.cli.picture.number import NOTHING, change, metrics_of, scaled, shown, value_of
from footfall.cli.picture.page import Page, compared_with

Json = Mapping[str, Any]
IN_ROWS = ("visitors", "sessions", "pageviews", "revenue", "conversion_rate")
SPARK_MAX = 60


def draw_timeseries(page: Page, body: Json) -> Iterator[Text]:
    yield from compared_with(body)
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("Nothing in this period.")
        return
    names = metrics_of(rows[0])
    yield from _sums(page, body, names)
    yield Text()
    others: Sequence[Json] = body.get("compare", {}).get("data", ())
    has_hours = body["interval"] == "hour"
    columns = _columns(page, rows, others, names, has_hours=has_hours)
    yield from table(list(columns), page.width)
    if any(row.get("partial") for row in rows):
        yield Text()
        yield Text("… is not over yet", "dim")


def _sums(page: Page, body: Json, names: Sequence[str]) -> Iterator[Text]:
    """The whole period, with the course of each number."""
    totals, compare = body.get("totals", {}), body.get("compare", {})
    columns: list[Column] = [
        Labels(title="", cells=[title_of(name, page.currency) for name in names]),
        Numbers(
            title="", cells=[shown(name, value_of(totals, name), page.currency) for name in names]
        ),
    ]
    if changes := compare.get("change"):
        columns.append(
            Numbers(title="", cells=[change(name, value_of(changes, name)) for name in names])
        )
    room = page.width - sum(each.most + 2 for each in columns)
    if room >= 8:
        wide = min(room, SPARK_MAX)
        series = ([value_of(row, name) or 0 for row in body["data"]] for name in names)
        columns.append(Labels(title="", cells=[spark(values, wide) for values in series]))
    yield from table(columns, page.width, has_heading=False)


def _columns(
    page: Page,
    rows: Sequence[Json],
    others: Sequence[Json],
    names: Sequence[str],
    *,
    has_hours: bool,
) -> Iterator[Column]:
    in_rows = names if "fields" in page.params else [name for name in IN_ROWS if name in names]
    first = in_rows[0] if in_rows else names[0]
    yield Labels(title="", cells=[_bucket(row, has_hours=has_hours) for row in rows])
    yield Bars(cells=scaled(value_of(row, first) for row in rows), rank=5)
    for rank, name in enumerate(in_rows):
        cells = [shown(name, value_of(row, name), page.currency) for row in rows]
        yield Numbers(title=title_of(name, page.currency), cells=cells, rank=2 * rank)
        if rank == 0 and others:
            before = [
                NOTHING if other is None else shown(name, value_of(other, name), page.currency)
                for _, other in zip_longest(rows, others[: len(rows)])
            ]
            yield Numbers(title="Before", cells=before, rank=1)


def _bucket(row: Json, *, has_hours: bool) -> str:
    """`2026-10-31`, with the hour where buckets are hours."""
    moment = str(row["timestamp"])
    name = moment[:16].replace("T", " ") if has_hours else moment[:10]
    return f"{name} …" if row.get("partial") else name
