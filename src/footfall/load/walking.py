"""Walks: a session's row lists what its visitor did, in order, so that reports of paths and pages
read one row for each session instead of grouping its events.

A walk is written when the session is over. The loader writes a session without a walk whenever it
writes its row again, before the rows of its new events, so a walk that exists has all of the
session's events. While a doubt is cast, no walk is written or read.

Each entry of a walk has a mark: the start of the visitor's latest earlier session with the same
entry. It may overlook sessions that have no walk: reports read visitors who have one from events.
Before a session gets its walk, its visitor's later sessions lose theirs, and get them again.
"""

import msgspec

from footfall.load.marking import OWN_MARK, clear_columns, session_columns
from footfall.load.work import Work
from footfall.model.mark import FIRST, REPEATED
from footfall.query.sql.event import NODE_LABEL
from footfall.query.sql.walked import WALKED

CHUNK = 30_000
"""How many sessions one statement walks."""
OVER_MS = 3_600_000
"""How long after its last event a session's walk is written: an event that comes until then would
make it be written twice."""

MAX_STEPS = 500
"""The longest walk."""
UNFIT = 2
"""What `is_walked` is where a session can have no walk: it has more events, or one before its start
or weeks after it, whose time the sender chose, or it is a bot's and a server recorded an event in
it, which reports count although they leave bots out. Less: not yet, or with a walk of a version
whose walks had no marks."""
_LATEST = (1 << 32) - 1

_OLDEST_MONTH = f"""
SELECT website_id, _partition_id AS month, count()
FROM sessions FINAL
WHERE is_walked < {UNFIT}
    AND last_event_at < fromUnixTimestamp64Milli({{over:Int64}})
GROUP BY website_id, month
ORDER BY month, website_id
LIMIT 1
"""
_UNWALKED = f"""
website_id = {{website_id:UInt32}} AND _partition_id = {{month:String}} AND is_walked < {UNFIT}
    AND last_event_at < fromUnixTimestamp64Milli({{over:Int64}})
"""
_BOUNDS = f"""
SELECT toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(started_at))
FROM (
    SELECT started_at FROM sessions FINAL WHERE {_UNWALKED}
    ORDER BY started_at LIMIT {{chunk:UInt64}}
)
"""
_BETWEEN = (
    "{column} >= fromUnixTimestamp64Milli({{since:Int64}})"
    " AND {column} <= fromUnixTimestamp64Milli({{until:Int64}})"
)
_CHUNK = f"{_UNWALKED} AND {_BETWEEN.format(column='started_at')}"
_OF_WEBSITE = "website_id = {website_id:UInt32} AND session_id != 0"
_AFTER = "arrayMap(at -> at - toUnixTimestamp64Milli(started_at), steps.1) AS after"
_WALKED = f"""
website_id = {{website_id:UInt32}} AND is_walked = {WALKED}
    AND {_BETWEEN.format(column="started_at")}
"""


def _steps(chosen: str) -> str:
    """A query of what the walks of the chosen sessions have to list, one row for each entry."""
    columns = f"session_id, occurred_at, seq, type, {NODE_LABEL} AS label, is_server_side"
    return f"""
SELECT {columns}
FROM events WHERE {_OF_WEBSITE} AND is_server_side = 0 AND type != 'engagement'
    AND {_BETWEEN.format(column="report_at")}
    AND (report_at, session_id) IN (SELECT started_at, session_id FROM sessions WHERE {chosen})
UNION ALL
SELECT {columns}
FROM events WHERE {_OF_WEBSITE} AND is_server_side = 1
    AND session_id IN (SELECT session_id FROM sessions WHERE {chosen})
"""


def _ordered(steps: str, mark: str = str(FIRST)) -> str:
    """A query of session_id and `steps`, its entries in order."""
    return f"""
SELECT session_id, arraySort(groupArray((
    toUnixTimestamp64Milli(occurred_at), seq, type, label, is_server_side = 1, {mark}
))) AS steps
FROM ({steps})
GROUP BY session_id
"""


_OF_VISITORS = f"""
website_id = {{website_id:UInt32}} AND is_walked = {WALKED}
    AND visitor_id IN (SELECT visitor_id FROM sessions WHERE {_CHUNK})
"""
"""The sessions of the chunk's visitors that have a walk."""
_MARKED_STEPS = _ordered(
    f"""
SELECT *, if(before = session_id, {REPEATED}, if(before = 0, {FIRST}, mark_before)) AS mark
FROM (
    SELECT *,
        lagInFrame(session_id, 1, 0) OVER same AS before,
        lagInFrame(own_mark, 1, 0) OVER same AS mark_before
    FROM (
        SELECT *, 1 AS is_new
        FROM ({_steps(_CHUNK)}) AS steps
        INNER JOIN (
            SELECT session_id, visitor_id, bot != '' AS is_bot, started_at, {OWN_MARK} AS own_mark
            FROM sessions FINAL
            WHERE {_CHUNK}
        ) AS session USING (session_id)
        UNION ALL
        SELECT last.2 AS session_id, last.1 AS occurred_at, 0 AS seq, type, label,
            0 AS is_server_side, visitor_id, is_bot, last.1 AS started_at, {OWN_MARK} AS own_mark,
            0 AS is_new
        FROM (
            SELECT visitor_id, bot != '' AS is_bot, type, label,
                max((started_at, session_id)) AS last
            FROM sessions FINAL
            ARRAY JOIN walk_type AS type, walk_label AS label
            WHERE {_OF_VISITORS}
                AND started_at <= fromUnixTimestamp64Milli({{until:Int64}})
            GROUP BY visitor_id, is_bot, type, label
        )
    )
    WINDOW same AS (
        PARTITION BY visitor_id, is_bot, type, label
        ORDER BY started_at, session_id, occurred_at, seq
        ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    )
)
WHERE is_new
""",
    "mark",
)
"""The chunk's entries with their marks. Of the sessions before only the last one with the same
entry matters. The visitors' later ones have no walk now."""
_NEW = {"version": "{version:UInt64}"}


