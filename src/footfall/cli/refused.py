"""`footfall refused`: rows that the store refused, and loading them again."""

import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from cyclopts import App
from rich.console import Console
from rich.table import Table

from footfall.catalog import Catalog
from footfall.cli.folder import AsJson, Data, open_catalog, print_json, settings_of
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.load.guard import guard_of
from footfall.load.loader import Loader
from footfall.load.lock import data_lock, is_server_waiting
from footfall.load.opening import open_engine
from footfall.load.refuse import brief_reason, read_entry
from footfall.load.reload import Reloaded, ReloadRequest
from footfall.model.errors import Conflict, FootfallError, Unavailable
from footfall.store.engine import EngineError

ANSWER_WITHIN_S = 60
_PAUSE_S = 0.2

app = App(name="refused", help="List rows that the store refused, and load them again.")
console = Console(highlight=False)


@app.default
def refused(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the rows that the store refused, with the reasons.

    The file refused.jsonl in the data folder holds the rows themselves; --json prints them.
    """
    path = settings_of(data).folder / "refused.jsonl"
    entries = _read(path)
    if as_json:
        print_json(entries)
    elif entries:
        counts = Counter((entry["table"], brief_reason(entry["reason"])) for entry in entries)
        table = Table("Rows", "Table", "Reason", box=None)
        for (name, reason), rows in counts.most_common():
            table.add_row(f"{rows:,}", name, reason)
        console.print(table)
        console.print("`footfall refused reload` loads the rows that the store accepts now.")
    else:
        console.print("No row was refused.")


@app.command
def reload(*, data: Data = None, as_json: AsJson = False) -> None:
    """Load the refused rows that the store accepts now. The others stay in the list.

    No row is loaded twice. Works with and without a running server. If it is interrupted, run it
    again.
    """
    settings = settings_of(data)
    with open_catalog(data) as catalog:
        reloaded = _reload(settings, catalog)
    if as_json:
        print_json({"loaded": reloaded.loaded, "left": reloaded.left})
    else:
        console.print(f"{reloaded.loaded:,} rows were loaded.")
        if reloaded.left:
            console.print(f"{reloaded.left:,} rows are still refused: see `footfall refused`.")


def _reload(settings: Settings, catalog: Catalog) -> Reloaded:
    """In the running server, or in this process."""
    request = ReloadRequest(settings.folder)
    give_up_at = time.monotonic() + ANSWER_WITHIN_S
    request.make()
    try:
        while time.monotonic() < give_up_at:
            if answer := request.read_answer():
                return answer
            if not is_server_waiting(settings.folder):
                try:
                    with data_lock(settings.folder):
                        return _reload_here(settings, catalog)
                except Conflict:
                    pass  # another command, or a server that is starting
            time.sleep(_PAUSE_S)
    finally:
        request.clear()
    raise Unavailable("the server did not load the rows within a minute: see /health and its log")


def _reload_here(settings: Settings, catalog: Catalog) -> Reloaded:
    location = settings.store or str(settings.folder / "engine")
    damage = DamageLog(settings.folder, now_ms)
    try:
        with closing(open_engine(location, settings.folder, damage)) as engine:
            guard = guard_of(engine, settings.folder)
            loader = Loader(engine, settings.folder, now_ms, catalog.profiles.set_many, guard)
            return loader.reload_refused()
    except EngineError as error:
        raise FootfallError(f"the rows cannot be loaded: {error.reason}") from error


def _read(path: Path) -> list[dict[str, str]]:
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [entry for line in lines if (entry := read_entry(line))]
