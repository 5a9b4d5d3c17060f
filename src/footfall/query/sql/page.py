"""One page of each list: order, search, limit and offset, and how many rows there are in all."""

from textwrap import indent

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
COLUMNS = ("list", "role", "position", "total", "value", *CODES, *LIST_MEASURES)
"""What every list statement answers. `position` counts from 1; the first row of a list always
comes, even where the page lies behind the list's end, so that `total` is known."""


def page_of_lists(rows: str, question: Question, values: Values) -> str:
    """`rows` selects list, role, value, country_, region_code_, region_ and LIST_MEASURES."""
    by = "PARTITION BY list, role"
    order = "ORDER BY visitors DESC, value, country_, region_code_, region_"
    first = values.bind("UInt64", question.offset)
    past = values.bind("UInt64", question.offset + question.limit)
    return f"""
SELECT list, role, position, total, value, country_, region_code_, region_,
    {", ".join(LIST_MEASURES)}
FROM (
    SELECT *, row_number() OVER ({by} {order}) AS position, count() OVER ({by}) AS total
    FROM (
{indent(rows, " " * 8)}
    )
    WHERE {_search(question, values)}
)
WHERE role != {LISTED} OR position = 1 OR (position > {first} AND position <= {past})
ORDER BY list, role, position"""


def _search(question: Question, values: Values) -> str:
    if not question.search:
        return "1"
    text = values.bind("String", question.search)
    return f"role != {LISTED} OR positionCaseInsensitiveUTF8(value, {text}) > 0"
