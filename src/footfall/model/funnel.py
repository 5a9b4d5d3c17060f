"""The question about a funnel: how many get from each step to the next."""

from typing import Literal, get_args

from footfall.model.flow import DEFAULT_WINDOW_S
from footfall.model.question import Asked
from footfall.model.step import Condition, Step

FunnelType = Literal["closed", "open"]
FUNNEL_TYPES: tuple[str, ...] = get_args(FunnelType)
Touch = Literal["first_touch", "last_touch"]
TOUCHES: tuple[str, ...] = get_args(Touch)

MIN_FUNNEL_STEPS, MAX_FUNNEL_STEPS = 2, 10
DEFAULT_GROUPS, MAX_GROUPS = 5, 100
BUILDER_CODES = "builder_codes"
"""The one property by which a funnel can be grouped, besides EVENT_COLUMNS."""


class FunnelQuestion(Asked, frozen=True, kw_only=True):
    """`period` bounds step 1 (all steps of an open funnel). `group_by` '': no breakdown."""

    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...] = ()  # on each event
    window_s: int = DEFAULT_WINDOW_S
    funnel_type: FunnelType = "closed"
    group_by: str = ""
    limit: int = DEFAULT_GROUPS
    attribution: Touch = "first_touch"
    shows_revenue: bool = False
