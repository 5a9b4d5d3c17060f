"""The mark in a session's row: when the visitor's session before it began."""

UNKNOWN = 0
"""Also of rows from before there were marks."""
FIRST = 1
"""The visitor has no session before it."""
EARLIEST = 2
LATEST = 2**32 - 1


def mark_of(started_at: int) -> int:
    """The mark of a session whose visitor's session before it began then (ms)."""
    return min(max(started_at // 1000, EARLIEST), LATEST)
