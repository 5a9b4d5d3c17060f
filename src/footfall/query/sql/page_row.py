"""The row `page` in a list of events: all page views together. Sessions know how many they have, so
most events need not be read.

A goal may be named `page` too, and then both are one row, which only the events can count.
"""

from collections.abc import Collection

from footfall.model.question import Question
from footfall.query.sql.covered import EVENT_NAME, Covered, Span
from footfall.query.sql.mark import is_new
from footfall.query.sql.money import has_paid
from footfall.query.sql.overview import session_measures
from footfall.query.sql.statement import Part, Statement, Values

PAGE = "page"
_SAW_PAGES = "pageviews > 0"
IS_OTHER = f"NOT (type = '{PAGE}' AND session_id != 0)"
"""The events that are not counted here. A page view without a session has no visitor either."""


def page_row(
    question: Question,
    covered: Covered,
    values: Values,
    keys: dict[str, str],
    further: Collection[str],
    *,
    by_marks: bool,
) -> Part:
    """The row with `further` measures of sessions. `by_marks`: marks count the visitors, except for
    those who have a covered session without a page view: the marks are about that one too, and
    there are few."""
    visitors = "uniqExact(visitor_id)"
    if by_marks:
        others = (
            f"SELECT visitor_id FROM sessions FINAL WHERE {covered.sessions()} AND pageviews = 0"
        )
        is_in_set = f"visitor_id IN ({others})"
        visitors = (
            f"countIf({is_new(question, values)} AND NOT {is_in_set})"
            f" + uniqExactIf(visitor_id, {is_in_set})"
        )
    counts = {
        "visitors": visitors,
        "sessions": "count()",
        "views": "sum(pageviews)",
        "completions": "sum(pageviews)",
    }
    source = f"FROM sessions FINAL\nWHERE {covered.sessions()} AND {_SAW_PAGES}"
    of_sessions = session_measures(question, covered, values, further)
    return Part(source, {**keys, "value": f"'{PAGE}'"}, {**counts, **of_sessions})


def namesakes(covered: Covered, keys: dict[str, str]) -> Part:
    """How many other events are named `page`. If there are any, page_row does not apply."""
    return Part(_named_page(covered), keys, {"namesakes": "count()"})


def namesakes_statement(question: Question, reach: Span | None) -> Statement:
    """One number: how many there are."""
    values = Values()
    covered = Covered(question, values, reach)
    return values.statement(f"SELECT count()\n{_named_page(covered)}")


def _named_page(covered: Covered) -> str:
    named = covered.events(f"type != '{PAGE}'", f"{EVENT_NAME} = '{PAGE}'")
    return f"FROM events\nWHERE {named}"


def paid_page_row(covered: Covered) -> str:
    """session_id and listed_value of the paying sessions that have a page view."""
    saw = covered.ever_of_payers("started_at", _SAW_PAGES, has_paid(covered, "started_at"))
    return f"SELECT session_id, '{PAGE}' AS listed_value FROM sessions FINAL WHERE {saw}"
