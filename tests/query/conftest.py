"""One embedded engine per module that asks for it, emptied for every test: a process can have
only one folder open at a time."""

from collections.abc import Iterator

import pytest
from query.ask import Desk
from query.store import Store

from footfall.store.engine import Engine

_TABLES = ("events", "sessions", "visits", "payments")


@pytest.fixture(scope="module")
def engine(location: str) -> Iterator[Engine]:
    engine = Engine(location)
    engine.migrate()
    yield engine
    engine.close()


@pytest.fixture
def store(engine: Engine) -> Store:
    for table in _TABLES:
        engine.command(f"TRUNCATE TABLE {table}")
    return Store(engine)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)
