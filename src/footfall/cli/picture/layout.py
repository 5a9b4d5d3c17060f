"""Columns of text in a terminal's width: labels give way, numbers are never cut."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from rich.text import Text

GAP = "  "
LABEL_MIN = 14
BAR_MIN, BAR_MAX = 6, 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
BAR_STYLE = "cyan"
DIM = "dim"


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """A column of texts, which is cut where there is no room. Of several columns those with the
    highest rank are left out first; those with rank 0 stay."""

    title: str
    cells: Sequence[str | Text]
    rank: int = 0
    is_whole: bool = False  # never cut, as a number

    @property
    def least(self) -> int:
        return self.most if self.is_whole else min(self.most, LABEL_MIN)

    @property
    def most(self) -> int:
        return _widest(self.title, self.cells)

    def cell(self, row: int, width: int) -> Text:
        return _left(_text(self.cells[row]), width)

    def heading(self, width: int) -> Text:
        return _left(Text(self.title, DIM), width)


class Numbers(Labels, frozen=True, kw_only=True):
    """A column of numbers, aligned to the right."""

    @property
    def least(self) -> int:
        return self.most

    def cell(self, row: int, width: int) -> Text:
        return _right(_text(self.cells[row]), width)

    def heading(self, width: int) -> Text:
        return _right(Text(self.title, DIM), width)


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """A column of bars for shares between 0 and 1."""

    cells: Sequence[float]
    rank: int = 0
    least: ClassVar[int] = BAR_MIN
    most: ClassVar[int] = BAR_MAX

    def cell(self, row: int, width: int) -> Text:
        return _left(bar(self.cells[row], width), width)

    def heading(self, width: int) -> Text:
        return Text(" " * width)


Column = Labels | Bars


def table(columns: Sequence[Column], width: int, *, has_heading: bool = True) -> list[Text]:
    """The columns as lines of at most `width` cells, as far as those with rank 0 fit."""
    kept = fitting(columns, width)
    widths = _widths(kept, width)
    pairs = list(zip(kept, widths, strict=True))
    lines = [[each.heading(size) for each, size in pairs]] if has_heading else []
    for row in range(len(kept[0].cells)):
        lines.append([each.cell(row, size) for each, size in pairs])
    return [_joined(line) for line in lines]


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that there is room for."""
    kept = list(columns)
    while sum(each.least for each in kept) + len(GAP) * (len(kept) - 1) > width:
        last = max(kept, key=lambda each: each.rank)
        if last.rank == 0:
            break
        kept.remove(last)
    return kept


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Labels get the room that is left, then bars."""
    widths = [each.least for each in columns]
    left = width - sum(widths) - len(GAP) * (len(columns) - 1)
    for is_bar in (False, True):
        for at, each in enumerate(columns):
            if isinstance(each, Bars) == is_bar and left > 0:
                more = min(left, each.most - widths[at])
                widths[at] += more
                left -= more
    return _narrowed(columns, widths, -left) if left < 0 else widths


def _narrowed(columns: Sequence[Column], widths: list[int], excess: int) -> list[int]:
    """Labels give way further if the numbers alone need nearly all of the width."""
    for at, each in enumerate(columns):
        if not isinstance(each, Bars | Numbers):
            less = min(excess, max(widths[at] - 4, 0))
            widths[at] -= less
            excess -= less
    return widths


def _joined(cells: Sequence[Text]) -> Text:
    line = Text(GAP).join(cells)
    line.rstrip()
    return line


def _widest(title: str, cells: Sequence[str | Text]) -> int:
    return max(map(_length, (title, *cells)))


def _length(cell: str | Text) -> int:
    return _text(cell).cell_len


def _text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _left(cell: Text, width: int) -> Text:
    return _cut(cell, width) + Text(" " * max(width - cell.cell_len, 0))


def _right(cell: Text, width: int) -> Text:
    return Text(" " * max(width - cell.cell_len, 0)) + cell


def _cut(cell: Text, width: int) -> Text:
    if cell.cell_len <= width:
        return cell
    shorter = cell.copy()
    shorter.truncate(width, overflow="ellipsis")
    # a wide character may not have fitted: the next column must not move
    return shorter + Text(" " * (width - shorter.cell_len))


def cut(text: str, width: int) -> str:
    """A text in exactly `width` cells."""
    return _left(Text(text), width).plain


def bar(share: float, width: int) -> Text:
    """A bar of eighths of cells. What is not nothing can be seen."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return Text("█" * whole + (_EIGHTHS[rest] if rest else ""), BAR_STYLE)


def spark(values: Sequence[float], width: int) -> Text:
    """One character for each value; where they do not fit, for the sum of neighbours."""
    size = -(-len(values) // max(width, 1)) or 1
    sums = [sum(values[at : at + size]) for at in range(0, len(values), size)]
    most = max(sums, default=0)
    heights = [0 if most <= 0 else round(max(value, 0) / most * 7) for value in sums]
    return Text("".join(_HEIGHTS[height] for height in heights), BAR_STYLE)
