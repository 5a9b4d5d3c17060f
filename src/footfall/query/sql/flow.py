"""The flow: sessions' paths from (or back from) their start event, counted edge by edge.

`near` is an edge's node next to the start event, `far` the other one: backward, `near` is the
later event. A path that ends of itself has '' as its last node, which no event is called.
"""

from collections.abc import Sequence

from footfall.model.event import NOT_COUNTED
from footfall.model.flow import DROP_OFF, END_MATCH, OTHERS, FlowQuestion
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.visitor_list import Link
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import NODE_LABEL, EventTests
from footfall.query.sql.money import UNCONVERTED
from footfall.query.sql.statement import Statement, Values
from footfall.query.sql.walk import (
    events_of_walks,
    is_step,
    sessions_to_read,
    unwalked_events,
    walks_apply,
)

_NO_NODES = ", ".join(f"'{name}'" for name in sorted({*NOT_COUNTED, "outbound"}))
_EDGE = "arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far"
_LAST = "arrayFirstIndex((is_end, i) -> is_end AND i > 1, path_ends, arrayEnumerate(path_ends))"
_IS_FIXED = f"node = '' OR endsWith(node, '{END_MATCH}')"  # neither grouped nor ranked


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
{_transitions(question, values)}
SELECT
    step,
    {far if is_backward else "near"} AS source,
    {"near" if is_backward else far} AS target,
    transitions,
    {_base(question)} AS base,
    count() OVER () AS total{more}
FROM transitions
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
    step = values.bind("UInt64", link.step)
    names = " AND ".join([f"step = {step}", *_link_names(question, values, link)])
    return f"WITH\n{stages}\nSELECT session_id FROM edges WHERE {names}"


def _link_names(question: FlowQuestion, values: Values, link: Link) -> list[str]:
    """The conditions on the two names of a row; ends of paths are in no row without drop_off."""
    near, far = link.source, link.target
    if question.direction == "backward":
        near, far = far, near
    conditions = [] if question.shows_drop_off else ["far != ''"]
    if near:
        conditions.append(f"near = {values.bind('String', near)}")
    if far:
        far = "" if far == DROP_OFF else far
        conditions.append(f"far = {values.bind('String', far)}")
    return conditions


def _stages(
    question: FlowQuestion, values: Values, reach: Span | None, *, keeps_sessions: bool
) -> str:
    """From events to edges: one for each session and transition."""
    session = "session_id, " if keeps_sessions else ""
    walks = ""
    if walks_apply(question):
        walks = sessions_to_read(Covered(question, values), flow_span(question)) + ",\n"
    return f"""{walks}start_sessions AS ({_start_sessions(question, values, reach)}),
ordered_events AS ({_ordered_events(question, values, reach)}),
windows AS ({_windows(question, values, session)}),
paths AS ({_paths(question, session)}),
cut_paths AS ({_cut_paths(question, session)}),{_naming(question, values, session)}
edges AS (
    SELECT {session}{_EDGE}
    FROM {"named_paths" if question.nodes_per_step else "cut_paths"}
)"""


def _naming(question: FlowQuestion, values: Values, session: str) -> str:
    """Only the largest nodes of each column keep their names. Of the others there are often so many
    that edges are counted under the new names alone."""
    if not question.nodes_per_step:
        return ""
    most = values.bind("UInt64", question.nodes_per_step)
    is_kept = "(place, node) IN (SELECT place, node FROM kept_nodes)"
    return f"""
kept_nodes AS (
    SELECT place, node, count() AS size
    FROM (SELECT nodes, arrayEnumerate(nodes) AS places FROM cut_paths)
    ARRAY JOIN places AS place, nodes AS node
    WHERE NOT ({_IS_FIXED})
    GROUP BY place, node
    ORDER BY place, size DESC, node
    LIMIT {most} BY place
),
named_paths AS (
    SELECT {session}arrayMap(
        (place, node) -> if({_IS_FIXED} OR {is_kept}, node, '{OTHERS}'),
        arrayEnumerate(cut_paths.nodes), cut_paths.nodes
    ) AS nodes
    FROM cut_paths
),"""


