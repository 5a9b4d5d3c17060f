"""What every mark in the store must be, counted from the sessions alone."""

from footfall.store.engine import Engine

SESSIONS = (
    "SELECT website_id, visitor_id, bot != '', toUnixTimestamp64Milli(started_at), session_id,"
    " prev_at FROM sessions FINAL WHERE counted_events > 0"
    " AND website_id IN {websites:Array(UInt32)}"
)


def wrong_marks(engine: Engine, website_ids: list[int], *, may_be_unknown: bool = False) -> list:
    """Covered sessions whose mark is not the start of their visitor's one before them."""
    of_visitor: dict[tuple, list[tuple[int, int, int]]] = {}
    for website, visitor, is_bot, *session in engine.query(
        SESSIONS, {"websites": website_ids}
    ).rows:
        of_visitor.setdefault((website, visitor, is_bot), []).append(tuple(session))
    wrong = []
    for visitor, sessions in of_visitor.items():
        mark = 1
        for started_at, session_id, found in sorted(sessions):
            if found != mark and not (may_be_unknown and found == 0):
                wrong.append((visitor, started_at, session_id, found, mark))
            mark = started_at // 1000
    return wrong
