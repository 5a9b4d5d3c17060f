"""Detects damage to the catalog's files: lost changes, and changed pages.

Every change has a number, the catalog's generation, which is stored in the database. Two small
files beside it say what it must contain:

- `catalog.mark`: the newest generation. Written after every commit. It is not synced: it only
  has to survive the process, and may be outdated after a power cut.
- `catalog.sums`: a checksum of every page of the database's file. Only `settle` moves pages from
  the write-ahead file into it, so between two calls they do not change.

Any process may find damage. It stays in `catalog.sums` until the process that has locked the data
folder reports it.
"""

import os
import struct
import threading
from array import array
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from footfall.catalog.source import Source
from footfall.durable import write_whole
from footfall.model.errors import Unavailable
from footfall.model.json_text import MALFORMED

_MARK = struct.Struct("<QI")
_PAGE_SIZE_AT, _GENERATION_AT, _HEADER_BYTES = 16, 60, 100  # of SQLite's file format
_READ_BYTES = 1024 * 1024
_FAILURES = (OSError, DatabaseError, Unavailable)
_SHOWN_PAGES = 20
MAX_LOG_BYTES = 4 * 1024 * 1024
"""The maximum size of the write-ahead file, whose changes are lost if it is."""


class Finding(msgspec.Struct, frozen=True):
    """Damage to a file of the catalog: its name, the place in it, and what is lost."""

    file: str
    place: str
    message: str


