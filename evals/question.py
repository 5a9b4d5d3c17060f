"""The questions of questions.toml, and what is right about a call."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec

from footfall.demo import world
from footfall.model.named_period import PeriodName, dates_of
from footfall.serve.mcp.schema import input_schema
from footfall.serve.mcp.tool import TOOLS

NOW_MS = 1_795_863_600_000  # Saturday 2026-11-28, 12:00 in Berlin
DAYS = 15
FILE = Path(__file__).with_name("questions.toml")
SITE = {"domain": world.DOMAIN}

Arguments = Mapping[str, Any]
_MEANINGFUL = frozenset(
    {
        *("startAt", "endAt", "bots", "search", "direction", "global_filters", "end_step"),
        *("anchors", "exclude", "event_type", "event_name", "include_personal_data"),
        *("confirmationCode", "visitorUid", "visitorId", "name", "transactionId", "isRefund"),
    }
)
"""Arguments that change what is answered, and are wrong where nobody asked for them. Others, such
as `limit`, `fields` and `sort`, change only how it is shown."""


class Call(msgspec.Struct, frozen=True):
    """A right call, without the website. A value `{"any": [...]}` may be any of these."""

    tool: str
    arguments: dict[str, Any]
    place: list[str | int]

    def full_arguments(self) -> dict[str, Any]:
        """What to send: the website, and the first of several choices."""
        chosen = {name: _choices(value)[0] for name, value in self.arguments.items()}
        takes_website = "domain" in input_schema(TOOLS[self.tool])["properties"]
        return {**(SITE if takes_website else {}), **chosen}


class Question(msgspec.Struct, frozen=True):
    """What an owner asks, the right calls, and a fact that a right answer contains."""

    id: str
    ask: str
    fact: Any
    answers: list[Call]


@cache
def questions() -> tuple[Question, ...]:
    """All questions, in the file's order."""
    found = tomllib.loads(FILE.read_text("utf-8"))["question"]
    return tuple(msgspec.convert(found, list[Question]))


def fact_in(result: Any, place: Sequence[str | int]) -> Any:
    """What is at a place of a tool's `result`. Raises LookupError."""
    for step in place:
        if isinstance(step, str) and "=" in step:
            name, _, value = step.partition("=")
            result = next((row for row in result if str(row[name]) == value), None)
            if result is None:
                raise LookupError(f"no row with {step}")
        else:
            result = result[step]
    return result


def wrong_arguments(call: Call, given: Arguments) -> list[str]:
    """The names of arguments that are missing, wrong or too many."""
    periods = _choices(call.arguments.get("period"))
    calls = ({**call.arguments, "period": period} for period in periods)
    return min((_wrong(call.tool, arguments, given) for arguments in calls), key=len)


def _wrong(tool: str, wanted: Arguments, given: Arguments) -> list[str]:
    wanted, found = _dated(wanted), _dated(given)
    known = input_schema(TOOLS[tool])["properties"]
    names = [name for name, value in wanted.items() if not _is_any(value, found.get(name))]
    names += [name for name in found if name not in known and name not in ("startAt", "endAt")]
    names += [name for name in found.keys() - wanted.keys() if _is_meaningful(name, found[name])]
    if "domain" in known and not _names_website(given):
        names.append("domain")
    return sorted(set(names))


def _dated(arguments: Arguments) -> dict[str, Any]:
    """The arguments with dates in the place of a named period."""
    found = {name: value for name, value in arguments.items() if value not in (None, "")}
    period = found.pop("period", None)
    if isinstance(period, str):
        found |= dates_of(cast(PeriodName, period), world.TIMEZONE, NOW_MS)
    return found


def _is_meaningful(name: str, value: Any) -> bool:
    if (name, value) in (("bots", "exclude"), ("direction", "forward")):
        return False  # as without it
    return name in _MEANINGFUL or name.startswith("filter_")


def _names_website(given: Arguments) -> bool:
    return given.get("domain") == world.DOMAIN or bool(given.get("websiteId"))


def _choices(value: Any) -> list[Any]:
    return value["any"] if isinstance(value, dict) and "any" in value else [value]


def _is_any(wanted: Any, found: Any) -> bool:
    return any(_is_same(choice, found) for choice in _choices(wanted))


def _is_same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict) and "event" in wanted:
        return isinstance(found, dict) and _step(wanted) == _step(found)
    if isinstance(wanted, list):
        is_list = isinstance(found, list) and len(found) == len(wanted)
        return is_list and all(_is_same(*pair) for pair in zip(wanted, found, strict=True))
    if isinstance(found, list):
        found = ",".join(map(str, found))
    if isinstance(wanted, int | float):
        try:
            return Decimal(str(found)) == Decimal(str(wanted))
        except InvalidOperation:
            return False
    return str(wanted).casefold() == str(found).casefold()


def _step(step: Arguments) -> tuple[Any, ...]:
    """What a step means: a goal's name may be given once or twice."""
    return step.get("type"), step.get("event"), step.get("resolved_event") or step.get("event")


def accepted(question: Question) -> Iterator[str]:
    """The tools that are right."""
    yield from dict.fromkeys(call.tool for call in question.answers)
