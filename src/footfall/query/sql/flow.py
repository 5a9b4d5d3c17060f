"""The flow: sessions' paths from (or back from) their start event, counted edge by edge.

`near` is an edge's node next to the start event, `far` the other one: backward, `near` is the
later event. A path that ends of itself has '' as its last node, which no event is called.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from footfall.model.event import NOT_COUNTED
from footfall.model.flow import DROP_OFF, END_MATCH, OTHERS, FlowQuestion
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.visitor_list import Link
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import NODE_LABEL, EventTests
from footfall.query.sql.money import UNCONVERTED
from footfall.query.sql.statement import Statement, Values

_NO_NODES = ", ".join(f"'{name}'" for name in sorted({*NOT_COUNTED, "outbound"}))
_EDGE = "arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far"
_LAST = "arrayFirstIndex((event, i) -> event.5 AND i > 1, path, arrayEnumerate(path)) AS last"
_IS_FIXED = f"far = '' OR endsWith(far, '{END_MATCH}')"  # neither grouped nor ranked


def flow_span(question: FlowQuestion) -> Span:
    """When the events of paths can have happened."""
    period, window_ms = question.period, question.window_s * 1000
    if question.direction == "backward":
        return Span(max(period.from_ms - window_ms, START_OF_TIME), period.to_ms)
    return Span(period.from_ms, min(period.to_ms + window_ms, END_OF_TIME))


def flow_statement(question: FlowQuestion, reach: Span | None) -> Statement:
    """Rows of step, source, target, transitions, what they are a share of, how many rows there are
    before limit and offset and, if it is asked for, the revenue."""
    values = Values()
    is_backward = question.direction == "backward"
    far = f"if(far = '', '{DROP_OFF}', far)"
    more = ",\n    revenue" if question.shows_revenue else ""
    text = f"""
WITH
{_stages(question, values, reach, keeps_sessions=question.shows_revenue)},
{_transitions(question, values)}{_grouping(question, values)}
SELECT
    step,
    {far if is_backward else "near"} AS source,
    {"near" if is_backward else far} AS target,
    transitions,
    {_base(question)} AS base,
    count() OVER () AS total{more}
FROM {"grouped_transitions" if question.nodes_per_step else "transitions"}
{"" if question.shows_drop_off else "WHERE far != ''"}
ORDER BY step, transitions DESC, source, target
LIMIT {values.bind("UInt64", question.limit)} OFFSET {values.bind("UInt64", question.offset)}"""
    return values.statement(text)


def flow_totals_statement(question: FlowQuestion, reach: Span | None) -> Statement:
    """One row: sessions with a start event; paths; paths that reach the end; those of them whose
    end lies beyond max_steps; the revenue of the last three; payments without a rate."""
    values = Values()
    has_end, is_hidden = "false", "false"
    if question.end:
        has_end = "last > 0"
        is_hidden = f"{has_end} AND length({_nodes(question)}) > {question.max_steps + 1}"
    text = f"""
WITH
{_stages(question, values, reach, keeps_sessions=True)},
{_paid_sessions(question, values)}
SELECT
    (SELECT uniqExact(session_id) FROM start_sessions),
    count(),
    countIf({has_end}),
    countIf({is_hidden}),
    sum(paid),
    sumIf(paid, {has_end}),
    sumIf(paid, {is_hidden}),
    sum(unconverted)
FROM paths
LEFT JOIN paid_sessions USING (session_id)"""
    return values.statement(text)


def flow_unconverted_statement(question: FlowQuestion, reach: Span | None) -> Statement:
    """The payments of the paths' sessions for which no rate is known: currency, amount."""
    values = Values()
    stages = _stages(question, values, reach, keeps_sessions=True)
    paid = Covered(question, values).payments_of_period(
        UNCONVERTED, "session_id IN (SELECT session_id FROM paths)"
    )
    return values.statement(f"""
WITH
{stages}
SELECT original_currency, sum(original_amount)
FROM payments FINAL
WHERE {paid}
GROUP BY original_currency
ORDER BY original_currency""")