class Unwalked(msgspec.Struct, frozen=True):
    """Sessions that are over and have no walk: those of a website and month that began between two
    times (ms)."""

    website_id: int
    month: str
    since: int
    until: int
    over: int
    left: int  # how many the month has

    @property
    def values(self) -> dict[str, object]:
        return {
            "website_id": self.website_id,
            "month": self.month,
            "since": self.since,
            "until": self.until,
            "over": self.over,
        }


def find_unwalked(work: Work, now_ms: int, size: int = CHUNK) -> Unwalked | None:
    """Which sessions to walk next, of the oldest month first: a walk that is written takes those of
    its visitor's later sessions away. Raises EngineError."""
    over = now_ms - OVER_MS
    months = work.query(_OLDEST_MONTH, {"over": over}).rows
    if not months:
        return None
    [[website_id, month, left]] = months
    values = {"website_id": website_id, "month": month, "over": over, "chunk": size}
    [[since, until]] = work.query(_BOUNDS, values).rows
    return Unwalked(website_id, month, since, until, over, left)


def walk_sessions(work: Work, unwalked: Unwalked, version: int) -> None:
    """Write their walks. No row may have this version yet. Raises EngineError; then some may have
    one."""
    values = {**unwalked.values, "version": version}
    _take_later_walks(work, values)
    _write_walks(work, values)


def _take_later_walks(work: Work, values: dict[str, object]) -> None:
    """The visitors' sessions that began later lose their walks: they may lack the chunk's sessions
    in their marks."""
    work.command(
        f"""
        INSERT INTO sessions ({session_columns()})
        SELECT {session_columns({**_NEW, "is_walked": "0"})}
        FROM (
            SELECT * FROM sessions FINAL
            WHERE {_OF_VISITORS} AND started_at >= fromUnixTimestamp64Milli({{since:Int64}})
        ) AS session
        INNER JOIN (
            SELECT visitor_id, min(started_at) AS first FROM sessions FINAL WHERE {_CHUNK}
            GROUP BY visitor_id
        ) AS changed USING (visitor_id)
        WHERE started_at >= first
        """,
        values,
        keeps_rows=True,
    )


def _write_walks(work: Work, values: dict[str, object]) -> None:
    becomes = {
        **_NEW,
        "walk_at": "if(fits, after, [])",
        "walk_type": "if(fits, steps.3, [])",
        "walk_label": "if(fits, steps.4, [])",
        "walk_prev_at": "if(fits, steps.6, [])",
        "is_walked": f"if(fits, {WALKED}, {UNFIT})",
        "walk_ends_at": "if(fits AND notEmpty(after), fromUnixTimestamp64Milli(steps[-1].1), 0)",
    }
    work.command(
        f"""
        INSERT INTO sessions ({session_columns()})
        WITH {_AFTER},
            length(steps) <= {MAX_STEPS} AND arrayAll(each -> each BETWEEN 0 AND {_LATEST}, after)
                AND (bot = '' OR NOT has(steps.5, 1)) AS fits
        SELECT {session_columns(becomes)}
        FROM (SELECT * FROM sessions FINAL WHERE {_CHUNK}) AS session
        LEFT JOIN ({_MARKED_STEPS}) AS walks USING (session_id)
        """,
        values,
        keeps_rows=True,
    )


def count_wrong_walks(work: Work, website_id: int, since: int, until: int) -> int:
    """How many of the sessions that began between two times (ms) have a walk that does not list
    their events. Raises EngineError."""
    [[count]] = work.query(
        f"""
        WITH {_AFTER}
        SELECT count()
        FROM (SELECT * FROM sessions FINAL WHERE {_WALKED}) AS session
        LEFT JOIN ({_ordered(_steps(_WALKED))}) AS walks USING (session_id)
        WHERE walk_at != after OR walk_type != steps.3 OR walk_label != steps.4
        """,
        {"website_id": website_id, "since": since, "until": until},
    ).rows
    return int(count)


def forget_walks(work: Work) -> None:
    """Take all walks away: events come that are not of a new version of their session. Raises
    EngineError."""
    clear_columns(work, "is_walked")
