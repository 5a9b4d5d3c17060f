"""Marks: each session's row says when its visitor's session before it began.

The distinct visitors of a period are then its sessions whose mark is before the period's start, so
that reports need no set of visitors (docs/metrics.md). Only covered sessions count, those with a
counted event; bots and people have marks of their own.
"""

from collections.abc import Sequence
from operator import attrgetter

from footfall.load.session import Session
from footfall.load.time_text import time_text
from footfall.model.mark import FIRST, UNKNOWN, mark_of


def mark_sessions(sessions: Sequence[Session], changed: dict[int, Session]) -> None:
    """Mark one visitor's sessions. `changed` are those that the batch writes, by `id`; a session
    whose mark changes is added to them.

    A mark stays unknown if it is new and the session before is in another month and also new: the
    engine shows the months of a batch one after the other, and no report may count by one of two.
    """
    covered = sorted((s for s in sessions if s.counted_events), key=_by_start)
    new = {id(s) for s in covered if s.prev_at == UNKNOWN and id(s) in changed}
    for is_bot in (False, True):
        previous: Session | None = None
        for session in covered:
            if bool(session.bot) != is_bot:
                continue
            mark = mark_of(previous.started_at) if previous else FIRST
            is_written = session.prev_at != UNKNOWN or id(session) in changed
            if is_written and session.prev_at != mark:
                is_apart = previous and id(previous) in new and not _in_one_month(previous, session)
                session.prev_at = UNKNOWN if is_apart else mark
                changed[id(session)] = session
            previous = session


def _in_one_month(one: Session, other: Session) -> bool:
    return time_text(one.started_at)[:7] == time_text(other.started_at)[:7]


_by_start = attrgetter("started_at", "session_id")
