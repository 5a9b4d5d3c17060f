"""The inventory: what the embedded engine's folder must contain, in a file outside that folder.

It is written after each batch and each delete, and lists every table's parts (the engine's folders
of rows) and the engine's own small files. A part that neither exists nor was merged into another
one is lost.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec

from footfall.durable import write_whole
from footfall.journal.reader import Positions
from footfall.journal.segment import frame, read_frames
from footfall.load.draft import PREFIX as DRAFT_PREFIX
from footfall.model.json_text import MALFORMED
from footfall.store.engine import Engine

_LARGE = re.compile(r".*\.bin|.*\.cmrk\d|.*\.cidx|.*\.idx2")
"""Files that grow with a part's rows: the engine checks them against the part's checksums."""
_TRANSIENT = ("erased", "rewritten", DRAFT_PREFIX)
_PARTS = (
    "SELECT table, name, rows, hash_of_all_files FROM system.parts"
    " WHERE active AND database = currentDatabase() ORDER BY table, name"
)
_DETACHED = (
    "SELECT table, name FROM system.detached_parts WHERE database = currentDatabase()"
    " ORDER BY table, name"
)
_NAME = re.compile(r"(\d{6}|all)_(\d+)_(\d+)_(\d+)(?:_\d+)?")
_UUID = re.compile(r"UUID '((\w{3})[\w-]+)'")


class Range(NamedTuple):
    """The meaning of a part's name: its month, and the inserts that are merged into it."""

    month: str  # "202601", "all" for a table without months
    first: int
    last: int
    level: int  # how often it was merged

    def covers(self, other: "Range") -> bool:
        is_inside = self.first <= other.first and other.last <= self.last
        return self.month == other.month and is_inside


def parse_part(name: str) -> Range | None:
    """The range of a part's folder; None for a folder that is not an active part's."""
    match = _NAME.fullmatch(name)
    return Range(match[1], int(match[2]), int(match[3]), int(match[4])) if match else None


class Part(msgspec.Struct, frozen=True, array_like=True):
    name: str
    rows: int
    checksum: str  # of all its files, as the engine knows them
    small: int  # CRC of its small files

    @property
    def range(self) -> Range:
        found = parse_part(self.name)
        assert found is not None  # every name of an active part has this form
        return found


class Appended(msgspec.Struct, frozen=True, array_like=True):
    """A file that only grows: its size and checksum when it was seen."""

    size: int
    crc: int


class Inventory(msgspec.Struct, kw_only=True):
    """`files` and `appended` are by path below the engine's folder, `parts` by table."""

    number: int = 0  # the newest batch that is in it
    positions: Positions = {}  # how far the journals were read with that batch
    is_changing: bool = False  # months or definitions are being changed
    link: str = ""  # where the link metadata/default leads
    files: dict[str, str] = {}
    appended: dict[str, Appended] = {}
    parts: dict[str, list[Part]] = {}
    replaced: dict[str, list[str]] = {}  # parts whose folders still exist
    detached: list[tuple[str, str]] = []  # table and name of parts that are reported already

    def folder_of(self, table: str) -> str:
        """A table's folder below the engine's; '' if it is not known."""
        paths = [path for path in self.files if path.endswith(f"/{table}.sql")]
        found = _UUID.search(self.files[paths[0]]) if paths else None
        return f"store/{found[2]}/{found[1]}" if found else ""


_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Inventory).decode


def is_transient(table: str) -> bool:
    """Whether a table is emptied or dropped all the time, so that it is not in the inventory."""
    return table.startswith(_TRANSIENT)


def inventory_path(folder: Path) -> Path:
    return folder / "engine.inventory"


def read_inventory(folder: Path) -> Inventory:
    """The inventory of a data folder, an empty one if there is none that can be read."""
    path = inventory_path(folder)
    try:
        frames = read_frames(path, 0, path.stat().st_size)
        return _decode(frames.records[0])
    except (OSError, IndexError, *MALFORMED):
        return Inventory()


def write_inventory(folder: Path, inventory: Inventory) -> None:
    """Raises OSError."""
    write_whole(inventory_path(folder), frame(_encode(inventory)))


