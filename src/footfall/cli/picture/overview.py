"""The headline numbers, one below the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Column, Labels, Numbers, table
from footfall.cli.picture.lists import title_of
from footfall.cli.picture.number import change, metrics_of, shown, value_of
from footfall.cli.picture.page import Page, compared_with


def draw_overview(page: Page, body: Mapping[str, Any]) -> Iterator[Text]:
    yield from compared_with(body)
    [row] = body["data"]
    names = metrics_of(row)
    if not names:
        yield Text(str(row))
        return
    columns: list[Column] = [
        Labels(title="", cells=[title_of(name, page.currency) for name in names]),
        Numbers(title="", cells=_cells(page, row, names)),
    ]
    if compare := body.get("compare"):
        [before] = compare["data"]
        changes = [change(name, value_of(compare["change"], name)) for name in names]
        columns.append(Numbers(title="Change", cells=changes, rank=1))
        columns.append(Numbers(title="Before", cells=_cells(page, before, names), rank=2))
    yield from table(columns, page.width, has_heading="compare" in body)
    yield from _parts(body)


def _cells(page: Page, row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [shown(name, value_of(row, name), page.currency) for name in names]


def _parts(body: Mapping[str, Any]) -> Iterator[Text]:
    if "parts" in body or "parts" in body["data"][0]:
        yield Text()
        yield Text("What the numbers are made of: --json shows it", "dim")
