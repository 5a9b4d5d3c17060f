"""Once a day, the visitors of a random day of each website, and those of a list and of all pages
and goals, are counted by marks and by sets, and the day's walks are compared with events; where
there are many websites, of some of them."""

from random import Random

import structlog

from footfall.damage import DamageLog
from footfall.load.doubt import doubt, has_doubts
from footfall.load.marking import IS_UNMARKED, OLDEST
from footfall.load.walking import count_wrong_walks
from footfall.load.work import Work
from footfall.model.mark import EARLIEST, LATEST, LISTS
from footfall.query.sql.walked import WALKED
from footfall.store.error import EngineError

DAY_S = 86_400
MONTH_S = 31 * DAY_S
MAX_WEBSITES = 50

# the day of a random session, so that most days that are chosen have some
_WEBSITES = """
SELECT website_id,
    intDiv(toUnixTimestamp64Milli(groupArraySample(1, {seed:UInt64})(started_at)[1]), 1000)
FROM sessions
GROUP BY website_id
ORDER BY website_id
"""
_PERIOD = """
website_id = {website_id:UInt32} AND bot = ''
    AND started_at >= fromUnixTimestamp64Milli({from:Int64} * 1000)
    AND started_at < fromUnixTimestamp64Milli({to:Int64} * 1000)
"""


def _counts(visitor: str, mark: str) -> str:
    return f"""
SELECT uniqExact({visitor}), countIf({mark} < {{from:UInt32}}),
    countIf({IS_UNMARKED})
FROM sessions FINAL
WHERE {_PERIOD} AND counted_events > 0
"""


_VISITORS = _counts("visitor_id", "prev_at")
_OF_LISTS = [
    _counts(f"visitor_id, {', '.join(keys)}", f"prev_at - gaps[{number}]")
    for number, keys in enumerate(LISTS, 1)
]
_OF_WALKS = f"""
SELECT uniqExact(visitor_id, type, label), countIf(prev_at < greatest({{from:UInt32}}, {OLDEST})), 0
FROM (
    SELECT visitor_id, walk_type, walk_label, walk_prev_at
    FROM sessions FINAL
    WHERE {_PERIOD} AND is_walked = {WALKED} AND visitor_id NOT IN (
        SELECT visitor_id FROM sessions FINAL WHERE {_PERIOD} AND is_walked != {WALKED}
    )
)
ARRAY JOIN walk_type AS type, walk_label AS label, walk_prev_at AS prev_at
"""

log = structlog.get_logger()


def recount(work: Work, damage: DamageLog, random: Random) -> bool:
    """Count the visitors of a website's day, and of the month from that day on, in both ways, and
    those of all rows of a random list and of all entries of walks, and compare the day's walks with
    its events; returns whether a result differed. Then it is reported as damage, and no report uses
    marks and walks until all are made again. A website whose visitors cannot be counted is logged.
    Raises EngineError, OSError."""
    if has_doubts(work):
        return False
    differs = False
    websites = work.query(_WEBSITES, {"seed": random.getrandbits(63)}).rows
    for website_id, second in random.sample(websites, min(len(websites), MAX_WEBSITES)):
        start = min(max(second // DAY_S * DAY_S, EARLIEST + 1), LATEST)
        lengths = (
            (DAY_S, _VISITORS),
            (MONTH_S, _VISITORS),
            (MONTH_S, random.choice(_OF_LISTS)),
            (MONTH_S, _OF_WALKS),
        )
        for length, counts in lengths:
            values = {"website_id": website_id, "from": start, "to": start + length}
            try:
                [[by_sets, by_marks, unmarked]] = work.query(counts, values).rows
            except EngineError as error:
                log.error("visitors could not be counted again", error=str(error), **values)
                continue
            if by_sets != by_marks and not unmarked:
                _report(work, damage, values, by_sets, by_marks)
                differs = True
        differs |= _has_wrong_walks(work, damage, website_id, start)
    return differs


def _has_wrong_walks(work: Work, damage: DamageLog, website_id: int, start: int) -> bool:
    since, until = start * 1000, (start + DAY_S) * 1000
    try:
        wrong = count_wrong_walks(work, website_id, since, until)
    except EngineError as error:
        log.error("walks could not be compared", error=str(error), website_id=website_id)
        return False
    if wrong:
        message = (
            f"website {website_id}, from {start} to {start + DAY_S} (seconds since 1970): the walks"
            f" of {wrong:,} sessions do not list their events; flows no longer use walks, which are"
            " made again"
        )
        damage.add("store", "engine: table sessions", f"walks of {website_id}, {start}", message)
        doubt(work, "walks did not list the events of their sessions")
    return bool(wrong)


def _report(
    work: Work, damage: DamageLog, values: dict[str, int], by_sets: int, by_marks: int
) -> None:
    message = (
        f"website {values['website_id']}, from {values['from']} to {values['to']} (seconds since"
        f" 1970): marks count {by_marks:,} visitors, but there are {by_sets:,}; reports no longer"
        " use marks, which are made again"
    )
    damage.add("store", "engine: table sessions", f"{values}", message)
    doubt(work, "marks counted other visitors than sets did")
