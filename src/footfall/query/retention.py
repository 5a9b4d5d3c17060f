"""The retention report: weekly cohorts of new people, and who of them comes again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.question import Row
from footfall.model.retention import DAYS, LAST_WEEK, RetentionQuestion
from footfall.model.table import Column, Cost, Table
from footfall.query.number import ratio
from footfall.query.reach import find_reach_of_events
from footfall.query.sql.retention import ALL_TIME, retention_statement
from footfall.store.reader import Reader

_WEEKS = [f"week_{k} Nullable(Float64)" for k in range(LAST_WEEK + 1)]
_COHORT = ", ".join(["project_id String, cohort_week Date, num_users UInt64", *_WEEKS])
_DAYS = [
    f"day{n}_retained Nullable(UInt64), day{n}_retention_rate Nullable(Float64),"
    f" day{n}_users UInt64"
    for n in DAYS
]
_METRIC = ", ".join(["project_id String, user_count UInt64", *_DAYS])
_COLUMNS = (Column("metric", f"Tuple({_METRIC})"), Column("user", f"Array(Tuple({_COHORT}))"))


class _Cohort(msgspec.Struct, frozen=True):
    """People whose first day lies in one week; the lists go by week after it and by DAYS."""

    monday: date
    people: int
    by_week: list[int]
    seen_day: list[int]
    retained: list[int]


def answer_retention(question: RetentionQuestion, reader: Reader) -> Table:
    """One row: `metric` of everybody new in the period, `user` with a row per cohort.

    Raises EngineError. docs/flows.md has the rules.
    """
    reach = find_reach_of_events(question, ALL_TIME, reader)
    today = _local_date(question.now_at, question.period.timezone)
    statement = retention_statement(question, today.isoformat(), reach)
    found = reader.query(statement.text, statement.values)
    cohorts = [_Cohort(date.fromisoformat(monday), *rest) for monday, *rest in found.rows]
    large = [cohort for cohort in cohorts if cohort.people >= question.min_users]
    project_id = question.website.public_id
    metric = {"project_id": project_id, **_metric(cohorts)}
    user = [
        {"project_id": project_id, **_row(cohort, today)} for cohort in large[-question.limit :]
    ]
    return Table(
        columns=_COLUMNS,
        rows=[{"metric": metric, "user": user}],
        total=1,
        cost=Cost(found.elapsed_s, found.rows_read, found.bytes_read),
    )


def _metric(cohorts: Sequence[_Cohort]) -> Row:
    metric: Row = {"user_count": sum(cohort.people for cohort in cohorts)}
    for i, n in enumerate(DAYS):
        users = sum(cohort.seen_day[i] for cohort in cohorts)
        retained = sum(cohort.retained[i] for cohort in cohorts)
        metric[f"day{n}_retained"] = retained if users else None
        metric[f"day{n}_retention_rate"] = ratio(retained, users) if users else None
        metric[f"day{n}_users"] = users
    return metric


def _row(cohort: _Cohort, today: date) -> Row:
    row: Row = {"cohort_week": cohort.monday.isoformat(), "num_users": cohort.people}
    for k, came in enumerate(cohort.by_week):
        is_over = cohort.monday + timedelta(weeks=k + 1) <= today
        row[f"week_{k}"] = ratio(came, cohort.people) if is_over else None
    return row


def _local_date(at: int, timezone: str) -> date:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return moment.astimezone(ZoneInfo(timezone)).date()
