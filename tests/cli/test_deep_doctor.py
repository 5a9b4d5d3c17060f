"""`footfall doctor --deep` finds wrong marks and walks, which no row of a report shows."""

from collections.abc import Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from footfall.catalog import Catalog
from footfall.cli.checkup import Check, check_visitors
from footfall.cli.live import Store, by_engine
from footfall.model.mark import FIRST, LISTS, REPEATED
from footfall.model.website import Website
from footfall.query.sql.walked import WALKED
from footfall.store.engine import Engine

NOON = 1_767_268_800_000
BEFORE = NOON // 1000 - 1


def check(folder: Path, *, prev_at: int, walk_prev_at: int, is_busy: bool = False) -> Check:
    """A website with two sessions of one visitor, each with a view of the same page. The marks are
    those of the second session and of its page view. If it `is_busy`, somebody comes before each
    list."""
    with closing(Catalog(folder)) as catalog:
        website = catalog.add_website("shop.example", now_ms=NOON)
    with closing(Engine(str(folder / "engine"))) as engine:
        engine.migrate()
        for session_id in (1, 2):
            view_page(engine, website, session_id)
        marks = (
            f"1 AS version, if(session_id = 1, {FIRST}, {prev_at}) AS prev_at,"
            f" arrayWithConstant({len(LISTS)}, 0) AS gaps, {WALKED} AS is_walked,"
            " [0] AS walk_at, ['page'] AS walk_type, ['/'] AS walk_label,"
            f" [if(session_id = 1, {FIRST}, {walk_prev_at})] AS walk_prev_at"
        )
        engine.command(f"INSERT INTO sessions SELECT * REPLACE({marks}) FROM sessions")
        ask, sessions = by_engine(engine), count(3)

        def ask_busy(report: str, website: Website, params: Mapping[str, str]) -> dict[str, Any]:
            if report == "breakdown":
                view_page(engine, website, next(sessions))
            return ask(report, website, params)

        return check_visitors(website, Store(ask_busy if is_busy else ask), NOON)


def view_page(engine: Engine, website: Website, session_id: int) -> None:
    """A session of visitor 7 with one page view."""
    at = f"toDateTime64({NOON // 1000 + session_id - 1}, 3)"
    ids = f"{website.id}, {session_id}, 7, {at}, {at}"
    engine.command(
        "INSERT INTO sessions (website_id, session_id, visitor_id, started_at, last_event_at,"
        f" pageviews, counted_events) SELECT {ids}, 1, 1"
    )
    engine.command(
        "INSERT INTO events (website_id, session_id, visitor_id, report_at, occurred_at, type,"
        f" path) SELECT {ids}, 'page', '/'"
    )


def test_right_marks_and_walks(tmp_path):
    found = check(tmp_path, prev_at=BEFORE + 1, walk_prev_at=BEFORE + 1)
    assert found.status == "ok"
    assert "the lists of 2026-01-01, were counted in two ways" in found.message


def test_a_wrong_mark(tmp_path):
    found = check(tmp_path, prev_at=FIRST, walk_prev_at=BEFORE + 1)
    assert found.status == "fail"
    assert "1 or 2 visitors are counted" in found.message


@pytest.mark.parametrize("walk_prev_at", [FIRST, REPEATED])
def test_a_wrong_walk(tmp_path, walk_prev_at):
    found = check(tmp_path, prev_at=BEFORE + 1, walk_prev_at=walk_prev_at)
    assert found.status == "fail"
    assert "different rows for 2026-01-01 in page:" in found.message


def test_a_website_that_is_visited_meanwhile_is_no_bug(tmp_path):
    found = check(tmp_path, prev_at=BEFORE + 1, walk_prev_at=BEFORE + 1, is_busy=True)
    assert found.status == "warn"
    assert "run this again later" in found.message
