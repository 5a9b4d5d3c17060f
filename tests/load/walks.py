"""The walks in a store, beside the events they should list."""

from collections import defaultdict
from typing import Any

import msgspec

from footfall.model.dimension import DIMENSIONS
from footfall.model.question import Bots
from footfall.model.website import Website
from footfall.query.listing import read_lists, select
from footfall.query.parse.question import parse_question
from footfall.query.sql.walked import WALKED
from footfall.store.engine import Engine
from footfall.store.reader import Reader

_WALKED = """
SELECT session_id, toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(walk_ends_at),
    arrayZip(walk_at, walk_type, walk_label)
FROM sessions FINAL
WHERE website_id = {website:UInt32} AND is_walked = {state:UInt8}
"""
_EVENTS = """
SELECT session_id, toUnixTimestamp64Milli(occurred_at), type, path, name, properties
FROM events
WHERE website_id = {website:UInt32} AND session_id != 0
ORDER BY occurred_at, seq
"""


def wrong_walks(engine: Engine, websites: list[int]) -> list[tuple[int, Any, Any]]:
    """Session, walk and what the walk should be, of the walks that are not as they should be."""
    return [
        (session_id, walk, wanted)
        for website in websites
        for session_id, walk, wanted in _walks(engine, website)
        if walk != wanted
    ]


def unwalked(engine: Engine, websites: list[int]) -> list[list[Any]]:
    """Sessions without a walk that could have one."""
    wanted = "SELECT website_id, session_id FROM sessions FINAL WHERE is_walked < 2"
    among = f"{wanted} AND website_id IN {{websites:Array(UInt32)}}"
    return engine.query(among, {"websites": websites}).rows


def page_list(
    reader: Reader, website: Website, from_ms: int, to_ms: int, bots: Bots = "exclude"
) -> list[tuple[str, int, int, int]]:
    """Path, visitors, sessions and views of each page, as reports count them; a page may have
    payments alone."""
    question = parse_question("breakdown", [("dimension", "page")], website, to_ms)
    period = msgspec.structs.replace(question.period, start_ms=from_ms, end_ms=to_ms)
    question = msgspec.structs.replace(question, period=period, bots=bots, limit=1000)
    selection = select(question, ("visitors", "sessions", "pageviews"))
    lists = read_lists(question, reader, [DIMENSIONS["page"]], None, selection)
    return [
        (line.value, line.figures.visitors, line.figures.sessions, line.figures.views)
        for line in lists.by_dimension["page"].lines
    ]


def _walks(engine: Engine, website: int) -> list[tuple[int, Any, Any]]:
    events = defaultdict(list)
    for session_id, at, type_, *words in engine.query(_EVENTS, {"website": website}).rows:
        if type_ != "engagement":
            events[session_id].append((at, type_, _label(type_, *words)))
    found = []
    for session_id, start, end, steps in engine.query(
        _WALKED, {"website": website, "state": WALKED}
    ).rows:
        walk = [(start + after, type_, label) for after, type_, label in steps]
        last = events[session_id][-1][0] if events[session_id] else 0
        found.append((session_id, (end, walk), (last, events[session_id])))
    return found


def _label(type_: str, path: str, name: str, properties: str) -> str:
    if type_ == "page":
        return path
    if type_ in ("track", "decoded_log"):
        return name
    status = msgspec.json.decode(properties or "{}").get("status", "")
    if type_ in ("signature", "transaction") and isinstance(status, str) and status:
        return f"{type_}:{status}"
    return type_
