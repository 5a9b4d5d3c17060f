"""Marks: each session's row says when its visitor's session before it began, and when the latest
one with the same country, device and so on did.

The distinct visitors of a period are then its sessions whose mark is before the period's start, so
that reports need no set of visitors (docs/metrics.md). Only covered sessions count, those with a
counted event; bots and people have marks of their own.
"""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter

import msgspec

from footfall.load.session import Session
from footfall.load.time_text import time_text
from footfall.model.fact import FACT_NAMES
from footfall.model.mark import FIRST, LISTS, mark_of

_OF_PAGES = [keys for keys in LISTS if keys[0] not in FACT_NAMES]
_OF_FACTS = [keys for keys in LISTS if keys not in _OF_PAGES]
assert (("exit_page",), ("entry_page",), *_OF_FACTS) == LISTS, "_values_of relies on that"
_pick_facts = [itemgetter(*map(FACT_NAMES.index, keys)) for keys in _OF_FACTS]


def mark_sessions(
    sessions: Sequence[Session], changed: dict[int, Session], opened: set[int]
) -> None:
    """Mark one visitor's sessions. `changed` are those that the batch writes, by `id`; a session
    whose marks change is added to them. `opened` are the ids of those that it opens."""
    covered = sorted((s for s in sessions if s.counted_events), key=_by_start)
    for is_bot in (False, True):
        of_kind = [s for s in covered if bool(s.bot) == is_bot]
        unmarked = [s for s in of_kind if not s.is_marked and id(s) in changed]
        for session, marks in zip(of_kind, _marks_of(of_kind), strict=True):
            if (session.prev_at, session.gaps) == marks:
                continue
            if session.is_marked or id(session) in changed:
                session.prev_at, session.gaps = marks
                changed[id(session)] = session
                if any(_must_wait(session, other, opened) for other in unmarked):
                    session.take_marks()


Marks = tuple[int, list[int]]


def _marks_of(covered: Sequence[Session]) -> list[Marks]:
    """What each session's marks should be."""
    if len(covered) < 2:
        return [(FIRST, [])] * len(covered)
    found: list[Marks] = []
    latest: dict[int, dict[object, int]] = {number: {} for number in _differing(covered)}
    mark = FIRST
    for session in covered:
        values = _values_of(session)
        gaps = [0] * len(LISTS) if found else []
        last = 0
        for number, marks in latest.items():
            if gap := mark - marks.get(values[number], FIRST):
                gaps[number], last = gap, number
        found.append((mark, gaps[: last + 1]))
        mark = mark_of(session.started_at)
        for number, marks in latest.items():
            marks[values[number]] = mark
    return found


def _differing(covered: Sequence[Session]) -> list[int]:
    """The numbers of the lists in which not all sessions have the same value, in order."""
    of_pages = range(len(_OF_PAGES))
    first, *others = (_values_of_facts(facts) for facts in {s.facts_json for s in covered})
    of_facts = (n for n, value in enumerate(first) if any(value != other[n] for other in others))
    return [*of_pages, *(len(_OF_PAGES) + number for number in of_facts)]


def _must_wait(session: Session, other: Session, opened: set[int]) -> bool:
    """Whether a session's marks must stay unknown until the batch is stored, because of `other`,
    whose marks the batch changes too: the engine shows the months of a batch one after the other,
    the last one first. Meanwhile a session that the marks name may be missing, and one before may
    still have the pages that it had."""
    if _by_start(other) >= _by_start(session) or _month(other) == _month(session):
        return False
    named = {session.prev_at, *(session.prev_at - gap for gap in session.gaps)}
    return id(other) not in opened or mark_of(other.started_at) in named


def _values_of(session: Session) -> list[object]:
    """In the order of LISTS."""
    return [session.exit_page, session.entry_page, *_values_of_facts(session.facts_json)]


@lru_cache(maxsize=500)
def _values_of_facts(facts_json: bytes) -> list[object]:
    facts = msgspec.json.decode(b"[%b]" % facts_json)
    return [pick(facts) for pick in _pick_facts]


def _month(session: Session) -> str:
    return time_text(session.started_at)[:7]


_by_start = attrgetter("started_at", "session_id")
