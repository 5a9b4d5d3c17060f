"""Walks: what is written of a session that is over, and what takes it away again."""

from itertools import permutations
from random import Random

import pytest
from load.conftest import NOON
from load.deleting import delete_goals, delete_payments, delete_visitor, purge
from load.test_join import movement
from load.walks import page_list
from msgspec.structs import replace
from query.ask import WEBSITE

from footfall.load.batch import BatchWriter
from footfall.load.deleted_rows import GoalsToDelete
from footfall.load.doubt import drop_doubts, has_doubts
from footfall.load.loader import Loader
from footfall.load.recount import recount
from footfall.load.sample import sample_row
from footfall.load.session import open_session
from footfall.load.walking import (
    MAX_STEPS,
    OVER_MS,
    UNFIT,
    count_wrong_walks,
    find_unwalked,
    walk_sessions,
)
from footfall.model.mark import FIRST, REPEATED
from footfall.query.sql.walked import WALKED
from footfall.store.engine import RowsRefused

HOUR = 60


def walk(store, later=24 * HOUR * 60_000, size=30_000):
    """Write the walks of the sessions that are over at NOON and `later`."""
    while unwalked := find_unwalked(store.engine, NOON + later, size):
        store.loader._clear_spool()
        walk_sessions(store.engine, unwalked, store.loader._number)


def walks(store):
    """By session, in order of its start."""
    columns = "is_walked, arrayZip(walk_at, walk_type, walk_label)"
    return [
        (state, [tuple(step) for step in steps])
        for state, steps in store.rows(columns, order="started_at, session_id")
    ]


def test_a_session_that_is_over_lists_its_events_in_order(store):
    store.load(
        store.event(0, path="/a"),
        store.event(2, type="track", name="signup", path="/a"),
        store.event(1, path="/b"),
        store.event(3, type="engagement", path="/b", engaged_ms=5),
    )
    assert walks(store) == [(0, [])]
    walk(store, later=3 * 60_000 + OVER_MS)
    assert walks(store) == [(0, [])], "an hour is not over"
    walk(store)
    steps = [(0, "page", "/a"), (60_000, "page", "/b"), (120_000, "track", "signup")]
    assert walks(store) == [(WALKED, steps)]


def test_an_event_that_comes_later_takes_the_walk_away(store):
    store.load(store.event(0, path="/a"), store.event(0, path="/a", visitor_id=8))
    walk(store)
    store.load(store.event(1, path="/b"))
    assert sorted(state for state, _ in walks(store)) == [0, WALKED]
    walk(store)
    assert [len(steps) for _, steps in walks(store)] in ([1, 2], [2, 1])


def test_marking_keeps_walks(store):
    store.load(store.event(0, path="/a"), store.event(2 * HOUR, path="/b"))
    walk(store)
    before = walks(store)
    store.load(store.event(HOUR, path="/c"))  # the last session has another mark now
    walk(store)
    assert [steps for _, steps in walks(store)][::2] == [steps for _, steps in before]


def test_a_session_with_an_event_before_its_start_has_no_walk(store):
    store.load(store.event(10, session_uid=5, path="/a"))
    store.load(store.event(2, session_uid=5, path="/b"))
    walk(store)
    assert walks(store) == [(UNFIT, [])]


def test_few_sessions_at_a_time(store):
    store.load(*(store.event(n, visitor_id=100 + n) for n in range(10)))
    unwalked = find_unwalked(store.engine, NOON + 24 * HOUR * 60_000, 4)
    assert unwalked is not None
    assert unwalked.left == 10
    store.loader._clear_spool()
    walk_sessions(store.engine, unwalked, store.loader._number)
    assert [state for state, _ in walks(store)] == [WALKED] * 4 + [0] * 6
    walk(store, size=4)
    assert {state for state, _ in walks(store)} == {WALKED}


def test_a_session_whose_goal_is_deleted_is_walked_again(store):
    store.load(
        store.event(0, path="/a"),
        store.event(1, type="track", name="signup", path="/a"),
        store.event(0, path="/a", visitor_id=8),
    )
    walk(store)
    delete_goals(store.deleter, store.website_id, GoalsToDelete(name="signup"))
    assert sorted(state for state, _ in walks(store)) == [0, WALKED]
    walk(store)
    assert [steps for _, steps in walks(store)] == [[(0, "page", "/a")]] * 2


