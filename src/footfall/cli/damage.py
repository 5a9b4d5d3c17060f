"""`footfall damage`: what was found damaged in the data folder."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from footfall.cli.folder import AsJson, Data, print_json, settings_of
from footfall.clock import now_ms
from footfall.damage import Damage, DamageLog

console = Console(highlight=False)


def damage(
    *,
    seen: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Acknowledge everything in the list.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List damaged and missing files, and what was lost with them.

    `/health` and `footfall doctor` report damage until you acknowledge it with --seen.
    """
    log = DamageLog(settings_of(data).folder, now_ms)
    unseen = {found.name for found in log.unseen()}
    if seen:
        log.mark_seen()
    if as_json:
        print_json([_public(found, found.name in unseen) for found in log.entries()])
    else:
        _print(log.entries(), unseen)
        if seen:
            console.print(f"{len(unseen)} acknowledged.")


def _public(found: Damage, is_new: bool) -> dict[str, object]:
    return {
        "foundAt": _shown_time(found),
        "part": found.part,
        "file": found.file,
        "message": found.message,
        "isNew": is_new,
    }


def _print(entries: list[Damage], unseen: set[tuple[str, str, str]]) -> None:
    if not entries:
        console.print("No damage was found.")
        return
    table = Table("Found", "Part", "File", "What", "", box=None)
    for found in entries:
        mark = "[bold red]new[/]" if found.name in unseen else ""
        table.add_row(_shown_time(found), found.part, found.file, found.message, mark)
    console.print(table)


def _shown_time(found: Damage) -> str:
    return datetime.fromtimestamp(found.found_at // 1000, UTC).isoformat().replace("+00:00", "Z")
