"""A store on a ClickHouse server is refused in one sentence if it is not one that we can use."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse.server import ClickHouse, User
from load.conftest import NOON, write_journal
from load.deleting import delete_visitor, remove_website

from footfall.load.deleter import Deleter
from footfall.load.guard import Guard, check_version
from footfall.load.loader import Loader
from footfall.model.errors import Conflict
from footfall.model.event import Event
from footfall.store.engine import Engine, EngineError, RowsRefused, StoreForbidden, StoreUnavailable
from footfall.store.error import NEEDED_RIGHTS
from footfall.store.schema import plain_type, table_shapes


@pytest.fixture
def database(clickhouse: ClickHouse) -> Iterator[str]:
    address = clickhouse.database()
    yield address
    clickhouse.drop(address)


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A server that a test may stop."""
    server = ClickHouse(tmp_path_factory.mktemp("own"))
    yield server
    server.kill()


def guard(address: str, folder: Path) -> Guard:
    folder.mkdir(exist_ok=True)
    return Guard(Engine(address), folder)


def loader_on(engine: Engine, folder: Path) -> Loader:
    return Loader(engine, folder, lambda: NOON, guard=Guard(engine, folder))


def event(website_id: int = 1, minute: int = 0) -> Event:
    at = NOON + minute * 60_000
    return Event(website_id=website_id, type="page", occurred_at=at, visitor_id=7)


def load(loader: Loader, folder: Path, page: Event) -> None:
    write_journal(folder, page)
    loader.catch_up()


def until_loaded(loader: Loader) -> None:
    while True:
        try:
            loader.catch_up()
        except StoreUnavailable:
            continue
        return


def test_a_new_database_is_taken_and_opened_again(database, tmp_path):
    for _ in range(2):
        guard(database, tmp_path / "a").open()


def test_the_schema_of_the_migrations_is_that_of_the_tables(engine):
    for table, shape in table_shapes().items():
        rows = engine.query(
            "SELECT name, type FROM system.columns"
            " WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
            {"table": table},
        ).rows
        assert [(name, plain_type(kind)) for name, kind in rows] == list(shape.columns.items())


FOREIGN = {
    "another application's events": (
        "CREATE TABLE events (id UUID, at DateTime) ENGINE = MergeTree ORDER BY at",
        "has a table events that is not Footfall's",
    ),
    "another application's sessions": (
        "CREATE TABLE sessions (id UUID, v UInt8) ENGINE = ReplacingMergeTree ORDER BY id",
        "has a table sessions that is not Footfall's",
    ),
    "another application's migrations": (
        "CREATE TABLE migrations (version String) ENGINE = MergeTree ORDER BY version",
        "has a table migrations that is not Footfall's",
    ),
    "a view": (
        "CREATE VIEW visits AS SELECT 1 AS one",
        "visits in the database .* is a View table",
    ),
    "a materialized view": (
        "CREATE MATERIALIZED VIEW events ENGINE = MergeTree ORDER BY one AS SELECT 1 AS one",
        "events in the database .* is a MaterializedView table",
    ),
    "a log": ("CREATE TABLE payments (one UInt8) ENGINE = Log", "payments .* is a Log table"),
    "a table in memory": (
        "CREATE TABLE batches (number UInt64, positions String) ENGINE = Memory",
        "batches .* is a Memory table",
    ),
    "another kind of the right table": (
        "CREATE TABLE batches (number UInt64, positions String)"
        " ENGINE = MergeTree ORDER BY tuple()",
        "has a table batches that is not Footfall's",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_table_is_refused_and_stays_as_it_is(database, tmp_path, name):
    statement, message = FOREIGN[name]
    engine = Engine(database)
    engine.command(statement)
    tables = "SELECT name, create_table_query FROM system.tables WHERE database=currentDatabase()"
    before = engine.query(tables).rows
    with pytest.raises(Conflict, match=message) as caught:
        guard(database, tmp_path / "a").open()
    assert "database of its own" in caught.value.message
    assert engine.query(tables).rows == before


def test_a_distributed_table_is_refused(database, tmp_path):
    guard(database, tmp_path / "a").open()
    engine = Engine(database)
    engine.command("RENAME TABLE events TO events_shard")
    engine.command(
        "CREATE TABLE events AS events_shard"
        " ENGINE = Distributed(cluster, currentDatabase(), events_shard)"
    )
    with pytest.raises(Conflict, match=r"events in the database .* is a Distributed table"):
        guard(database, tmp_path / "a").open()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("MODIFY COLUMN title UInt32", "the column title of the table events is UInt32"),
        ("DROP COLUMN title", "the column title of the table events is missing"),
        ("RENAME COLUMN title TO heading", "the column title of the table events is missing"),
    ],
)
def test_a_changed_column_is_refused(database, tmp_path, change, message):
    guard(database, tmp_path / "a").open()
    Engine(database).command(f"ALTER TABLE events {change}")
    with pytest.raises(Conflict, match=message):
        guard(database, tmp_path / "a").open()


