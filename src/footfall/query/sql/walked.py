"""Which sessions are read from their walks, and which events are read since their session has no
walk (load/walking.py)."""

WALKED = 3
"""What `is_walked` is of a session with a walk."""
IS_DOUBTED = "(SELECT count() FROM doubts) > 0"
"""Then rows of sessions may be missing, and all events are read."""
IS_WALKED = f"(is_walked = {WALKED} AND NOT {IS_DOUBTED})"
"""Of a session: it is read from its walk."""


def is_unwalked(sessions: str) -> str:
    """Whether an event that a session sent is read as an event. `sessions` is a query of started_at
    and session_id: those without a walk."""
    return f"({IS_DOUBTED} OR (report_at, session_id) IN ({sessions}))"
