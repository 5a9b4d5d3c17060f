"""`footfall import`: what others have recorded."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from footfall.catalog import Catalog
from footfall.cli.folder import AsJson, Data, open_catalog, print_json, settings_of
from footfall.clock import now_ms
from footfall.config import Settings
from footfall.damage import DamageLog
from footfall.enrich.pipeline import Enricher
from footfall.importing.accesslog.format import ACCESS_LOGS
from footfall.importing.format import FAULTS
from footfall.importing.importer import Importer, Summary
from footfall.importing.job import Watch
from footfall.importing.source import OnBytes, file_size, open_log
from footfall.load.guard import guard_of
from footfall.load.loader import Loader
from footfall.load.lock import data_lock, is_server_waiting
from footfall.load.opening import open_engine
from footfall.model.errors import Conflict, FootfallError, Unavailable
from footfall.store.engine import EngineError

app = App(name="import", help="Import access logs.")

GIVE_UP_AFTER_S = 30
_LOCK_PAUSE_S = 0.2
_SHOW_EVERY_BYTES = 256 * 1024

OUTCOMES = {
    "accepted": "page views",
    "bot": "page views of bots (kept apart in reports)",
    "asset": "files other than pages: images, styles, scripts, feeds, downloads",
    "error_status": "errors and redirects: not answered with 2xx or 304",
    "not_get": "requests other than GET",
    "invalid": "lines that could not be read",
    "internal_error": "lines that failed because of a bug in Footfall: please report its log",
    "foreign_hostname": "pages of other hosts than the website's",
    "spam_referrer": "referrer spam",
    "excluded_address": "from an address that the website excludes",
    "excluded_path": "of a path that the website excludes",
    "excluded_hostname": "of a host that the website excludes",
    "excluded_country": "from a country that the website excludes",
    "excluded_referrer": "from a referrer that the website excludes",
}
"""What can become of a line, in the words that people see."""


@app.command(name="access-log")
def access_log(
    file: Annotated[
        Path, Parameter(help="The log: plain, or packed with gzip, bzip2, xz or zstd.")
    ],
    *,
    website: Annotated[str, Parameter(help="Domain or id of the website it belongs to.")],
    format: Annotated[
        str | None,
        Parameter(help=f"The log's format, if it is not detected: {ACCESS_LOGS.names}."),
    ] = None,
    data: Data = None,
    json: AsJson = False,
) -> None:
    """Import a web server's access log.

    Footfall detects the format, reads the page views in the log and shows what became of every
    line. If almost no line can be read, it imports nothing, says why, and exits with code 1.

    Import a log once it is finished. Importing the same content again adds nothing, but a log
    that has grown since then counts as a new one. If the import is stopped, even by a crash, run
    the same command again to continue. A server may be running at the same time.
    """
    settings = settings_of(data)
    is_shown = not json and sys.stderr.isatty()
    with open_log(file) as log, open_catalog(data) as catalog:
        found = catalog.find_website(website)
        with _bars(settings, catalog, file, is_shown=is_shown) as watch:
            summary = _importer(settings, catalog).run(log, found, watch, format or "")
        is_loaded = load_here(settings, catalog) is not None
    if json:
        print_json(_as_json(summary, file, is_loaded))
    else:
        _print(summary, is_loaded)


def load_here(settings: Settings, catalog: Catalog) -> int | None:
    """Load all that the journals hold: how many records, None where a server does the loading.

    Gives way to a server that starts meanwhile, and waits for another command that loads. Raises
    FootfallError where the store cannot be opened.
    """
    while not is_server_waiting(settings.folder):
        try:
            with data_lock(settings.folder):
                return _load_all(settings, catalog)
        except Conflict:
            time.sleep(_LOCK_PAUSE_S)
    return None


def _load_all(settings: Settings, catalog: Catalog) -> int | None:
    try:
        location = settings.store or str(settings.folder / "engine")
        engine = open_engine(location, settings.folder, DamageLog(settings.folder, now_ms))
        try:
            guard = guard_of(engine, settings.folder)
            loader = Loader(engine, settings.folder, now_ms, catalog.profiles.set_many, guard)
            catalog.check_files(loader.damage)
            records = 0
            while taken := loader.step():
                records += taken
                if is_server_waiting(settings.folder):
                    return None
            return records
        finally:
            engine.close()
    except (EngineError, OSError) as error:
        raise FootfallError(
            f"the log is in the journal, but loading failed: {error}. A server that starts on"
            f" {settings.data} will try again."
        ) from error


def _importer(settings: Settings, catalog: Catalog) -> Importer:
    return Importer(
        ACCESS_LOGS,
        catalog,
        settings.folder,
        now_ms,
        enricher=Enricher(geo_database=settings.geo_database),
        max_bytes=settings.journal_max_mb * 1024 * 1024,
        min_free_bytes=settings.min_free_disk_mb * 1024 * 1024,
    )


@contextmanager
def _bars(settings: Settings, catalog: Catalog, path: Path, *, is_shown: bool) -> Iterator[Watch]:
    size = file_size(path)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not is_shown,
    ) as progress:
        examine = progress.add_task("Checking", total=size)
        read = progress.add_task("Importing", total=size)
        room = _Room(settings, catalog)
        yield Watch(
            appended=room.found,
            examined=_in_steps(lambda done: progress.update(examine, completed=done), size),
            read=_in_steps(lambda done: progress.update(read, completed=done), size),
            unavailable=room.wait,
        )


def _in_steps(show: Callable[[int], None], size: int) -> OnBytes:
    """Pass on only what is worth redrawing, and the end."""
    shown = 0

    def on_bytes(done: int) -> None:
        nonlocal shown
        if done - shown >= _SHOW_EVERY_BYTES or done == size != shown:
            shown = done
            show(done)

    return on_bytes


class _Room:
    """While the journal or the disk is full: load what is there, or let a server do it."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._waited_s = 0

    def found(self, _lines_done: int) -> None:
        self._waited_s = 0

    def wait(self, error: Unavailable) -> None:
        """Return to try again. Raises `error` where waiting does not help."""
        loaded = load_here(self._settings, self._catalog)
        if loaded == 0 or self._waited_s >= GIVE_UP_AFTER_S:
            raise Unavailable(f"{error.message}; run the import again to continue")
        if loaded is None:
            self._waited_s += 1
            time.sleep(1)


