"""When the sessions of a report's rows began, if a filter asks about those sessions."""

import msgspec

from footfall.model.question import Asked
from footfall.query.sql.covered import Span, needs_reach, reach_of_events, reach_statement
from footfall.query.sql.statement import Statement
from footfall.store.reader import Reader


def find_reach(question: Asked, reader: Reader, *, touches_events: bool) -> Span | None:
    """The span of those sessions' starts and of the period; None if no filter needs it."""
    if not needs_reach(question, touches_events=touches_events):
        return None
    return _span(question, reach_statement(question), reader)


def find_reach_of_events(question: Asked, span: Span, reader: Reader) -> Span | None:
    """The same for a report that covers the events that happened in a span."""
    if not needs_reach(question, touches_events=True):
        return None
    return _span(question, reach_of_events(question, span), reader)


def _span(question: Asked, statement: Statement, reader: Reader) -> Span:
    period = question.period
    [[first, last, count]] = reader.query(statement.text, statement.values, statement.reads).rows
    span = Span(period.from_ms, period.to_ms)
    if not count:
        return span
    return msgspec.structs.replace(
        span,
        from_ms=max(min(span.from_ms, first), period.floor_ms),
        to_ms=max(span.to_ms, last + 1),
    )