def test_a_column_that_is_dropped_while_loading_moves_no_value_into_another(database, tmp_path):
    engine = Engine(database)
    loader = loader_on(engine, tmp_path)
    engine.command("ALTER TABLE events DROP COLUMN title")
    with pytest.raises(EngineError, match="title"):
        load(loader, tmp_path, event())
    engine.command("ALTER TABLE events ADD COLUMN title LowCardinality(String)")
    loader.step()
    assert engine.query("SELECT path, title, link, type FROM events").rows == [["", "", "", "page"]]


def test_another_data_folder_is_refused_until_it_takes_the_store(database, tmp_path):
    guard(database, tmp_path / "a").open()
    with pytest.raises(Conflict, match=r"belongs to another Footfall.*footfall store take"):
        guard(database, tmp_path / "b").open()
    guard(database, tmp_path / "b").take()
    guard(database, tmp_path / "b").open()
    with pytest.raises(Conflict, match="belongs to another Footfall"):
        guard(database, tmp_path / "a").open()


def test_nothing_is_changed_in_the_store_of_another_data_folder(database, tmp_path):
    guard(database, tmp_path / "a").open()
    engine = Engine(database)
    tables = "SELECT name, uuid FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    engine.command("DROP TABLE visits SYNC")  # so that there is something to migrate
    engine.command("CREATE TABLE footfall_rehearsal (at UInt32) ENGINE = MergeTree ORDER BY at")
    before = engine.query(tables).rows
    with pytest.raises(Conflict, match="belongs to another Footfall"):
        guard(database, tmp_path / "b").open()
    assert engine.query(tables).rows == before
    assert engine.query("SELECT count() FROM doubts").rows == [[0]]


def test_a_running_loader_stops_when_another_folder_takes_its_store(database, tmp_path):
    engine = Engine(database)
    loader = loader_on(engine, tmp_path)
    load(loader, tmp_path, event())
    guard(database, tmp_path / "b").take()
    with pytest.raises(Conflict, match="belongs to another Footfall"):
        load(loader, tmp_path, event(minute=1))
    assert engine.query("SELECT count() FROM events").rows == [[1]]
    guard(database, tmp_path).take()
    loader.step()
    assert engine.query("SELECT count() FROM events").rows == [[2]]


@pytest.mark.parametrize("version", ["25.8.1.1", "26.6.9.99", "1.1"])
def test_an_older_server_is_refused(version):
    with pytest.raises(Conflict, match=rf"has version {version}; Footfall needs 26\.7"):
        check_version(version)


@pytest.mark.parametrize("version", ["26.7.2.1", "26.10.1", "27.1.1.1-testing"])
def test_a_newer_server_is_taken(version):
    check_version(version)


DATABASE_RIGHTS, *FURTHER_RIGHTS = NEEDED_RIGHTS
EACH_RIGHT = DATABASE_RIGHTS.removesuffix(" ON DATABASE.*").split(", ")


def user_with(rights: list[str], database: str) -> User:
    return User(
        "bob", "pw", tuple(f"GRANT {right}".replace("DATABASE", database) for right in rights)
    )


@pytest.mark.parametrize("missing", [*EACH_RIGHT, *FURTHER_RIGHTS])
def test_a_missing_right_is_named_with_the_statements_that_give_it(own_server, tmp_path, missing):
    name = own_server.database().rpartition("/")[2]
    rights = [f"{right} ON DATABASE.*" for right in EACH_RIGHT] + FURTHER_RIGHTS
    left = [right for right in rights if not right.startswith(missing)]
    own_server.add_user(user_with(left, name))
    with pytest.raises(StoreForbidden, match="lacks a right") as caught:
        guard(own_server.address(name, "bob", "pw"), tmp_path / "a").open()
    before, after = caught.value.reason.split("It needs all of these")
    assert missing.split(" ")[0] in before
    assert f"GRANT {DATABASE_RIGHTS} TO USER" in after
    assert "pw" not in caught.value.reason


