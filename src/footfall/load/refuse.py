"""Rows that the engine refuses: a few are set aside with the reason, many stop loading.

`footfall refused` shows the rows that are set aside and loads them again.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import structlog

from footfall.damage import DamageLog
from footfall.durable import find_trouble, sum_path, write_sum, write_summed, write_whole
from footfall.load.doubt import DECISIVE, doubt
from footfall.load.sample import sample_row
from footfall.load.time_text import TIME_PLACES, read_time
from footfall.model.json_text import MALFORMED
from footfall.store.engine import Engine, EngineError, RowsRefused

MAX_REFUSED = 20
"""The maximum number of rows of a table in one batch that are set aside. Enrichment lets no row
pass that the tables cannot store, so many refused rows are the store's fault. Also, each row that
is left out splits its block further, and the engine recognizes only its last 1,000 blocks."""

_VISITOR = {"events": 3, "sessions": 3, "visits": 1, "payments": 6}
"""Table → which value of its rows is the visitor."""

log = structlog.get_logger()


class ManyRefused(EngineError):
    """The store refuses so many rows that they cannot be at fault. None of them is set aside."""

    @property
    def reason(self) -> str:
        return str(self)


def insert_all(
    engine: Engine, table: str, lines: bytes, token: str, refused: Path, *, is_again: bool = True
) -> int:
    """Insert a block, without the few rows that the engine refuses; those are set aside.

    Sending the same block again stores nothing twice, even if the engine now accepts a row that was
    set aside. `is_again` means that the block may have been sent before. Returns how many rows
    were set aside. Raises ManyRefused, with nothing stored, and EngineError where the fault is not
    in the rows.
    """
    rows = lines.split(b"\n")
    known = _places_set_aside(refused, table, token, len(rows)) if is_again else set()
    found: dict[int, str] = {}
    while True:
        try:
            for part_token, part in _parts_without(known | found.keys(), rows, token):
                engine.insert(table, b"\n".join(part), part_token)
            return len(found)
        except RowsRefused as error:
            # a power cut may have lost some of the rows that were set aside before
            more = _find_refused(engine, table, rows, error, known | found.keys())
        if table in DECISIVE:
            doubt(engine, f"rows of {table} were refused")
        _set_aside(table, rows, token, more, refused)
        found |= more


def _find_refused(
    engine: Engine, table: str, rows: list[bytes], error: RowsRefused, known: Collection[int]
) -> dict[int, str]:
    """Which rows the engine refuses in addition to the known ones, and why. Raises ManyRefused if
    the store is at fault."""
    found: dict[int, str] = {}

    def search(first: int, some: list[bytes]) -> None:
        try:
            engine.try_insert(table, b"\n".join(some))
        except RowsRefused as error:
            if len(some) > 1:
                middle = len(some) // 2
                search(first, some[:middle])
                search(first + middle, some[middle:])
                return
            found[first] = str(error)
            if len(found) > MAX_REFUSED:
                raise ManyRefused(
                    _sentence(f"more than {MAX_REFUSED} rows", table, error)
                ) from None

    search(0, rows)
    if not found.keys() - known:
        raise ManyRefused(_sentence("a block although it accepts every row of it", table, error))
    if len(found) == len(rows):
        try:
            engine.try_insert(table, sample_row(table))
        except RowsRefused as error:
            raise ManyRefused(_sentence("every row, even a correct one", table, error)) from None
    return {place: reason for place, reason in found.items() if place not in known}


def brief_reason(text: str) -> str:
    """Why a row was refused, without any value of it."""
    column = re.search(r"while reading the value of key (\w+)", text)
    where = f"column {column[1]}, " if column else ""
    return where + EngineError(text).reason


def _sentence(what: str, table: str, error: RowsRefused) -> str:
    """The message contains no value of a row, because /health shows it to everyone."""
    where = f"table {table}, {brief_reason(str(error))}"
    return (
        f"the store refuses {what} of one batch ({where}). Nothing is lost: loading continues"
        " when the store accepts the rows"
    )


def _parts_without(
    bad: Collection[int], rows: list[bytes], token: str, first: int = 0
) -> Iterator[tuple[str, list[bytes]]]:
    """Halve the block until no part contains a bad row. Returns the parts and their tokens, which
    depend on the block's token and the bad rows."""
    if not any(first <= place < first + len(rows) for place in bad):
        yield token, rows
    elif len(rows) > 1:
        middle = len(rows) // 2
        yield from _parts_without(bad, rows[:middle], token + "a", first)
        yield from _parts_without(bad, rows[middle:], token + "b", first + middle)


