"""JSON → Step: which events a step means, whichever way its client spells it."""

from collections.abc import Sequence

from msgspec.structs import replace

from footfall.model.errors import BadRequest
from footfall.model.path_pattern import check_pattern
from footfall.model.step import ALL_PAGE_VIEWS, BUILT_IN_EVENTS, STEP_TYPES, Step
from footfall.query.parse.condition import MAX_CONDITIONS, parse_conditions
from footfall.query.parse.json_value import Piece, read_json

STEP_EXAMPLE = '{"type":"event","event":"page","resolved_event":"/pricing"}'
_ON_CHAIN = ("transaction", "signature")
_SUCCESS = ("success", "confirmed")
_ANY_PAGE = ("page", ALL_PAGE_VIEWS)


def read_step(given: dict[str, str], name: str) -> Step | None:
    """The step of the parameter `name`, a JSON object; None where it is missing."""
    piece = read_json(given.get(name), name, STEP_EXAMPLE)
    return None if piece.is_missing else parse_step(piece)


def parse_step(piece: Piece) -> Step:
    """A step object as docs/flows.md has it. Raises BadRequest naming the wrong member."""
    piece.check_object(STEP_EXAMPLE)
    kind = _kind(piece)
    event = _event(piece)
    resolved = piece.get("resolved_event")
    target = resolved.text("the value to compare with, as in /pricing or signup")
    name = target or event
    statuses = _statuses(piece)
    step = Step(label=name, type=kind, conditions=parse_conditions(piece.get("filters")))
    if kind in _ON_CHAIN:
        return replace(step, action="" if name == kind else name, statuses=statuses)
    if kind == "decoded_log":
        return replace(step, name=name)
    if event == "page" or name in _ANY_PAGE:
        if name in _ANY_PAGE:
            return replace(step, type="page")
        check_pattern(name, resolved.field)
        return replace(step, type="page", path=name)
    if name in BUILT_IN_EVENTS:
        return replace(step, type=name, statuses=statuses if name in _ON_CHAIN else ())
    return replace(step, type="track", name=name)


def check_conditions(steps: Sequence[Step], field: str) -> None:
    """Raises BadRequest if the steps of one parameter have too many conditions together."""
    total = sum(len(step.conditions) for step in steps)
    if total > MAX_CONDITIONS:
        raise BadRequest(
            f"{field} has {total} conditions; at most {MAX_CONDITIONS} in all steps", field=field
        )


def _kind(piece: Piece) -> str:
    given = piece.get("type")
    listed = ", ".join(STEP_TYPES)
    if given.is_missing:
        raise BadRequest(f"{given.field} is missing; one of {listed}", field=given.field)
    if not isinstance(given.value, str) or given.value not in STEP_TYPES:
        raise given.refusal(f"is not one of {listed}")
    return given.value


def _event(piece: Piece) -> str:
    given = piece.get("event")
    event = given.text("the event's name")
    if not event:
        raise BadRequest(
            f"{given.field} is missing; give the event's name, as in page or signup",
            field=given.field,
        )
    return event


def _statuses(piece: Piece) -> tuple[str, ...]:
    status_type = piece.get("status_type")
    if status_type.value not in (None, "", *_ON_CHAIN):
        raise status_type.refusal(f"is not one of {', '.join(_ON_CHAIN)}")
    status = piece.get("status_value").text("a status, as in success or rejected")
    if not status:
        return ()
    return _SUCCESS if status == "success" else (status,)
