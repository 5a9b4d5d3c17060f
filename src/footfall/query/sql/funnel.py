"""The funnel: how far people get from step to step, and how many for each value of a breakdown.

Closed, a person's chain begins at a step-1 event and continues with the earliest later event of
each next step. A chain is an array of (time in ms, value of the breakdown), one per step. It is
put together from its end: the chain of an event that is step k is the event itself and the chain
of the next event that is step k + 1. So every event is looked at once per step, however many
events begin a chain.
"""

from footfall.model.event import PAYMENT_GOAL
from footfall.model.funnel import FunnelQuestion
from footfall.model.payment import TRANSACTION_ID
from footfall.model.period import END_OF_TIME
from footfall.model.step import Step
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import WALLET, EventTests
from footfall.query.sql.statement import Statement, Values

_MOVEMENT = f"JSONExtractString(properties, '{TRANSACTION_ID}')"
"""The payment that recorded an event, '' if none did."""
_WHO = f"if(visitor_id != 0, visitor_id, sipHash64({WALLET}))"


def funnel_span(question: FunnelQuestion) -> Span:
    """When the events of steps can have happened."""
    period = question.period
    if question.funnel_type == "open":
        return Span(period.from_ms, period.to_ms)
    return Span(period.from_ms, min(period.to_ms + question.window_s * 1000, END_OF_TIME))


def funnel_statement(question: FunnelQuestion, reach: Span | None) -> Statement:
    """Rows of rank, value, step, users, the medians (ms) from the previous and the first step and,
    if it is asked for, the revenue and how many payments have no rate.

    Rank 1 is the largest value, `limit` + 1 ('' as value) all those that are not among the
    largest. A step without people has no row.
    """
    values = Values()
    medians = "NULL, NULL"
    if question.funnel_type == "closed":
        median = "quantileExactInclusiveMerge(0.5)"
        medians = f"{median}(from_previous), {median}(from_start)"
    paid = ",\n    sum(revenue),\n    sum(unconverted)" if question.shows_revenue else ""
    limit = values.bind("UInt64", question.limit)
    text = f"""
WITH
{_stages(question, values, reach)},
{_steps_of_values(question)},
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
    {medians}{paid}
FROM ranked_values
GROUP BY rank, shown, step
ORDER BY rank, step"""
    return values.statement(text)


def funnel_unconverted_statement(question: FunnelQuestion, reach: Span | None) -> Statement:
    """The payments of those at the last step for which no rate is known: currency, amount."""
    values = Values()
    return values.statement(f"""
WITH
{_stages(question, values, reach)}
SELECT payment.5 AS currency, sum(payment.4)
FROM paid_chains
ARRAY JOIN paid[-1] AS payment
WHERE length(chain) = {len(question.steps)} AND currency != ''
GROUP BY currency
ORDER BY currency""")


def funnel_people(
    question: FunnelQuestion, values: Values, reach: Span | None, *, step: int, has_dropped: bool
) -> str:
    """A query of the people at a step: visitor, 0 for a wallet without a visitor."""
    stages = _stages(question, values, reach, keeps_people=True)
    is_there = f"length(chain) >= {values.bind('UInt64', step)}"
    if has_dropped:
        is_last = "" if step < len(question.steps) else " AND false"
        is_there = f"length(chain) = {values.bind('UInt64', step)}{is_last}"
    return f"WITH\n{stages}\nSELECT visitor FROM furthest_chains WHERE {is_there}"


def _stages(
    question: FunnelQuestion, values: Values, reach: Span | None, *, keeps_people: bool = False
) -> str:
    """From events to people: `furthest_chains` has the events by which each one got from step to
    step, with `keeps_people` (and where revenue is asked for) also `visitor`, 0 for a wallet. Open
    funnels that need neither have `people` instead, with the level of each one."""
    keeps_people = keeps_people or question.shows_revenue
    visitor = "visitor, " if keeps_people else ""
    stages = [f"matching_events AS ({_matching_events(question, values, reach, keeps_people)})"]
    if question.funnel_type == "closed":
        stages.append(_closed_stages(question, values, visitor))
    else:
        stages.append(_open_stages(question, visitor))
    if question.shows_revenue:
        stages.append(_paid_stages(question, values))
    return ",\n".join(stages)


