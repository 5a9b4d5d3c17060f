"""The ClickHouse engine, embedded (chDB) or a server: the only module that knows the driver.

Rows cross this border as JSON both ways (JSONCompactEachRow): the engine parses it on its
own threads, outside Python's lock, and the loader's spool can be read by a person.
"""

import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.exceptions import ClickHouseError

READER_SETTINGS: dict[str, object] = {
    "do_not_merge_across_partitions_select_final": 1,
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_decimals": 1,
    "max_execution_time": 60,
    "max_memory_usage": 2_000_000_000,
    "max_bytes_before_external_group_by": 500_000_000,
    "readonly": 1,  # last: after it no setting can be changed; it also refuses file(), url() …
}
WRITER_SETTINGS: dict[str, object] = {
    "input_format_parallel_parsing": 0,
    "max_partitions_per_insert_block": 100,
}


class Rows(msgspec.Struct, frozen=True):
    """An answer of the engine: rows as lists, in the SELECT's order, and what they cost.

    Decimals come as strings, 64-bit integers as integers, DateTime64 as the SELECT casts it
    (select `toUnixTimestamp64Milli(…)`).
    """

    rows: list[list[Any]]
    elapsed_s: float
    rows_read: int
    bytes_read: int


class _Statistics(msgspec.Struct):
    elapsed: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0


class _Reply(msgspec.Struct):
    data: list[list[Any]]
    statistics: _Statistics


_decode_reply = msgspec.json.Decoder(_Reply).decode


class EngineError(Exception):
    """The engine refused or failed; the message is for logs, never for a caller."""


class Engine:
    """A pool of read-only clients and one writing client, on one data folder or server.

    A client runs one statement at a time, so a quick query takes another client than
    the slow one before it. Settings are made once, when a client connects: the embedded
    engine would otherwise run two statements per setting around every query.
    Safe to call from several threads.
    """

    def __init__(self, location: str, *, readers: int = 3) -> None:
        """Open `location`: a folder for the embedded engine or an http(s) address of a server."""
        self._writer: _Pool = _Pool([_connect(location, WRITER_SETTINGS)])
        self._readers: _Pool = _Pool([_connect(location, READER_SETTINGS) for _ in range(readers)])

    def close(self) -> None:
        self._readers.close()
        self._writer.close()

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """Run one SELECT with server-side parameters ({name:Type}). Raises EngineError."""
        with self._readers.client() as client:
            body = client.raw_query(sql, parameters=dict(params or {}), fmt="JSONCompact")
        reply = _decode_reply(body)
        stats = reply.statistics
        return Rows(reply.data, stats.elapsed, stats.rows_read, stats.bytes_read)

    def insert(self, table: str, lines: bytes, token: str) -> None:
        """Insert JSONCompactEachRow lines in the table's column order; the same token again
        inserts nothing. Raises EngineError and then nothing of the block is stored."""
        with self._writer.client() as client:
            client.raw_insert(
                table,
                insert_block=lines,
                fmt="JSONCompactEachRow",
                settings={"insert_deduplication_token": token},
            )

    def command(self, sql: str, params: Mapping[str, object] | None = None) -> None:
        """Run a statement that answers no rows. Raises EngineError."""
        with self._writer.client() as client:
            client.command(sql, parameters=dict(params or {}))

    def migrate(self) -> None:
        """Bring the tables up to this version: runs the numbered files not yet run, in order."""
        self.command(
            "CREATE TABLE IF NOT EXISTS migrations (number UInt32, statement UInt32)"
            " ENGINE = MergeTree ORDER BY (number, statement)"
        )
        done = {tuple(row) for row in self.query("SELECT number, statement FROM migrations").rows}
        for path in sorted(_migration_folder().glob("*.sql")):
            number = int(path.name.split("_")[0])
            for index, statement in enumerate(_statements(path.read_text())):
                if (number, index) not in done:
                    self.command(statement)
                    self.insert("migrations", b"[%d,%d]" % (number, index), f"{number}-{index}")


class _Pool:
    def __init__(self, clients: list[Any]) -> None:
        self._size = len(clients)
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()
        for client in clients:
            self._free.put(client)

    @contextmanager
    def client(self) -> Iterator[Any]:
        client = self._free.get()
        try:
            yield client
        except ClickHouseError as error:
            raise EngineError(str(error)) from error
        finally:
            self._free.put(client)

    def close(self) -> None:
        for _ in range(self._size):
            self._free.get().close()


def _connect(location: str, settings: dict[str, object]) -> Any:
    if location.startswith(("http://", "https://")):
        return clickhouse_connect.get_client(dsn=location, settings=settings)
    Path(location).mkdir(parents=True, exist_ok=True)
    return clickhouse_connect.get_client(interface="chdb", path=location, settings=settings)


def _migration_folder() -> Path:
    return Path(str(resources.files("footfall.store") / "migrations"))


def _statements(script: str) -> list[str]:
    lines = [line.split("--")[0].rstrip() for line in script.splitlines()]
    return [statement for part in "\n".join(lines).split(";") if (statement := part.strip())]
