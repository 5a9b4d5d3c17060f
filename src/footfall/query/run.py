"""`answer`: the one function that every report comes from."""

from collections.abc import Callable

from footfall.model.question import Answer, Question
from footfall.query.breakdown import answer_breakdown, answer_goals
from footfall.query.overview import answer_overview
from footfall.query.realtime import answer_realtime, answer_realtime_map
from footfall.query.timeseries import answer_timeseries
from footfall.store.reader import Reader

_REPORTS: dict[str, Callable[[Question, Reader], Answer]] = {
    "overview": answer_overview,
    "timeseries": answer_timeseries,
    "realtime": answer_realtime,
    "realtime_map": answer_realtime_map,
    "breakdown": answer_breakdown,
    "goals": answer_goals,
}


def answer(question: Question, reader: Reader) -> Answer:
    """The answer to a question that `parse_question` made. Raises EngineError, and BadRequest
    for a timeseries of too many buckets."""
    return _REPORTS[question.report](question, reader)
