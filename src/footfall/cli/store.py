"""`footfall store`: the ClickHouse server that holds the store."""

from contextlib import closing
from pathlib import Path

from cyclopts import App
from rich.console import Console

from footfall.cli.folder import AsJson, Data, print_json, settings_of
from footfall.config import Settings
from footfall.load.guard import Guard
from footfall.model.errors import BadRequest, FootfallError
from footfall.store.engine import Engine, EngineError
from footfall.store.pool import is_server

app = App(name="store", help="Show what holds the store, or take over its database.")
console = Console(highlight=False)


@app.default
def show(*, data: Data = None, as_json: AsJson = False) -> None:
    """Show what holds the store, and whether its database belongs to this data folder."""
    settings = settings_of(data)
    if not is_server(settings.store):
        found = {"kind": "embedded", "version": "", "database": "", "owner": "this folder"}
    else:
        try:
            found = _describe(settings)
        except EngineError as error:
            raise FootfallError(error.reason) from error
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            if value:
                console.print(f"{name:10}{value}")


@app.command
def take(*, data: Data = None) -> None:
    """Make the database of FOOTFALL_STORE belong to this data folder.

    Use it when the database belongs to another data folder. Stop the other Footfall first: it can
    load nothing afterwards.
    """
    settings = settings_of(data)
    if not is_server(settings.store):
        raise BadRequest(
            "the store is the embedded engine, which always belongs to its data folder"
        )
    try:
        with closing(Engine(settings.store, readers=1)) as engine:
            Guard(engine, _existing(settings)).take()
    except EngineError as error:
        raise FootfallError(error.reason) from error
    console.print("The database belongs to this data folder now.")


def _describe(settings: Settings) -> dict[str, str]:
    with closing(Engine(settings.store, readers=1)) as engine:
        guard = Guard(engine, _existing(settings))
        owner = guard.owner() if guard.has_tables() else ""
        whose = "this folder" if owner == guard.id() else "another data folder"
        return {
            "kind": "ClickHouse server",
            "version": guard.version(),
            "database": guard.database(),
            "owner": whose if owner else "none yet",
        }


def _existing(settings: Settings) -> Path:
    if not settings.folder.is_dir():
        raise BadRequest(f"there is no data folder {settings.folder}: pass it with --data")
    return settings.folder
