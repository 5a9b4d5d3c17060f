"""Flows on hand-made rows, of what only the engine's side can get wrong; the rules themselves are
in tests/reference/test_reference_flow.py."""

from itertools import count
from typing import Any

import msgspec
import pytest
from plain import plain_table
from query.ask import NOW, WEBSITE
from query.store import Store, ms

from footfall.model.flow import FlowQuestion
from footfall.model.period import parse_period
from footfall.model.step import Condition, Step
from footfall.model.table import Table
from footfall.query.flow import answer_flow

ANY_PAGE = Step(label="page", type="page")
SWAP = Step(label="swap", type="track", name="swap")
QUESTION = FlowQuestion(
    website=WEBSITE,
    period=parse_period("2026-03-01", "2026-03-01", "UTC"),
    now_at=NOW,
    start=ANY_PAGE,
)
_seq = count(1)


def visit(store: Store, session_id: int, *events: str, at: str = "2026-03-01T10:00:00") -> None:
    """A session of events a minute apart: paths, or types and names such as track:swap."""
    start = ms(at)
    store.session(session_id, session_id, at)
    for number, text in enumerate(events):
        kind, _, name = ("page", "", "") if text.startswith("/") else text.partition(":")
        row = {
            "type": kind,
            "name": name if kind == "track" else "",
            "path": text if kind == "page" else "",
            "properties": f'{{"status":"{name}"}}' if kind == "transaction" and name else "",
            "report_at": start,
            "occurred_at": start + number * 60_000,
            "seq": next(_seq),
            "session_id": session_id,
            "visitor_id": session_id,
        }
        store.insert("events", row)


def ask(store: Store, **changes: object) -> Table[dict[str, Any]]:
    return plain_table(answer_flow(msgspec.structs.replace(QUESTION, **changes), store.engine))


def edges(store: Store, **changes: object) -> list[tuple[object, ...]]:
    return [
        (row["step"], row["source"], row["target"], row["transitions"], row["percentage"])
        for row in ask(store, **changes).rows
    ]


def test_paths_mix_pages_goals_and_transactions(store: Store) -> None:
    visit(store, 1, "/", "/swap", "connect", "track:swap", "transaction:confirmed")
    visit(store, 2, "/", "/swap", "outbound", "identify", "transaction")
    visit(store, 3, "/", "/earn")
    assert edges(store) == [
        (1, "/", "/swap", 2, 66.67),
        (1, "/", "/earn", 1, 33.33),
        (2, "/swap", "connect", 1, 50.0),
        (2, "/swap", "transaction", 1, 50.0),
        (3, "connect", "swap", 1, 100.0),
        (4, "swap", "transaction:confirmed", 1, 100.0),
    ]


def test_an_end_keeps_only_those_who_reach_it(store: Store) -> None:
    visit(store, 1, "/", "/swap", "track:swap", "/after")
    visit(store, 2, "/", "/swap")
    assert edges(store, end=SWAP) == [
        (1, "/", "/swap", 1, 100.0),
        (2, "/swap", "swap__END_MATCH__", 1, 100.0),
    ]
    of_all = edges(store, end=SWAP, percentage_base="start")
    assert [row[-1] for row in of_all] == [50.0, 50.0]


def test_backward_leads_to_the_start_event(store: Store) -> None:
    visit(store, 1, "/", "/swap", "track:swap", "/after")
    visit(store, 2, "/earn", "track:swap")
    visit(store, 3, "track:swap")
    assert edges(store, start=SWAP, direction="backward", shows_drop_off=True) == [
        (1, "/earn", "swap", 1, 33.33),
        (1, "/swap", "swap", 1, 33.33),
        (1, "__DROP_OFF__", "swap", 1, 33.33),
        (2, "/", "/swap", 1, 50.0),
        (2, "__DROP_OFF__", "/earn", 1, 50.0),
        (3, "__DROP_OFF__", "/", 1, 100.0),
    ]