def test_no_walks_are_written_while_a_delete_writes_drafts(store):
    store.load(store.event(0))
    store.now_ms = NOON + 24 * HOUR * 60_000
    loader: Loader = store.loader
    loader.begin_drafts()
    assert not loader.walk_some()
    assert walks(store) == [(0, [])]
    loader.end_drafts()


def goal(store, minute, name="paid", **fields):
    """As a server sends it."""
    return store.event(minute, type="track", name=name, is_server_side=True, **fields)


def test_an_event_of_a_server_is_in_the_walk_and_takes_an_older_walk_away(store):
    store.load(store.event(0, path="/a"), goal(store, 1))
    walk(store)
    steps = [(0, "page", "/a"), (60_000, "track", "paid")]
    assert walks(store) == [(WALKED, steps)]
    store.load(goal(store, 20, "renewed"))
    assert walks(store) == [(0, [])]
    walk(store)
    assert walks(store) == [(WALKED, [*steps, (20 * 60_000, "track", "renewed")])]
    assert store.sessions() == [(0, 0, 1, 1)], "a server's event never extends a session"


def test_a_walk_says_when_its_last_event_was(store):
    store.load(store.event(0, session_uid=5, path="/a"))
    store.load(goal(store, 50 * HOUR, session_uid=5))
    walk(store, later=100 * HOUR * 60_000)
    ((ends_at,),) = store.rows("toUnixTimestamp64Milli(walk_ends_at)")
    assert ends_at == NOON + 50 * HOUR * 60_000


def test_a_session_with_a_servers_event_before_its_start_has_no_walk(store):
    store.load(store.event(10, session_uid=5, path="/a"))
    store.load(goal(store, 2, session_uid=5))
    walk(store)
    assert walks(store) == [(UNFIT, [])]


def test_a_session_with_many_events_has_no_walk(store):
    events = [store.event(n / 60, path="/a") for n in range(MAX_STEPS + 1)]
    store.load(*events[:-1])
    walk(store)
    assert [(state, len(steps)) for state, steps in walks(store)] == [(WALKED, MAX_STEPS)]
    store.load(events[-1])
    walk(store)
    assert walks(store) == [(UNFIT, [])]


def test_a_bots_session_with_a_servers_event_has_no_walk(store):
    """Who leaves bots out sees the event, and who looks at bots alone does not."""
    store.load(
        store.event(0, bot="crawler", path="/a"), store.event(0, bot="crawler", visitor_id=8)
    )
    store.load(goal(store, 1))
    walk(store)
    assert sorted(state for state, _ in walks(store)) == [UNFIT, WALKED]


def test_a_payment_that_is_posted_again_takes_the_walk_away(store):
    store.load(store.event(0, path="/a"), store.event(0, path="/a", visitor_id=8))
    store.loader.load_records([movement(store, 10, visitor_id=7)])
    walk(store)
    assert [len(steps) for _, steps in walks(store)] in ([1, 2], [2, 1])
    store.loader.load_records([movement(store, 10, visitor_id=8)])
    assert [state for state, _ in walks(store)] == [0, 0], "one has lost the goal, one has it now"
    walk(store)
    goals = store.rows("session_id, toUnixTimestamp64Milli(occurred_at)", "events", "1, 2")
    walked = store.rows(
        "session_id, arrayJoin(arrayMap(a -> a + toUnixTimestamp64Milli(started_at), walk_at))",
        order="1, 2",
    )
    assert walked == goals


def test_deletes_of_payments_and_people_take_walks_away(store):
    store.load(store.event(0, path="/a"), store.event(0, path="/a", visitor_id=8))
    store.loader.load_records([movement(store, 10, visitor_id=7)])
    walk(store)
    delete_payments(store.deleter, store.website_id, ["new-10"])
    assert sorted(state for state, _ in walks(store)) == [0, WALKED]
    assert store.sessions() == [(0, 0, 1, 1)] * 2
    walk(store)
    assert [steps for _, steps in walks(store)] == [[(0, "page", "/a")]] * 2
    delete_visitor(store.deleter, store.website_id, 7)
    assert walks(store) == [(WALKED, [(0, "page", "/a")])]


