"""The marks in a session's row: when the visitor's session before it began, and when the latest one
before it with the same value of a dimension did.

`prev_at` is the first of them. The others are stored as the number of seconds that they lie before
it: `gaps` has a number for each of LISTS, but at most one of the zeros at its end. Most are 0,
because most visitors come back with the same device from the same country. It is empty if there is
no session before, and also if these marks are not known.

A walk has a mark for each of its entries (load/walking.py): when the visitor's latest session
before with the same one began.
"""

UNKNOWN = 0
"""Also of rows from before there were marks."""
FIRST = 1
"""The visitor has no such session before it."""
EARLIEST = 2
LATEST = 2**32 - 1
REPEATED = LATEST
"""Of an entry of a walk: the session has the same one before it."""

LISTS: tuple[tuple[str, ...], ...] = (
    # those that differ most often come first, so that rows are short
    ("exit_page",),
    ("entry_page",),
    ("referrer",),
    ("channel",),
    ("utm_campaign",),
    ("utm_source",),
    ("utm_medium",),
    ("utm_content",),
    ("utm_term",),
    ("ref",),
    ("source",),
    ("via",),
    ("hostname",),
    ("city", "country", "region_code", "region"),
    ("region", "country", "region_code"),
    ("country",),
    ("browser_version",),
    ("os_version",),
    ("browser",),
    ("os",),
    ("device",),
    ("language",),
    ("screen",),
)
"""The columns whose values make the rows of a list (`Dimension.keys`), in the order of `gaps`.
A change of them needs a migration that puts all marks in doubt."""


def mark_of(started_at: int) -> int:
    """The mark of a session whose visitor's session before it began then (ms)."""
    return min(max(started_at // 1000, EARLIEST), LATEST)
