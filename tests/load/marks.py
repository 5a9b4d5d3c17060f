"""What every mark in the store must be, counted from the sessions alone."""

from footfall.model.mark import LISTS
from footfall.store.engine import Engine

COLUMNS = sorted({column for keys in LISTS for column in keys})
SESSIONS = (
    "SELECT website_id, visitor_id, bot != '', toUnixTimestamp64Milli(started_at), session_id,"
    f" prev_at, gaps, {', '.join(COLUMNS)} FROM sessions FINAL WHERE counted_events > 0"
    " AND website_id IN {websites:Array(UInt32)}"
)


def wrong_marks(engine: Engine, website_ids: list[int], *, may_be_unknown: bool = False) -> list:
    """Covered sessions of which a mark is not the start of their visitor's one before them."""
    of_visitor: dict[tuple, list[tuple]] = {}
    for website, visitor, is_bot, *session in engine.query(
        SESSIONS, {"websites": website_ids}
    ).rows:
        of_visitor.setdefault((website, visitor, is_bot), []).append(tuple(session))
    wrong = []
    for visitor, sessions in of_visitor.items():
        before: list[tuple[int, dict[str, str]]] = []
        for started_at, session_id, prev_at, gaps, *values in sorted(sessions):
            row = dict(zip(COLUMNS, values, strict=True))
            found = [prev_at, *(prev_at - gap for gap in gaps)]
            found += [prev_at] * (1 + len(LISTS) - len(found))
            marks = [latest(before, row, keys) for keys in ((), *LISTS)]
            if found != marks and not (may_be_unknown and prev_at == 0):
                wrong.append((visitor, started_at, session_id, found, marks))
            before.append((started_at // 1000, row))
    return wrong


def latest(before: list[tuple[int, dict[str, str]]], row: dict[str, str], keys: tuple) -> int:
    """The start of the latest session before with the same values, 1 if there is none."""
    same = [at for at, other in before if all(other[key] == row[key] for key in keys)]
    return same[-1] if same else 1
