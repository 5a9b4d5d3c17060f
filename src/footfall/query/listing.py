"""Lists as they are read: rows of figures, how many there are, and what the lists leave out."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from footfall.model.dimension import Dimension
from footfall.model.mark import LISTS
from footfall.model.question import VALUE, Question
from footfall.query.figure import Figures, formula_of, measures_of, read_figures
from footfall.query.sql.breakdown import facts_statement
from footfall.query.sql.covered import Span
from footfall.query.sql.event_list import (
    EVENT_LISTS,
    event_list_statement,
    goals_statement,
    older_goals_statement,
)
from footfall.query.sql.mark import marks_apply
from footfall.query.sql.page_list import unwalked_statement
from footfall.query.sql.page_row import namesakes_statement
from footfall.query.sql.pagination import (
    CODES,
    LIST_MEASURES,
    LISTED,
    OUTSIDE,
    REPORT,
    Selection,
    Sorting,
)
from footfall.query.sql.statement import Statement
from footfall.store.reader import Reader


class Line(msgspec.Struct, frozen=True):
    """A row of a list."""

    value: str
    codes: dict[str, str]
    figures: Figures

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from all other rows of its list."""
        return self.value, *self.codes.values()


class Listing(msgspec.Struct, frozen=True):
    """One list: its page of rows, how many there are in all, what it leaves out."""

    lines: list[Line] = []
    total: int = 0
    outside: Figures = Figures()


class Listings(msgspec.Struct, frozen=True):
    """The report's figures, and the lists by dimension."""

    report: Figures
    by_dimension: dict[str, Listing]


Groups = dict[tuple[int, int], tuple[int, list[Line]]]
"""What a list statement answers: by list and role, how many rows there are and the first."""

Only = Mapping[str, Sequence[str]]
"""By dimension the values whose rows are wanted, instead of a page."""


def select(question: Question, fields: Sequence[str]) -> Selection:
    """What has to be counted for these metrics, and the order that is asked for."""
    metrics = [*fields, *([question.sort] if question.sort != VALUE else [])]
    needed = measures_of(question, metrics)
    further = tuple(name for name in needed if name not in LIST_MEASURES)
    unused = frozenset(LIST_MEASURES).difference(needed)
    return Selection(measures=LIST_MEASURES + further, unused=unused, sorting=_sorting(question))


def _sorting(question: Question) -> Sorting | None:
    if question.sort == VALUE:
        return Sorting(part=VALUE, is_ascending=question.is_ascending)
    formula = formula_of(question, question.sort)
    part, whole = (formula.part, formula.whole) if formula else ("visitors", "")
    if part == "visitors" and not question.is_ascending:
        return None
    return Sorting(part=part, whole=whole, is_ascending=question.is_ascending)


def read_lists(
    question: Question,
    reader: Reader,
    dimensions: Sequence[Dimension],
    reach: Span | None,
    selection: Selection,
    only: Only | None = None,
) -> Listings:
    """The lists of `dimensions`. Session facts share one statement; other lists have one each.
    Raises EngineError."""
    event_lists = [each for each in dimensions if each.name in EVENT_LISTS]
    facts = [each for each in dimensions if each.name not in EVENT_LISTS]
    report: Figures | None = None
    found: dict[str, Listing] = {}
    if facts:
        report, found = _read_facts(question, reader, facts, reach, selection, only)
    for dimension in event_lists:
        chosen = _only(selection, only, [dimension])
        groups = _read_event_list(
            question, reader, dimension, reach, chosen, with_report=report is None
        )
        report = report or _report(groups)
        found[dimension.name] = _listing(groups, 0, question, only)
    return Listings(report or Figures(), {each.name: found[each.name] for each in dimensions})


def read_goals(
    question: Question,
    reader: Reader,
    reach: Span | None,
    selection: Selection,
    only: Only | None = None,
) -> Listings:
    """The list of every goal ever seen, under `goal`. Raises EngineError."""
    chosen = selection
    if only is not None:
        chosen = msgspec.structs.replace(selection, only=[only["goal"]])
    shortcuts = [("unmarked",)] if marks_apply(question) else []
    older = None
    if reader.keeps_answers:
        older = [name for (name,) in _rows(reader, older_goals_statement(question))]
    groups = _checked(reader, partial(goals_statement, question, reach, older), chosen, shortcuts)
    return Listings(_report(groups), {"goal": _listing(groups, 0, question, only)})


