"""Opens the catalog's database and brings its schema up to date.

The only module of the catalog that knows which database it is.
"""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DisconnectionError, OperationalError

from footfall.catalog.guard import Guard, read_generation
from footfall.catalog.source import CopyConnection, Source
from footfall.model.errors import Conflict, Unavailable

FILE_NAME = "catalog.sqlite"
_LEAST_FREE_BYTES = 1024 * 1024
RETRY_AFTER_S = 2


class CatalogTooNew(Conflict):
    """The catalog was written by a newer version with other tables."""


def open_database(folder: Path) -> Engine:
    """Open `folder`/catalog.sqlite; create or migrate it if necessary.

    Raises CatalogTooNew, and Unavailable if the file cannot be opened or is not a database.
    """
    source = Source(folder / FILE_NAME)
    database = create_engine(
        URL.create("sqlite", database=str(folder / FILE_NAME)),
        creator=source.connect,
        hide_parameters=True,  # errors are logged, and parameters may contain personal data
    )

    def leave_copy(connection: DBAPIConnection, *_: object) -> None:
        if source.is_stale(connection):
            raise DisconnectionError("the copy in memory")  # the pool opens another one

    event.listen(database, "checkout", leave_copy)
    try:
        # 0700: other users of this machine must not read salts and tokens
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_file(folder / FILE_NAME)
        _migrate(database)
        guarded = database.execution_options(guard=Guard(database, source))
    except (OSError, DatabaseError) as error:
        database.dispose()
        source.close()
        raise Unavailable(_reason(folder / FILE_NAME, error)) from error
    event.listen(guarded, "handle_error", _explain)
    return guarded


def _explain(context: ExceptionContext) -> None:
    """Full disks, damaged files and locks are not the caller's mistake: raise Unavailable."""
    original = context.original_exception
    if type(original) in (sqlite3.OperationalError, sqlite3.DatabaseError):
        raise Unavailable(
            f"the catalog cannot be used now: {original}", retry_after_s=RETRY_AFTER_S
        ) from original


def _make_file(path: Path) -> None:
    """Create the file: SQLite would make it readable for everyone. The files beside it get its
    mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def guard_of(database: Engine) -> Guard:
    """The guard of a database that `open_database` has opened."""
    guard: Guard = database.get_execution_options()["guard"]
    return guard


def _reason(path: Path, error: OSError | DatabaseError) -> str:
    """Why the catalog does not open, and what to do."""
    if isinstance(error, OSError):
        return f"cannot open {path}: {error.strerror}"
    if isinstance(error, OperationalError):
        is_full = shutil.disk_usage(path.parent).free < _LEAST_FREE_BYTES
        reason = "no space is left on its disk" if is_full else error.orig
        return f"cannot open {path}: {reason}"
    return f"{path} is damaged ({error.orig}): restore the file from a backup"


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """A transaction without writes of others in between: what it reads is still true when it
    writes.

    Raises Unavailable if the disk is full or another process holds the catalog for too long;
    then nothing is changed.
    """
    with database.begin() as connection:
        # Otherwise SQLite begins the transaction with the first write, when the rows may have
        # changed.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        before = _changes(connection)
        yield connection
        generation = _next_generation(connection) if _changes(connection) != before else 0
    if generation:
        guard_of(database).note_commit(generation)


def _changes(connection: Connection) -> int:
    """How many rows this connection has ever changed."""
    return int(connection.connection.driver_connection.total_changes)  # type: ignore[union-attr]


def _next_generation(connection: Connection) -> int:
    generation = read_generation(connection) + 1
    connection.exec_driver_sql(f"PRAGMA user_version = {generation}")
    return generation


def wipe_freed_pages(database: Engine) -> None:
    """Make deleted rows unreadable: secure_delete has overwritten them with zeros, and this empties
    the log that still contains them. Raises Unavailable if others kept reading; then call again."""
    with changing_files():
        guard_of(database).settle()
        with database.connect() as connection:
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if row[0]:
        raise Unavailable("the catalog is being read, so its log could not be emptied")


@contextmanager
def changing_files() -> Iterator[None]:
    """Raises Unavailable if the catalog's files cannot be written or read now."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"the catalog cannot be used now: {error.strerror}", retry_after_s=RETRY_AFTER_S
        ) from error


class ChangeCounter:
    """A number that changes with every commit of any connection in any process.

    It needs a connection of its own that never writes, because a connection does not see its own
    commits this way. A call takes a few microseconds.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._pooled = database.raw_connection()
        self._connections = 1

    def read(self) -> int:
        with self._lock:
            if isinstance(self._pooled.driver_connection, CopyConnection):
                self._pooled.close()
                self._pooled = self._database.raw_connection()  # it may lead to the file again
                self._connections += 1
            # Read all rows: an unfinished statement would keep a read transaction open.
            cursor = self._pooled.cursor()
            ((version,),) = cursor.execute("PRAGMA data_version").fetchall()
            return (self._connections << 32) + int(version)

    def close(self) -> None:
        self._pooled.close()


def _migrate(database: Engine) -> None:
    """Run the missing migrations. Alembic takes half a second and 12 MB, so it is imported only
    then."""
    with database.connect() as connection:
        if _version(connection) == head():
            return
    with database.begin() as connection:
        # If two processes open a new folder, the second waits here and then finds nothing to do.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        version = _version(connection)
        if version == head():
            return
        if version is not None and version > head():
            raise CatalogTooNew(
                f"this data folder was written by a newer version of Footfall (catalog {version},"
                f" this one knows {head()}): install that version again"
            )
        _upgrade(connection)
        if read_generation(connection):  # otherwise the first change creates it
            _next_generation(connection)


def head() -> str:
    """The newest migration of this version of Footfall, by its file's number."""
    return max(path.name for path in (migrations() / "versions").glob("m*.py"))[1:5]


def migrations() -> Path:
    return Path(str(resources.files("footfall.catalog") / "migrations"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