@pytest.mark.parametrize(
    "changed",
    [
        "arrayMap(after -> toUInt32(after + 1), walk_at) AS walk_at",
        "arrayMap(label -> concat(label, '?'), walk_label) AS walk_label",
        "arrayMap(type -> CAST('connect', toTypeName(type)), walk_type) AS walk_type",
    ],
)
def test_a_wrong_walk_is_found_when_it_is_compared_with_the_events(store, changed):
    store.load(store.event(0, path="/a"), store.event(1, path="/b"), goal(store, 2))
    walk(store)
    day = (store.website_id, NOON - OVER_MS, NOON + OVER_MS)
    assert count_wrong_walks(store.engine, *day) == 0
    store.engine.command(
        f"INSERT INTO sessions SELECT * REPLACE({changed}) FROM sessions FINAL"
        f" WHERE website_id = {store.website_id}"
    )
    assert count_wrong_walks(store.engine, *day) == 1
    assert recount(store.engine, store.loader.damage, Random(1))
    assert has_doubts(store.engine)
    store.loader.look_for_doubts()
    while store.loader.mark_some():
        pass
    assert not has_doubts(store.engine)
    assert [state for state, _ in walks(store)] == [0]
    walk(store)
    assert count_wrong_walks(store.engine, *day) == 0
    drop_doubts(store.engine)


def test_no_walk_is_written_over_a_session_whose_newer_row_was_refused(store, monkeypatch):
    store.load(store.event(0, path="/a"))
    insert, try_insert = store.engine.insert, store.engine.try_insert

    def refuse(table, lines, *token):
        if table == "sessions" and lines != sample_row(table):
            raise RowsRefused("no such row")
        return insert(table, lines, *token) if token else try_insert(table, lines)

    monkeypatch.setattr(store.engine, "insert", refuse)
    monkeypatch.setattr(store.engine, "try_insert", refuse)
    store.load(store.event(5, path="/b"))
    monkeypatch.undo()
    loader = Loader(store.engine, store.folder, lambda: NOON + 24 * HOUR * 60_000)
    assert has_doubts(store.engine)
    assert not loader.mark_some()
    assert not loader.walk_some()
    assert loader.reload_refused().loaded == 1
    while loader.mark_some():
        pass
    assert store.sessions() == [(0, 5, 2, 2)]
    assert loader.walk_some()
    assert [len(steps) for _, steps in walks(store)] == [2]


def test_a_batch_takes_walks_away_before_events_come(store):
    rows = BatchWriter("s", 5)
    session = open_session(store.event(0), 7, set())
    rows.add_event(store.event(0), 7, session)
    rows.add_session(session)
    tables = list(rows.finish({}).tables)
    assert tables.index("sessions") < tables.index("events")


def marks(store):
    """By session, in order of its start: 0 where a session has no walk."""
    return [
        state and marks
        for state, marks in store.rows("is_walked, walk_prev_at", order="started_at, session_id")
    ]


def pages(store, reader=None):
    website = replace(WEBSITE, id=store.website_id)
    return page_list(
        reader or store.engine, website, NOON - 24 * HOUR * 60_000, NOON + 99 * HOUR * 60_000
    )


def seconds(minute):
    return NOON // 1000 + 60 * minute


def test_a_walk_says_when_the_visitor_did_the_same_before(store):
    store.load(
        store.event(0, path="/a"),
        store.event(1, type="track", name="/b", path="/a"),
        store.event(HOUR, path="/a"),
        store.event(HOUR + 1, path="/b"),
        store.event(HOUR + 2, path="/a"),
        store.event(2 * HOUR, path="/b"),
        store.event(2 * HOUR, path="/a", visitor_id=8),
    )
    walk(store)
    assert marks(store) in (
        [[FIRST, FIRST], [seconds(0), FIRST, REPEATED], *last]
        for last in permutations([[seconds(HOUR)], [FIRST]])
    )


def test_bots_and_people_are_marked_apart(store):
    store.load(store.event(0, path="/a"), store.event(HOUR, path="/a", bot="GPTBot"))
    store.load(store.event(2 * HOUR, path="/a"))
    walk(store)
    assert marks(store) == [[FIRST], [FIRST], [seconds(0)]]


def test_a_walk_that_is_written_late_takes_later_ones_away(store):
    store.load(store.event(2 * HOUR, path="/a"), store.event(4 * HOUR, path="/a"))
    store.load(store.event(2 * HOUR, path="/a", visitor_id=8))
    walk(store)
    store.load(store.event(0, path="/a"))  # late: also the next session is written again
    unwalked = find_unwalked(store.engine, NOON + 24 * HOUR * 60_000)
    assert unwalked is not None
    store.loader._clear_spool()
    walk_sessions(store.engine, unwalked, store.loader._number)
    assert sorted(marks(store), key=str) == sorted([0, [seconds(0)], [FIRST], [FIRST]], key=str)
    walk(store)
    assert sorted(marks(store), key=str) == sorted(
        [[FIRST], [FIRST], [seconds(0)], [seconds(2 * HOUR)]], key=str
    )


