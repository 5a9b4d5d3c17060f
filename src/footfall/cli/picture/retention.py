"""Retention: a row for each cohort, a shade for each week."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Column, Labels, Numbers, fitting, table
from footfall.cli.picture.number import count, share
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]
WEEKS = 13
_SHADES = " ░▒▓█"
_STYLES = ("dim", "", "cyan", "bold cyan", "bold green")
_FROM = (0.0, 0.02, 0.05, 0.10, 0.25)
"""From which share a cell has which shade: few people come again, so the low shares differ."""


def draw_retention(page: Page, body: Json) -> Iterator[Text]:
    [answer] = body["data"]
    cohorts: Sequence[Json] = answer["user"]
    if cohorts:
        columns = list(_columns(cohorts))
        kept = fitting(columns, page.width)
        yield from table(kept, page.width)
        if hidden := len(columns) - len(kept):
            yield Text(f"{hidden} more weeks: in a wider terminal, or with --json", "dim")
    else:
        yield Text("No week has enough people: see --min-users")
    yield Text()
    yield from _days(answer["metric"])


def _columns(cohorts: Sequence[Json]) -> Iterator[Column]:
    yield Labels(title="Week of", cells=[row["cohort_week"] for row in cohorts])
    yield Numbers(title="People", cells=[count(row["num_users"]) for row in cohorts])
    for week in range(WEEKS):  # in week 0 they came for the first time: the first to give way
        cells = [_shaded(row[f"week_{week}"]) for row in cohorts]
        yield Numbers(title=str(week), cells=cells, rank=week or WEEKS)


def _shaded(value: float | None) -> Text:
    if value is None:
        return Text("")
    at = max(index for index, least in enumerate(_FROM) if value >= least)
    return Text(f"{_SHADES[at]}{share(value)}", _STYLES[at])


def _days(metric: Json) -> Iterator[Text]:
    yield Text(f"{count(metric['user_count'])} people came for the first time.")
    for day in (7, 30, 90):
        known = metric[f"day{day}_users"]
        if known:
            again = f"{count(metric[f'day{day}_retained'])} of {count(known)}"
            rate = share(metric[f"day{day}_retention_rate"])
            yield Text(f"Came again {day} days later or after: {again} ({rate})")
