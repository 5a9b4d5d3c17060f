"""A funnel: a row for each step, with those who stay and those who drop out."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Bars, Column, Labels, Numbers, table
from footfall.cli.picture.number import count, duration, money, share
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]


def draw_funnel(page: Page, body: Json) -> Iterator[Text]:
    """A funnel, or one for each value of a breakdown."""
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("Nobody took a step in this period.")
        return
    for name, group in groupby(rows, key=lambda row: row.get("breakdown")):
        if name is not None:
            yield Text(str(name) or "(none)", "bold")
        yield from table(list(_columns(page, list(group))), page.width)
        yield Text()
    if totals := body.get("totals"):
        yield Text(
            f"Started {count(totals['started'])}, completed {count(totals['completed'])}, revenue"
            f" {money(totals['revenue'], page.currency)} {page.currency}"
        )


def _columns(page: Page, rows: Sequence[Json]) -> Iterator[Column]:
    first = rows[0]["users"]
    yield Labels(title="Step", cells=[f"{row['step']} {row['event']}" for row in rows])
    yield Bars(cells=[row["users"] / first if first else 0.0 for row in rows], rank=3)
    yield Numbers(title="People", cells=[count(row["users"]) for row in rows])
    of_start = [share(row["conversion_from_start"]) for row in rows]
    yield Numbers(title="Of start", cells=of_start, rank=1)
    of_step = [share(row["conversion_from_previous"]) for row in rows]
    yield Numbers(title="Of step before", cells=of_step, rank=4)
    lost = [share(row["dropoff_from_previous"]) for row in rows]
    yield Numbers(title="Dropped out", cells=lost, rank=2)
    times = [duration(row["median_seconds_from_previous"]) for row in rows]
    yield Numbers(title="Median time", cells=times, rank=5)
    if "revenue" in rows[0]:
        cells = [money(row["revenue"], page.currency) for row in rows]
        yield Numbers(title=f"Revenue {page.currency}", cells=cells, rank=2)
