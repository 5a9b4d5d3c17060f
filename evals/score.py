"""Scoring an assistant's choices: right tool, right arguments and, where it has answered, the
fact."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from evals.question import Question, accepted, questions, wrong_arguments

ENOUGH = 38
"""Of 40: what the descriptions of the tools have to reach."""


class Choice(msgspec.Struct, frozen=True):
    """What an assistant would call, and if it has called, what it says."""

    id: str
    tool: str
    arguments: dict[str, Any] = {}
    answer: str = ""


class Mark(msgspec.Struct, frozen=True):
    """What is right about a choice. `has_fact` None: there is no answer."""

    question: Question
    choice: Choice | None
    is_right_tool: bool
    wrong: list[str]
    has_fact: bool | None

    @property
    def is_right(self) -> bool:
        return self.is_right_tool and not self.wrong


def score(choices: Iterable[Choice]) -> list[Mark]:
    """A mark for each question. Raises ValueError for a choice whose question does not exist."""
    by_id = {choice.id: choice for choice in choices}
    if unknown := by_id.keys() - {question.id for question in questions()}:
        raise ValueError(f"there is no question {', '.join(sorted(unknown))}")
    return [_mark(question, by_id.get(question.id)) for question in questions()]


def _mark(question: Question, choice: Choice | None) -> Mark:
    if choice is None or choice.tool not in accepted(question):
        return Mark(question, choice, False, [], None)
    calls = [call for call in question.answers if call.tool == choice.tool]
    wrong = min((wrong_arguments(call, choice.arguments) for call in calls), key=len)
    said = _says(choice.answer, question.fact) if choice.answer else None
    return Mark(question, choice, True, wrong, said)


def _says(answer: str, fact: Any) -> bool:
    """Whether a text contains a fact; numbers may have separators between thousands."""
    if fact == []:
        return True  # nobody is there: there are too many ways to say so
    plain = re.sub(r"(?<=\d)[,\u202f ](?=\d{3}\b)", "", answer)
    if isinstance(fact, int | float):
        share = [f"{fact * 100:.2f}".rstrip("0").rstrip(".")] if 0 < fact < 1 else []
        pattern = "|".join(re.escape(each) for each in (str(fact), *share))
        return bool(re.search(rf"(?<![\d.])(?:{pattern})(?!\d|\.\d)", plain))
    return str(fact).casefold() in plain.casefold()


def table(marks: Iterable[Mark]) -> str:
    """What went wrong, and the sums."""
    rows = list(marks)
    lines = []
    for mark in rows:
        called = mark.choice.tool if mark.choice else "nothing"
        if not mark.is_right_tool:
            right = " or ".join(accepted(mark.question))
            lines.append(f"{mark.question.id}: {called} instead of {right}")
        elif mark.wrong:
            lines.append(f"{mark.question.id}: {called} with wrong {', '.join(mark.wrong)}")
        if mark.has_fact is False:
            lines.append(f"{mark.question.id}: the answer lacks {mark.question.fact!r}")
    answered = [mark for mark in rows if mark.has_fact is not None]
    lines.append(f"right tool: {sum(mark.is_right_tool for mark in rows)} of {len(rows)}")
    lines.append(f"right tool and arguments: {sum(mark.is_right for mark in rows)} of {len(rows)}")
    if answered:
        lines.append(f"fact: {sum(bool(mark.has_fact) for mark in answered)} of {len(answered)}")
    return "\n".join(lines)
