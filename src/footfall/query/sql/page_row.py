"""The row `page` of the list of events, which stands for all page views: their sessions know how
many there are, so that most events need not be read.

A goal may be named `page` too, and then both are one row, which only the events can count.
"""

from collections.abc import Collection

from footfall.model.question import Question
from footfall.query.sql.covered import EVENT_NAME, Covered, Span
from footfall.query.sql.mark import is_new
from footfall.query.sql.money import paid_by_anybody
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
    measures: Collection[str],
) -> Part:
    """The row with further `measures`. If `unmarked` is one of them, marks count the visitors,
    except of those who have a covered session without a page view: the marks are about that one
    too, and there are few."""
    found = session_measures(question, covered, values, measures)
    visitors = "uniqExact(visitor_id)"
    if "unmarked" in measures:
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
    of_row = {name: found[name] for name in found if name not in ("unmarked", *counts)}
    return Part(source, {**keys, "value": f"'{PAGE}'"}, {**counts, **of_row})


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
    paid = paid_by_anybody(covered)
    payers = f"SELECT session_started_at, session_id FROM payments FINAL WHERE {paid}"
    has_paid = f"(started_at, session_id) IN ({payers})"
    saw = covered.ever_of_payers("started_at", _SAW_PAGES, has_paid)
    return f"SELECT session_id, '{PAGE}' AS listed_value FROM sessions FINAL WHERE {saw}"
