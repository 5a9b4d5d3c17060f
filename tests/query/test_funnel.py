"""Funnels on hand-made rows: every number can be checked by counting."""

from typing import Any

import msgspec
import pytest
from plain import plain_table
from query.ask import NOW, WEBSITE
from query.store import Store, ms

from footfall.model.dimension import DIMENSIONS
from footfall.model.filter import parse_filter
from footfall.model.funnel import FunnelQuestion
from footfall.model.period import Period
from footfall.model.step import Condition, Step
from footfall.model.table import Table
from footfall.query.funnel import answer_funnel

DAY = "2026-03-01"
PERIOD = Period(start_ms=ms(DAY), end_ms=ms("2026-03-02"))
MEASURES = [
    "users",
    "total",
    "conversion_from_start",
    "conversion_from_previous",
    "dropoff_from_previous",
    "median_seconds_from_previous",
    "median_seconds_from_start",
]


class Log:
    """Events of 1 March, given by seconds after ten o'clock; `seq` goes up with each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seq = 0

    def see(self, who: int, *seen: tuple[float, str], **columns: object) -> None:
        """Page views by path, goals by name."""
        rows = []
        for second, what in seen:
            self._seq += 1
            at = ms(f"{DAY}T10:00:00") + round(second * 1000)
            kind: dict[str, object] = {"type": "track", "name": what}
            if what.startswith("/"):
                kind = {"type": "page", "path": what}
            row = {"report_at": at, "occurred_at": at, "visitor_id": who, "seq": self._seq}
            rows.append({**kind, **row, **columns})
        self._store.insert("events", *rows)

    def ask(self, *steps: str | Step, **options: Any) -> Table[dict[str, Any]]:
        question = {"website": WEBSITE, "period": PERIOD, "now_at": NOW, **options}
        asked = FunnelQuestion(steps=tuple(map(step, steps)), **question)
        return plain_table(answer_funnel(asked, self._store.engine))

    def users(self, *steps: str | Step, **options: Any) -> list[Any]:
        return [row["users"] for row in self.ask(*steps, **options).rows]

    def from_start(self, *steps: str | Step, **options: Any) -> list[Any]:
        rows = self.ask(*steps, **options).rows
        return [row["median_seconds_from_start"] for row in rows][1:]

    def groups(self, *steps: str | Step, **options: Any) -> list[tuple[Any, ...]]:
        """Breakdown, step, users and median from the start."""
        names = ("breakdown", "step", "users", "median_seconds_from_start")
        rows = self.ask(*steps, group_by="country", **options).rows
        return [tuple(row[name] for name in names) for row in rows]


def step(what: str | Step) -> Step:
    if isinstance(what, Step):
        return what
    if what.startswith("/"):
        return Step(label=what, type="page", path=what)
    return Step(label=what, type="track", name=what)


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


def test_a_row_per_step_says_who_got_there_and_how_fast(log: Log) -> None:
    """Four see /a, three of them /b after 2, 4 and 7 s, two of those sign up 3 and 5 s later."""
    log.see(1, (0, "/a"), (2, "/b"), (5, "signup"))
    log.see(2, (0, "/a"), (4, "/b"), (9, "signup"))
    log.see(3, (0, "/a"), (7, "/b"))
    log.see(4, (0, "/a"))
    log.see(5, (0, "/b"), (1, "signup"))
    table = log.ask("/a", "/b", "signup")
    assert [[row["step"], row["event"]] for row in table.rows] == [
        [1, "/a"],
        [2, "/b"],
        [3, "signup"],
    ]
    assert [[row[name] for name in MEASURES] for row in table.rows] == [
        [4, 4, 1.0, None, None, None, None],
        [3, 3, 0.75, 0.75, 0.25, 4.0, 4.0],
        [2, 2, 0.5, 0.6667, 0.3333, 4.0, 7.0],
    ]
    assert (table.total, table.limit) == (3, None)
    assert table.cost.rows_read == 11


def test_the_columns_have_their_types(log: Log) -> None:
    columns = {each.name: each.type for each in log.ask("/a", "/b").columns}
    assert columns == {
        "step": "UInt64",
        "event": "String",
        "users": "UInt64",
        "total": "UInt64",
        **dict.fromkeys(MEASURES[2:], "Nullable(Float64)"),
    }
    grouped = log.ask("/a", "/b", group_by="country", funnel_type="open").columns
    assert [each.name for each in grouped] == [
        *("step", "event", "breakdown", *MEASURES, "dropped_off_users")
    ]


def test_rows_hold_the_columns_in_order(log: Log) -> None:
    log.see(1, (0, "/a"))
    for options in ({}, {"group_by": "country"}, {"group_by": "country", "funnel_type": "open"}):
        table = log.ask("/a", "/b", **options)
        assert list(table.rows[0]) == [each.name for each in table.columns]


def test_without_anybody_every_step_has_a_row_of_zeros(log: Log) -> None:
    rows = log.ask("/a", "/b").rows
    assert [[row[name] for name in MEASURES] for row in rows] == [
        [0, 0, 0.0, None, None, None, None],
        [0, 0, 0.0, 0.0, 0.0, None, None],
    ]


def test_without_anybody_a_breakdown_has_no_rows(log: Log) -> None:
    table = log.ask("/a", "/b", group_by="country")
    assert (table.rows, table.total) == ([], 0)


def test_steps_count_in_their_order_only(log: Log) -> None:
    log.see(1, (0, "/b"), (1, "/a"))
    assert log.users("/a", "/b") == [1, 0]


def test_other_events_may_lie_between(log: Log) -> None:
    log.see(1, (0, "/a"), (1, "/x"), (2, "search"), (3, "/b"))
    assert log.users("/a", "/b") == [1, 1]


def test_one_event_is_never_two_steps(log: Log) -> None:
    log.see(1, (0, "/a"))
    log.see(2, (0, "/a"), (1, "/a"))
    assert log.users("/a", "/a", "/a") == [2, 1, 0]


def test_ties_in_time_go_by_arrival(log: Log) -> None:
    log.see(1, (0, "/a"), (0, "/b"))
    log.see(2, (0, "/b"), (0, "/a"))
    assert log.users("/a", "/b") == [2, 1]


def test_late_arrivals_are_where_they_happened(log: Log) -> None:
    log.see(1, (9, "/b"), (3, "/a"))
    assert log.users("/a", "/b") == [1, 1]


def test_the_window_holds_its_last_instant(log: Log) -> None:
    log.see(1, (0, "/a"), (60, "/b"))
    log.see(2, (0, "/a"), (60.001, "/b"))
    assert log.users("/a", "/b", window_s=60) == [2, 1]


def test_the_window_begins_with_step_1(log: Log) -> None:
    log.see(1, (0, "/a"), (40, "/b"), (80, "/c"))
    assert log.users("/a", "/b", "/c", window_s=60) == [1, 1, 0]


def test_dates_bound_step_1_alone(log: Log) -> None:
    midnight = 14 * 3600
    log.see(1, (midnight - 1, "/a"), (midnight + 5, "/b"))
    log.see(2, (midnight, "/a"), (midnight + 5, "/b"))
    log.see(3, (-10 * 3600 - 0.001, "/a"), (0, "/b"))
    log.see(4, (-10 * 3600, "/a"))
    assert log.users("/a", "/b") == [2, 1]


def test_without_dates_all_time_counts(log: Log) -> None:
    log.see(1, (0, "/a"), (5, "/b"))
    log.see(2, (-400 * 86_400, "/a"))
    assert log.users("/a", "/b", period=Period()) == [2, 1]


def test_any_start_may_lead_furthest(log: Log) -> None:
    log.see(1, (0, "/a"), (100, "/a"), (103, "/b"))
    assert log.from_start("/a", "/b", window_s=10) == [3.0]


def test_of_equal_chains_the_earliest_start_s_counts(log: Log) -> None:
    log.see(1, (0, "/a"), (5, "/a"), (8, "/b"))
    assert log.from_start("/a", "/b") == [8.0]


def test_a_longer_chain_beats_an_earlier_one(log: Log) -> None:
    log.see(1, (0, "/a"), (1, "/b"), (50, "/a"), (53, "/b"), (58, "/c"))
    assert log.from_start("/a", "/b", "/c", window_s=20) == [3.0, 8.0]


def test_a_chain_takes_the_earliest_next_event(log: Log) -> None:
    log.see(1, (0, "/a"), (1, "/b"), (5, "/b"), (6, "/c"), (9, "/c"))
    rows = log.ask("/a", "/b", "/c").rows
    assert [row["median_seconds_from_previous"] for row in rows] == [None, 1.0, 5.0]


def test_ten_steps_go_as_deep_as_two(log: Log) -> None:
    paths = [f"/{k}" for k in range(10)]
    log.see(1, *enumerate(paths))
    log.see(2, *enumerate(paths[:9]))
    assert log.users(*paths) == [2] * 9 + [1]
    assert log.from_start(*paths) == [float(k) for k in range(1, 10)]


def test_a_median_of_an_even_number_is_the_mean_of_the_two_middle_ones(log: Log) -> None:
    for who, second in enumerate((0.001, 1, 1.001, 900), start=1):
        log.see(who, (0, "/a"), (second, "/b"))
    assert log.from_start("/a", "/b") == [1.0005]


def test_ratios_have_four_decimals_half_up(log: Log) -> None:
    """1 of 32 is 0.03125, the 31 others 0.96875."""
    for who in range(1, 33):
        log.see(who, (0, "/a"), (1, "/b" if who == 1 else "/c"))
    row = log.ask("/a", "/b").rows[1]
    assert row["conversion_from_start"] == row["conversion_from_previous"] == 0.0313
    assert row["dropoff_from_previous"] == 0.9688


def test_people_are_visitors_else_wallets(log: Log) -> None:
    """Two with the wallet 0xa are one person only where no visitor is known."""
    log.see(0, (0, "/a"), address="0xa")
    log.see(0, (9, "/b"), address="0xa", session_id=8)
    log.see(1, (0, "/a"), address="0xa", session_id=5)
    log.see(1, (9, "/b"), session_id=6)
    log.see(0, (0, "/a"), (9, "/b"))
    assert log.users("/a", "/b") == [2, 2]


def test_steps_may_be_of_any_type_and_have_conditions(log: Log) -> None:
    big = Condition(field="amount", operator="gte", values=("100",))
    bought = Step(label="bought", type="track", name="buy", conditions=(big,))
    any_page = Step(label="page", type="page")
    log.see(1, (0, "/a"), (2, "buy"), properties='{"amount":100}')
    log.see(2, (0, "/b"), (2, "buy"), properties='{"amount":99.5}')
    log.see(3, (0, "/c"), (2, "buy"))
    assert log.users(any_page, bought) == [3, 1]


def test_conditions_of_the_question_test_every_event(log: Log) -> None:
    log.see(1, (0, "/a"), country="AT")
    log.see(1, (1, "/b"), country="DE")
    log.see(2, (0, "/a"), (1, "/b"), country="AT")
    in_austria = Condition(field="country", operator="equals", values=("AT",))
    assert log.users("/a", "/b", conditions=(in_austria,)) == [2, 1]


def test_filters_select_sessions(log: Log) -> None:
    log.see(1, (0, "/a"), (1, "/b"), country="AT", session_id=5)
    log.see(2, (0, "/a"), (1, "/b"), country="DE", session_id=6)
    log.see(3, (0, "/a"), (1, "/c"), country="AT", session_id=7)
    from_austria = parse_filter(DIMENSIONS["country"], "AT")
    assert log.users("/a", "/b", filters=(from_austria,)) == [2, 1]
    saw_c = parse_filter(DIMENSIONS["page"], "/c")
    assert log.users("/a", "/b", filters=(saw_c,)) == [1, 0]


def test_bots_stay_out_unless_asked_for(log: Log) -> None:
    log.see(1, (0, "/a"), (1, "/b"))
    log.see(2, (0, "/a"), bot="crawler")
    assert log.users("/a", "/b") == [1, 1]
    assert log.users("/a", "/b", bots="include") == [2, 1]
    assert log.users("/a", "/b", bots="only") == [1, 0]


def test_other_websites_and_outlived_rows_do_not_count(log: Log) -> None:
    log.see(1, (0, "/a"), website_id=8)
    log.see(2, (0, "/a"))
    log.see(3, (60, "/a"))
    kept = msgspec.structs.replace(PERIOD, floor_ms=ms(f"{DAY}T10:01:00"))
    assert log.users("/a", "/b") == [2, 0]
    assert log.users("/a", "/b", period=kept) == [1, 0]


def test_a_breakdown_goes_by_the_chain_s_first_or_last_event(log: Log) -> None:
    log.see(1, (0, "/a"), country="US")
    log.see(1, (5, "/a"), country="AT")
    log.see(1, (6, "/b"), country="DE")
    log.see(1, (7, "/b"), country="FR")
    ask = {"window_s": 2}
    assert log.groups("/a", "/b", **ask) == [("AT", 1, 1, None), ("AT", 2, 1, 1.0)]
    last = log.groups("/a", "/b", attribution="last_touch", **ask)
    assert last == [("DE", 1, 1, None), ("DE", 2, 1, 1.0)]


def test_the_last_touch_of_who_goes_no_further_is_the_start(log: Log) -> None:
    log.see(1, (0, "/a"), country="AT")
    log.see(1, (1, "/c"), country="DE")
    found = log.groups("/a", "/b", "/c", attribution="last_touch")
    assert found == [("AT", 1, 1, None), ("AT", 2, 0, None), ("AT", 3, 0, None)]


def test_values_go_by_users_of_step_1_then_by_name_and_the_rest_are_others(log: Log) -> None:
    """DE 2; AT, FR and '' 1 each: '' and AT sort before FR. Others is FR and US."""
    log.see(1, (0, "/a"), (1, "/b"), country="DE")
    log.see(2, (0, "/a"), country="DE")
    log.see(3, (0, "/a"), (3, "/b"), country="FR")
    log.see(4, (0, "/a"))
    log.see(5, (0, "/a"), (2, "/b"), country="AT")
    log.see(6, (0, "/a"), (4, "/b"), country="US")
    assert log.groups("/a", "/b", limit=3) == [
        ("DE", 1, 2, None),
        ("DE", 2, 1, 1.0),
        ("", 1, 1, None),
        ("", 2, 0, None),
        ("AT", 1, 1, None),
        ("AT", 2, 1, 2.0),
        ("Others", 1, 2, None),
        ("Others", 2, 2, 3.5),
    ]
    table = log.ask("/a", "/b", group_by="country", limit=3)
    assert [row["total"] for row in table.rows] == [6, 4] * 4
    assert (table.total, table.limit) == (8, None)


def test_a_value_that_is_called_others_is_not_the_rest(log: Log) -> None:
    log.see(1, (0, "/a"), country="Others")
    log.see(2, (0, "/a"), country="Others")
    log.see(3, (0, "/a"), country="AT")
    found = log.groups("/a", "/b", limit=1)
    assert [(group, users) for group, number, users, _ in found if number == 1] == [
        ("Others", 2),
        ("Others", 1),
    ]


def test_a_breakdown_may_be_by_device_or_property(log: Log) -> None:
    log.see(1, (0, "/a"), device="Mobile", os="iOS", properties='{"builder_codes":"bc1"}')
    by_device = log.ask("/a", "/b", group_by="device").rows
    by_code = log.ask("/a", "/b", group_by="builder_codes").rows
    assert by_device[0]["breakdown"] == "mobile"
    assert by_code[0]["breakdown"] == "bc1"


def test_an_open_funnel_takes_steps_in_any_order(log: Log) -> None:
    """Who misses a step goes no further, whatever they did later on."""
    log.see(1, (0, "/c"), (1, "/b"), (2, "/a"))
    log.see(2, (0, "/a"), (1, "/c"))
    log.see(3, (0, "/b"), (1, "/c"))
    rows = log.ask("/a", "/b", "/c", funnel_type="open").rows
    assert [[row[name] for name in MEASURES] for row in rows] == [
        [2, 2, 1.0, None, None, None, None],
        [1, 1, 0.5, 0.5, 0.5, None, None],
        [1, 1, 0.5, 1.0, 0.0, None, None],
    ]
    assert [row["dropped_off_users"] for row in rows] == [1, 0, 0]


def test_an_open_funnel_has_no_window_and_keeps_inside_the_dates(log: Log) -> None:
    midnight = 14 * 3600
    log.see(1, (0, "/a"), (midnight - 1, "/b"))
    log.see(2, (0, "/a"), (midnight, "/b"))
    log.see(3, (-10 * 3600 - 1, "/a"), (0, "/b"))
    assert log.users("/a", "/b", funnel_type="open", window_s=1) == [2, 1]


def test_in_an_open_funnel_one_event_may_be_several_steps(log: Log) -> None:
    log.see(1, (0, "/a"))
    any_page = Step(label="page", type="page")
    assert log.users("/a", any_page, "/a", funnel_type="open") == [1, 1, 1]


def test_an_open_funnel_is_broken_down_by_each_step_s_earliest_event(log: Log) -> None:
    """The first step's is in AT, the deepest step's in DE, by arrival among equals."""
    log.see(1, (5, "/b"), country="DE")
    log.see(1, (5, "/b"), (9, "/a"), country="FR")
    log.see(1, (8, "/a"), country="AT")
    first = log.groups("/a", "/b", "/c", funnel_type="open")
    last = log.groups("/a", "/b", "/c", funnel_type="open", attribution="last_touch")
    assert [row[:3] for row in first] == [("AT", 1, 1), ("AT", 2, 1), ("AT", 3, 0)]
    assert [row[:3] for row in last] == [("DE", 1, 1), ("DE", 2, 1), ("DE", 3, 0)]


def test_without_anybody_an_open_funnel_has_zeros(log: Log) -> None:
    rows = log.ask("/a", "/b", funnel_type="open").rows
    assert [(row["users"], row["dropped_off_users"]) for row in rows] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("evil", ["' OR 1=1 --", "/x') OR ('", "{v0:String}", "\\", "%s", "\n"])
def test_what_callers_write_is_only_ever_compared(log: Log, evil: str) -> None:
    log.see(1, (0, "/a"), (1, evil if evil.startswith("/") else f"/{evil}"))
    page = Step(label=evil, type="page", path=evil if evil.startswith("/") else f"/{evil}")
    rows = log.ask("/a", page, Step(label="", type="track", name=evil)).rows
    assert [row["users"] for row in rows] == [1, 1, 0]
    assert rows[1]["event"] == evil
