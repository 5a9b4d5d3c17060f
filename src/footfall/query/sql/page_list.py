"""The list of pages from walks: which pages a session saw, and for each of them when the visitor's
latest session before that saw it began (load/walking.py).

A visitor of a page counts with the session that no other one of the period precedes on that page,
that is, once, so no set of visitors is needed. Visitors who have a session without a walk in the
period are counted with sets, unless there are none.
"""

from footfall.model.mark import REPEATED
from footfall.model.question import Question
from footfall.query.sql.covered import Covered
from footfall.query.sql.mark import first_mark
from footfall.query.sql.money import BY_KIND, has_paid, paid, paid_by_anybody
from footfall.query.sql.statement import Part, Statement, Values
from footfall.query.sql.walked import IS_WALKED, is_unwalked

_IS_PAGE = "type = 'page'"


def pages_of_walks(
    question: Question, covered: Covered, values: Values, keys: dict[str, str]
) -> Part:
    """Visitors, sessions and views of each page, whose path is the `value` in `keys`. Marks must
    apply to the question."""
    walked = covered.sessions_of_period(covered.is_bot(), IS_WALKED)
    unwalked = covered.sessions_of_period(covered.is_bot(), f"NOT {IS_WALKED}")
    sent = covered.events(
        _IS_PAGE,
        "session_id != 0",
        is_unwalked(f"SELECT started_at, session_id FROM sessions FINAL WHERE {unwalked}"),
    )
    counts_once = f"visitor_id IN (SELECT visitor_id FROM sessions FINAL WHERE {unwalked})"
    # a walk's entries say which of them is the session's first, events have their session
    source = f"""FROM (
    SELECT page, prev_at, visitor_id, is_in_set, 0 AS session_id
    FROM {_pages(walked, f"visitor_id, {counts_once} AS is_in_set")}
    UNION ALL
    SELECT path AS page, {REPEATED} AS prev_at, visitor_id, 1 AS is_in_set, session_id
    FROM events
    WHERE {sent}
)"""
    is_first = f"NOT is_in_set AND prev_at < {_first(question, covered, values)}"
    visitors = f"countIf({is_first}) + uniqExactIf(visitor_id, is_in_set)"
    sessions = f"countIf(prev_at != {REPEATED}) + uniqExactIf(session_id, session_id != 0)"
    return _list(source, keys, visitors, sessions)


def all_pages_of_walks(
    question: Question, covered: Covered, values: Values, keys: dict[str, str]
) -> Part:
    """The same where every session of the period has a walk."""
    walked = covered.sessions_of_period(covered.is_bot(), IS_WALKED)
    visitors = f"countIf(prev_at < {_first(question, covered, values)})"
    return _list(f"FROM {_pages(walked)}", keys, visitors, f"countIf(prev_at != {REPEATED})")


def _list(source: str, keys: dict[str, str], visitors: str, sessions: str) -> Part:
    """A row for each `page` of the source, which has one row for each view."""
    measures = {"visitors": visitors, "sessions": sessions, "views": "count()"}
    return Part(source, {**keys, "value": "toString(page)"}, measures, "GROUP BY page")


def unwalked_statement(question: Question) -> Statement:
    """One number: 1 if a session of the period has no walk, else 0."""
    values = Values()
    covered = Covered(question, values)
    unwalked = covered.sessions_of_period(covered.is_bot(), f"NOT {IS_WALKED}")
    return values.statement(
        f"SELECT count() FROM (SELECT 1 FROM sessions FINAL WHERE {unwalked} LIMIT 1)"
    )


def _first(question: Question, covered: Covered, values: Values) -> str:
    """The first mark of sessions in the period, among those that a purge has left."""
    oldest = f"SELECT min(started_at) FROM sessions WHERE {covered.sessions_of_period()}"
    second = f"intDiv(toUnixTimestamp64Milli(({oldest})), 1000)"
    return f"greatest({first_mark(question, values)}, {second})"


def paid_pages(covered: Covered, keys: dict[str, str]) -> Part:
    """The payments of the sessions that saw each page."""
    payers = f"FROM payments FINAL WHERE {paid_by_anybody(covered)}"
    of_payers = (
        f"started_at >= (SELECT min(session_started_at) {payers})"
        f" AND session_id IN (SELECT session_id {payers})"
    )
    walked = covered.ever_of_payers("started_at", IS_WALKED, of_payers)
    unwalked = covered.ever_of_payers("started_at", f"NOT {IS_WALKED}", of_payers)
    sent = covered.ever_of_payers(
        "report_at",
        _IS_PAGE,
        has_paid(covered, "report_at"),
        is_unwalked(f"SELECT started_at, session_id FROM sessions FINAL WHERE {unwalked}"),
    )
    seen = f"{_pages(walked, 'session_id')} AND prev_at != {REPEATED}"
    source = f"""FROM (
    SELECT session_id, kind, amount FROM payments FINAL WHERE {paid(covered)}
) AS payment
INNER JOIN (
    SELECT session_id, toString(page) AS seen FROM {seen}
    UNION ALL
    SELECT DISTINCT session_id, toString(path) AS seen FROM events WHERE {sent}
) AS pages ON payment.session_id = pages.session_id"""
    return Part(source, {**keys, "value": "seen"}, BY_KIND, "GROUP BY seen")


def _pages(chosen: str, *columns: str) -> str:
    """A table of the page views in the walks of the chosen sessions, with further `columns` of
    these, and a first condition."""
    return f"""(
        SELECT {", ".join((*columns, "walk_type", "walk_label", "walk_prev_at"))}
        FROM sessions FINAL
        WHERE {chosen}
    )
    ARRAY JOIN walk_type AS type, walk_label AS page, walk_prev_at AS prev_at
    WHERE {_IS_PAGE}"""
