"""`footfall rates`: the reference rates that convert other currencies."""

import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from footfall.cli.folder import AsJson, Data, print_json, settings_of
from footfall.model.errors import BadRequest, NotFound, Unavailable
from footfall.money.rate import MAX_BYTES, Known, Rates, write_rates

SOURCE = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
"""All reference rates of the European Central Bank since 1999, published each working day."""
TIMEOUT_S = 30

app = App(name="rates", help="Show and update the exchange rates.")
console = Console(highlight=False)


@app.default
def show(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the currencies that have a rate, and the first and last day of their rates.

    Footfall comes with rates of the European Central Bank. To update them: footfall rates update
    """
    _print(Rates(settings_of(data).folder).known(), as_json)


@app.command
def update(
    *,
    file: Annotated[str | None, Parameter(help="Read this zip or CSV file instead.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Download the European Central Bank's latest rates, or read them from a file.

    A running server uses them from the next payment on. Earlier payments keep their rates.
    """
    folder = settings_of(data).folder
    if not folder.is_dir():
        raise NotFound(f"there is no data in {folder}: pass the data folder with --data")
    content = _download() if file is None else _read(Path(file))
    try:
        known = write_rates(folder, content)
    except OSError as error:
        raise Unavailable(f"cannot write the rates into {folder}: {error.strerror}") from error
    _print(known, as_json)


def _download() -> bytes:
    request = urllib.request.Request(SOURCE, headers={"User-Agent": "Footfall"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310 – SOURCE
            content: bytes = reply.read(MAX_BYTES + 1)
    except (OSError, urllib.error.URLError) as error:
        raise Unavailable(
            f"cannot download {SOURCE} ({error}): check the network, or download the file elsewhere"
            " and pass it with --file. The rates have not changed"
        ) from error
    return content


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}", field="file") from error


def _print(known: list[Known], as_json: bool) -> None:
    rows = [(one.currency, one.first_day.isoformat(), one.last_day.isoformat()) for one in known]
    if as_json:
        names = ("currency", "firstDay", "lastDay")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    table = Table("Currency", "First day", "Last day", box=None)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    last_day = max(day for _, _, day in rows)
    console.print(f"Rates of {len(rows)} currencies against the euro, up to {last_day}.")
