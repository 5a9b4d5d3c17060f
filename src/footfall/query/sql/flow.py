"""The flow: sessions' paths from (or back from) their start event, counted edge by edge.

`near` is an edge's node next to the start event, `far` the other one: backward, `near` is the
later event. A path that ends of itself has '' as its last node, which no event is called.
"""

from footfall.model.event import NOT_COUNTED
from footfall.model.flow import DROP_OFF, END_MATCH, OTHERS, FlowQuestion
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import NODE_LABEL, EventTests
from footfall.query.sql.statement import Statement, Values

_NO_NODES = ", ".join(f"'{name}'" for name in sorted({*NOT_COUNTED, "outbound"}))
_IS_FIXED = f"far = '' OR endsWith(far, '{END_MATCH}')"  # neither grouped nor ranked


def flow_span(question: FlowQuestion) -> Span:
    """When the events of paths can have happened."""
    period, window_ms = question.period, question.window_s * 1000
    if question.direction == "backward":
        return Span(max(period.from_ms - window_ms, START_OF_TIME), period.to_ms)
    return Span(period.from_ms, min(period.to_ms + window_ms, END_OF_TIME))


def flow_statement(question: FlowQuestion, reach: Span | None) -> Statement:
    """Rows of step, source, target, transitions, what they are a share of, and how many rows
    there are before limit and offset."""
    values = Values()
    is_backward = question.direction == "backward"
    far = f"if(far = '', '{DROP_OFF}', far)"
    text = f"""
WITH
start_sessions AS ({_start_sessions(question, values, reach)}),
ordered_events AS ({_ordered_events(question, values, reach)}),
windows AS ({_windows(question, values)}),
paths AS ({_paths(question)}),
cut_paths AS ({_cut_paths(question)}),
edges AS (
    SELECT arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
),
transitions AS (
    SELECT step, near, far, count() AS transitions
    FROM edges
    GROUP BY step, near, far
){_grouping(question, values)}
SELECT
    step,
    {far if is_backward else "near"} AS source,
    {"near" if is_backward else far} AS target,
    transitions,
    {_base(question)} AS base,
    count() OVER () AS total
FROM {"grouped_transitions" if question.nodes_per_step else "transitions"}
{"" if question.shows_drop_off else "WHERE far != ''"}
ORDER BY step, transitions DESC, source, target
LIMIT {values.bind("UInt64", question.limit)} OFFSET {values.bind("UInt64", question.offset)}"""
    return values.statement(text)


def _start_sessions(question: FlowQuestion, values: Values, reach: Span | None) -> str:
    tests = EventTests(values)
    in_period = Span(question.period.from_ms, question.period.to_ms)
    where = Covered(question, values, reach).happened(
        in_period,
        "session_id != 0",
        tests.step(question.start),
        tests.conditions(question.conditions),
    )
    return f"SELECT session_id FROM events WHERE {where}"


def _ordered_events(question: FlowQuestion, values: Values, reach: Span | None) -> str:
    """Each session's events that may be in its path, in order."""
    tests, covered = EventTests(values), Covered(question, values, reach)
    span, every = flow_span(question), tests.conditions(question.conditions)
    start = tests.step(question.start)
    end = tests.step(question.end) if question.end else "false"
    in_period = covered.within("occurred_at", Span(question.period.from_ms, question.period.to_ms))
    is_start = " AND ".join([start, *in_period])
    of_sessions = []
    if question.start.path or question.start.type != "page" or question.start.conditions:
        of_sessions.append(
            "session_id IN start_sessions"
        )  # otherwise it is nearly all sessions: not worth a set
    if question.end:
        ended = covered.happened(span, "session_id != 0", end, every)
        of_sessions.append(f"session_id IN (SELECT session_id FROM events WHERE {ended})")
    where = covered.happened(span, "session_id != 0", every, f"(is_kept OR {start})", *of_sessions)
    return f"""
    WITH ({_is_node(question, values)} OR {end}) AS is_kept
    SELECT
        session_id,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at),
            seq,
            {NODE_LABEL},
            toBool({is_start}),
            toBool({end}),
            toBool(is_kept)
        ))) AS events
    FROM events
    WHERE {where}
    GROUP BY session_id
"""


