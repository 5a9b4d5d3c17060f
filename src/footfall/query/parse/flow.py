"""Parameters → FlowQuestion."""

import re
from collections.abc import Sequence

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.escape import SPACES, check_escapes, split, strip, unescape
from footfall.model.flow import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    DEFAULT_WINDOW_S,
    DIRECTIONS,
    END_MODES,
    MAX_ANCHORS,
    MAX_NODES_PER_STEP,
    MAX_ROWS,
    MAX_STEPS,
    MAX_WINDOW_S,
    MIN_STEPS,
    PERCENTAGE_BASES,
    FlowQuestion,
)
from footfall.model.path_pattern import MAX_STARS, check_pattern
from footfall.model.question import Asked
from footfall.model.step import Step
from footfall.query.parse.condition import CONDITION_PARAMS, read_conditions
from footfall.query.parse.given import (
    MAX_OFFSET,
    Params,
    parse_choice,
    parse_optional,
    parse_switch,
    single_values,
)
from footfall.query.parse.json_value import Piece, read_json
from footfall.query.parse.step import (
    STEP_EXAMPLE,
    check_conditions,
    parse_step,
    read_step,
)

FLOW_PARAMS = (
    "start_step",
    "end_step",
    "end_mode",
    "anchors",
    *CONDITION_PARAMS,
    "window_seconds",
    "max_steps",
    "collapse_repeats",
    "exclude",
    "nodes_per_step",
    "direction",
    "drop_off",
    "percentage_base",
    "revenue",
    "limit",
    "offset",
)
MAX_EXCLUDED = 50

_ESCAPED = r"\\[^\u0000]"
_PATH_PART = rf"(?:[^,*\\\u0000]|{_ESCAPED})*"
_PATH = rf"\\?/{_PATH_PART}(?:\*{_PATH_PART}){{0,{MAX_STARS}}}"
_NAME = rf"(?:[^,\\/{SPACES}\u0000]|\\[^/\u0000])(?:[^,\\\u0000]|{_ESCAPED})*"
_LABEL = rf"[{SPACES}]*(?:{_PATH}|{_NAME})"
EXCLUDED_PATTERN = (
    rf"(?:[{SPACES}]*|[{SPACES}]*\[[^\u0000]*"
    rf"|(?![{SPACES}]*\[){_LABEL}(?:,{_LABEL}){{0,{MAX_EXCLUDED - 1}}})"
)
"""What `exclude` takes, as ECMA 262 and Python write it, but for the JSON behind a bracket."""

_WHOLE = re.compile(r"-?\d+", re.ASCII)


def parse_flow(params: Params, asked: Asked) -> FlowQuestion:
    """The question that a request's own parameters ask, beside what `asked` says. Others are
    ignored. Raises BadRequest naming the parameter and the way into its JSON."""
    given = single_values(params, FLOW_PARAMS)
    start = read_step(given, "start_step")
    if start is None:
        raise BadRequest(f"start_step is missing; give {STEP_EXAMPLE}", field="start_step")
    labels, steps = _excluded(given.get("exclude", ""))
    return FlowQuestion(
        **msgspec.structs.asdict(asked),
        start=start,
        end=read_step(given, "end_step"),
        end_mode=parse_choice(given, "end_mode", END_MODES, "only"),
        anchors=_anchors(given),
        conditions=read_conditions(given),
        window_s=parse_window(given),
        max_steps=_max_steps(given.get("max_steps")),
        collapses_repeats=parse_switch(given, "collapse_repeats"),
        excluded_labels=labels,
        excluded_steps=steps,
        nodes_per_step=parse_optional(given, "nodes_per_step", 0, 1, MAX_NODES_PER_STEP),
        direction=parse_choice(given, "direction", DIRECTIONS, "forward"),
        shows_drop_off=parse_switch(given, "drop_off"),
        percentage_base=parse_choice(given, "percentage_base", PERCENTAGE_BASES, "step"),
        shows_revenue=parse_switch(given, "revenue"),
        limit=parse_optional(given, "limit", DEFAULT_ROWS, 1, MAX_ROWS),
        offset=parse_optional(given, "offset", 0, 0, MAX_OFFSET),
    )


def _anchors(given: dict[str, str]) -> tuple[Step, ...]:
    piece = read_json(given.get("anchors"), "anchors", f"[{STEP_EXAMPLE}]")
    steps = tuple(map(parse_step, piece.items(MAX_ANCHORS, "steps")))
    check_conditions(steps, "anchors")
    return steps


def parse_window(given: dict[str, str]) -> int:
    """`window_seconds`. Raises BadRequest."""
    return parse_optional(given, "window_seconds", DEFAULT_WINDOW_S, 1, MAX_WINDOW_S)


def _max_steps(text: str | None) -> int:
    """Any whole number; one outside the bounds becomes the nearest bound."""
    if text is None:
        return DEFAULT_STEPS
    if not _WHOLE.fullmatch(text):
        raise BadRequest(
            f"max_steps {text[:64]!r} is not a whole number; give one from {MIN_STEPS} to"
            f" {MAX_STEPS} (a number outside becomes the nearest of them)",
            field="max_steps",
        )
    if text.startswith("-"):
        return MIN_STEPS
    digits = text.lstrip("0") or "0"
    return MAX_STEPS if len(digits) > 2 else min(max(int(digits), MIN_STEPS), MAX_STEPS)


def _excluded(text: str) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """Labels and steps of a JSON array, or labels separated by commas."""
    if not text.strip():
        return (), ()
    if not text.lstrip().startswith("["):
        check_escapes(text, "exclude")
        parts = [Piece("exclude", _written(strip(part))) for part in split(text, ",")]
        if len(parts) > MAX_EXCLUDED:
            raise BadRequest(
                f"exclude has {len(parts)} labels; at most {MAX_EXCLUDED}", field="exclude"
            )
        return _unique(parts), ()
    example = f'["/login",{STEP_EXAMPLE}]'
    items = read_json(text, "exclude", example).items(MAX_EXCLUDED, "labels and steps")
    steps = tuple(parse_step(item) for item in items if isinstance(item.value, dict))
    check_conditions(steps, "exclude")
    return _unique([item for item in items if not isinstance(item.value, dict)]), steps


def _written(label: str) -> str:
    """A label between commas as an array has it: only paths keep their backslashes."""
    path = label.removeprefix("\\")
    return path if path.startswith("/") else unescape(label)


def _unique(labels: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_label, labels)))


def _label(piece: Piece) -> str:
    if not isinstance(piece.value, str) or not piece.value:
        raise piece.refusal("is not a label; give labels, as in /login or connect, or steps")
    label = piece.text("a label")
    if label.startswith("/"):
        check_pattern(label, piece.field)
    return label
