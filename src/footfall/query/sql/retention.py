"""Retention: when people came first, and in which weeks and until which day they came again."""

from footfall.model.event import NOT_COUNTED
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.retention import DAYS, LAST_WEEK, RetentionQuestion
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import WALLET, EventTests
from footfall.query.sql.statement import Statement, Values

ALL_TIME = Span(START_OF_TIME, END_OF_TIME)
"""Who came first in the period is known only from all that came before it."""

_WHO = {
    "anonymous_id": ("visitor_id", "visitor_id != 0"),
    "address": (f"sipHash64({WALLET})", "address != ''"),
}


def retention_statement(question: RetentionQuestion, today: str, reach: Span | None) -> Statement:
    """A row per cohort: its Monday, people, those of them who came in the weeks 0, 1 … after, and
    for each of DAYS how many have seen its end and how many of these came on it or later.

    `today` is the local date (YYYY-MM-DD).
    """
    values = Values()
    covered = Covered(question, values, reach)
    who, has_who = _WHO[question.id_type]
    every = EventTests(values).conditions(question.conditions)
    is_return = _is_return(question, values)
    zone = values.bind("String", question.period.timezone)
    now_on = values.bind("Date", today)
    period = Span(question.period.from_ms, question.period.to_ms)
    is_in_period = " AND ".join(covered.within("first_at", period))
    days = values.bind("Array(UInt8)", list(DAYS))
    text = f"""
WITH
people AS (
    SELECT
        min(occurred_at) AS first_at,
        groupUniqArrayIf(toMonday(occurred_at, {zone}), {is_return}) AS weeks,
        maxIf(toDate(occurred_at, {zone}), {is_return}) AS last_day
    FROM events
    WHERE {covered.happened(ALL_TIME, has_who, every)}
    GROUP BY {who}
),
newcomers AS (
    SELECT
        toMonday(first_at, {zone}) AS cohort,
        toDate(first_at, {zone}) AS first_day,
        weeks,
        last_day
    FROM people
    {f"WHERE {is_in_period}" if is_in_period else ""}
)
SELECT
    cohort,
    count(),
    sumForEach(arrayMap(k -> has(weeks, cohort + 7 * k), range({LAST_WEEK + 1}))),
    sumForEach(arrayMap(n -> first_day + n < {now_on}, {days})),
    sumForEach(arrayMap(n -> first_day + n < {now_on} AND last_day >= first_day + n, {days}))
FROM newcomers
GROUP BY cohort
ORDER BY cohort"""
    return values.statement(text)


def _is_return(question: RetentionQuestion, values: Values) -> str:
    tests = [f"type NOT IN {values.bind('Array(String)', sorted(NOT_COUNTED))}"]
    if question.event_type:
        tests.append(f"type = {values.bind('String', question.event_type)}")
    if question.event_name:
        tests.append(f"name = {values.bind('String', question.event_name)}")
    return " AND ".join(tests)