def _transitions(question: FlowQuestion, values: Values) -> str:
    paid, paid_sessions, join = "", "", ""
    if question.shows_revenue:
        paid = ", sum(paid) AS revenue"
        paid_sessions = f"{_paid_sessions(question, values)},\n"
        join = "\n    LEFT JOIN paid_sessions USING (session_id)"
    return f"""{paid_sessions}transitions AS (
    SELECT step, near, far, count() AS transitions{paid}
    FROM edges{join}
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
    if walks_apply(question):
        return "SELECT session_id FROM ordered_events WHERE has(is_start, true)"
    tests = EventTests(values)
    where = Covered(question, values, reach).happened(
        _period(question),
        "session_id != 0",
        tests.step(question.start),
        tests.conditions(question.conditions),
    )
    return f"SELECT session_id FROM events WHERE {where}"


def _period(question: FlowQuestion) -> Span:
    return Span(question.period.from_ms, question.period.to_ms)


def _ordered_events(question: FlowQuestion, values: Values, reach: Span | None) -> str:
    """Each session's events that may be in its path, in order, as arrays of their times (ms), their
    labels, and whether they are a start, the end or to be kept."""
    if walks_apply(question):
        return _ordered_walks(question, values)
    tests, covered = EventTests(values), Covered(question, values, reach)
    span, every = flow_span(question), tests.conditions(question.conditions)
    of_sessions = []
    if question.start.path or question.start.type != "page" or question.start.conditions:
        of_sessions.append(
            "session_id IN start_sessions"
        )  # otherwise it is nearly all sessions: not worth a set
    anchors = [tests.step(step) for step in question.anchors]
    ends = [tests.step(question.end)] if question.end and question.end_mode == "only" else []
    for needed in ends + anchors:
        found = covered.happened(span, "session_id != 0", needed, every)
        of_sessions.append(f"session_id IN (SELECT session_id FROM events WHERE {found})")
    is_wanted = _is_wanted(question, tests, every)
    where = covered.happened(span, "session_id != 0", is_wanted, *of_sessions)
    return _grouped_events(question, values, "events", where)


def _ordered_walks(question: FlowQuestion, values: Values) -> str:
    """The same from walks, as far as sessions have them."""
    tests, covered, span = EventTests(values), Covered(question, values), flow_span(question)
    start = is_step(question.start, tests, values)
    end = is_step(question.end, tests, values) if question.end else "false"
    in_period = covered.within("fromUnixTimestamp64Milli(at)", _period(question))
    excluded = [is_step(step, tests, values) for step in question.excluded_steps]
    is_kept = _is_node(question, values, "label", excluded)
    if question.end:
        is_kept = f"{is_kept} OR {end}"
    tested = {
        "is_start": f"toBool({' AND '.join([start, *in_period])})",
        "is_end": f"toBool({end})",
        "is_kept": f"toBool({is_kept})",
    }
    if question.anchors:
        anchors = [is_step(step, tests, values) for step in question.anchors]
        tested["anchors"] = _anchor_bits(anchors)
    rows = unwalked_events(question, covered, span)
    every = tests.conditions(question.conditions)
    grouped = _grouped_events(question, values, rows, _is_wanted(question, tests, every))
    return f"{events_of_walks(covered, span, every, tested)}    UNION ALL{grouped}"


def _is_wanted(question: FlowQuestion, tests: EventTests, every: str) -> str:
    """Whether an event may be in a path, or decides about it."""
    wanted = ["is_kept", tests.step(question.start)]
    wanted += ["anchors != 0"] if question.anchors else []
    found = f"({' OR '.join(wanted)})"
    return f"{every} AND {found}" if every else found


def _grouped_events(question: FlowQuestion, values: Values, rows: str, where: str) -> str:
    tests = EventTests(values)
    anchors = [tests.step(step) for step in question.anchors]
    with_anchors = f", {_anchor_bits(anchors)} AS anchors" if anchors else ""
    end = tests.step(question.end) if question.end else "false"
    covered = Covered(question, values)
    in_period = covered.within("occurred_at", _period(question))
    is_start = " AND ".join([tests.step(question.start), *in_period])
    excluded = [tests.step(step) for step in question.excluded_steps]
    is_node = _is_node(question, values, NODE_LABEL, excluded)
    return f"""
    SELECT
        session_id,
        events.1 AS at,
        events.3 AS label,
        events.4 AS is_start,
        events.5 AS is_end,
        events.6 AS is_kept{", events.7 AS anchors" if anchors else ""}
    FROM (
        WITH ({is_node} OR {end}) AS is_kept{with_anchors}
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
        FROM {rows}
        WHERE {where}
        GROUP BY session_id
    )
