"""The question about paths: what people do after (or before) an event."""

from typing import Literal, get_args

from footfall.model.question import Asked
from footfall.model.step import Condition, Step

Direction = Literal["forward", "backward"]
DIRECTIONS: tuple[str, ...] = get_args(Direction)
PercentageBase = Literal["step", "source", "start"]
PERCENTAGE_BASES: tuple[str, ...] = get_args(PercentageBase)
EndMode = Literal["only", "mark"]
"""Whether paths that do not reach the end are left out or stay beside those that do."""
END_MODES: tuple[str, ...] = get_args(EndMode)

DEFAULT_WINDOW_S = 1_209_600  # 14 days
MAX_WINDOW_S = 3_153_600_000  # 100 years
DEFAULT_STEPS, MIN_STEPS, MAX_STEPS = 4, 2, 10
DEFAULT_ROWS, MAX_ROWS = 10_000, 100_000
MAX_NODES_PER_STEP = 100
MAX_ANCHORS = 8

END_MATCH = "__END_MATCH__"
"""Ends the label of the event that matched the end step."""
DROP_OFF = "__DROP_OFF__"
"""The label for the end of a path, as the other side of its last node."""
OTHERS = "Others"
"""The node that collects everything that is not among the largest of its step."""


class FlowQuestion(Asked, frozen=True, kw_only=True):
    """`period` bounds the start event. A path must pass through `anchors` in this order, before its
    end. Nodes excluded: by label, `*` and `**` allowed in a path's, or by what a step means.
    `nodes_per_step` 0: all."""

    start: Step
    end: Step | None = None
    end_mode: EndMode = "only"
    anchors: tuple[Step, ...] = ()
    conditions: tuple[Condition, ...] = ()  # on each event
    window_s: int = DEFAULT_WINDOW_S
    max_steps: int = DEFAULT_STEPS
    collapses_repeats: bool = False
    excluded_labels: tuple[str, ...] = ()
    excluded_steps: tuple[Step, ...] = ()
    nodes_per_step: int = 0
    direction: Direction = "forward"
    shows_drop_off: bool = False
    percentage_base: PercentageBase = "step"
    shows_revenue: bool = False
    limit: int = DEFAULT_ROWS
    offset: int = 0
