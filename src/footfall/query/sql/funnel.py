"""The funnel: how far people get from step to step, and how many for each value of a breakdown.

Closed, a person's chain begins at a step-1 event and continues with the earliest later event of
each next step. A chain is an array of (time in ms, value of the breakdown), one per step. It is
put together from its end: the chain of an event that is step k is the event itself and the chain
of the next event that is step k + 1. So every event is looked at once per step, however many
events begin a chain.
"""

from footfall.model.funnel import FunnelQuestion
from footfall.model.period import END_OF_TIME
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import WALLET, EventTests
from footfall.query.sql.statement import Statement, Values

_WHO = f"if(visitor_id != 0, visitor_id, sipHash64({WALLET}))"


def funnel_span(question: FunnelQuestion) -> Span:
    """When the events of steps can have happened."""
    period = question.period
    if question.funnel_type == "open":
        return Span(period.from_ms, period.to_ms)
    return Span(period.from_ms, min(period.to_ms + question.window_s * 1000, END_OF_TIME))


def funnel_statement(question: FunnelQuestion, reach: Span | None) -> Statement:
    """Rows of rank, value, step, users and the medians (ms) from the previous and the first step.

    Rank 1 is the largest value, `limit` + 1 ('' as value) all those that are not among the
    largest. A step without people has no row.
    """
    values = Values()
    is_open = question.funnel_type == "open"
    medians = "NULL, NULL"
    if not is_open:
        median = "quantileExactInclusiveMerge(0.5)"
        medians = f"{median}(from_previous), {median}(from_start)"
    limit = values.bind("UInt64", question.limit)
    text = f"""
WITH
matching_events AS ({_matching_events(question, values, reach)}),
{_open_stages(question) if is_open else _closed_stages(question, values)},
sized_values AS (
    SELECT *, max(users) OVER (PARTITION BY value) AS size
    FROM steps_of_values
),
ranked_values AS (
    SELECT *, dense_rank() OVER (ORDER BY size DESC, value) AS place
    FROM sized_values
)
SELECT
    least(place, {limit} + 1) AS rank,
    if(place <= {limit}, value, '') AS shown,
    step,
    sum(users),
    {medians}
FROM ranked_values
GROUP BY rank, shown, step
ORDER BY rank, step"""
    return values.statement(text)


def _matching_events(question: FunnelQuestion, values: Values, reach: Span | None) -> str:
    """People's events that are a step: `who` is the visitor's key, else one of the wallet; bit
    k - 1 of `steps` says whether the event is step k."""
    tests = EventTests(values)
    bits = [f"{1 << k} * {tests.step(step)}" for k, step in enumerate(question.steps)]
    types = sorted({step.type for step in question.steps})
    value = tests.group_value(question.group_by) if question.group_by else "''"
    where = Covered(question, values, reach).happened(
        funnel_span(question),
        f"type IN {values.bind('Array(String)', types)}",
        "(visitor_id != 0 OR address != '')",
        tests.conditions(question.conditions),
        "steps != 0",
    )
    return f"""
    SELECT
        {_WHO} AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16({" + ".join(bits)}) AS steps,
        {value} AS value
    FROM events
    WHERE {where}
"""


def _closed_stages(question: FunnelQuestion, values: Values) -> str:
    """One groupArray per column takes half the time and memory of one of tuples."""
    columns = ["at", "seq", "steps", *(["value"] if question.group_by else [])]
    end = values.bind("Int64", question.period.to_ms)
    window_ms = values.bind("Int64", question.window_s * 1000)
    touched = "''"
    if question.group_by:
        touched = "chain[1].2" if question.attribution == "first_touch" else "chain[-1].2"
    return f"""ordered_events AS (
    SELECT arraySort(arrayZip({", ".join(f"groupArray({each})" for each in columns)})) AS events
    FROM matching_events
    GROUP BY who
),
chains AS (
    SELECT
        {_chains(question)}
    FROM ordered_events
),
started_chains AS (
    SELECT
        arrayFilter(chain -> notEmpty(chain) AND chain[1].1 < {end}, chain_1) AS started,
        arrayMap(chain -> chain[1].1, started) AS starts,
        arrayMap(
            (chain, start) -> arrayFilter(event -> event.1 <= start + {window_ms}, chain),
            started, starts
        ) AS reached
    FROM chains
),
furthest_chains AS (
    SELECT
        arrayMap(chain -> length(chain), reached) AS levels,
        reached[indexOf(levels, arrayMax(levels))] AS chain
    FROM started_chains
    WHERE notEmpty(reached)
),
steps_of_values AS (
    SELECT
        {touched} AS value,
        step,
        count() AS users,
        quantileExactInclusiveState(0.5)(passed) AS from_previous,
        quantileExactInclusiveState(0.5)(passed_since_start) AS from_start
    FROM (
        SELECT chain, arrayDifference(arrayMap(event -> event.1, chain)) AS differences
        FROM furthest_chains
    )
    ARRAY JOIN
        arrayEnumerate(chain) AS step,
        differences AS passed,
        arrayCumSum(differences) AS passed_since_start
    GROUP BY value, step
)"""


def _chains(question: FunnelQuestion) -> str:
    """For each event, and each step k from the last to the second, the chain of the next event
    (itself included) that is step k; at last the chain that the event itself begins as step 1.
    [] if there is none."""
    event = "(event.1, event.4)" if question.group_by else "tuple(event.1)"
    chains: list[str] = []
    for k in range(len(question.steps), 0, -1):
        is_step = f"bitTest(event.3, {k - 1})"
        own = f"arrayMap(event -> if({is_step}, [{event}], []), events)"
        if chains:
            own = (
                f"arrayMap((event, rest) -> if({is_step}, arrayPushFront(rest, {event}), []),"
                f" events, arrayShiftLeft(chain_{k + 1}, 1))"
            )
        chain = own if k == 1 else f"arrayReverseFill(chain -> notEmpty(chain), {own})"
        chains.append(f"{chain} AS chain_{k}")
    return ",\n        ".join(chains)


def _open_stages(question: FunnelQuestion) -> str:
    """A person's level is the last step before the first that is missing; a step's value is that
    of its earliest event."""
    count = len(question.steps)
    is_last_touch = question.group_by != "" and question.attribution == "last_touch"
    touched = [
        f"argMinIf(value, (at, seq), bitTest(steps, {k}))"
        for k in range(count if is_last_touch else 1)
    ]
    return f"""people AS (
    SELECT
        groupBitOr(steps) AS found,
        arrayFirstIndex(k -> NOT bitTest(found, k), range({count + 1})) - 1 AS level,
        [{", ".join(touched) if question.group_by else "''"}] AS values
    FROM matching_events
    GROUP BY who
),
steps_of_values AS (
    SELECT
        {"values[level]" if is_last_touch else "values[1]"} AS value,
        arrayJoin(range(1, level + 1)) AS step,
        count() AS users
    FROM people
    WHERE level > 0
    GROUP BY value, step
)"""
