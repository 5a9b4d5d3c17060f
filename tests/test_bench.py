"""The benchmarks run from end to end at a tiny size; their figures mean nothing there."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
THERE = "acknowledged and there"
PARTS = (
    *("collect", "visible", "reports", "flows", "abandoned", "dashboard", "disk", "memory"),
    *("sizes", "cached", "pages", "first_visit", "start", "deletes", "script"),
)
FLOWS = {"website-600-5", "website-3000-5", "website-6000-5"}


def bench(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bench", "--size", "tiny", "--data", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache folder, so that the year's website is made once."""
    return tmp_path_factory.mktemp("bench")


@pytest.mark.sample(1)
@pytest.mark.parametrize("part", PARTS)
def test_part_prints_figures_loses_no_event_and_cleans_up(part: str, folder: Path) -> None:
    run = bench(folder, part)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"\n{part} " in run.stdout
    assert all(line.rstrip().endswith("met") for line in run.stdout.splitlines() if THERE in line)
    assert {path.name for path in folder.iterdir()} <= {"website-300", "website-3000", *FLOWS}


def test_several_parts_end_with_one_table(folder: Path) -> None:
    run = bench(folder, "script", "start")
    assert run.returncode == 0, run.stdout + run.stderr
    table = run.stdout.partition("All parts")[2]
    assert "\nscript " in table
    assert "\nstart " in table


def test_hand_written_sql_that_answers_other_numbers_is_reported() -> None:
    """The reports' part fails where the two sides differ, so a passing run compared them all."""
    code = "from bench.pair import check_same; check_same('list', [['a', 1]], [['a', 2]])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "list: row 0 is ['a', 1], by hand ['a', 2]" in run.stderr


def test_an_unknown_part_is_reported_with_the_known_ones(folder: Path) -> None:
    run = bench(folder, "colect")
    assert run.returncode == 2
    assert "unknown part 'colect'; parts: script" in run.stderr


def test_a_short_soak_with_a_kill_finds_every_acknowledged_number(tmp_path: Path) -> None:
    """All kinds of work within seconds. Its figures of memory and time mean nothing here."""
    words = ["--minutes", "0.16", "--rate", "15", "--sample-every", "1", "--rest", "0"]
    words += ["--kill-every", "0.1", "--data", str(tmp_path / "data"), "--out", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "bench.soak", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "every number is right" in run.stdout
    assert "1 kills" in run.stdout
    assert len((tmp_path / "soak.csv").read_text().splitlines()) > 3
    assert "<svg" in (tmp_path / "soak.svg").read_text()
