"""Repairing the engine's folder before it opens: definitions, links and folders of parts."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from footfall.damage import DamageLog
from footfall.durable import write_whole
from footfall.load.compare import Folder, find_foreign
from footfall.load.inventory import Inventory, Part, is_changed, parse_part, small_crc
from footfall.load.link import restore_links

_AGAIN = "the engine creates them again, nothing is lost"


def mend(home: Path, known: Inventory, damage: DamageLog) -> None:
    """Repair what can be repaired, and report it. Raises OSError.

    A folder without tables stays as it is: the engine creates new tables.
    """
    if not has_tables(home):
        return
    restore_links(home, known.link)
    _mend_link(home, known, damage)
    restore_files(home, known, damage, may_differ=known.is_changing)
    _report_changed_logs(home, known, damage)
    for table, parts in known.parts.items():
        folder = home / known.folder_of(table)
        if folder.is_dir():
            _report_small_files(folder, known, table, damage)
            _move_foreign(folder, known, table, parts, damage)


def has_tables(home: Path) -> bool:
    return (home / "store").is_dir()


def restore_files(home: Path, known: Inventory, damage: DamageLog, *, may_differ: bool) -> bool:
    """Restore definitions of tables that are missing or changed; returns whether there were any.

    While a definition is being changed (`may_differ`), only missing ones. Raises OSError.
    """
    is_any = False
    for name, content in known.files.items():
        path = home / name
        now = _content(path)
        if now == content or (now and may_differ):
            continue
        if path.name.startswith("format_version") and not path.parent.is_dir():
            continue  # the whole table is gone: the engine creates an empty one
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, content.encode(errors="replace"))
        what = "was changed" if now else "was missing"
        message = f"the file {what}; it was restored, nothing is lost"
        damage.add("store", f"engine/{name}", what, message, (now or "").encode(errors="replace"))
        is_any = True
    return is_any


def drop_changed_logs(home: Path, known: Inventory) -> None:
    """Remove logs of inserts that were changed: the engine may refuse to open with them, and the
    inventory knows the newest batch. Raises OSError."""
    for name, appended in known.appended.items():
        if is_changed(home, name, appended):
            (home / name).unlink(missing_ok=True)


def _mend_link(home: Path, known: Inventory, damage: DamageLog) -> None:
    link = home / "metadata" / "default"
    if not known.link or link.exists() or not any(home.glob("store/*/*")):
        return
    link.unlink(missing_ok=True)
    link.parent.mkdir(mode=0o700, exist_ok=True)
    link.symlink_to(known.link)
    (link.parent / known.link).mkdir(mode=0o700, parents=True, exist_ok=True)
    message = "the link was missing or broken; it was restored, nothing is lost"
    damage.add("store", "engine/metadata/default", "", message)


def _report_changed_logs(home: Path, known: Inventory, damage: DamageLog) -> None:
    for name, appended in known.appended.items():
        if is_changed(home, name, appended):
            message = "the table's log of inserts was changed or truncated; nothing is lost"
            damage.add("store", f"engine/{name}", "", message)


def _report_small_files(folder: Path, known: Inventory, table: str, damage: DamageLog) -> None:
    for part in known.parts[table]:
        if part.small and small_crc(folder / part.name) not in (0, part.small):
            message = f"small files of the part {part.name} of {table} were changed or deleted"
            file = f"engine/{known.folder_of(table)}/{part.name}"
            damage.add("store", file, "small files", f"{message}: {_AGAIN}")


def _move_foreign(
    folder: Path, known: Inventory, table: str, parts: Sequence[Part], damage: DamageLog
) -> None:
    """Move folders that are not parts of the table into its folder `detached`."""
    names = sorted(path.name for path in folder.iterdir() if parse_part(path.name))
    foreign = {name for name in names if not (folder / name).is_dir()}
    if not known.is_changing:
        folders = [
            Folder(name, small_crc(folder / name), _is_empty(folder / name)) for name in names
        ]
        foreign.update(find_foreign(table, parts, folders))
    for name in sorted(foreign):
        if name in known.replaced.get(table, ()):
            # a delete replaced it, and was killed before it removed it
            shutil.rmtree(folder / name)
        else:
            _move_away(folder, known, table, name, damage)


def _move_away(folder: Path, known: Inventory, table: str, name: str, damage: DamageLog) -> None:
    target = folder / "detached"
    target.mkdir(mode=0o700, exist_ok=True)
    (folder / name).rename(_free(target / f"unknown_{name}"))
    message = (
        f"{table}: the part {name} did not belong there and may be an old copy; it was moved to"
        " the table's folder detached, so that no row counts twice"
    )
    damage.add("store", f"engine/{known.folder_of(table)}/{name}", "unknown", message)


def _is_empty(part_folder: Path) -> bool:
    return _content(part_folder / "count.txt") == "0"


def _free(path: Path) -> Path:
    number = 1
    while path.exists():
        path = path.with_name(f"{path.name.split('.')[0]}.{number}")
        number += 1
    return path


def _content(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None