_REPLACED = Finding(
    "catalog.sqlite",
    "replaced",
    "the file was deleted or replaced while Footfall was running: changes of the catalog are lost"
    " now; restore the right file and restart the server",
)


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `catalog.sums`."""

    generation: int = 0
    is_settled: bool = False  # False while pages are moved: then they cannot be checked
    pages: bytes = b""  # four bytes of checksum for each page
    findings: tuple[Finding, ...] = ()  # not yet reported


class DatabaseFile:
    """Reads the database's file without SQLite.

    When a process closes a file, it loses all its locks on it, including SQLite's. So all users in
    a process share one handle, which is closed after SQLite's last one.
    """

    _lock = threading.Lock()
    _handles: dict[Path, tuple[int, int]] = {}  # noqa: RUF012  path → handle, how many use it

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path.resolve()
        with self._lock:
            handle, users = self._handles.get(self._path) or (os.open(path, os.O_RDONLY), 0)
            self._handles[self._path] = handle, users + 1
        self._handle = handle

    def close(self) -> None:
        """Call it when SQLite has closed its handles. Can be called twice."""
        if self._handle < 0:
            return
        with self._lock:
            handle, users = self._handles.pop(self._path)
            if users > 1:
                self._handles[self._path] = handle, users - 1
            else:
                os.close(handle)
        self._handle = -1

    def is_in_place(self) -> bool:
        """Whether the path still leads to this file."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._handle))
        except FileNotFoundError:
            return False

    def generation(self) -> int:
        """The generation in the file, without changes in the write-ahead file; 0 for an empty
        file."""
        header = os.pread(self._handle, _HEADER_BYTES, 0)
        return int.from_bytes(header[_GENERATION_AT : _GENERATION_AT + 4], "big")

    def page_sums(self) -> bytes:
        """Four bytes of checksum for every page. About 2 µs for each. Raises OSError."""
        header = os.pread(self._handle, _HEADER_BYTES, 0)
        size = int.from_bytes(header[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
        if size < 512 or _READ_BYTES % size:
            size = 4096
        sums, at = array("I"), 0
        while data := os.pread(self._handle, _READ_BYTES, at):
            sums.extend(crc32(data[start : start + size]) for start in range(0, len(data), size))
            at += len(data)
        return sums.tobytes()


class Guard:
    """Watches the files of one open database."""

    def __init__(self, database: Engine, source: Source) -> None:
        """Check the files when they are opened. A new catalog, and one of a version without
        generations, gets its files. Raises OSError, DatabaseError."""
        self._database = database
        self._source = source
        self._has_begun = False
        self._path = database_path(database)
        self._sums_path = self._path.with_name("catalog.sums")
        self._log_path = self._path.with_name(f"{self._path.name}-wal")
        self._file = DatabaseFile(self._path)
        try:
            with suppress(OperationalError, OSError):  # the disk is full: `settle` tries again
                self._begin()
        except BaseException:
            database.dispose()
            self._file.close()
            raise

    def close(self) -> None:
        """Close the database, after bringing its file up to date if possible."""
        with suppress(*_FAILURES):
            self.settle_if_changed()
        self._database.dispose()
        self._source.close()
        self._file.close()

    def note_commit(self, generation: int) -> None:
        """Call it after every commit. It settles when the write-ahead file has become long."""
        write_mark(self._path, generation)
        with suppress(*_FAILURES):  # the change itself is on disk
            if self._log_path.stat().st_size > MAX_LOG_BYTES:
                self.settle()

    def settle(self) -> None:
        """Check the database's file, then bring it up to date. Raises OSError, Unavailable.

        Does nothing if another process does it or keeps writing.
        """
        if not self._has_begun:
            self._begin()
        with self._database.begin() as holder:
            holder.exec_driver_sql("BEGIN IMMEDIATE")  # no process may restart the log meanwhile
            sums = self._checked()
            if not self._file.is_in_place():
                self._write(sums)
                return
            self._write(msgspec.structs.replace(sums, is_settled=False))
            with self._database.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()
            self._write(
                msgspec.structs.replace(
                    sums,
                    generation=self._file.generation(),
                    is_settled=True,
                    pages=self._file.page_sums(),
                )
            )

    def settle_if_changed(self) -> None:
        """Like `settle`, if something was committed since."""
        if not self._file.is_in_place():
            self.settle()
            return
        with self._database.connect() as connection:
            generation = read_generation(connection)
        sums = self._read()
        if not sums or not sums.is_settled or sums.generation != generation:
            self.settle()

    def findings(self) -> tuple[Finding, ...]:
        """Damage that is not reported yet. Raises OSError, Unavailable."""
        sums = self._read()
        found = sums.findings if sums else ()
        if any(one.file == self._path.name for one in found):
            with self._database.connect() as connection:
                found += _check_structure(connection)
        return found

    def drop_findings(self) -> None:
        """Call it when the damage is reported. Raises OSError, Unavailable."""
        with self._database.begin() as holder:
            holder.exec_driver_sql("BEGIN IMMEDIATE")
            if sums := self._read():
                self._write(msgspec.structs.replace(sums, findings=()))

    def _begin(self) -> None:
        # first: a concurrent writer can only make it smaller than the generation
        mark = read_mark(self._path)
        sums = self._read()
        with self._database.connect() as connection:
            generation = read_generation(connection)
        if not generation and not mark and sums is None:
            write_mark(self._path, 0)
            self._has_begun = True
            self.settle()
            return
        found = self._compare(generation, mark, sums)
        if found:
            self._note(found, max(generation, mark or 0) + 1)
        self._has_begun = True
        if found:
            return
        if sums and sums.is_settled and self._file.generation() > sums.generation:
            # a process was killed before it could write the mark, then another one moved pages
            self.settle()

    def _compare(self, generation: int, mark: int | None, sums: Sums | None) -> tuple[Finding, ...]:
        if mark is not None and mark > generation:
            return (self._lost(generation, mark),)
        found: tuple[Finding, ...] = ()
        # read again: another process may just have created them
        if mark is None and read_mark(self._path) is None:
            found += (_unreadable("catalog.mark", "is complete"),)
        if sums is None and self._read() is None:
            found += (_unreadable("catalog.sums", "was changed"),)
        return found

    def _lost(self, generation: int, mark: int) -> Finding:
        if not generation:
            message = (
                "the catalog is missing or empty: its websites, tokens and payments are lost;"
                " restore the file from a backup"
            )
        else:
            message = (
                f"the newest {mark - generation:,} changes are lost: catalog.sqlite is an older"
                " copy, or catalog.sqlite-wal is missing or damaged. Websites, tokens and payments"
                " added since are missing; what was revoked or deleted since is back"
            )
        return Finding(self._path.name, str(mark), message)

    def _note(self, found: tuple[Finding, ...], generation: int) -> None:
        """Store the damage for the process that reports it, and continue after it."""
        with self._database.begin() as holder:
            holder.exec_driver_sql("BEGIN IMMEDIATE")
            sums = self._read() or Sums()
            # not settled: its pages belong to another generation
            self._write(_with(msgspec.structs.replace(sums, is_settled=False), found))
            holder.exec_driver_sql(f"PRAGMA user_version = {generation}")
        write_mark(self._path, generation)

    def _checked(self) -> Sums:
        """The old sums, with changed pages added to the findings."""
        sums = self._read() or Sums()
        if not self._file.is_in_place():
            return _with(sums, (_REPLACED,))
        if not sums.is_settled or self._file.generation() > sums.generation:
            return sums
        expected, pages = array("I", sums.pages), array("I", self._file.page_sums())
        changed = [
            number
            for number in range(1, max(len(expected), len(pages)) + 1)
            if expected[number - 1 : number] != pages[number - 1 : number]
        ]
        if not changed:
            return sums
        shown = ", ".join(map(str, changed[:_SHOWN_PAGES]))
        message = (
            f"{len(changed):,} of {len(expected):,} pages were changed, but not by Footfall: their"
            " content may be wrong"
        )
        return _with(sums, (Finding(self._path.name, f"pages {shown}", message),))

    def _read(self) -> Sums | None:
        """None if they are missing, damaged or another user's: then they are replaced."""
        try:
            content = self._sums_path.read_bytes()
            if int.from_bytes(content[:4], "little") != crc32(content[4:]):
                return None
            return msgspec.msgpack.decode(content[4:], type=Sums)
        except (FileNotFoundError, PermissionError, *MALFORMED):
            return None

    def _write(self, sums: Sums) -> None:
        content = msgspec.msgpack.encode(sums)
        write_whole(self._sums_path, crc32(content).to_bytes(4, "little") + content)


def _check_structure(connection: Connection) -> tuple[Finding, ...]:
    problems = connection.exec_driver_sql("PRAGMA quick_check(1)").scalars().all()
    if problems == ["ok"]:
        return ()
    message = f"its structure is damaged ({problems[0]}): restore the file from a backup"
    return (Finding("catalog.sqlite", "structure", message),)


def database_path(database: Engine) -> Path:
    return Path(database.url.database or "")


def read_generation(connection: Connection) -> int:
    """The number of the newest change."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def read_mark(path: Path) -> int | None:
    """The newest generation of the database at `path`; None if it is missing or damaged."""
    try:
        content = _mark_path(path).read_bytes()
        generation, _ = _MARK.unpack(content)
    except (FileNotFoundError, struct.error):
        return None
    return generation if _encode_mark(generation) == content else None


def write_mark(path: Path, generation: int) -> None:
    """Note that a generation was committed. An outdated mark only detects less."""
    with suppress(OSError):  # also of reading: the change is committed, and must not seem to fail
        if generation < (read_mark(path) or 0):
            return
        handle = os.open(_mark_path(path), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, _encode_mark(generation), 0)
        finally:
            os.close(handle)


def _mark_path(path: Path) -> Path:
    return path.with_name("catalog.mark")


def _encode_mark(generation: int) -> bytes:
    return _MARK.pack(generation, crc32(generation.to_bytes(8, "little")))


def _unreadable(name: str, question: str) -> Finding:
    message = f"it is missing or cannot be read: it is unknown whether the catalog {question}"
    return Finding(name, "", message)


def _with(sums: Sums, found: tuple[Finding, ...]) -> Sums:
    added = tuple(one for one in found if one not in sums.findings)
    return msgspec.structs.replace(sums, findings=sums.findings + added)