def take_parts(engine: Engine, before: Inventory) -> dict[str, list[Part]]:
    """Every table's parts as they are now. Raises EngineError."""
    assert engine.folder is not None
    known = {
        (table, part.name, part.checksum): part
        for table, parts in before.parts.items()
        for part in parts
    }
    found: dict[str, list[Part]] = {}
    for table, name, rows, checksum in engine.query(_PARTS).rows:
        if is_transient(table) or parse_part(name) is None:
            continue
        part = known.get((table, name, checksum))
        if part is None:
            small = small_crc(engine.folder / before.folder_of(table) / name)
            part = Part(name, int(rows), checksum, small)
        found.setdefault(table, []).append(part)
    return found


def take_replaced(
    engine_folder: Path, before: Inventory, now: dict[str, list[Part]]
) -> dict[str, list[str]]:
    """Parts that were replaced, as long as their folders exist."""
    found = {}
    for table in before.parts.keys() | before.replaced.keys():
        folder = engine_folder / before.folder_of(table)
        names = set(before.replaced.get(table, ()))
        if before.is_changing:
            names |= {part.name for part in before.parts.get(table, ())}
        names -= {part.name for part in now.get(table, ())}
        if kept := sorted(name for name in names if (folder / name).is_dir()):
            found[table] = kept
    return found


def take_detached(engine: Engine) -> list[tuple[str, str]]:
    """Parts that the engine has detached, by table and name. Raises EngineError."""
    return [(table, name) for table, name in engine.query(_DETACHED).rows]


def take_files(engine_folder: Path) -> dict[str, str]:
    """The tables' definitions and the versions of their folders. Raises OSError."""
    paths = [*engine_folder.glob("store/*/*/*.sql"), *engine_folder.glob("store/*/*/format_*.txt")]
    found, passing = {}, set()
    for path in paths:
        with suppress(FileNotFoundError):  # the file of a draft that was dropped just now
            text = path.read_text(errors="replace")
            if is_transient(path.stem):
                passing.add(match[1] if (match := _UUID.search(text)) else "")
            elif path.parent.name not in passing:
                found[str(path.relative_to(engine_folder))] = text
    return found


def take_appended(engine_folder: Path, inventory: Inventory) -> dict[str, Appended]:
    """Each table's log of inserts, by which the engine recognizes a batch that is sent again.

    Only what was added since `inventory` is read. Raises OSError.
    """
    found = {}
    for file in inventory.files:
        if file.endswith("format_version.txt"):
            for path in (engine_folder / file).parent.glob("deduplication_logs/*"):
                name = str(path.relative_to(engine_folder))
                with suppress(FileNotFoundError):
                    found[name] = _read_on(path, inventory.appended.get(name, Appended(0, 0)))
    return found


def is_changed(engine_folder: Path, name: str, known: Appended) -> bool:
    """Whether a log no longer begins with its old content. The engine removes a log when there are
    newer ones."""
    path = engine_folder / name
    try:
        content = path.read_bytes()
    except OSError:
        newer = [_number_of_log(other) > _number_of_log(path) for other in path.parent.glob("*")]
        return path.parent.parent.is_dir() and not any(newer)
    return len(content) < known.size or crc32(content[: known.size]) != known.crc


def take_link(engine_folder: Path) -> str:
    link = engine_folder / "metadata" / "default"
    return str(link.readlink()) if link.is_symlink() else ""


def small_crc(part_folder: Path) -> int:
    """A checksum of a part's small files; 0 if the part's folder is gone, merged into another one.

    The engine silently creates some of these files again if they are missing, and a merge may use a
    part before it is checked.
    """
    if not part_folder.is_dir():
        return 0
    crc = 1
    for name in sorted(path.name for path in part_folder.iterdir()):  # paths sort slowly
        if not _LARGE.fullmatch(name):
            with suppress(OSError):
                crc = crc32((part_folder / name).read_bytes(), crc32(name.encode(), crc))
    return crc


def _read_on(path: Path, known: Appended) -> Appended:
    with path.open("rb") as file:
        file.seek(known.size)
        added = file.read()
    return Appended(known.size + len(added), crc32(added, known.crc))


def _number_of_log(path: Path) -> int:
    digits = re.sub(r"\D", "", path.stem)
    return int(digits) if digits else 0
