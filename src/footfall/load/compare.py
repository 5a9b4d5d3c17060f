"""Which parts the engine has lost, or should not have, compared with the inventory."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from footfall.load.inventory import Part, Range, parse_part

_SEEN_ONCE = frozenset({"events", "visits"})
"""Tables whose rows are unique: two parts with the same checksums are a part and its copy."""


class Gone(NamedTuple):
    """Parts of one table and month that are missing, and about how many rows were in them."""

    table: str
    month: str
    names: tuple[str, ...]
    rows: int


def find_gone(
    table: str, known: Sequence[Part], now: Sequence[Part], *, is_changing: bool
) -> list[Gone]:
    """Known parts that neither exist nor were merged into another one, by month.

    While months are rewritten (`is_changing`), all of a month's parts may be replaced at once.
    """
    found: dict[str, list[Part]] = {}
    lost_rows: dict[str, int] = {}
    for part in known:
        if not part.rows or any(_is_in(part, other) for other in now):
            continue
        rest = sum(other.rows for other in now if part.range.covers(other.range))
        if rest >= part.rows:
            continue  # a merge that a power cut has undone
        found.setdefault(part.range.month, []).append(part)
        lost_rows[part.range.month] = lost_rows.get(part.range.month, 0) + part.rows - rest
    return [
        Gone(table, month, tuple(part.name for part in parts), lost_rows[month])
        for month, parts in sorted(found.items())
        if not (is_changing and _are_all(month, parts, known))
    ]


def _is_in(part: Part, other: Part) -> bool:
    if other.name == part.name:
        return other.checksum == part.checksum
    return other.range.covers(part.range)


def _are_all(month: str, parts: Sequence[Part], known: Sequence[Part]) -> bool:
    """Whether all known parts of a month are gone."""
    return len(parts) == sum(1 for part in known if part.range.month == month and part.rows)


class Folder(NamedTuple):
    """A folder of a part, as it is on disk before the engine opens."""

    name: str
    small: int  # as `Part.small`
    is_empty: bool  # without rows: the engine leaves one to hide the parts that it has replaced


def find_foreign(table: str, known: Sequence[Part], folders: Sequence[Folder]) -> list[str]:
    """Folders of parts that are older than the newest known insert and belong to no known part,
    and newer ones that are copies of a known part.

    The engine would show their rows again, or refuse to open. A part that covers a known one is a
    merge, one inside a known one was merged into it, and a newer one came after the inventory.
    """
    ranges = [part.range for part in known]
    newest = max((range_.last for range_ in ranges), default=0)
    hiding = [found for each in folders if each.is_empty and (found := parse_part(each.name))]
    copied = {part.small for part in known if part.rows} if table in _SEEN_ONCE else set[int]()
    foreign = []
    for folder in folders:
        found = parse_part(folder.name)
        if found is None or _belongs(found, ranges) or any(each.covers(found) for each in hiding):
            continue
        if found.first <= newest or folder.small in copied - {0}:
            foreign.append(folder.name)
    return foreign


def _belongs(found: Range, ranges: Iterable[Range]) -> bool:
    for known in ranges:
        if known.covers(found) or (found.covers(known) and (found.level or found == known)):
            return True
    return False
