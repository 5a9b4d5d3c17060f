"""The ClickHouse engine, embedded (chDB) or a server: its statements, settings and tables.

Rows are JSON in both directions (JSONCompactEachRow): the engine parses it on its own threads,
outside Python's lock, and people can read the loader's spool.
"""

import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Literal

from footfall.memory import memory_limit
from footfall.store.cache import Cache
from footfall.store.cancel import KILL, KILL_ALL, Canceller, Tags, tagged
from footfall.store.change import Touched, touched_by
from footfall.store.error import DAMAGE_CODES as DAMAGE_CODES
from footfall.store.error import EngineError as EngineError  # of all statements together
from footfall.store.error import RowsRefused as RowsRefused
from footfall.store.error import StoreForbidden as StoreForbidden
from footfall.store.error import StoreUnavailable as StoreUnavailable
from footfall.store.error import error_code as error_code
from footfall.store.error import plain_reason as plain_reason
from footfall.store.pool import (
    NOT_YET,
    Pool,
    connect,
    connect_first,
    drain,
    is_always_clear,
    is_server,
    widths,
)
from footfall.store.priority import lower_engine_threads
from footfall.store.reader import CancellableReader
from footfall.store.rows import Reads, rows_of
from footfall.store.rows import Rows as Rows
from footfall.store.schema import migrations, table_shapes

READER_SETTINGS: dict[str, object] = {
    "do_not_merge_across_partitions_select_final": 1,
    # flows tell from a session's row whether they read its events
    "enable_shared_storage_snapshot_in_query": 1,
    "use_skip_indexes_if_final_exact_mode": 1,  # otherwise an older row could be read
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_decimals": 1,
    "max_execution_time": 60,
    "max_memory_usage": 2_000_000_000,
    "max_bytes_before_external_group_by": 500_000_000,
    "readonly": 1,  # last: after it no setting can be changed; it also refuses file(), url() …
}
_LARGE_SHARE, _LARGE_BYTES = 12, 1_500_000_000


