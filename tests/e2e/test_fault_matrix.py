"""Whatever happens to a file of the data folder: nothing is counted twice, nothing is lost
beyond the damaged record or part, and /health does not answer `ok`.

This is a sample. `make faults` runs the whole matrix and prints its size. `FOOTFALL_FAULT_SEED`
repeats a run.
"""

import os
import random
import time
from pathlib import Path

import pytest
from e2e.fault_case import Cell, NotApplicable, World, cells, look_at, run_case
from e2e.fault_kind import KINDS
from e2e.full_life import live

SEED = os.environ.get("FOOTFALL_FAULT_SEED") or str(time.time_ns() % 1_000_000)
SAMPLE = 1


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    place = tmp_path_factory.mktemp("life")
    return look_at(live(place), place)


def files_of(folder: Path) -> list[Path]:
    """Without what a kill leaves of a write, which the next write of the same file replaces, and of
    a merge, which the engine removes when it opens the table."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return [
        path for path in files if path.suffix != ".unfinished" and "/tmp_merge_" not in str(path)
    ]


def test_the_matrix_has_every_kind_of_file_that_a_data_folder_holds(world: World) -> None:
    kinds = [kind for kind in KINDS if not kind.is_folder]
    life = world.life
    found = {path for folder in (life.folder, life.deleting) for path in files_of(folder)}
    unknown = {path for path in found if not any(kind.matches(path) for kind in kinds)}
    assert unknown == set(), "files of no kind: add them to fault_kind.py"
    missing = [kind.name for kind in kinds if not any(kind.matches(path) for path in found)]
    assert missing == [], "kinds without a file"


def test_the_undamaged_folder_answers_what_was_sent(world: World) -> None:
    shop, other = (website.domain for website in world.life.websites)
    numbers = {
        key[:1] + key[3:]: value for key, value in world.truth.items() if key[1] == "overview"
    }
    of_each_part = 2 * 7  # in two months: six pages and the leaver's
    assert numbers[other, "pageviews"] == 4 * of_each_part
    assert numbers[shop, "pageviews"] == 4 * of_each_part + 4 + 1 + 500 + 16
    assert numbers[shop, "revenue"] == 10 * (4 * 2 + 4 + 1)
    gone = [key for key in world.truth_when_deleted if "leaver" in key[2]]
    assert {key[0] for key in gone} == {other}


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_damaged_file_doubles_nothing_loses_little_and_is_reported(
    world: World, tmp_path: Path, number: int
) -> None:
    chance = random.Random(f"{SEED}-{number}")
    while True:
        cell: Cell = chance.choice(cells())
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        place.mkdir()
        print(f"FOOTFALL_FAULT_SEED={SEED}: {cell}")
        try:
            run_case(world, cell, place, chance)
        except NotApplicable:
            continue
        return