def flow_sessions(
    question: FlowQuestion, values: Values, reach: Span | None, link: Link | None
) -> str:
    """A query of the sessions of a link, or of all paths: session_id."""
    stages = _stages(question, values, reach, keeps_sessions=True)
    if link is None:
        return f"WITH\n{stages}\nSELECT session_id FROM paths"
    question = replace(question, shows_revenue=False)
    stages += f",\n{_transitions(question, values)}{_grouping(question, values)}"
    step = values.bind("UInt64", link.step)
    names = [f"step = {step}", *_link_names(question, values, link)]
    if not question.nodes_per_step:
        return f"WITH\n{stages}\nSELECT session_id FROM edges WHERE {' AND '.join(names)}"
    return f"""WITH
{stages}
SELECT session_id
FROM edges
WHERE step = {step} AND (near, far) IN (
    SELECT near, far FROM ranked_nodes WHERE {" AND ".join(names)}
)"""


def _link_names(question: FlowQuestion, values: Values, link: Link) -> list[str]:
    """The conditions on the two names of a row; ends of paths are in no row without drop_off."""
    near, far = link.source, link.target
    if question.direction == "backward":
        near, far = far, near
    near_name, far_name = "near", "far"
    if question.nodes_per_step:
        near_name, far_name = _names_of_nodes(values.bind("UInt64", question.nodes_per_step))
    conditions = [] if question.shows_drop_off else ["far != ''"]
    if near:
        conditions.append(f"{near_name} = {values.bind('String', near)}")
    if far:
        far = "" if far == DROP_OFF else far
        conditions.append(f"{far_name} = {values.bind('String', far)}")
    return conditions


def _names_of_nodes(most: str) -> tuple[str, str]:
    """The names of both nodes where only the largest keep theirs."""
    return (
        f"if(near_rank > {most}, '{OTHERS}', near)",
        f"if(far_rank > {most} AND NOT ({_IS_FIXED}), '{OTHERS}', far)",
    )


def _stages(
    question: FlowQuestion, values: Values, reach: Span | None, *, keeps_sessions: bool
) -> str:
    """From events to edges: one for each session and transition."""
    session = "session_id, " if keeps_sessions else ""
    return f"""start_sessions AS ({_start_sessions(question, values, reach)}),
ordered_events AS ({_ordered_events(question, values, reach)}),
windows AS ({_windows(question, values, session)}),
paths AS ({_paths(question, session)}),
cut_paths AS ({_cut_paths(question, session)}),
edges AS (
    SELECT {session}{_EDGE}
    FROM cut_paths
)"""


def _transitions(question: FlowQuestion, values: Values) -> str:
    if not question.shows_revenue:
        return """transitions AS (
    SELECT step, near, far, count() AS transitions
    FROM edges
    GROUP BY step, near, far
)"""
    return f"""{_paid_sessions(question, values)},
transitions AS (
    SELECT step, near, far, count() AS transitions, sum(paid) AS revenue
    FROM edges
    LEFT JOIN paid_sessions USING (session_id)
    GROUP BY step, near, far
)"""


def _paid_sessions(question: FlowQuestion, values: Values) -> str:
    """What was paid in each session: new and renewal payments of the period. No filter is needed
    here, since the filters have chosen the sessions."""
    paid = Covered(question, values).payments_of_period("session_id != 0", "kind != 'refund'")
    return f"""paid_sessions AS (
    SELECT session_id, sum(amount) AS paid, countIf({UNCONVERTED}) AS unconverted
    FROM payments FINAL
    WHERE {paid}
    GROUP BY session_id
)"""


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
    anchors = [tests.step(step) for step in question.anchors]
    for needed in ([end] if question.end and question.end_mode == "only" else []) + anchors:
        found = covered.happened(span, "session_id != 0", needed, every)
        of_sessions.append(f"session_id IN (SELECT session_id FROM events WHERE {found})")
    is_wanted = " OR ".join(["is_kept", start, *(["anchors != 0"] if anchors else [])])
    where = covered.happened(span, "session_id != 0", every, f"({is_wanted})", *of_sessions)
    return f"""
    WITH ({_is_node(question, values)} OR {end}) AS is_kept{_anchor_bits(anchors)}
    SELECT
        session_id,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at),
            seq,
            {NODE_LABEL},
            toBool({is_start}),
            toBool({end}),
            toBool(is_kept){", anchors" if anchors else ""}
        ))) AS events
    FROM events
    WHERE {where}
    GROUP BY session_id
"""