def _as_json(summary: Summary, file: Path, is_loaded: bool) -> dict[str, object]:
    return {
        "file": str(file),
        "website": summary.website,
        "lines": summary.lines,
        "lines_added": summary.lines_added,
        "format": summary.format,
        "counts": summary.counts,
        "unreadable": summary.unreadable,
        "is_loaded": is_loaded,
    }


def _print(summary: Summary, is_loaded: bool) -> None:
    console = Console()
    if summary.format:
        label = ACCESS_LOGS.find(summary.format).label
        console.print(f"Format: {summary.format} ({label})")
    if not summary.lines_added and summary.lines:
        console.print(f"This log is in {summary.website} already: nothing was added.")
    table = Table(title=f"{summary.website}: what became of the log's lines", title_justify="left")
    table.add_column("lines", justify="right")
    table.add_column("are")
    for outcome, label in OUTCOMES.items():
        if lines := summary.counts.get(outcome):
            table.add_row(f"{lines:,}", label)
        if outcome == "invalid":
            for fault, words in FAULTS.items():
                if hits := summary.unreadable.get(fault):
                    table.add_row("", f"  {hits:,} {words}")
    for outcome in sorted(summary.counts.keys() - OUTCOMES.keys()):
        table.add_row(f"{summary.counts[outcome]:,}", outcome)
    table.add_section()
    table.add_row(f"{summary.lines:,}", "lines in all")
    console.print(table)
    if summary.lines_added < summary.lines and summary.lines_added:
        console.print(f"{summary.lines_before:,} of them had been imported by an earlier run.")
    if not is_loaded and summary.lines_added:
        console.print("The running server loads them now; reports show them in a moment.")
