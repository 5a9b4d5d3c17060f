"""Which rows an insert touches, and who is affected by a change: beside a slow, plain account."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import pytest

from footfall.load.sample import sample_row
from footfall.load.time_text import time_text
from footfall.store.change import HOUR_MS, MAX_STEPS, Changes, Touched, touched_by

TIMES = {"events": (1, 4), "sessions": (1,), "payments": (1,), "visits": (2,), "ingestion": (1,)}
"""Table → where its rows have the times that reports select by."""
LATEST = 4_000_000_000_000


def row(random: Random, table: str, website_id: int) -> bytes:
    """One that the tables take, of a random time."""
    values = json.loads(sample_row(table))
    values[0] = website_id
    for place in TIMES[table]:
        values[place] = time_text(random.randrange(-LATEST, LATEST))
    values[-1] = random.choice(("", 'say "hi",', "[1,", "tab\tline\nend", "zürich 🙂"))
    return json.dumps(values, separators=random.choice(((",", ":"), (", ", ": ")))).encode()


def touched_plainly(table: str, lines: bytes) -> Touched:
    found: dict[int, int] = {}
    for line in lines.split(b"\n"):
        values = json.loads(line)
        for place in TIMES[table]:
            at = datetime.fromisoformat(values[place]).replace(tzinfo=UTC)
            hour = int(at.timestamp() // 3600)
            found[values[0]] = min(hour, found.get(values[0], hour))
    return found


@pytest.mark.parametrize("table", sorted(TIMES))
def test_an_insert_touches_each_websites_earliest_hour(table: str) -> None:
    random = Random(table)
    for _ in range(30):
        count = random.choice((1, 2, 7))
        lines = b"\n".join(
            row(random, table, random.choice((0, 7, 2**32 - 1))) for _ in range(count)
        )
        assert touched_by(table, lines) == touched_plainly(table, lines)


def test_what_cannot_be_read_touches_everything() -> None:
    random = Random(1)
    good = row(random, "sessions", 7)
    assert touched_by("sessions", good) is not None
    for lines in (b"", b"[]", good + b"\n", good + b"\n[8,1700000000.5]", b"\n" + good):
        assert touched_by("sessions", lines) is None, lines
    assert touched_by("a table of tomorrow", good) is None


def test_the_loaders_own_notes_touch_nothing() -> None:
    assert touched_by("batches", b'[1,"{}"]') == {}


def test_a_change_affects_those_who_read_rows_after_its_earliest_one() -> None:
    """Beside a list of all changes."""
    random = Random(2)
    changes, ended = Changes(), list[Touched | None]()
    for _ in range(400):
        touched = random.choice(
            ({}, {7: random.randrange(48)}, {7: random.randrange(48), 8: random.randrange(48)})
        )
        one = None if random.random() < 0.01 else touched
        with changes.change(one):
            pass
        ended.append(one)
        assert changes.newest() == len(ended)
        until_ms = random.choice((None, *(random.randrange(50 * HOUR_MS) for _ in range(3)), 0))
        since, website_id = random.randrange(len(ended) + 1), random.choice((7, 8, 9))
        is_unchanged = not any(
            each is None
            or (website_id in each and (until_ms is None or each[website_id] * HOUR_MS < until_ms))
            for each in ended[since:]
        )
        assert changes.is_unchanged(website_id, until_ms, since) == is_unchanged


def test_a_change_affects_readers_from_its_begin() -> None:
    changes = Changes()
    with changes.change({7: 10}):
        assert not changes.is_unchanged(7, None, changes.newest())
        assert not changes.is_unchanged(7, 11 * HOUR_MS, changes.newest())
        assert changes.is_unchanged(7, 10 * HOUR_MS, changes.newest())
        assert changes.is_unchanged(8, None, changes.newest())
    assert changes.is_unchanged(7, None, changes.newest())
    before = changes.newest()
    with suppress(OSError), changes.change(None):
        assert not changes.is_unchanged(9, 0, changes.newest())
        raise OSError  # part of it may be stored
    assert not changes.is_unchanged(9, 0, before)


def test_years_of_traffic_take_little_and_err_on_the_safe_side() -> None:
    changes = Changes()
    hours = 3 * MAX_STEPS
    for hour in range(hours):
        with changes.change({7: hour}):
            pass
    for until in range(0, hours, 97):
        newest = next(n for n in range(hours + 1) if changes.is_unchanged(7, until * HOUR_MS, n))
        assert newest >= until, "a change is never forgotten"
        if until > hours - MAX_STEPS or until == 0:
            assert newest == until, "and is exact for the last weeks, and before the start"
