"""The overview: every metric of the covered rows in one row."""

from collections.abc import Collection

from footfall.model.question import Question
from footfall.model.website import KPI_REVENUE
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.mark import UNMARKED, is_new
from footfall.query.sql.money import money_part, payers
from footfall.query.sql.statement import Part, Statement, Values, stack
from footfall.query.sql.walked import IS_WALKED

OF_SESSIONS = {
    "visitors": "uniqExact(visitor_id)",
    "sessions": "count()",
    "views": "sum(pageviews)",
    "bounces": "countIf(pageviews = 1 AND counted_events = 1)",
    "duration": "toUInt64(sum(dateDiff('millisecond', started_at, last_event_at)))",
    "engaged": "sum(engaged_ms)",
}
OF_MONEY = ("new_revenue", "renewal_revenue", "refunded_revenue", "unconverted")


def kpi_goal(question: Question) -> str | None:
    """The goal that is the website's KPI; None if the KPI is revenue."""
    kpi = question.website.kpi
    return None if kpi in (None, "", KPI_REVENUE) else kpi


def overview_statement(
    question: Question, measures: Collection[str], reach: Span | None
) -> Statement:
    """One row with `measures` in their order (see `Part`)."""
    values = Values()
    covered = Covered(question, values, reach)
    parts = []
    if of_sessions := session_measures(question, covered, values, measures):
        source = f"FROM sessions FINAL\nWHERE {covered.sessions()}"
        parts.append(Part(source, {}, of_sessions))
    if any(name in OF_MONEY for name in measures):
        parts.append(money_part(question, covered))
    goal = kpi_goal(question)
    if goal and "completions" in measures:
        source = f"FROM events\nWHERE {covered.events(*goal_conditions(goal, values))}"
        parts.append(Part(source, {}, {"completions": "count()"}))
    return values.statement(stack((), tuple(measures), parts))


def uncounted_statement(question: Question, reach: Span | None) -> Statement:
    """One number: the sessions without a counted event."""
    values = Values()
    covered = Covered(question, values, reach)
    return values.statement(
        f"SELECT count()\nFROM sessions FINAL\nWHERE {covered.uncounted_sessions()}"
    )


def goal_conditions(goal: str, values: Values) -> tuple[str, str]:
    return "type = 'track'", f"name = {values.bind('String', goal)}"


def session_measures(
    question: Question, covered: Covered, values: Values, measures: Collection[str]
) -> dict[str, str]:
    """The expressions over sessions for those of `measures` that are counted there. If `unmarked`
    is one of them, visitors are counted by marks."""
    found = {name: OF_SESSIONS[name] for name in measures if name in OF_SESSIONS}
    if "unmarked" in measures:
        found["unmarked"] = UNMARKED
        found["visitors"] = f"countIf({is_new(question, values)})"
    if "unwalked" in measures:
        found["unwalked"] = f"countIf(NOT {IS_WALKED})"
    if "payers" in measures:
        found["payers"] = f"uniqExactIf(visitor_id, visitor_id IN ({payers(covered)}))"
    goal = kpi_goal(question)
    if goal and "achievers" in measures:
        completed = covered.events(*goal_conditions(goal, values), "visitor_id != 0")
        chosen = f"SELECT visitor_id FROM events WHERE {completed}"
        found["achievers"] = f"uniqExactIf(visitor_id, visitor_id IN ({chosen}))"
    return found
