"""The tables as the migrations create them."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

_CREATE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)\s*\((.*)\)\s*ENGINE = (\w+)", re.DOTALL)
_ALTER = re.compile(r"ALTER TABLE (\w+)\s+(.*)", re.DOTALL)
_ORDER = re.compile(r"ORDER BY\s+(?:\(([^)]*)\)|tuple\(\)|(\w+))")
_COLUMN = re.compile(r"(?:ADD COLUMN IF NOT EXISTS )?(\w+)\s+(.+)", re.DOTALL)


class TableShape(NamedTuple):
    """A table's engine, sorting key, and columns by name with their types."""

    engine: str
    sorting_key: str
    columns: dict[str, str]


def migrations() -> Iterator[tuple[tuple[int, int], str]]:
    """Every statement of the numbered files, in order, by its file's number and its place."""
    folder = Path(str(resources.files("footfall.store") / "migrations"))
    for path in sorted(folder.glob("*.sql")):
        number = int(path.name.split("_")[0])
        for index, statement in enumerate(_statements(path.read_text())):
            yield (number, index), statement


@cache
def table_shapes() -> dict[str, TableShape]:
    """Our tables after all migrations."""
    shapes: dict[str, TableShape] = {}
    for _, statement in migrations():
        if created := _CREATE.match(statement):
            name, body, engine = created.groups()
            order = _ORDER.search(statement, created.end())
            key = (order[1] or order[2] or "") if order else ""
            shapes[name] = TableShape(engine, key, dict(_columns(body)))
        elif (altered := _ALTER.match(statement)) and altered[1] in shapes:
            added = [part for part in _split(altered[2]) if part.startswith("ADD COLUMN ")]
            shapes[altered[1]].columns.update(_columns(", ".join(added)))
    return shapes


def plain_type(kind: str) -> str:
    """A type without spaces."""
    return re.sub(r"\s+", "", kind)


def _columns(body: str) -> Iterator[tuple[str, str]]:
    for part in _split(body):
        if re.match(r"(INDEX|PROJECTION|CONSTRAINT) ", part):
            continue
        if column := _COLUMN.match(part):
            kind = re.split(r"\s+(?:CODEC|DEFAULT)\b", column[2])[0]
            yield column[1], plain_type(kind)


def _split(body: str) -> list[str]:
    """Split at commas outside brackets."""
    parts, depth = [""], 0
    for letter in body:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _statements(script: str) -> list[str]:
    lines = [line.split("--")[0].rstrip() for line in script.splitlines()]
    return [statement for part in "\n".join(lines).split(";") if (statement := part.strip())]
