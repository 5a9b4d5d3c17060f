"""`footfall audit`: who changed or deleted what."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from footfall.catalog.audit import DEFAULT_LIMIT, Entry
from footfall.cli.folder import AsJson, Data, open_catalog, print_json
from footfall.model.errors import BadRequest

MAX_LIMIT = 100_000
console = Console(highlight=False)


def audit(
    *,
    website: Annotated[str | None, Parameter(help="Only this website: its domain or ID.")] = None,
    limit: Annotated[int, Parameter(help="Number of entries.")] = DEFAULT_LIMIT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed or deleted what, the newest first.

    A person appears as a keyed hash. The same person always has the same hash, but the hash does
    not reveal who it is.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(f"limit {limit} must be 1 to {MAX_LIMIT:,}", field="limit")
    with open_catalog(data) as catalog:
        website_id = None if website is None else catalog.find_website(website).id
        entries = catalog.audit.list(website_id, limit)
        domains = {website.id: website.domain for website in catalog.websites()}
    rows = [_public(entry, domains) for entry in entries]
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("Nothing was changed or deleted yet.")
        return
    table = Table("When", "Who", "What", "Website", "Filters", "Counts", box=None)
    for entry, row in zip(entries, rows, strict=True):
        table.add_row(
            str(row["at"]),
            entry.actor,
            entry.action,
            str(row["website"] or "-"),
            _pairs(entry.filters),
            _pairs(entry.counts),
        )
    console.print(table, markup=False)


def _public(entry: Entry, domains: dict[int, str]) -> dict[str, object]:
    website_id = entry.website_id
    at = datetime.fromtimestamp(entry.at // 1000, UTC)
    return {
        "at": at.isoformat().replace("+00:00", "Z"),
        "actor": entry.actor,
        "action": entry.action,
        "website": None if website_id is None else domains.get(website_id, f"{website_id:08x}"),
        "filters": entry.filters,
        "counts": entry.counts,
    }


def _pairs(values: dict[str, str] | dict[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
