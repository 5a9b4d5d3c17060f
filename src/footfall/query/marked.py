"""Counting visitors by marks where that is exact, and by sets otherwise."""

from collections.abc import Callable
from typing import TypeVar

from footfall.model.question import Question
from footfall.query.figure import Figures
from footfall.query.sql.mark import marks_apply

T = TypeVar("T")
Measures = tuple[str, ...]


def read_by_marks(
    question: Question,
    measures: Measures,
    read: Callable[[Measures], T],
    total_of: Callable[[T], Figures],
) -> T:
    """What `read` answers for `measures`. If `unmarked` is among them, it uses marks.

    A covered session without a mark, as while an older folder is being marked, makes it read again
    with sets.
    """
    if "visitors" in measures and marks_apply(question):
        found = read((*measures, "unmarked"))
        if not total_of(found).unmarked:
            return found
    return read(measures)
