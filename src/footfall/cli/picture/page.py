"""What every picture has: the terminal, a heading, and notes."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

WIDTH_MIN = 40
WIDTH_ELSEWHERE = 80
_SEPARATOR = " · "


def terminal_width() -> int:
    """COLUMNS, or the width of the terminal; 80 where there is none."""
    return max(shutil.get_terminal_size((WIDTH_ELSEWHERE, 24)).columns, WIDTH_MIN)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which question is answered, and how much room there is for the answer."""

    name: str
    website: str = ""
    currency: str = ""
    params: Mapping[str, str] = {}
    filters: tuple[str, ...] = ()
    has_period: bool = False
    width: int = msgspec.field(default_factory=terminal_width)

    def heading(self) -> Iterator[Text]:
        title = self.name.replace("-", " ").capitalize()
        parts = [self.website, title] if self.website else [title]
        yield Text(_SEPARATOR.join(parts), "bold")
        about = [*self._period(), *self.filters]
        if about:
            yield Text(_SEPARATOR.join(about), "dim")
        yield Text()

    def _period(self) -> Iterator[str]:
        if not self.has_period:
            return
        start, end = self.params.get("startAt"), self.params.get("endAt")
        if start or end:
            yield f"{start or 'the beginning'} to {end or 'now'}"
        elif self.name != "retention":
            yield "all time"
        if zone := self.params.get("timezone"):
            yield zone


def compared_with(body: Mapping[str, Any]) -> Iterator[Text]:
    """The period that an answer is compared with."""
    compare = body.get("compare")
    if isinstance(compare, dict):
        start, end = compare["startAt"], datetime.fromisoformat(compare["endBefore"])
        if start[11:19] == "00:00:00" and end.time() == time():
            days = f"{start[:10]} to {end.date() - timedelta(days=1)}"
        else:
            days = f"{start} to before {end.isoformat()}"
        yield Text(f"Compared with {days}", "dim")
        yield Text()


def unconverted(body: Mapping[str, Any]) -> Iterator[Text]:
    """Payments that are in no revenue."""
    totals = body.get("totals")
    inner = totals.get("unconverted") if isinstance(totals, dict) else None
    for each in body.get("unconverted") or inner or ():
        yield Text(f"Not in revenue, as no rate is known: {each['amount']} {each['currency']}")


def printed(lines: Iterable[Text], width: int) -> str:
    """The lines with colours if standard output is a terminal that has some."""
    console = Console(
        width=width, highlight=False, color_system=_colours(), legacy_windows=False, emoji=False
    )
    with console.capture() as captured:
        for line in lines:
            console.print(line)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    return text.rstrip("\n") + "\n"


def _colours() -> Any:
    has_none = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown")
    return None if has_none or not sys.stdout.isatty() else "auto"