def _read_event_list(
    question: Question,
    reader: Reader,
    dimension: Dimension,
    reach: Span | None,
    selection: Selection,
    *,
    with_report: bool,
) -> Groups:
    def statement_of(chosen: Selection) -> Statement:
        has_report = with_report or bool(chosen.checks)
        return event_list_statement(question, dimension, reach, chosen, with_report=has_report)

    chosen = _shortcuts(question, reader, dimension, reach, selection, with_report=with_report)
    return _checked(reader, statement_of, selection, chosen)


def _shortcuts(
    question: Question,
    reader: Reader,
    dimension: Dimension,
    reach: Span | None,
    selection: Selection,
    *,
    with_report: bool,
) -> Sequence[tuple[str, ...]]:
    """The checks of each shortcut that may answer the list, the fastest one first."""
    has_marks = marks_apply(question)
    is_of_sessions = dimension.name == "event" and not selection.shows_no_views
    if is_of_sessions and not _has_namesakes(question, reader, reach):
        by_sets = [("namesakes",)]
        return [("unmarked", "namesakes"), *by_sets] if has_marks else by_sets
    is_of_walks = dimension.name == "page" and has_marks and not selection.further
    if is_of_walks and _all_walked(question, reader):
        return [("unmarked", "unwalked")]
    return [("unmarked",)] if has_marks and with_report else []


def _has_namesakes(question: Question, reader: Reader, reach: Span | None) -> bool:
    """Whether a goal of the period is named as all page views are, at least now."""
    return _rows(reader, namesakes_statement(question, reach)) != [[0]]


def _all_walked(question: Question, reader: Reader) -> bool:
    """Whether every session of the period has a walk, at least now."""
    return _rows(reader, unwalked_statement(question)) == [[0]]


def _checked(
    reader: Reader,
    statement_of: Callable[[Selection], Statement],
    selection: Selection,
    shortcuts: Sequence[tuple[str, ...]],
) -> Groups:
    """The groups of the first statement that passes its checks. While an older folder is being
    marked none may, and then one without a shortcut answers."""
    for checks in shortcuts:
        chosen = msgspec.structs.replace(selection, measures=(*selection.measures, *checks))
        groups = _groups(reader, statement_of(chosen), chosen)
        report = _report(groups)
        if not any(getattr(report, name) for name in checks):
            return groups
    return _groups(reader, statement_of(selection), selection)


def _read_facts(
    question: Question,
    reader: Reader,
    facts: Sequence[Dimension],
    reach: Span | None,
    selection: Selection,
    only: Only | None,
) -> tuple[Figures, dict[str, Listing]]:
    by_keys = {each.keys: each for each in facts}  # campaign and utm_campaign are one list
    listings: dict[tuple[str, ...], Listing] = {}

    def read_some(lists: Sequence[Dimension], measures: tuple[str, ...]) -> Figures:
        chosen = msgspec.structs.replace(_only(selection, only, lists), measures=measures)
        groups = _groups(reader, facts_statement(question, lists, reach, chosen), chosen)
        for number, each in enumerate(lists):
            listings[each.keys] = _listing(groups, number, question, only)
        return _report(groups)

    rest, report = list(by_keys.values()), Figures()
    marked = [each for each in rest if each.keys in LISTS] if marks_apply(question) else []
    if marked:
        report = read_some(marked, (*selection.measures, "unmarked"))
        if not report.unmarked:
            rest = [each for each in rest if each not in marked]
    if rest:
        report = read_some(rest, selection.measures)
    return report, {each.name: listings[each.keys] for each in facts}


def _only(selection: Selection, only: Only | None, lists: Sequence[Dimension]) -> Selection:
    if only is None:
        return selection
    return msgspec.structs.replace(selection, only=[only[each.name] for each in lists])


def _rows(reader: Reader, statement: Statement) -> Sequence[Any]:
    return reader.query(statement.text, statement.values, statement.reads).rows


def _groups(reader: Reader, statement: Statement, selection: Selection) -> Groups:
    groups: Groups = {}
    for number, role, total, rows in _rows(reader, statement):
        groups[number, role] = (total, [_line(row, selection.measures) for row in rows])
    return groups


def _line(row: Sequence[Any], measures: Sequence[str]) -> Line:
    _, value, *rest = row
    codes = dict(zip(CODES, rest, strict=False))
    return Line(value, codes, read_figures(measures, rest[len(CODES) :]))


def _listing(groups: Groups, number: int, question: Question, only: Only | None) -> Listing:
    total, lines = groups.get((number, LISTED), (0, []))
    _, outside = groups.get((number, OUTSIDE), (0, []))
    page = lines[question.offset :] if only is None else lines
    return Listing(page, total, outside[0].figures if outside else Figures())


def _report(groups: Groups) -> Figures:
    _, lines = groups.get((0, REPORT), (0, []))
    return lines[0].figures if lines else Figures()