def test_the_rights_that_are_named_are_enough(own_server, tmp_path):
    name = own_server.database().rpartition("/")[2]
    own_server.add_user(user_with(list(NEEDED_RIGHTS), name))
    engine = Engine(own_server.address(name, "bob", "pw"))
    loader = loader_on(engine, tmp_path)
    load(loader, tmp_path, event())
    deleter = Deleter(engine, tmp_path, loader)
    assert delete_visitor(deleter, 1, 7) == 1
    load(loader, tmp_path, event(2))
    remove_website(deleter, 2)
    assert engine.query("SELECT count() FROM events").rows == [[0]]


def test_a_user_or_database_that_does_not_exist_is_refused(clickhouse, database, tmp_path):
    for address, message in (
        (clickhouse.address(database.rpartition("/")[2], "eve", "x"), "rejects the user"),
        (clickhouse.address("missing"), "database of its address does not exist"),
    ):
        engine = Engine(address)
        with pytest.raises(StoreForbidden, match=message):
            loader_on(engine, tmp_path)


def test_a_server_that_is_away_is_waited_for_and_nothing_is_lost(own_server, tmp_path):
    address = own_server.database()
    own_server.kill()
    engine = Engine(address)
    loader = loader_on(engine, tmp_path)
    for minute in (0, 1):
        write_journal(tmp_path, event(minute=minute))
        with pytest.raises(StoreUnavailable, match="nothing listens"):
            loader.step()
        own_server.start()
        until_loaded(loader)
        own_server.kill()
    own_server.start()
    assert engine.query("SELECT count(), uniqExact(seq) FROM events").rows == [[2, 2]]


PROFILE = {
    "max_insert_block_size": 10,
    "min_insert_block_size_rows": 1,
    "min_insert_block_size_bytes": 1,
    "async_insert": 1,
    "insert_deduplicate": 0,
    "input_format_allow_errors_num": 5,
    "timeout_overflow_mode": "break",
    "join_use_nulls": 1,
}


def test_a_users_profile_changes_neither_exactly_once_nor_answers(own_server):
    name = own_server.database().rpartition("/")[2]
    own_server.add_user(User("bob", "pw", settings=tuple(PROFILE.items())))
    engine = Engine(own_server.address(name, "bob", "pw"))
    engine.migrate()
    rows = [b'[1,%d,"2026-01-01 12:00:00.000",%d,0]' % (n, n) for n in range(50)]
    with pytest.raises(RowsRefused):
        engine.insert("visits", b"\n".join([*rows, b'[1,"x","2026-01-01",1,0]']), "one")
    assert engine.query("SELECT count() FROM visits").rows == [[0]]
    for _ in range(2):
        engine.insert("visits", b"\n".join(rows), "two")
    assert engine.query("SELECT count() FROM visits").rows == [[50]]
    joined = (
        "SELECT b FROM (SELECT 1 AS a) AS one LEFT JOIN (SELECT 2 AS a, 3 AS b) AS other USING a"
    )
    assert engine.query(joined).rows == [[0]]


class Foreign(http.server.BaseHTTPRequestHandler):
    """A proxy with a page of its own for whatever is asked."""

    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<html><body>Sign in</body></html>"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """It says nothing."""


@pytest.fixture(params=[200, 204, 404, 407, 500, 502, 503])
def foreign(request: pytest.FixtureRequest) -> Iterator[int]:
    handler = type("Handler", (Foreign,), {"status": request.param})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_programs_answer_is_not_taken_for_clickhouses(foreign, tmp_path):
    engine = Engine(f"http://127.0.0.1:{foreign}/footfall")
    loader = loader_on(engine, tmp_path)
    with pytest.raises(StoreUnavailable, match="another program answers"):
        load(loader, tmp_path, event())


@pytest.mark.sample(2)
def test_a_proxy_that_begins_to_answer_itself_loses_no_row(foreign, database, tmp_path):
    """The connection was made to the server; then the proxy in front of it answers."""
    engine = Engine(database)
    loader = loader_on(engine, tmp_path)
    load(loader, tmp_path, event())
    for pool in (engine._writer, engine._loading):
        with pool.client() as client:
            client._client._backend._base_url = f"http://127.0.0.1:{foreign}/"
    with pytest.raises(StoreUnavailable, match="another program answers"):
        engine.insert("visits", b'[1,2,"2026-01-01 12:00:00.000",3,4]', "one")
    write_journal(tmp_path, event(minute=1))
    until_loaded(loader)
    assert engine.query("SELECT count() FROM events").rows == [[2]]


@pytest.mark.parametrize("foreign", [200], indirect=True)
def test_a_tls_error_is_named(foreign):
    """Not with the shared server: its library sometimes crashes when it gets the first bytes of
    TLS."""
    engine = Engine(f"https://127.0.0.1:{foreign}/default")
    with pytest.raises(StoreUnavailable, match="TLS"):
        engine.query("SELECT 1")
