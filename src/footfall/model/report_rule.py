"""What each number means in the reports whose numbers are no metrics of sessions.

docs/flows.md and docs/metrics.md have the whole rules; these are their short form for people.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

PathReport = Literal["flow", "funnel", "retention", "realtime", "visitors"]


class NumberRule(NamedTuple):
    """A number of a report by its name in the answer."""

    name: str
    label: str
    rule: str


REPORT_RULES: Mapping[PathReport, tuple[NumberRule, ...]] = {
    "flow": (
        NumberRule(
            "transitions",
            "Sessions",
            "Sessions that went from one node to the next. Each session's path begins at its"
            " earliest event that matches the start, and gives at most one transition per step.",
        ),
        NumberRule(
            "percentage",
            "Share",
            "Transitions as a share of the base: all of the same step, those that leave the same"
            " node, or all sessions with a start event.",
        ),
        NumberRule(
            "started",
            "Started",
            "Sessions with an event that matches the start.",
        ),
        NumberRule(
            "reached_end",
            "Reached the end",
            "Paths that reach the end: after the start (backward: before it), inside the window and"
            " through all steps that they must pass. Those that need more steps than are drawn"
            " count too.",
        ),
        NumberRule(
            "__DROP_OFF__",
            "Left",
            "Sessions whose path ended at this node: nothing else that counts followed inside the"
            " window.",
        ),
        NumberRule(
            "Others",
            "Others",
            "The nodes of this column that are not among its largest, together.",
        ),
        NumberRule(
            "revenue",
            "Revenue",
            "New and renewal payments of the period that were made in these sessions, before"
            " refunds.",
        ),
    ),
    "funnel": (
        NumberRule(
            "users",
            "Visitors",
            "Visitors who reached this step or a later one. In order: each step is a later event"
            " than the one before, inside the window that begins with step 1, and one event is"
            " never two steps. In any order: each step has an event in the period, and one event"
            " may be several steps.",
        ),
        NumberRule(
            "conversion_from_start",
            "Of the start",
            "Visitors at this step divided by those at the first step.",
        ),
        NumberRule(
            "conversion_from_previous",
            "Of the step before",
            "Visitors at this step divided by those at the step before.",
        ),
        NumberRule(
            "dropoff_from_previous",
            "Stopped before",
            "The share of the step before that did not reach this step.",
        ),
        NumberRule(
            "median_seconds_from_previous",
            "Median time",
            "The middle of the times between the two steps' events, over all who reached the"
            " later one.",
        ),
        NumberRule(
            "revenue",
            "Revenue",
            "What the visitors at this step paid from its event to the end of the window (in any"
            " order: of the period), before refunds; if the step is the goal payment, that"
            " payment.",
        ),
    ),
    "retention": (
        NumberRule(
            "num_users",
            "Visitors",
            "Visitors whose first event of all falls into this week, Monday to Sunday.",
        ),
        NumberRule(
            "week_k",
            "Came back in week k",
            "The share of the cohort with a counted event in the k-th week after its own. Empty"
            " until that week is over.",
        ),
        NumberRule(
            "dayN_retention_rate",
            "Came back after N days",
            "Of the visitors whose N-th day is over: the share with a counted event on the N-th"
            " day after their first day, or later.",
        ),
    ),
    "realtime": (
        NumberRule(
            "visitors",
            "Visitors now",
            "Distinct visitors with an event in the last 5 minutes, by the event's own time.",
        ),
    ),
    "visitors": (
        NumberRule(
            "sessions",
            "Sessions",
            "The visitor's sessions that began in the period and pass the filters; behind a number"
            " of a flow, those that make it up; of a funnel, all of the visitor's.",
        ),
        NumberRule(
            "goals",
            "Goals",
            "How often the visitor completed a goal in the period, payments included; behind a"
            " number of a flow, in its sessions; of a funnel, ever.",
        ),
        NumberRule(
            "paid",
            "Paid",
            "The visitor's new and renewal payments of the period, before refunds; behind a number"
            " of a flow, those made in its sessions; of a funnel, all.",
        ),
    ),
}
