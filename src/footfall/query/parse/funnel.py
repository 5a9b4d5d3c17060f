"""Parameters → FunnelQuestion."""

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.funnel import (
    BUILDER_CODES,
    DEFAULT_GROUPS,
    FUNNEL_TYPES,
    MAX_FUNNEL_STEPS,
    MAX_GROUPS,
    MIN_FUNNEL_STEPS,
    TOUCHES,
    FunnelQuestion,
)
from footfall.model.question import Asked
from footfall.model.step import EVENT_COLUMNS, Step
from footfall.query.parse.condition import CONDITION_PARAMS, read_conditions
from footfall.query.parse.flow import parse_window
from footfall.query.parse.given import (
    Params,
    parse_choice,
    parse_switch,
    parse_whole,
    single_values,
    spelled,
)
from footfall.query.parse.json_value import Piece, read_json
from footfall.query.parse.step import STEP_EXAMPLE, check_conditions, parse_step

GROUPS = (*EVENT_COLUMNS, BUILDER_CODES)
"""What a funnel can be grouped by."""
FUNNEL_PARAMS = (
    "steps",
    *CONDITION_PARAMS,
    "window_seconds",
    "funnel_type",
    "group_by",
    "breakdown",
    "limit",
    "breakdown_top_n",
    "attribution",
    "revenue",
)
MAX_NAME = 200

_EXAMPLE = f'[{STEP_EXAMPLE},{{"type":"track","event":"signup"}}]'
_COUNT = f"{MIN_FUNNEL_STEPS} to {MAX_FUNNEL_STEPS}"


def parse_funnel(params: Params, asked: Asked) -> FunnelQuestion:
    """The question that a request's own parameters ask, beside what `asked` says. Others are
    ignored. Raises BadRequest naming the parameter and the way into its JSON."""
    given = single_values(params, FUNNEL_PARAMS)
    group_name, group = spelled(given, "group_by", "breakdown")
    limit_name, limit = spelled(given, "limit", "breakdown_top_n")
    return FunnelQuestion(
        **msgspec.structs.asdict(asked),
        steps=_steps(read_json(given.get("steps"), "steps", _EXAMPLE)),
        conditions=read_conditions(given),
        window_s=parse_window(given),
        funnel_type=parse_choice(given, "funnel_type", FUNNEL_TYPES, "closed"),
        group_by="" if group is None else parse_choice({group_name: group}, group_name, GROUPS, ""),
        limit=parse_whole(limit, limit_name, DEFAULT_GROUPS, 1, MAX_GROUPS),
        attribution=parse_choice(given, "attribution", TOUCHES, "first_touch"),
        shows_revenue=parse_switch(given, "revenue"),
    )


def _steps(piece: Piece) -> tuple[Step, ...]:
    if piece.is_missing:
        raise BadRequest(
            f"steps is missing; give a JSON array of {_COUNT} steps, as in {_EXAMPLE}",
            field="steps",
        )
    if isinstance(piece.value, list) and len(piece.value) < MIN_FUNNEL_STEPS:
        raise BadRequest(f"steps has {len(piece.value)} steps; give {_COUNT}", field="steps")
    steps = tuple(map(_named, piece.items(MAX_FUNNEL_STEPS, "steps")))
    check_conditions(steps, "steps")
    return steps


def _named(piece: Piece) -> Step:
    step = parse_step(piece)
    name = piece.get("name").text("a name for the step", MAX_NAME)
    return msgspec.structs.replace(step, label=name) if name else step
