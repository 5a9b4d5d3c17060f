"""`footfall doctor --deep` finds wrong marks and walks, which no row of a report shows."""

from contextlib import closing
from pathlib import Path

import pytest

from footfall.catalog import Catalog
from footfall.cli.checkup import Check, check_visitors
from footfall.cli.live import Store, by_engine
from footfall.model.mark import FIRST, LISTS, REPEATED
from footfall.query.sql.walked import WALKED
from footfall.store.engine import Engine

NOON = 1_767_268_800_000
BEFORE = NOON // 1000 - 1


def check(folder: Path, *, prev_at: int, walk_prev_at: int) -> Check:
    """A website with two sessions of one visitor, each with a view of the same page. The marks are
    those of the second session and of its page view."""
    with closing(Catalog(folder)) as catalog:
        website = catalog.add_website("shop.example", now_ms=NOON)
        with closing(Engine(str(folder / "engine"))) as engine:
            engine.migrate()
            visits = (
                f"SELECT {website.id}, number + 1, 7, at, at FROM"
                f" (SELECT number, toDateTime64({NOON // 1000} + number, 3) AS at FROM numbers(2))"
            )
            engine.command(
                "INSERT INTO sessions (website_id, session_id, visitor_id, started_at,"
                f" last_event_at) {visits}"
            )
            marks = (
                "1 AS pageviews, 1 AS counted_events, 1 AS version,"
                f" if(session_id = 1, {FIRST}, {prev_at}) AS prev_at,"
                f" arrayWithConstant({len(LISTS)}, 0) AS gaps, {WALKED} AS is_walked,"
                " [0] AS walk_at, ['page'] AS walk_type, ['/'] AS walk_label,"
                f" [if(session_id = 1, {FIRST}, {walk_prev_at})] AS walk_prev_at"
            )
            engine.command(f"INSERT INTO sessions SELECT * REPLACE({marks}) FROM sessions")
            engine.command(
                "INSERT INTO events (website_id, session_id, visitor_id, report_at, occurred_at,"
                f" type, path) SELECT *, 'page', '/' FROM ({visits})"
            )
            return check_visitors(website, Store(by_engine(engine)), NOON)


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
    assert "lists of 2026-01-01 have other rows in one way of counting: page;" in found.message
