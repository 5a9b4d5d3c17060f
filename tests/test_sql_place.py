"""Where SQL may be: reports ask through `query`, and nobody else writes SQL of their own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "footfall"
HAVE_SQL = ("query", "store", "load", "catalog")
"""Folders that read the engine. `money` and `catalog` read the catalog by SQLAlchemy, which an
import contract in pyproject.toml keeps out of all other folders."""
SELECT = re.compile(r"\bSELECT\b")


def selects(code: str) -> Iterator[int]:
    """The lines of strings that hold a SELECT; docstrings do not count."""
    tree = ast.parse(code)
    described = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if node not in described and SELECT.search(node.value):
            yield node.lineno


def modules() -> list[Path]:
    found = sorted(SOURCE.rglob("*.py"))
    return [path for path in found if path.relative_to(SOURCE).parts[0] not in HAVE_SQL]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_select_outside_the_folders_that_read_the_store(path: Path) -> None:
    lines = list(selects(path.read_text()))
    assert not lines, f"{path.name}, lines {lines}: move the SELECT to query/sql or to store"


@pytest.mark.parametrize(
    "code", ['sql = "SELECT 1"', 'sql = f"SELECT {name}"', "sql = '''\\n  SELECT 1'''"]
)
def test_a_select_is_found_however_it_is_written(code: str) -> None:
    assert list(selects(code)) == [1]


@pytest.mark.parametrize("code", ['"""Runs one SELECT."""', "# SELECT 1", 'text = "You select"'])
def test_prose_does_not_count(code: str) -> None:
    assert list(selects(code)) == []
