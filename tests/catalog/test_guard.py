"""Damage to the catalog's files is noticed, and an ordinary crash is not taken for damage.

FOOTFALL_FAULT_SEED repeats a run, FOOTFALL_FAULT_CASES says how many faults per file (3).
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from fault import FAULTS, replace_by_older

from footfall.catalog import Catalog
from footfall.damage import Damage, DamageLog
from footfall.model.errors import FootfallError, Unavailable

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("FOOTFALL_FAULT_SEED", time.time_ns() % 1_000_000))
CASES = int(os.environ.get("FOOTFALL_FAULT_CASES", "3"))
NOW = 1_764_000_000_000
WRITER = """
import os, signal, sys, time
from pathlib import Path
from footfall.catalog import Catalog
folder, first, last, end = sys.argv[1:]
catalog = Catalog(Path(folder))
for number in range(int(first), int(last)):
    catalog.add_website(f"shop-{number}.example", now_ms=1)
    print(number, flush=True)
if end == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
catalog.close()
"""


@pytest.fixture
def chance() -> random.Random:
    print(f"FOOTFALL_FAULT_SEED={SEED}")
    return random.Random(SEED)


def write(folder: Path, first: int, last: int, *, end: str) -> None:
    """Add websites in a process of its own that is killed or closes its catalog."""
    words = [sys.executable, "-c", WRITER, str(folder), str(first), str(last), end]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=False)


def found(folder: Path) -> list[Damage]:
    """What the process that holds the folder reports at its start. Raises FootfallError."""
    with closing(Catalog(folder)) as catalog:
        log = DamageLog(folder, lambda: NOW)
        catalog.check_files(log)
        return log.unseen()


def found_or_refused(folder: Path) -> list[Damage]:
    try:
        return found(folder)
    except FootfallError as error:
        message = error.message.strip()
        return [Damage(part="catalog", file="", place="", found_at=NOW, message=message)]


def domains(folder: Path) -> set[str]:
    with closing(Catalog(folder)) as catalog:
        return {website.domain for website in catalog.websites()}


def shops(count: int) -> set[str]:
    return {f"shop-{number}.example" for number in range(count)}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10 websites in the catalog's file and 10 in its write-ahead file, as a kill leaves it."""
    folder = tmp_path_factory.mktemp("killed") / "data"
    write(folder, 0, 10, end="close")
    write(folder, 10, 20, end="kill")
    assert (folder / "catalog.sqlite-wal").stat().st_size > 0
    return folder


