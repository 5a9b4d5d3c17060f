"""The retention report: weekly cohorts of new people, and how many of them come again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from footfall.model.retention import DAYS, LAST_WEEK, RetentionQuestion
from footfall.model.table import Column, Cost, Table
from footfall.model.unit import Count, Day, Payload, Ratio
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


class _EverybodyNew(Payload, frozen=True, kw_only=True):
    """Everybody new in the period, and who of them came again on a day after their first one.
    Null while that day is not over for anybody."""

    project_id: str
    user_count: Count


class _FirstWeek(Payload, frozen=True, kw_only=True):
    """The people whose first day lies in one week, and the share of them who came in each week
    after it, itself week 0. Null for a week that is not over."""

    project_id: str
    cohort_week: Annotated[Day, Meta(description="The week's Monday")]
    num_users: Count


def _with_days() -> Any:
    fields = [
        field
        for n in DAYS
        for field in (
            (f"day{n}_retained", Count | None),
            (f"day{n}_retention_rate", Ratio | None),
            (f"day{n}_users", Annotated[Count, Meta(description=f"Those whose day {n} is over")]),
        )
    ]
    return _extended("RetentionMetric", fields, _EverybodyNew)


def _with_weeks() -> Any:
    fields = [(f"week_{k}", Ratio | None) for k in range(LAST_WEEK + 1)]
    return _extended("RetentionCohort", fields, _FirstWeek)


def _extended(name: str, fields: Sequence[tuple[str, Any]], base: type[Payload]) -> Any:
    return msgspec.defstruct(
        name,
        fields,
        bases=(base,),
        namespace={"__doc__": base.__doc__},
        frozen=True,
        kw_only=True,
    )


if TYPE_CHECKING:
    RetentionMetric = Any
    RetentionCohort = Any
else:
    RetentionMetric = _with_days()
    RetentionCohort = _with_weeks()


class RetentionRow(Payload, frozen=True, kw_only=True):
    """The whole report: everybody new together, and by the week of their first day."""

    metric: RetentionMetric
    user: list[RetentionCohort]


class _Cohort(msgspec.Struct, frozen=True):
    """People whose first day is in one week; the lists are by week after it and by DAYS."""

    monday: date
    people: int
    by_week: list[int]
    seen_day: list[int]
    retained: list[int]


def answer_retention(question: RetentionQuestion, reader: Reader) -> Table[RetentionRow]:
    """One row: `metric` of everybody new in the period, `user` with a row per cohort.

    Raises EngineError. docs/flows.md has the rules.
    """
    reach = find_reach_of_events(question, ALL_TIME, reader)
    today = _local_date(question.now_at, question.period.timezone)
    statement = retention_statement(question, today.isoformat(), reach)
    found = reader.query(statement.text, statement.values, statement.reads)
    cohorts = [_Cohort(date.fromisoformat(monday), *rest) for monday, *rest in found.rows]
    large = [cohort for cohort in cohorts if cohort.people >= question.min_users]
    project_id = question.website.public_id
    metric = RetentionMetric(project_id=project_id, **_metric(cohorts))
    user = [
        RetentionCohort(project_id=project_id, **_row(cohort, today))
        for cohort in large[-question.limit :]
    ]
    return Table(
        columns=_COLUMNS,
        rows=[RetentionRow(metric=metric, user=user)],
        total=1,
        cost=Cost(found.elapsed_s, found.rows_read, found.bytes_read),
    )


def _metric(cohorts: Sequence[_Cohort]) -> dict[str, float | None]:
    metric: dict[str, float | None] = {"user_count": sum(cohort.people for cohort in cohorts)}
    for i, n in enumerate(DAYS):
        users = sum(cohort.seen_day[i] for cohort in cohorts)
        retained = sum(cohort.retained[i] for cohort in cohorts)
        metric[f"day{n}_retained"] = retained if users else None
        metric[f"day{n}_retention_rate"] = ratio(retained, users) if users else None
        metric[f"day{n}_users"] = users
    return metric


def _row(cohort: _Cohort, today: date) -> dict[str, str | float | None]:
    row: dict[str, str | float | None] = {
        "cohort_week": cohort.monday.isoformat(),
        "num_users": cohort.people,
    }
    for k, came in enumerate(cohort.by_week):
        is_over = cohort.monday + timedelta(weeks=k + 1) <= today
        row[f"week_{k}"] = ratio(came, cohort.people) if is_over else None
    return row


def _local_date(at: int, timezone: str) -> date:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return moment.astimezone(ZoneInfo(timezone)).date()
