"""Distinct visitors without a set of them: a visitor counts with the session that no other precedes
in the period, that is, once (load/mark.py makes the marks). The visitors of a list's row are
counted by the mark that says when the latest session before in the same row began.
"""

from footfall.model.mark import EARLIEST, FIRST, LATEST, LISTS, UNKNOWN
from footfall.model.period import START_OF_TIME
from footfall.model.question import Question
from footfall.query.sql.statement import Values

_DOUBTS = "(SELECT count() FROM doubts)"
UNMARKED = f"countIf(prev_at = {UNKNOWN}) + {_DOUBTS}"
"""If this is not 0, some mark is unknown or in doubt: the others must not be used."""
UNMARKED_IN_LISTS = (
    f"countIf(prev_at = {UNKNOWN} OR (prev_at > {FIRST} AND empty(gaps))) + {_DOUBTS}"
)
"""The same for the marks of lists."""


def marks_apply(question: Question) -> bool:
    """Whether marks count the visitors of this question: they are about all sessions of people, or
    all of bots, and in whole seconds."""
    from_ms = question.period.from_ms
    is_whole = from_ms % 1000 == 0 and EARLIEST < from_ms // 1000 <= LATEST
    return (
        not question.filters
        and question.bots != "include"
        and (is_whole or from_ms == START_OF_TIME)
    )


def is_new_in_list(question: Question, values: Values, keys: tuple[str, ...]) -> str:
    """Whether a session is the visitor's first in the period that is in its row of a list, which
    must be one of LISTS."""
    return f"prev_at - gaps[{LISTS.index(keys) + 1}] < {first_mark(question, values)}"


def is_new(question: Question, values: Values, bucket: str = "") -> str:
    """Whether a session is its visitor's first in the period, or in its bucket of the period."""
    first = first_mark(question, values)
    return f"prev_at < greatest({bucket}, {first})" if bucket else f"prev_at < {first}"


def first_mark(question: Question, values: Values) -> str:
    """The first mark of sessions in the period."""
    return values.bind("UInt32", max(question.period.from_ms // 1000, EARLIEST))
