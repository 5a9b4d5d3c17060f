"""Marking sessions that are in the store without a mark: those of earlier versions, and those whose
mark a delete, a purge or a doubt has taken away.

Each statement writes newer versions of some rows of one month. A row has its mark or none, and
reports notice rows that have none, so nothing has to be remembered: a kill loses no more than the
work of one statement.
"""

import msgspec

from footfall.load.draft import RECOUNTED, months_of
from footfall.load.work import Work
from footfall.model.mark import EARLIEST, FIRST, LATEST, LISTS, UNKNOWN
from footfall.store.schema import table_shapes

CHUNK = 30_000
"""How many sessions one statement marks. It takes some seconds, in which nothing is loaded, because
it reads all sessions of their visitors until then."""

IS_UNMARKED = f"(prev_at = {UNKNOWN} OR (prev_at != {FIRST} AND empty(gaps)))"
"""Whether a row lacks marks, as `Session.is_marked` says it of a session in memory."""
_MONTHS = f"""
SELECT website_id, _partition_id AS month, count()
FROM sessions FINAL
WHERE {IS_UNMARKED} AND counted_events > 0
GROUP BY website_id, month
ORDER BY month DESC, website_id
LIMIT 1
"""
_UNMARKED = (
    "website_id = {website_id:UInt32} AND _partition_id = {month:String}"
    f" AND {IS_UNMARKED} AND counted_events > 0"
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
_LIST_MARKS = [f"marks_{number}" for number in range(1, len(LISTS) + 1)]


OWN_MARK = (
    "toUInt32(least(greatest(intDiv(toUnixTimestamp64Milli(started_at), 1000),"
    f" {EARLIEST}), {LATEST}))"
)
"""What the marks of later sessions are, as `mark_of` says it of a session in memory."""


def _marks_of_list(number: int) -> str:
    """For each of a visitor's sessions, in order, the start of the latest one before with the same
    value: its neighbour where sessions are sorted by value."""
    by_value = f"by_value_{number}"
    return f"""
    arraySort(arrayMap((session, n) -> (session.values[{number}], n, session.own_mark),
        sessions, arrayEnumerate(sessions))) AS {by_value},
    arrayMap(pair -> pair.2, arraySort(arrayMap(
        (session, before) -> (session.2, if(session.1 = before.1, before.3, {FIRST})),
        {by_value}, arrayPopBack(arrayPushFront({by_value}, (0, 0, {FIRST})))
    ))) AS {_LIST_MARKS[number - 1]}"""


_SESSION = (
    "Tuple(started_at DateTime64(3, \\'UTC\\'), session_id UInt64, own_mark UInt32,"
    " values Array(UInt64))"
)
# values are compared by their hashes, as sessions and visitors are
_MARKS = f"""
SELECT session.session_id AS session_id, session.started_at AS started_at, mark,
    arrayMap(other -> mark - other, [{", ".join(_LIST_MARKS)}]) AS differences,
    arrayLastIndex(gap -> gap != 0, differences) AS last,
    if(mark = {FIRST}, [], arrayResize(differences, greatest(last, 1))) AS gaps
FROM (
    SELECT
        arraySort(groupArray(
            CAST((started_at, session_id, own_mark, values), '{_SESSION}')
        )) AS sessions,
        arrayPopBack(arrayPushFront(sessions.own_mark, {FIRST})) AS marks,
        {",".join(_marks_of_list(number) for number in range(1, len(LISTS) + 1))}
    FROM (
        SELECT session_id, started_at, visitor_id, bot != '' AS is_bot, {OWN_MARK} AS own_mark,
            [{", ".join(f"cityHash64({', '.join(keys)})" for keys in LISTS)}] AS values
        FROM sessions FINAL
        WHERE website_id = {{website_id:UInt32}} AND counted_events > 0 AND {_UNTIL}
            AND visitor_id IN ({_VISITORS})
    )
    GROUP BY visitor_id, is_bot
)
ARRAY JOIN sessions AS session, marks AS mark, {", ".join(_LIST_MARKS)}
"""

# a purge removes the oldest sessions up to a whole second
OLDEST = """(
    SELECT intDiv(toUnixTimestamp64Milli(min(started_at)), 1000)
    FROM sessions WHERE website_id = {website_id:UInt32}
)"""
_PURGED = f"""
website_id = {{website_id:UInt32}} AND (
    (prev_at > {FIRST} AND (prev_at < {OLDEST} OR arrayExists(
        gap -> prev_at - gap > {FIRST} AND prev_at - gap < {OLDEST}, gaps
    )))
    OR arrayExists(at -> at > {FIRST} AND at < {OLDEST}, walk_prev_at)
)
"""
_WITHOUT_PURGED = {
    "prev_at": f"if(session.prev_at > {FIRST} AND session.prev_at < {OLDEST}, {FIRST},"
    " session.prev_at)",
    "gaps": f"""if(session.prev_at < {OLDEST}, [], arrayMap(
        gap -> if(session.prev_at - gap < {OLDEST}, session.prev_at - {FIRST}, gap), session.gaps
    ))""",
    "walk_prev_at": f"""arrayMap(
        at -> if(at < {OLDEST}, {FIRST}, at), session.walk_prev_at
    )""",
}


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
    becomes = {"version": "{version:UInt64}", "prev_at": "marks.mark", "gaps": "marks.gaps"}
    work.command(
        f"""
        INSERT INTO sessions ({session_columns()})
        SELECT {session_columns(becomes)}
        FROM (SELECT * FROM sessions FINAL WHERE {_CHUNK}) AS session
        INNER JOIN ({_MARKS}) AS marks USING (session_id, started_at)
        """,
        {**chunk.values, "version": version},
    )


def unmark_after_recount(work: Work, website_id: int, version: int) -> None:
    """Of all visitors who have a session without any counted event now, add the other sessions to
    the draft without marks. Raises EngineError."""
    uncovered = f"SELECT visitor_id FROM {RECOUNTED} WHERE counted_events = 0"
    becomes = {"version": "{version:UInt64}", "prev_at": str(UNKNOWN), "gaps": "[]"}
    work.command(
        f"""
        INSERT INTO {RECOUNTED} ({session_columns()})
        SELECT {session_columns(becomes)}
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
    """Let no mark name a session that was purged: there is none before. No row may have this
    version yet. Raises EngineError."""
    work.command(
        f"""
        INSERT INTO sessions ({session_columns()})
        SELECT {session_columns({"version": "{version:UInt64}", **_WITHOUT_PURGED})}
        FROM (SELECT * FROM sessions FINAL WHERE {_PURGED}) AS session
        """,
        {"website_id": website_id, "version": version},
    )


def unmark_all(work: Work) -> None:
    """Take all sessions' marks away. Raises EngineError."""
    clear_columns(work, "prev_at", "gaps")


def clear_columns(work: Work, *columns: str) -> None:
    """Give all sessions the default values of some columns. Raises EngineError."""
    for month in _months(work):
        cleared = ", ".join(f"CLEAR COLUMN {each} IN PARTITION ID '{month}'" for each in columns)
        work.command(f"ALTER TABLE sessions {cleared} SETTINGS mutations_sync = 2, alter_sync = 2")


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


def session_columns(becomes: dict[str, str] | None = None) -> str:
    """All columns of a session, some of them with other values."""
    names = table_shapes()["sessions"].columns
    return ", ".join(
        f"{becomes[name]} AS {name}" if becomes and name in becomes else name for name in names
    )