def test_small_nodes_are_others(store: Store) -> None:
    for session_id, path in enumerate(("/a", "/a", "/a", "/b", "/b", "/c", "/d"), start=1):
        visit(store, session_id, "/", path, "/z")
    visit(store, 9, "/start")
    found = edges(store, nodes_per_step=2, shows_drop_off=True, max_steps=2)
    assert found == [
        (1, "/", "/a", 3, 37.5),
        (1, "/", "/b", 2, 25.0),
        (1, "/", "Others", 2, 25.0),
        (1, "/start", "__DROP_OFF__", 1, 12.5),
        (2, "/a", "/z", 3, 42.86),
        (2, "/b", "/z", 2, 28.57),
        (2, "Others", "/z", 2, 28.57),
    ]


def test_repeats_collapse_and_excluded_events_close_up(store: Store) -> None:
    visit(store, 1, "/", "/", "/login/a", "/", "connect", "/end")
    assert edges(store, collapses_repeats=True, excluded_labels=("/login/*", "connect")) == [
        (1, "/", "/end", 1, 100.0)
    ]


def test_a_page_of_rows_knows_how_many_there_are(store: Store) -> None:
    visit(store, 1, "/", "/a")
    visit(store, 2, "/", "/b")
    table = ask(store, limit=1, offset=1)
    assert ([row["target"] for row in table.rows], table.total) == (["/b"], 2)
    assert ask(store, offset=5).total == 2


def test_an_event_past_the_last_day_belongs_to_the_path(store: Store) -> None:
    visit(store, 1, "/", "/a", "/b", at="2026-03-01T23:58:30")
    assert [row[:3] for row in edges(store)] == [(1, "/", "/a"), (2, "/a", "/b")]
    assert [row[:3] for row in edges(store, window_s=60)] == [(1, "/", "/a")]
    assert edges(store, window_s=59) == []


def test_a_session_that_outlived_the_website_s_retention_is_gone_whole(store: Store) -> None:
    visit(store, 1, "/a", "/b", "/c")
    visit(store, 2, "/x", "/y", at="2026-03-01T10:01:00")
    kept = msgspec.structs.replace(QUESTION.period, floor_ms=ms("2026-03-01T10:00:30"))
    assert edges(store, period=kept) == [(1, "/x", "/y", 1, 100.0)]
    assert [row[-1] for row in edges(store, period=kept, percentage_base="start")] == [100.0]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (Condition(field="chain_id", operator="equals", values=("1",)), 1),
        (Condition(field="chain_id", operator="gt", values=("0.5",)), 1),
        (Condition(field="chain_id", operator="lt", values=("1e0",)), 0),
        (Condition(field="deep.flag", operator="equals", values=("true",)), 1),
        (Condition(field="deep", operator="notEmpty"), 0),
        (Condition(field="it's", operator="includes", values=("a'b",)), 1),
        (Condition(field="device", operator="equals", values=("mobile",)), 1),
        (Condition(field="device", operator="notEquals", values=("mobile",)), 0),
        (Condition(field="os", operator="equals", values=("ios",)), 1),
        (Condition(field="browser", operator="startsWith", values=("safari",)), 1),
        (Condition(field="locale", operator="in", values=("de-AT", "x")), 1),
        (Condition(field="nothing", operator="isEmpty"), 1),
    ],
)
def test_conditions_read_columns_and_properties(
    store: Store, condition: Condition, kept: int
) -> None:
    store.event(
        "track",
        "2026-03-01T10:00:00",
        name="swap",
        properties='{"chain_id":1,"deep":{"flag":true},"it\'s":"xa\'b"}',
        session_id=1,
        device="Mobile",
        os="iOS",
        browser="Mobile Safari",
        language="de-at",
    )
    start = msgspec.structs.replace(SWAP, conditions=(condition,))
    assert len(edges(store, start=start, shows_drop_off=True)) == kept
