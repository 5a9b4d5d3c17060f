"""The timeseries: each bucket's numbers and, in the same pass, those of the whole period."""

from collections.abc import Collection, Sequence

from footfall.model.question import Question
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.money import money_part
from footfall.query.sql.overview import OF_MONEY, goal_conditions, kpi_goal, session_measures
from footfall.query.sql.statement import Part, Statement, Values, stack

KEYS = ("is_total", "bucket")


def timeseries_statement(
    question: Question, starts_s: Sequence[int], measures: Collection[str], reach: Span | None
) -> Statement:
    """Rows of is_total, bucket (epoch seconds, one of `starts_s`), then `measures`.

    Buckets without rows are left out. Distinct visitors of the whole period are not the sum of the
    buckets', so GROUPING SETS counts both. A bucket's payers paid within that bucket.
    """
    values = Values()
    covered = Covered(question, values, reach)
    bounds = values.bind("Array(UInt32)", list(starts_s))
    by_start = _bucket("started_at", bounds)
    by_report = _bucket("report_at", bounds)
    of_sessions = session_measures(question, covered, values, measures)
    if "payers" in measures:
        of_sessions["payers"] = _payers(covered, by_start, by_report, of_sessions["payers"])
    parts = []
    if of_sessions:
        source = f"FROM sessions FINAL\nWHERE {covered.sessions()}"
        parts.append(_part(source, by_start, of_sessions))
    if any(name in OF_MONEY for name in measures):
        money = money_part(question, covered)
        parts.append(_part(money.source, by_report, dict(money.measures)))
    goal = kpi_goal(question)
    if goal and "completions" in measures:
        source = f"FROM events\nWHERE {covered.events(*goal_conditions(goal, values))}"
        parts.append(_part(source, by_report, {"completions": "count()"}))
    return values.statement(stack(KEYS, tuple(measures), parts))


def _bucket(column: str, bounds: str) -> str:
    return f"roundDown(toUnixTimestamp({column}), {bounds})"


def _payers(covered: Covered, by_start: str, by_report: str, payers_of_period: str) -> str:
    condition = covered.payments_of_period("kind = 'new'", "original_amount > 0", "visitor_id != 0")
    paid = f"SELECT {by_report}, visitor_id FROM payments FINAL WHERE {condition}"
    in_bucket = f"uniqExactIf(visitor_id, ({by_start}, visitor_id) IN ({paid}))"
    return f"if(grouping({by_start}) = 1, {payers_of_period}, {in_bucket})"


def _part(source: str, bucket: str, measures: dict[str, str]) -> Part:
    keys = {"is_total": f"grouping({bucket})", "bucket": bucket}
    return Part(source, keys, measures, f"GROUP BY GROUPING SETS (({bucket}), ())")
