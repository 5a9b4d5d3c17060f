"""Lists: values with bars and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Bars, Column, Labels, Numbers, table
from footfall.cli.picture.number import (
    change,
    is_money,
    label_of,
    metrics_of,
    scaled,
    shown,
    value_of,
)
from footfall.cli.picture.page import Page, compared_with
from footfall.model.dimension import DIMENSIONS

Json = Mapping[str, Any]
RANKS = {"percentage": 2, "revenue": 4, "completions": 1, "pageviews": 6, "sessions": 7}
CHANGE_RANK, BAR_RANK, OTHER_RANK = 3, 5, 8
ON_DEMAND = ("new_revenue", "renewal_revenue")
"""Numbers that the API answers unasked, but that few people look for in a list."""


def draw_lists(page: Page, body: Json) -> Iterator[Text]:
    """One list, or several with a title each."""
    yield from compared_with(body)
    data = body["data"]
    if isinstance(data, dict):
        for name, rows in data.items():
            yield Text(name.replace("_", " ").capitalize(), "bold")
            pages = body["pagination"].get(name)
            yield from _list(page, "", rows, body["totals"].get(name), pages)
            yield Text()
    else:
        dimension = DIMENSIONS.get(body.get("dimension", ""))
        title = dimension.label if dimension else "Goal"
        yield from _list(page, title, data, body.get("totals"), body.get("pagination"))


def _list(
    page: Page, title: str, rows: Sequence[Json], totals: Json | None, pages: Json | None
) -> list[Text]:
    if not rows:
        return [Text("Nothing in this period.")]
    lines = table(list(_columns(page, title, rows)), page.width)
    return [*lines, *_notes(rows, totals, pages)]


def _columns(page: Page, title: str, rows: Sequence[Json]) -> Iterator[Column]:
    names = metrics_of(rows[0])
    asked = page.params.get("fields", "")
    if not asked:
        names = [name for name in names if name not in ON_DEMAND]
    first = _first(page, names)
    yield Labels(title=title, cells=[_value(row) for row in rows])
    yield Bars(cells=scaled(value_of(row, first) for row in rows), rank=BAR_RANK)
    for name in (first, *(each for each in names if each != first)):
        rank = 0 if name == first else RANKS.get(name, OTHER_RANK)
        cells = [shown(name, value_of(row, name), page.currency) for row in rows]
        yield Numbers(title=title_of(name, page.currency), cells=cells, rank=rank)
        if name == first and "compare" in rows[0]:
            changes = [change(name, value_of(row["compare"]["change"], name)) for row in rows]
            yield Numbers(title="Change", cells=changes, rank=CHANGE_RANK)


def title_of(name: str, currency: str) -> str:
    return f"{label_of(name)} {currency}" if is_money(name) else label_of(name)


def _first(page: Page, names: Sequence[str]) -> str:
    """The number that the rows are sorted by."""
    sort = page.params.get("sort", "visitors")
    for wanted in (sort, "completions", "visitors"):
        if wanted in names:
            return wanted
    return names[0]


def _value(row: Json) -> str:
    return str(row.get("name") or row["value"] or "(none)")


def _count(totals: Json, thing: str) -> str:
    number = totals[f"{thing}s"]
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _notes(rows: Sequence[Json], totals: Json | None, pages: Json | None) -> Iterator[Text]:
    if totals is not None:
        yield Text()
        yield Text(
            f"In total {_count(totals, 'visitor')}, {_count(totals, 'session')}"
            + (", some in several rows" if totals.get("rowsOverlap") else ""),
            "dim",
        )
    if pages and pages["offset"] + len(rows) < pages["total"]:
        yield Text(f"{len(rows):,} of {pages['total']:,} rows: see --limit and --offset", "dim")
