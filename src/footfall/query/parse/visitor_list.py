"""Parameters → VisitorsQuestion."""

import re
from collections.abc import Sequence
from typing import cast

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.flow import DEFAULT_STEPS, DEFAULT_WINDOW_S, DROP_OFF, MAX_STEPS
from footfall.model.question import DEFAULT_LIMIT, MAX_LIMIT, Asked
from footfall.model.visitor_list import (
    ORDERS,
    VISITOR_SORTS,
    Link,
    OfFlow,
    OfFunnel,
    Order,
    VisitorPlace,
    VisitorSort,
    VisitorsQuestion,
)
from footfall.query.parse.flow import FLOW_PARAMS, parse_flow
from footfall.query.parse.funnel import FUNNEL_PARAMS, parse_funnel
from footfall.query.parse.given import (
    MAX_SEARCH,
    SWITCHES,
    Params,
    parse_choice,
    parse_optional,
    parse_switch,
    single_values,
)
from footfall.query.parse.json_value import check_text

FLOW_LINK_PARAMS = ("flow_step", "flow_source", "flow_target")
FUNNEL_STEP_PARAMS = ("funnel_step", "dropped")
VISITOR_CURSOR_PATTERN = f"(?:{'|'.join(VISITOR_SORTS)})\\.[0-9]{{1,18}}\\.[0-9a-f]{{16}}"
MAX_LABEL = 4096

_CURSOR = re.compile(VISITOR_CURSOR_PATTERN)
_PAGE = ("limit", "offset", "revenue")
"""Parameters of a flow or funnel that say which rows of it to show, and not which sessions it
counts: here `limit` is the list's own."""
_BREAKDOWN = ("group_by", "breakdown", "breakdown_top_n", "attribution")
FLOW_PART_PARAMS = tuple(name for name in FLOW_PARAMS if name not in (*_PAGE, "percentage_base"))
FUNNEL_PART_PARAMS = tuple(name for name in FUNNEL_PARAMS if name not in (*_PAGE, *_BREAKDOWN))
"""The own parameters of a flow and a funnel that decide who is behind their numbers."""
_EMPTY = ("", "[]", *(text for text, is_on in SWITCHES.items() if not is_on))
_DEFAULTS = {
    ("end_mode", "only"),
    ("direction", "forward"),
    ("funnel_type", "closed"),
    ("max_steps", str(DEFAULT_STEPS)),
    ("window_seconds", str(DEFAULT_WINDOW_S)),
}
"""What generated clients send of parameters that their caller leaves out."""
_SINGLE = (
    *("search", "sort", "order", "cursor", "limit", "start_step", "steps"),
    *(*FLOW_LINK_PARAMS, *FUNNEL_STEP_PARAMS),
)


def parse_visitors(params: Params, asked: Asked) -> VisitorsQuestion:
    """The question that a request's own parameters ask, beside what `asked` says. Raises BadRequest
    naming the parameter."""
    given = single_values(params, _SINGLE)
    sort = cast(VisitorSort, parse_choice(given, "sort", VISITOR_SORTS, "last_seen"))
    return VisitorsQuestion(
        **msgspec.structs.asdict(asked),
        behind=_behind(given, params, asked),
        search=check_text(given.get("search", ""), "search", MAX_SEARCH).strip(),
        sort=sort,
        order=cast(Order, parse_choice(given, "order", ORDERS, "desc")),
        after=_place(given["cursor"], sort) if "cursor" in given else None,
        limit=parse_optional(given, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
    )


def write_cursor(sort: str, place: VisitorPlace) -> str:
    """A place as the parameter `cursor` takes it."""
    return f"{sort}.{place.key}.{place.visitor_id:016x}"


def _place(text: str, sort: str) -> VisitorPlace:
    if not _CURSOR.fullmatch(text):
        raise BadRequest(
            f"cursor {text[:64]!r} is not valid; send the pagination.next of the page before",
            field="cursor",
        )
    name, key, visitor_id = text.split(".")
    if name != sort:
        raise BadRequest(
            f"cursor belongs to a list with sort={name}; leave it out to begin again",
            field="cursor",
        )
    return VisitorPlace(key=int(key), visitor_id=int(visitor_id, 16))


def _behind(given: dict[str, str], params: Params, asked: Asked) -> OfFlow | OfFunnel | None:
    is_flow = any(name in given for name in ("start_step", *FLOW_LINK_PARAMS))
    # clients may send every switch, so only one that is on asks for something
    is_dropped = parse_switch(given, "dropped")
    is_funnel = is_dropped or any(name in given for name in ("steps", "funnel_step"))
    if is_flow and is_funnel:
        raise BadRequest(
            "steps and start_step are given; ask for the people of a flow or of a funnel",
            field="steps",
        )
    own = FLOW_PART_PARAMS if is_flow else FUNNEL_PART_PARAMS if is_funnel else ()
    _check_part(params, own)
    if is_flow:
        return _of_flow(given, params, asked)
    return _of_funnel(given, params, asked, is_dropped) if is_funnel else None


def _check_part(params: Params, own: Sequence[str]) -> None:
    """Raises BadRequest for a parameter of another report than the list is about: ignoring it would
    list other people than the caller asked for."""
    for name, value in params:
        parts = (("start_step", FLOW_PART_PARAMS), ("steps", FUNNEL_PART_PARAMS))
        needed = " or ".join(step for step, names in parts if name in names)
        is_missing = value in _EMPTY or (name, value) in _DEFAULTS
        if needed and name not in own and not is_missing:
            raise BadRequest(
                f"{name} works with {needed} only; give {needed}, or leave it out", field=name
            )


def _of_flow(given: dict[str, str], params: Params, asked: Asked) -> OfFlow:
    own = [pair for pair in params if pair[0] in FLOW_PART_PARAMS]
    question = parse_flow(own, asked)
    labels = [check_text(given.get(name, ""), name, MAX_LABEL) for name in FLOW_LINK_PARAMS[1:]]
    if "flow_step" not in given:
        if any(labels):
            raise BadRequest(
                "flow_step is missing; give the step of the transition, as in 1", field="flow_step"
            )
        return OfFlow(question)
    step = parse_optional(given, "flow_step", 1, 1, MAX_STEPS)
    if DROP_OFF in labels:
        question = msgspec.structs.replace(question, shows_drop_off=True)
    return OfFlow(question, Link(step=step, source=labels[0], target=labels[1]))


def _of_funnel(given: dict[str, str], params: Params, asked: Asked, is_dropped: bool) -> OfFunnel:
    own = [pair for pair in params if pair[0] in FUNNEL_PART_PARAMS]
    question = parse_funnel(own, asked)
    step = parse_optional(given, "funnel_step", 1, 1, len(question.steps))
    return OfFunnel(question, step, is_dropped)