def _matching_events(
    question: FunnelQuestion, values: Values, reach: Span | None, keeps_people: bool
) -> str:
    """People's events that are a step: `who` is the visitor's key, else one of the wallet; bit
    k - 1 of `steps` says whether the event is step k."""
    tests = EventTests(values)
    bits = [f"{1 << k} * {tests.step(step)}" for k, step in enumerate(question.steps)]
    types = sorted({step.type for step in question.steps})
    value = tests.group_value(question.group_by) if question.group_by else "''"
    more = ",\n        visitor_id" if keeps_people else ""
    more += f",\n        {_MOVEMENT} AS movement" if _has_movements(question) else ""
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
        {value} AS value{more}
    FROM events
    WHERE {where}
"""


def _closed_stages(question: FunnelQuestion, values: Values, visitor: str) -> str:
    """One groupArray per column takes half the time and memory of one of tuples."""
    columns = ["at", "seq", "steps", *(["value"] if question.group_by else [])]
    columns += ["movement"] if _has_movements(question) else []
    end = values.bind("Int64", question.period.to_ms)
    window_ms = values.bind("Int64", question.window_s * 1000)
    events = f"arraySort(arrayZip({', '.join(f'groupArray({each})' for each in columns)}))"
    return f"""ordered_events AS (
    SELECT {"any(visitor_id) AS visitor, " if visitor else ""}{events} AS events
    FROM matching_events
    GROUP BY who
),
chains AS (
    SELECT
        {visitor}{_chains(question)}
    FROM ordered_events
),
started_chains AS (
    SELECT
        {visitor}arrayFilter(chain -> notEmpty(chain) AND chain[1].1 < {end}, chain_1) AS started,
        arrayMap(chain -> chain[1].1, started) AS starts,
        arrayMap(
            (chain, start) -> arrayFilter(event -> event.1 <= start + {window_ms}, chain),
            started, starts
        ) AS reached
    FROM chains
),
furthest_chains AS (
    SELECT
        {visitor}arrayMap(chain -> length(chain), reached) AS levels,
        reached[indexOf(levels, arrayMax(levels))] AS chain
    FROM started_chains
    WHERE notEmpty(reached)
)"""


def _chains(question: FunnelQuestion) -> str:
    """For each event, and each step k from the last to the second, the chain of the next event
    (itself included) that is step k; at last the chain that the event itself begins as step 1.
    [] if there is none."""
    parts = ["event.1", *(["event.4"] if question.group_by else [])]
    parts += [f"event.{len(parts) + 3}"] if _has_movements(question) else []
    event = f"({', '.join(parts)})" if len(parts) > 1 else "tuple(event.1)"
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


def _open_stages(question: FunnelQuestion, visitor: str) -> str:
    """A person's level is the last step before the first that is missing; a step's value is that
    of its earliest event."""
    count = len(question.steps)
    touched = [
        f"argMinIf(value, (at, seq), bitTest(steps, {k}))"
        for k in range(count if _is_last_touch(question) else 1)
    ]
    people = f"""people AS (
    SELECT
        {"any(visitor_id) AS visitor, " if visitor else ""}groupBitOr(steps) AS found,
        arrayFirstIndex(k -> NOT bitTest(found, k), range({count + 1})) - 1 AS level,
        [{", ".join(touched) if question.group_by else "''"}] AS values{{firsts}}
    FROM matching_events
    GROUP BY who
)"""
    if not visitor:
        return people.format(firsts="")
    own = ", argMinIf(movement, (at, seq), {is_step})" if _has_movements(question) else ""
    firsts = [
        f"tuple(minIf(at, {is_step}){own.format(is_step=is_step)})"
        for is_step in (f"bitTest(steps, {k})" for k in range(count))
    ]
    chosen = f",\n        [{', '.join(firsts)}] AS firsts"
    return f"""{people.format(firsts=chosen)},
