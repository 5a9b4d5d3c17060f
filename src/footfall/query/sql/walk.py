"""Sessions' events from their walks, which are one row for each session (load/walking.py).

A walk is everything that happened in a session, in order: `walk_at` in milliseconds after its
start, `walk_type`, and `walk_label`, which is the event's label as a node of a flow. Sessions
without a walk are read from the events. All tables of a statement are read as they were at one
moment.
"""

import re
from collections.abc import Mapping

from footfall.model.dimension import DIMENSIONS
from footfall.model.fact import FACT_NAMES
from footfall.model.flow import FlowQuestion
from footfall.model.period import END_OF_TIME, START_OF_TIME
from footfall.model.step import EVENT_COLUMNS, OWN_COLUMNS, Step
from footfall.query.sql.covered import Covered, Span
from footfall.query.sql.event import EventTests
from footfall.query.sql.statement import Values
from footfall.query.sql.walked import IS_DOUBTED, IS_WALKED, is_unwalked

_NAMED = ("track", "decoded_log")
"""Types whose label is their name."""
_ENTRY = {"at": "at", "type": "walk_type", "label": "walk_label"}
"""What an entry of a walk has, and the array that it is in."""
_LINE = ",\n        "


def walks_apply(question: FlowQuestion) -> bool:
    """Whether walks have everything that a flow asks for."""
    steps = [question.start, *question.anchors, *question.excluded_steps]
    steps += [question.end] if question.end else []
    return (
        all(DIMENSIONS[each.dimension].column in FACT_NAMES for each in question.filters)
        and all(each.field in EVENT_COLUMNS.keys() - OWN_COLUMNS for each in question.conditions)
        and all(map(_is_in_walks, steps))
    )


def _is_in_walks(step: Step) -> bool:
    if step.statuses or step.action or step.conditions or step.type == "engagement":
        return False
    return not step.name or step.type in _NAMED


def is_step(step: Step, tests: EventTests, values: Values) -> str:
    """Whether an entry of a walk, `type` and `label`, is one that the step means."""
    found = [f"type = {values.bind('String', step.type)}"]
    if step.path:
        found.append(tests.is_path("label", step.path))
    if step.name:
        found.append(f"label = {values.bind('String', step.name)}")
    return f"({' AND '.join(found)})"


def sessions_to_read(covered: Covered, span: Span) -> str:
    """A stage: the sessions that are read from events, bots or not: an event of a server is none,
    whoever has the session."""
    return f"""unwalked_sessions AS (
    SELECT started_at, session_id
    FROM sessions FINAL
    WHERE {covered.kept_sessions(span, f"NOT {IS_WALKED}")}
)"""


def unwalked_events(question: FlowQuestion, covered: Covered, span: Span) -> str:
    """A table of their events; of all events while rows of sessions may be missing. Those of
    servers do not lie where their session lies, and may be left when a retention has removed it."""
    own_time = covered.within("report_at", span)
    at_servers = covered.happened(span, "session_id != 0", "is_server_side = 1", *own_time)
    unwalked = "session_id IN (SELECT session_id FROM unwalked_sessions)"
    of_unwalked = f"({IS_DOUBTED} OR {unwalked})"
    if question.period.floor_ms > START_OF_TIME:
        named = f"session_id IN (SELECT session_id FROM events WHERE {at_servers})"
        kept = f"SELECT session_id FROM sessions WHERE {covered.kept_sessions(span, named)}"
        of_unwalked = f"({of_unwalked} OR session_id NOT IN ({kept}))"
    sent = covered.happened(
        span,
        "session_id != 0",
        "is_server_side = 0",
        is_unwalked("SELECT started_at, session_id FROM unwalked_sessions"),
    )
    return f"""(
        SELECT * FROM events WHERE {sent}
        UNION ALL
        SELECT * FROM events WHERE {at_servers} AND {of_unwalked}
    )"""


def events_of_walks(covered: Covered, span: Span, facts: str, tested: Mapping[str, str]) -> str:
    """A query of session_id and its events in order: arrays of their times (ms), labels and what is
    tested, which are expressions of `at`, `type` and `label` of an event. `facts` is a condition on
    sessions, '' for all."""
    arrays = [f"{_map_entries(test)} AS {name}" for name, test in tested.items()]
    began = covered.within("started_at", Span(START_OF_TIME, span.to_ms))
    ended = covered.within("walk_ends_at", Span(span.from_ms, END_OF_TIME))
    chosen = [covered.is_bot(), *covered.filters_on_facts(), facts]
    return f"""
    SELECT
        session_id,
        arrayMap(after -> toUnixTimestamp64Milli(started_at) + after, walk_at) AS at,
        walk_label AS label,
        {_LINE.join(arrays)}
    FROM sessions FINAL
    WHERE {covered.kept_sessions(span, *began, *ended, *chosen, IS_WALKED)}
"""


def _map_entries(test: str) -> str:
    """The array of what an expression is for each entry, from the arrays that it uses: the engine
    also copies those that it does not."""
    used = [name for name in _ENTRY if re.search(rf"\b{name}\b", test)] or ["type"]
    return f"arrayMap(({', '.join(used)}) -> {test}, {', '.join(_ENTRY[name] for name in used)})"
