"""The websites, and what is set for one of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Labels, table
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]


def draw_websites(page: Page, body: Json) -> Iterator[Text]:
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("There is no website yet: footfall website add example.com")
        return
    names = {
        "Domain": "domain", "ID": "id", "Name": "name", "Time zone": "timezone",
        "Currency": "currency", "KPI": "kpi", "Tracking ID": "trackingId",
    }  # fmt: skip
    columns = [
        Labels(title=title, cells=[str(row[name] or "") for row in rows], rank=rank)
        for rank, (title, name) in enumerate(names.items())
    ]
    yield from table(columns, page.width)


def draw_metadata(page: Page, body: Json) -> Iterator[Text]:
    [row] = body["data"]
    facts = {name: value for name, value in row.items() if value is not None}
    columns = [
        Labels(title="", cells=[Text(name, "dim") for name in facts]),
        Labels(title="", cells=[str(value) for value in facts.values()]),
    ]
    yield from table(columns, page.width, has_heading=False)
