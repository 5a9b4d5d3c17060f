"""One page of each list: order, search, limit, and how many rows there are in all."""

from collections.abc import Sequence
from textwrap import indent
from zlib import crc32

import msgspec

from footfall.model.hostname import to_ascii
from footfall.model.question import VALUE, Question
from footfall.query.sql.statement import Values

REPORT, OUTSIDE, LISTED = 0, 1, 2
"""A row's role: the whole report, the sessions that a list leaves out, a row of the list."""

CODES = ("country", "region_code", "region")
LIST_MEASURES = (
    "visitors",
    "sessions",
    "views",
    "completions",
    "new_revenue",
    "renewal_revenue",
    "refunded_revenue",
    "unconverted",
)
CHECKS = ("unmarked", "unwalked", "namesakes")
"""Measures of the report alone: if one is not 0, the shortcut that it checks does not answer the
question."""
_MOST = 10_000_000
_REVENUE = "(new_revenue + renewal_revenue)"
_TICKS = 10_000  # amounts have four decimals


class Sorting(msgspec.Struct, frozen=True, kw_only=True):
    """What lists are sorted by: VALUE, or a measure, or a measure divided by another one."""

    part: str
    whole: str = ""
    is_ascending: bool = False


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted for each row, which rows are answered, and in which order.

    `unused` measures are in no row's answer: a list may leave them 0 in its rows, but not in the
    report. `sorting` None: by visitors, the most first. `only`: instead of a page, the rows with
    these values, by the list's number, and rarely a few others.
    """

    measures: tuple[str, ...] = LIST_MEASURES
    unused: frozenset[str] = frozenset()
    sorting: Sorting | None = None
    only: Sequence[Sequence[str]] | None = None

    @property
    def further(self) -> tuple[str, ...]:
        """Measures beside those of every list."""
        return tuple(name for name in self.of_report if name not in CHECKS)

    @property
    def of_report(self) -> tuple[str, ...]:
        """The further measures of the report's own row."""
        return self.measures[len(LIST_MEASURES) :]

    @property
    def shows_no_views(self) -> bool:
        """Whether no row needs its sessions' page views or other numbers of visits."""
        return "views" in self.unused and not self.further

    @property
    def checks(self) -> tuple[str, ...]:
        """Those of CHECKS that are selected: which shortcuts a list takes."""
        return tuple(name for name in self.measures if name in CHECKS)


def page_of_lists(rows: str, question: Question, values: Values, selection: Selection) -> str:
    """`rows` selects list, role, value, country_, region_code_, region_ and the measures.

    Answers list, role, how many rows that makes, and the first offset + limit of them, in order and
    then by visitors descending, value and codes: tuples of what they are sorted by, value, CODES,
    measures.
    """
    most = question.offset + question.limit if selection.only is None else _MOST
    first = values.bind("UInt64", min(most, _MOST))
    sorting = f"{_key(selection.sorting)}, value, country_, region_code_, region_"
    if selection.only is None:
        kept = f"{_search(question, values)} AND {_has_numbers(question)}"
    else:
        kept = _is_one_of(selection.only, values)
    return f"""
SELECT list, role, count() AS total,
    groupArraySorted({first})(({sorting}, {", ".join(selection.measures)})) AS rows
FROM (
{indent(rows, "    ")}
)
WHERE role != {LISTED} OR ({kept})
GROUP BY list, role"""


def _key(sorting: Sorting | None) -> str:
    """An expression whose least value comes first."""
    if sorting is None:
        return "-toInt64(visitors)"
    sign = "" if sorting.is_ascending else "0 - "
    if sorting.part == VALUE:
        # The least complement is that of the greatest text. Texts contain no character 0.
        text = VALUE if sorting.is_ascending else "hex(bitNot(concat(value, char(0))))"
        return f"({text}, -toInt64(visitors))"
    if not sorting.whole:
        part = _REVENUE if sorting.part == "revenue" else _number(sorting.part)
        return f"({sign}{part}, -toInt64(visitors))"
    part = f"toInt128({_REVENUE} * {_TICKS})" if sorting.part == "revenue" else sorting.part
    quotient = f"if({sorting.whole} = 0, 0, {part} / {sorting.whole})"
    return f"({sign}{quotient}, -toInt64(visitors))"


def _number(measure: str) -> str:
    return measure if measure.endswith("_revenue") else f"toInt64({measure})"


def _is_one_of(only: Sequence[Sequence[str]], values: Values) -> str:
    """By the values' checksums: a thousand addresses are too long for a request to a server."""
    branches = []
    for number, wanted in enumerate(only):
        checksums = [crc32(value.encode()) for value in wanted]
        branches.append(
            f"list = {number}, CRC32(value) IN {values.bind('Array(UInt32)', checksums)}"
        )
    return f"multiIf({', '.join(branches)}, 0)"


def _search(question: Question, values: Values) -> str:
    """Any part of a value; of a Unicode hostname also its stored, ASCII form."""
    if not question.search:
        return "1"
    wanted = [question.search]
    if not question.search.isascii() and (host := to_ascii(question.search)):
        wanted.append(host)
    tests = (
        f"positionCaseInsensitiveUTF8(value, {values.bind('String', text)}) > 0" for text in wanted
    )
    return f"({' OR '.join(tests)})"


def _has_numbers(question: Question) -> str:
    """A refund or a free trial alone makes no row of zeros; a known goal is one."""
    if question.report == "goals":
        return "1"
    return "visitors + sessions + completions + new_revenue + renewal_revenue > 0"
