"""Checks a store on a ClickHouse server before anything is written to it: its version, its tables,
its owner, and our rights."""

import re
from pathlib import Path
from secrets import token_hex

from footfall.durable import write_whole
from footfall.load.doubt import doubt_loss
from footfall.model.errors import Conflict
from footfall.store.engine import Engine
from footfall.store.schema import TableShape, plain_type, table_shapes

NEEDED_VERSION = (26, 7)
"""The oldest server that the tests run on."""
_OWN_TABLES = {
    "migrations": TableShape(
        "MergeTree", "number, statement", {"number": "UInt32", "statement": "UInt32"}
    ),
    "owner": TableShape(
        "MergeTree", "taken_at", {"id": "String", "taken_at": "DateTime64(3,'UTC')"}
    ),
}
_REHEARSAL = "footfall_rehearsal"


class Guard:
    """Checks one data folder's store on a server. For one thread."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._id_file = folder / "store.id"
        self._id = ""

    def open(self) -> None:
        """Check the server and create our tables. Raises Conflict, with one sentence, if this store
        cannot be used, and EngineError."""
        self._check_store()
        if self.has_tables():
            self.check_owner()  # before anything is changed in another folder's store
        self._make_tables()
        self.check_owner()

    def _check_store(self) -> None:
        check_version(self.version())
        self._check_tables()

    def _make_tables(self) -> None:
        self._rehearse()
        doubt_loss(self._engine, self._engine.vanished())
        doubt_loss(self._engine, self._engine.migrate())
        self._engine.command(
            "CREATE TABLE IF NOT EXISTS owner (id String, taken_at DateTime64(3, 'UTC'))"
            " ENGINE = MergeTree ORDER BY taken_at"
        )
        self._check_tables()  # a server may create another kind of table than we asked for
        self._check_columns()

    def check_owner(self) -> None:
        """Raises Conflict if another data folder has the store, and EngineError."""
        owner = self.owner()
        if not owner:
            self._take()
            owner = self.owner()
        if owner != self.id():
            raise Conflict(
                f"the database {self.database()} belongs to another Footfall, with another data"
                " folder: use a database of its own, or stop the other one and run `footfall store"
                " take`"
            )

    def take(self) -> None:
        """Make the store belong to this folder. Raises as `open`."""
        self._check_store()
        self._make_tables()
        self._engine.command("TRUNCATE TABLE owner")
        self._take()

    def owner(self) -> str:
        """The id of the data folder that the store belongs to, '' if none. Raises EngineError."""
        rows = self._engine.query("SELECT id FROM owner ORDER BY taken_at, id LIMIT 1").rows
        return str(rows[0][0]) if rows else ""

    def id(self) -> str:
        """The id of this data folder."""
        if not self._id:
            if not self._id_file.exists():
                write_whole(self._id_file, token_hex(16).encode())
            self._id = self._id_file.read_text()
        return self._id

    def _take(self) -> None:
        self._engine.command(
            "INSERT INTO owner SELECT {id:String}, now64(3, 'UTC')", {"id": self.id()}
        )

    def _check_tables(self) -> None:
        rows = self._engine.query(
            "SELECT name, engine, sorting_key FROM system.tables WHERE database = currentDatabase()"
        ).rows
        wanted = {**table_shapes(), **_OWN_TABLES}
        for name, engine, sorting_key in rows:
            shape = wanted.get(name)
            if shape is None:
                continue
            if engine != shape.engine and not engine.endswith("MergeTree"):
                raise Conflict(
                    f"{name} in the database {self.database()} is a {engine} table, to which"
                    f" Footfall cannot write exactly once: it needs a {shape.engine} table. Use a"
                    " database of its own"
                )
            if (engine, sorting_key) != (shape.engine, shape.sorting_key):
                raise Conflict(
                    f"the database {self.database()} has a table {name} that is not Footfall's"
                    f" ({engine}, sorted by {sorting_key or 'nothing'}): use a database of its own"
                )

    def _check_columns(self) -> None:
        rows = self._engine.query(
            "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()"
        ).rows
        types = {(table, name): plain_type(kind) for table, name, kind in rows}
        for table, shape in {**table_shapes(), **_OWN_TABLES}.items():
            for name, kind in shape.columns.items():
                found = types.get((table, name))
                if found != kind:
                    raise Conflict(
                        f"the column {name} of the table {table} is {found or 'missing'} on the"
                        f" server, and Footfall needs {kind}: change it back, or use another"
                        " database"
                    )

    def _rehearse(self) -> None:
        """Try every right that writing and deleting need. Raises StoreForbidden naming the
        right."""
        made = (
            f"CREATE TABLE {_REHEARSAL} (at UInt32) ENGINE = MergeTree PARTITION BY at ORDER BY at"
        )
        other = f"{_REHEARSAL}_draft"
        drop = [f"DROP TABLE IF EXISTS {name} SYNC" for name in (_REHEARSAL, other)]
        statements = [
            *drop,
            made,
            f"CREATE TABLE {other} AS {_REHEARSAL}",
            f"INSERT INTO {other} SELECT 1",
            f"ALTER TABLE {other} MODIFY COMMENT 'rehearsal'",
            f"ALTER TABLE {other} MODIFY SETTING old_parts_lifetime = 0",
            f"ALTER TABLE {_REHEARSAL} REPLACE PARTITION ID '1' FROM {other}",
            f"ALTER TABLE {_REHEARSAL} DROP PARTITION ID '1'",
            f"ALTER TABLE {_REHEARSAL} ADD COLUMN other UInt8",
            f"TRUNCATE TABLE {_REHEARSAL}",
        ]
        for statement in statements:
            self._engine.command(statement)
        self._engine.insert(_REHEARSAL, b"[1,1]", token_hex(8))
        self._engine.try_insert(_REHEARSAL, b"[1,1]")
        for table in (_REHEARSAL, "system.parts", "system.processes"):
            self._engine.query(f"SELECT count() FROM {table}")
        for statement in drop:
            self._engine.command(statement)

    def version(self) -> str:
        """The server's version. Raises EngineError."""
        return str(self._engine.query("SELECT version()").rows[0][0])

    def has_tables(self) -> bool:
        """Whether a data folder has used this database. Raises EngineError."""
        tables = "SELECT count() FROM system.tables WHERE database = currentDatabase()"
        return bool(self._engine.query(f"{tables} AND name = 'owner'").rows[0][0])

    def database(self) -> str:
        """The database's name. Raises EngineError."""
        return str(self._engine.query("SELECT currentDatabase()").rows[0][0])


def guard_of(engine: Engine, folder: Path) -> Guard | None:
    """The guard of a store on a server; None for the embedded engine, which needs none."""
    return None if engine.folder else Guard(engine, folder)


def check_version(version: str) -> None:
    """Raises Conflict if a server of this version is too old."""
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < NEEDED_VERSION:
        needed = ".".join(map(str, NEEDED_VERSION))
        raise Conflict(f"the ClickHouse server has version {version}; Footfall needs {needed}")
