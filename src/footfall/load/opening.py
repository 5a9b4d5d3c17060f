"""Opens the store, whatever happened to its folder since it was closed.

The embedded engine silently skips what it cannot load. So its folder is compared with the inventory
before and after it opens. What can be repaired is repaired, and what is lost is reported once.
"""

from collections.abc import Callable
from pathlib import Path

from footfall.damage import DamageLog
from footfall.durable import is_without_room
from footfall.load.compare import Gone, find_gone
from footfall.load.doubt import doubt_loss
from footfall.load.inspection import list_parts, put_aside, why_broken
from footfall.load.inventory import (
    Inventory,
    Part,
    inventory_path,
    read_inventory,
    take_detached,
    take_parts,
)
from footfall.load.keeper import InventoryKeeper
from footfall.load.mend import drop_changed_logs, has_tables, mend, restore_files
from footfall.load.spool import Spool
from footfall.store.engine import Engine, EngineError, plain_reason
from footfall.store.pool import is_server

_LISTED = 12
_FIRST_READ = ("batches", "migrations")
"""Tables that are read before anything else."""


def open_engine(
    location: str, folder: Path, damage: DamageLog, *, readers: int = 4, cache_bytes: int = 0
) -> Engine:
    """The engine with its tables, checked against the inventory in the data folder. The tables of a
    server are neither created nor checked here. `readers` and `cache_bytes` as in Engine.

    Raises EngineError or OSError, with one sentence, if it cannot be opened.
    """
    if is_server(location):
        # load.guard creates its tables as soon as it responds
        return Engine(location, readers=readers)
    home, known = Path(location), _read(folder, damage)
    try:
        engine = _open(
            home, known, damage, lambda: Engine(str(home), readers=readers, cache_bytes=cache_bytes)
        )
        keeper = InventoryKeeper(engine, folder, known)
        return _begun(engine, lambda engine: _check(engine, keeper, damage))
    except EngineError as error:
        reason = plain_reason(str(error))
        raise EngineError(
            f"the engine's folder {home} is damaged and cannot be opened ({reason}): restore it"
            " from a backup, or move it away and start again. Footfall then creates an empty one,"
            " restores payments from the ledger, and reports what is missing"
        ) from error


def _begun(engine: Engine, begin: Callable[[Engine], object]) -> Engine:
    try:
        begin(engine)
    except BaseException:
        engine.close()
        raise
    return engine


def _read(folder: Path, damage: DamageLog) -> Inventory:
    """The inventory as it was after the newest batch, or an empty one. A missing or older inventory
    is reported, because it cannot show what the engine has lost."""
    known = read_inventory(folder)
    batch = Spool(folder / "spool").read().batch
    path = inventory_path(folder)
    if not known.files:
        is_missing = path.exists() or (batch is not None and batch.has_inventory)
        trouble = "is missing or cannot be read" if is_missing else ""
    else:
        is_older = batch is not None and known.number < batch.number - 1
        trouble = "is an older copy" if is_older else ""
    if not trouble:
        return known
    message = f"the file {trouble}: losses in the engine before this start cannot be detected"
    place = f"{trouble} {batch.number if batch else ''}"
    damage.add("store", path.name, place, message)
    return Inventory()


def _open(home: Path, known: Inventory, damage: DamageLog, start: Callable[[], Engine]) -> Engine:
    mend(home, known, damage)
    try:
        return start()
    except EngineError:
        if not has_tables(home):
            raise
        restore_files(home, known, damage, may_differ=False)
        drop_changed_logs(home, known)
        return start()


def _check(engine: Engine, keeper: InventoryKeeper, damage: DamageLog) -> None:
    """Compare the tables with the inventory, and bring both up to date."""
    known = keeper.inventory
    now = take_parts(engine, known)
    lost = set() if known.parts else set(now)  # without an inventory, any may have lost rows
    lost |= report_gone(damage, known, now, is_empty=not now)
    lost |= _report_detached(damage, known, take_detached(engine))
    doubt_loss(engine, lost)  # before the new inventory hides the loss
    try:
        keeper.start_over()
    except OSError as error:
        if not is_without_room(error):
            raise  # otherwise it is written after the next batch, which needs room too
    for part in list_parts(engine, _FIRST_READ):
        if reason := why_broken(engine, part):
            put_aside(engine, keeper, damage, part, reason)
    if engine.needs_migration():
        was_changing = keeper.inventory.is_changing
        keeper.begin_change()
        doubt_loss(engine, engine.vanished())
        for table in engine.migrate():
            lost.add(table)
            message = "its definition was missing; it was created again, without rows"
            damage.add("store", f"engine: table {table}", "", f"table {table}: {message}")
        doubt_loss(engine, lost)  # where the table of doubts is new
        keeper.keep(ends=not was_changing)


def report_gone(
    damage: DamageLog, known: Inventory, now: dict[str, list[Part]], *, is_empty: bool
) -> set[str]:
    """Report parts that are missing, table by table; returns the tables."""
    lost = set()
    for table, parts in known.parts.items():
        gone = find_gone(table, parts, now.get(table, ()), is_changing=known.is_changing)
        if gone:
            lost.add(table)
            names = [name for each in gone for name in each.names]
            place = f"{gone[0].month} {names[0]} {len(names)}"
            file = f"engine/{known.folder_of(table)}"
            damage.add("store", file, place, _describe(table, gone, is_empty=is_empty))
    return lost


def _describe(table: str, gone: list[Gone], *, is_empty: bool) -> str:
    rows = sum(each.rows for each in gone)
    months = [f"{each.month} ({each.rows:,})" for each in gone[:_LISTED]]
    if len(gone) > _LISTED:
        months.append(f"{len(gone) - _LISTED} more months")
    where = "" if gone[0].month == "all" else f" of the months {', '.join(months)}"
    why = "the engine's folder is empty" if is_empty else "their parts are missing or broken"
    end = "; payments are restored from the ledger" if table == "payments" else ""
    return f"{table}: about {rows:,} rows{where} are lost: {why}{end}"


def _report_detached(
    damage: DamageLog, known: Inventory, detached: list[tuple[str, str]]
) -> set[str]:
    """Report parts that the engine could not load and detached, or that a person detached; returns
    their tables."""
    lost = set()
    for table, name in detached:
        if (table, name) not in known.detached and not name.startswith("unknown_"):
            file = f"engine/{known.folder_of(table)}/detached/{name}"
            message = f"{table}: the part {name} could not be loaded; the engine detached it"
            damage.add("store", file, "", message)
            lost.add(table)
    return lost
