"""Answers as CSV (RFC 4180), for spreadsheets: one function for the answers of all reports.

A row of the answer is a line. Texts are quoted, numbers are not. What a visitor or member wrote is
one visible line, and never a formula: a text that a spreadsheet would calculate begins with '.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import msgspec

from footfall.model.answer import Answer
from footfall.model.metric import BY_SPELLING
from footfall.model.text import one_line

CSV = "text/csv"
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""Also the wide forms of these characters, which some spreadsheets take for them."""
_MARKED = ("\t", "\r")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.]+")

Row = Mapping[str, Any]


def csv_of(answer: Answer) -> bytes:
    """The rows of an answer whose `data` are rows, or several lists of rows by dimension.

    Columns are named like the fields, inner ones with dots: `compare.visitors`. The other period of
    an overview or timeseries is beside the rows that it corresponds to. Numbers that an answer has
    under two names are there once, in snake_case. Without rows there are no columns.
    """
    plain = msgspec.to_builtins(answer, builtin_types=(Decimal,))
    rows = [dict(_flat(row)) for row in _rows(plain)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [name for name in names if not _is_alias(name, names)]
    if not columns:
        return b""
    lines: list[list[object]] = [[*columns]]
    lines += [[row.get(column) for column in columns] for row in rows]
    return "".join(",".join(_cell(each) for each in line) + "\r\n" for line in lines).encode()


def csv_name(domain: str, path: str, params: Mapping[str, str]) -> str:
    """What a browser saves it as: website, report and period."""
    period = [params[name][:10] for name in ("startAt", "endAt") if name in params]
    parts = [domain, path.strip("/"), *(period or ["all"])]
    return "-".join(_NOT_IN_NAMES.sub("-", part).strip("-") for part in parts) + ".csv"


def _rows(answer: Row) -> Iterator[Row]:
    data, compare = answer["data"], answer.get("compare", {})
    if isinstance(data, dict):
        for dimension, rows in data.items():
            yield from ({"dimension": dimension, **row} for row in rows)
        return
    others: Sequence[Row] = compare.get("data", ())
    nothing: Row = {}
    for row, other in zip_longest(data, others, fillvalue=nothing):
        yield {**row, "compare": other} if other else row


def _flat(row: Row, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _is_alias(name: str, names: Sequence[str]) -> bool:
    """Whether the same number is there under its name in snake_case."""
    before, dot, last = name.rpartition(".")
    metric = BY_SPELLING.get(last)
    return metric is not None and metric.name != last and before + dot + metric.name in names


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return msgspec.json.encode(value).decode().strip('"')
        case str():
            return _quoted(_harmless(value))
    return _quoted(_harmless(msgspec.json.encode(value).decode()))


def _harmless(text: str) -> str:
    """One line without what changes the direction of text, and no formula."""
    line = one_line(text)
    return f"'{line}" if _FORMULA.match(line) or text.startswith(_MARKED) else line


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'
