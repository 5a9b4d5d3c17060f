"""Connections to the catalog's file, or to a copy in memory while the disk has no room for it.

SQLite cannot even read without files of its own beside the database. If the disk is full or
read-only, it cannot create them. Then the catalog is copied to memory once, where it can be read
but not written. As soon as the file can be opened again, connections lead to the file.
"""

import secrets
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

BUSY_TIMEOUT_MS = 5_000
RETRY_S = 1.0
# The time-out comes first: switching to WAL needs a lock that another process may hold.
_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "wal_autocheckpoint = 0",  # `Guard.settle` does it
    "journal_size_limit = 0",
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    "cache_size = -1024",  # KiB; the catalog is small and read through a snapshot
)


class CopyConnection(sqlite3.Connection):
    """A connection to the copy in memory. Writing to it raises OperationalError."""


class Source:
    """Opens the connections of one database. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        # the copy exists as long as this connection is open
        self._copy: sqlite3.Connection | None = None
        self._copy_address = f"file:catalog-{secrets.token_hex(8)}?mode=memory&cache=shared"
        self._tried_at = 0.0

    def connect(self) -> sqlite3.Connection:
        """Raises sqlite3.Error."""
        with self._lock:
            try:
                connection = _open_file(self._path)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                    raise
                try:
                    return self._open_copy()
                except sqlite3.Error:
                    raise error from None
            self._drop_copy()
            return connection

    def is_stale(self, connection: object) -> bool:
        """Whether a connection leads to the copy, and it is time to try the file again."""
        if not isinstance(connection, CopyConnection):
            return False
        with self._lock:
            now = time.monotonic()
            if now - self._tried_at < RETRY_S:
                return False
            self._tried_at = now
            return True

    def close(self) -> None:
        with self._lock:
            self._drop_copy()

    def _drop_copy(self) -> None:
        if self._copy:
            self._copy.close()
            self._copy = None

    def _open_copy(self) -> sqlite3.Connection:
        if self._copy is None:
            self._tried_at = time.monotonic()
            self._copy = self._connect_copy()
            try:
                _fill(self._copy, self._path)
            except sqlite3.Error:
                self._drop_copy()
                raise
        connection = self._connect_copy()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _connect_copy(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self._copy_address, uri=True, check_same_thread=False, factory=CopyConnection
        )


def _open_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        # now it needs its files
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _fill(copy: sqlite3.Connection, path: Path) -> None:
    """Raises sqlite3.Error."""
    # with exclusive access to the database, SQLite keeps the log's index in memory
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path)) as alone:
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        alone.backup(copy)
        return
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise sqlite3.OperationalError("its newest changes cannot be read: the disk is full")
    address = f"file:{quote(str(path))}?immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as unchanging:
        unchanging.backup(copy)
