"""The recipes of docs/recipes.md work: their diffs apply to a copy, in which their tests pass."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = re.split(r"^## ", (ROOT / "docs" / "recipes.md").read_text("utf-8"), flags=re.MULTILINE)
RECIPES = {part.partition("\n")[0]: part for part in PARTS[1:]}
COPIED = ("ARCHITECTURE.md", "README.md", "docs", "pyproject.toml", "src", "tests")


def block(recipe: str, language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", recipe, re.DOTALL))


def copy_source(folder: Path) -> None:
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)


def next_migration(folder: Path) -> str:
    numbers = [int(file.name[:4]) for file in folder.glob("src/footfall/store/migrations/*.sql")]
    return f"{max(numbers) + 1:04}"


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works(tmp_path: Path, name: str) -> None:
    copy_source(tmp_path)
    diff = block(RECIPES[name], "diff").replace("NNNN", next_migration(tmp_path))
    applied = subprocess.run(
        ["git", "apply", "-"], input=diff, text=True, cwd=tmp_path, capture_output=True
    )
    assert applied.returncode == 0, f"the diff does not fit the source:\n{applied.stderr}"
    _, *words = shlex.split(block(RECIPES[name], "sh"))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *words],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        text=True,
        capture_output=True,
    )
    assert ran.returncode == 0, ran.stdout[-3_000:]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_lists_every_file_that_it_changes(name: str) -> None:
    changed = set(re.findall(r"^\+\+\+ b/(.+)$", block(RECIPES[name], "diff"), re.MULTILINE))
    named = set(re.findall(r"^ (\S+) +\| ", block(RECIPES[name], ""), re.MULTILINE))
    assert changed
    assert changed <= named
    left_out = ("docs/", "tests/golden/", "tests/serve/test_openapi.py")
    assert all(file.startswith(left_out) for file in named - changed)
