"""Visitors: the list, and the story of one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from footfall.cli.picture.layout import Labels, Numbers, table
from footfall.cli.picture.number import count, duration, money
from footfall.cli.picture.page import Page

Json = Mapping[str, Any]


def draw_visitors(page: Page, body: Json) -> Iterator[Text]:
    rows: Sequence[Json] = body["data"]
    if not rows:
        yield Text("Nobody came in this period.")
        return
    yield from table(
        [
            Labels(title="Visitor", cells=[row["visitorId"] for row in rows], is_whole=True),
            Labels(title="Who", cells=[_who(row) for row in rows], rank=2),
            Labels(
                title="Last seen",
                cells=[_moment(row["lastSeenAt"]) for row in rows],
                is_whole=True,
            ),
            Labels(title="Country", cells=[row["country"] or "" for row in rows], rank=4),
            Labels(title="Source", cells=[_source(row) for row in rows], rank=5),
            Labels(title="Last page", cells=[row["lastPage"] or "" for row in rows], rank=6),
            Labels(title="Device", cells=[row["device"] or "" for row in rows], rank=9),
            Numbers(title="Sessions", cells=[count(row["sessions"]) for row in rows], rank=7),
            Numbers(title="Pages", cells=[count(row["pageviews"]) for row in rows], rank=3),
            Numbers(title="Goals", cells=[count(row["goals"]) for row in rows], rank=8),
            Numbers(
                title=f"Paid {page.currency}",
                cells=[money(row["paid"], page.currency) for row in rows],
                rank=1,
            ),
        ],
        page.width,
    )
    pages = body["pagination"]
    yield Text()
    yield Text(f"{count(len(rows))} of {count(pages['total'])} visitors", "dim")
    if pages.get("next"):
        yield Text(f"The next ones: --cursor {pages['next']}", "dim")


def _who(row: Json) -> str:
    return row["name"] or row["email"] or row["userId"] or row["wallet"] or ""


def _source(row: Json) -> str:
    return row["sourceName"] or row["source"] or row["channel"] or ""


def _moment(text: str | None) -> str:
    """A moment to the minute, in the zone of the answer."""
    return "" if text is None else text[:16].replace("T", " ")


def draw_visitor(page: Page, body: Json) -> Iterator[Text]:
    data: Json = body["data"]
    facts = list(_facts(page, data))
    columns = [
        Labels(title="", cells=[Text(name, "dim") for name, _ in facts]),
        Labels(title="", cells=[value for _, value in facts]),
    ]
    yield from table(columns, page.width, has_heading=False)
    yield Text()
    yield from _timeline(page, data.get("events") or data["activityTimeline"])


def _facts(page: Page, data: Json) -> Iterator[tuple[str, str]]:
    identity, activity, revenue = data["identity"], data["activity"], data["revenue"]
    yield "Visitor", data["visitorId"] + (" (automated)" if data["isBot"] else "")
    for name, value in (data["profile"] or {}).items():
        if value and not isinstance(value, dict | list):
            yield name, str(value)
    places = (identity[name] for name in ("city", "region", "country"))
    yield "Place", ", ".join(place for place in places if place)
    programs = (identity["device"]["type"], identity["browser"]["name"], identity["os"]["name"])
    yield "Device", ", ".join(each for each in programs if each)
    yield "Source", _plain(data["source"]) or "Direct"
    yield "First visit", _moment(activity["firstVisitAt"])
    yield "Last visit", _moment(activity["lastVisitAt"])
    yield "Sessions", count(activity["visitCount"])
    yield "Pageviews", count(activity["pageViewCount"])
    paid = f"{money(revenue['totalRevenue'], page.currency)} {page.currency}"
    yield "Paid", paid
    if (seconds := revenue["timeToFirstConversion"]) is not None:
        yield "To the first payment", duration(seconds)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("domain") or "")
    return str(value or "")


def _timeline(page: Page, events: Sequence[Json]) -> Iterator[Text]:
    """What they did, in the order of the answer."""
    if not events:
        return
    columns = [
        Labels(title="When", cells=[_moment(event["timestamp"]) for event in events]),
        Labels(title="What", cells=[str(event["type"]) for event in events]),
        Labels(title="", cells=[_subject(page, event) for event in events]),
    ]
    yield from table(columns, page.width)


def _subject(page: Page, event: Json) -> str:
    name = event.get("eventName") or event.get("name") or ""
    amount = event.get("amount")
    paid = "" if amount is None else f"{money(amount, page.currency)} {page.currency}"
    return " ".join(part for part in (name, paid, event.get("url") or "") if part)