"""


def _anchor_bits(anchors: Sequence[str]) -> str:
    """Bit k says whether an event is the anchor k, counted from 0."""
    bits = " + ".join(f"{1 << k} * {anchor}" for k, anchor in enumerate(anchors))
    return f"toUInt16({bits})"


def _is_node(question: FlowQuestion, values: Values, label: str, excluded: list[str]) -> str:
    """Whether an event with this label, an expression, is a node; not if it is `excluded`."""
    tests = EventTests(values)
    for name in question.excluded_labels:
        if name.startswith("/"):
            excluded.append(tests.is_path(label, name))
        else:
            excluded.append(f"{label} = {values.bind('String', name)}")
    tests_of_nodes = [f"type NOT IN ({_NO_NODES})", *(f"NOT {test}" for test in excluded)]
    return f"({' AND '.join(tests_of_nodes)})"


def _windows(question: FlowQuestion, values: Values, session: str) -> str:
    """The labels of the earliest start event and of the nodes that follow it inside the window, and
    which of them are ends. With anchors also all events after it that are inside, nodes or not."""
    window_ms = values.bind("Int64", question.window_s * 1000)
    if question.direction == "backward":
        turned, is_inside = "arrayReverse", f"i < start AND at >= began - {window_ms}"
    else:
        turned, is_inside = "", f"i > start AND at <= began + {window_ms}"
    in_path = f"i = start OR (is_kept AND {is_inside})"

    def chosen(values: str, condition: str) -> str:
        return f"""{turned}(arrayFilter(
            (value, at, is_kept, i) -> {condition}, {values}, at, is_kept, arrayEnumerate(at)
        ))"""

    following = ""
    if question.anchors:
        following = f""",
        {chosen("is_end", is_inside)} AS following_ends,
        {chosen("anchors", is_inside)} AS following_anchors"""
    ends = f",\n        {chosen('is_end', in_path)} AS path_ends" if question.end else ""
    return f"""
    SELECT
        {session}{chosen("label", in_path)} AS path{ends}{following}
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
"""


def _paths(question: FlowQuestion, session: str) -> str:
    """Labels up to the first end match, or to the path's own end, marked by '' where that counts:
    a node's size is that of what leaves it, drop-off included."""
    labels = "path"
    if question.shows_drop_off or question.nodes_per_step:
        labels = "arrayPushBack(path, '')"
    conditions = [_passes_anchors(question)] if question.anchors else []
    if not question.end:
        where = f" WHERE {conditions[0]}" if conditions else ""
        return f"SELECT {session}{labels} AS labels FROM windows{where}"
    ended = f"""arrayPushBack(
            arraySlice(path, 1, last - 1), concat(path[last], '{END_MATCH}')
        )"""
    if question.end_mode == "only":
        conditions = ["last > 0", *conditions]
    else:
        ended = f"if(last > 0, {ended}, {labels})"
    where = f"\n    WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"""
    SELECT
        {session}{_LAST} AS last,
        {ended} AS labels
    FROM windows{where}
"""


def _passes_anchors(question: FlowQuestion) -> str:
    """Whether the events between start and end have all anchors in their order: each event is
    tested on the first anchor that has not been passed."""
    between = "following_anchors"
    if question.end:
        stop = "toInt64(arrayFirstIndex(is_end -> is_end, following_ends))"
        size = f"if({stop} = 0, toInt64(length(following_ends)), {stop} - 1)"
        between = f"arraySlice(following_anchors, 1, {size})"
    passed = f"""arrayFold(
        (passed, bits) -> toUInt8(passed + bitTest(bits, passed)), {between}, toUInt8(0)
    )"""
    return f"{passed} = {len(question.anchors)}"


def _nodes(question: FlowQuestion) -> str:
    """A path's labels, of which `max_steps` may cut some off."""
    return "arrayCompact(labels)" if question.collapses_repeats else "labels"


def _cut_paths(question: FlowQuestion, session: str) -> str:
    labels = _nodes(question)
    return f"SELECT {session}arraySlice({labels}, 1, {question.max_steps + 1}) AS nodes FROM paths"


def _base(question: FlowQuestion) -> str:
    match question.percentage_base:
        case "step":
            return "sum(transitions) OVER (PARTITION BY step)"
        case "source":
            return "sum(transitions) OVER (PARTITION BY step, near)"
        case "start":
            return "(SELECT uniqExact(session_id) FROM start_sessions)"