def _token_of(place: int, size: int, token: str) -> str:
    """The token of the part that consists of this row."""
    while size > 1:
        middle = size // 2
        token, place, size = (
            (token + "a", place, middle)
            if place < middle
            else (token + "b", place - middle, size - middle)
        )
    return token


def _place_of(path: str, size: int) -> int:
    """The row whose token from `_token_of` continues with `path`."""
    first = 0
    for letter in path:
        middle = size // 2
        first, size = (first, middle) if letter == "a" else (first + middle, size - middle)
    return first


def _places_set_aside(path: Path, table: str, token: str, size: int) -> set[int]:
    """Which rows of the block were set aside when it was sent before."""
    if not path.exists():
        return set()
    places = set()
    for line in path.read_bytes().splitlines():
        entry = read_entry(line)
        if entry and entry["table"] == table and entry["token"].startswith(token):
            rest = entry["token"][len(token) :]
            if not rest.strip("ab"):
                places.add(_place_of(rest, size))
    return places


def has_refused(path: Path, tables: Collection[str]) -> bool:
    """Whether rows of these tables are set aside. Raises OSError."""
    lines = path.read_bytes().splitlines() if path.exists() else ()
    return any(entry["table"] in tables for line in lines if (entry := read_entry(line)))


def read_entry(line: bytes) -> dict[str, str] | None:
    """A line of `refused.jsonl`: token, table, reason and row; None if it cannot be read."""
    try:
        entry = msgspec.json.decode(line, type=dict[str, str])
    except MALFORMED:
        return None
    return {"token": "", "table": "", "reason": "", "row": "", **entry}


def _set_aside(
    table: str, rows: list[bytes], token: str, found: Mapping[int, str], path: Path
) -> None:
    log.error(
        "the store refused rows; they are set aside, see `footfall refused`",
        table=table,
        rows=len(found),
    )
    entries = [
        {
            "token": _token_of(place, len(rows), token),
            "table": table,
            "reason": reason,
            "row": rows[place].decode(),
        }
        for place, reason in found.items()
    ]
    is_whole = not find_trouble(path)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        if file.tell() and os.pread(handle, 1, file.tell() - 1) != b"\n":
            file.write(b"\n")  # a crash has truncated the line before
        file.write(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
        file.flush()
        os.fsync(file.fileno())
    if is_whole:  # otherwise its old checksum reveals the damage
        write_sum(path, path.read_bytes())


def write_refused(path: Path, lines: list[bytes]) -> None:
    """Write the file of refused rows with these lines. Raises OSError."""
    if lines and find_trouble(path):
        write_whole(path, b"".join(lines))  # its old checksum reveals the damage
    elif lines:
        write_summed(path, b"".join(lines))
    else:
        sum_path(path).unlink(missing_ok=True)
        path.unlink()


def check_refused(path: Path, damage: DamageLog) -> None:
    """Report refused rows that are damaged or missing. Raises OSError."""
    if trouble := find_trouble(path):
        content = path.read_bytes() if path.exists() else b""
        message = f"{trouble}: rows that the store refused may be lost"
        damage.add("refused rows", path.name, f"{crc32(content):08x}", message)


class Refused(msgspec.Struct, frozen=True):
    """A row that was set aside: its table, and its values in the table's order."""

    table: str
    values: list[Any]

    @property
    def website_id(self) -> int:
        return int(self.values[0])

    @property
    def visitor_id(self) -> int:
        """0 for a row without a visitor."""
        place = _VISITOR.get(self.table)
        return int(self.values[place]) if place else 0

    @property
    def placed_at(self) -> int:
        """Milliseconds since 1970: the time that decides about retention."""
        return read_time(self.values[TIME_PLACES[self.table][0]])


def drop_refused(path: Path, is_wanted: Callable[[Refused], bool]) -> None:
    """Remove rows from the file of refused rows. Unreadable lines, as after a crash, are removed
    too, because it is unknown whose they are. Raises OSError."""
    if not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _is_kept(line, is_wanted)]
    if kept == lines:
        return
    write_refused(path, kept)


def _is_kept(line: bytes, is_wanted: Callable[[Refused], bool]) -> bool:
    try:
        entry = msgspec.json.decode(line, type=dict[str, str])
        row = Refused(entry["table"], msgspec.json.decode(entry["row"], type=list[Any]))
        return not is_wanted(row)
    except (*MALFORMED, LookupError, TypeError, ValueError):
        return False
