"""One page of each list: order, search, limit, and how many rows there are in all."""

from textwrap import indent

from footfall.model.hostname import to_ascii
from footfall.model.question import Question
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
_MOST = 10_000_000


def page_of_lists(rows: str, question: Question, values: Values) -> str:
    """`rows` selects list, role, value, country_, region_code_, region_ and LIST_MEASURES.

    Answers list, role, how many rows that makes, and the first offset + limit of them, by
    visitors descending, value and codes: tuples of minus visitors, value, CODES, LIST_MEASURES.
    """
    first = values.bind("UInt64", min(question.offset + question.limit, _MOST))
    sorting = "-toInt64(visitors), value, country_, region_code_, region_"
    return f"""
SELECT list, role, count() AS total,
    groupArraySorted({first})(({sorting}, {", ".join(LIST_MEASURES)})) AS rows
FROM (
{indent(rows, "    ")}
)
WHERE role != {LISTED} OR ({_search(question, values)} AND {_has_numbers(question)})
GROUP BY list, role"""


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
