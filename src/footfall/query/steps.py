"""What can be a step of a flow or funnel, each with the step object that its parameters take."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from footfall.model.answer import Answer, Pagination
from footfall.model.escape import escape
from footfall.model.question import StepsQuestion
from footfall.model.step import ALL_PAGE_VIEWS, BUILT_IN_EVENTS
from footfall.model.unit import Count, Payload
from footfall.query.reach import find_reach_of_events
from footfall.query.sql.covered import Span
from footfall.query.sql.steps import (
    ANY_PAGE,
    CONTRACT,
    EVENT,
    GOAL,
    ON_CHAIN,
    PAGE,
    steps_statement,
)
from footfall.store.reader import Reader

StepKind = Literal["any_page", "page", "goal", "event", "signature", "transaction", "contract"]
_NAMES_OF_PAGES = ("page", ALL_PAGE_VIEWS)


class StepObject(Payload, frozen=True, kw_only=True):
    """A step as `start_step`, `end_step` and `steps` take it, as JSON."""

    type: str
    event: str
    resolved_event: str | UnsetType = UNSET
    status_type: str | UnsetType = UNSET
    status_value: str | UnsetType = UNSET


class StepRow(Payload, frozen=True, kw_only=True):
    """Events that can be a step, and how often they happened."""

    kind: StepKind
    label: str
    events: Count
    visitors: Annotated[Count, Meta(description="Distinct visitors of these events")]
    step: Annotated[
        StepObject | None,
        Meta(description="Null for a goal that is named like a built-in event"),
    ]


class StepsAnswer(Answer, frozen=True, kw_only=True):
    """The steps that can be chosen, by visitors, then by events and label."""

    timezone: str
    data: list[StepRow]
    pagination: Pagination


def answer_steps(question: StepsQuestion, reader: Reader) -> StepsAnswer:
    """Raises EngineError."""
    span = Span(question.period.from_ms, question.period.to_ms)
    reach = find_reach_of_events(question, span, reader)
    statement = steps_statement(question, reach)
    rows = reader.query(statement.text, statement.values, statement.reads).rows
    if rows or not question.offset:
        total = rows[0][-1] if rows else 0
    else:  # past the last row, no row carries the total
        total = answer_steps(replace(question, limit=1, offset=0), reader).pagination.total
    return StepsAnswer(
        timezone=question.period.timezone,
        data=[
            StepRow(
                kind=kind,
                label=label,
                events=events,
                visitors=visitors,
                step=step_object(kind, name, status),
            )
            for kind, name, status, label, events, visitors, _ in rows
        ],
        pagination=Pagination(question.limit, question.offset, total),
    )


def step_object(kind: str, name: str, status: str) -> StepObject | None:
    """The step that means exactly these events; None if no step does."""
    if kind == ANY_PAGE:
        return StepObject(type="event", event="page", resolved_event=ALL_PAGE_VIEWS)
    if kind == PAGE:
        return StepObject(type="event", event="page", resolved_event=_page(name))
    if kind == EVENT:
        return StepObject(type="event", event=name)
    if kind in ON_CHAIN:
        if status:
            return StepObject(type=kind, event=kind, status_type=kind, status_value=status)
        return StepObject(type=kind, event=name or kind)
    if kind == CONTRACT:
        return StepObject(type="decoded_log", event=name)
    if kind == GOAL and name not in (*BUILT_IN_EVENTS, *_NAMES_OF_PAGES):
        return StepObject(type="track", event=name, resolved_event=name)
    return None


def _page(path: str) -> str:
    """The path, and no pattern and no other name of pages."""
    text = escape(path, "*")
    return f"\\{text}" if text in _NAMES_OF_PAGES else text