def large_reader_settings(memory: int) -> dict[str, object]:
    """Settings of the one client whose queries may group up to 1.5 GB in memory before they spill
    to disk, which takes nearly twice the time; less where `memory` bytes are not much.

    A client runs one query at a time, so this happens at most once at any time.
    """
    usual = int(str(READER_SETTINGS["max_bytes_before_external_group_by"]))
    grouped = max(usual, min(_LARGE_BYTES, memory // _LARGE_SHARE))
    extra = grouped - usual
    limits: dict[str, object] = {
        "max_memory_usage": int(str(READER_SETTINGS["max_memory_usage"])) + extra,
        "max_bytes_before_external_group_by": grouped,
    }
    return {name: limits.get(name, value) for name, value in READER_SETTINGS.items()}


WRITER_SETTINGS: dict[str, object] = {
    "input_format_parallel_parsing": 0,
    # the spool's batch may be older than the tables' last columns
    "input_format_json_compact_allow_variable_number_of_columns": 1,
    # decades of history in one batch: several hundred months,
    "max_partitions_per_insert_block": 0,
}
ASIDE_SETTINGS: dict[str, object] = {
    **WRITER_SETTINGS,
    "output_format_json_quote_64bit_integers": 0,
    "max_threads": 1,  # statements that are not urgent leave the other cores to reports and loading
    "max_insert_threads": 1,
}

Lane = Literal["reports", "live", "writes", "deletes"]
"""Which clients run a request's queries: those for reports, live reports, writes or deletes. No
lane waits for another."""

_LIFETIME_S = 10  # how long replaced parts stay, as in migrations/0005_replaced_parts.sql
_CLEARINGS, _CLEARING_S = 220, 0.3  # a query ends after a minute, and then releases its parts
_REPLACED = (
    "SELECT table, name FROM system.parts WHERE NOT active AND database = currentDatabase()"
    " AND table IN {tables:Array(String)}"
)
# there is no such partition, but dropping it makes the engine clear up at once
_CLEAR_UP = "ALTER TABLE {table} DROP PARTITION ID '190001'"
_CLEARABLE = (
    "SELECT DISTINCT table FROM system.parts WHERE NOT active AND database = currentDatabase()"
    f" AND remove_time < now() - {_LIFETIME_S} ORDER BY table"
)
_CREATED = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


class Engine:
    """Pools of read-only clients, one for each lane and one for the loader, and writing clients,
    for one data folder or server.

    A client runs one statement at a time, so a quick query takes another client than
    the slow one before it. Settings are made once, when a client connects: the embedded
    engine would otherwise run two statements per setting around every query.
    Safe to call from several threads.
    """

    def __init__(self, location: str, *, readers: int = 4, cache_bytes: int = 0) -> None:
        """Open `location`: a folder for the embedded engine or an http(s) address of a server.

        The queries of `readers` reports can run at the same time. `cache_bytes`: how much of what
        they answered is kept; nothing on a server, whose rows others may change.
        """
        self.clients: Mapping[Lane, int] = {
            "reports": readers,
            "live": 2,
            "writes": 2,
            "deletes": 1,
        }
        self._location = location
        self._is_embedded = not is_server(location)
        self.folder = Path(location) if self._is_embedded else None
        """The embedded engine's folder, None for a server."""
        self.cache = Cache(cache_bytes) if self._is_embedded and cache_bytes else None
        self._suspicion = ""
        opened = connect_first(location, WRITER_SETTINGS)  # one that does not open says so now
        self._writer = self._writers(WRITER_SETTINGS, opened)
        # it cancels queries, so it must not wait for any
        self._control = self._writers(WRITER_SETTINGS)
        self._loading = self._readers(1)
        self._lanes = {
            lane: self._readers(count, has_large=lane == "reports")
            for lane, count in self.clients.items()
        }
        self._aside = self._writers(ASIDE_SETTINGS)
        self._tags = Tags()
        self.aside = Aside(self, self._aside, self._tags)
        self.canceller = Canceller(self._kill)

    def reader(self, lane: Lane) -> CancellableReader:
        """A reader for the statements of one request, which can be cancelled."""
        ask = partial(self.ask_on, self._lanes[lane])
        cache = self.cache if lane == "reports" else None
        return CancellableReader(ask, self.canceller, self._tags, cache)

    def end_queries(self) -> None:
        """Make the queries of all requests and the drafts of deletes fail now, but not the loader's
        statements. Raises EngineError."""
        with self._control.client() as client:
            client.command(KILL_ALL, parameters={"beginning": self._tags.beginning})

    def _kill(self, tags: Collection[str]) -> None:
        with self._control.client() as client:
            client.command(KILL, parameters={"tags": list(tags)})

    def close(self) -> None:
        """Waits for running queries."""
        with ExitStack() as closings:  # the last of them is closed first
            for pool in (self._writer, self._control, self._aside, self._loading):
                closings.callback(pool.close)
            for pool in self._lanes.values():
                closings.callback(pool.close)
            closings.callback(self.canceller.close)

    def _readers(self, count: int, *, has_large: bool = False) -> Pool:
        if not self._is_embedded:
            return Pool([partial(connect, self._location, READER_SETTINGS)] * count)
        first = large_reader_settings(memory_limit()) if has_large else READER_SETTINGS
        kinds = [first, *[READER_SETTINGS] * (count - 1)]
        settings = [
            {"max_threads": width, **kind} for width, kind in zip(widths(count), kinds, strict=True)
        ]
        return Pool([partial(connect, self._location, each) for each in settings], drain)

    def _writers(self, settings: dict[str, object], opened: Any = NOT_YET) -> Pool:
        is_clear = drain if self._is_embedded else is_always_clear
        return Pool([partial(connect, self._location, settings)], is_clear, opened)

    keeps_answers = False

    def query(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        reads: Reads | None = None,  # noqa: ARG002 - it never uses the cache
    ) -> Rows:
        """Run one SELECT with server-side parameters ({name:Type}), on the loader's client. Raises
        EngineError."""
        return rows_of(self.ask_on(self._loading, sql, params))

    def insert(self, table: str, lines: bytes, token: str) -> None:
        """Insert JSONCompactEachRow lines in the table's column order; inserting with the
        same token again does nothing. Raises EngineError; then nothing of the block is stored."""
        shape = table_shapes().get(table)
        changing = self._changing(lambda: touched_by(table, lines))
        with changing, self._writer.client() as client:
            client.raw_insert(
                table,
                # by name: otherwise values would move if someone has dropped or added a column
                column_names=list(shape.columns) if shape else None,
                insert_block=lines,
                fmt="JSONCompactEachRow",
                # further threads take time to start and have nothing to do
                settings={"insert_deduplication_token": token, "max_threads": 1},
            )

    def try_insert(self, table: str, lines: bytes) -> None:
        """Read lines as `insert` does, and store nothing. Raises RowsRefused, or EngineError."""
        columns = "SELECT name, type FROM system.columns WHERE table = {table:String}"
        of_ours = f"{columns} AND database = currentDatabase() ORDER BY position"
        structure = ", ".join(" ".join(row) for row in self.query(of_ours, {"table": table}).rows)
        if not structure:
            raise EngineError(f"the table {table} is missing")
        quoted = structure.replace("\\", "\\\\").replace("'", "\\'")
        with self._writer.client() as client:
            client.raw_insert(
                f"FUNCTION null('{quoted}')", insert_block=lines, fmt="JSONCompactEachRow"
            )

    def command(
        self, sql: str, params: Mapping[str, object] | None = None, *, keeps_rows: bool = False
    ) -> None:
        """Run a statement that returns no rows. `keeps_rows`: no SELECT answers other rows after
        it. Raises EngineError."""
        self.command_on(self._writer, sql, params, keeps_rows=keeps_rows)

    def ask_on(self, pool: Pool, sql: str, params: Mapping[str, object] | None) -> bytes:
        """The reply to a SELECT, by a client of this pool. Raises EngineError."""
        if self._is_embedded:
            lower_engine_threads()
        with self._suspecting(), pool.client() as client:
            return bytes(client.raw_query(sql, parameters=dict(params or {}), fmt="JSONCompact"))

    def command_on(
        self, pool: Pool, sql: str, params: Mapping[str, object] | None, *, keeps_rows: bool
    ) -> None:
        """As `command`, by a client of this pool."""
        changing = nullcontext() if keeps_rows else self._changing(lambda: None)
        with changing, self._suspecting(), pool.client() as client:
            client.command(sql, parameters=dict(params or {}))

    def _changing(self, touched: Callable[[], Touched | None]) -> AbstractContextManager[None]:
        """Within it, rows are changed: those that are `touched`, or any."""
        return nullcontext() if self.cache is None else self.cache.change(touched())

    def take_suspicion(self) -> str:
        """The latest error since the last call that a damaged file may have caused, '' for none."""
        suspicion, self._suspicion = self._suspicion, ""
        return suspicion

    @contextmanager
    def _suspecting(self) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            if error.code in DAMAGE_CODES:
                self._suspicion = str(error)
            raise

    def release_memory(self) -> None:
        """Return the free memory of the embedded engine's allocator to the system. Raises
        EngineError."""
        if self._is_embedded:
            self.command("SYSTEM JEMALLOC PURGE", keeps_rows=True)

    def tables_with_replaced_parts(self) -> list[str]:
        """The embedded engine's tables with parts that `clear_up` may drop. Drafts of
        deletes are not among them, because they exist only briefly. Raises EngineError."""
        if not self._is_embedded:
            return []
        return [name for (name,) in self.query(_CLEARABLE).rows if name in table_shapes()]

    def clear_up(self, table: str) -> None:
        """Drop the parts that were replaced more than `_LIFETIME_S` ago: while it is
        busy, the embedded engine does not do this itself. Raises EngineError."""
        self.command(_CLEAR_UP.format(table=table), keeps_rows=True)

    def drop_replaced_parts(self, *tables: str) -> None:
        """Remove the parts that a delete has replaced from the disk; the engine would keep them for
        eight minutes or more. Waits for queries that still read them. Raises EngineError, also if
        they take too long."""
        if self._is_embedded:
            os.sync()  # first the parts that have replaced them
        try:
            for table in tables:
                self._keep_replaced_parts(table, 0)
            self._clear_up_replaced(tables)
        finally:
            for table in tables:
                self._keep_replaced_parts(table, _LIFETIME_S)

    def _clear_up_replaced(self, tables: Collection[str]) -> None:
        replaced = self._replaced_parts(tables)
        for _ in range(_CLEARINGS):
            for table in tables:
                self.aside.command(_CLEAR_UP.format(table=table), keeps_rows=True)
            if not replaced & self._replaced_parts(tables):  # newer ones are from merges
                return
            time.sleep(_CLEARING_S)  # its clock has seconds
        raise EngineError("rows that were deleted are still on the disk: a query reads them")

    def _keep_replaced_parts(self, table: str, seconds: int) -> None:
        setting = f"ALTER TABLE {table} MODIFY SETTING old_parts_lifetime = {seconds}"
        self.aside.command(setting, keeps_rows=True)

    def _replaced_parts(self, tables: Collection[str]) -> set[tuple[str, str]]:
        found = self.aside.query(_REPLACED, {"tables": list(tables)}).rows
        return {(table, name) for table, name in found}

    def migrate(self) -> list[str]:
        """Bring the tables up to this version: runs the numbered files not yet run, in order.

        Returns the tables that had vanished. Then all statements run again, which changes nothing
        in a table that is up to date. Raises EngineError.
        """
        self.command(
            "CREATE TABLE IF NOT EXISTS migrations (number UInt32, statement UInt32)"
            " ENGINE = MergeTree ORDER BY (number, statement)"
        )
        vanished = self.vanished()
        for key, statement in [*migrations()] if vanished else self._not_done():
            self.command(statement)
            self.insert("migrations", b"[%d,%d]" % key, "{}-{}".format(*key))
        return vanished

    def needs_migration(self) -> bool:
        """Whether `migrate` would change anything. Raises EngineError."""
        return "migrations" not in self._tables() or bool(self.vanished() or self._not_done())

    def _not_done(self) -> list[tuple[tuple[int, int], str]]:
        done = self._done()
        return [(key, statement) for key, statement in migrations() if key not in done]

    def _done(self) -> set[tuple[int, int]]:
        rows = self.query("SELECT number, statement FROM migrations").rows
        return {(number, statement) for number, statement in rows}

    def vanished(self) -> list[str]:
        """Tables that were created and no longer exist. Raises EngineError."""
        tables = self._tables()
        if "migrations" not in tables:
            return []
        done = self._done()
        created = [
            match[1]
            for key, statement in migrations()
            if key in done and (match := _CREATED.match(statement))
        ]
        return [table for table in created if table not in tables]

    def _tables(self) -> set[str]:
        names = "SELECT name FROM system.tables WHERE database = currentDatabase()"
        return {name for (name,) in self.query(names).rows}


class Aside:
    """A client for long statements that no other statement waits for. `end_queries` ends them."""

    def __init__(self, engine: Engine, pool: Pool, tags: Tags) -> None:
        self._engine = engine
        self._pool = pool
        self._tags = tags

    keeps_answers = False

    def query(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        reads: Reads | None = None,  # noqa: ARG002 - it never uses the cache
    ) -> Rows:
        """As `Engine.query`."""
        return rows_of(self._engine.ask_on(self._pool, tagged(self._tags.new(), sql), params))

    def command(
        self, sql: str, params: Mapping[str, object] | None = None, *, keeps_rows: bool = False
    ) -> None:
        """As `Engine.command`."""
        text = tagged(self._tags.new(), sql)
        self._engine.command_on(self._pool, text, params, keeps_rows=keeps_rows)
