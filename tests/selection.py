"""Which tests a run has: `make quick` leaves out the slow ones, `make test` runs a random sample of
the cases of some, and `make test-all` runs every case.

A test with many cases that take seconds each, and that mostly take the same way through the code,
is marked `sample(n)`. Then `make test` runs n of its cases, other ones each time. A run prints its
seed, and `FOOTFALL_TEST_SEED` repeats the choice.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

SEED = os.environ.setdefault("FOOTFALL_TEST_SEED", str(time.time_ns() % 1_000_000))
"""In the environment, because all processes that share the work have to choose the same tests."""
IS_ALL = os.environ.get("FOOTFALL_TEST_ALL", "") not in ("", "0")
SLOW_FOLDERS = (
    *("assistants", "cli", "clients", "dashboard", "demo", "docs", "e2e", "load", "property"),
    *("reference", "serve", "store", "tracker"),
)
"""Their tests start processes, servers, browsers and compilers, fill stores, or ask hundreds of
random questions."""
WITH_PROCESSES = (
    *("assistants", "cli", "clients", "dashboard", "docs", "e2e", "tracker", "test_bench.py"),
)
"""Their tests wait for other processes and browsers, which a busy machine may slow down at any
point. `make test` tries one that fails again and names it; `make test-all` tries none again."""
TRIES_AGAIN = 2
JOURNEY = "e2e/test_known_people.py"
"""What `make quick` tries of the whole product: people are identified and asked for."""
STORES = ("embedded", "server")
CASES_ON_A_SERVER = 1
"""How many cases of each test run on a ClickHouse server if no store is chosen."""

T = TypeVar("T")


def is_slow(path: Path) -> bool:
    """Whether a test file, by its path below `tests`, is in a slow folder."""
    return path.parts[0] in SLOW_FOLDERS and path != Path(JOURNEY)


def uses_server(item: pytest.Item) -> bool:
    """Whether a test asks the ClickHouse server that the tests of a process share."""
    return "clickhouse" in getattr(item, "fixturenames", ()) or _is_on_server(item)


def is_tried_again(path: Path) -> bool:
    """Whether the tests of a file, by its path below `tests`, are run again if they fail."""
    return path.parts[0] in WITH_PROCESSES and not IS_ALL


def left_out(items: Sequence[pytest.Item], *, is_store_chosen: bool) -> list[pytest.Item]:
    """The tests that this run does not have: beyond a sample, or beyond a part on the server."""
    out: set[pytest.Item] = set()
    for name, cases in _by_test(items).items():
        if not is_store_chosen:
            out.update([case for case in cases if _is_on_server(case)][CASES_ON_A_SERVER:])
        marker = cases[0].get_closest_marker("sample")
        if marker and not IS_ALL:
            here = [case for case in cases if not _is_on_server(case)]
            out.update(outside_sample(here, marker.args[0], f"{SEED} {name}"))
    return [item for item in items if item in out]


def outside_sample(cases: Sequence[T], size: int, seed: str) -> list[T]:
    """All but `size` of the cases, in order. The same seed leaves out the same ones."""
    chosen = set(random.Random(seed).sample(range(len(cases)), min(size, len(cases))))
    return [case for number, case in enumerate(cases) if number not in chosen]


def some_of(things: Iterable[T], size: int) -> list[T]:
    """`size` of the things that one test tries, other ones each run; all in `make test-all`."""
    every = list(things)
    if IS_ALL:
        return every
    out = set(outside_sample(range(len(every)), size, f"{SEED} {len(every)} {size}"))
    return [thing for number, thing in enumerate(every) if number not in out]


def _by_test(items: Iterable[pytest.Item]) -> dict[str, list[pytest.Item]]:
    tests: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    return tests


def _is_on_server(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and called.params.get("location") == STORES[1]
