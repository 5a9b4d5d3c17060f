"""Loads refused rows again, each exactly once, whatever interrupts it.

The rows become a batch of their own, which names the lines that it contains. These lines are
removed after the batch is in the spool and before it is sent. A start that finds such a batch
removes them first.
"""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from footfall.durable import write_whole
from footfall.load.refuse import read_entry, write_refused
from footfall.load.time_text import TIME_PLACES, with_text_times
from footfall.store.engine import Engine, RowsRefused

MAX_ROWS = 20_000
"""The maximum number of rows in one batch."""


class Reloaded(NamedTuple):
    """What became of the refused rows."""

    loaded: int
    left: int  # rows that the store still refuses


class ReloadRequest:
    """Two files through which a command asks the running server to reload, and gets the result."""

    def __init__(self, folder: Path) -> None:
        self._request = folder / "refused.reload"
        self._answer = folder / "refused.reloaded"

    def make(self) -> None:
        self._answer.unlink(missing_ok=True)
        self._request.touch(mode=0o600)

    def is_made(self) -> bool:
        return self._request.exists()

    def answer(self, reloaded: Reloaded) -> None:
        write_whole(self._answer, msgspec.json.encode(reloaded))
        self._request.unlink(missing_ok=True)

    def read_answer(self) -> Reloaded | None:
        """None until there is an answer."""
        try:
            return msgspec.json.decode(self._answer.read_bytes(), type=Reloaded)
        except FileNotFoundError:
            return None

    def clear(self) -> None:
        self._request.unlink(missing_ok=True)
        self._answer.unlink(missing_ok=True)


class Chosen(NamedTuple):
    """Rows that the store accepts now."""

    tables: dict[str, bytes]
    names: list[str]


def _name(line: bytes) -> str:
    """The name of a refused row. A row that was set aside twice has one name."""
    entry = read_entry(line)
    parts = (
        [entry["token"], entry["table"], entry["row"]] if entry else [line.decode(errors="replace")]
    )
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


def choose(engine: Engine, path: Path, skipped: set[str]) -> Chosen:
    """Rows that the store accepts now, up to a batch. The names of the others are added to
    `skipped`. Stores nothing. Raises EngineError, OSError."""
    waiting: dict[str, list[tuple[str, bytes]]] = {}
    names: list[str] = []
    seen = set(skipped)
    for line in path.read_bytes().splitlines() if path.exists() else ():
        name, entry = _name(line), read_entry(line)
        if name in seen:
            continue
        if len(seen) - len(skipped) >= MAX_ROWS:
            break
        seen.add(name)
        if entry is None or entry["table"] not in TIME_PLACES:
            skipped.add(name)
            continue
        row = _as_text(entry["table"], entry["row"].encode())
        waiting.setdefault(entry["table"], []).append((name, row))
    tables: dict[str, bytes] = {}
    for table, rows in waiting.items():
        taken = list(_taken(engine, table, rows, skipped))
        if taken:
            tables[table] = b"\n".join(row for _, row in taken)
            names += [name for name, _ in taken]
    return Chosen(tables, names)


def _as_text(table: str, row: bytes) -> bytes:
    try:
        return with_text_times(table, row)
    except (ValueError, LookupError):  # it stays a refused row
        return row


def _taken(
    engine: Engine, table: str, rows: list[tuple[str, bytes]], skipped: set[str]
) -> Iterable[tuple[str, bytes]]:
    try:
        engine.try_insert(table, b"\n".join(row for _, row in rows))
    except RowsRefused:
        if len(rows) == 1:
            skipped.add(rows[0][0])
            return
        middle = len(rows) // 2
        yield from _taken(engine, table, rows[:middle], skipped)
        yield from _taken(engine, table, rows[middle:], skipped)
    else:
        yield from rows


def take_out(path: Path, names: Iterable[str]) -> None:
    """Remove refused rows by their names. Can be done again. Raises OSError."""
    taken = set(names)
    if not taken or not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _name(line) not in taken]
    write_refused(path, kept)
