"""What all tests share: the store that they run on, and no hurry."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse.server import ClickHouse
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # no random test fails because the machine is busy

HERE = Path(__file__).parent
STORES = ("embedded", "server")
CHOSEN = os.environ.get("FOOTFALL_TEST_STORE", "")
"""`server` or `embedded`: every test that has a choice runs on this one, with all of its cases.
Unset: on the embedded engine, and a part of ON_EACH_STORE on a server, too."""
ON_EACH_STORE = (
    "load",
    "store",
    "test_property_deletes.py",
    "test_property_flows.py",
    "test_property_reports.py",
    "test_property_sessions.py",
)
CASES_ON_A_SERVER = 1
"""Of each of those tests so many cases run on a server if no store is chosen."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "location" in metafunc.fixturenames:
        place = metafunc.definition.path.relative_to(HERE).parts[0]
        kinds = (CHOSEN,) if CHOSEN else STORES if place in ON_EACH_STORE else STORES[:1]
        if kinds != STORES[:1]:
            metafunc.parametrize("location", kinds, indirect=True, scope="module")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if CHOSEN:
        return
    seen: Counter[str] = Counter()
    left_out = []
    for item in items:
        if isinstance(item, pytest.Function) and _is_on_server(item):
            name = item.nodeid.partition("[")[0]
            seen[name] += 1
            if seen[name] > CASES_ON_A_SERVER:
                left_out.append(item)
    chosen = set(items) - set(left_out)
    items[:] = [item for item in items if item in chosen]
    config.hook.pytest_deselected(items=left_out)


def _is_on_server(item: pytest.Function) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and called.params.get("location") == STORES[1]


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One server for all tests of this process, started when the first one asks for it."""
    server = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def location(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where an Engine opens an empty store: a folder, or a database of a server."""
    if getattr(request, "param", STORES[0]) == STORES[0]:
        folder: Path = tmp_path_factory.mktemp("engine")
        yield str(folder)
        return
    server: ClickHouse = request.getfixturevalue("clickhouse")
    address = server.database()
    yield address
    server.drop(address)