furthest_chains AS (
    SELECT visitor, values, arraySlice(firsts, 1, level) AS chain
    FROM people
    WHERE level > 0
)"""


def _paid_stages(question: FunnelQuestion, values: Values) -> str:
    """`paid` has for each step of a chain the payments that count there."""
    covered = Covered(question, values)
    paid = covered.payments_within(funnel_span(question), "visitor_id != 0", "kind != 'refund'")
    columns = "values" if question.funnel_type == "open" else "visitor"
    return f"""payments_of_people AS (
    SELECT
        visitor_id AS visitor,
        groupArray((
            toUnixTimestamp64Milli(report_at),
            movement_id,
            amount,
            original_amount,
            if(is_converted = 1, '', toString(original_currency))
        )) AS payments
    FROM payments FINAL
    WHERE {paid}
    GROUP BY visitor
),
paid_chains AS (
    SELECT
        {columns},
        chain,
        arrayMap(
            (event, k) -> arrayFilter(payment -> {_counts(question, values)}, payments),
            chain, arrayEnumerate(chain)
        ) AS paid
    FROM furthest_chains
    LEFT JOIN payments_of_people USING (visitor)
)"""


def _counts(question: FunnelQuestion, values: Values) -> str:
    """Whether a payment counts for those at step k: it is the step's own, or it was made after
    the step's event and before the end, of the window or, in an open funnel, of the dates."""
    if question.funnel_type == "open":
        is_in_time = f"payment.1 < {values.bind('Int64', question.period.to_ms)}"
    else:
        window_ms = values.bind("Int64", question.window_s * 1000)
        is_in_time = f"payment.1 <= chain[1].1 + {window_ms}"
    follows = f"payment.1 >= event.1 AND {is_in_time}"
    own = [str(k) for k, step in enumerate(question.steps, start=1) if _is_payment(step)]
    if not own:
        return follows
    place = 3 if question.group_by and question.funnel_type == "closed" else 2
    return f"if(k IN ({', '.join(own)}), payment.2 = event.{place}, {follows})"


def _has_movements(question: FunnelQuestion) -> bool:
    """Whether events carry the payment that recorded them."""
    return question.shows_revenue and any(map(_is_payment, question.steps))


def _is_payment(step: Step) -> bool:
    return step.type == "track" and step.name == PAYMENT_GOAL


def _is_last_touch(question: FunnelQuestion) -> bool:
    return question.group_by != "" and question.attribution == "last_touch"


def _steps_of_values(question: FunnelQuestion) -> str:
    if question.funnel_type == "open":
        return _open_steps(question)
    touched = "''"
    if question.group_by:
        touched = "chain[1].2" if question.attribution == "first_touch" else "chain[-1].2"
    paid, source, joined = "", "furthest_chains", ""
    if question.shows_revenue:
        paid, source, joined = "paid, ", "paid_chains", ",\n        paid AS payments"
    return f"""steps_of_values AS (
    SELECT
        {touched} AS value,
        step,
        count() AS users,
        quantileExactInclusiveState(0.5)(passed) AS from_previous,
        quantileExactInclusiveState(0.5)(passed_since_start) AS from_start{_sums(question)}
    FROM (
        SELECT {paid}chain, arrayDifference(arrayMap(event -> event.1, chain)) AS differences
        FROM {source}
    )
    ARRAY JOIN
        arrayEnumerate(chain) AS step,
        differences AS passed,
        arrayCumSum(differences) AS passed_since_start{joined}
    GROUP BY value, step
)"""


def _open_steps(question: FunnelQuestion) -> str:
    if not question.shows_revenue:
        return f"""steps_of_values AS (
    SELECT
        {"values[level]" if _is_last_touch(question) else "values[1]"} AS value,
        arrayJoin(range(1, level + 1)) AS step,
        count() AS users
    FROM people
    WHERE level > 0
    GROUP BY value, step
)"""
    return f"""steps_of_values AS (
    SELECT
        {"values[length(chain)]" if _is_last_touch(question) else "values[1]"} AS value,
        step,
        count() AS users{_sums(question)}
    FROM paid_chains
    ARRAY JOIN arrayEnumerate(chain) AS step, paid AS payments
    GROUP BY value, step
)"""


def _sums(question: FunnelQuestion) -> str:
    if not question.shows_revenue:
        return ""
    return """,
        sum(arraySum(payment -> payment.3, payments)) AS revenue,
        sum(arrayCount(payment -> payment.5 != '', payments)) AS unconverted"""
