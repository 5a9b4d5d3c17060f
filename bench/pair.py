"""Our reports beside hand-written SQL: the same numbers, alternating in one process."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.dataset import END_MS
from bench.result import middle
from footfall.model.question import Question
from footfall.model.website import Website
from footfall.query.ask import Result, ask
from footfall.query.parse.question import parse_question
from footfall.serve.http.reply import encode
from footfall.store.engine import Engine

TIMEZONE = "Europe/Vienna"
_SQL = Path(__file__).with_name("sql")

Numbers = list[list[Any]]
Sent = dict[str, Any]
"""An answer as its clients read it."""
Params = tuple[tuple[str, str], ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A report and the SQL for its numbers. `slots` fill the SQL's /*and …*/ comments; `read`
    takes the values of the SQL's rows from our answer."""

    name: str
    report: str
    params: Params
    sql: str
    read: Callable[[Sent], Numbers]
    values: Mapping[str, object] = {}
    slots: Mapping[str, str] = {}

    def statement(self) -> str:
        text = (_SQL / f"{self.sql}.sql").read_text()
        for slot, condition in self.slots.items():
            text = text.replace(f"/*and {slot}*/", f"AND {condition}")
        return text


class Times(msgspec.Struct, frozen=True):
    """Medians of several rounds, in milliseconds: of the clock and of all threads' CPU."""

    ours_ms: float
    hand_ms: float
    ours_cpu_ms: float
    hand_cpu_ms: float

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.hand_ms

    @property
    def cpu_ratio(self) -> float:
        return self.ours_cpu_ms / max(self.hand_cpu_ms, 0.001)


class Side(msgspec.Struct):
    """One side's measurements."""

    clock_ms: list[float] = []
    cpu_ms: list[float] = []

    def run(self, work: Callable[[], Any]) -> Any:
        began, cpu = time.perf_counter(), time.process_time()
        found = work()
        self.cpu_ms.append((time.process_time() - cpu) * 1000)
        self.clock_ms.append((time.perf_counter() - began) * 1000)
        return found


def question_of(report: str, params: Params, website: Website) -> Question:
    return parse_question(report, [*params, ("timezone", TIMEZONE)], website, END_MS)


def answer_of(report: str, params: Params, website: Website, engine: Engine) -> Result:
    return ask(report, [*params, ("timezone", TIMEZONE)], website, END_MS, engine)


def hand_written(case: Case, website: Website) -> tuple[str, dict[str, object]]:
    """The case's SQL and its values."""
    period = question_of(case.report, case.params, website).period
    values: dict[str, object] = {
        "website": website.id,
        "from_ms": period.from_ms,
        "to_ms": period.to_ms,
        "timezone": TIMEZONE,
        "now_ms": END_MS,
        **case.values,
    }
    return case.statement(), values


def compare(case: Case, engine: Engine, website: Website, rounds: int) -> Times:
    """A report beside the case's SQL, as `race` does."""
    text, values = hand_written(case, website)
    return race(
        case.name,
        lambda: case.read(as_sent(answer_of(case.report, case.params, website, engine))),
        lambda: engine.query(text, values).rows,
        rounds,
    )


def as_sent(answered: object) -> Any:
    return msgspec.json.decode(encode(answered))


def race(
    name: str, ask: Callable[[], Numbers], by_hand: Callable[[], Numbers], rounds: int
) -> Times:
    """Alternate between both sides, after one round that is not counted. Raises ValueError if the
    numbers are not the same."""
    check_same(name, ask(), by_hand())
    ours, hand = Side(), Side()
    for number in range(rounds):
        sides = [(ours, ask), (hand, by_hand)]
        for side, work in sides if number % 2 else reversed(sides):
            side.run(work)
    return Times(
        middle(ours.clock_ms), middle(hand.clock_ms), middle(ours.cpu_ms), middle(hand.cpu_ms)
    )


def check_same(name: str, ours: Numbers, by_hand: Numbers) -> None:
    """Raises ValueError naming the first difference. Numbers may differ by our rounding."""
    if len(ours) != len(by_hand):
        raise ValueError(f"{name}: {len(ours)} rows, by hand {len(by_hand)}")
    for number, (row, other) in enumerate(zip(ours, by_hand, strict=True)):
        if len(row) != len(other) or not all(map(_is_same, row, other)):
            raise ValueError(f"{name}: row {number} is {row}, by hand {other}")


def _is_same(one: Any, other: Any) -> bool:
    if one is None or isinstance(one, str):
        return bool(one == other)
    return abs(float(one) - float(other)) < 0.006
