"""What the tests of flow's single rules share: short logs, cases, and how a case is asked.

Seconds count from noon on Monday, 2 March 2026; people are 1, 2, 3 …
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reference.path_question import (
    ALL_PAGES,
    Arrival,
    Put,
    ask_side,
    at,
    params_of,
    traffic_of,
    walk,
)
from reference.side_by_side import Bench

HOUR, DAY = 3600, 86_400
TODAY = {"dateFrom": "2026-03-02", "dateTo": "2026-03-02"}
AFTER_ALL = at(40 * DAY)
BUY = {"type": "track", "event": "buy"}
TO_BUY = walk("0 /a, 10 /b, 20 buy, 30 /c, 40 buy")
REPEATS = walk("0 /a, 1 /a, 2 /b, 3 /b, 4 /a")
THREE = [*walk("0 /a, 1 /b, 2 /c"), *walk("0 /a, 1 /b", 2), *walk("0 /a", 3)]
"""a → b → c, a → b, a."""

Row = tuple[Any, ...]


def where(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    given = {} if value is None else {"value": value}
    return {"operand": field, "operator": operator, **given, **more}


def on(path: str, *filters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event", "event": "page", "resolved_event": path, "filters": [*filters]}


@dataclass(frozen=True)
class Case:
    """`rows` are what is answered: step, source, target, transitions, percentage and, if
    it is asked for, revenue."""

    rule: str
    log: Sequence[Arrival]
    rows: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    is_report: bool = False
    zone: str = "UTC"
    total: int | None = None  # where not all rows are shown

    def wanted(self) -> tuple[list[Row], int]:
        rows = [_read_row(row) for row in self.rows.replace("\n", ",").split(",") if row.strip()]
        return rows, len(rows) if self.total is None else self.total

    def ask(self, side: str, bench: Bench) -> tuple[list[tuple[Any, ...]], int]:
        dates = {} if self.is_report else TODAY
        asked = {"start_step": ALL_PAGES, **dates, **self.asked}
        given = {name: value for name, value in asked.items() if value is not None}
        put = Put("flow", params_of(given), AFTER_ALL, self.is_report)
        rows, total = ask_side(side, bench, traffic_of(self.log, self.zone), put)
        names = ["step", "source", "target", "transitions", "percentage"]
        names += ["revenue"] if "revenue" in self.asked else []
        return [tuple(row[name] for name in names) for row in rows], total


def _read_row(text: str) -> Row:
    step, source, target, transitions, *numbers = text.split()
    return int(step), source, target, int(transitions), *map(Decimal, numbers)
