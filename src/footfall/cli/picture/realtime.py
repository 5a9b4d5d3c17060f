"""Who is here now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Labels, Numbers, spark, table
from footfall.cli.picture.number import count, money
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]


def draw_realtime(page: Page, body: Json) -> Iterator[Text]:
    visitors = body["data"][0]["visitors"]
    noun = "visitor" if visitors == 1 else "visitors"
    yield Text(count(visitors), "bold") + Text(f" {noun} in the last 5 minutes")
    minutes: Sequence[Json] = body.get("minutes", ())
    if minutes:
        yield Text()
        yield spark([each["visitors"] for each in minutes], page.width)
        most = max(each["visitors"] for each in minutes)
        first, last = (each["minute"][11:16] for each in (minutes[0], minutes[-1]))
        yield Text(f"{first} to {last} UTC, at most {count(most)} in a minute", "dim")

    if payments := body.get("payments", ()):
        yield Text()
        yield from _payments(page, payments)


def _payments(page: Page, rows: Sequence[Json]) -> Iterator[Text]:
    yield from table(
        [
            Labels(title="Paid at (UTC)", cells=[_clock(row["occurredAt"]) for row in rows]),
            Labels(title="Kind", cells=[row["kind"] for row in rows], rank=2),
            Labels(title="Customer", cells=[_who(row.get("customer")) for row in rows], rank=1),
            Numbers(title="Amount", cells=[_amount(row) for row in rows]),
        ],
        page.width,
    )


def _clock(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _amount(row: Json) -> str:
    currency = row["originalCurrency"]
    return f"{money(row['originalAmount'], currency)} {currency}"


def _who(customer: Json | None) -> str:
    known = customer or {}
    names = ("name", "email", "userId", "visitorId")
    return next((known[each] for each in names if known.get(each)), "")


# what is not known about a visitor is not in the answer
def draw_map(page: Page, body: Json) -> Iterator[Text]:
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("Nobody is here right now.")
        return
    yield from table(
        [
            Labels(title="Page", cells=[row.get("currentUrl") or "" for row in rows]),
            Labels(title="Country", cells=[row.get("country") or "" for row in rows], rank=1),
            Labels(title="From", cells=[_source(row) for row in rows], rank=2),
            Labels(title="Device", cells=[row.get("deviceType") or "" for row in rows], rank=3),
            Labels(title="Browser", cells=[row.get("browser") or "" for row in rows], rank=5),
            Numbers(title="Pages", cells=[count(row["pageviews"]) for row in rows], rank=4),
            Labels(title="Visitor", cells=[row["visitorId"] for row in rows], rank=6),
        ],
        page.width,
    )


def _source(row: Json) -> str:
    return row.get("referrerSource") or row.get("referrer") or "Direct"
