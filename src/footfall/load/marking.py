"""Marking sessions that are in the store without a mark: those of earlier versions, and those whose
mark a delete, a purge or a doubt has taken away.

Each statement writes newer versions of some rows of one month. A row has its mark or none, and
reports notice rows that have none, so nothing has to be remembered: a kill loses no more than the
work of one statement.
"""

import msgspec

from footfall.load.draft import RECOUNTED, months_of
from footfall.load.work import Work
from footfall.model.mark import EARLIEST, FIRST, LATEST, UNKNOWN
from footfall.store.schema import table_shapes

CHUNK = 100_000
"""How many sessions one statement marks: a second or two, in which nothing is loaded."""

_MONTHS = f"""
SELECT website_id, _partition_id AS month, count()
FROM sessions FINAL
WHERE prev_at = {UNKNOWN} AND counted_events > 0
GROUP BY website_id, month
ORDER BY month DESC, website_id
LIMIT 1
"""
_UNMARKED = (
    "website_id = {website_id:UInt32} AND _partition_id = {month:String}"
    f" AND prev_at = {UNKNOWN} AND counted_events > 0"
)
_BOUNDS = f"""
SELECT toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(started_at))
FROM (
    SELECT started_at FROM sessions FINAL WHERE {_UNMARKED}
    ORDER BY started_at LIMIT {{chunk:UInt64}}
)
"""
_UNTIL = "started_at <= fromUnixTimestamp64Milli({until:Int64})"
_CHUNK = f"{_UNMARKED} AND started_at >= fromUnixTimestamp64Milli({{since:Int64}}) AND {_UNTIL}"
_VISITORS = f"SELECT visitor_id FROM sessions WHERE {_CHUNK}"
_MARKS = f"""
SELECT session_id, started_at, lagInFrame(own_mark, 1, {FIRST}) OVER (
    PARTITION BY visitor_id, bot != '' ORDER BY started_at, session_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
) AS mark
FROM (
    SELECT session_id, started_at, visitor_id, bot, toUInt32(
        least(greatest(intDiv(toUnixTimestamp64Milli(started_at), 1000), {EARLIEST}), {LATEST})
    ) AS own_mark
    FROM sessions FINAL
    WHERE website_id = {{website_id:UInt32}} AND counted_events > 0 AND {_UNTIL}
        AND visitor_id IN ({_VISITORS})
)
"""

# a purge removes the oldest sessions up to a whole second
_PURGED = f"""
website_id = {{website_id:UInt32}} AND prev_at > {FIRST} AND prev_at < (
    SELECT intDiv(toUnixTimestamp64Milli(min(started_at)), 1000)
    FROM sessions WHERE website_id = {{website_id:UInt32}}
)
"""


class Chunk(msgspec.Struct, frozen=True):
    """Sessions without a mark: those of a website and month that began between two times (ms)."""

    website_id: int
    month: str
    since: int
    until: int
    left: int  # how many the month has

    @property
    def values(self) -> dict[str, object]:
        return {
            "website_id": self.website_id,
            "month": self.month,
            "since": self.since,
            "until": self.until,
        }


def find_unmarked(work: Work, size: int = CHUNK) -> Chunk | None:
    """Which sessions to mark next, of the latest month first. Raises EngineError."""
    months = work.query(_MONTHS).rows
    if not months:
        return None
    [[website_id, month, left]] = months
    values = {"website_id": website_id, "month": month, "chunk": size}
    [[since, until]] = work.query(_BOUNDS, values).rows
    return Chunk(website_id, month, since, until, left)


def mark_chunk(work: Work, chunk: Chunk, version: int) -> None:
    """Mark them. No row may have this version yet. Raises EngineError; then some may be marked."""
    work.command(
        f"""
        INSERT INTO sessions ({_columns()})
        SELECT {_columns({"version": "{version:UInt64}", "prev_at": "marks.mark"})}
        FROM (SELECT * FROM sessions FINAL WHERE {_CHUNK}) AS session
        INNER JOIN ({_MARKS}) AS marks USING (session_id, started_at)
        """,
        {**chunk.values, "version": version},
    )


def unmark_after_recount(work: Work, website_id: int, version: int) -> None:
    """Of all visitors who have a session without any counted event now, add the other sessions to
    the draft without marks. Raises EngineError."""
    uncovered = f"SELECT visitor_id FROM {RECOUNTED} WHERE counted_events = 0"
    work.command(
        f"""
        INSERT INTO {RECOUNTED} ({_columns()})
        SELECT {_columns({"version": "{version:UInt64}", "prev_at": str(UNKNOWN)})}
        FROM sessions FINAL
        WHERE website_id = {{website_id:UInt32}} AND visitor_id IN ({uncovered})
            AND session_id NOT IN (SELECT session_id FROM {RECOUNTED})
        """,
        {"website_id": website_id, "version": version},
    )


def has_purged(work: Work, website_id: int) -> bool:
    """Whether a mark names a session that a purge has removed. Raises EngineError."""
    purged = f"SELECT 1 FROM sessions FINAL WHERE {_PURGED} LIMIT 1"
    return bool(work.query(purged, {"website_id": website_id}).rows)


def forget_purged(work: Work, website_id: int, version: int) -> None:
    """Mark sessions as their visitor's first if the one before them was purged. No row may have
    this version yet. Raises EngineError."""
    work.command(
        f"""
        INSERT INTO sessions ({_columns()})
        SELECT {_columns({"version": "{version:UInt64}", "prev_at": str(FIRST)})}
        FROM (SELECT * FROM sessions FINAL WHERE {_PURGED})
        """,
        {"website_id": website_id, "version": version},
    )


def unmark_all(work: Work) -> None:
    """Take all sessions' marks away. Raises EngineError."""
    for month in _months(work):
        work.command(
            f"ALTER TABLE sessions CLEAR COLUMN prev_at IN PARTITION ID '{month}'"
            " SETTINGS mutations_sync = 2, alter_sync = 2"
        )


def restore_visits(work: Work) -> None:
    """Add the rows of `visits` that are missing. Raises EngineError."""
    for month in _months(work):
        work.command(
            """
            INSERT INTO visits (website_id, visitor_id, started_at, session_id)
            SELECT website_id, visitor_id, started_at, session_id
            FROM sessions FINAL
            WHERE _partition_id = {month:String} AND (website_id, session_id) NOT IN (
                SELECT website_id, session_id FROM visits WHERE _partition_id = {month:String}
            )
            """,
            {"month": month},
        )


def _months(work: Work) -> list[str]:
    return [month for (month,) in work.query(months_of("sessions")).rows]


def _columns(becomes: dict[str, str] | None = None) -> str:
    """All columns of a session, some of them with other values."""
    names = table_shapes()["sessions"].columns
    return ", ".join(
        f"{becomes[name]} AS {name}" if becomes and name in becomes else name for name in names
    )