def _is_node(question: FlowQuestion, values: Values) -> str:
    tests = EventTests(values)
    excluded = [tests.step(step) for step in question.excluded_steps]
    for label in question.excluded_labels:
        if label.startswith("/"):
            excluded.append(tests.is_path(NODE_LABEL, label))
        else:
            excluded.append(f"{NODE_LABEL} = {values.bind('String', label)}")
    tests_of_nodes = [f"type NOT IN ({_NO_NODES})", *(f"NOT {test}" for test in excluded)]
    return f"({' AND '.join(tests_of_nodes)})"


def _windows(question: FlowQuestion, values: Values) -> str:
    """The events that may follow the earliest start event inside the window, which comes first."""
    window_ms = values.bind("Int64", question.window_s * 1000)
    if question.direction == "backward":
        found = "arrayReverse(arraySlice(events, 1, start))"
        is_inside = f"event.1 >= events[start].1 - {window_ms}"
    else:
        found = "arraySlice(events, start)"
        is_inside = f"event.1 <= events[start].1 + {window_ms}"
    return f"""
    SELECT
        arrayFirstIndex(event -> event.4, events) AS start,
        {found} AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND {is_inside}), found, arrayEnumerate(found)
        ) AS path
    FROM ordered_events
    WHERE start > 0
"""


def _paths(question: FlowQuestion) -> str:
    """Labels up to the first end match, or to the path's own end, marked by '' where that counts:
    a node's size is that of what leaves it, drop-off included."""
    if not question.end:
        labels = "arrayMap(event -> event.3, path)"
        if question.shows_drop_off or question.nodes_per_step:
            labels = f"arrayPushBack({labels}, '')"
        return f"SELECT {labels} AS labels FROM windows"
    return f"""
    SELECT
        arrayFirstIndex((event, i) -> event.5 AND i > 1, path, arrayEnumerate(path)) AS last,
        arrayPushBack(
            arrayMap(event -> event.3, arraySlice(path, 1, last - 1)),
            concat(path[last].3, '{END_MATCH}')
        ) AS labels
    FROM windows
    WHERE last > 0
"""


def _cut_paths(question: FlowQuestion) -> str:
    labels = "arrayCompact(labels)" if question.collapses_repeats else "labels"
    return f"SELECT arraySlice({labels}, 1, {question.max_steps + 1}) AS nodes FROM paths"


def _grouping(question: FlowQuestion, values: Values) -> str:
    """Only the largest nodes of each column keep their names."""
    if not question.nodes_per_step:
        return ""
    most = values.bind("UInt64", question.nodes_per_step)
    return f""",
sized_nodes AS (
    SELECT
        *,
        sum(transitions) OVER (PARTITION BY step, near) AS near_size,
        sum(transitions) OVER (PARTITION BY step, far) AS far_size
    FROM transitions
),
ranked_nodes AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY step ORDER BY near_size DESC, near) AS near_rank,
        dense_rank() OVER (PARTITION BY step, {_IS_FIXED} ORDER BY far_size DESC, far) AS far_rank
    FROM sized_nodes
),
grouped_transitions AS (
    SELECT step, near_ AS near, far_ AS far, sum(transitions_) AS transitions
    FROM (
        SELECT
            step,
            if(near_rank > {most}, '{OTHERS}', near) AS near_,
            if(far_rank > {most} AND NOT ({_IS_FIXED}), '{OTHERS}', far) AS far_,
            transitions AS transitions_
        FROM ranked_nodes
    )
    GROUP BY step, near_, far_
)"""


def _base(question: FlowQuestion) -> str:
    match question.percentage_base:
        case "step":
            return "sum(transitions) OVER (PARTITION BY step)"
        case "source":
            return "sum(transitions) OVER (PARTITION BY step, near)"
        case "start":
            return "(SELECT uniqExact(session_id) FROM start_sessions)"