def test_a_page_counts_its_visitors_when_some_have_sessions_without_walks(store):
    store.load(
        *(store.event(minute, path="/a") for minute in (0, HOUR, 2 * HOUR)),
        *(store.event(minute, path="/a", visitor_id=8) for minute in (0, HOUR)),
    )
    walk(store)
    store.load(store.event(HOUR + 1, path="/b"))
    assert pages(store) == [("/a", 2, 5, 5), ("/b", 1, 1, 1)]


class _Asked:
    """A reader that keeps the statements. The first one answers `first`, if that is not None: as if
    a session lost its walk right afterwards."""

    def __init__(self, engine, first=None):
        self.engine = engine
        self.first = first
        self.statements = []

    def query(self, sql, params=None, reads=None):
        self.statements.append(sql)
        found = self.engine.query(sql, params, reads)
        if len(self.statements) > 1 or self.first is None:
            return found
        return replace(found, rows=self.first)


@pytest.mark.parametrize(
    ("is_all_walked", "first", "read"),
    [(True, None, ["walks"]), (False, None, ["both"]), (False, [[0]], ["walks", "both"])],
)
def test_a_list_of_pages_reads_events_only_where_sessions_have_no_walk(
    store, is_all_walked, first, read
):
    store.load(store.event(0, path="/a"), store.event(HOUR, path="/a"))
    walk(store)
    rows = [("/a", 1, 2, 2)]
    if not is_all_walked:
        store.load(store.event(2 * HOUR, path="/a"))
        rows = [("/a", 1, 3, 3)]
    asked = _Asked(store.engine, first)
    assert pages(store, asked) == rows
    _, *lists = asked.statements
    kinds = ["both" if "uniqExactIf(visitor_id, is_in_set)" in sql else "walks" for sql in lists]
    assert kinds == read


def test_a_walk_of_a_version_without_marks_is_not_read_and_written_again(store):
    store.load(store.event(0, path="/a"), store.event(HOUR, path="/a"))
    walk(store)
    store.engine.command(
        "INSERT INTO sessions SELECT * REPLACE(version + 1 AS version, 1 AS is_walked,"
        " [] AS walk_prev_at) FROM sessions FINAL"
    )
    assert pages(store) == [("/a", 1, 2, 2)]
    walk(store)
    assert marks(store) == [[FIRST], [seconds(0)]]


def test_a_mark_of_a_session_that_was_purged_counts_as_none(store):
    store.load(store.event(0, path="/a"), store.event(48 * HOUR, path="/a"))
    walk(store, later=100 * HOUR * 60_000)
    for step in store.deleter.steps_to_purge(store.website_id, NOON + 24 * HOUR * 60_000):
        step()
    assert pages(store) == [("/a", 1, 1, 1)]


def test_a_mark_of_a_purged_session_stays_none_when_older_sessions_come(store):
    store.load(store.event(0, path="/a"), store.event(48 * HOUR, path="/a"))
    walk(store, later=100 * HOUR * 60_000)
    purge(store.deleter, store.website_id, NOON + 24 * HOUR * 60_000)
    assert marks(store) == [[FIRST]]
    store.load(store.event(-12 * HOUR, path="/b", visitor_id=9))
    walk(store, later=100 * HOUR * 60_000)
    assert pages(store) == [("/a", 1, 1, 1), ("/b", 1, 1, 1)]


def test_a_wrong_mark_of_a_walk_is_found_when_visitors_are_counted_again(store):
    store.load(store.event(0, path="/a"), store.event(HOUR, path="/a"))
    walk(store)
    assert not recount(store.engine, store.loader.damage, Random(1))
    store.engine.command(
        "INSERT INTO sessions SELECT * REPLACE(version + 1 AS version, [1] AS walk_prev_at)"
        " FROM sessions FINAL"
    )
    assert recount(store.engine, store.loader.damage, Random(1))
    assert has_doubts(store.engine)
    assert pages(store) == [("/a", 1, 2, 2)], "from events"
    drop_doubts(store.engine)
