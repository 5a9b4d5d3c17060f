"""The timeseries: each bucket's numbers and, in the same pass, those of the whole period."""

from collections.abc import Collection, Sequence

from footfall.model.question import Question
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.mark import is_new
from footfall.query.sql.money import money_part
from footfall.query.sql.overview import OF_MONEY, goal_conditions, kpi_goal, session_measures
from footfall.query.sql.statement import Part, Statement, Values, stack

KEYS = ("is_total", "bucket")


def timeseries_statement(
    question: Question, starts_s: Sequence[int], measures: Collection[str], reach: Span | None
) -> Statement:
    """Rows of is_total, bucket (epoch seconds, one of `starts_s`), then `measures`.

    Buckets without rows are left out. Distinct visitors of the whole period are not the sum of the
    buckets', so GROUPING SETS counts both. A bucket's payers paid within that bucket, and its
    achievers completed the goal there.
    """
    values = Values()
    covered = Covered(question, values, reach)
    bounds = values.bind("Array(UInt32)", list(starts_s))
    by_start = _bucket("started_at", bounds)
    by_report = _bucket("report_at", bounds)
    of_sessions = session_measures(question, covered, values, measures)
    if "unmarked" in measures:
        in_bucket = f"countIf({is_new(question, values, by_start)})"
        of_sessions["visitors"] = _total_or(by_start, of_sessions["visitors"], in_bucket)
    if "payers" in measures:
        paid = _payments(covered, by_report)
        of_sessions["payers"] = _in_bucket(by_start, paid, of_sessions["payers"])
    goal = kpi_goal(question)
    if "achievers" in of_sessions and goal:
        done = _completions(covered, by_report, goal_conditions(goal, values))
        of_sessions["achievers"] = _in_bucket(by_start, done, of_sessions["achievers"])
    parts = []
    if of_sessions:
        source = f"FROM sessions FINAL\nWHERE {covered.sessions()}"
        parts.append(_part(source, by_start, of_sessions))
    if any(name in OF_MONEY for name in measures):
        money = money_part(question, covered)
        parts.append(_part(money.source, by_report, dict(money.measures)))
    if goal and "completions" in measures:
        source = f"FROM events\nWHERE {covered.events(*goal_conditions(goal, values))}"
        parts.append(_part(source, by_report, {"completions": "count()"}))
    return values.statement(stack(KEYS, tuple(measures), parts))


def _bucket(column: str, bounds: str) -> str:
    return f"roundDown(toUnixTimestamp({column}), {bounds})"


def _payments(covered: Covered, by_report: str) -> str:
    """The bucket and visitor of each new payment."""
    condition = covered.payments_of_period("kind = 'new'", "original_amount > 0", "visitor_id != 0")
    return f"SELECT {by_report}, visitor_id FROM payments FINAL WHERE {condition}"


def _completions(covered: Covered, by_report: str, is_goal: Sequence[str]) -> str:
    """The bucket and visitor of each completion."""
    condition = covered.events(*is_goal, "visitor_id != 0")
    return f"SELECT {by_report}, visitor_id FROM events WHERE {condition}"


def _in_bucket(by_start: str, found: str, of_period: str) -> str:
    """Visitors who are in `found` in the same bucket; `of_period` in the whole period's row."""
    in_bucket = f"uniqExactIf(visitor_id, ({by_start}, visitor_id) IN ({found}))"
    return _total_or(by_start, of_period, in_bucket)


def _total_or(by_start: str, of_period: str, in_bucket: str) -> str:
    return f"if(grouping({by_start}) = 1, {of_period}, {in_bucket})"


def _part(source: str, bucket: str, measures: dict[str, str]) -> Part:
    keys = {"is_total": f"grouping({bucket})", "bucket": bucket}
    return Part(source, keys, measures, f"GROUP BY GROUPING SETS (({bucket}), ())")
