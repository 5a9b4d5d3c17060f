"""Sorting a log's lines within a window."""

from hypothesis import given
from hypothesis import strategies as st

from footfall.importing.accesslog.line import parse_line
from footfall.importing.format import Row
from footfall.importing.window import sort_rows

HEAD, TAIL = "203.0.113.7 - - [17/May/2015:10:05:", ' +0000] "GET / HTTP/1.1" 200 5'


def lines(seconds: list[int | None]) -> list[Row]:
    raw = [b"?" if s is None else f"{HEAD}{s:02}{TAIL}".encode() for s in seconds]
    return [parse_line(line) for line in raw]


@given(st.lists(st.integers(0, 59) | st.none(), max_size=40), st.integers(1, 10))
def test_every_line_comes_once_and_in_the_same_order_each_time(
    seconds: list[int | None], window: int
):
    once = list(sort_rows(lines(seconds), window))
    assert sorted(line.number for line in once) == list(range(len(seconds)))
    assert once == list(sort_rows(lines(seconds), window))


@given(st.lists(st.integers(0, 59), max_size=30))
def test_lines_within_the_window_come_sorted(seconds: list[int]):
    times = [line.occurred_at for line in sort_rows(lines(seconds), 50)]
    assert times == sorted(times)


@given(st.lists(st.integers(0, 59), max_size=30), st.integers(1, 10))
def test_lines_of_one_time_keep_their_order(seconds: list[int], window: int):
    numbers: dict[int, int] = {}
    for line in sort_rows(lines(seconds), window):
        assert numbers.get(line.occurred_at, -1) < line.number
        numbers[line.occurred_at] = line.number


def test_a_line_without_a_time_stays_beside_the_one_before():
    numbers = [line.number for line in sort_rows(lines([30, None, 10]), 50)]
    assert numbers == [2, 0, 1]