def _anchor_bits(anchors: Sequence[str]) -> str:
    """Bit k says whether an event is the anchor k, counted from 0."""
    if not anchors:
        return ""
    bits = " + ".join(f"{1 << k} * {anchor}" for k, anchor in enumerate(anchors))
    return f", toUInt16({bits}) AS anchors"


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


def _windows(question: FlowQuestion, values: Values, session: str) -> str:
    """The events that may follow the earliest start event inside the window, which comes first.
    With anchors also all events after it that are inside, nodes or not."""
    window_ms = values.bind("Int64", question.window_s * 1000)
    if question.direction == "backward":
        found = "arrayReverse(arraySlice(events, 1, start))"
        is_inside = f"event.1 >= events[start].1 - {window_ms}"
    else:
        found = "arraySlice(events, start)"
        is_inside = f"event.1 <= events[start].1 + {window_ms}"
    following = ""
    if question.anchors:
        following = f""",
        arrayFilter(event -> {is_inside}, arraySlice(found, 2)) AS following"""
    return f"""
    SELECT
        {session}arrayFirstIndex(event -> event.4, events) AS start,
        {found} AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND {is_inside}), found, arrayEnumerate(found)
        ) AS path{following}
    FROM ordered_events
    WHERE start > 0
"""


def _paths(question: FlowQuestion, session: str) -> str:
    """Labels up to the first end match, or to the path's own end, marked by '' where that counts:
    a node's size is that of what leaves it, drop-off included."""
    labels = "arrayMap(event -> event.3, path)"
    if question.shows_drop_off or question.nodes_per_step:
        labels = f"arrayPushBack({labels}, '')"
    conditions = [_passes_anchors(question)] if question.anchors else []
    if not question.end:
        where = f" WHERE {conditions[0]}" if conditions else ""
        return f"SELECT {session}{labels} AS labels FROM windows{where}"
    ended = f"""arrayPushBack(
            arrayMap(event -> event.3, arraySlice(path, 1, last - 1)),
            concat(path[last].3, '{END_MATCH}')
        )"""
    if question.end_mode == "only":
        conditions = ["last > 0", *conditions]
    else:
        ended = f"if(last > 0, {ended}, {labels})"
    where = f"\n    WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"""
    SELECT
        {session}{_LAST},
        {ended} AS labels
    FROM windows{where}
"""


def _passes_anchors(question: FlowQuestion) -> str:
    """Whether the events between start and end have all anchors in their order: each event is
    tested on the first anchor that has not been passed."""
    between = "following"
    if question.end:
        stop = "toInt64(arrayFirstIndex(event -> event.5, following))"
        size = f"if({stop} = 0, toInt64(length(following)), {stop} - 1)"
        between = f"arraySlice(following, 1, {size})"
    passed = f"""arrayFold(
        (passed, event) -> toUInt8(passed + bitTest(event.7, passed)), {between}, toUInt8(0)
    )"""
    return f"{passed} = {len(question.anchors)}"


def _nodes(question: FlowQuestion) -> str:
    """A path's labels, of which `max_steps` may cut some off."""
    return "arrayCompact(labels)" if question.collapses_repeats else "labels"


def _cut_paths(question: FlowQuestion, session: str) -> str:
    labels = _nodes(question)
    return f"SELECT {session}arraySlice({labels}, 1, {question.max_steps + 1}) AS nodes FROM paths"


def _grouping(question: FlowQuestion, values: Values) -> str:
    """Only the largest nodes of each column keep their names."""
    if not question.nodes_per_step:
        return ""
    most = values.bind("UInt64", question.nodes_per_step)
    near_name, far_name = _names_of_nodes(most)
    paid, sum_paid = "", ""
    if question.shows_revenue:
        paid, sum_paid = ",\n            revenue AS revenue_", ", sum(revenue_) AS revenue"
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
    SELECT step, near_ AS near, far_ AS far, sum(transitions_) AS transitions{sum_paid}
    FROM (
        SELECT
            step,
            {near_name} AS near_,
            {far_name} AS far_,
            transitions AS transitions_{paid}
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
