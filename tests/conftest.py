"""What all tests share: the store that they run on, and no hurry."""

import os
import sys
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
from clickhouse.server import ClickHouse
from hypothesis import HealthCheck, settings
from memory_disk import use_memory_disk
from new_folder import add_tables
from selection import (
    IS_ALL,
    SEED,
    STORES,
    TRIES_AGAIN,
    is_slow,
    is_tried_again,
    left_out,
    uses_server,
)

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # no random test fails because the machine is busy

# As a server logs. On standard output, a line from a thread of an earlier test would end up in the
# JSON that a test of a command reads.
structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))

HERE = Path(__file__).parent
MEMORY_DISK = use_memory_disk()
SHARED_SERVER = pytest.StashKey[ClickHouse]()
HAS_SERVER_CRASHED = pytest.StashKey[bool]()
CHOSEN = os.environ.get("FOOTFALL_TEST_STORE", "")
"""`server` or `embedded`: every test that has a choice runs on this one, with all of its cases.
Unset: on the embedded engine, and a part of ON_EACH_STORE on a server, too."""
ON_EACH_STORE = (
    "load",
    "property/test_property_deletes.py",
    "property/test_property_flows.py",
    "property/test_property_reports.py",
    "property/test_property_sessions.py",
    "store",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "location" in metafunc.fixturenames:
        place = metafunc.definition.path.relative_to(HERE).as_posix()
        kinds = (CHOSEN,) if CHOSEN else STORES if place.startswith(ON_EACH_STORE) else STORES[:1]
        if kinds != STORES[:1]:
            metafunc.parametrize("location", kinds, indirect=True, scope="module")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make quick` does not even import what it leaves out."""
    is_left_out = collection_path.is_file() and is_slow(collection_path.relative_to(HERE))
    return True if config.option.markexpr == "not slow" and is_left_out else None


def pytest_itemcollected(item: pytest.Item) -> None:
    path = item.path.relative_to(HERE)
    if is_slow(path):
        item.add_marker("slow")
    if is_tried_again(path):
        item.add_marker(pytest.mark.flaky(reruns=TRIES_AGAIN))
    elif not IS_ALL and uses_server(item):
        item.add_marker(
            pytest.mark.flaky(reruns=TRIES_AGAIN, condition=partial(_has_server_crashed, item))
        )


def _has_server_crashed(item: pytest.Item) -> bool:
    return item.stash.get(HAS_SERVER_CRASHED, False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    out = left_out(items, is_store_chosen=bool(CHOSEN))
    config.hook.pytest_deselected(items=out)
    gone = set(out)
    items[:] = [item for item in items if item not in gone]


def pytest_report_header() -> str:
    cases = "all cases" if IS_ALL else "a sample of the cases of some tests (make test-all: all)"
    files = f"in memory, {MEMORY_DISK}" if MEMORY_DISK else "on the disk"
    return f"FOOTFALL_TEST_SEED={SEED}: {cases}; temporary files {files}"


@pytest.fixture(scope="session")
def clickhouse(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[ClickHouse]:
    """One server for all tests of this process, started when the first one asks for it."""
    server = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    request.config.stash[SHARED_SERVER] = server
    yield server
    del request.config.stash[SHARED_SERVER]
    server.kill()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """If the shared server has crashed: the test that was running says so, is tried again, and the
    next ones go on with the same databases."""
    report = yield
    server = item.config.stash.get(SHARED_SERVER, None)
    if server and (death := server.death()):
        server.start()
        item.stash[HAS_SERVER_CRASHED] = True
        report.outcome = "failed"
        report.longrepr = "\n".join(filter(None, (death, report.longreprtext)))
    return report


@pytest.fixture(scope="module")
def location(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where an Engine opens an empty store: a folder with our tables, or a database of a server,
    where `migrate` creates them."""
    if getattr(request, "param", STORES[0]) == STORES[0]:
        folder: Path = tmp_path_factory.mktemp("engine")
        add_tables(folder)
        yield str(folder)
        return
    server: ClickHouse = request.getfixturevalue("clickhouse")
    address = server.database()
    yield address
    server.drop(address)