@pytest.fixture
def folder(killed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(killed, tmp_path / "data")


def test_a_kill_is_not_taken_for_damage(folder: Path) -> None:
    assert found(folder) == []
    assert domains(folder) == shops(20)


def test_a_missing_write_ahead_file_is_reported_with_what_is_lost(folder: Path) -> None:
    (folder / "catalog.sqlite-wal").unlink()
    [damage] = found(folder)
    assert (damage.part, damage.file) == ("catalog", "catalog.sqlite")
    assert "the newest 10 changes are lost" in damage.message
    assert domains(folder) == shops(10)


def test_damage_that_a_command_meets_first_is_reported_by_the_server_later(folder: Path) -> None:
    (folder / "catalog.sqlite-wal").unlink()
    write(folder, 30, 45, end="close")  # more changes than were lost
    [damage] = found(folder)
    assert "the newest 10 changes are lost" in damage.message


def test_damage_is_reported_once(folder: Path) -> None:
    (folder / "catalog.sqlite-wal").unlink()
    assert len(found(folder)) == 1
    DamageLog(folder, lambda: NOW).mark_seen()
    write(folder, 50, 60, end="kill")
    assert found(folder) == []


def test_a_catalog_older_than_the_data_beside_it_is_reported(folder: Path, tmp_path: Path) -> None:
    with closing(Catalog(folder)):
        pass
    shutil.copyfile(folder / "catalog.sqlite", tmp_path / "older")
    write(folder, 20, 25, end="close")
    replace_by_older(folder / "catalog.sqlite", tmp_path / "older")
    [damage] = found(folder)
    assert "the newest 5 changes are lost" in damage.message


@pytest.mark.parametrize("name", ["catalog.sqlite", "catalog.mark", "catalog.sums"])
def test_a_deleted_file_is_reported(folder: Path, name: str) -> None:
    with closing(Catalog(folder)):
        pass
    (folder / name).unlink()
    [damage] = found(folder)
    assert damage.file == name
    assert "missing" in damage.message


def test_a_catalog_of_a_version_without_these_files_is_not_damaged(folder: Path) -> None:
    with closing(Catalog(folder)):
        pass
    for name in ("catalog.mark", "catalog.sums"):
        (folder / name).unlink()
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        database.execute("PRAGMA user_version = 0")
    assert found(folder) == []
    write(folder, 20, 21, end="kill")
    (folder / "catalog.sqlite-wal").unlink()
    assert len(found(folder)) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize(
    "name", ["catalog.sqlite", "catalog.sqlite-wal", "catalog.mark", "catalog.sums"]
)
def test_a_fault_in_a_file_of_the_catalog_is_never_silent(
    folder: Path, tmp_path: Path, chance: random.Random, name: str, fault: str, *, is_killed: bool
) -> None:
    """It is reported, or the catalog refuses to open in one sentence; or it did not change what
    the catalog holds."""
    if not is_killed:
        with closing(Catalog(folder)):
            pass
    if not (folder / name).exists():
        pytest.skip("a catalog that was closed has no such file")
    for case in range(CASES):
        copy = shutil.copytree(folder, tmp_path / f"{case}")
        before = (copy / name).read_bytes()
        FAULTS[fault](copy / name, chance)
        if (copy / name).exists() and (copy / name).read_bytes() == before:
            continue
        assert [damage for damage in found_or_refused(copy) if damage.part == "catalog"]


@pytest.mark.parametrize("rounds", [3])
def test_kills_at_any_moment_are_never_taken_for_damage(
    tmp_path: Path, chance: random.Random, rounds: int
) -> None:
    """Two processes write, and both are killed, again and again; commands open it meanwhile."""
    folder = tmp_path / "data"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for number in range(rounds):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(folder), str(first), str(first + 5000), "close"],
                env=environment,
                stdout=subprocess.PIPE,
            )
            for first in (number * 20_000, number * 20_000 + 10_000)
        ]
        time.sleep(chance.uniform(0.4, 2.0))
        done: set[str] = set()
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            output, _ = writer.communicate()
            done |= {f"shop-{line}.example" for line in output.decode().split()}
        assert found(folder) == []
        assert done <= domains(folder)


def test_a_file_that_is_not_a_database_is_reported_in_one_sentence(folder: Path) -> None:
    (folder / "catalog.sqlite-wal").unlink()
    (folder / "catalog.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="backup"):
        found(folder)


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_file_that_is_replaced_while_a_server_runs_is_reported(
    folder: Path, tmp_path: Path, *, is_deleted: bool
) -> None:
    shutil.copyfile(folder / "catalog.sqlite", tmp_path / "older")
    with closing(Catalog(folder)) as catalog:
        log = DamageLog(folder, lambda: NOW)
        catalog.check_files(log)
        (folder / "catalog.sqlite").unlink()
        if not is_deleted:
            shutil.copyfile(tmp_path / "older", folder / "catalog.sqlite")
        catalog.keep_files(log)
        catalog.keep_files(log)
        [damage] = log.unseen()
    assert "deleted or replaced" in damage.message


def test_a_change_is_done_though_its_mark_cannot_be_read(folder: Path) -> None:
    (folder / "catalog.mark").unlink()
    (folder / "catalog.mark").mkdir()
    with closing(Catalog(folder)) as catalog:
        assert catalog.add_token(website_id=None, scopes=["read"], now_ms=NOW)[0]


def test_a_page_that_is_changed_while_a_server_runs_is_reported(folder: Path) -> None:
    with closing(Catalog(folder)) as catalog:
        log = DamageLog(folder, lambda: NOW)
        catalog.check_files(log)
        with (folder / "catalog.sqlite").open("r+b") as file:
            file.seek(3 * 4096 + 4000)
            byte = file.read(1)[0]
            file.seek(3 * 4096 + 4000)
            file.write(bytes([byte ^ 1]))
        catalog.check_files(log)
        assert [damage.place for damage in log.unseen()] == ["pages 4"]


def test_a_long_write_ahead_file_is_brought_into_the_database(tmp_path: Path) -> None:
    """So that little is lost with it, and it does not grow without end."""
    folder = tmp_path / "data"
    with closing(Catalog(folder)) as catalog:
        website = catalog.add_website("shop.example", now_ms=NOW)
        job = catalog.import_job(website.id, "digest")
        sizes = set()
        for number in range(1200):
            catalog.set_job_progress(job.id, number, done=False)
            sizes.add((folder / "catalog.sqlite-wal").stat().st_size)
        assert max(sizes) < 5 * 1024 * 1024
        assert len(sizes) > 100
