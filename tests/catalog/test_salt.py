"""Salts live for 48 hours, whatever the clock and killed imports do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.catalog import Catalog, Registry
from footfall.catalog.registry import DAY_MS, day_name, keep_salts

NOW = 1_795_262_400_000  # 2026-11-21 12:00 UTC
HOUR_MS = 3_600_000
READER = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    for table in ("salts", "import_salts"):
        for (day,) in database.execute(f"SELECT day FROM {table}"):
            print(day)
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


def days(folder: Path) -> set[str]:
    """The days of all salts, read by another process: closing the file here drops locks."""
    words = [sys.executable, "-c", READER, str(folder / "catalog.sqlite")]
    return set(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())


def on_disk(folder: Path) -> bytes:
    words = ["cat", *(str(path) for path in folder.iterdir() if path.is_file())]
    return subprocess.run(words, capture_output=True, check=True).stdout


@pytest.mark.parametrize("is_kept_meanwhile", [True, False])
@pytest.mark.parametrize("jump_days", [-400, -2, 2, 40])
def test_after_a_jump_of_the_clock_only_the_salts_of_today_and_yesterday_remain(
    catalog: Catalog, tmp_path: Path, jump_days: int, *, is_kept_meanwhile: bool
) -> None:
    there = NOW + jump_days * DAY_MS
    registry = Registry(catalog, lambda: NOW)
    registry.salts(NOW)
    salts = registry.salts(there)
    if is_kept_meanwhile:
        keep_salts(catalog, there)
        assert days(tmp_path) == {day_name(there // DAY_MS), day_name(there // DAY_MS - 1)}
    registry.salts(NOW)
    keep_salts(catalog, NOW)
    assert days(tmp_path) == {day_name(NOW // DAY_MS), day_name(NOW // DAY_MS - 1)}
    assert salts.today not in on_disk(tmp_path)
    assert salts.yesterday not in on_disk(tmp_path)


@pytest.mark.parametrize(
    ("hours", "is_kept"),
    [(-1, False), (-0.1, True), (0, True), (47, True), (48, True), (49, False), (240, False)],
)
def test_the_salts_of_a_killed_import_live_for_48_hours(
    catalog: Catalog, tmp_path: Path, hours: float, *, is_kept: bool
) -> None:
    """Those made in the future, too, are deleted: the clock was ahead. But an import may make one
    between the moment when the caller reads its clock and the delete."""
    job = catalog.import_job(catalog.add_website("shop.example", now_ms=NOW).id, "digest")
    salt = catalog.import_salt(job.id, "2015-05-17", NOW)
    keep_salts(catalog, NOW + round(hours * HOUR_MS))
    assert (days(tmp_path) == {"2015-05-17"}) == is_kept
    assert (salt in on_disk(tmp_path)) == is_kept


def test_salts_that_an_older_copy_of_the_catalog_brings_back_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    catalog = Catalog(folder)
    salt = Registry(catalog, lambda: NOW).salts(NOW).today
    catalog.close()
    catalog = Catalog(folder)
    keep_salts(catalog, NOW + 3 * DAY_MS)
    catalog.close()
    assert days(folder) == set()
    assert salt not in on_disk(folder)


def test_deleted_salts_are_wiped_by_the_next_process_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    catalog = Catalog(folder)
    salt = catalog.salt("2026-01-01")
    catalog.close()
    program = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import delete
from footfall.catalog import Catalog
from footfall.catalog.database import writing
from footfall.catalog.table import SALTS
catalog = Catalog(Path(sys.argv[1]))
catalog.salt("2026-01-02")
with writing(catalog.database) as connection:
    connection.execute(delete(SALTS))
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program, str(folder)], env=environment, check=False)
    assert salt in on_disk(folder)
    catalog = Catalog(folder)
    keep_salts(catalog, NOW)
    assert salt not in on_disk(folder)
    catalog.close()
